"""TAGGER: the trained model that finds names, places, dates and codes; run with onnxruntime.

Law: only the very bytes whose SHA-256 is pinned are run; memory is bounded whatever the texts' length,
time is linear in it; a text's spans do not depend on the texts beside it.
May import: domain, errors, shipped, its own word pieces, the sibling onnx_model.
"""

from __future__ import annotations

import io
import json
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from gateway.adapters.onnx_model import numbers, pinned
from gateway.adapters.word_pieces import Pieces, chunks_of, pieces_of, tokenizer_of, windows_of
from gateway.domain.deid import IdentifierType, Span
from gateway.errors import ConfigInvalid
from gateway.shipped import shipped

BATCH: Final = 512
"""Pieces that are computed at a time, padding counted: few enough for the cache (a quarter faster)."""
HELD: Final = 16 * BATCH
"""Pieces that have passed the gate and wait to be labelled together."""
BESIDE: Final = 3
"""Pieces on either side that pass with one that passes."""
SLAB: Final = 200_000
"""Characters whose pieces and probabilities are held at a time."""

MODELS: Final = {"en": "7eb712aefb1140d5068169189f60b6783e8c27b8c753a85be2209ae40b83c30b"}
"""SHA-256 of the shipped models, by language."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Window:
    """A window of a text: the text's number, its first piece and the piece after its last."""

    text: int
    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class _Passed:
    """What passed the gate in a window: places from its opening mark, and hidden states."""

    window: _Window
    places: NDArray[np.intp]
    hidden: Floats

    def __len__(self) -> int:
        return len(self.places)


_Sized = TypeVar("_Sized", _Window, _Passed)


def shipped_tagger(language: str) -> Tagger:
    """The shipped model of a language of `MODELS`."""
    return Tagger(shipped("models") / f"{language}.zip", MODELS[language])


