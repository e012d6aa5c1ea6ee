"""Refusals at the door's methods: journalled with their reason, and saying nothing of what is hidden."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.adapters.journal_floods import MOST_REFUSALS
from gateway.domain.entry import EntryKind
from gateway.errors import GatewayError
from gateway.rpc.errors_wire import refusal
from gateway.v1 import budget_pb2, catalog_pb2, journal_pb2, query_pb2
from tests.flows.fakes import UntouchableEngine
from tests.flows.kit import BY_SEX, COUNT, FILES, House, changed

PLENTY = query_pb2.Spend(rho="0.01")


def asked(sql: str = COUNT, agreement: str = "shared", **fields: Any) -> query_pb2.RunQueryRequest:
    parts: dict[str, Any] = {"spend": PLENTY, "request_id": "r-1", **fields}
    return query_pb2.RunQueryRequest(agreement=agreement, sql=sql, **parts)


async def refused(house: House, message: Any, method: str = "RunQuery", **who: str) -> GatewayError:
    """The error of a call that must be refused, once it is shown to be the journal's last entry."""
    before = len(house.entries())
    with pytest.raises(GatewayError) as caught:
        await house.call(method, message, **who)
    error, last = caught.value, house.last()
    assert len(house.entries()) == before + 1
    assert (last.kind, last.note.outcome, last.id) == (EntryKind.REFUSED, error.reason, error.entry)
    return error


SUSPENDED = changed("agreements/shared.yaml", "status: active", "status: suspended")
LATER = changed("agreements/shared.yaml", "from: 2026-01-01", "from: 2027-01-01")
ALONE = changed("parties/university.yaml", "persons: []", "persons: [bob]")
FORBIDDEN = changed(
    "agreements/shared.yaml", "obligations:", "prohibitions: [{reason: never, columns: [sex]}]\nobligations:"
)

