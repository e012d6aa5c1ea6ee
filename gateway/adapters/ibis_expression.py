"""Expression -> one Ibis relation: per cell, the exact integers that every vector is read off.

Law: total on any data (NaN is NULL, clamp before cast, no division, no cast that can raise), patient-local
until the last aggregation, and identical to the row-by-row reference in `memory_engine`.
Imports: ibis, domain words.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import reduce
from operator import and_, eq, ge, gt, le, lt, ne, or_
from typing import Any

import ibis

from gateway.domain.catalog import ColumnType
from gateway.domain.expression import (
    AllOf,
    AnyOf,
    Expression,
    Filter,
    GridColumn,
    Key,
    KeyIn,
    NoneOf,
    ValueCompare,
    ValueIn,
    ValueMissing,
)
from gateway.domain.query import Operator

# Ibis publishes no types, so that its tables and columns are Any to the type checker.
Table = Any
Value = Any

SECRET_TABLE = "_bounding"  # noqa: S105 - the name of a temporary table, not a secret
SECRET_COLUMN = "secret"  # noqa: S105
DOMAIN_TABLE = "_domain"
DOMAIN_COLUMNS = {"number": "int64", "text": "string", "place": "int64"}
_SAFE = float(2**62)  # far inside BIGINT, and a double exactly: a clamp to it makes the cast total

_OPERATORS = {
    Operator.EQ: eq,
    Operator.NE: ne,
    Operator.LT: lt,
    Operator.LE: le,
    Operator.GT: gt,
    Operator.GE: ge,
}


def grids_of(expression: Expression) -> tuple[GridColumn, ...]:
    """The distinct measured columns, in the order of their first vector."""
    return tuple(dict.fromkeys(v.column for v in expression.vectors if v.column is not None))


def relation(expression: Expression, table: Table) -> Table:
    """Rows of (cell, patients, rows, v0, s0, v1, s1, ...), to be added up by cell; absent cells are zero.

    `v<i>` counts the kept rows with a value in the i-th measured column, `s<i>` sums their grid steps.
    The secret of the bounding order is read from the one-row table `SECRET_TABLE`, the values of the keys
    from `DOMAIN_TABLE`: as text in the statement, thousands of categories would be slow.
    """
    grids = grids_of(expression)
    rows = _rows(expression, table, grids)
    groups = _groups(expression, rows, grids)
    if expression.max_groups < expression.cells:
        groups = _bounded(expression, groups)
    few = groups.n <= expression.max_rows
    sums = {
        name: ibis.ifelse(few, groups[name], 0).sum()
        for i in range(len(grids))
        for name in (f"v{i}", f"s{i}")
    }
    cells = groups.group_by("cell").agg(
        patients=groups.count(), rows=ibis.least(groups.n, expression.max_rows).sum(), **sums
    )
    return cells if not grids else ibis.union(cells, _ranked(expression, rows, groups, grids))


def _rows(expression: Expression, table: Table, grids: tuple[GridColumn, ...]) -> Table:
    """The filtered rows under our own names: patient, row_key, raw keys k<i>, grid steps x<i>."""
    patient = table[expression.patient_column]
    kept = patient.notnull()
    if expression.where is not None:
        kept = kept & _filter(expression.where, table)
    columns = {"patient": patient, "row_key": table[expression.row_key].fill_null("")}
    columns |= {f"k{i}": _text(table[key.column]) for i, key in enumerate(expression.keys)}
    columns |= {f"x{i}": _steps(grid, table) for i, grid in enumerate(grids)}
    return table.filter(kept).select(**columns)


def _groups(expression: Expression, rows: Table, grids: tuple[GridColumn, ...]) -> Table:
    """One row per (patient, cell) with n, v<i>, s<i>.

    Distinct raw keys come first and are mapped to cells after that: there are far fewer of them than rows.
    """
    keys = [f"k{i}" for i in range(len(expression.keys))]
    measured = {f"v{i}": rows[f"x{i}"].count() for i in range(len(grids))}
    measured |= {f"s{i}": rows[f"x{i}"].sum().fill_null(0) for i in range(len(grids))}
    groups = rows.group_by(["patient", *keys]).agg(n=rows.count(), **measured)
    groups = _placed(expression, groups)
    groups = groups.filter(groups.cell.notnull()).select("patient", "cell", "n", *measured)
    if all(key.other is None for key in expression.keys):
        return groups
    # Several raw values may have become `other`.
    return groups.group_by(["patient", "cell"]).agg(**{name: groups[name].sum() for name in ("n", *measured)})


def _bounded(expression: Expression, groups: Table) -> Table:
    """At most `max_groups` groups of each patient. Only patients with more of them pay for hash and sort."""
    most = expression.max_groups
    held = groups.group_by("patient").agg(held=groups.count())
    over = held.filter(held.held > most).select("patient")
    crowded = groups.semi_join(over, "patient")
    parts = [f"{expression.population}|g|", crowded.cell.cast("string"), "|", crowded.patient]
    place = ibis.row_number().over(group_by="patient", order_by=[_digest(parts), crowded.cell])
    ranked = crowded.mutate(place=place)
    kept = ranked.filter(ranked.place < most).drop("place")
    return ibis.union(groups.anti_join(over, "patient"), kept)


def _ranked(expression: Expression, rows: Table, groups: Table, grids: tuple[GridColumn, ...]) -> Table:
    """The measured columns of kept groups with more than `max_rows` rows: their first rows alone."""
    most = expression.max_rows
    crowded = groups.filter(groups.n > most).select("patient", "cell")
    rows = rows.semi_join(crowded, "patient")
    rows = _placed(expression, rows).semi_join(crowded, ["patient", "cell"])
    length = rows.patient.length().cast("string")
    parts = [f"{expression.population}|r|", length, "|", rows.patient, rows.row_key]
    steps = [rows[f"x{i}"] for i in range(len(grids))]
    place = ibis.row_number().over(
        group_by=["patient", "cell"], order_by=[_digest(parts), rows.row_key, *steps]
    )
    ranked = rows.mutate(place=place)
    ranked = ranked.filter(ranked.place < most)
    sums = {}
    for i in range(len(grids)):
        sums[f"v{i}"] = ranked[f"x{i}"].count()
        sums[f"s{i}"] = ranked[f"x{i}"].sum().fill_null(0)
    zero = ibis.literal(0, "int64")
    cells = ranked.group_by("cell").agg(**sums).mutate(patients=zero, rows=zero)
    return cells.select("cell", "patients", "rows", *sums)


def _digest(parts: list[Value]) -> Value:
    """SHA-256 in lower-case hex of the secret, a bar, and the parts."""
    secret = ibis.table({SECRET_COLUMN: "string"}, name=SECRET_TABLE)[SECRET_COLUMN].as_scalar()
    message = secret + "|"
    for part in parts:
        message = message + part
    return message.hexdigest("sha256")


def _placed(expression: Expression, table: Table) -> Table:
    """The table with its `cell` number; NULL where some key lies outside its domain."""
    for i in range(len(expression.keys)):
        domain = ibis.table(DOMAIN_COLUMNS, name=DOMAIN_TABLE)
        labels = domain.filter(domain.number == i).select(**{f"t{i}": domain.text, f"d{i}": domain.place})
        table = table.left_join(labels, table[f"k{i}"] == labels[f"t{i}"])
    cell = ibis.literal(0, "int64")
    for i, key in enumerate(expression.keys):
        known = ibis.coalesce(table[f"d{i}"], _integer(key.other))
        cell = cell * key.size + ibis.ifelse(table[f"k{i}"].isnull(), _integer(key.missing), known)
    return table.mutate(cell=cell)


def domain_rows(expression: Expression) -> list[tuple[int, str, int]]:
    """What `DOMAIN_TABLE` must hold: the number of a key, one of its values, and that value's place."""
    return [
        (number, text, place)
        for number, key in enumerate(expression.keys)
        for place, text in enumerate(key.values)
    ]


