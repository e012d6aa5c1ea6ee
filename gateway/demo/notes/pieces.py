"""Text made of pieces, some of which identify somebody: how gold offsets come about, and how they stay right.

Law: whatever happens to the text happens to the offsets. Imports: domain, the standard library.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from gateway.domain.deid import IdentifierType, Span

Piece = tuple[str, IdentifierType | None]
Pieces = list[Piece]
Labelled = tuple[str, tuple[Span, ...]]
GOLD = "gold"


def plain(text: str) -> Pieces:
    """Text that identifies nobody."""
    return [(text, None)]


def is_clean(pieces: Iterable[Piece]) -> bool:
    """Whether no piece identifies anybody."""
    return all(kind is None for _, kind in pieces)


def joined(parts: Sequence[Pieces], separator: str) -> Pieces:
    """The parts in order, with the separator between them."""
    made: Pieces = []
    for number, part in enumerate(parts):
        made += [(separator, None), *part] if number else part
    return made


def assembled(pieces: Iterable[Piece]) -> Labelled:
    """The whole text and a gold span for each piece that identifies."""
    written: list[str] = []
    spans = []
    at = 0
    for text, kind in pieces:
        if kind is not None and text:
            spans.append(Span(start=at, end=at + len(text), type=kind, score=1.0, source=GOLD))
        written.append(text)
        at += len(text)
    return "".join(written), tuple(spans)


def upper(text: str) -> str:
    """Capitals, save of the letters whose capital is two letters: the length stays."""
    return "".join(big if len(big := letter.upper()) == 1 else letter for letter in text)


def lower(text: str) -> str:
    """Small letters, save of the letters whose small form is two characters: the length stays."""
    return "".join(small if len(small := letter.lower()) == 1 else letter for letter in text)


def wrapped(text: str, width: int) -> str:
    """Lines no longer than the width where a space allows it: the space becomes the line's end."""
    lines: list[str] = []
    for line in text.split("\n"):
        rest = line
        while len(rest) > width:
            cut = rest.rfind(" ", 1, width + 1)
            if cut < 0:
                break
            lines.append(rest[:cut])
            rest = rest[cut + 1 :]
        lines.append(rest)
    return "\n".join(lines)


def with_returns(labelled: Labelled) -> Labelled:
    """Lines end by carriage return and line feed, as some systems write them."""
    text, spans = labelled
    moved = tuple(
        replace(
            span,
            start=span.start + text.count("\n", 0, span.start),
            end=span.end + text.count("\n", 0, span.end),
        )
        for span in spans
    )
    return text.replace("\n", "\r\n"), moved
