"""Shares of counted things with their intervals: a bootstrap over documents, in one pass.

Law: from its seed always the same, and in memory that does not grow with the documents. Each resample weighs
a document by a Poisson number of mean 1, which is what drawing with replacement tends to (Hanley and
MacGibbon, Creating non-parametric bootstrap samples using Poisson frequencies, Comput Methods Programs
Biomed 2006); the intervals are percentiles.
Imports: numpy.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SEED = 164_514
RESAMPLES = 1000
LEVEL = 0.95
_CHUNK = 512  # documents
Count = tuple[int, int]  # part, whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A part of a whole, both counted, with its 95 % interval; no value where the whole is nothing."""

    part: int
    whole: int
    low: float | None = None
    high: float | None = None

    @property
    def value(self) -> float | None:
        """The share, 0 to 1."""
        return self.part / self.whole if self.whole else None


class Bootstrap:
    """Counts of a document after another, by the keys that are given at the start."""

    def __init__(self, keys: Sequence[Hashable], *, resamples: int = RESAMPLES) -> None:
        self._columns = {key: 2 * place for place, key in enumerate(keys)}
        self._draw = np.random.Generator(np.random.PCG64(SEED))
        self._sums = np.zeros(2 * len(keys), dtype=np.int64)
        self._resampled = np.zeros((resamples, 2 * len(keys)))
        self._waiting: list[NDArray[np.int64]] = []
        self.documents = 0

    def add(self, counts: Mapping[Hashable, Count]) -> None:
        """One document's counts; a key that is missing counts nothing."""
        row = np.zeros(len(self._sums), dtype=np.int64)
        for key, count in counts.items():
            at = self._columns[key]
            row[at : at + 2] = count
        self._waiting.append(row)
        self.documents += 1
        if len(self._waiting) >= _CHUNK:
            self._weigh()

    def shares(self) -> dict[Hashable, Share]:
        """Every key's share. There is no interval of fewer than two documents."""
        self._weigh()
        return {key: self._share(at) for key, at in self._columns.items()}

    def _weigh(self) -> None:
        if not self._waiting:
            return
        rows = np.stack(self._waiting)
        weights = self._draw.poisson(1.0, (len(self._resampled), len(rows)))
        self._sums += rows.sum(axis=0)
        self._resampled += weights.astype(np.float64) @ rows.astype(np.float64)
        self._waiting = []

    def _share(self, at: int) -> Share:
        part, whole = (int(number) for number in self._sums[at : at + 2])
        parts, wholes = self._resampled[:, at], self._resampled[:, at + 1]
        told = wholes > 0
        if self.documents < 2 or not told.any():
            return Share(part=part, whole=whole)
        ends = np.quantile(parts[told] / wholes[told], [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        return Share(part=part, whole=whole, low=float(ends[0]), high=float(ends[1]))
