"""Sensitivity: no patient moves an exact vector further than declared, and some patient moves it that far.

The generator is tested too, and broken variants of the reference engine (mutants) must be caught.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.adapters import memory_engine
from gateway.domain.expression import AnyKey, Derived, ExactVectors, Filter, GridColumn, Vector, VectorKind
from gateway.domain.query import (
    DateUnit,
    Grouping,
    InCohort,
    Measure,
    MeasureKind,
    Predicate,
    Reducer,
    ReducerKind,
    Reference,
    Truncated,
)
from gateway.privacy.sensitivity import l2_squared
from tests.property.generators import KEY, Case, Tables, cases, cohorts

Evaluate = Callable[[Case, Tables], ExactVectors]
Declared = Callable[[Case, int], int]


def evaluate(case: Case, tables: Tables) -> ExactVectors:
    return memory_engine.evaluate_in(case.world(tables), case.query, case.expression.vectors, KEY)


def declared(case: Case, index: int) -> int:
    """The squared L2 sensitivity that the plan declares for one vector."""
    expression = case.expression
    return l2_squared(expression.vectors[index], groups=expression.groups, max_rows=expression.max_rows)


def movements(case: Case, run: Evaluate = evaluate) -> Iterator[tuple[int, int]]:
    """(vector, squared distance) for each patient removed in turn."""
    whole = run(case, case.tables)
    for patient in case.patients:
        for i, (one, other) in enumerate(zip(whole, run(case, case.without(patient)), strict=True)):
            yield i, sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def violated(case: Case, run: Evaluate = evaluate, limit: Declared = declared) -> bool:
    return any(moved > limit(case, i) for i, moved in movements(case, run))


@pytest.fixture(scope="module")
def corpus() -> list[Case]:
    """The same 1,000 cases in every run of the same code, where the same modules are loaded."""
    return collected(cases(), 1000)


@pytest.fixture(scope="module")
def with_cohorts() -> list[Case]:
    """Questions about a cohort over full tables: of any cases too few show that it reads others' rows."""
    found = collected(cases(cohorts("visits")), 300)
    fullest = sorted(found, key=fullness)[-3:]
    return [replace(case, tables=full.tables) for case in found[:150] for full in fullest]


def fullness(case: Case) -> int:
    patients = {row["patient"] for row in case.tables["visits"]}
    return 10 * min(len(patients), 6) + len(case.tables["events"])


def collected(strategy: st.SearchStrategy[Case], count: int) -> list[Case]:
    found: list[Case] = []

    @given(case=strategy)
    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    def collect(case: Case) -> None:
        found.append(case)

    collect()
    return found


@given(case=cases())
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
def test_one_patient_moves_a_vector_no_further_than_declared(case: Case) -> None:
    assert not violated(case)


@pytest.mark.parametrize("kind", VectorKind)
def test_some_patient_moves_a_vector_as_far_as_declared(corpus: list[Case], kind: VectorKind) -> None:
    reached = [
        case
        for case in corpus
        for i, moved in movements(case)
        if case.expression.vectors[i].kind is kind and moved == declared(case, i)
    ]
    assert reached
    assert any(case.expression.max_groups > 1 and case.expression.cells > 1 for case in reached)


def test_the_generator_makes_cases_that_matter(corpus: list[Case]) -> None:
    occupied = [case for case in corpus if any(any(vector) for vector in evaluate(case, case.tables))]
    moving = [case for case in corpus if any(moved for _, moved in movements(case))]
    near = [case for case in corpus for i, m in movements(case) if m >= 0.9**2 * declared(case, i)]
    assert len(occupied) >= 0.3 * len(corpus)
    assert len(moving) >= 0.1 * len(corpus)
    assert near


def test_the_unbroken_engine_is_not_caught(corpus: list[Case]) -> None:
    """The twin of every mutant below."""
    assert not any(violated(case) for case in corpus)


def nodes(node: object) -> Iterator[object]:
    """Every dataclass in a question or an expression, however deep."""
    if isinstance(node, tuple):
        for inner in node:
            yield from nodes(inner)
    elif is_dataclass(node):
        yield node
        for field in fields(node):
            yield from nodes(getattr(node, field.name))


