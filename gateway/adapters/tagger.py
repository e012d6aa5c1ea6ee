"""TAGGER: the trained model that finds names, places, dates and codes; run with onnxruntime.

Law: only the very bytes whose SHA-256 is pinned are run; memory is bounded whatever the texts' length,
time is linear in it; a text's spans do not depend on the texts beside it.
May import: domain, errors, shipped, its own word pieces.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from gateway.adapters.word_pieces import Pieces, chunks_of, pieces_of, tokenizer_of, windows_of
from gateway.domain.deid import IdentifierType, Span
from gateway.errors import ConfigInvalid
from gateway.shipped import shipped

BATCH: Final = 2048
"""Pieces that are computed at a time, padding counted: what keeps the intermediate values in the cache."""
SLAB: Final = 200_000
"""Characters whose pieces and probabilities are held at a time."""

MODELS: Final = {"en": "0f0a3ad46e0d54556d286e1717f6166fb0e9092d7107d7dd1b7c92c00392efbb"}
"""SHA-256 of the shipped models, by language."""

Floats = NDArray[np.float32]


def shipped_tagger(language: str) -> Tagger:
    """The shipped model of a language of `MODELS`."""
    return Tagger(shipped("models") / f"{language}.onnx", MODELS[language])


class Tagger:
    """A model as `training.export` writes it: one ONNX file that carries its vocabulary and labels.

    Label 0 is "none"; 1 and 2 are the beginning and the inside of the first type, and so on. Raises
    `ConfigInvalid` (MODEL_UNREADABLE, MODEL_CHANGED) where the file cannot be read or is another one.
    """

    def __init__(self, model: bytes | Path, sha256: str, *, threads: int = 1) -> None:
        data = _pinned(model, sha256)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        # The graph is written as it is to run; the further fusions are slower (LayerNormalization).
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
            words: dict[str, Any] = json.loads(self._session.get_modelmeta().custom_metadata_map["concordat"])
        except Exception:  # whatever an engine raises of bytes that are pinned, but not a model
            raise ConfigInvalid("the model cannot be loaded", reason="MODEL_UNREADABLE") from None
        self.types = tuple(IdentifierType(name) for name in words["types"])
        self.floor = float(words["floor"])
        self._tokenizer = tokenizer_of(words["vocabulary"])
        self._open, self._close = int(words["open"]), int(words["close"])

    def spans(self, texts: Sequence[str]) -> list[list[Span]]:
        """The spans of each text, sorted and disjoint, with source `model`.

        A span's score is the probability that its likeliest word belongs to any identifier; its words
        all reach the model's floor. Which scores count is the caller's choice, by type.
        """
        found: list[list[Span]] = [[] for _ in texts]
        slab: list[tuple[int, int, str]] = []
        held = 0
        for number, text in enumerate(texts):
            for start, end in chunks_of(text):
                slab.append((number, start, text[start:end]))
                held += end - start
                if held >= SLAB:
                    self._tag(slab, found)
                    slab, held = [], 0
        self._tag(slab, found)
        return found

    def _tag(self, slab: Sequence[tuple[int, int, str]], found: list[list[Span]]) -> None:
        cut = pieces_of(self._tokenizer, [chunk for _, _, chunk in slab])
        for (number, offset, chunk), pieces, probabilities in zip(
            slab, cut, self._probabilities(cut), strict=True
        ):
            found[number].extend(self._decoded(chunk, offset, pieces, probabilities))

    def _probabilities(self, cut: Sequence[Pieces]) -> list[Floats]:
        """By text the probabilities of the labels: shape (pieces, labels)."""
        labels = 1 + 2 * len(self.types)
        totals = [np.zeros((len(pieces.ids), labels), np.float32) for pieces in cut]
        counts = [np.zeros((len(pieces.ids), 1), np.float32) for pieces in cut]
        windows = [(text, *window) for text, pieces in enumerate(cut) for window in windows_of(pieces)]
        windows.sort(key=lambda window: window[2] - window[1])
        for batch in _batches(windows):
            width = batch[-1][2] - batch[-1][1] + 2
            ids, shapes, mask = (np.zeros((len(batch), width), np.int32) for _ in range(3))
            for row, (text, start, end) in enumerate(batch):
                size = end - start
                ids[row, 0], ids[row, size + 1] = self._open, self._close
                ids[row, 1 : size + 1] = cut[text].ids[start:end]
                shapes[row, 1 : size + 1] = cut[text].shapes[start:end]
                mask[row, : size + 2] = 1
            (out,) = self._session.run(["probabilities"], {"ids": ids, "shapes": shapes, "mask": mask})
            for row, (text, start, end) in enumerate(batch):
                totals[text][start:end] += out[row, 1 : end - start + 1]
                counts[text][start:end] += 1
        return [total / count for total, count in zip(totals, counts, strict=True)]

    def _decoded(self, text: str, offset: int, pieces: Pieces, probabilities: Floats) -> list[Span]:
        """Runs of words that reach the floor, parted where another identifier begins."""
        if not len(pieces.ids):
            return []
        sizes = np.diff(np.append(pieces.words, len(pieces.ids)))
        words = np.add.reduceat(probabilities, pieces.words, axis=0) / sizes[:, None]
        scores = 1 - words[:, 0]
        begins, insides = words[:, 1::2], words[:, 2::2]
        kinds = (begins + insides).argmax(axis=1)
        rows = np.arange(len(kinds))
        opens = begins[rows, kinds] > insides[rows, kinds]
        spans: list[Span] = []
        last = -2
        for word in np.flatnonzero(scores >= self.floor).tolist():
            kind = self.types[kinds[word]]
            score = round(float(scores[word]), 4)
            end = offset + _with_marks(text, int(pieces.ends[word]))
            if word == last + 1 and not opens[word] and spans[-1].type == kind:
                run = spans.pop()
                start, score = run.start, max(run.score, score)
            else:
                start = offset + int(pieces.starts[word])
            spans.append(Span(start=start, end=end, type=kind, score=score, source="model"))
            last = word
        return spans


def _pinned(model: bytes | Path, sha256: str) -> bytes:
    try:
        data = model if isinstance(model, bytes) else model.read_bytes()
    except OSError:
        raise ConfigInvalid("the model's file cannot be read", reason="MODEL_UNREADABLE") from None
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ConfigInvalid(
            "the model is not the one that this version was made with", reason="MODEL_CHANGED"
        )
    return data


def _batches(windows: Sequence[tuple[int, int, int]]) -> list[list[tuple[int, int, int]]]:
    """Windows, sorted by length, in groups of at most BATCH pieces with their padding."""
    batches: list[list[tuple[int, int, int]]] = []
    for window in windows:
        width = window[2] - window[1] + 2
        if batches and width * (len(batches[-1]) + 1) <= BATCH:
            batches[-1].append(window)
        else:
            batches.append([window])
    return batches


def _with_marks(text: str, end: int) -> int:
    """Past the combining marks that follow a word: the tokenizer drops them."""
    while end < len(text) and unicodedata.combining(text[end]):
        end += 1
    return end
