"""What both engines share of a page of notes: its size, its positions, and values as text.

Law: a page holds at most `most` notes, and of several at most `MOST_PAGE_TEXT` code points; it is never empty
while there are notes. Imports: domain words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from gateway.domain.notes import MOST_PAGE_TEXT, Position


def fitting(lengths: Sequence[int]) -> int:
    """How many of the first notes, by the lengths of their texts, make one page."""
    total = 0
    for number, length in enumerate(lengths):
        total += length
        if total > MOST_PAGE_TEXT:
            return max(number, 1)
    return len(lengths)


def positions(after: Position, keys: Sequence[str]) -> Iterator[Position]:
    """The position of each note, given the row keys of a page that goes on after a position."""
    for key in keys:
        after = Position(key=key, seen=after.seen + 1 if key == after.key else 1)
        yield after


def text_of(value: bool | int | float | str | date) -> str:
    """A column's value as it stands beside a note: dates in ISO form, whole numbers without a point."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return value.isoformat() if isinstance(value, date) else str(value)
