"""Replay: one question is drawn once, whoever asks it however; each account pays for its own first sight."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest

from gateway.domain.entry import EntryKind
from gateway.domain.expression import ExactVectors
from gateway.domain.privacy import AccountKind
from gateway.domain.query import And, Compare, Measure, MeasureKind, Operator, Query
from gateway.domain.release import Row
from gateway.errors import BudgetExceeded, RequestIdReused
from gateway.flows.release import Answer
from gateway.privacy.mechanisms import Measurement
from tests.flows.fakes import watch
from tests.flows.kit import (
    BY_SEX,
    COUNT,
    FILES,
    ROWS,
    House,
    all_of,
    changed,
    duck,
    memory,
    row,
    with_min_cell,
)

RHO = 10**10  # what `rho 0.01` costs
DATASET = "datasets/visits.yaml"
TWO = "SELECT COUNT(DISTINCT patient) AS n, AVG(days) AS stay FROM visits WHERE sex = 'male' AND days > 1"


def shown(rows: tuple[Row, ...]) -> list[tuple[object, ...]]:
    """Values and intervals, whatever the columns are called."""
    return [(r.keys, c.value, c.low, c.high, c.sigma, c.suppressed) for r in rows for c in r.cells]


async def test_the_same_question_is_free_and_equal(either: House) -> None:
    first, again = await either.ask(BY_SEX), await either.ask(BY_SEX)
    assert (first.replayed, again.replayed) == (False, True)
    assert (first.loss.rho, again.loss.rho) == (RHO, 0)
    assert (
        again.shown.rows == first.shown.rows
        and again.shown.draw == first.shown.draw
        and again.shown.release == first.shown.release
    )
    assert either.kinds() == [EntryKind.CHARGED, EntryKind.RELEASED, EntryKind.REPLAYED]
    assert again.balance.spent.rho == either.site_spent == RHO
    other = await either.ask(BY_SEX, "rho 0.011")  # the twin: another price is another draw
    assert not other.replayed and either.site_spent == 2 * RHO + 10**9


async def test_a_message_and_other_names_and_order_are_the_same_question(either: House) -> None:
    first = await either.ask(TWO)
    conditions = (
        Compare(column="days", operator=Operator.GT, value=1),
        Compare(column="sex", operator=Operator.EQ, value="male"),
    )
    message = Query(
        dataset="visits",
        measures=(
            Measure(kind=MeasureKind.MEAN, name="average", column="days"),
            Measure(kind=MeasureKind.COUNT_PATIENTS, name="people"),
        ),
        where=And(operands=conditions),
    )
    again = await either.ask(message)
    assert again.replayed and again.shown.draw == first.shown.draw
    assert [f.name for f in again.shown.release.figures] == ["average", "people"]
    assert sorted(shown(first.shown.rows), key=str) == sorted(shown(again.shown.rows), key=str)
    narrower = replace(message, where=conditions[0])  # the twin
    assert not (await either.ask(narrower)).replayed


async def test_another_party_pays_its_own_accounts_and_is_not_told(either: House) -> None:
    first = await either.ask(BY_SEX)
    own = await either.ask(BY_SEX, agreement="filtered", party="college")
    assert not own.replayed  # the twin: a row filter makes it another plan
    before = either.site_spent
    sight = await either.ask(BY_SEX, party="college")
    assert not sight.replayed and sight.shown.rows == first.shown.rows
    assert sight.loss.rho == RHO
    assert either.site_spent == before
    assert either.spent(AccountKind.PARTY, "college") == 2 * RHO
    assert either.spent(AccountKind.AGREEMENT, "shared") == 2 * RHO == sight.balance.spent.rho
    again = await either.ask(BY_SEX, party="college")
    assert again.replayed and again.loss.rho == 0
    assert either.spent(AccountKind.PARTY, "college") == 2 * RHO


async def test_another_agreement_pays_for_its_first_sight(house: House) -> None:
    """The first grant filters nothing, and neither does the second: their plans are one."""
    await house.ask(agreement="shared")
    sight = await house.ask(agreement="cautious", party="college")
    assert (sight.replayed, sight.loss.rho) == (False, RHO)
    assert house.spent(AccountKind.AGREEMENT, "cautious") == RHO
    assert house.spent(AccountKind.PARTY, "college") == RHO
    assert house.site_spent == RHO


async def test_a_spent_site_answers_no_first_sight(house: House) -> None:
    """Whether somebody has asked a question is not to be told from the refusal of all others."""
    await house.load(changed("populations/adults.yaml", "epsilon: 25,", "epsilon: 2,"))
    cap = house.site.compiled.populations["adults"].budget.cap.rho
    cost = f"rho {(cap // 2 + 1) / 10**12:.12f}"
    await house.ask(COUNT, cost)
    for query in (COUNT, BY_SEX):
        with pytest.raises(BudgetExceeded) as refused:
            await house.ask(query, cost, party="college")
        assert refused.value.reason == "SITE_BUDGET"
    assert (await house.ask(COUNT, cost)).replayed  # the twins: its own, and one that still fits
    assert not (await house.ask(COUNT, "rho 0.000000001", party="college")).replayed


@pytest.mark.parametrize("order", [("shared", "cautious"), ("cautious", "shared")])
async def test_suppression_is_the_callers_own_whoever_drew(house: House, order: tuple[str, str]) -> None:
    """Under `cautious` a cell below 11 and its noise is hidden; under `shared` no cell is."""
    answers: dict[str, Answer] = {}
    for agreement in order:
        answers[agreement] = await house.ask(BY_SEX, "rho 0.3", agreement=agreement)
    assert answers["shared"].shown.draw == answers["cautious"].shown.draw
    hidden = [[row.cells[0].suppressed for row in answers[a].shown.rows] for a in ("shared", "cautious")]
    assert hidden[0] == [False] * 4
    assert hidden[1][2:] == [True, True]  # nobody is there: 11 + 1.64 sigma is 6.5 sigma away


async def test_a_request_id_is_bound_to_its_question(house: House) -> None:
    first = await house.ask(request_id="r-1")
    again = await house.ask(request_id="r-1")
    assert again.replayed and again.shown.draw == first.shown.draw and again.loss.rho == 0
    for query, cost in ((BY_SEX, "rho 0.01"), (COUNT, "rho 0.02")):
        with pytest.raises(RequestIdReused) as refused:
            await house.ask(query, cost, request_id="r-1")
        assert (refused.value.reason, refused.value.status) == ("REQUEST_ID_REUSED", "ALREADY_EXISTS")
        assert refused.value.entry == house.last().id
        assert house.last().note.outcome == "REQUEST_ID_REUSED"
    assert house.site_spent == RHO
    await house.ask(BY_SEX, request_id="r-2")  # the twins: another id, another person, another party
    await house.ask(BY_SEX, request_id="r-1", person="bob")
    await house.ask(BY_SEX, request_id="r-1", party="college")
    assert house.site_spent == 2 * RHO


async def test_a_request_id_holds_its_release_over_a_new_snapshot(house: House) -> None:
    first = await house.ask(BY_SEX, request_id="r-1")
    await house.swap(memory(ROWS[:10], "20261006T070000Z-00000002"))
    retry = await house.ask(BY_SEX, request_id="r-1")
    assert retry.replayed and retry.shown.rows == first.shown.rows and retry.loss.rho == 0
    assert retry.shown.release.snapshot != house.site.engine.snapshot
    fresh = await house.ask(BY_SEX, request_id="r-2")  # the twin
    assert not fresh.replayed and fresh.loss.rho == RHO
    assert house.site_spent == 2 * RHO


async def test_a_new_snapshot_is_charged_again_even_with_the_same_rows(house: House) -> None:
    await house.ask()
    await house.swap(memory(ROWS, "20261006T070000Z-00000002"))
    assert not (await house.ask()).replayed and house.site_spent == 2 * RHO
    await house.swap(memory(ROWS))  # the twin: back to the first
    assert (await house.ask()).replayed and house.site_spent == 2 * RHO


CHANGES = {
    "bounds": ("high: 30", "high: 31", False),
    "resolution": ("high: 60, resolution: 0.1}", "high: 60, resolution: 0.5}", False),
    "rows kept": ("max_rows: 5", "max_rows: 4", False),
    "categories": ("values: [female, male]", "values: [male, female]", False),
    "comment": ("title: Visits\n", "title: Visits # of any kind\n", True),
}


@pytest.mark.parametrize("name", CHANGES)
async def test_a_changed_definition_is_charged_again(house: House, name: str) -> None:
    old, new, same = CHANGES[name]
    sql = "SELECT SUM(days), AVG(bmi) FROM visits"
    await house.ask(sql)
    await house.load(changed(DATASET, old, new))
    assert (await house.ask(sql)).replayed is same
    assert house.site_spent == (RHO if same else 2 * RHO)


async def test_a_retry_after_changed_bounds_shows_the_old_values(house: House) -> None:
    """The steps that were stored mean what they meant when they were drawn."""
    sql = "SELECT SUM(bmi) AS total, AVG(days) AS days FROM visits"
    first = await house.ask(sql, "rho 1", request_id="r-1")
    coarser = changed(DATASET, "high: 60, resolution: 0.1}", "high: 60, resolution: 0.5}")
    await house.load(changed(DATASET, "{low: 0, high: 30,", "{low: 5, high: 35,", coarser))
    retry = await house.ask(sql, "rho 1", request_id="r-1")
    assert retry.replayed and retry.shown.rows == first.shown.rows
    fresh = await house.ask(sql, "rho 1", request_id="r-2")  # the twin
    assert not fresh.replayed and fresh.shown.rows != first.shown.rows


async def test_a_changed_suppression_is_shown_and_costs_nothing(house: House) -> None:
    first = await house.ask(BY_SEX, "rho 0.1")
    await house.load(with_min_cell(FILES, "shared", 30))
    again = await house.ask(BY_SEX, "rho 0.1")
    assert again.replayed and again.loss.rho == 0
    assert [row.cells[0].suppressed for row in first.shown.rows] == [False] * 4
    assert again.shown.rows[2].cells[0].suppressed


async def test_64_equal_calls_are_one_draw(either: House, monkeypatch: pytest.MonkeyPatch) -> None:
    _, engine = watch(either, lambda: time.sleep(0.05))
    drawn: list[int] = []
    draw = Measurement.__call__

    def counted(self: Measurement, exact: ExactVectors) -> ExactVectors:
        drawn.append(1)
        return draw(self, exact)

    monkeypatch.setattr(Measurement, "__call__", counted)
    answers = await asyncio.gather(*(either.ask(BY_SEX, request_id=f"r-{i}") for i in range(64)))
    assert len(drawn) == len(engine.plans) == 1
    assert {answer.shown.rows for answer in answers} == {answers[0].shown.rows}
    assert sorted(answer.replayed for answer in answers) == [False] + [True] * 63
    assert either.site_spent == RHO and sum(answer.loss.rho for answer in answers) == RHO
    assert either.kinds().count(EntryKind.CHARGED) == 1
    await either.ask(COUNT)  # the twin: another question is drawn
    assert len(drawn) == 2


async def test_64_equal_calls_of_two_parties_charge_the_site_once(house: House) -> None:
    watch(house, lambda: time.sleep(0.05))
    parties = ("university", "college")
    answers = await asyncio.gather(*(house.ask(BY_SEX, party=parties[i % 2]) for i in range(64)))
    assert len({answer.shown.draw for answer in answers}) == 1
    assert house.site_spent == RHO and house.spent(AccountKind.AGREEMENT, "shared") == 2 * RHO
    assert [house.spent(AccountKind.PARTY, party) for party in parties] == [RHO, RHO]
    assert sum(not answer.replayed for answer in answers) == 2


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (FILES, "AGREEMENT_BUDGET"),
        (changed("parties/university.yaml", "epsilon: 30,", "epsilon: 2,"), "PARTY_BUDGET"),
        (changed("populations/adults.yaml", "epsilon: 25,", "epsilon: 2,"), "SITE_BUDGET"),
    ],
    ids=["agreement", "party", "site"],
)
async def test_of_many_questions_at_once_those_that_fit_are_answered(
    house: House, files: dict[str, str], reason: str
) -> None:
    """20 different questions, each a little under a fifth of the tightest cap: exactly 5 succeed."""
    await house.load(files)
    compiled = house.site.compiled
    caps = [
        compiled.agreements["shared"].privacy.budget.cap.rho,
        compiled.party_budgets["university"].cap.rho,
        compiled.populations["adults"].budget.cap.rho,
    ]
    cost = f"rho {min(caps) // 5 / 10**12:.12f}"
    questions = [f"SELECT COUNT(*) FROM visits WHERE days <> {i}" for i in range(20)]
    outcomes = await all_of(*(house.ask(sql, cost) for sql in questions))
    answers = [outcome for outcome in outcomes if isinstance(outcome, Answer)]
    refused = [outcome for outcome in outcomes if isinstance(outcome, BudgetExceeded)]
    assert (len(answers), len(refused)) == (5, 15)
    assert {error.reason for error in refused} == {reason}
    noted = {entry.id: entry.note.outcome for entry in house.entries()}
    assert all(noted[error.entry] == reason for error in refused)
    assert house.site_spent == 5 * (min(caps) // 5) <= min(caps)


async def test_a_real_engine_shows_the_new_rows_of_a_new_snapshot(house: House) -> None:
    folder = house.path.parent / "data"
    first = duck(folder, ROWS, "20261006T070000Z-00000002")
    await house.swap(first)
    few = (await house.ask(COUNT, "rho 0.2")).shown.rows[0].cells[0].value
    many = duck(folder, tuple(row(f"p{i}", i) for i in range(1000)), "20261007T070000Z-00000003")
    await house.swap(many)
    more = (await house.ask(COUNT, "rho 0.2")).shown.rows[0].cells[0].value
    first.close()
    assert few is not None and abs(few - 40) < 20 and more is not None and abs(more - 1000) < 20
