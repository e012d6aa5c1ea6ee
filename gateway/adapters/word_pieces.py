"""Text as the tagger reads it: word pieces with offsets, the look of words, and windows of bounded length.

Training and serving both go through here, so a model is asked in the very form that it learnt from.
Law: linear in the text; offsets are code points of the text as given. Imports: tokenizers, numpy.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

WINDOW: Final = 94
"""Most pieces of a window; with the two that mark its ends 96."""
OVERLAP: Final = 16
"""Pieces that two windows share where a line or sentence is too long for one."""
CHUNK: Final = 20_000
"""Most characters that are cut into pieces at a time; longer texts are taken in chunks."""

_UNKNOWN: Final = "[UNK]"
_KINDS: Final = 11
SHAPES: Final = 1 + 3 * _KINDS
"""Number of looks: none (the marks of a window), and eleven kinds of word in three places."""

_ENDS = re.compile(r"\n|[.!?;](?=\s)")
_LONE = re.compile("[\ud800-\udfff]")

Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """A text in word pieces. All arrays but `words` and `ends` are as long as its pieces.

    `starts` and `ends` are offsets of words, `words` the index of each word's first piece. `breaks` says
    where a window may end, before the piece: 2 at a new line, 1 at a new sentence, else 0.
    """

    ids: Ints
    shapes: Ints
    breaks: Ints
    words: Ints
    starts: Ints
    ends: Ints


def tokenizer_of(vocabulary: Sequence[str]) -> Tokenizer:
    """BERT's uncased word pieces (Devlin et al. 2019) over a vocabulary in the order of its ids."""
    made = Tokenizer(WordPiece({piece: at for at, piece in enumerate(vocabulary)}, unk_token=_UNKNOWN))
    made.normalizer = BertNormalizer(lowercase=True)
    made.pre_tokenizer = BertPreTokenizer()
    return made


def chunks_of(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of the parts that are cut into pieces at a time: at line ends, else at blanks."""
    start = 0
    while len(text) - start > CHUNK:
        least, end = start + CHUNK // 2, start + CHUNK
        cut = text.rfind("\n", least, end)
        if cut < 0:
            cut = text.rfind(" ", least, end)
        end = end if cut < 0 else cut + 1
        yield start, end
        start = end
    yield start, len(text)


def pieces_of(tokenizer: Tokenizer, texts: Sequence[str]) -> list[Pieces]:
    """Each text in pieces; a text without any word has none."""
    made = []
    for text in texts:  # one by one: a batch would start threads of its own
        sane = _LONE.sub("\ufffd", text)
        encoding = tokenizer.encode(sane, add_special_tokens=False)
        made.append(_pieces(sane, encoding.ids, encoding.offsets, encoding.word_ids))
    return made


def _pieces(
    text: str, ids: list[int], offsets: list[tuple[int, int]], word_ids: Sequence[int | None]
) -> Pieces:
    if not ids:
        none = np.zeros(0, np.int32)
        return Pieces(ids=none, shapes=none, breaks=none, words=none, starts=none, ends=none)
    spots = np.array(offsets, np.int32)
    numbers = np.array(word_ids, np.int32)
    words = np.flatnonzero(np.diff(numbers, prepend=-1)).astype(np.int32)
    starts = spots[words, 0]
    ends = spots[np.append(words[1:], len(ids)) - 1, 1]
    looks = np.array(_looks(text, starts.tolist(), ends.tolist()), np.int32)
    counts = np.diff(np.append(words, len(ids)))
    return Pieces(
        ids=np.array(ids, np.int32),
        shapes=np.repeat(looks, counts),
        breaks=_breaks(text, starts, words, len(ids)),
        words=words,
        starts=starts,
        ends=ends,
    )


def _looks(text: str, starts: list[int], ends: list[int]) -> list[int]:
    """Kind of each word, and whether it begins a line, follows a blank, or is joined to the word before."""
    looks = []
    before = 0
    for start, end in zip(starts, ends, strict=True):
        kind = _kind(text[start:end])
        if before == start and start:
            looks.append(1 + kind)
        else:
            looks.append(1 + kind + (2 * _KINDS if not before or "\n" in text[before:start] else _KINDS))
        before = end
    return looks


@lru_cache(maxsize=32_768)
def _kind(word: str) -> int:
    """0 marks, 1 to 3 digits by their number, 4 digits and letters, 5 to 10 letters by their case."""
    if not word.isalnum():
        return 0 if not any(sign.isalnum() for sign in word) else 4
    if word.isdigit():
        return 1 if len(word) < 3 else 2 if len(word) < 5 else 3
    if not word.isalpha():
        return 4
    if word.islower():
        return 5
    if word.isupper():
        return 6 if len(word) == 1 else 7
    if word.istitle():
        return 8
    return 9 if word[0].isupper() else 10


def _breaks(text: str, starts: Ints, words: Ints, size: int) -> Ints:
    breaks = np.zeros(size, np.int32)
    found = [(match.end(), 2 if match[0] == "\n" else 1) for match in _ENDS.finditer(text)]
    if found:
        places, strengths = np.array(found, np.int32).T
        after = np.searchsorted(starts, places)
        inside = after < len(starts)
        np.maximum.at(breaks, words[after[inside]], strengths[inside])
    return breaks


def windows_of(pieces: Pieces, size: int = WINDOW) -> list[tuple[int, int]]:
    """First piece and the piece after the last of each window, no longer than `size` pieces.

    A window ends at the last line end in its second half, else at the last sentence end there; a line
    that is longer is cut between words, and the next window then repeats the last pieces.
    """
    windows = []
    start, total = 0, len(pieces.ids)
    while total - start > size:
        end, again = _cut(pieces, start, size)
        windows.append((start, end))
        start = again
    if start < total:
        windows.append((start, total))
    return windows


def _cut(pieces: Pieces, start: int, size: int) -> tuple[int, int]:
    """Where a window ends, and where the next begins."""
    least = start + size // 2
    breaks = pieces.breaks[least : start + size + 1]
    strongest = int(breaks.max())
    if strongest:
        end = least + int(np.flatnonzero(breaks == strongest)[-1])
        return end, end
    word = int(np.searchsorted(pieces.words, start + size, side="right")) - 1
    end = int(pieces.words[word])
    if end <= least:  # one word that fills half a window
        return start + size, start + size
    again = int(pieces.words[int(np.searchsorted(pieces.words, end - OVERLAP))])
    return end, again if again > start else end
