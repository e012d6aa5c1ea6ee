"""Measures -> the exact vectors behind them, and how each figure is read off those.

Law: equal vectors are one vector, in an order that neither names nor the order of measures change. Under a
rule of suppression some vector tells the patients of each cell.
Imports: domain words, lower.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from gateway.domain.catalog import Bounds
from gateway.domain.expression import Split, Vector, VectorKind
from gateway.domain.query import Measure, MeasureKind, Predicate
from gateway.domain.release import Figure
from gateway.errors import InvalidQuery
from gateway.lower.conditions import lower_predicate
from gateway.lower.grids import bounds_of, fixed_values, grid_of
from gateway.lower.plain import plain
from gateway.lower.scope import Scope, fault

PATIENTS, ROWS = Vector(kind=VectorKind.PATIENTS), Vector(kind=VectorKind.ROWS)
TELLS_PATIENTS = (VectorKind.PATIENTS, VectorKind.SPLIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One measure with the vectors that it needs, its numerator first; bounds and unit where it has any."""

    measure: Measure
    needs: tuple[Vector, ...]
    bounds: Bounds | None = None
    unit: str = ""


def measured_by(measure: Measure, where: Predicate | None, scope: Scope) -> Measured:
    """What a measure needs, `where` being the question's whole condition. Raises `InvalidQuery`."""
    match measure.kind:
        case MeasureKind.COUNT_PATIENTS:
            return Measured(measure=measure, needs=(PATIENTS,))
        case MeasureKind.COUNT_ROWS:
            return Measured(measure=measure, needs=(ROWS,))
        case MeasureKind.PROPORTION:
            return Measured(measure=measure, needs=(_split(measure, scope),))
        case MeasureKind.SUM | MeasureKind.MEAN:
            return _bounded(measure, where, scope)


def _bounded(measure: Measure, where: Predicate | None, scope: Scope) -> Measured:
    bounds = bounds_of(measure, where, scope)
    column = scope.resolve(measure.column or "").column
    grid = grid_of(column.name, bounds)
    kinds = [VectorKind.SUM]
    if measure.kind is MeasureKind.MEAN:
        kinds = [VectorKind.CENTRED_SUM, VectorKind.VALUES]
    unit = column.unit
    if column.bounds_by is not None and len(column.bounds_by.columns) > 1:
        unit = min(fixed_values(where).get(column.bounds_by.columns[1], ()), default="")
    needs = tuple(Vector(kind=kind, column=grid) for kind in kinds)
    return Measured(measure=measure, needs=needs, bounds=bounds, unit=unit)


def _split(measure: Measure, scope: Scope) -> Vector:
    if measure.condition is None:
        raise InvalidQuery("a proportion needs a condition", reason="MEASURES_INVALID")
    split = Split(
        condition=lower_predicate(measure.condition, scope),
        asked=measure.condition,
        reducer=None if measure.reducer is None else measure.reducer.kind,
        by=None if measure.reducer is None else scope.date_column(measure.reducer.by),
        members=scope.dataset.population.patients in scope.catalogue,
    )
    return Vector(kind=VectorKind.SPLIT, split=split)


def vectors_of(measured: tuple[Measured, ...], suppress: bool) -> tuple[Vector, ...]:
    """The distinct vectors in canonical order; with one that tells the patients, where a rule needs it.

    The two halves of a split add up to the patients, at no price of their own.
    """
    found = {vector_key(vector): vector for each in measured for vector in each.needs}
    if suppress and not any(vector.kind in TELLS_PATIENTS for vector in found.values()):
        found[vector_key(PATIENTS)] = PATIENTS
    return tuple(found[key] for key in sorted(found))


def vector_key(vector: Vector) -> tuple[str, str]:
    """What tells one vector from another: its kind, and what it is of."""
    of = vector.column if vector.split is None else vector.split
    return vector.kind.value, "" if of is None else json.dumps(plain(of), sort_keys=True)


def patients_index(kinds: tuple[VectorKind, ...]) -> int | None:
    """The vector that suppression reads: the count of patients, else the first split."""
    for kind in TELLS_PATIENTS:
        if kind in kinds:
            return kinds.index(kind)
    return None


def figure_of(measured: Measured, vectors: tuple[Vector, ...]) -> Figure:
    """How the measure is read off the plan's vectors."""
    keys = [vector_key(vector) for vector in vectors]
    needed = [keys.index(vector_key(vector)) for vector in measured.needs]
    measure, bounds = measured.measure, measured.bounds
    if bounds is None:
        high = 1.0 if measure.kind is MeasureKind.PROPORTION else 0.0
        return Figure(name=measure.name, kind=measure.kind, column=None, numerator=needed[0], high=high)
    mean = measure.kind is MeasureKind.MEAN
    return Figure(
        name=measure.name,
        kind=measure.kind,
        column=measure.column,
        numerator=needed[0],
        denominator=needed[1] if mean else None,
        unit=float(bounds.resolution / 2 if mean else bounds.resolution),
        centre=bounds.low_steps + bounds.high_steps,
        low=float(bounds.low),
        high=float(bounds.high),
        ucum=measured.unit,
    )


def check_reducer(measure: Measure, scope: Scope) -> None:
    """A reducer belongs to a proportion; elsewhere it would be passed over in silence."""
    if measure.kind is not MeasureKind.PROPORTION and (measure.reducer or measure.condition):
        description = "only a proportion has a condition and a row that decides it"
        raise fault(measure.name, description, "MEASURES_INVALID", scope.positions)
