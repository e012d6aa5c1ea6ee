"""Labelled texts as windows of numbers, and the noise that makes a model look at more than known words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from gateway.adapters.word_pieces import Ints, Pieces, pieces_of, windows_of
from gateway.domain.deid import IdentifierType, Span
from training.labels import LEARNT, begin

BATCH: Final = 2048
"""Pieces of a batch, padding counted."""

LOWER, UPPER = 0.12, 0.06
"""Share of texts that are learnt without capitals, and all in capitals."""
HIDDEN_NAMES, HIDDEN_WORDS = 0.12, 0.02
"""Share of words in names and places, and of other words, whose pieces are replaced by any others."""

_REPLACED = frozenset({IdentifierType.NAME, IdentifierType.LOCATION, IdentifierType.ORGANIZATION})


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Pieces, their looks and labels, all of one length; `words` numbers the word of each piece."""

    ids: Ints
    shapes: Ints
    labels: Ints
    words: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Windows side by side: all of shape (rows, pieces). A label of -1 is not learnt."""

    ids: Ints
    shapes: Ints
    mask: Ints
    labels: Ints


def recased(text: str, rng: Random) -> str:
    """The text as it is, or now and then in one case, where that keeps every offset."""
    draw = rng.random()
    other = text.lower() if draw < LOWER else text.upper() if draw < LOWER + UPPER else text
    return other if len(other) == len(text) else text


def windows(tokenizer: Tokenizer, texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> list[Window]:
    """All windows of the texts, in order."""
    made = []
    for pieces, marks in zip(pieces_of(tokenizer, texts), spans, strict=True):
        counts = np.diff(np.append(pieces.words, len(pieces.ids)))
        labels = np.repeat(word_labels(pieces, marks), counts).astype(np.int32)
        words = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        for start, end in windows_of(pieces):
            cut = slice(start, end)
            made.append(
                Window(ids=pieces.ids[cut], shapes=pieces.shapes[cut], labels=labels[cut], words=words[cut])
            )
    return made


def word_labels(pieces: Pieces, spans: Sequence[Span]) -> Ints:
    """The label of each word: a beginning where it is the first that a span touches, then insides."""
    labels = np.zeros(len(pieces.words), np.int32)
    for span in spans:
        first = int(np.searchsorted(pieces.ends, span.start, side="right"))
        after = int(np.searchsorted(pieces.starts, span.end, side="left"))
        if first < after:
            label = begin(LEARNT[span.type])
            labels[first:after] = label + 1
            labels[first] = label
    return labels


def noised(window: Window, rng: np.random.Generator, vocabulary: int) -> Window:
    """Some words with the pieces of any other word in their place, more of them in names and places."""
    replaced = np.array([0] + [begin(kind) for kind in sorted(_REPLACED)])
    named = np.isin(window.labels, np.concatenate([replaced[1:], replaced[1:] + 1]))
    first = int(window.words[0])
    draws = rng.random(int(window.words[-1]) - first + 1)[window.words - first]
    hit = draws < np.where(named, HIDDEN_NAMES, HIDDEN_WORDS)
    if not hit.any():
        return window
    ids = np.where(hit, rng.integers(1000, vocabulary, len(hit)), window.ids).astype(np.int32)
    return Window(ids=ids, shapes=window.shapes, labels=window.labels, words=window.words)


def batches(made: Sequence[Window], order: NDArray[np.int64], marks: tuple[int, int]) -> Iterator[Batch]:
    """Windows in batches of like lengths, in an order that follows `order`. `marks` open and close one."""
    for start in range(0, len(order), 1024):
        near = sorted(order[start : start + 1024].tolist(), key=lambda at: len(made[at].ids))
        rows: list[list[Window]] = [[]]
        for at in near:
            if rows[-1] and (len(made[at].ids) + 2) * (len(rows[-1]) + 1) > BATCH:
                rows.append([])
            rows[-1].append(made[at])
        for mixed in np.random.default_rng(start + len(order)).permutation(len(rows)):
            yield _batch(rows[mixed], marks)


def _batch(rows: Sequence[Window], marks: tuple[int, int]) -> Batch:
    width = max(len(row.ids) for row in rows) + 2
    ids, shapes, mask = (np.zeros((len(rows), width), np.int32) for _ in range(3))
    labels = np.full((len(rows), width), -1, np.int32)
    for at, row in enumerate(rows):
        size = len(row.ids)
        ids[at, 0], ids[at, size + 1] = marks
        ids[at, 1 : size + 1] = row.ids
        shapes[at, 1 : size + 1] = row.shapes
        labels[at, 1 : size + 1] = row.labels
        mask[at, : size + 2] = 1
    return Batch(ids=ids, shapes=shapes, mask=mask, labels=labels)
