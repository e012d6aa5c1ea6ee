"""The reference engine: a plan's query over rows held in memory, one row at a time, in plain Python.

Law: computed from the `Query` and the `Dataset`, never from the compiled expression, so that a fault in
compiling or in a real engine shows as a disagreement. Slow on purpose; also the local engine for trying
a query on dummy rows.
Imports: the standard library, domain words, errors, log, plan.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import floor, inf, isnan
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from gateway import log
from gateway.domain.catalog import Bounds, Column, ColumnType, Dataset
from gateway.domain.expression import ExactVectors, Vector, VectorKind
from gateway.domain.query import And, Compare, IsMissing, Literal, Not, OneOf, Operator, Or, Predicate, Query
from gateway.errors import ReleaseFailed, SourceUnavailable
from gateway.plan import Plan

_OPERATORS: Mapping[Operator, Callable[[Any, Any], Any]] = {
    Operator.EQ: eq,
    Operator.NE: ne,
    Operator.LT: lt,
    Operator.LE: le,
    Operator.GT: gt,
    Operator.GE: ge,
}
Datum = None | bool | int | float | str | date
Row = Mapping[str, Datum]


class MemoryEngine:
    """Answers from tables given as lists of rows. `bounding_key` is the secret of the bounding order."""

    def __init__(self, tables: Mapping[str, Sequence[Row]], *, snapshot: str, bounding_key: str) -> None:
        self._tables = tables
        self._snapshot = snapshot
        self._key = bounding_key

    @property
    def snapshot(self) -> str:
        return self._snapshot

    def ready(self, plan: Plan) -> None:
        """Raise `SourceUnavailable` unless the dataset's table is here."""
        if plan.dataset.name not in self._tables:
            raise SourceUnavailable("the dataset has no data at this site yet")

    def close(self) -> None:
        """Nothing is held."""

    def run(self, plan: Plan) -> ExactVectors:
        """Exact vectors, in plan order. Raises only `ReleaseFailed`."""
        try:
            rows = self._tables[plan.dataset.name]
            return evaluate(rows, plan.query, plan.dataset, plan.expression.vectors, self._key)
        except Exception as error:
            log.defect("release_failed", error)
            raise ReleaseFailed from None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """One row that survived bounding: its cell and its grid steps by measured column."""

    cell: int
    steps: Mapping[str, int | None]


def evaluate(
    rows: Iterable[Row], query: Query, dataset: Dataset, vectors: Sequence[Vector], key: str
) -> ExactVectors:
    """The exact vectors of a query over rows. Semantics: `domain.query` and `domain.expression`."""
    labels = [labels_of(dataset.columns[name]) for name in query.group_by]
    cells = 1
    for domain in labels:
        cells *= len(domain)
    measured = list(dict.fromkeys(v.column.column for v in vectors if v.column is not None))
    patients: dict[str, dict[int, list[Row]]] = {}
    for row in rows:
        patient = row[dataset.patient_column]
        if patient is None or (query.where is not None and _truth(query.where, row, dataset) is not True):
            continue
        cell = _cell(row, query.group_by, labels, dataset)
        if cell is not None:
            patients.setdefault(str(patient), {}).setdefault(cell, []).append(row)
    kept = [_bounded(p, groups, query, dataset, measured, key) for p, groups in patients.items()]
    return tuple(_vector(vector, cells, kept, dataset) for vector in vectors)


def labels_of(column: Column) -> tuple[str, ...]:
    return ("false", "true") if column.categories is None else column.categories.labels


def _cell(row: Row, names: Sequence[str], labels: Sequence[tuple[str, ...]], dataset: Dataset) -> int | None:
    cell = 0
    for name, domain in zip(names, labels, strict=True):
        label = _label(dataset.columns[name], row[name])
        if label is None:
            return None
        cell = cell * len(domain) + domain.index(label)
    return cell


def _label(column: Column, value: Datum) -> str | None:
    """The label that a value has in its column's public domain; None outside of it."""
    if isinstance(value, bool):
        value = "true" if value else "false"
    if column.categories is None:
        return None if value is None else str(value)
    if value is None:
        return column.categories.missing
    return str(value) if str(value) in column.categories.values else column.categories.other


