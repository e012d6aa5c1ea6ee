"""One form for equal questions, and its JSON, from which digests are made.

Law: canonical form never changes which rows are kept (three-valued logic included), and is a fixed point.
The JSON holds no floats and does not depend on the Python version. Imports: domain words.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

from gateway.domain.entry import Json
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
    Not,
    OneOf,
    Operator,
    Or,
    Predicate,
    Query,
    Reference,
    Truncated,
)


def canonical(query: Query) -> Query:
    """The same question with its conditions and decimals in canonical form; titles and order stay."""
    return replace(
        query,
        measures=tuple(_measure(measure) for measure in query.measures),
        where=None if query.where is None else canonical_predicate(query.where),
        group_by=tuple(_key(key) for key in query.group_by),
    )


def _measure(measure: Measure) -> Measure:
    low, high = measure.bounds or (None, None)
    narrowed = None if low is None or high is None else (_normal_decimal(low), _normal_decimal(high))
    condition = None if measure.condition is None else canonical_predicate(measure.condition)
    return replace(measure, bounds=narrowed, condition=condition)


def _key(key: Grouping) -> Grouping:
    return replace(key, edges=tuple(map(_normal_decimal, key.edges))) if isinstance(key, Band) else key


def canonical_predicate(predicate: Predicate) -> Predicate:
    """And / or flattened, sorted and without repeats (one operand stands alone), IN values likewise.

    A double negation is dropped, which three-valued logic allows: not unknown is unknown. The condition of
    a cohort is canonical too.
    """
    match predicate:
        case Compare():
            return replace(predicate, value=_normal(predicate.value))
        case OneOf():
            normal = [_normal(value) for value in predicate.values]
            values = {_sort_key(_literal(value)): value for value in normal}
            if len(values) == 1:
                return Compare(column=predicate.column, operator=Operator.EQ, value=normal[0])
            return replace(predicate, values=tuple(values[key] for key in sorted(values)))
        case IsMissing():
            return predicate
        case InCohort():
            inner = None if predicate.where is None else canonical_predicate(predicate.where)
            return replace(predicate, where=inner)
        case Not():
            operand = canonical_predicate(predicate.operand)
            return operand.operand if isinstance(operand, Not) else Not(operand=operand)
        case And() | Or():
            kind = type(predicate)
            parts: dict[str, Predicate] = {}
            for operand in map(canonical_predicate, predicate.operands):
                for part in operand.operands if isinstance(operand, kind) else (operand,):
                    parts[_sort_key(to_json(part))] = part
            ordered = tuple(parts[key] for key in sorted(parts))
            return ordered[0] if len(ordered) == 1 else kind(operands=ordered)


def to_json(form: Query | Predicate) -> dict[str, Json]:
    """A query or condition as JSON: literals as {type: text}, decimals without exponent or spare zeros.

    A plain column is its name; what is more is an object. Parts of a measure that it lacks are left out.
    """
    match form:
        case Query():
            return {
                "dataset": form.dataset,
                "group_by": [_key_json(key) for key in form.group_by],
                "measures": [_measure_json(measure) for measure in form.measures],
                "where": None if form.where is None else to_json(form.where),
                "max_groups": form.max_groups,
                "max_rows": form.max_rows,
            }
        case Compare():
            parts: dict[str, Json] = {
                "column": _reference(form.column),
                "operator": str(form.operator),
                "value": _literal(form.value),
            }
            return {"compare": parts}
        case OneOf():
            values: list[Json] = [_literal(value) for value in form.values]
            return {"one_of": {"column": _reference(form.column), "values": values}}
        case IsMissing():
            return {"is_missing": {"column": _reference(form.column)}}
        case InCohort():
            return {"in_cohort": _cohort_json(form)}
        case Not():
            return {"not": to_json(form.operand)}
        case And():
            return {"and": [to_json(operand) for operand in form.operands]}
        case Or():
            return {"or": [to_json(operand) for operand in form.operands]}


def _cohort_json(cohort: InCohort) -> dict[str, Json]:
    window = cohort.window
    return {
        "dataset": cohort.dataset,
        "where": None if cohort.where is None else to_json(cohort.where),
        "at_least": cohort.at_least,
        "window": None
        if window is None
        else {
            "column": window.column,
            "anchor": window.anchor,
            "first": window.first,
            "last": window.last,
        },
    }


def _key_json(key: Grouping) -> Json:
    match key:
        case Band():
            edges: list[Json] = [_decimal(edge) for edge in key.edges]
            return {"band": {"name": key.name, "of": _reference(key.of), "edges": edges}}
        case Truncated():
            parts: dict[str, Json] = {
                "name": key.name,
                "of": _reference(key.of),
                "unit": str(key.unit),
                "first": key.first.isoformat(),
                "last": key.last.isoformat(),
            }
            return {"truncated": parts}
        case _:
            return _reference(key)


def _measure_json(measure: Measure) -> dict[str, Json]:
    parts: dict[str, Json] = {"column": measure.column, "kind": str(measure.kind), "name": measure.name}
    if measure.bounds is not None:
        parts["bounds"] = [_decimal(bound) for bound in measure.bounds]
    if measure.condition is not None:
        parts["condition"] = to_json(measure.condition)
    if measure.reducer is not None:
        parts["reducer"] = {"kind": str(measure.reducer.kind), "by": measure.reducer.by}
    return parts


def _reference(reference: Reference) -> Json:
    match reference:
        case Attribute():
            return {"attribute": reference.name}
        case Age():
            at = reference.at
            return {"age": {"column": at} if isinstance(at, str) else {"date": at.isoformat()}}
        case str():
            return reference


def _decimal(value: Decimal) -> str:
    return format(_normal_decimal(value), "f")


def _literal(value: Literal) -> dict[str, Json]:
    match value:
        case bool():  # before int: True is an int to Python
            return {"boolean": value}
        case int():
            return {"integer": str(value)}
        case Decimal():
            return {"decimal": _decimal(value)}
        case date():
            return {"date": value.isoformat()}
        case str():
            return {"text": value}


def _normal(value: Literal) -> Literal:
    """A whole decimal is an integer, which compares alike; one too large for 64 bits stays as it is."""
    if not isinstance(value, Decimal):
        return value
    normal = _normal_decimal(value)
    return int(normal) if normal == normal.to_integral_value() and abs(normal) < 2**63 else normal


def _normal_decimal(value: Decimal) -> Decimal:
    """Without trailing zeros and negative zero. Decimal.normalize would round to the context's precision."""
    digits = format(value, "f")
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return Decimal("0") if digits in ("-0", "") else Decimal(digits)


def _sort_key(value: Json) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
