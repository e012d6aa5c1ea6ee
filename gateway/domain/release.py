"""A release: the noisy integers as drawn, and the rows a caller may see of them.

What is stored is the noise-added vectors before suppression and intervals; those are rendered for each
request. Imports: the standard library and domain words.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.domain.expression import VectorKind
from gateway.domain.privacy import PrivacyLoss
from gateway.domain.query import MeasureKind


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyLabels:
    """One grouping column of the answer and its labels, in cell order."""

    column: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoisyVector:
    """One vector after the mechanism. `sigma` is the scale of the discrete Gaussian, `rho` its price.

    `column` names the measured column; of a split it is a digest of what was asked.
    """

    kind: VectorKind
    column: str | None
    sigma: float
    rho: int
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """How one measure is read off the noisy vectors.

    value = vectors[numerator] * unit for counts and sums;
    mean = (vectors[numerator] / vectors[denominator] + centre) * unit, kept within [low, high], where
    the numerator is on the doubled grid, so `unit` is half a resolution and `centre` is low + high in
    steps;
    proportion = yes / (yes + no), where yes is the first half of vectors[numerator] and no the second.
    """

    name: str
    kind: MeasureKind
    column: str | None
    numerator: int
    denominator: int | None = None
    unit: float = 1.0
    centre: int = 0
    low: float = 0.0
    high: float = 0.0
    ucum: str = ""  # the unit that the value is in


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Everything that is needed to show one draw again, and nothing that identifies a patient."""

    dataset: str
    population: str
    snapshot: str
    keys: tuple[KeyLabels, ...]
    vectors: tuple[NoisyVector, ...]
    figures: tuple[Figure, ...]
    loss: PrivacyLoss
    max_groups: int
    max_rows: int
    patients: int | None  # index of the vector that suppression reads: a count of patients, or a split


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One figure as shown. The interval covers the noise around the bounded figure, nothing else."""

    value: float | None
    low: float | None
    high: float | None
    sigma: float
    suppressed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    keys: tuple[str, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """Display policy: a cell is shown where the noisy patient count is >= `min_cell + z * sigma`."""

    min_cell: int
    z: float
