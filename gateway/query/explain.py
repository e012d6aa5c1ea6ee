"""A query in plain words, for a clinician.

Law: a function of the query and of public text only; nothing here can open a database.
Imports: domain words.
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
    Operator,
    Or,
    Predicate,
    Query,
)

_COMPARED = {
    Operator.EQ: "is",
    Operator.NE: "is not",
    Operator.LT: "is less than",
    Operator.LE: "is at most",
    Operator.GT: "is more than",
    Operator.GE: "is at least",
}
_DATED = {
    Operator.LT: "is before",
    Operator.LE: "is on or before",
    Operator.GT: "is after",
    Operator.GE: "is on or after",
}


def explain(query: Query, dataset_title: str) -> str:
    """The question in a few English sentences; `dataset_title` is the catalogue's title of the dataset."""
    sentences = [f"In “{dataset_title}”: {_listed([_measure(m) for m in query.measures])}{_groups(query)}."]
    if query.where is None:
        sentences.append("All rows count.")
    else:
        sentences.append(f"Only rows count where {_condition(query.where)}.")
        if _compares(query.where):
            sentences.append("A row whose value is missing meets no comparison, not even “is not”.")
    if query.max_groups is not None:
        sentences.append(f"Each patient is counted in {_at_most(query.max_groups, 'group')}.")
    if query.max_rows is not None:
        sentences.append(f"Each patient counts with {_at_most(query.max_rows, 'row')} in each group.")
    return " ".join(sentences)


def _groups(query: Query) -> str:
    if not query.group_by:
        return ", over all rows together"
    each = "for each" if len(query.group_by) == 1 else "for each combination of"
    return f", {each} {_listed(list(query.group_by))}"


def _measure(measure: Measure) -> str:
    match measure.kind:
        case MeasureKind.COUNT_PATIENTS:
            return "the number of patients"
        case MeasureKind.COUNT_ROWS:
            return "the number of rows"
        case MeasureKind.SUM:
            return f"the sum of {measure.column}"
        case MeasureKind.MEAN:
            return f"the mean of {measure.column}"


def _condition(predicate: Predicate) -> str:
    match predicate:
        case Compare():
            phrases = _COMPARED | _DATED if isinstance(predicate.value, date) else _COMPARED
            return f"{predicate.column} {phrases[predicate.operator]} {_literal(predicate.value)}"
        case OneOf():
            return f"{predicate.column} is {_listed([_literal(value) for value in predicate.values], 'or')}"
        case IsMissing():
            return f"{predicate.column} is missing"
        case Not(operand=IsMissing() as missing):
            return f"{missing.column} is present"
        case Not(operand=OneOf() as one):
            return f"{one.column} is none of {_listed([_literal(value) for value in one.values], 'or')}"
        case Not():
            return f"it is not so that {_inner(predicate.operand)}"
        case And() | Or():
            word = "and" if isinstance(predicate, And) else "or"
            return f" {word} ".join(_inner(operand) for operand in predicate.operands)


def _inner(operand: Predicate) -> str:
    """Brackets wherever a reader could take an `and` or `or` to reach further than it does."""
    inside = operand.operand if isinstance(operand, Not) else operand
    simple = isinstance(inside, IsMissing | OneOf) or isinstance(operand, Compare)
    return _condition(operand) if simple else f"({_condition(operand)})"


def _compares(predicate: Predicate) -> bool:
    match predicate:
        case Compare() | OneOf():
            return True
        case Not():
            return _compares(predicate.operand)
        case And() | Or():
            return any(_compares(operand) for operand in predicate.operands)
        case _:
            return False


def _literal(value: Literal) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case Decimal():
            return format(value, "f")
        case date():
            return value.isoformat()
        case str():
            return f"“{value}”"


def _listed(parts: list[str], word: str = "and") -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {word} {parts[-1]}"


def _at_most(number: int, noun: str) -> str:
    return f"at most {number} {noun}{'' if number == 1 else 's'}"
