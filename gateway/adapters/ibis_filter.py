"""Filter -> an Ibis condition on a table whose rows already carry what the filter names.

Law: total on any data, and three-valued as SQL is: NaN is NULL, no cast that can raise.
Imports: ibis, domain words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import reduce
from operator import and_, eq, ge, gt, le, lt, ne, or_
from typing import Any

import ibis

from gateway.domain.catalog import ColumnType
from gateway.domain.expression import (
    AllOf,
    AnyOf,
    Cohort,
    Filter,
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
Flags = Mapping[Cohort, str]
"""The name of the boolean column that tells who is in a cohort."""

_OPERATORS = {
    Operator.EQ: eq,
    Operator.NE: ne,
    Operator.LT: lt,
    Operator.LE: le,
    Operator.GT: gt,
    Operator.GE: ge,
}


def condition(node: Filter, table: Table, flags: Flags) -> Value:
    """The filter as a boolean column of the table."""
    match node:
        case KeyIn(key=key, indexes=indexes):
            return _key_in(key, indexes, text(table[key.column]))
        case ValueCompare(column=column, type=kind, operator=operator, value=literal):
            return compare(value(table[column]), kind, operator, literal)
        case ValueIn(column=column, type=kind, values=values):
            return _one_of(value(table[column]), kind, values)
        case ValueMissing(column=column):
            return value(table[column]).isnull()
        case Cohort():
            return table[flags[node]]
        case AllOf(operands=operands):
            return _joined(and_, [condition(o, table, flags) for o in operands], True)
        case AnyOf(operands=operands):
            return _joined(or_, [condition(o, table, flags) for o in operands], False)
        case NoneOf(operand=operand):
            return ~condition(operand, table, flags)


def text(column: Value) -> Value:
    return column if column.type().is_string() else column.cast("string")


def value(column: Value) -> Value:
    """A column whose NaN is NULL."""
    if not column.type().is_floating():
        return column
    return ibis.ifelse(column.isnan(), ibis.null(column.type()), column)


def compare(column: Value, kind: ColumnType, operator: Operator, value: int | float | str) -> Value:
    """A column, whose NaN is NULL, against a literal."""
    if isinstance(value, float) and not value.is_integer():
        column = column.cast("float64")  # BIGINT beside a decimal literal could overflow, and raise
    return _OPERATORS[operator](column, _literal(kind, value))


def double(value: float) -> Value:
    """A double as text that is cast: a bare decimal literal may lose its last bit on the way."""
    return ibis.literal(repr(value)).cast("float64")


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
        case ColumnType.CODE:
            return ibis.literal(str(value), "string")
        case _ if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
            return ibis.literal(int(value), "int64")
        case _:
            return double(float(value))
