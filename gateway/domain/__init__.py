"""WORDS: frozen dataclasses of the field's own terms. Imports: the standard library only."""
