"""Foreign formats -> standard rows. Laws: pure functions, no disk and no library of a format."""
