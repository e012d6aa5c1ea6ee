"""Query -> canonical SQL: the text that `parse_query` reads back as the same Query.

Law: parse_query(to_sql(q)).query == q for every query that the wire accepts and that fits the text's limits.
Imports: domain words, errors, and this room's words.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from gateway.domain.query import (
    And,
    Compare,
    IsMissing,
    Literal,
    Measure,
    MeasureKind,
    Not,
    OneOf,
    Or,
    Predicate,
    Query,
)
from gateway.errors import InvalidQuery, Violation
from gateway.query import words


def to_sql(query: Query) -> str:
    """The question as SQL: keys, then measures, each named with AS.

    COUNT_PATIENTS is written with the word `patient`. Raises InvalidQuery for what no text can say: an
    and / or without operands, a list without values.
    """
    keys = [_name(key) for key in query.group_by]
    parts = [f"SELECT {', '.join(keys + [_measure(measure) for measure in query.measures])}"]
    parts.append(f"FROM {_name(query.dataset)}")
    if query.where is not None:
        parts.append(f"WHERE {predicate_to_sql(query.where)}")
    if keys:
        parts.append(f"GROUP BY {', '.join(keys)}")
    bounds = {"max_groups": query.max_groups, "max_rows": query.max_rows}
    options = [f"{name} = {value}" for name, value in bounds.items() if value is not None]
    if options:
        parts.append(f"OPTION ({', '.join(options)})")
    return " ".join(parts)


def predicate_to_sql(predicate: Predicate) -> str:
    """The condition as SQL; and / or inside and / or, or under NOT, stand in parentheses."""
    match predicate:
        case Compare():
            return f"{_name(predicate.column)} {predicate.operator} {_literal(predicate.value)}"
        case OneOf():
            return f"{_name(predicate.column)} IN ({_values(predicate)})"
        case IsMissing():
            return f"{_name(predicate.column)} IS NULL"
        case Not(operand=IsMissing() as missing):
            return f"{_name(missing.column)} IS NOT NULL"
        case Not(operand=OneOf() as listed):
            return f"{_name(listed.column)} NOT IN ({_values(listed)})"
        case Not():
            return f"NOT {_inner(predicate.operand)}"
        case And() | Or():
            if not predicate.operands:
                raise _unsayable("and / or without operands")
            word = " AND " if isinstance(predicate, And) else " OR "
            return word.join(_inner(operand) for operand in predicate.operands)


def _inner(operand: Predicate) -> str:
    text = predicate_to_sql(operand)
    return f"({text})" if isinstance(operand, And | Or) else text


def _values(listed: OneOf) -> str:
    if not listed.values:
        raise _unsayable("a list without values")
    return ", ".join(_literal(value) for value in listed.values)


def _unsayable(what: str) -> InvalidQuery:
    return InvalidQuery(violations=[Violation(description=what)])


def _measure(measure: Measure) -> str:
    match measure.kind:
        case MeasureKind.COUNT_PATIENTS:
            call = "COUNT(DISTINCT patient)"
        case MeasureKind.COUNT_ROWS:
            call = "COUNT(*)"
        case MeasureKind.SUM | MeasureKind.MEAN:
            call = f"{'SUM' if measure.kind is MeasureKind.SUM else 'AVG'}({_name(measure.column or '')})"
    return f"{call} AS {_name(measure.name)}"


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
            return (
                digits if "." in digits else f"{digits}.0"
            )  # without a point it would be read as an integer
        case date():
            return f"DATE '{value.isoformat()}'"
        case str():
            return "'" + value.replace("'", "''") + "'"
