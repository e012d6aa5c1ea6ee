"""Exact money: what a question costs is what was agreed, to the last unit of 1e-12, and proven beforehand."""

from __future__ import annotations

import itertools
from decimal import Decimal
from fractions import Fraction

import pytest

from gateway.domain.entry import EntryKind
from gateway.domain.privacy import RHO_UNIT, AccountKind, Budget, Period, PrivacyLoss
from gateway.errors import BudgetExceeded, GatewayError, InvalidQuery, PermissionDenied
from gateway.flows.prepare import Prepared, Question, prepare
from gateway.privacy.accounting import epsilon_of
from gateway.privacy.mechanisms import price
from tests.flows.kit import BY_SEX, COUNT, FILES, House, changed, memory, row, spend, who

MANY = "SELECT sex, ward, COUNT(*), SUM(days), AVG(bmi), AVG(days) FROM visits GROUP BY sex, ward"
SHORT = "privacy budget for this period does not cover this question"
SITE_TEXT = "the site cannot answer this now"
POPULATION, PARTY = "populations/adults.yaml", "parties/university.yaml"


def cap_of(house: House, agreement: str = "shared") -> Budget:
    return house.site.compiled.agreements[agreement].privacy.budget


async def prepared(house: House, query: str, cost: str, agreement: str = "shared") -> Prepared:
    question = Question(agreement=agreement, query=query, spend=spend(cost))
    return await prepare(house.site, who(), question)


@pytest.mark.parametrize("cost", ["epsilon 20", "share 100"])
async def test_one_question_may_spend_the_whole_cap_and_the_next_is_refused(house: House, cost: str) -> None:
    answer = await house.ask(COUNT, cost)
    cap = cap_of(house).cap
    assert answer.loss.rho == cap.rho == house.spent(AccountKind.AGREEMENT, "shared")
    assert answer.balance.spent.left_of(cap).rho == 0
    with pytest.raises(BudgetExceeded) as refused:
        await house.ask(BY_SEX, "rho 0.000000000001")
    assert refused.value.reason == "AGREEMENT_BUDGET"
    assert (await house.ask(COUNT, cost)).loss.rho == 0  # what was paid for stays free


async def test_the_cap_is_whole_again_in_the_next_period_but_not_the_lifetimes(house: House) -> None:
    await house.ask(COUNT, "share 100")
    house.clock.move(days=365)
    await house.ask(BY_SEX, "share 100")
    cap = cap_of(house).cap.rho
    assert house.spent(AccountKind.SITE, "north", Period.LIFETIME) == 2 * cap
    assert house.spent(AccountKind.AGREEMENT, "shared") == cap


async def test_half_the_epsilon_costs_about_a_quarter(house: House) -> None:
    """Exactly a quarter only where epsilon is small against ln(1 / delta); within a fifth of it at 1."""
    whole = (await prepared(house, COUNT, "epsilon 1")).plan.loss.rho
    half = (await prepared(house, COUNT, "epsilon 0.5")).plan.loss.rho
    assert 0.25 <= half / whole < 0.3
    assert whole < 0.5 * RHO_UNIT / 5  # epsilon^2 / 2 would be 0.5


async def test_shares_add_up_to_the_cap_and_never_beyond(house: House) -> None:
    cap = cap_of(house).cap.rho
    for i in range(3):
        assert (await house.ask(f"SELECT COUNT(*) FROM visits WHERE days <> {i}", "share 33.3")).loss.rho == (
            cap * 333 // 1000
        )
    left = cap - house.spent(AccountKind.AGREEMENT, "shared")
    over, fits = (f"rho {Decimal(amount) / RHO_UNIT:f}" for amount in (left + 1, left))
    with pytest.raises(BudgetExceeded):
        await house.ask(COUNT, over)
    assert (await house.ask(COUNT, fits)).balance.spent.rho == cap  # the twin: one unit less


