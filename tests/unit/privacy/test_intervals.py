"""Half-widths against plain summation, and Fieller's set against exact enumeration of both noises."""

import itertools
import math
from statistics import NormalDist

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import InvalidQuery
from gateway.privacy.intervals import half_width, ratio_interval, share_interval, sigma_within
from gateway.privacy.pmf import mass


def covered(k: int, sigma: float) -> float:
    return math.fsum(mass(j, sigma) for j in range(-k, k + 1))


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95, 0.999])
@pytest.mark.parametrize("sigma", [0.01, 0.3, 0.371, 0.5, 1.0, 3.3, 20.0, 333.0, 999.9])
def test_the_half_width_is_the_smallest_that_covers(sigma: float, confidence: float) -> None:
    k = half_width(sigma, confidence)
    assert covered(k, sigma) >= confidence - 1e-12
    assert k == 0 or covered(k - 1, sigma) < confidence


@pytest.mark.parametrize("sigma", [1000.1, 1234.5, 2500.0])
def test_above_a_thousand_the_normal_is_never_too_small_and_at_most_one_too_large(sigma: float) -> None:
    for confidence in (0.5, 0.9, 0.95, 0.99):
        k = half_width(sigma, confidence)
        assert covered(k, sigma) >= confidence - 1e-12
        assert covered(k - 2, sigma) < confidence
        corrected = 2 * NormalDist().cdf((k + 0.5) / sigma) - 1
        assert 0 <= covered(k, sigma) - corrected + 1e-12 <= 0.05 / sigma**2 + 1e-12


def test_one_count_is_not_overpaid() -> None:
    """The library's accuracy figure gives 2 for the scale at which +-1 already covers 95 %."""
    assert half_width(0.8171) == 1
    assert half_width(0.8172) == 2


@settings(max_examples=60, deadline=None)
@given(low=st.floats(0.01, 5000), factor=st.floats(1, 3))
def test_the_half_width_grows_with_the_scale(low: float, factor: float) -> None:
    assert half_width(low) <= half_width(low * factor)


@settings(max_examples=30, deadline=None)
@given(width=st.integers(0, 10**6), confidence=st.sampled_from([0.8, 0.95, 0.99]))
def test_sigma_within_is_the_largest_scale_of_a_half_width(width: int, confidence: float) -> None:
    sigma = sigma_within(width, confidence)
    assert half_width(sigma, confidence) <= width < half_width(sigma * (1 + 3e-9), confidence)


def test_a_negative_half_width_is_refused() -> None:
    with pytest.raises(InvalidQuery) as refused:
        sigma_within(-1)
    assert refused.value.reason == "SPEND_TOO_SMALL"
    assert sigma_within(0) > 0.3


def test_extreme_scales_and_confidences_end() -> None:
    assert half_width(1e-300) == 0
    assert half_width(1e25) == pytest.approx(1.96e25, rel=1e-3)
    assert half_width(3.0, 1 - 2**-53) > 20


def exact_coverage(true_ratio: float, sigma_n: float, sigma_d: float, denominator: int) -> float:
    """Over every pair of noises that matters, the probability that the set holds the true ratio."""
    numerator = round(true_ratio * denominator)
    ratio = numerator / denominator
    reach_n, reach_d = math.ceil(7 * sigma_n) + 1, math.ceil(7 * sigma_d) + 1
    total = 0.0
    noises = itertools.product(range(-reach_n, reach_n + 1), range(-reach_d, reach_d + 1))
    for noise_n, noise_d in noises:
        ends = ratio_interval(numerator + noise_n, sigma_n, denominator + noise_d, sigma_d)
        if ends is None or ends[0] - 1e-12 <= ratio <= ends[1] + 1e-12:
            total += mass(noise_n, sigma_n) * mass(noise_d, sigma_d)
    return total


