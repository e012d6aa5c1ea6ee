"""Query + Dataset -> Expression: every name resolved, every literal typed, every key with its full domain.

Law: the result depends on public text alone, and evaluating it cannot fail on any data.
Faults concern the query's text only: `InvalidQuery` with a field path and, for SQL, a position.
Imports: domain words and errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from difflib import get_close_matches

from gateway.domain.catalog import Column, ColumnType, Dataset
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
    Vector,
)
from gateway.domain.query import (
    And,
    Compare,
    IsMissing,
    Literal,
    Not,
    OneOf,
    Operator,
    Or,
    Predicate,
    Query,
)
from gateway.errors import InvalidQuery, Violation

Positions = Mapping[str, tuple[int, int]]
"""First mention of a name in SQL text: line and column, from 1."""

NOWHERE: Positions = {}
LARGEST_INTEGER = 2**53  # the largest magnitude that a double still holds exactly
BOOLEAN_LABELS = ("false", "true")


def fault(name: str, description: str, reason: str, positions: Positions, hint: str = "") -> InvalidQuery:
    """An `InvalidQuery` about one name, positioned where the SQL text mentions it."""
    line, column = positions.get(name, (0, 0))
    place = Violation(description=description, field=name, line=line, column=column, suggestion=hint)
    return InvalidQuery(reason=reason, violations=[place])


def column_of(dataset: Dataset, name: str, positions: Positions = NOWHERE) -> Column:
    """A column that a query may name; identifiers and unknown names answer alike."""
    column = dataset.columns.get(name)
    if column is None or column.type is ColumnType.IDENTIFIER:
        raise fault(name, f"column '{name}' is not available", "COLUMN_UNAVAILABLE", positions)
    return column


def labels_of(column: Column) -> tuple[str, ...]:
    """The labels of a grouping column in cell order."""
    if column.categories is not None:
        return column.categories.labels
    return BOOLEAN_LABELS


def key_of(column: Column, positions: Positions = NOWHERE) -> Key:
    """A declared category or boolean column as a key over its whole public domain."""
    if column.categories is not None:
        declared = column.categories
        size = len(declared.values)
        other = missing = None
        if declared.other is not None:
            other, size = size, size + 1
        if declared.missing is not None:
            missing, size = size, size + 1
        return Key(column=column.name, values=declared.values, other=other, missing=missing, size=size)
    if column.type is ColumnType.BOOLEAN:
        return Key(column=column.name, values=BOOLEAN_LABELS, size=2)
    raise fault(
        column.name,
        f"column '{column.name}' has no declared categories to group by",
        "COLUMN_NOT_GROUPABLE",
        positions,
    )


def grid_of(column: Column, positions: Positions = NOWHERE) -> GridColumn:
    """A bounded column as its integer grid; bounds are the sensitivity, so none means no sum."""
    bounds = column.bounds
    if bounds is None:
        raise fault(
            column.name,
            f"column '{column.name}' has no declared bounds, so it cannot be summed or averaged",
            "COLUMN_UNBOUNDED",
            positions,
        )
    return GridColumn(
        column=column.name,
        low=float(bounds.low),
        high=float(bounds.high),
        multiplier=float(1 / bounds.resolution),
        low_steps=bounds.low_steps,
        high_steps=bounds.high_steps,
    )


def lower(
    query: Query, dataset: Dataset, vectors: tuple[Vector, ...], positions: Positions = NOWHERE
) -> Expression:
    """The expression that an engine runs for this query; contribution bounds default to the dataset's."""
    where = None if query.where is None else lower_predicate(query.where, dataset, positions)
    keys = tuple(key_of(column_of(dataset, name, positions), positions) for name in query.group_by)
    return Expression(
        population=dataset.population.name,
        table=dataset.name,
        patient_column=dataset.patient_column,
        row_key=dataset.row_key,
        where=where,
        keys=keys,
        vectors=vectors,
        max_groups=query.max_groups or dataset.max_groups,
        max_rows=query.max_rows or dataset.max_rows,
    )