async def test_most_per_query(house: House) -> None:
    terms = house.site.compiled.agreements["cautious"].privacy
    assert terms.most_per_query is not None
    most = terms.most_per_query.rho
    with pytest.raises(PermissionDenied) as refused:
        await house.ask(COUNT, f"rho {Decimal(most + 1) / RHO_UNIT:f}", agreement="cautious")
    assert refused.value.reason == "MOST_PER_QUERY" and house.site_spent == 0
    assert (await house.ask(COUNT, "epsilon 5", agreement="cautious")).loss.rho == most  # the twin


@pytest.mark.parametrize("width", [1, 7, 60, 2_500])
@pytest.mark.parametrize("sql", [COUNT, BY_SEX, "SELECT SUM(days), COUNT(*) FROM visits"])
async def test_within_gives_the_promised_half_width(house: House, sql: str, width: int) -> None:
    most = cap_of(house).cap.rho
    if (await prepared(house, sql, f"within {width}")).plan.loss.rho > most:
        with pytest.raises(BudgetExceeded):
            await house.ask(sql, f"within {width}")
        return
    answer = await house.ask(sql, f"within {width}")
    cells = [cell for line in answer.shown.rows for cell in line.cells]
    for cell in cells:
        assert cell.value is not None and cell.low is not None and cell.high is not None
        assert cell.high - cell.value == cell.value - cell.low == width
    parts = (await prepared(house, sql, f"within {width}")).plan.priced
    assert answer.loss.rho == sum(part.rho for part in parts)


async def test_within_is_in_the_unit_of_the_measure_and_no_finer_than_its_grid(house: House) -> None:
    answer = await house.ask("SELECT SUM(bmi) FROM visits", "within 999.97")
    cell = answer.shown.rows[0].cells[0]
    assert cell.value is not None and cell.high is not None
    assert cell.high - cell.value == pytest.approx(999.9, abs=1e-6)
    with pytest.raises(InvalidQuery) as refused:
        await house.ask("SELECT SUM(bmi) FROM visits", "within 0.09")
    assert refused.value.reason == "WITHIN_TOO_FINE"
    with pytest.raises(InvalidQuery) as refused:
        await house.ask("SELECT AVG(bmi) AS b FROM visits", "within 999.97")
    assert refused.value.reason == "WITHIN_NEEDS_COUNTS"
    assert [violation.field for violation in refused.value.violations] == ["b"]


@pytest.mark.parametrize("cost", ["rho 0.000000000003", "share 0.0000000001"])
async def test_too_small_a_spend_is_refused(house: House, cost: str) -> None:
    with pytest.raises(InvalidQuery) as refused:
        await house.ask(MANY, cost)
    assert refused.value.reason == "SPEND_TOO_SMALL" and house.site_spent == 0
    assert not (await house.ask(MANY, "rho 0.0001")).replayed  # the twin


async def test_the_smallest_spend_buys_one_vector_and_not_two(house: House) -> None:
    plan = (await prepared(house, COUNT, "rho 0.000000000001")).plan
    assert (plan.loss.rho, [part.rho for part in plan.priced]) == (1, [1])
    with pytest.raises(InvalidQuery):
        await prepared(house, "SELECT COUNT(*), SUM(days) FROM visits", "rho 0.000000000001")


COSTS = ("rho 0.1", "rho 0.000000070001", "share 7.77", "epsilon 0.3", "epsilon 19")
QUESTIONS = (COUNT, BY_SEX, MANY, "SELECT urgent, AVG(days) FROM visits GROUP BY urgent")


