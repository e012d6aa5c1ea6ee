"""Examples written as `Seen {DATE|3/5/2024}`: the text, and where each type must be found."""

import re

from gateway.deid.patterns import pattern_spans

_MARK = re.compile(r"\{([A-Z_]+)\|([^{}]*)\}")


def read(marked: str) -> tuple[str, set[tuple[str, str, int]]]:
    """The text without marks, and (type, value, start) of each mark."""
    text, wanted, done = "", set(), 0
    for mark in _MARK.finditer(marked):
        text += marked[done : mark.start()]
        wanted.add((mark[1], mark[2], len(text)))
        text += mark[2]
        done = mark.end()
    return text + marked[done:], wanted


def found(text: str, language: str = "en") -> set[tuple[str, str, int]]:
    """What the patterns find in it, the better of spans that overlap."""
    kept: list[tuple[int, int, str]] = []
    for span in sorted(pattern_spans(text, language), key=lambda s: (-s.score, s.start - s.end)):
        if not any(span.start < end and start < span.end for start, end, _ in kept):
            kept.append((span.start, span.end, span.type))
    return {(str(kind), text[start:end], start) for start, end, kind in kept}


def check(marked: str, language: str = "en") -> None:
    """Exactly what is marked is found, with its type and place."""
    text, wanted = read(marked)
    got = found(text, language)
    assert got == wanted, f"too many: {sorted(got - wanted)}; missing: {sorted(wanted - got)}"
