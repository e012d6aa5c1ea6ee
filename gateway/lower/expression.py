"""A whole question as the expression that an engine runs, with its labels and figures.

Law: contribution bounds default to the dataset's; cells, labels and figures are known before data is read.
Imports: domain words, lower.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.domain.expression import Cohort, Expression, Filter
from gateway.domain.query import Query
from gateway.domain.release import Figure, KeyLabels
from gateway.lower.conditions import lower_predicate
from gateway.lower.keys import domain_of
from gateway.lower.measures import Measured, check_reducer, figure_of, measured_by, vectors_of
from gateway.lower.scope import NOWHERE, Catalogue, Positions, Scope, patient_table


@dataclass(frozen=True, slots=True, kw_only=True)
class Lowered:
    """The expression, the labels of its keys and the figures read off its vectors, in order."""

    expression: Expression
    keys: tuple[KeyLabels, ...]
    figures: tuple[Figure, ...]
    measured: tuple[Measured, ...]


def lower(
    query: Query, catalogue: Catalogue, *, suppress: bool = False, positions: Positions = NOWHERE
) -> Lowered:
    """The expression of a question whose dataset is in the catalogue. Raises `InvalidQuery`.

    `suppress`: a rule of suppression is in force, which some vector must serve.
    """
    dataset = catalogue[query.dataset]
    scope = Scope(dataset, catalogue, positions)
    where = None if query.where is None else lower_predicate(query.where, scope)
    domains = tuple(domain_of(grouping, scope) for grouping in query.group_by)
    for measure in query.measures:
        check_reducer(measure, scope)
    measured = tuple(measured_by(measure, query.where, scope) for measure in query.measures)
    vectors = vectors_of(measured, suppress)
    expression = Expression(
        population=dataset.population.name,
        table=dataset.name,
        patient_column=dataset.patient_column,
        row_key=dataset.row_key,
        where=where,
        keys=tuple(domain.key for domain in domains),
        vectors=vectors,
        max_groups=query.max_groups or dataset.max_groups,
        max_rows=query.max_rows or dataset.max_rows,
        derived=tuple(scope.derived[name] for name in sorted(scope.derived)),
        patients=patient_table(dataset, catalogue),
    )
    return Lowered(
        expression=expression,
        keys=tuple(domain.labels for domain in domains),
        figures=tuple(figure_of(each, vectors) for each in measured),
        measured=measured,
    )


def tables_of(expression: Expression) -> tuple[str, ...]:
    """Every table that the expression reads, its own first, each once."""
    splits = [vector.split for vector in expression.vectors if vector.split is not None]
    cohorts = [c for part in (expression.where, *(s.condition for s in splits)) for c in cohorts_of(part)]
    names = [expression.table, *(cohort.table for cohort in cohorts)]
    derived = expression.derived or any(cohort.derived for cohort in cohorts)
    if expression.patients is not None and (derived or any(split.members for split in splits)):
        names.append(expression.patients.table)
    return tuple(dict.fromkeys(names))


def cohorts_of(condition: Filter | None) -> list[Cohort]:
    """The cohorts of a condition, those inside other cohorts after them."""
    found: list[Cohort] = []
    waiting: list[Filter | None] = [condition]
    while waiting:
        part = waiting.pop(0)
        if isinstance(part, Cohort):
            found.append(part)
            waiting.append(part.where)
        elif part is not None:
            waiting.extend(getattr(part, "operands", ()))
            waiting.append(getattr(part, "operand", None))
    return found