def lower_predicate(predicate: Predicate, dataset: Dataset, positions: Positions = NOWHERE) -> Filter:
    """A predicate with its columns resolved and its literals typed. Raises `InvalidQuery`."""
    match predicate:
        case And(operands=operands):
            return AllOf(operands=tuple(lower_predicate(p, dataset, positions) for p in operands))
        case Or(operands=operands):
            return AnyOf(operands=tuple(lower_predicate(p, dataset, positions) for p in operands))
        case Not(operand=operand):
            return NoneOf(operand=lower_predicate(operand, dataset, positions))
        case IsMissing(column=name):
            column = column_of(dataset, name, positions)
            return ValueMissing(column=name, type=column.type)
        case Compare(column=name, operator=operator, value=value):
            return _compare(column_of(dataset, name, positions), operator, value, positions)
        case OneOf(column=name, values=values):
            return _one_of(column_of(dataset, name, positions), values, positions)


def _compare(column: Column, operator: Operator, value: Literal, positions: Positions) -> Filter:
    equality = operator in (Operator.EQ, Operator.NE)
    if column.type in (ColumnType.CATEGORY, ColumnType.BOOLEAN) and not equality:
        raise fault(
            column.name,
            f"column '{column.name}' has no order; it can be compared with = and <> only",
            "OPERATOR_UNSUITABLE",
            positions,
        )
    if column.type is ColumnType.CATEGORY:
        key = key_of(column, positions)
        chosen = frozenset({_index(column, value, positions)})
        return KeyIn(key=key, indexes=chosen if operator is Operator.EQ else _others(key, chosen))
    typed = _typed(column, value, positions)
    return ValueCompare(column=column.name, type=column.type, operator=operator, value=typed)


def _one_of(column: Column, values: tuple[Literal, ...], positions: Positions) -> Filter:
    if column.type is ColumnType.CATEGORY:
        indexes = frozenset(_index(column, value, positions) for value in values)
        return KeyIn(key=key_of(column, positions), indexes=indexes)
    typed = tuple(_typed(column, value, positions) for value in values)
    return ValueIn(column=column.name, type=column.type, values=typed)


def _others(key: Key, chosen: frozenset[int]) -> frozenset[int]:
    return frozenset(range(key.size)) - chosen


def _index(column: Column, value: Literal, positions: Positions) -> int:
    """The cell index of a category literal; categories are public, so the nearest one is suggested."""
    labels = labels_of(column)
    if isinstance(value, str) and value in labels:
        return labels.index(value)
    near = get_close_matches(value, labels, n=1) if isinstance(value, str) else []
    raise fault(
        column.name,
        f"the value compared with column '{column.name}' is not one of its declared categories",
        "VALUE_UNKNOWN",
        positions,
        f"did you mean '{near[0]}'?" if near else f"declared: {', '.join(labels[:12])}",
    )


def _typed(column: Column, value: Literal, positions: Positions) -> int | float | str:
    """A literal in the column's own type; text of a date is accepted for a date column."""
    typed: int | float | str | None = None
    match column.type:
        case ColumnType.BOOLEAN:
            typed = _truth(value)
        case ColumnType.DATE:
            typed = _iso_date(value)
        case ColumnType.INTEGER | ColumnType.NUMBER:
            typed = _number(value)
        case _:
            typed = None
    if typed is None:
        raise fault(
            column.name,
            f"the value compared with column '{column.name}' is not a usable {column.type.value}",
            "VALUE_UNSUITABLE",
            positions,
        )
    return typed


def _truth(value: Literal) -> int | None:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and value in BOOLEAN_LABELS:
        return BOOLEAN_LABELS.index(value)
    return None


def _iso_date(value: Literal) -> str | None:
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        return None


def _number(value: Literal) -> int | float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if abs(value) <= LARGEST_INTEGER else None
    if isinstance(value, Decimal) and value.is_finite() and abs(value) <= LARGEST_INTEGER:
        return float(value)
    return None