class Tagger:
    """A model as `training.export` writes it: an archive of two graphs and of what they mean.

    The first graph reads every piece and says which could belong to an identifier; the second labels
    those and the pieces beside them. Label 0 is "none"; 1 and 2 are the beginning and the inside of the
    first type, and so on. Raises `ConfigInvalid` (MODEL_UNREADABLE, MODEL_CHANGED) where the file cannot
    be read or is another one.
    """

    def __init__(self, model: bytes | Path, sha256: str, *, threads: int = 1) -> None:
        data = pinned(model, sha256)
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                self._first, self._second = (
                    _session(archive.read(name), threads) for name in ("first.onnx", "second.onnx")
                )
                words: dict[str, Any] = json.loads(archive.read("words.json"))
        except Exception:  # whatever an archive or an engine raises of bytes that are pinned, but no model
            raise ConfigInvalid("the model cannot be loaded", reason="MODEL_UNREADABLE") from None
        self.types = tuple(IdentifierType(name) for name in words["types"])
        self.floor, self.gate = float(words["floor"]), float(words["gate"])
        self._points = np.array([words["points"][kind] for kind in words["types"]], np.float32)
        self._tokenizer = tokenizer_of(words["vocabulary"])
        self._marks = int(words["open"]), int(words["close"])

    def spans(self, texts: Sequence[str]) -> list[list[Span]]:
        """The spans of each text, sorted and disjoint, with source `model`.

        A span's score is that of its likeliest word: the probability that the word belongs to any
        identifier, stretched so that 0.5 is the least probability at which the model's makers would
        act on its type. All words of a span reach the model's floor. What counts is the caller's choice.
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
        windows = [_Window(text, *window) for text, pieces in enumerate(cut) for window in windows_of(pieces)]
        passed: list[_Passed] = []
        held = 0
        for batch in _batches(windows):
            for window in batch:
                totals[window.text][window.start : window.end, 0] += 1
            read = list(self._read(cut, batch))
            passed += read
            held += sum(map(len, read))
            if held >= HELD:
                self._label(passed, totals)
                passed, held = [], 0
        self._label(passed, totals)
        return [total / np.maximum(total.sum(axis=1, keepdims=True), 1) for total in totals]

    def _read(self, cut: Sequence[Pieces], batch: Sequence[_Window]) -> Iterator[_Passed]:
        """The first graph over windows, and what passes in each."""
        width = max(map(len, batch)) + 2
        ids, shapes, mask = (np.zeros((len(batch), width), np.int32) for _ in range(3))
        for row, window in enumerate(batch):
            pieces, size = cut[window.text], len(window)
            ids[row, 0], ids[row, size + 1] = self._marks
            ids[row, 1 : size + 1] = pieces.ids[window.start : window.end]
            shapes[row, 1 : size + 1] = pieces.shapes[window.start : window.end]
            mask[row, : size + 2] = 1
        feeds = {"ids": ids, "shapes": shapes, "mask": mask}
        hidden, passes = self._first.run(["hidden", "passes"], feeds)
        for row, window in enumerate(batch):
            likely = numbers(passes[row, : len(window) + 2]) >= self.gate
            likely[[0, -1]] = False
            if likely.any():
                places = _places(likely, cut[window.text], window)
                yield _Passed(window, places, hidden[row, places])

    def _label(self, passed: list[_Passed], totals: Sequence[Floats]) -> None:
        """The second graph over what passed, in place of the "none" that was counted there."""
        for batch in _batches(passed):
            width = max(map(len, batch))
            hidden = np.zeros((len(batch), width, batch[0].hidden.shape[1]), np.float32)
            mask = np.zeros((len(batch), width), np.int32)
            for row, part in enumerate(batch):
                hidden[row, : len(part)], mask[row, : len(part)] = part.hidden, 1
            (labels,) = self._second.run(["probabilities"], {"hidden": hidden, "mask": mask})
            for row, part in enumerate(batch):
                inner = slice(1, len(part) - 1)  # without the marks at both ends
                at = part.window.start + part.places[inner] - 1
                totals[part.window.text][at, 0] -= 1
                totals[part.window.text][at] += numbers(labels[row, inner])

    def _decoded(self, text: str, offset: int, pieces: Pieces, probabilities: Floats) -> list[Span]:
        """Runs of words that reach the floor, parted where another identifier begins."""
        if not len(pieces.ids):
            return []
        sizes = np.diff(np.append(pieces.words, len(pieces.ids)))
        words = np.add.reduceat(probabilities, pieces.words, axis=0) / sizes[:, None]
        scores = 1 - words[:, 0]
        begins, insides = words[:, 1::2], words[:, 2::2]
        kinds = (begins + insides).argmax(axis=1)
        points = self._points[kinds]
        stretched = np.where(
            scores < points, 0.5 * scores / points, 0.5 + 0.5 * (scores - points) / (1 - points)
        )
        rows = np.arange(len(kinds))
        opens = begins[rows, kinds] > insides[rows, kinds]
        spans: list[Span] = []
        last = -2
        for word in np.flatnonzero(scores >= self.floor).tolist():
            kind = self.types[kinds[word]]
            score = round(float(stretched[word]), 4)
            end = offset + _with_marks(text, int(pieces.ends[word]))
            if word == last + 1 and not opens[word] and spans[-1].type == kind:
                run = spans.pop()
                start, score = run.start, max(run.score, score)
            else:
                start = offset + int(pieces.starts[word])
            spans.append(Span(start=start, end=end, type=kind, score=score, source="model"))
            last = word
        return spans


def _session(graph: bytes, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    # The graphs are written as they are to run; the further fusions are slower (of LayerNormalization).
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def _places(likely: NDArray[np.bool_], pieces: Pieces, window: _Window) -> NDArray[np.intp]:
    """Where in a window what passes is: likely pieces, those beside them, their whole words, both marks."""
    kept = np.convolve(likely, np.ones(2 * BESIDE + 1))[BESIDE:-BESIDE] > 0.5
    first, after = np.searchsorted(pieces.words, (window.start, window.end))
    starts = np.concatenate(([0], pieces.words[first:after] - window.start + 1, [len(likely) - 1]))
    starts = np.unique(starts)
    whole = np.logical_or.reduceat(kept, starts)
    kept = np.repeat(whole, np.diff(np.append(starts, len(likely))))
    kept[0] = kept[-1] = True
    return np.flatnonzero(kept)


def _batches(items: Sequence[_Sized]) -> list[list[_Sized]]:
    """Items by their length, in groups of at most BATCH pieces with their padding."""
    batches: list[list[_Sized]] = []
    for item in sorted(items, key=len):
        if batches and (len(item) + 2) * (len(batches[-1]) + 1) <= BATCH:
            batches[-1].append(item)
        else:
            batches.append([item])
    return batches


def _with_marks(text: str, end: int) -> int:
    """Past the combining marks that follow a word: the tokenizer drops them."""
    while end < len(text) and unicodedata.combining(text[end]):
        end += 1
    return end