@pytest.mark.parametrize("ratio", [0.0, 0.5, -1.0, 1.0, 3.0])
@pytest.mark.parametrize(
    ("sigma_n", "sigma_d"), [(0.2, 0.5), (0.36, 0.36), (0.7, 0.7), (1.5, 5.0), (6.0, 1.0)]
)
def test_ratios_are_covered_for_small_discrete_noise(ratio: float, sigma_n: float, sigma_d: float) -> None:
    """Without the half step of continuity the worst of these is covered 79 times in 100."""
    for denominator in (20, 200):
        assert exact_coverage(ratio, sigma_n, sigma_d, denominator) >= 0.95


def test_ratio_coverage_is_not_bought_with_needless_width() -> None:
    assert exact_coverage(0.5, 8.0, 4.0, 300) <= 0.97


def exact_share_coverage(yes: int, no: int, sigma: float) -> float:
    """Over every pair of noises that matters, the probability that the set holds the true share."""
    share, reach = yes / (yes + no), math.ceil(7 * sigma) + 1
    total = 0.0
    for noise_y, noise_n in itertools.product(range(-reach, reach + 1), repeat=2):
        ends = share_interval(yes + noise_y, no + noise_n, sigma)
        if ends is None or ends[0] - 1e-12 <= share <= ends[1] + 1e-12:
            total += mass(noise_y, sigma) * mass(noise_n, sigma)
    return total


@pytest.mark.parametrize("sigma", [0.3, 0.7, 2.0, 6.0])
@pytest.mark.parametrize(("yes", "no"), [(0, 40), (40, 0), (3, 37), (20, 20), (150, 50)])
def test_shares_are_covered_for_small_discrete_noise(yes: int, no: int, sigma: float) -> None:
    assert exact_share_coverage(yes, no, sigma) >= 0.95


def test_share_coverage_is_not_bought_with_needless_width() -> None:
    assert exact_share_coverage(90, 210, 6.0) <= 0.97


def test_a_share_has_no_interval_where_nobody_may_be_there() -> None:
    assert share_interval(5, 5, 10.0) is None
    assert share_interval(-50, -50, 1.0) is None
    ends = share_interval(50, 50, 1.0)
    assert ends is not None and 0 < ends[0] < 0.5 < ends[1] < 1


def test_a_share_at_the_end_of_its_range_does_not_look_exact() -> None:
    """Nobody says no, and the noise made less than nobody of it: that is no certainty."""
    usual = share_interval(160, 0, 6.0)
    assert usual is not None and usual[0] < 0.95 and usual[1] == 1.0
    for no in (-5, -15, -30):
        assert share_interval(160, no, 6.0) == usual
        assert share_interval(no, 160, 6.0) == pytest.approx((0.0, 1 - usual[0]))


@given(y=st.integers(-(2**63), 2**63), n=st.integers(-(2**63), 2**63), s=st.floats(1e-6, 1e30))
def test_share_intervals_are_total_and_ordered(y: int, n: int, s: float) -> None:
    ends = share_interval(y, n, s)
    if ends is not None:
        assert 0.0 <= ends[0] <= ends[1] <= 1.0


def test_fieller_has_no_interval_where_the_denominator_may_be_zero() -> None:
    assert ratio_interval(10, 2.0, 20, 10.0) is None
    assert ratio_interval(10, 2.0, -20, 10.0) is None
    ends = ratio_interval(10, 2.0, 21, 10.0)
    assert ends is not None
    assert ends[0] < 10 / 21 < ends[1]


def test_fieller_without_noise_in_the_denominator_is_symmetric() -> None:
    ends = ratio_interval(50.0, 100.0, 1000.0, 1e-9)
    assert ends is not None
    assert ends[0] == pytest.approx(0.05 - 0.1965, abs=1e-3)
    assert ends[1] == pytest.approx(0.05 + 0.1965, abs=1e-3)


@given(
    n=st.integers(-(2**63), 2**63),
    d=st.integers(-(2**63), 2**63),
    s=st.floats(1e-6, 1e30),
    t=st.floats(1e-6, 1e30),
)
def test_fieller_is_total_and_ordered(n: int, d: int, s: float, t: float) -> None:
    ends = ratio_interval(n, s, d, t)
    if ends is not None:
        assert ends[0] <= ends[1]
        assert not math.isnan(ends[0])
