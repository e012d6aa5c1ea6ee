"""What a caller sees of a draw: signed figures, intervals, suppression, and no integers that raise."""

import dataclasses
import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.expression import VectorKind
from gateway.domain.privacy import PrivacyLoss
from gateway.domain.query import MeasureKind
from gateway.domain.release import Cell, Figure, KeyLabels, NoisyVector, Release, Suppression
from gateway.privacy.rendering import is_suppressed, render

SHOW_LARGE = Suppression(min_cell=11, z=1.64)
COUNT = Figure(name="patients", kind=MeasureKind.COUNT_PATIENTS, column=None, numerator=0)
ROWS = Figure(name="rows", kind=MeasureKind.COUNT_ROWS, column=None, numerator=1)
# Resolution 0.1 and bounds 1.0 to 14.0: 10 to 140 steps.
SUM = Figure(name="total", kind=MeasureKind.SUM, column="days", numerator=2, unit=0.1)
MEAN = Figure(
    name="mean",
    kind=MeasureKind.MEAN,
    column="days",
    numerator=3,
    denominator=4,
    unit=0.05,
    centre=150,
    low=1.0,
    high=14.0,
)


def noisy(kind: VectorKind, values: Sequence[int], sigma: float) -> NoisyVector:
    return NoisyVector(kind=kind, column=None, sigma=sigma, rho=1, values=tuple(values))


def release(
    patients: Sequence[int],
    rows: Sequence[int] | None = None,
    total: Sequence[int] | None = None,
    centred: Sequence[int] | None = None,
    values: Sequence[int] | None = None,
    figures: tuple[Figure, ...] = (COUNT, ROWS, SUM, MEAN),
) -> Release:
    zeros = [0] * len(patients)
    labels = tuple(f"label {i}" for i in range(len(patients)))
    return Release(
        dataset="encounters",
        population="people",
        snapshot="one",
        keys=(KeyLabels(column="band", labels=labels),),
        vectors=(
            noisy(VectorKind.PATIENTS, patients, 2.0),
            noisy(VectorKind.ROWS, rows or zeros, 3.0),
            noisy(VectorKind.SUM, total or zeros, 50.0),
            noisy(VectorKind.CENTRED_SUM, centred or zeros, 100.0),
            noisy(VectorKind.VALUES, values or zeros, 4.0),
        ),
        figures=figures,
        loss=PrivacyLoss(rho=5),
        max_groups=1,
        max_rows=1,
        patients=0,
    )


def only(shown: Release, suppression: Suppression | None = None) -> tuple[Cell, ...]:
    (row,) = render(shown, suppression)
    return row.cells


def test_counts_and_sums_carry_exact_tails() -> None:
    count, rows, total, _ = only(release([100], [120], [333]))
    assert (count.value, count.low, count.high, count.sigma) == (100, 96, 104, 2.0)
    assert (rows.value, rows.low, rows.high) == (120, 114, 126)
    assert (total.value, total.low, total.high, total.sigma) == (33.3, 23.5, 43.1, 5.0)
    assert not count.suppressed


def test_negative_counts_are_shown_as_they_are() -> None:
    count, _, total, _ = only(release([-7], total=[-1]))
    assert (count.value, count.low, count.high) == (-7, -11, -3)
    assert total.value == -0.1


def test_a_mean_is_the_centred_ratio_in_the_column_unit() -> None:
    """1,000 values whose mean is 4.3: 43 steps, on the doubled grid 86 - 150 = -64 each."""
    mean = only(release([900], centred=[-64_000], values=[1000]))[3]
    assert mean.value == pytest.approx(4.3)
    assert mean.low is not None
    assert mean.high is not None
    z = 1.959964
    first_order = z * 0.05 * math.hypot(100, 64 * 4) / 1000
    assert mean.high - 4.3 == pytest.approx(first_order, rel=0.1)
    assert 4.3 - mean.low == pytest.approx(first_order, rel=0.1)
    assert mean.sigma == pytest.approx(0.05 * math.hypot(100, 64 * 4) / 1000)


def test_a_mean_stays_within_its_bounds() -> None:
    mean = only(release([900], centred=[10**9], values=[1000]))[3]
    assert (mean.value, mean.high) == (14.0, 14.0)
    mean = only(release([900], centred=[-(10**9)], values=[1000]))[3]
    assert (mean.value, mean.low) == (1.0, 1.0)


@pytest.mark.parametrize("count", [0, -1, -(10**6), -(2**63)])
def test_a_mean_over_nobody_is_the_middle_of_the_whole_range(count: int) -> None:
    mean = only(release([0], centred=[999], values=[count]))[3]
    assert (mean.value, mean.low, mean.high, mean.sigma) == (7.5, 1.0, 14.0, 13.0)


def test_a_mean_over_too_few_has_the_whole_range() -> None:
    mean = only(release([0], centred=[64], values=[8]))[3]
    assert (mean.low, mean.high) == (1.0, 14.0)
    assert mean.value == pytest.approx(7.9)


def test_a_cell_is_shown_from_the_threshold_on() -> None:
    """Twins one patient apart: 11 + 1.64 * 2 is 14.28."""
    below, above = (row.cells[0] for row in render(release([14, 15], figures=(COUNT,)), SHOW_LARGE))
    assert (below.value, below.low, below.high, below.suppressed) == (None, None, None, True)
    assert (above.value, above.suppressed) == (15, False)


