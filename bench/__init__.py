"""Benchmarks that print ratios against a named reference, in one run."""
