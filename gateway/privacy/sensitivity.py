"""How far one patient can move a vector, in exact integers, and whether every total fits 64 bits.

Law: computed from public numbers alone (grid bounds, groups and rows kept per patient, population
maximum); never smaller than what any one patient can cause.
Imports: the standard library, domain words and errors.
"""

from __future__ import annotations

from gateway.domain.expression import Vector, VectorKind
from gateway.errors import InvalidQuery, Violation

_PATIENTS = (VectorKind.PATIENTS, VectorKind.SPLIT)  # a patient is in one half of a split alone
TOTAL_LIMIT = 2**62  # noise and engines work in signed 64 bits; one bit is kept free


def l2_squared(vector: Vector, *, groups: int, max_rows: int) -> int:
    """The squared L2 sensitivity of a vector to one patient, added or removed; in squared grid steps.

    A patient occurs in at most `groups` cells (the smaller of `max_groups` and the cells that the rows of
    one patient can reach), with at most `max_rows` rows in each. At least 1: a column whose bounds leave it
    no room is noised as if it moved by one step.
    """
    return groups * max(1, _cell_reach(vector, max_rows)) ** 2


def worst_total(vector: Vector, *, population_maximum: int, groups: int, max_rows: int) -> int:
    """The largest magnitude that a total, or any step on the way to it, can reach; in grid steps.

    Summed over all cells of all patients. The doubled grid counts with twice the largest bound, which its
    terms reach before they are centred.
    """
    return population_maximum * groups * max(1, _cell_magnitude(vector, max_rows))


def check_overflow(vector: Vector, *, population_maximum: int, groups: int, max_rows: int) -> None:
    """Refuse a vector whose totals might not fit. Depends on public numbers only.

    Raises `InvalidQuery` (TOTAL_TOO_LARGE) unless the worst total is below 2^62.
    """
    worst = worst_total(vector, population_maximum=population_maximum, groups=groups, max_rows=max_rows)
    if worst < TOTAL_LIMIT:
        return
    name = f"the total of '{vector.column.column}'" if vector.column else f"the count of {vector.kind}"
    fault = Violation(
        description=f"{name} could exceed 64-bit integers",
        suggestion="keep fewer rows or groups per patient, or declare narrower bounds",
    )
    raise InvalidQuery(reason="TOTAL_TOO_LARGE", violations=[fault])


def _cell_reach(vector: Vector, max_rows: int) -> int:
    """How far one patient moves one cell, in grid steps."""
    if vector.kind is VectorKind.CENTRED_SUM and vector.column is not None:
        return max_rows * (vector.column.high_steps - vector.column.low_steps)
    if vector.kind is VectorKind.SUM:
        return _cell_magnitude(vector, max_rows)
    return 1 if vector.kind in _PATIENTS else max_rows


def _cell_magnitude(vector: Vector, max_rows: int) -> int:
    """The largest magnitude that one patient's rows of one cell add up to, before any centring."""
    if vector.kind in _PATIENTS:
        return 1
    if vector.kind in (VectorKind.SUM, VectorKind.CENTRED_SUM) and vector.column is not None:
        largest = max(abs(vector.column.low_steps), abs(vector.column.high_steps))
        return max_rows * largest * (2 if vector.kind is VectorKind.CENTRED_SUM else 1)
    return max_rows
