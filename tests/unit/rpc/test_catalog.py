"""The catalogue on the wire: bounds by code and unit, where the partner may use what tells them."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gateway.compile import compile_policies
from gateway.domain.agreement import AgreementStatus
from gateway.domain.identity import Principal
from gateway.flows.site import Site
from gateway.rpc.catalog import catalog_methods
from gateway.v1 import catalog_pb2
from tests.unit.adapters.fhir_kit import standard_files
from tests.unit.audit.kit import principal
from tests.unit.policy.sets import FILES


async def columns_of(*, without: str = "") -> dict[str, catalog_pb2.DatasetColumn]:
    """The columns of the observations as the recipient of the shipped agreement sees them."""
    files = {**standard_files(), "parties/university.yaml": FILES["parties/university.yaml"].encode()}
    compiled = compile_policies(files, site="your-site", generation=1)
    agreement = compiled.agreements["research"]
    grants = tuple(
        replace(grant, filter_columns=grant.filter_columns - {without}) for grant in agreement.grants
    )
    active = replace(agreement, status=AgreementStatus.ACTIVE, grants=grants)
    site = cast(Site, SimpleNamespace(compiled=replace(compiled, agreements={"research": active})))
    ask: Any = catalog_methods(site)["GetDataset"]
    caller: Principal = replace(principal(), party="university")
    answer = await ask(catalog_pb2.GetDatasetRequest(name="observations"), caller)
    return {column.name: column for column in answer.dataset.columns}


async def test_bounds_by_code_and_unit_are_shown_with_their_sources() -> None:
    columns = await columns_of()
    value = columns["value"]
    assert list(value.bounds_by) == ["code", "unit"]
    found = {tuple(entry.values): entry for entry in value.coded_bounds}
    entry = found["39156-5", "kg/m2"]
    assert (entry.low, entry.high, entry.resolution) == ("10", "80", "0.1")
    assert entry.source.startswith("OHDSI")
    assert len(found) == len(value.coded_bounds) >= 40
    assert (value.low, value.high, value.type) == ("", "", "number")
    assert columns["code"].type == "code" and not columns["code"].labels
    assert not columns["code"].coded_bounds


@pytest.mark.parametrize("without", ["code", "unit"])
async def test_who_cannot_fix_a_column_is_not_shown_what_depends_on_it(without: str) -> None:
    columns = await columns_of(without=without)
    assert without not in columns
    assert not columns["value"].bounds_by and not columns["value"].coded_bounds
