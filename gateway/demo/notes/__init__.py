"""Held-out clinical notes with known identifiers, to measure de-identification by.

Law: no template, phrase or name here is in the training set, and a test says so; from a seed always the same
notes. `words/` are lists, `templates/` are sentences and layouts. May import: domain, the standard library.
"""

from gateway.demo.notes.labelled import KINDS, LANGUAGES, LabelledNote, gold_line, labelled_notes
from gateway.demo.notes.lists import held_out_words

__all__ = ["KINDS", "LANGUAGES", "LabelledNote", "gold_line", "held_out_words", "labelled_notes"]
