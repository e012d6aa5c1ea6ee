"""AUDIT: canonical entries and the hash chain. Imports: the standard library, errors and domain words."""
