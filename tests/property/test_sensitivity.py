"""Sensitivity: no patient moves an exact vector further than declared, and some patient moves it that far.

The generator is tested too, and broken variants of the reference engine (mutants) must be caught.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from gateway.adapters import memory_engine
from gateway.adapters.memory_engine import Row
from gateway.domain.catalog import Bounds
from gateway.domain.expression import ExactVectors, VectorKind
from gateway.domain.query import And, Compare, IsMissing, Not, OneOf, Or, Predicate
from gateway.privacy.sensitivity import l2_squared
from tests.property.generators import KEY, Case, cases

Evaluate = Callable[[Case, tuple[Row, ...]], ExactVectors]
Declared = Callable[[Case, int], int]


def evaluate(case: Case, rows: tuple[Row, ...]) -> ExactVectors:
    return memory_engine.evaluate(rows, case.query, case.dataset, case.expression.vectors, KEY)


def declared(case: Case, index: int) -> int:
    """The squared L2 sensitivity that the plan declares for one vector."""
    groups = min(case.expression.max_groups, case.expression.cells)
    return l2_squared(case.expression.vectors[index], groups=groups, max_rows=case.expression.max_rows)


def movements(case: Case, run: Evaluate = evaluate) -> Iterator[tuple[int, int]]:
    """(vector, squared distance) for each patient removed in turn."""
    whole = run(case, case.rows)
    for patient in case.patients:
        for i, (one, other) in enumerate(zip(whole, run(case, case.without(patient)), strict=True)):
            yield i, sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def violated(case: Case, run: Evaluate = evaluate, limit: Declared = declared) -> bool:
    return any(moved > limit(case, i) for i, moved in movements(case, run))


@pytest.fixture(scope="module")
def corpus() -> list[Case]:
    """The same 400 cases in every run."""
    found: list[Case] = []

    @given(case=cases())
    @settings(
        max_examples=400,
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
    occupied = [case for case in corpus if any(any(vector) for vector in evaluate(case, case.rows))]
    moving = [case for case in corpus if any(moved for _, moved in movements(case))]
    near = [case for case in corpus for i, m in movements(case) if m >= 0.9**2 * declared(case, i)]
    assert len(occupied) >= 0.3 * len(corpus)
    assert len(moving) >= 0.1 * len(corpus)
    assert near


def nodes(node: object) -> Iterator[str]:
    if node is None:
        return
    yield type(node).__name__
    for name in ("operand", "operands"):
        below = getattr(node, name, ())
        for inner in below if isinstance(below, tuple) else (below,):
            yield from nodes(inner)


def test_every_node_kind_occurs(corpus: list[Case]) -> None:
    asked = {name for case in corpus for name in nodes(case.query.where)}
    assert asked == {kind.__name__ for kind in Predicate.__args__}
    assert asked == {kind.__name__ for kind in (Compare, OneOf, IsMissing, Not, And, Or)}
    compiled = {name for case in corpus for name in nodes(case.expression.where)}
    expected = {"KeyIn", "ValueCompare", "ValueIn", "ValueMissing", "AllOf", "AnyOf", "NoneOf"}
    assert compiled == expected
    assert {v.kind for case in corpus for v in case.expression.vectors} == set(VectorKind)
    grouped = {name for case in corpus for name in case.query.group_by}
    assert grouped == {"sex", "ward", "site", "flag"}
    assert {len(case.query.group_by) for case in corpus} == {0, 1, 2}


# Mutants: each breaks one thing that the sensitivity rests on, and some case must show it.


def unbounded_groups(case: Case, rows: tuple[Row, ...]) -> ExactVectors:
    query = replace(case.query, max_groups=10**6)
    return memory_engine.evaluate(rows, query, case.dataset, case.expression.vectors, KEY)


def unbounded_rows(case: Case, rows: tuple[Row, ...]) -> ExactVectors:
    query = replace(case.query, max_rows=10**6)
    return memory_engine.evaluate(rows, query, case.dataset, case.expression.vectors, KEY)


def order_by_others(case: Case, rows: tuple[Row, ...]) -> ExactVectors:
    key = f"{KEY}{len(rows)}"  # which groups a patient keeps now depends on how many rows there are
    return memory_engine.evaluate(rows, case.query, case.dataset, case.expression.vectors, key)


def one_group(case: Case, index: int) -> int:
    return l2_squared(case.expression.vectors[index], groups=1, max_rows=case.expression.max_rows)


@pytest.mark.parametrize("mutant", [unbounded_groups, unbounded_rows, order_by_others])
def test_a_broken_engine_is_caught(corpus: list[Case], mutant: Evaluate) -> None:
    assert not any(violated(case) for case in corpus)  # the twin: unbroken
    assert any(violated(case, mutant) for case in corpus)


def test_a_sensitivity_without_the_groups_is_caught(corpus: list[Case]) -> None:
    assert any(violated(case, limit=one_group) for case in corpus)


def test_values_that_are_not_clamped_are_caught(corpus: list[Case], monkeypatch: pytest.MonkeyPatch) -> None:
    def unclamped(value: object, bounds: Bounds | None) -> int | None:
        return int(value) if isinstance(value, int) else None

    monkeypatch.setattr(memory_engine, "_steps", unclamped)
    assert any(violated(case) for case in corpus)
