"""A question: domain -> message.

Law: what `query_from_wire` reads back as the same query. Imports: gateway.v1, domain words,
and this room's words.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from gateway.domain.query import (
    Age,
    And,
    Attribute,
    Band,
    Compare,
    Grouping,
    InCohort,
    IsMissing,
    Literal,
    Measure,
    MeasureKind,
    Not,
    OneOf,
    Or,
    Predicate,
    Query,
    Reference,
    Truncated,
    Window,
)
from gateway.v1 import query_pb2
from gateway.wire.words import KIND_NUMBERS, OPERATOR_NUMBERS, REDUCER_NUMBERS, UNIT_NUMBERS


def query_to_wire(query: Query) -> query_pb2.Query:
    """The question as a message; what `query_from_wire` reads back as the same query."""
    return query_pb2.Query(
        dataset=query.dataset,
        where=None if query.where is None else predicate_to_wire(query.where),
        group_by=[_key(key) for key in query.group_by],
        measures=[_measure(measure) for measure in query.measures],
        max_groups=query.max_groups or 0,
        max_rows=query.max_rows or 0,
    )


def kind_to_wire(kind: MeasureKind) -> query_pb2.Measure.Kind:
    """The number of a kind of measure."""
    return KIND_NUMBERS[kind]


def _key(key: Grouping) -> query_pb2.Grouping:
    match key:
        case Attribute():
            return query_pb2.Grouping(attribute=key.name)
        case Band():
            edges = [_digits(edge) for edge in key.edges]
            return query_pb2.Grouping(
                band=query_pb2.Band(name=key.name, of=query_pb2.Reference(**_subject(key.of)), edges=edges)
            )
        case Truncated():
            truncation = query_pb2.Truncation(
                name=key.name,
                of=query_pb2.Reference(**_subject(key.of)),
                unit=UNIT_NUMBERS[key.unit],
                first=key.first.isoformat(),
                last=key.last.isoformat(),
            )
            return query_pb2.Grouping(truncated=truncation)
        case str():
            return query_pb2.Grouping(column=key)


def _measure(measure: Measure) -> query_pb2.Measure:
    message = query_pb2.Measure(
        kind=KIND_NUMBERS[measure.kind], column=measure.column or "", name=measure.name
    )
    if measure.bounds is not None:
        low, high = measure.bounds
        message.bounds.CopyFrom(query_pb2.Range(low=_digits(low), high=_digits(high)))
    if measure.condition is not None:
        message.condition.CopyFrom(predicate_to_wire(measure.condition))
    if measure.reducer is not None:
        reducer = measure.reducer
        message.reducer.CopyFrom(query_pb2.Reducer(kind=REDUCER_NUMBERS[reducer.kind], by=reducer.by))
    return message


def predicate_to_wire(predicate: Predicate) -> query_pb2.Predicate:
    """The condition as a message."""
    match predicate:
        case Compare():
            compare = query_pb2.Comparison(
                **_subject(predicate.column),
                operator=OPERATOR_NUMBERS[predicate.operator],
                value=_literal(predicate.value),
            )
            return query_pb2.Predicate(compare=compare)
        case OneOf():
            values = [_literal(value) for value in predicate.values]
            one_of = query_pb2.Membership(**_subject(predicate.column), values=values)
            return query_pb2.Predicate(one_of=one_of)
        case IsMissing():
            return query_pb2.Predicate(is_missing=query_pb2.Missing(**_subject(predicate.column)))
        case InCohort():
            return query_pb2.Predicate(in_cohort=_cohort(predicate))
        case Not():
            return _nested("not", predicate_to_wire(predicate.operand))
        case And() | Or():
            operands = [predicate_to_wire(operand) for operand in predicate.operands]
            form = "and" if isinstance(predicate, And) else "or"
            return _nested(form, query_pb2.Predicates(operands=operands))


def _nested(form: str, value: query_pb2.Predicate | query_pb2.Predicates) -> query_pb2.Predicate:
    """`not`, `and` and `or` are words of Python, so these fields can only be set by name."""
    fields: dict[str, Any] = {form: value}
    return query_pb2.Predicate(**fields)


def _cohort(cohort: InCohort) -> query_pb2.Cohort:
    return query_pb2.Cohort(
        dataset=cohort.dataset,
        where=None if cohort.where is None else predicate_to_wire(cohort.where),
        at_least=cohort.at_least,
        window=None if cohort.window is None else _window(cohort.window),
    )


def _window(window: Window) -> query_pb2.Window:
    return query_pb2.Window(column=window.column, anchor=window.anchor, first=window.first, last=window.last)


def _subject(reference: Reference) -> dict[str, Any]:
    """The fields that name what is compared; the same in every message that has them."""
    match reference:
        case Attribute():
            return {"attribute": reference.name}
        case Age():
            at = reference.at
            age = query_pb2.Age(column=at) if isinstance(at, str) else query_pb2.Age(date=at.isoformat())
            return {"age": age}
        case str():
            return {"column": reference}


def _literal(value: Literal) -> query_pb2.Literal:
    match value:
        case bool():  # before int: True is an int to Python
            return query_pb2.Literal(boolean=value)
        case int():
            return query_pb2.Literal(integer=value)
        case Decimal():
            return query_pb2.Literal(decimal=_digits(value))
        case date():
            return query_pb2.Literal(date=value.isoformat())
        case str():
            return query_pb2.Literal(text=value)


def _digits(number: Decimal) -> str:
    return format(number, "f")