@pytest.mark.parametrize(("sql", "cost"), list(itertools.product(QUESTIONS, COSTS)))
async def test_the_parts_and_every_map_are_within_the_charge(house: House, sql: str, cost: str) -> None:
    """Each part is priced anew by OpenDP's map and by our own bound: no part may cost more than its share."""
    for agreement in ("shared", "cautious"):
        try:
            plan = (await prepared(house, sql, cost, agreement)).plan
        except PermissionDenied as refused:
            assert (agreement, refused.reason) == ("cautious", "MOST_PER_QUERY")
            continue
        assert sum(part.rho for part in plan.priced) <= plan.loss.rho
        assert all(price(part.l2_squared, part.sigma) <= part.rho for part in plan.priced)
        assert plan.measurement.loss.fits(plan.loss)  # type: ignore[attr-defined]
        for part in plan.priced:  # and not much is wasted: rho = l2^2 / (2 sigma^2), within 1 %
            ideal = Fraction(part.l2_squared) * RHO_UNIT / (2 * Fraction(part.sigma) ** 2)
            assert part.rho >= ideal * Fraction(99, 100)
        wasted = plan.loss.rho - sum(part.rho for part in plan.priced)
        assert 0 <= wasted < len(plan.priced)


async def test_what_is_charged_is_what_was_planned(either: House) -> None:
    answer = await either.ask(MANY, "rho 0.2")
    charge = next(entry for entry in either.entries() if entry.kind is EntryKind.CHARGED)
    lines = charge.body["charges"]
    assert isinstance(lines, list) and [line["rho"] for line in lines] == ["200000000000"] * 4  # type: ignore[index,call-overload]
    assert answer.loss == PrivacyLoss(rho=2 * 10**11)
    budget = cap_of(either)
    spent = epsilon_of(answer.loss.rho, budget.delta / 2)
    assert 0 < spent < float(budget.epsilon)


@pytest.mark.parametrize(
    ("files", "reason", "text"),
    [
        (FILES, "AGREEMENT_BUDGET", f"the agreement's {SHORT}"),
        (
            changed(PARTY, "epsilon: 30,", "epsilon: 2,"),
            "PARTY_BUDGET",
            f"your institution's {SHORT}",
        ),
        (changed(POPULATION, "epsilon: 25,", "epsilon: 2,"), "SITE_BUDGET", SITE_TEXT),
        (
            changed(
                POPULATION,
                "lifetime: {epsilon: 80,",
                "lifetime: {epsilon: 2,",
                changed(POPULATION, "epsilon: 25,", "epsilon: 2,"),
            ),
            "SITE_BUDGET",
            SITE_TEXT,
        ),
    ],
    ids=["agreement", "party", "site", "lifetime"],
)
async def test_each_account_refuses_with_its_own_reason(
    house: House, files: dict[str, str], reason: str, text: str
) -> None:
    await house.load(files)
    texts = set()
    for cost in ("epsilon 21", "rho 90") if files is FILES else ("epsilon 3", "epsilon 4"):
        with pytest.raises(BudgetExceeded) as refused:
            await house.ask(COUNT, cost)
        error: GatewayError = refused.value
        assert (error.reason, error.entry) == (reason, house.last().id)
        assert house.last().note.outcome == reason
        texts.add(error.message)
    assert texts == {text}
    assert house.site_spent == 0
    await house.ask(COUNT, "epsilon 1")  # the twin


async def test_a_lifetime_cap_outlives_the_periods(house: House) -> None:
    narrow = changed(POPULATION, "epsilon: 25,", "epsilon: 2,")
    await house.load(changed(POPULATION, "lifetime: {epsilon: 80,", "lifetime: {epsilon: 2,", narrow))
    await house.ask(COUNT, "epsilon 1.9")
    house.clock.move(days=400)
    with pytest.raises(BudgetExceeded) as refused:
        await house.ask(BY_SEX, "epsilon 1.9")
    assert (refused.value.reason, refused.value.message) == ("SITE_BUDGET", SITE_TEXT)
    unlimited = changed(POPULATION, "lifetime: {epsilon: 80, delta: 1e-7}", "lifetime: unlimited", narrow)
    await house.load(unlimited)  # the twin
    await house.ask(BY_SEX, "epsilon 1.9")


async def test_a_person_in_many_rows_costs_no_more(house: House) -> None:
    """The price is public: it is fixed before data is read and is the same for every table."""
    await house.swap(memory(tuple(row("p", i) for i in range(500)), "20261006T070000Z-00000002"))
    assert (await house.ask(MANY, "share 1")).loss.rho == cap_of(house).cap.rho // 100