def test_suppression_hides_every_figure_of_the_cell_and_nothing_of_the_noise() -> None:
    for centred, values in (([-640], [10]), ([70], [9]), ([0], [-3])):
        cells = only(release([3], [5], [99], centred, values), SHOW_LARGE)
        assert all(cell.suppressed and cell.value is None for cell in cells)
        assert [cell.sigma for cell in cells] == [2.0, 3.0, 5.0, 13.0]


def test_no_rule_shows_everything() -> None:
    shown = release([-5])
    assert not is_suppressed(shown, 0, None)
    assert is_suppressed(shown, 0, SHOW_LARGE)
    uncounted = dataclasses.replace(shown, patients=None)
    assert is_suppressed(uncounted, 0, SHOW_LARGE)  # a rule, and nothing to judge by
    assert not is_suppressed(uncounted, 0, dataclasses.replace(SHOW_LARGE, min_cell=0))


def test_rows_come_in_cell_order_with_the_first_key_most_significant() -> None:
    keys = (
        KeyLabels(column="sex", labels=("f", "m")),
        KeyLabels(column="band", labels=("young", "old", "missing")),
    )
    shown = dataclasses.replace(release(range(6), figures=(COUNT,)), keys=keys)
    rows = render(shown, None)
    assert [row.keys for row in rows] == [
        ("f", "young"),
        ("f", "old"),
        ("f", "missing"),
        ("m", "young"),
        ("m", "old"),
        ("m", "missing"),
    ]
    assert [row.cells[0].value for row in rows] == [0, 1, 2, 3, 4, 5]


def test_without_keys_there_is_one_row() -> None:
    (row,) = render(dataclasses.replace(release([50]), keys=()), None)
    assert row.keys == ()
    assert row.cells[0].value == 50


def test_a_wider_confidence_is_a_wider_interval() -> None:
    def width(confidence: float) -> list[float]:
        (row,) = render(release([500], [500], [900], [-640], [500]), None, confidence)
        return [(cell.high or 0) - (cell.low or 0) for cell in row.cells]

    assert all(a < b for a, b in zip(width(0.9), width(0.99), strict=True))


@given(
    values=st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(), min_size=5, max_size=5),
    sigma=st.floats(1e-6, 1e30),
    suppression=st.sampled_from([None, SHOW_LARGE]),
)
def test_no_integers_make_it_raise(values: list[int], sigma: float, suppression: Suppression | None) -> None:
    patients, rows, total, centred, count = ([value] for value in values)
    shown = release(patients, rows, total, centred, count)
    vectors = tuple(dataclasses.replace(vector, sigma=sigma) for vector in shown.vectors)
    for cell in only(dataclasses.replace(shown, vectors=vectors), suppression):
        if cell.value is not None and cell.low is not None and cell.high is not None:
            assert cell.low <= cell.value <= cell.high
            assert math.isfinite(cell.sigma)
        else:
            assert cell.suppressed


def test_astronomic_integers_do_not_raise() -> None:
    cells = only(release([10**400], [-(10**400)], [10**400], [10**400], [10**400]), SHOW_LARGE)
    assert all(cell.value is not None and math.isfinite(cell.value) for cell in cells)


SHARE = Figure(name="share", kind=MeasureKind.PROPORTION, column=None, numerator=0, high=1.0)


def shares(yes: Sequence[int], no: Sequence[int], sigma: float = 2.0) -> Release:
    """A release of one proportion, whose two halves tell the patients too."""
    split = NoisyVector(kind=VectorKind.SPLIT, column="x", sigma=sigma, rho=1, values=(*yes, *no))
    labels = tuple(f"label {i}" for i in range(len(yes)))
    keys = (KeyLabels(column="band", labels=labels),)
    return dataclasses.replace(release(yes), keys=keys, vectors=(split,), figures=(SHARE,), patients=0)


def test_a_proportion_is_the_share_of_yes_in_both_halves() -> None:
    first, second = (row.cells[0] for row in render(shares([30, 0], [70, 50]), None))
    assert first.value == 0.3 and first.low is not None and first.high is not None
    assert 0.2 < first.low < 0.3 < first.high < 0.4 and 0.01 < first.sigma < 0.02
    assert second.value == second.low == 0.0 and second.high is not None and second.high < 0.15


def test_a_proportion_of_nobody_is_all_that_it_could_be() -> None:
    (cell,) = only(shares([-3], [2]))
    assert (cell.value, cell.low, cell.high, cell.suppressed) == (0.5, 0.0, 1.0, False)


def test_suppression_reads_the_sum_of_both_halves_with_the_noise_of_two() -> None:
    limit = SHOW_LARGE.min_cell + SHOW_LARGE.z * 2.0 * math.sqrt(2)
    shown, hidden = math.ceil(limit), math.ceil(limit) - 1
    assert not is_suppressed(shares([3], [shown - 3]), 0, SHOW_LARGE)
    assert is_suppressed(shares([3], [hidden - 3]), 0, SHOW_LARGE)
    (cell,) = only(shares([3], [1]), SHOW_LARGE)
    assert cell == Cell(value=None, low=None, high=None, sigma=1.0, suppressed=True)


@given(st.integers(-(2**70), 2**70), st.integers(-(2**70), 2**70), st.floats(1e-6, 1e15))
def test_no_integers_make_a_proportion_raise(yes: int, no: int, sigma: float) -> None:
    (cell,) = only(shares([yes], [no], sigma))
    assert cell.value is not None and cell.low is not None and cell.high is not None
    assert 0.0 <= cell.low <= cell.value <= cell.high <= 1.0