def _bounded(
    patient: str,
    groups: Mapping[int, list[Row]],
    query: Query,
    dataset: Dataset,
    measured: Sequence[str],
    key: str,
) -> list[_Kept]:
    """The rows of one patient that count: first groups, then first rows of each, in the keyed order."""
    max_groups = query.max_groups or dataset.max_groups
    max_rows = query.max_rows or dataset.max_rows
    population = dataset.population.name

    def group_order(cell: int) -> tuple[str, int]:
        return _digest(f"{key}|{population}|g|{cell}|{patient}"), cell

    def row_order(entry: tuple[str, _Kept]) -> tuple[object, ...]:
        row_key, kept = entry
        digest = _digest(f"{key}|{population}|r|{len(patient)}|{patient}{row_key}")
        steps = [(kept.steps[name] is None, kept.steps[name] or 0) for name in measured]
        return digest, row_key, steps

    result = []
    for cell in sorted(groups, key=group_order)[:max_groups]:
        entries = []
        for row in groups[cell]:
            steps = {name: _steps(row[name], dataset.columns[name].bounds) for name in measured}
            row_key = row[dataset.row_key]
            entries.append(("" if row_key is None else str(row_key), _Kept(cell=cell, steps=steps)))
        result += [kept for _, kept in sorted(entries, key=row_order)[:max_rows]]
    return result


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _steps(value: Datum, bounds: Bounds | None) -> int | None:
    """A value on its grid: clamped, scaled, rounded with ties away from zero, clamped again."""
    number = _number(value)
    if number is None or bounds is None:
        return None
    scaled = min(max(number, float(bounds.low)), float(bounds.high)) * float(1 / bounds.resolution)
    if scaled in (inf, -inf):
        return bounds.high_steps if scaled > 0 else bounds.low_steps
    whole = floor(abs(scaled))
    whole += abs(scaled) - whole >= 0.5  # exact: the difference of a double and its floor is a double
    return min(max(whole if scaled > 0 else -whole, bounds.low_steps), bounds.high_steps)


def _number(value: Datum) -> float | None:
    if not isinstance(value, int | float) or isnan(value):
        return None
    return float(value)


def _vector(vector: Vector, cells: int, kept: Sequence[Sequence[_Kept]], dataset: Dataset) -> tuple[int, ...]:
    """One exact integer per cell; cells that nobody reaches stay zero."""
    counts = [0] * cells
    for rows in kept:
        if vector.kind is VectorKind.PATIENTS:
            for cell in {row.cell for row in rows}:
                counts[cell] += 1
            continue
        for row in rows:
            counts[row.cell] += _contribution(vector, row, dataset)
    return tuple(counts)


def _contribution(vector: Vector, row: _Kept, dataset: Dataset) -> int:
    if vector.kind is VectorKind.ROWS or vector.column is None:
        return 1
    steps = row.steps[vector.column.column]
    bounds = dataset.columns[vector.column.column].bounds
    if steps is None or bounds is None:
        return 0
    match vector.kind:
        case VectorKind.VALUES:
            return 1
        case VectorKind.SUM:
            return steps
        case _:
            return 2 * steps - bounds.low_steps - bounds.high_steps


def _truth(predicate: Predicate, row: Row, dataset: Dataset) -> bool | None:
    """SQL's three values: True, False, or None for unknown."""
    match predicate:
        case IsMissing(column=name):
            return _known(row[name]) is None
        case Compare(column=name, operator=operator, value=literal):
            return _compare(_comparable(dataset.columns[name], row[name]), operator, literal)
        case OneOf(column=name, values=literals):
            value = _comparable(dataset.columns[name], row[name])
            return None if value is None else any(_compare(value, Operator.EQ, x) for x in literals)
        case Not(operand=operand):
            inner = _truth(operand, row, dataset)
            return None if inner is None else not inner
        case And(operands=operands):
            found = {_truth(operand, row, dataset) for operand in operands}
            return False if False in found else None if None in found else True
        case Or(operands=operands):
            found = {_truth(operand, row, dataset) for operand in operands}
            return True if True in found else None if None in found else False


def _known(value: Datum) -> Datum:
    return None if isinstance(value, float) and isnan(value) else value


def _comparable(column: Column, value: Datum) -> Datum:
    """What a comparison sees: the label of a category, else the value itself; NaN is missing."""
    return _label(column, value) if column.type is ColumnType.CATEGORY else _known(value)


def _compare(value: Datum, operator: Operator, literal: Literal) -> bool | None:
    if value is None:
        return None
    left, right = _aligned(value, literal)
    return bool(_OPERATORS[operator](left, right))


def _aligned(
    value: bool | int | float | str | date, literal: Literal
) -> tuple[float, float] | tuple[str, str]:
    """Both sides as text (dates in ISO form sort as dates) or as numbers; decimals are read as doubles."""
    if isinstance(value, bool):
        return float(value), float(literal == "true" if isinstance(literal, str) else bool(literal))
    if isinstance(value, int | float) and not isinstance(literal, str | date):
        return value, float(literal) if isinstance(literal, Decimal) else literal
    return str(value), str(literal)
