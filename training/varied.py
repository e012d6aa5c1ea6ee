"""What a training text could have said as well: bare names as subjects, and figures that identify nobody.

A generator's sentences put names and numbers where their writer thought of them; here they come anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from random import Random
from typing import Final

from gateway.domain.deid import IdentifierType, Span

NAMED, NAMED_CLEAN = 0.5, 0.2
"""Share of texts with and without identifiers in which some subjects become names."""
SUBJECTS: Final = 0.3
"""Share of the subjects of such a text that do."""
FIGURED: Final = 0.3
"""Share of texts that some figures are put into."""
PLACES: Final = 0.15
"""Share of the ends of sentences in such a text that a figure follows."""

_SUBJECT = re.compile(r"\b(?:she|he|(?:the |this )?(?:patient|pt))\b(?= [a-z])", re.IGNORECASE)
_END = re.compile(r"(?<=[a-z])(?=[.;](?:\s|$)|\n)", re.IGNORECASE)

Labelled = tuple[str, Sequence[Span]]


def names_of(labelled: Iterable[Labelled]) -> tuple[str, ...]:
    """The names of all texts that stand on one line, in the order and as often as they occur."""
    names = (
        text[span.start : span.end]
        for text, spans in labelled
        for span in spans
        if span.type is IdentifierType.NAME
    )
    return tuple(name for name in names if len(name) > 2 and "\n" not in name)


def varied(text: str, spans: Sequence[Span], names: Sequence[str], rng: Random) -> Labelled:
    """The text with some of its subjects as names and some figures more, and its spans where they then are."""
    changes: list[tuple[int, int, str, bool]] = []
    if names and rng.random() < (NAMED if spans else NAMED_CLEAN):
        changes += [
            (match.start(), match.end(), rng.choice(names), True)
            for match in _SUBJECT.finditer(text)
            if rng.random() < SUBJECTS
        ]
    if rng.random() < FIGURED:
        changes += [
            (match.start(), match.start(), f" {_figure(rng)}", False)
            for match in _END.finditer(text)
            if rng.random() < PLACES
        ]
    free = [
        (start, end, _in_case(new, text), named)
        for start, end, new, named in sorted(changes)
        if not any(span.start < max(end, start + 1) and start <= span.end for span in spans)
    ]
    return _changed(text, spans, free)


def _figure(rng: Random) -> str:
    """A code of a diagnosis, a score, a time or a pair of measures: what looks like a date or a number."""
    draw = rng.randrange(7)
    if draw < 2:
        code = f"{rng.choice('ABCDEFGHIJKLMNRSTZ')}{rng.randrange(100):02}.{rng.randrange(100)}"
        return f"({code})" if draw else code
    if draw < 4:
        most = rng.choice((5, 10, 10, 10, 15, 24, 27, 28, 30, 56, 70, 100))
        return f"{rng.randint(0, most)}/{most}"
    if draw == 4:
        return f"at {rng.randrange(24):02}:{rng.randrange(60):02}"
    if draw == 5:
        return f"{rng.randint(90, 3200)}/{rng.randint(40, 2900)}"
    return f"{rng.choice('LTCAP')}{rng.randint(1, 6)}-{rng.choice(('', 'S', 'A'))}{rng.randint(1, 9)}"


def _changed(text: str, spans: Sequence[Span], changes: Sequence[tuple[int, int, str, bool]]) -> Labelled:
    parts: list[str] = []
    made: list[Span] = []
    rest, done, moved = list(spans), 0, 0
    for start, end, new, named in changes:
        while rest and rest[0].end <= start:
            made.append(_moved(rest.pop(0), moved))
        parts += [text[done:start], new]
        if named:
            made.append(_name(start + moved, len(new)))
        done, moved = end, moved + len(new) - (end - start)
    made += [_moved(span, moved) for span in rest]
    return "".join([*parts, text[done:]]), made


def _in_case(new: str, text: str) -> str:
    if text.islower():
        return new.lower()
    return new.upper() if text.isupper() else new


def _name(start: int, length: int) -> Span:
    return Span(start=start, end=start + length, type=IdentifierType.NAME, score=1.0, source="model")


def _moved(span: Span, by: int) -> Span:
    return Span(
        start=span.start + by, end=span.end + by, type=span.type, score=span.score, source=span.source
    )
