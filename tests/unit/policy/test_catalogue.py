"""A partner sees what its active agreements name, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from gateway.compile import compile_policies
from gateway.domain.agreement import AgreementStatus, Compiled
from gateway.domain.catalog import Bounds, BoundsBy, CodedBounds
from gateway.policy.catalogue import visible_agreements, visible_datasets
from tests.unit.policy.sets import FILES, SITE, as_bytes


@pytest.fixture(scope="module")
def compiled() -> Compiled:
    return compile_policies(as_bytes(FILES), site=SITE, generation=1)


def test_only_named_columns_appear_with_their_uses(compiled: Compiled) -> None:
    (dataset,) = visible_datasets(compiled, "university")
    seen = {c.column.name: (c.filter, c.group, c.measure) for c in dataset.columns}
    assert dataset.dataset.name == "visits"
    assert seen == {
        "sex": (True, True, False),
        "days": (True, False, True),
        "urgent": (True, True, False),
        "start": (True, False, False),
    }


def test_uses_of_several_agreements_add_up(compiled: Compiled) -> None:
    first = compiled.agreements["research"]
    grant = replace(first.grants[0], measure_columns=frozenset({"bmi"}), filter_columns=frozenset())
    second = replace(first, id="again", grants=(grant,))
    both = replace(compiled, agreements={"research": first, "again": second})
    (dataset,) = visible_datasets(both, "university")
    assert [c.column.name for c in dataset.columns] == ["sex", "days", "bmi", "urgent", "start"]
    assert [a.id for a in visible_agreements(both, "university")] == ["again", "research"]


@pytest.mark.parametrize("status", [s for s in AgreementStatus if s is not AgreementStatus.ACTIVE])
def test_only_active_agreements_count(compiled: Compiled, status: AgreementStatus) -> None:
    agreement = replace(compiled.agreements["research"], status=status)
    inactive = replace(compiled, agreements={"research": agreement})
    assert visible_datasets(inactive, "university") == ()
    assert visible_agreements(inactive, "university") == ()
    assert visible_agreements(compiled, "university") == (compiled.agreements["research"],)


def test_others_see_nothing(compiled: Compiled) -> None:
    assert visible_datasets(compiled, "stranger") == ()
    assert visible_agreements(compiled, "stranger") == ()


@pytest.mark.parametrize(("by", "shown"), [("sex", True), ("ward", False)])
def test_bounds_by_code_are_shown_where_their_columns_are(compiled: Compiled, by: str, shown: bool) -> None:
    visits = compiled.datasets["visits"]
    bounds = Bounds(low=Decimal(0), high=Decimal(9), resolution=Decimal(1))
    declared = BoundsBy(
        columns=(by,), entries=(CodedBounds(values=("f",), bounds=bounds, source="a guideline"),)
    )
    days = replace(visits.columns["days"], bounds=None, bounds_by=declared)
    visits = replace(visits, columns={**visits.columns, "days": days})
    (dataset,) = visible_datasets(replace(compiled, datasets={"visits": visits}), "university")
    found = {c.column.name: c.bounds_by for c in dataset.columns}
    assert found == {"sex": None, "days": declared if shown else None, "urgent": None, "start": None}
