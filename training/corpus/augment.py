"""How writers and machines spoil a text: case, typing errors, lost punctuation, spaces and line breaks.

All of it works on pieces, so that offsets cannot go wrong: they are counted afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from gateway.domain.deid import IdentifierType
from training.corpus.scene import Piece

Pieces = list[Piece]
Fault = Callable[[Pieces, Random], Pieces]


def _each(pieces: Pieces, change: Callable[[str], str]) -> Pieces:
    return [(change(text), kind) for text, kind in pieces]


def _lower(pieces: Pieces, rng: Random) -> Pieces:
    return _each(pieces, str.lower)


def _upper(pieces: Pieces, rng: Random) -> Pieces:
    return _each(pieces, str.upper)


def _headline(pieces: Pieces, rng: Random) -> Pieces:
    """Every word with a capital."""
    return _each(pieces, lambda text: " ".join(word[:1].upper() + word[1:] for word in text.split(" ")))


def _mistyped(word: str, rng: Random) -> str:
    at = rng.randrange(1, len(word) - 1)
    return rng.choice(
        (
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + rng.choice("aeioustrnl") + word[at + 1 :],
        )
    )


def _typos(pieces: Pieces, rng: Random) -> Pieces:
    def spoil(text: str) -> str:
        words = text.split(" ")
        return " ".join(
            _mistyped(w, rng) if len(w) > 3 and w.isalpha() and rng.random() < 0.08 else w for w in words
        )

    return _each(pieces, spoil)


def _unmarked(pieces: Pieces, rng: Random) -> Pieces:
    """Without full stops and commas between words."""
    marks = rng.choice((".,", ".", ",", ".,;:?"))

    def strip(text: str) -> str:
        for mark in marks:
            text = text.replace(f"{mark} ", " ").removesuffix(mark) or " "
        return text

    return [(strip(text) if kind is None and len(text) > 2 else text, kind) for text, kind in pieces]


def _tight(pieces: Pieces, rng: Random) -> Pieces:
    """Without spaces after commas."""
    return [(text.replace(", ", ","), kind) for text, kind in pieces]


def _spaced(pieces: Pieces, rng: Random) -> Pieces:
    """With doubled spaces here and there."""
    return _each(pieces, lambda text: "".join("  " if c == " " and rng.random() < 0.15 else c for c in text))


def _wrapped(pieces: Pieces, rng: Random) -> Pieces:
    """In lines of one width, broken inside names too."""
    width, column = rng.choice((40, 60, 64, 72, 80)), 0
    wrapped: Pieces = []
    for text, kind in pieces:
        letters: list[str] = []
        for letter in text:
            if letter == " " and column >= width:
                letter = "\n"
            column = 0 if letter == "\n" else column + 1
            letters.append(letter)
        wrapped.append(("".join(letters), kind))
    return wrapped


def _broken_names(pieces: Pieces, rng: Random) -> Pieces:
    """With line breaks inside some names, addresses and organisations."""
    return [
        (text.replace(" ", "\n", 1) if kind is not None and rng.random() < 0.4 else text, kind)
        for text, kind in pieces
    ]


def _hyphenated(pieces: Pieces, rng: Random) -> Pieces:
    """With some long words broken by a hyphen at the line's end, labelled ones oftener."""

    def broken(text: str, share: float) -> str:
        words = text.split(" ")
        cut = [
            f"{w[:at]}-\n{w[at:]}" if w.isalpha() and (at := len(w) // 2) > 2 and rng.random() < share else w
            for w in words
        ]
        return " ".join(cut)

    return [(broken(text, 0.02 if kind is None else 0.2), kind) for text, kind in pieces]


def _lower_names(pieces: Pieces, rng: Random) -> Pieces:
    """Names and places in lower case while the rest stands."""
    lowered = (IdentifierType.NAME, IdentifierType.LOCATION, IdentifierType.ORGANIZATION)
    return [(text.lower() if kind in lowered else text, kind) for text, kind in pieces]


_CASES: tuple[tuple[float, Fault], ...] = (
    (0.08, _lower),
    (0.06, _upper),
    (0.02, _lower_names),
    (0.02, _headline),
)
_FAULTS: tuple[tuple[float, Fault], ...] = (
    (0.04, _typos),
    (0.05, _unmarked),
    (0.02, _tight),
    (0.02, _spaced),
    (0.05, _wrapped),
    (0.03, _broken_names),
    (0.015, _hyphenated),
)


def augmented(pieces: Pieces, rng: Random) -> Pieces:
    """The pieces with one change of case at most, and any of the faults."""
    draw = rng.random()
    for share, change in _CASES:
        if draw < share:
            pieces = change(pieces, rng)
            break
        draw -= share
    for share, change in _FAULTS:
        if rng.random() < share:
            pieces = change(pieces, rng)
    return pieces
