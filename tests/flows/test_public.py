"""Public inputs: what is answered without a charge is the same, byte for byte, whatever the data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.errors import GatewayError, SourceUnavailable
from gateway.rpc.errors_wire import refusal
from gateway.v1 import budget_pb2, catalog_pb2, query_pb2
from tests.flows.conftest import Opener
from tests.flows.fakes import UntouchableEngine
from tests.flows.kit import BY_SEX, COUNT, FILES, ODD_ROWS, ROWS, House, changed, duck, memory

MANY = "SELECT sex, ward, COUNT(*), SUM(days), AVG(bmi) FROM visits WHERE days < 4 GROUP BY sex, ward"


def estimate(sql: str, agreement: str = "shared", **spend: str) -> query_pb2.EstimateQueryRequest:
    paid = query_pb2.Spend(**(spend or {"share": "5"}))
    return query_pb2.EstimateQueryRequest(agreement=agreement, sql=sql, spend=paid)


CALLS: list[tuple[str, Any]] = [
    *(("EstimateQuery", estimate(sql, agreement)) for sql in (COUNT, BY_SEX, MANY) for agreement in
      ("shared", "cautious")),
    ("EstimateQuery", estimate(COUNT, within="20")),
    ("EstimateQuery", estimate(COUNT, epsilon="0.3")),
    ("EstimateQuery", estimate("SELECT SUM(restricted) FROM visits")),
    ("EstimateQuery", estimate("SELECT COUNT(*) FROM visits WHERE sex = 'femal'")),
    ("EstimateQuery", estimate("SELECT")),
    ("ListDatasets", catalog_pb2.ListDatasetsRequest()),
    ("GetDataset", catalog_pb2.GetDatasetRequest(name="visits")),
    ("GetDataset", catalog_pb2.GetDatasetRequest(name="nothing")),
    ("ListAgreements", catalog_pb2.ListAgreementsRequest()),
    ("GetBudget", budget_pb2.GetBudgetRequest(agreement="shared")),
    ("GetBudget", budget_pb2.GetBudgetRequest(agreement="nothing")),
]  # fmt: skip


async def public_answers(house: House) -> list[bytes]:
    """Every public answer, and every refusal but for the random id of its entry."""
    answers = []
    for method, message in CALLS:
        for party in ("university", "college"):
            try:
                answer = await house.call(method, message, party=party)
                answers.append(answer.SerializeToString(deterministic=True))
            except GatewayError as error:
                error.entry = ""
                answers.append(repr(refusal(error)).encode())
    return answers


async def test_public_answers_are_the_same_on_any_data(opened: Opener, tmp_path: Path) -> None:
    tables = (ROWS, (), ODD_ROWS, ROWS[:7])
    houses = [
        *[await opened(memory(rows, f"2026100{i}T070000Z-0000000{i}")) for i, rows in enumerate(tables)],
        await opened(duck(tmp_path / "full", (*ROWS, *ODD_ROWS))),
        await opened(duck(tmp_path / "empty", ())),
        await opened(UntouchableEngine()),
    ]
    answers = [await public_answers(house) for house in houses]
    assert all(found == answers[0] for found in answers)
    assert len(set(answers[0])) > len(CALLS) // 2  # they do say something
    other = await opened(memory(), files=changed("datasets/visits.yaml", "high: 30", "high: 29"))
    assert await public_answers(other) != answers[0]  # the twin: other files, other answers


async def test_an_estimate_does_not_touch_the_engine_even_where_it_is_broken(house: House) -> None:
    house.site.engine = UntouchableEngine()
    found = await house.call("EstimateQuery", estimate(MANY))
    assert found.cells == 8 and len(found.measures) == 3
    run = query_pb2.RunQueryRequest(
        agreement="shared", sql=MANY, spend=query_pb2.Spend(share="5"), request_id="r"
    )
    with pytest.raises(AssertionError, match="touched"):  # the twin: a run does
        await house.call("RunQuery", run)


async def test_an_estimate_says_what_the_release_then_has(either: House) -> None:
    promised = await either.call("EstimateQuery", estimate(MANY))
    run = query_pb2.RunQueryRequest(
        agreement="shared", sql=MANY, spend=query_pb2.Spend(share="5"), request_id="r-1"
    )
    given = await either.call("RunQuery", run)
    assert given.loss == promised.loss and len(given.rows) == promised.cells
    assert given.contribution == promised.contribution
    for place, measure in enumerate(promised.measures[:2]):  # the third is a mean
        figures = [line.figures[place] for line in given.rows]
        assert {figure.sigma for figure in figures} == {measure.sigma}
        assert all(abs(f.high - f.value - measure.half_width) < 1e-6 for f in figures)
    after = await either.call("EstimateQuery", estimate(MANY))
    assert after.balance.spent_percent == pytest.approx(5, abs=1e-6)


async def test_what_is_spent_shows_in_the_own_accounts_and_never_in_the_sites(house: House) -> None:
    message = budget_pb2.GetBudgetRequest(agreement="shared")
    before = await house.call("GetBudget", message, party="college")
    await house.ask()
    after = await house.call("GetBudget", message, party="college")
    assert [line.account for line in after.balances] == ["agreement", "party"]
    assert after.balances[0].spent.rho == "0.010000000000" != before.balances[0].spent.rho
    assert after.balances[1] == before.balances[1]
    await house.ask(agreement="cautious")
    again = await house.call("GetBudget", message, party="college")
    assert again == after  # of others' agreements and of the site nothing is seen


async def test_a_site_without_data_answers_what_is_public(opened: Opener) -> None:
    class Nothing(UntouchableEngine):
        snapshot = "none"

        def ready(self, plan: Any) -> None:
            raise SourceUnavailable("nothing was ingested at this site yet", reason="NO_SNAPSHOT")

    bare, full = await opened(Nothing()), await opened()
    assert await public_answers(bare) == await public_answers(full)
    with pytest.raises(SourceUnavailable):
        await bare.ask()
    assert bare.site_spent == 0 and (await full.ask()).loss.rho > 0
    assert set(FILES) == set(changed("datasets/visits.yaml", "high: 30", "high: 29"))
