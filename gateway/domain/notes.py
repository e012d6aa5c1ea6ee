"""Notes on their way out: what is asked, where a page ends, and one note as an engine reads it.

Imports: the standard library and domain words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.domain.deid import PatientRecord
from gateway.domain.query import Predicate, Query

MOST_NOTE = 1_000_000  # code points of one note; a longer one is withheld
MOST_PAGE_TEXT = 1_000_000  # code points of a page of several notes
MOST_PAGE = 500  # notes of a page
USUAL_PAGE = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class NotesQuestion:
    """What is asked for. `columns` are the notes' own, to come with them; None: all that are granted."""

    dataset: str
    where: Predicate | None = None
    columns: tuple[str, ...] | None = None

    @property
    def query(self) -> Query:
        """The filter as a question that measures nothing, to be decided and restricted like any other."""
        return Query(dataset=self.dataset, measures=(), where=self.where)


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a page ends: the row key of the last note, and how many notes of that key were passed."""

    key: str = field(default="", repr=False)
    seen: int = 0


START = Position()


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRow:
    """One note. `text` is None where there is none, and where it has more than `MOST_NOTE` code points.

    `position` is the note's own: a page that ends with it goes on after it. `context` holds the columns
    that were asked for, as text; those without a value are left out.
    """

    position: Position
    patient: str = field(repr=False)
    text: str | None = field(repr=False)
    too_long: bool = False
    language: str = ""
    context: Mapping[str, str] = field(default_factory=dict, repr=False)
    record: PatientRecord | None = field(default=None, repr=False)