def _integer(value: int | None) -> Value:
    return ibis.null("int64") if value is None else ibis.literal(value, "int64")


def _steps(grid: GridColumn, table: Table) -> Value:
    """Grid steps, NULL for a missing value.

    Written so that even the branch of missing values could be evaluated: NaN sorts above all numbers.
    """
    value = table[grid.column].cast("float64")
    clamped = ibis.least(ibis.greatest(value, _double(grid.low)), _double(grid.high))
    scaled = clamped * _double(grid.multiplier)
    rounded = ibis.least(ibis.greatest(scaled, _double(-_SAFE)), _double(_SAFE)).round().cast("int64")
    steps = ibis.least(ibis.greatest(rounded, grid.low_steps), grid.high_steps)
    return ibis.ifelse(value.isnull() | value.isnan(), ibis.null("int64"), steps)


def _filter(node: Filter, table: Table) -> Value:
    match node:
        case KeyIn(key=key, indexes=indexes):
            return _key_in(key, indexes, _text(table[key.column]))
        case ValueCompare(column=column, type=kind, operator=operator, value=value):
            return _compare(_value(table[column]), kind, operator, value)
        case ValueIn(column=column, type=kind, values=values):
            return _one_of(_value(table[column]), kind, values)
        case ValueMissing(column=column):
            return _value(table[column]).isnull()
        case AllOf(operands=operands):
            return _joined(and_, [_filter(o, table) for o in operands], True)
        case AnyOf(operands=operands):
            return _joined(or_, [_filter(o, table) for o in operands], False)
        case NoneOf(operand=operand):
            return ~_filter(operand, table)


