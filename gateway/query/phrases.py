"""Conditions, and what they are about, in plain words.

Law: brackets wherever a reader could take an `and` or `or` to reach further than it does.
Imports: domain words.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from gateway.domain.query import (
    Age,
    And,
    Attribute,
    Compare,
    InCohort,
    IsMissing,
    Literal,
    Not,
    OneOf,
    Operator,
    Or,
    Predicate,
    Reference,
    Window,
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
Titles = Mapping[str, str]


def condition_words(predicate: Predicate, titles: Titles) -> str:
    """A condition as a clause; `titles` are the catalogue's titles of datasets."""
    match predicate:
        case Compare():
            phrases = _COMPARED | _DATED if isinstance(predicate.value, date) else _COMPARED
            subject = reference_words(predicate.column)
            return f"{subject} {phrases[predicate.operator]} {_literal(predicate.value)}"
        case OneOf():
            return f"{reference_words(predicate.column)} is {_values(predicate)}"
        case IsMissing():
            return f"{reference_words(predicate.column)} is missing"
        case InCohort():
            rows = "a row" if predicate.at_least == 1 else f"at least {predicate.at_least:,} rows"
            return f"the patient has {rows} in {_rows(predicate, titles)}"
        case Not():
            return _negated(predicate.operand, titles)
        case And() | Or():
            word = "and" if isinstance(predicate, And) else "or"
            return f" {word} ".join(inner_words(operand, titles) for operand in predicate.operands)


def _negated(operand: Predicate, titles: Titles) -> str:
    match operand:
        case IsMissing():
            return f"{reference_words(operand.column)} is present"
        case OneOf():
            return f"{reference_words(operand.column)} is none of {_values(operand)}"
        case InCohort():
            rows = "no row" if operand.at_least == 1 else f"fewer than {operand.at_least:,} rows"
            return f"the patient has {rows} in {_rows(operand, titles)}"
        case _:
            return f"it is not so that {inner_words(operand, titles)}"


def inner_words(operand: Predicate, titles: Titles) -> str:
    """A condition as a part of a longer sentence, in brackets where it needs them."""
    inside = operand.operand if isinstance(operand, Not) else operand
    simple = isinstance(inside, IsMissing | OneOf) or isinstance(operand, Compare)
    text = condition_words(operand, titles)
    return text if simple else f"({text})"


def _rows(cohort: InCohort, titles: Titles) -> str:
    """The rows of a cohort: the dataset, the window, the condition."""
    text = f"“{titles.get(cohort.dataset, cohort.dataset)}”"
    if cohort.window is not None:
        text += f" with {_window(cohort.window)}"
    if cohort.where is not None:
        text += f"{',' if cohort.window else ''} where {condition_words(cohort.where, titles)}"
    return text


def _window(window: Window) -> str:
    column, anchor, first, last = window.column, window.anchor, window.first, window.last
    if first is None:
        word, days = ("before", 0) if last == -1 else ("on or before", last or 0)
        return f"{column} {word} {_end(anchor, days)}"
    if last is None:
        word, days = ("after", 0) if first == 1 else ("on or after", first)
        return f"{column} {word} {_end(anchor, days)}"
    if first == last:
        return f"{column} on {_end(anchor, first)}"
    return f"{column} from {_end(anchor, first)} to {_end(anchor, last)}"


def _end(anchor: str, days: int) -> str:
    if not days:
        return f"the day of {anchor}"
    return f"{abs(days):,} day{'' if abs(days) == 1 else 's'} {'before' if days < 0 else 'after'} {anchor}"


def reference_words(reference: Reference) -> str:
    """A column by its name; what belongs to the patient as the patient's."""
    match reference:
        case Attribute():
            return f"the patient's {reference.name}"
        case Age():
            at = reference.at
            return f"the patient's age {f'at {at}' if isinstance(at, str) else f'on {at.isoformat()}'}"
        case str():
            return reference


def _values(listed: OneOf) -> str:
    return listed_words([_literal(value) for value in listed.values], "or")


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


def listed_words(parts: list[str], word: str = "and") -> str:
    """One, two and three."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {word} {parts[-1]}"
