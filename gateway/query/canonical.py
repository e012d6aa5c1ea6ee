"""One form for equal questions, and its JSON, from which digests are made.

Law: canonical form never changes which rows are kept (three-valued logic included), and is a fixed point.
The JSON holds no floats and does not depend on the Python version. Imports: domain words.
"""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

from gateway.domain.entry import Json
from gateway.domain.query import And, Compare, IsMissing, Literal, Not, OneOf, Or, Predicate, Query


def canonical(query: Query) -> Query:
    """The same question with its condition in canonical form; measures and keys stay as they are."""
    return Query(
        dataset=query.dataset,
        measures=query.measures,
        where=None if query.where is None else canonical_predicate(query.where),
        group_by=query.group_by,
        max_groups=query.max_groups,
        max_rows=query.max_rows,
    )


def canonical_predicate(predicate: Predicate) -> Predicate:
    """And / or flattened, sorted and without repeats (one operand stands alone), IN values likewise.

    A double negation is dropped, which three-valued logic allows: not unknown is unknown.
    """
    match predicate:
        case Compare():
            return Compare(
                column=predicate.column, operator=predicate.operator, value=_normal(predicate.value)
            )
        case OneOf():
            values = {_sort_key(_literal(value)): _normal(value) for value in predicate.values}
            return OneOf(column=predicate.column, values=tuple(values[key] for key in sorted(values)))
        case IsMissing():
            return predicate
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
    """A query or condition as JSON: literals as {type: text}, decimals without exponent or spare zeros."""
    match form:
        case Query():
            return {
                "dataset": form.dataset,
                "group_by": [*form.group_by],
                "measures": [
                    {"column": measure.column, "kind": str(measure.kind), "name": measure.name}
                    for measure in form.measures
                ],
                "where": None if form.where is None else to_json(form.where),
                "max_groups": form.max_groups,
                "max_rows": form.max_rows,
            }
        case Compare():
            parts: dict[str, Json] = {
                "column": form.column,
                "operator": str(form.operator),
                "value": _literal(form.value),
            }
            return {"compare": parts}
        case OneOf():
            return {"one_of": {"column": form.column, "values": [_literal(value) for value in form.values]}}
        case IsMissing():
            return {"is_missing": {"column": form.column}}
        case Not():
            return {"not": to_json(form.operand)}
        case And():
            return {"and": [to_json(operand) for operand in form.operands]}
        case Or():
            return {"or": [to_json(operand) for operand in form.operands]}


def _literal(value: Literal) -> dict[str, Json]:
    match value:
        case bool():  # before int: True is an int to Python
            return {"boolean": value}
        case int():
            return {"integer": str(value)}
        case Decimal():
            return {"decimal": format(_normal_decimal(value), "f")}
        case date():
            return {"date": value.isoformat()}
        case str():
            return {"text": value}


def _normal(value: Literal) -> Literal:
    return _normal_decimal(value) if isinstance(value, Decimal) else value


def _normal_decimal(value: Decimal) -> Decimal:
    """Without trailing zeros and negative zero. Decimal.normalize would round to the context's precision."""
    digits = format(value, "f")
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return Decimal("0") if digits in ("-0", "") else Decimal(digits)


def _sort_key(value: Json) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