def _joined(operator: Callable[[Value, Value], Value], operands: list[Value], empty: bool) -> Value:
    """Joined two and two, so that a long condition is a low tree: compilers recurse."""
    while len(operands) > 1:
        pairs = [reduce(operator, operands[i : i + 2]) for i in range(0, len(operands), 2)]
        operands = pairs
    return operands[0] if operands else ibis.literal(empty)


def _key_in(key: Key, indexes: frozenset[int], text: Value) -> Value:
    def truth(index: int | None) -> Value:
        return ibis.null("boolean") if index is None else ibis.literal(index in indexes)

    inside = [value for i, value in enumerate(key.values) if i in indexes]
    outside = [value for i, value in enumerate(key.values) if i not in indexes]
    branches = [(text.isnull(), truth(key.missing))]
    branches += [
        (text.isin(values), ibis.literal(answer))
        for values, answer in ((inside, True), (outside, False))
        if values
    ]
    return ibis.cases(*branches, else_=truth(key.other))


def _text(column: Value) -> Value:
    return column if column.type().is_string() else column.cast("string")


def _value(column: Value) -> Value:
    """A column whose NaN is NULL."""
    if not column.type().is_floating():
        return column
    return ibis.ifelse(column.isnan(), ibis.null(column.type()), column)


def _compare(column: Value, kind: ColumnType, operator: Operator, value: int | float | str) -> Value:
    if isinstance(value, float) and not value.is_integer():
        column = column.cast("float64")  # BIGINT beside a decimal literal could overflow, and raise
    return _OPERATORS[operator](column, _literal(kind, value))


def _one_of(column: Value, kind: ColumnType, values: tuple[int | float | str, ...]) -> Value:
    if kind is ColumnType.INTEGER:
        values = tuple(v for v in values if not isinstance(v, float) or v.is_integer())
    if not values:
        return ibis.ifelse(column.isnull(), ibis.null("boolean"), False)
    return column.isin([_literal(kind, value) for value in values])


def _literal(kind: ColumnType, value: int | float | str) -> Value:
    """A typed literal. A whole number stays an integer, so that large integer columns compare exactly."""
    match kind:
        case ColumnType.BOOLEAN:
            return ibis.literal(bool(value))
        case ColumnType.DATE:
            return ibis.literal(date.fromisoformat(str(value)))
        case _ if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
            return ibis.literal(int(value), "int64")
        case _:
            return _double(float(value))


def _double(value: float) -> Value:
    """A double as text that is cast: a bare decimal literal may lose its last bit on the way."""
    return ibis.literal(repr(value)).cast("float64")