CASES: dict[str, tuple[str, Any, Any]] = {
    "NO_AGREEMENT": ("NO_AGREEMENT", asked(agreement="nothing"), None),
    "another's agreement": ("NO_AGREEMENT", asked(agreement="filtered"), None),
    "suspended": ("AGREEMENT_NOT_ACTIVE", asked(), SUSPENDED),
    "not yet": ("AGREEMENT_NOT_IN_FORCE", asked(), LATER),
    "person": ("PERSON_NOT_ALLOWED", asked(), ALONE),
    "prohibited": ("PROHIBITED", asked(BY_SEX), FORBIDDEN),
    "column": ("NOT_GRANTED", asked("SELECT SUM(restricted) FROM visits"), None),
    "dataset": ("NOT_GRANTED", asked("SELECT COUNT(*) FROM secrets"), None),
    "filter": ("NOT_GRANTED", asked("SELECT COUNT(*) FROM visits WHERE ward = 'east'"), None),
    "syntax": ("SQL_SYNTAX", asked("SELECT COUNT( FROM visits"), None),
    "subset": ("SQL_UNSUPPORTED", asked("SELECT COUNT(*) FROM visits ORDER BY sex"), None),
    "size": ("SQL_TOO_LARGE", asked("SELECT COUNT(*) FROM visits" + " " * 20_000), None),
    "distinct": ("DISTINCT_UNSUPPORTED", asked("SELECT COUNT(DISTINCT visit_id) FROM visits"), None),
    "value": ("VALUE_UNKNOWN", asked("SELECT COUNT(*) FROM visits WHERE sex = 'femal'"), None),
    "type": ("VALUE_UNSUITABLE", asked("SELECT COUNT(*) FROM visits WHERE days = 'three'"), None),
    "order": ("OPERATOR_UNSUITABLE", asked("SELECT COUNT(*) FROM visits WHERE sex > 'male'"), None),
    "spend": ("SPEND_INVALID", asked(spend=query_pb2.Spend(share="101")), None),
    "request id": ("REQUEST_ID_INVALID", asked(request_id=""), None),
    "long request id": ("REQUEST_ID_INVALID", asked(request_id="a" * 60_000), None),
    "odd request id": ("REQUEST_ID_INVALID", asked(request_id="\x1b]0;x\x07"), None),
    "budget": ("AGREEMENT_BUDGET", asked(spend=query_pb2.Spend(rho="99")), None),
    "shape": ("SPEND_INVALID", query_pb2.RunQueryRequest(agreement="a", request_id="r"), None),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
async def test_a_refusal_is_an_entry_and_touches_no_data(house: House, name: str) -> None:
    reason, message, files = CASES[name]
    engine = house.site.engine
    if reason != "AGREEMENT_BUDGET":  # whose question is a good one, found wanting at the claim
        house.site.engine = UntouchableEngine()
    if files is not None:
        await house.load(files)
    error = await refused(house, message)
    assert error.reason == reason
    note = house.last().note
    assert note.subject.agreement in ("", "shared", "filtered") and note.subject.principal is not None
    assert house.site_spent == 0
    house.site.engine = engine  # the twin: what differs in one thing is answered
    if files is not None:
        await house.load(FILES)
    assert (await house.call("RunQuery", asked(request_id="r-2"))).rows


async def test_a_faulty_query_is_positioned(house: House) -> None:
    sql = "SELECT COUNT(*)\nFROM visits\nWHERE days = 'three'"
    (place,) = (await refused(house, asked(sql))).violations
    assert (place.field, place.line, place.column) == ("days", 3, 7)


async def test_an_estimate_refuses_alike(house: House) -> None:
    message = query_pb2.EstimateQueryRequest(
        agreement="shared", sql="SELECT SUM(x) FROM visits", spend=PLENTY
    )
    assert (await refused(house, message, "EstimateQuery")).reason == "NOT_GRANTED"
    run = await refused(house, asked("SELECT SUM(x) FROM visits"))
    assert run.reason == "NOT_GRANTED"
    good = query_pb2.EstimateQueryRequest(agreement="shared", sql=COUNT, spend=PLENTY)
    before = len(house.entries())
    await house.call("EstimateQuery", good)
    assert len(house.entries()) == before  # and an estimate that is given leaves no entry


FORMS = (
    "SELECT SUM({}) FROM visits",
    "SELECT AVG({}) FROM visits",
    "SELECT {}, COUNT(*) FROM visits GROUP BY {}",
    "SELECT COUNT(*) FROM visits WHERE {} = 1",
    "SELECT COUNT(*) FROM visits WHERE {} IS NULL",
    "SELECT COUNT(*) FROM visits WHERE {} = 'east'",
    "SELECT COUNT(*) FROM visits WHERE {} IN (1, 2) AND sex = 'male'",
    "SELECT COUNT(DISTINCT {}) FROM visits",
)


async def answers_of(house: House, form: str, name: str) -> tuple[bytes, ...]:
    """Everything that a caller sees of a refusal, but for the name and the entry's id."""
    error = await refused(house, asked(form.replace("{}", name)))
    code, text, trailers = refusal(error)
    seen = [str(code).encode(), text.encode(), *(value for _key, value in trailers)]
    return tuple(
        part.replace(error.entry.encode(), b"ENTRY").replace(name.encode(), b"NAME") for part in seen
    )


@pytest.mark.parametrize("form", FORMS)
async def test_forbidden_and_unknown_columns_answer_alike(house: House, form: str) -> None:
    """`restricted` exists and is granted to nobody; the other name, as long, does not exist."""
    assert await answers_of(house, form, "restricted") == await answers_of(house, form, "zzstrictzz")
    if "DISTINCT" not in form:
        assert await answers_of(house, form, "visit_id") == await answers_of(house, form, "zzzzzz_z")


async def test_forbidden_and_unknown_datasets_agreements_and_budgets_answer_alike(house: House) -> None:
    hidden = await refused(house, asked(agreement="filtered"))
    unknown = await refused(house, asked(agreement="fictions"))
    assert (hidden.message, hidden.reason, hidden.status) == (unknown.message, unknown.reason, unknown.status)
    errors = [
        await refused(house, budget_pb2.GetBudgetRequest(agreement=name), "GetBudget")
        for name in ("filtered", "fictions")
    ]
    assert errors[0].message == errors[1].message and errors[0].reason == "NO_AGREEMENT"
    twin = await house.call("GetBudget", budget_pb2.GetBudgetRequest(agreement="filtered"), party="college")
    assert len(twin.balances) == 2


async def test_what_a_caller_writes_does_not_enter_the_journal(house: House) -> None:
    canary = "Canary Mary"
    await refused(house, asked(f"SELECT COUNT(*) FROM visits WHERE sex = '{canary}'"))
    await refused(house, asked(agreement=canary))
    await refused(house, asked(f'SELECT COUNT(*) FROM "{canary}"'))
    written = b"".join(data for _seq, data in house.journal.entries(0, 1000))
    assert canary.encode() not in written


async def test_of_a_callers_text_only_a_request_id_is_kept(house: House) -> None:
    await refused(house, asked("SELECT COUNT( FROM visits", request_id="r-7"))
    assert house.last().note.subject.request_id == "r-7"
    await refused(house, asked("SELECT COUNT( FROM visits", request_id="\x1b]0;x\x07", agreement="\x1b]0;x"))
    assert (house.last().note.subject.request_id, house.last().note.subject.agreement) == ("", "")


async def test_refusals_of_the_catalogue_are_entries_too(house: House) -> None:
    unknown = await refused(house, catalog_pb2.GetDatasetRequest(name="nothing"), method="GetDataset")
    assert unknown.reason == "DATASET_UNAVAILABLE"
    page = await refused(house, catalog_pb2.ListDatasetsRequest(page_token="zz"), method="ListDatasets")
    assert page.reason == "PAGE_INVALID"
    assert (await house.call("GetDataset", catalog_pb2.GetDatasetRequest(name="visits"))).dataset.name


async def test_many_refusals_are_one_entry_with_a_count(house: House) -> None:
    """The caller is refused alike, but for the entry's id."""
    one = await refused(house, asked(agreement="nothing"))
    for _ in range(MOST_REFUSALS - 1):
        await refused(house, asked(agreement="nothing"))
    before = len(house.entries())
    for _ in range(5):
        with pytest.raises(GatewayError) as caught:
            await house.call("RunQuery", asked(agreement="nothing"))
        assert (caught.value.reason, caught.value.message) == (one.reason, one.message)
        assert caught.value.entry == ""
    assert len(house.entries()) == before
    house.clock.move(minutes=2)
    with pytest.raises(GatewayError) as caught:
        await house.call("RunQuery", asked(agreement="nothing"))
    assert caught.value.entry == house.last().id  # the twin: a new minute
    (told,) = [entry for entry in house.entries() if "count" in entry.body]
    assert (told.party, told.note.outcome, told.body) == ("university", "NO_AGREEMENT", {"count": 5})


async def test_an_over_budget_flood_is_counted_once(house: House) -> None:
    dear = asked(spend=query_pb2.Spend(rho="99"))
    for _ in range(MOST_REFUSALS + 3):
        with pytest.raises(GatewayError):
            await house.call("RunQuery", dear)
    house.clock.move(minutes=2)
    with pytest.raises(GatewayError):
        await house.call("RunQuery", dear)
    (told,) = [entry for entry in house.entries() if "count" in entry.body]
    assert (told.note.outcome, told.body) == ("AGREEMENT_BUDGET", {"count": 3})


async def test_an_untrusted_clock_is_a_refusal_with_an_entry(house: House) -> None:
    house.clock.jump(days=400)
    before = house.site_spent
    with pytest.raises(GatewayError) as caught:
        await house.call("RunQuery", asked())
    error = caught.value
    assert (error.status, error.reason, error.entry) == ("UNAVAILABLE", "CLOCK_UNTRUSTED", house.last().id)
    assert house.last().kind is EntryKind.REFUSED and house.site_spent == before
    await house.call("ConfirmClock", journal_pb2.ConfirmClockRequest(), party="site")
    assert (await house.call("RunQuery", asked())).rows  # the twin
