"""One patient's rows, placed at will, never move a vector by more than declared, and can reach it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.expression import GridColumn, Vector, VectorKind
from gateway.errors import InvalidQuery
from gateway.privacy.sensitivity import check_overflow, l2_squared, worst_total


def grid(low_steps: int, high_steps: int) -> GridColumn:
    return GridColumn(
        column="x",
        low=float(low_steps),
        high=float(high_steps),
        multiplier=1.0,
        low_steps=low_steps,
        high_steps=high_steps,
    )


def vector(kind: VectorKind, low: int = -3, high: int = 7) -> Vector:
    summed = kind in (VectorKind.VALUES, VectorKind.SUM, VectorKind.CENTRED_SUM)
    return Vector(kind=kind, column=grid(low, high) if summed else None)


def moved(kind: VectorKind, low: int, high: int, groups: list[list[int | None]]) -> int:
    """The squared distance that a patient with these rows per cell makes, worked out by hand."""
    total = 0
    for rows in groups:
        values = [v for v in rows if v is not None]
        total += {
            VectorKind.PATIENTS: int(bool(rows)),
            VectorKind.ROWS: len(rows),
            VectorKind.VALUES: len(values),
            VectorKind.SUM: sum(values),
            VectorKind.CENTRED_SUM: sum(2 * v - low - high for v in values),
            VectorKind.SPLIT: int(bool(rows)),  # in the one half or in the other
        }[kind] ** 2
    return total


@pytest.mark.parametrize("kind", VectorKind)
@given(draw=st.data())
def test_no_patient_moves_a_vector_further_than_declared(kind: VectorKind, draw: st.DataObject) -> None:
    low = draw.draw(st.integers(-50, 50))
    high = draw.draw(st.integers(low, 60))
    max_groups, max_rows = draw.draw(st.integers(1, 4)), draw.draw(st.integers(1, 4))
    row = st.none() | st.integers(low, high) | st.sampled_from([low, high])
    groups = draw.draw(st.lists(st.lists(row, max_size=max_rows), max_size=max_groups))
    declared = l2_squared(vector(kind, low, high), groups=max_groups, max_rows=max_rows)
    assert declared >= 1
    assert moved(kind, low, high, groups) <= declared


@pytest.mark.parametrize("kind", VectorKind)
@pytest.mark.parametrize(("low", "high"), [(-3, 7), (-7, 3), (2, 9), (-9, -2), (0, 1)])
def test_some_patient_reaches_the_declared_bound(kind: VectorKind, low: int, high: int) -> None:
    groups, rows = 3, 4
    reached = max(moved(kind, low, high, [[v] * rows] * groups) for v in (low, high))
    assert reached == l2_squared(vector(kind, low, high), groups=groups, max_rows=rows)


def test_a_column_without_room_is_still_noised() -> None:
    assert l2_squared(vector(VectorKind.CENTRED_SUM, 5, 5), groups=2, max_rows=3) == 2
    assert l2_squared(vector(VectorKind.SUM, 0, 0), groups=1, max_rows=3) == 1


def test_totals_at_the_limit() -> None:
    """Twins that differ by one patient: 2^62 - 2^31 fits, 2^62 does not."""
    column = vector(VectorKind.SUM, 0, 2**20)
    fits = {"population_maximum": 2**31 - 1, "groups": 2**5, "max_rows": 2**6}
    check_overflow(column, **fits)
    with pytest.raises(InvalidQuery) as refused:
        check_overflow(column, **{**fits, "population_maximum": 2**31})
    assert refused.value.reason == "TOTAL_TOO_LARGE"
    assert "'x'" in refused.value.message
    assert worst_total(column, **fits) == 2**62 - 2**31


@pytest.mark.parametrize("kind", VectorKind)
def test_a_total_of_2_to_40_is_fine(kind: VectorKind) -> None:
    check_overflow(vector(kind, 0, 2**10), population_maximum=2**30, groups=1, max_rows=1)


def test_the_doubled_grid_counts_before_it_is_centred() -> None:
    """A narrow range far from zero: the centred total is small, the steps on the way to it are not."""
    far = vector(VectorKind.CENTRED_SUM, 2**60, 2**60 + 1)
    assert l2_squared(far, groups=1, max_rows=1) == 1
    with pytest.raises(InvalidQuery) as refused:
        check_overflow(far, population_maximum=4, groups=1, max_rows=1)
    assert refused.value.reason == "TOTAL_TOO_LARGE"
    near = vector(VectorKind.CENTRED_SUM, 0, 1)
    check_overflow(near, population_maximum=4, groups=1, max_rows=1)


@pytest.mark.parametrize("kind", VectorKind)
@given(groups=st.integers(1, 9), rows=st.integers(1, 9), people=st.integers(1, 99))
def test_the_worst_total_bounds_everyone_together(
    kind: VectorKind, groups: int, rows: int, people: int
) -> None:
    low, high = -3, 7
    worst = worst_total(vector(kind, low, high), population_maximum=people, groups=groups, max_rows=rows)
    single = l2_squared(vector(kind, low, high), groups=1, max_rows=rows)
    assert worst**2 >= single * (people * groups) ** 2
