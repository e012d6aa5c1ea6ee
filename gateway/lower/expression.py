"""A whole question as the expression that an engine runs, with its labels and figures.

Law: contribution bounds default to the dataset's; cells, labels and figures are known before data is read.
Imports: domain words, lower.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.domain.catalog import Dataset
from gateway.domain.expression import Cohort, Expression, Filter, PatientTable
from gateway.domain.query import Predicate, Query
from gateway.domain.release import Figure, KeyLabels
from gateway.lower.conditions import lower_predicate
from gateway.lower.keys import domain_of
from gateway.lower.measures import Measured, check_reducer, figure_of, measured_by, vectors_of
from gateway.lower.scope import NOWHERE, Catalogue, Positions, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Lowered:
    """The expression, the labels of its keys and the figures read off its vectors, in order."""

    expression: Expression
    keys: tuple[KeyLabels, ...]
    figures: tuple[Figure, ...]
    measured: tuple[Measured, ...]


def lower(
    query: Query,
    catalogue: Catalogue,
    *,
    suppress: bool = False,
    patients_rule: Predicate | None = None,
    positions: Positions = NOWHERE,
) -> Lowered:
    """The expression of a question whose dataset is in the catalogue. Raises `InvalidQuery`.

    `suppress`: a rule of suppression is in force, which some vector must serve. `patients_rule` says which
    rows of the patients table may be used at all.
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
        patients=_patient_table(dataset, catalogue, patients_rule),
    )
    return Lowered(
        expression=expression,
        keys=tuple(domain.labels for domain in domains),
        figures=tuple(figure_of(each, vectors) for each in measured),
        measured=measured,
    )


def _patient_table(dataset: Dataset, catalogue: Catalogue, rule: Predicate | None) -> PatientTable | None:
    """Where the attributes of a population's patients come from; None where the site declares no place."""
    population = dataset.population
    patients = catalogue.get(population.patients)
    if patients is None:
        return None
    own = Scope(patients, catalogue, NOWHERE)
    where = None if rule is None else lower_predicate(rule, own)
    if own.derived:
        raise AssertionError("a rule of the patients table is made of its own columns")
    return PatientTable(
        table=patients.name,
        patient_column=patients.patient_column,
        birth_date=population.birth_date,
        where=where,
    )


def tables_of(expression: Expression) -> tuple[str, ...]:
    """Every table that the expression reads, its own first, each once."""
    splits = [vector.split for vector in expression.vectors if vector.split is not None]
    cohorts = [c for part in (expression.where, *(s.condition for s in splits)) for c in cohorts_of(part)]
    names = [expression.table, *(cohort.table for cohort in cohorts)]
    derived = expression.derived or any(cohort.derived for cohort in cohorts)
    patients = expression.patients
    if patients is not None and (derived or any(split.members for split in splits)):
        names += [patients.table, *(cohort.table for cohort in cohorts_of(patients.where))]
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
