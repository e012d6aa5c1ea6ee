"""What a word model sees of a text: words with offsets, and each word as a row of small numbers.

Used alike when a model is trained and when it reads. A word is hashed whole, by its beginnings and ends, and
described by its shape, so that a model from scratch knows something of words that it never saw.
Imports: the standard library only.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence

# A capital after small letters begins a word.
WORD = re.compile(r"[^\W\d_a-zß-öø-ÿ]*[a-zß-öø-ÿ]+|[^\W\d_]+|\d+|\n|[^\w\s]|_")

TABLES = (("word", 16384), ("start2", 2048), ("start4", 8192), ("end2", 2048), ("end3", 4096), ("end4", 8192))
SHAPES = 1024
COLUMNS = (*(size for _, size in TABLES), SHAPES)
"""How many rows each column of `features` may point at; 0 stands for none."""


def words_of(text: str) -> list[tuple[int, int]]:
    """Half-open offsets of the words of a text: letters, digits, signs and line ends apart."""
    return [match.span() for match in WORD.finditer(text)]


def features(text: str, places: Sequence[tuple[int, int]]) -> list[tuple[int, ...]]:
    """One row of `len(COLUMNS)` numbers for each word."""
    return [_row(text[start:end]) for start, end in places]


def _row(word: str) -> tuple[int, ...]:
    low = word.casefold()
    if word[0].isdigit():
        low = re.sub(r"\d", "0", word) if len(word) not in (1, 2, 4) else word
    parts = (low, low[:2], low[:4], low[-2:], low[-3:], low[-4:])
    hashed = tuple(_hash(name, part, size) for (name, size), part in zip(TABLES, parts, strict=True))
    return (*hashed, _hash("shape", _shape(word), SHAPES))


def _hash(name: str, part: str, size: int) -> int:
    return 1 + zlib.crc32(f"{name}\0{part}".encode("utf-8", "replace")) % (size - 1)


def _shape(word: str) -> str:
    marks = "".join("X" if c.isupper() else "x" if c.islower() else "9" if c.isdigit() else c for c in word)
    return marks[:1] + re.sub(r"(.)\1+", r"\1", marks[1:-1]) + marks[-1:] + str(min(len(word), 9))


def windows(
    text: str, places: Sequence[tuple[int, int]], most: int = 128
) -> Iterator[Sequence[tuple[int, int]]]:
    """Words in stretches of at most `most`, cut after a line end or else a full stop, where there is one."""
    begun = 0
    while begun < len(places):
        end = min(begun + most, len(places))
        if end < len(places):
            end = _cut(text, places, begun + most // 2, end)
        yield places[begun:end]
        begun = end


def _cut(text: str, places: Sequence[tuple[int, int]], least: int, most: int) -> int:
    for sign in "\n.":
        for end in range(most, least, -1):
            if text[places[end - 1][0]] == sign:
                return end
    return most