def union(alias: Any) -> set[type]:
    return {kind for kind in alias.__args__ if kind is not str}


def test_every_node_kind_occurs(corpus: list[Case]) -> None:
    """Fails when an operation exists that no generated question uses."""
    asked = [node for case in corpus for node in nodes(case.query)]
    kinds = {type(node) for node in asked}
    for words in (Predicate, Reference, Grouping):
        assert kinds >= union(words)
    assert {node.kind for node in asked if isinstance(node, Measure)} == set(MeasureKind)
    assert {node.kind for node in asked if isinstance(node, Reducer)} == set(ReducerKind)
    assert {node.unit for node in asked if isinstance(node, Truncated)} == set(DateUnit)
    cohorts = [node for node in asked if isinstance(node, InCohort)]
    assert {cohort.window is None for cohort in cohorts} == {True, False}
    assert any(isinstance(inner, InCohort) for cohort in cohorts for inner in nodes(cohort.where))
    assert {case.rule is None for case in corpus} == {True, False}
    compiled = [node for case in corpus for node in nodes(case.expression)]
    kinds = {type(node) for node in compiled}
    for words in (Filter, AnyKey, Derived):
        assert kinds >= union(words)
    assert {node.kind for node in compiled if isinstance(node, Vector)} == set(VectorKind)
    assert {len(case.query.group_by) for case in corpus} == {0, 1, 2}


def test_cohorts_attributes_and_splits_decide_something(corpus: list[Case]) -> None:
    """Without the other tables the answer is another one, often enough."""
    changed = [
        case
        for case in corpus
        if evaluate(case, case.tables) != evaluate(case, {**case.tables, "events": (), "people": ()})
    ]
    assert len(changed) >= 0.1 * len(corpus)


# Mutants: each breaks one thing that the sensitivity rests on, and some case must show it.


def unbounded_groups(case: Case, tables: Tables) -> ExactVectors:
    query = replace(case.query, max_groups=10**6)
    return memory_engine.evaluate_in(case.world(tables), query, case.expression.vectors, KEY)


def unbounded_rows(case: Case, tables: Tables) -> ExactVectors:
    query = replace(case.query, max_rows=10**6)
    return memory_engine.evaluate_in(case.world(tables), query, case.expression.vectors, KEY)


def order_by_others(case: Case, tables: Tables) -> ExactVectors:
    key = f"{KEY}{len(tables['visits'])}"  # which groups a patient keeps depends on how many rows there are
    return memory_engine.evaluate_in(case.world(tables), case.query, case.expression.vectors, key)


def cohorts_of_others(case: Case, tables: Tables) -> ExactVectors:
    """Who is in a cohort now depends on other patients: their rows count as everybody's."""
    patients = sorted({str(row["patient"]) for row in tables["visits"] if row["patient"] is not None})
    shared = tuple({**row, "patient": patient} for row in tables["events"] for patient in patients)
    return evaluate(case, {**tables, "events": shared})


def one_group(case: Case, index: int) -> int:
    return l2_squared(case.expression.vectors[index], groups=1, max_rows=case.expression.max_rows)


@pytest.mark.parametrize("mutant", [unbounded_groups, unbounded_rows, order_by_others])
def test_a_broken_engine_is_caught(corpus: list[Case], mutant: Evaluate) -> None:
    assert any(violated(case, mutant) for case in corpus)


def test_a_cohort_of_others_is_caught(with_cohorts: list[Case]) -> None:
    assert any(violated(case, cohorts_of_others) for case in with_cohorts)


def test_a_sensitivity_without_the_groups_is_caught(corpus: list[Case]) -> None:
    assert any(violated(case, limit=one_group) for case in corpus)


def test_values_that_are_not_clamped_are_caught(corpus: list[Case], monkeypatch: pytest.MonkeyPatch) -> None:
    def unclamped(value: object, grid: GridColumn) -> int | None:
        return int(value) if isinstance(value, int) else None

    monkeypatch.setattr(memory_engine, "_steps", unclamped)
    assert any(violated(case) for case in corpus)
