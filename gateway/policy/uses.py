"""What a question uses: every column of every dataset, in which role. What grants and prohibitions are about.

Law: nothing that can influence an answer is left out. An age is a use of the patients table's `age`.
May import: domain words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from gateway.domain.catalog import AGE
from gateway.domain.query import (
    Age,
    And,
    Attribute,
    Band,
    Compare,
    InCohort,
    IsMissing,
    Not,
    OneOf,
    Or,
    Predicate,
    Query,
    Reference,
    Truncated,
    parts_of,
)


class Role(StrEnum):
    FILTER = "filter"
    GROUP = "group"
    MEASURE = "measure"
    CONTEXT = "context"  # leaves with a note


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Use:
    """One column of a dataset in one role; `shown` is how a question writes it."""

    role: Role
    column: str
    shown: str
    attribute: bool = False


Uses = tuple[Use, ...]


def uses_of(query: Query, patients: str) -> Mapping[str, Uses]:
    """By dataset, the one asked first: what the question uses of it, sorted, each once.

    `patients` is the dataset of the population's attributes. A cohort uses its dataset even where it names
    no column of it.
    """
    found: dict[str, set[Use]] = {query.dataset: set()}
    for dataset, use in _all(query, patients):
        uses = found.setdefault(dataset, set())
        if use is not None:
            uses.add(use)
    return {dataset: tuple(sorted(uses)) for dataset, uses in found.items()}


def datasets_named(query: Query) -> set[str]:
    """The datasets that the question itself names: the one asked, and those of its cohorts."""
    conditions = [query.where, *(measure.condition for measure in query.measures)]
    cohorts = (part for condition in conditions for part in parts_of(condition) if isinstance(part, InCohort))
    return {query.dataset, *(cohort.dataset for cohort in cohorts)}


def _all(query: Query, patients: str) -> Iterator[tuple[str, Use | None]]:
    yield from _condition(query.where, query.dataset, patients)
    for key in query.group_by:
        yield from _of(
            key.of if isinstance(key, Band | Truncated) else key, Role.GROUP, query.dataset, patients
        )
    for measure in query.measures:
        if measure.column is not None:
            yield from _of(measure.column, Role.MEASURE, query.dataset, patients)
        yield from _condition(measure.condition, query.dataset, patients)
        if measure.reducer is not None:
            yield from _of(measure.reducer.by, Role.FILTER, query.dataset, patients)


def _condition(predicate: Predicate | None, dataset: str, patients: str) -> Iterator[tuple[str, Use | None]]:
    """Every column that a condition on rows of a dataset reads, those of its cohorts included."""
    if predicate is None:
        return
    match predicate:
        case Compare(column=reference) | OneOf(column=reference) | IsMissing(column=reference):
            yield from _of(reference, Role.FILTER, dataset, patients)
        case InCohort(dataset=inner, where=where, window=window):
            yield inner, None
            yield from _condition(where, inner, patients)
            if window is not None:
                yield from _of(window.column, Role.FILTER, inner, patients)
                yield from _of(window.anchor, Role.FILTER, dataset, patients)
        case Not(operand=operand):
            yield from _condition(operand, dataset, patients)
        case And(operands=operands) | Or(operands=operands):
            for operand in operands:
                yield from _condition(operand, dataset, patients)


def _of(reference: Reference, role: Role, dataset: str, patients: str) -> Iterator[tuple[str, Use | None]]:
    match reference:
        case str():
            yield dataset, Use(role=role, column=reference, shown=reference)
        case Attribute(name=name):
            yield patients, Use(role=role, column=name, shown=f"patient.{name}", attribute=True)
        case Age(at=at):
            yield patients, Use(role=role, column=AGE, shown="patient.age", attribute=True)
            if isinstance(at, str):
                yield dataset, Use(role=role, column=at, shown=at)
