"""A word model: convolutions over hashed words and a linear chain of tags; run with onnxruntime.

Law: only the very bytes whose SHA-256 is pinned are run; memory is bounded whatever the texts' length,
time is linear in it. Imports: deid, domain, errors; numpy, the sibling onnx_model.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gateway.adapters.onnx_model import opened
from gateway.deid.words_seen import COLUMNS, features, windows, words_of
from gateway.domain.deid import IdentifierType, Span

BATCH: Final = 32
"""Windows that are computed at a time."""

Floats = NDArray[np.float32]
_Window = tuple[int, Sequence[tuple[int, int]], str]


class WordTagger:
    """A model as `training.words.export` writes it: tags, their chain and what each means are inside.

    Raises `ConfigInvalid` (MODEL_UNREADABLE, MODEL_CHANGED) where the file cannot be read or is another.
    """

    def __init__(self, model: bytes | Path, sha256: str, *, threads: int = 1) -> None:
        self._session, words = opened(model, sha256, threads)
        self.tags: list[str] = words["tags"]
        self._means = {name: IdentifierType(kind) for name, kind in words["means"].items()}
        self._start, self._end, self._steps = (
            np.asarray(words[name], np.float32) for name in ("start", "end", "steps")
        )

    def spans(self, texts: Sequence[str]) -> list[list[Span]]:
        """The spans of each text, sorted and disjoint, with source `model`.

        A score is the least probability, over a span's words, that a word belongs to any identifier.
        """
        return [
            [
                Span(start=start, end=end, type=self._means[kind], score=score, source="model")
                for start, end, kind, score in found
                if kind in self._means
            ]
            for found in self.tagged(texts)
        ]

    def tagged(self, texts: Sequence[str]) -> list[list[tuple[int, int, str, float]]]:
        """Half-open offsets, the model's own name of the type, and the score."""
        found: list[list[tuple[int, int, str, float]]] = [[] for _ in texts]
        for batch in self._batches(texts):
            for (number, places, _), (path, outside) in zip(batch, self._paths(batch), strict=True):
                found[number].extend(self._decoded(places, path, outside))
        return found

    def _batches(self, texts: Sequence[str]) -> Iterator[list[_Window]]:
        held: list[_Window] = []
        for number, text in enumerate(texts):
            for places in windows(text, words_of(text)):
                held.append((number, places, text))
                if len(held) == BATCH:
                    yield held
                    held = []
        if held:
            yield held

    def _paths(self, batch: Sequence[_Window]) -> list[tuple[list[int], Floats]]:
        """For each window the likeliest tags, and each word's probability of being outside."""
        width = max(len(places) for _, places, _ in batch)
        columns = np.zeros((len(batch), width, len(COLUMNS)), np.int64)
        for row, (_, places, text) in enumerate(batch):
            columns[row, : len(places)] = features(text, places)
        (scores,) = self._session.run(["scores"], {"columns": columns})
        shifted = np.exp(scores - scores.max(axis=-1, keepdims=True))
        outside = shifted[..., 0] / shifted.sum(axis=-1)
        return [
            (self._likeliest(scores[row, : len(places)]), outside[row])
            for row, (_, places, _) in enumerate(batch)
        ]

    def _likeliest(self, scores: Floats) -> list[int]:
        """Viterbi's path through the scores of one window, shape (words, tags)."""
        state = self._start + scores[0]
        back: list[NDArray[np.int64]] = []
        for row in scores[1:]:
            ways = state[:, None] + self._steps
            back.append(ways.argmax(axis=0))
            state = ways.max(axis=0) + row
        path = [int((state + self._end).argmax())]
        for choice in reversed(back):
            path.append(int(choice[path[-1]]))
        return path[::-1]

    def _decoded(
        self, places: Sequence[tuple[int, int]], path: Sequence[int], outside: Floats
    ) -> Iterator[tuple[int, int, str, float]]:
        begun, kind = 0, ""
        for word, tag in enumerate([*(self.tags[number] for number in path), "O"]):
            if kind and tag != f"I-{kind}":
                score = round(float(1 - outside[begun:word].max()), 4)
                yield places[begun][0], places[word - 1][1], kind, score
                kind = ""
            if not kind and tag != "O":
                begun, kind = word, tag[2:]
