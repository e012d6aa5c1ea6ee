"""A word model: convolutions over hashed words and a linear chain of tags; run with onnxruntime.

Law: only the very bytes whose SHA-256 is pinned are run; memory is bounded whatever the texts' length,
time is linear in it; a text's spans do not depend on the texts beside it.
Imports: deid, domain, errors; numpy, the sibling onnx_model.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gateway.adapters.onnx_model import numbers, opened
from gateway.deid.words_seen import features, windows, words_of
from gateway.domain.deid import IdentifierType, Span

Floats = NDArray[np.float32]


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
        return [
            [each for places in windows(text, words_of(text)) for each in self._window(text, places)]
            for text in texts
        ]

    def _window(self, text: str, places: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, str, float]]:
        """A window by itself: what it gives cannot depend on what is computed beside it."""
        columns = np.asarray([features(text, places)], np.int64)
        scores: Floats = numbers(self._session.run(["scores"], {"columns": columns})[0][0])
        shifted = np.exp(scores - scores.max(axis=-1, keepdims=True))
        outside = shifted[:, 0] / shifted.sum(axis=-1)
        return self._decoded(places, self._likeliest(scores), outside)

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
