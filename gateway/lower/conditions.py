"""Predicate -> Filter: every column resolved, every literal typed, every cohort a table of the population.

Law: evaluating a filter cannot fail on any data; a cohort never leaves the population of the question.
Imports: domain words, errors, lower.scope, lower.literals, lower.keys.
"""

from __future__ import annotations

from difflib import get_close_matches

from gateway.domain.catalog import ColumnType, Dataset
from gateway.domain.expression import (
    AllOf,
    AnyOf,
    Cohort,
    DayWindow,
    Filter,
    Key,
    KeyIn,
    NoneOf,
    ValueCompare,
    ValueIn,
    ValueMissing,
)
from gateway.domain.limits import MAX_AT_LEAST, MAX_DAYS
from gateway.domain.query import (
    And,
    Compare,
    InCohort,
    IsMissing,
    Literal,
    Not,
    OneOf,
    Operator,
    Or,
    Predicate,
    Window,
)
from gateway.lower.keys import key_of, labels_of
from gateway.lower.literals import typed
from gateway.lower.scope import Named, Scope, fault

_EQUALITY = (Operator.EQ, Operator.NE)
_UNORDERED = (ColumnType.CATEGORY, ColumnType.BOOLEAN, ColumnType.CODE)


def lower_predicate(predicate: Predicate, scope: Scope) -> Filter:
    """A condition on the rows of a scope. Raises `InvalidQuery`."""
    match predicate:
        case And(operands=operands):
            return AllOf(operands=tuple(lower_predicate(p, scope) for p in operands))
        case Or(operands=operands):
            return AnyOf(operands=tuple(lower_predicate(p, scope) for p in operands))
        case Not(operand=operand):
            return NoneOf(operand=lower_predicate(operand, scope))
        case InCohort():
            return _cohort(predicate, scope)
        case IsMissing(column=reference):
            named = scope.resolve(reference)
            return ValueMissing(column=named.name, type=named.column.type)
        case Compare(column=reference, operator=operator, value=value):
            return _compare(scope.resolve(reference), operator, value, scope)
        case OneOf(column=reference, values=values):
            return _one_of(scope.resolve(reference), values, scope)


def _cohort(cohort: InCohort, scope: Scope) -> Cohort:
    dataset = scope.catalogue.get(cohort.dataset)
    if dataset is None or dataset.population.name != scope.dataset.population.name:
        description = f"dataset '{cohort.dataset}' is not available in a cohort here"
        raise fault(cohort.dataset, description, "COHORT_UNAVAILABLE", scope.positions)
    if not 1 <= cohort.at_least <= MAX_AT_LEAST:
        description = f"a cohort asks for at least 1 to {MAX_AT_LEAST} rows"
        raise fault(cohort.dataset, description, "COHORT_UNSUITABLE", scope.positions)
    inner = scope.inside(dataset)
    where = None if cohort.where is None else lower_predicate(cohort.where, inner)
    window = None if cohort.window is None else _window(cohort.window, dataset, scope, inner)
    return Cohort(
        table=dataset.name,
        patient_column=dataset.patient_column,
        derived=tuple(inner.derived[name] for name in sorted(inner.derived)),
        where=where,
        at_least=cohort.at_least,
        window=window,
    )


def _window(window: Window, dataset: Dataset, scope: Scope, inner: Scope) -> DayWindow:
    ends = [end for end in (window.first, window.last) if end is not None]
    if not ends or any(abs(end) > MAX_DAYS for end in ends) or ends != sorted(ends):
        description = f"a window has one or two ends within {MAX_DAYS} days, the first before the last"
        raise fault(dataset.name, description, "COHORT_UNSUITABLE", scope.positions)
    return DayWindow(
        column=inner.date_column(window.column),
        anchor=scope.date_column(window.anchor),
        first=window.first,
        last=window.last,
    )


def _compare(named: Named, operator: Operator, value: Literal, scope: Scope) -> Filter:
    if named.column.type in _UNORDERED and operator not in _EQUALITY:
        raise fault(
            named.column.name,
            f"{named.shown} has no order; it can be compared with = and <> only",
            "OPERATOR_UNSUITABLE",
            scope.positions,
        )
    if named.column.type is ColumnType.CATEGORY:
        key = key_of(named, scope.positions)
        chosen = frozenset({_index(named, value, scope)})
        return KeyIn(key=key, indexes=chosen if operator is Operator.EQ else _others(key, chosen))
    literal = typed(named, value, scope.positions)
    return ValueCompare(column=named.name, type=named.column.type, operator=operator, value=literal)


def _one_of(named: Named, values: tuple[Literal, ...], scope: Scope) -> Filter:
    if named.column.type is ColumnType.CATEGORY:
        indexes = frozenset(_index(named, value, scope) for value in values)
        return KeyIn(key=key_of(named, scope.positions), indexes=indexes)
    literals = tuple(typed(named, value, scope.positions) for value in values)
    return ValueIn(column=named.name, type=named.column.type, values=literals)


def _others(key: Key, chosen: frozenset[int]) -> frozenset[int]:
    return frozenset(range(key.size)) - chosen


def _index(named: Named, value: Literal, scope: Scope) -> int:
    """The cell index of a category literal; categories are public, so the nearest one is suggested."""
    labels = labels_of(named.column)
    if isinstance(value, str) and value in labels:
        return labels.index(value)
    near = get_close_matches(value, labels, n=1) if isinstance(value, str) else []
    raise fault(
        named.column.name,
        f"the value compared with {named.shown} is not one of its declared categories",
        "VALUE_UNKNOWN",
        scope.positions,
        f"did you mean '{near[0]}'?" if near else f"declared: {', '.join(labels[:12])}",
    )
