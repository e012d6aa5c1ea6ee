"""Intervals around noisy integers and around ratios of two of them.

Law: an interval covers the noise with at least its confidence, and depends on the scale and on noisy
values only. Exact tails for counts and sums (the library's own accuracy figure is one count too wide).
Imports: the standard library, errors and the exact distribution.
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

from gateway.errors import InvalidQuery
from gateway.privacy.pmf import normaliser, weight

EXACT_UP_TO = 1000.0  # sigma, in grid steps


def quantile(confidence: float) -> float:
    """The z with P(|Z| <= z) = confidence for a standard normal Z; confidence lies between 0 and 1."""
    return -NormalDist().inv_cdf((1 - confidence) / 2)


@lru_cache(maxsize=4096)
def half_width(sigma: float, confidence: float = 0.95) -> int:
    """The smallest integer k with P(|X| <= k) >= confidence for the discrete Gaussian of scale `sigma`.

    Up to a sigma of 1000 by summation, to 1e-12 of probability. Above, by the normal distribution with a
    half added to k (the midpoint rule): P differs from the exact one by at most 0.05 / sigma^2, below
    5e-8, and is the lower of the two, so that k is never too small and at most one too large.
    """
    return _half_width(sigma, confidence)


@lru_cache(maxsize=1024)
def sigma_within(half_width_steps: int, confidence: float = 0.95) -> float:
    """The largest sigma (to 1e-9 of itself) whose half-width is at most the given number of grid steps.

    A half-width of 0 still allows the scale at which no noise at all is likely enough. Raises
    `InvalidQuery` (SPEND_TOO_SMALL) for a negative one.
    """
    if half_width_steps < 0:
        raise InvalidQuery("a half-width is never negative", reason="SPEND_TOO_SMALL")
    low, high = 0.0, (half_width_steps + 1) / quantile(confidence) + 1
    while _half_width(high, confidence) <= half_width_steps:
        low, high = high, 2 * high
    while high - low > 1e-9 * high:
        middle = (low + high) / 2
        if _half_width(middle, confidence) <= half_width_steps:
            low = middle
        else:
            high = middle
    return low


def _half_width(sigma: float, confidence: float) -> int:
    if sigma > EXACT_UP_TO:
        return max(0, math.ceil(quantile(confidence) * sigma - 0.5))
    wanted = confidence * normaliser(sigma)
    k, total = 0, 1.0
    while total < wanted:
        k += 1
        term = 2 * weight(k, sigma)
        if term == 0.0:  # only where the confidence is nearer to 1 than doubles can sum to
            break
        total += term
    return k


def share_interval(
    yes: float, no: float, sigma: float, confidence: float = 0.95
) -> tuple[float, float] | None:
    """Fieller's set for yes / (yes + no), two integers that carry independent noise of one scale.

    All shares p with |(1 - p) yes - p no| <= w sqrt((1 - p)^2 + p^2), where w = z sigma + 1/2 as in
    `ratio_interval`; within 0 and 1. None where the total may be zero. A part that noise made negative
    counts as none: else the set would shrink to the end of the range, and a share of 100 % would look exact
    the more so, the further the noise went.
    """
    total, wide = yes + no, quantile(confidence) * sigma + 0.5
    if not (total > 0 and total**2 > 2 * wide**2):
        return None
    yes, no = max(yes, 0.0), max(no, 0.0)
    total = yes + no
    leading = total**2 - 2 * wide**2
    middle = yes * total - wide**2
    spread = math.sqrt(max(0.0, middle**2 - leading * (yes**2 - wide**2)))
    low, high = (min(max(end / leading, 0.0), 1.0) for end in (middle - spread, middle + spread))
    return low, high


def ratio_interval(
    numerator: float, sigma_n: float, denominator: float, sigma_d: float, confidence: float = 0.95
) -> tuple[float, float] | None:
    """Fieller's set for the ratio of two integers that carry independent discrete Gaussian noise.

    All ratios r with |numerator - r denominator| <= sqrt(w_n^2 + r^2 w_d^2), where w = z sigma + 1/2: the
    half is a continuity correction, without which noise of a few steps is covered far too rarely. None
    where that set is not a bounded interval: the denominator may then be zero.
    Source: Fieller 1954, "Some problems in interval estimation".
    """
    z = quantile(confidence)
    wide_n, wide_d = z * sigma_n + 0.5, z * sigma_d + 0.5
    leading = (denominator - wide_d) * (denominator + wide_d)
    if not leading > 0:
        return None
    spread = math.sqrt(wide_n**2 * leading + (wide_d * numerator) ** 2)
    product = numerator * denominator
    return (product - spread) / leading, (product + spread) / leading
