"""From the stored noisy integers to the rows that a caller sees.

Law: post-processing of one release and of public terms, so it costs nothing; it is total (no integers make
it raise), and unbiased: counts and sums stay signed, only a mean is kept within its declared bounds, and a
proportion within 0 and 1.
Imports: the standard library, domain words and intervals.
"""

from __future__ import annotations

import itertools
import math
from decimal import Decimal

from gateway.domain.expression import VectorKind
from gateway.domain.query import MeasureKind
from gateway.domain.release import Cell, Figure, NoisyVector, Release, Row, Suppression
from gateway.privacy.intervals import half_width, ratio_interval, share_interval

_FARTHEST = 2**63  # every stored integer lies within; any other is read as this


def render(release: Release, suppression: Suppression | None, confidence: float = 0.95) -> tuple[Row, ...]:
    """One row per cell, in cell order (mixed radix, the first key most significant).

    Values, interval ends and sigmas are in the units of the figures. Intervals cover the noise around the
    bounded figure at `confidence`. A suppressed cell has no value and no interval. Never raises.
    """
    labels = itertools.product(*(key.labels for key in release.keys))
    return tuple(
        Row(keys=keys, cells=_cells(release, cell, suppression, confidence))
        for cell, keys in enumerate(labels)
    )


def is_suppressed(release: Release, cell: int, suppression: Suppression | None) -> bool:
    """Whether the noisy count of distinct patients is too small to show the cell."""
    if suppression is None:
        return False
    if release.patients is None:  # drawn without a count of patients: a rule that needs one hides all
        return suppression.min_cell > 0
    vector = release.vectors[release.patients]
    patients, sigma = vector.values[cell], vector.sigma
    if vector.kind is VectorKind.SPLIT:
        patients, sigma = sum(halves(vector, cell)), patients_sigma(vector.kind, sigma)
    return patients < suppression.min_cell + suppression.z * sigma


def patients_sigma(kind: VectorKind, sigma: float) -> float:
    """The noise of the patients of a cell, which for a split are the sum of its two halves."""
    return sigma * math.sqrt(2) if kind is VectorKind.SPLIT else sigma


def halves(vector: NoisyVector, cell: int) -> tuple[int, int]:
    """Those who meet the condition of a split in one cell, and those who do not."""
    return vector.values[cell], vector.values[len(vector.values) // 2 + cell]


def _cells(
    release: Release, cell: int, suppression: Suppression | None, confidence: float
) -> tuple[Cell, ...]:
    hidden = is_suppressed(release, cell, suppression)
    return tuple(
        _hidden(figure, release.vectors) if hidden else _shown(figure, release.vectors, cell, confidence)
        for figure in release.figures
    )


def _hidden(figure: Figure, vectors: tuple[NoisyVector, ...]) -> Cell:
    """The sigma of a hidden cell is public: that of a ratio would tell of the noisy count, so its width."""
    if figure.kind in (MeasureKind.MEAN, MeasureKind.PROPORTION):
        sigma = figure.high - figure.low
    else:
        sigma = vectors[figure.numerator].sigma * figure.unit
    return Cell(value=None, low=None, high=None, sigma=sigma, suppressed=True)


def _shown(figure: Figure, vectors: tuple[NoisyVector, ...], cell: int, confidence: float) -> Cell:
    if figure.kind is MeasureKind.MEAN and figure.denominator is not None:
        return _mean(figure, vectors[figure.numerator], vectors[figure.denominator], cell, confidence)
    vector = vectors[figure.numerator]
    if figure.kind is MeasureKind.PROPORTION:
        return _proportion(vector, cell, confidence)
    steps, width = _within_range(vector.values[cell]), half_width(vector.sigma, confidence)
    return Cell(
        value=_scaled(steps, figure.unit),
        low=_scaled(steps - width, figure.unit),
        high=_scaled(steps + width, figure.unit),
        sigma=vector.sigma * figure.unit,
        suppressed=False,
    )


def _mean(figure: Figure, sums: NoisyVector, counts: NoisyVector, cell: int, confidence: float) -> Cell:
    """A noisy centred sum over a noisy count, with Fieller's interval cut to the declared bounds.

    Where the data says nothing (no positive count), the middle of the bounds with the whole range.
    """
    width = figure.high - figure.low
    total, count = _within_range(sums.values[cell]), _within_range(counts.values[cell])
    if count <= 0:
        return Cell(
            value=_placed(0.0, figure), low=figure.low, high=figure.high, sigma=width, suppressed=False
        )
    ratio = total / count
    # The delta method: first order in both noises.
    sigma = math.hypot(sums.sigma, ratio * counts.sigma) / count * figure.unit
    ends = ratio_interval(total, sums.sigma, count, counts.sigma, confidence)
    low, high = (figure.low, figure.high) if ends is None else (_placed(end, figure) for end in ends)
    return Cell(value=_placed(ratio, figure), low=low, high=high, sigma=min(sigma, width), suppressed=False)


def _proportion(vector: NoisyVector, cell: int, confidence: float) -> Cell:
    """Noisy yes over noisy yes and no, within 0 and 1; the whole range where the data says nothing."""
    yes, no = (_within_range(half) for half in halves(vector, cell))
    total = yes + no
    if total <= 0:
        return Cell(value=0.5, low=0.0, high=1.0, sigma=1.0, suppressed=False)
    share = min(max(yes / total, 0.0), 1.0)
    # The delta method: first order in both noises.
    sigma = min(1.0, vector.sigma * math.hypot(1 - share, share) / total)
    low, high = share_interval(yes, no, vector.sigma, confidence) or (0.0, 1.0)
    return Cell(value=share, low=min(low, share), high=max(high, share), sigma=sigma, suppressed=False)


def _placed(ratio: float, figure: Figure) -> float:
    """A centred ratio of the doubled grid as a mean in the column's unit, kept within its bounds."""
    return _kept((ratio + figure.centre) * figure.unit, figure)


def _kept(value: float, figure: Figure) -> float:
    return min(max(value, figure.low), figure.high)


def _within_range(steps: int) -> int:
    return min(max(steps, -_FARTHEST), _FARTHEST)


def _scaled(steps: int, unit: float) -> float:
    """Steps times unit by the unit's decimal digits: 3 steps of 0.1 are 0.3, not 0.30000000000000004."""
    return float(steps * Decimal(repr(unit)))
