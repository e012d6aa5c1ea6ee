"""Query -> canonical SQL: the text that `parse_query` reads back as the same Query.

Law: parse_query(to_sql(q)).query == q for every query that the wire accepts and that fits the text's limits.
Imports: domain words, errors, and this room's words.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

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
    grouping_name,
)
from gateway.errors import InvalidQuery, Violation
from gateway.query import words


def to_sql(query: Query) -> str:
    """The question as SQL: keys, then measures, each named with AS.

    A patient column is written with the word `patient`. Raises InvalidQuery for what no text can say: an
    and / or without operands, a list without values.
    """
    selected = [_key(key) for key in query.group_by]
    selected += [_measure(measure, query.dataset) for measure in query.measures]
    parts = [f"SELECT {', '.join(selected)}", f"FROM {_name(query.dataset)}"]
    if query.where is not None:
        parts.append(f"WHERE {predicate_to_sql(query.where, query.dataset)}")
    if query.group_by:
        parts.append(f"GROUP BY {', '.join(_grouped(key) for key in query.group_by)}")
    bounds = {"max_groups": query.max_groups, "max_rows": query.max_rows}
    options = [f"{name} = {value}" for name, value in bounds.items() if value is not None]
    if options:
        parts.append(f"OPTION ({', '.join(options)})")
    return " ".join(parts)


def predicate_to_sql(predicate: Predicate, dataset: str = "") -> str:
    """The condition as SQL; and / or inside and / or, or under NOT, stand in parentheses.

    `dataset` is the one whose rows it is about: the windows of cohorts name it.
    """
    match predicate:
        case Compare():
            return f"{_reference(predicate.column)} {predicate.operator} {_literal(predicate.value)}"
        case OneOf():
            return f"{_reference(predicate.column)} IN ({_values(predicate)})"
        case IsMissing():
            return f"{_reference(predicate.column)} IS NULL"
        case InCohort():
            return f"patient IN ({_cohort(predicate, dataset)})"
        case Not():
            return _negated(predicate.operand, dataset)
        case And() | Or():
            if not predicate.operands:
                raise _unsayable("and / or without operands")
            word = " AND " if isinstance(predicate, And) else " OR "
            return word.join(_inner(operand, dataset) for operand in predicate.operands)


def _negated(operand: Predicate, dataset: str) -> str:
    match operand:
        case IsMissing():
            return f"{_reference(operand.column)} IS NOT NULL"
        case OneOf():
            return f"{_reference(operand.column)} NOT IN ({_values(operand)})"
        case InCohort():
            return f"patient NOT IN ({_cohort(operand, dataset)})"
        case _:
            return f"NOT {_inner(operand, dataset)}"


def _inner(operand: Predicate, dataset: str) -> str:
    text = predicate_to_sql(operand, dataset)
    return f"({text})" if isinstance(operand, And | Or) else text


def _values(listed: OneOf) -> str:
    if not listed.values:
        raise _unsayable("a list without values")
    return ", ".join(_literal(value) for value in listed.values)


def _unsayable(what: str) -> InvalidQuery:
    return InvalidQuery(violations=[Violation(description=what)])


def _cohort(cohort: InCohort, around: str) -> str:
    """The question that a cohort is. Its window is one more part of the WHERE, joined with AND."""
    parts = ["SELECT patient", f"FROM {_name(cohort.dataset)}"]
    where, window = cohort.where, cohort.window
    if where is not None and window is not None:
        operands = where.operands if isinstance(where, And) else (where,)
        inner = [_inner(operand, cohort.dataset) for operand in operands]
        parts.append(f"WHERE {' AND '.join([*inner, _window(window, around)])}")
    elif where is not None:
        parts.append(f"WHERE {predicate_to_sql(where, cohort.dataset)}")
    elif window is not None:
        parts.append(f"WHERE {_window(window, around)}")
    if cohort.at_least > 1:
        parts.append(f"GROUP BY patient HAVING COUNT(*) >= {cohort.at_least}")
    return " ".join(parts)


def _window(window: Window, around: str) -> str:
    if not around:
        raise _unsayable("a window without a dataset around it")
    column, anchor = _name(window.column), f"{_name(around)}.{_name(window.anchor)}"
    if window.first is None:
        return f"{column} <= {_moved(anchor, window.last or 0)}"
    if window.last is None:
        return f"{column} >= {_moved(anchor, window.first)}"
    return f"{column} BETWEEN {_moved(anchor, window.first)} AND {_moved(anchor, window.last)}"


def _moved(anchor: str, days: int) -> str:
    return anchor if not days else f"{anchor} {'-' if days < 0 else '+'} INTERVAL '{abs(days)}' DAY"


def _key(key: Grouping) -> str:
    match key:
        case Band():
            edges = ", ".join(format(edge, "f") for edge in key.edges)
            return f"BAND({_reference(key.of)}, {edges}) AS {_name(key.name)}"
        case Truncated():
            parts = [f"'{key.unit}'", _reference(key.of), _literal(key.first), _literal(key.last)]
            return f"DATE_TRUNC({', '.join(parts)}) AS {_name(key.name)}"
        case _:
            return _reference(key)


def _grouped(key: Grouping) -> str:
    return _reference(key) if isinstance(key, str | Attribute) else _name(grouping_name(key))


def _measure(measure: Measure, dataset: str) -> str:
    match measure.kind:
        case MeasureKind.COUNT_PATIENTS:
            call = "COUNT(DISTINCT patient)"
        case MeasureKind.COUNT_ROWS:
            call = "COUNT(*)"
        case MeasureKind.SUM | MeasureKind.MEAN:
            call = f"{'SUM' if measure.kind is MeasureKind.SUM else 'AVG'}({_bounded(measure)})"
        case MeasureKind.PROPORTION:
            call = _proportion(measure, dataset)
    return f"{call} AS {_name(measure.name)}"


def _bounded(measure: Measure) -> str:
    column = _name(measure.column or "")
    if measure.bounds is None:
        return column
    low, high = (format(bound, "f") for bound in measure.bounds)
    return f"CLAMP({column}, {low}, {high})"


def _proportion(measure: Measure, dataset: str) -> str:
    if measure.condition is None:
        raise _unsayable("a proportion without a condition")
    condition = predicate_to_sql(measure.condition, dataset)
    if measure.reducer is None:
        return f"PROPORTION({condition})"
    return f"PROPORTION({condition}, {measure.reducer.kind.upper()}({_name(measure.reducer.by)}))"


def _reference(reference: Reference) -> str:
    match reference:
        case Attribute():
            return f"patient.{_name(reference.name)}"
        case Age():
            at = reference.at
            return f"AGE({_name(at) if isinstance(at, str) else _literal(at)})"
        case str():
            return _name(reference)


def _name(name: str) -> str:
    plain = words.PLAIN_NAME.fullmatch(name) and name == name.lower() and not words.is_reserved(name)
    return name if plain else '"' + name.replace('"', '""') + '"'


def _literal(value: Literal) -> str:
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case int():
            return str(value)
        case Decimal():
            digits = format(value, "f")
            # Without a point it would be read as an integer.
            return digits if "." in digits else f"{digits}.0"
        case date():
            return f"DATE '{value.isoformat()}'"
        case str():
            return "'" + value.replace("'", "''") + "'"
