"""The grid: outcome, shape and time of an answer are equal on neighbouring data, however slow the read.

Time here is a fake ticker's: an engine lets it pass, and what a call takes is what the ticker says.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

import pytest

from gateway.adapters.clock import SystemTicker
from gateway.adapters.memory_engine import MemoryEngine
from gateway.adapters.memory_values import Row
from gateway.domain.expression import ExactVectors
from gateway.errors import AuditUnavailable, GatewayError
from gateway.flows.grid import Grid
from gateway.flows.release import Answer
from gateway.plan import Plan
from gateway.stored import ticks_of
from tests.flows.conftest import Opener
from tests.flows.fakes import watch
from tests.flows.kit import BY_SEX, COUNT, KEY, ROWS, SNAPSHOT, House, memory

At = Callable[..., Awaitable[House]]
TICK = 0.25
NEIGHBOUR = tuple(row for row in ROWS if row["patient_id"] != "p7")


class FakeTicker:
    """Stands still but for what reads take; waiting is a jump to the moment that is waited for."""

    def __init__(self) -> None:
        self.moment = 100.0

    def now(self) -> float:
        return self.moment

    async def until(self, moment: float) -> None:
        await asyncio.sleep(0)
        self.moment = max(self.moment, moment)


class Slow(MemoryEngine):
    """Takes so many seconds for each row, and fails on command once it has read."""

    def __init__(
        self,
        ticker: FakeTicker,
        rows: Sequence[Row],
        *,
        each: float,
        fails: Callable[[], bool] = lambda: False,
        ready: float = 0.0,
    ) -> None:
        super().__init__({"visits": rows}, snapshot=SNAPSHOT, bounding_key=KEY)
        self._ticker, self._seconds, self._fails = ticker, each * len(rows), fails
        self._ready = ready

    def ready(self, plan: Plan) -> None:
        self._ticker.moment += self._ready

    def run(self, plan: Plan) -> ExactVectors:
        self._ticker.moment += self._seconds
        if self._fails():
            raise ValueError("a value that nobody may see")
        return super().run(plan)


@pytest.fixture
async def at(opened: Opener) -> At:
    """A site on a fake ticker, with an engine that takes so long for each row."""

    async def open_site(rows: Sequence[Row] = ROWS, tick: float = TICK, **slow: object) -> House:
        house = await opened()
        ticker = FakeTicker()
        house.site.grid = Grid(ticker=ticker, tick=tick)
        house.site.engine = Slow(ticker, rows, **slow)  # type: ignore[arg-type]
        return house

    return open_site


async def timed(house: House, sql: str = COUNT, **asked: str) -> tuple[str, object, float]:
    """Outcome, shape and seconds of one call."""
    ticker = house.site.grid.ticker
    came = ticker.now()
    try:
        answer = await house.ask(sql, **asked)
    except GatewayError as error:
        return type(error).__name__, (error.reason, error.message), round(ticker.now() - came, 9)
    shape = [(row.keys, len(row.cells)) for row in answer.shown.rows]
    return f"replayed={answer.replayed}", shape, round(ticker.now() - came, 9)


@pytest.mark.parametrize(
    ("each", "seconds"), [(0.0, 0.25), (0.003, 0.25), (0.004, 0.5), (0.007, 1.0), (0.1, 8.0)]
)
async def test_neighbouring_data_answer_alike(at: At, each: float, seconds: float) -> None:
    """80 rows and 78: the same outcome, shape and time, with fast engines and with slow ones."""
    answers = []
    for rows in (ROWS, NEIGHBOUR):
        house = await at(rows, each=each)
        answers.append([await timed(house, sql) for sql in (COUNT, BY_SEX)])
    assert answers[0] == answers[1]
    assert {took for _, _, took in answers[0]} == {seconds}


async def test_without_a_grid_the_times_would_tell(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: what the test above sees, it would see."""

    async def at_once(self: Grid, came: float, least: int = 1) -> None:
        return

    monkeypatch.setattr(Grid, "leave", at_once)
    times = [(await timed(await at(rows, each=0.003)))[2] for rows in (ROWS, NEIGHBOUR)]
    assert times == [0.24, 0.234]


@pytest.mark.parametrize(("each", "seconds"), [(0.0, 0.25), (0.005, 0.5), (0.03, 4.0)])
async def test_a_failure_after_the_read_has_one_time_too(at: At, each: float, seconds: float) -> None:
    seen = set()
    for rows in (ROWS, NEIGHBOUR):
        house = await at(rows, each=each, fails=lambda: True)
        seen.add(repr(await timed(house)))
        house.site.engine = memory()  # the twin: what does not fail is answered
        assert (await timed(house))[0] == "replayed=False"
    text = "the release failed; its charge is kept"
    assert seen == {repr(("ReleaseFailed", ("RELEASE_FAILED", text), seconds))}


async def test_failing_and_answering_take_equally_long(at: At) -> None:
    """One engine fails on D and not on its neighbour: the text tells, the time adds nothing."""
    good = await at(ROWS, each=0.005)
    bad = await at(ROWS, each=0.005, fails=lambda: True)
    assert (await timed(good))[2] == (await timed(bad))[2] == 0.5


@pytest.mark.parametrize(("each", "seconds"), [(0.0, 0.25), (0.005, 0.5), (0.03, 4.0)])
async def test_a_first_sight_takes_as_long_as_the_draw_did(at: At, each: float, seconds: float) -> None:
    house = await at(each=each)
    assert (await timed(house))[2] == seconds
    assert await timed(house, party="college") == (*(await fresh_elsewhere(at, each)), seconds)
    assert (await timed(house, party="college"))[2] == 0.0  # the twin: its own replay leaves at once
    assert (await timed(house))[2] == 0.0


async def test_what_is_kept_of_an_earlier_caller_shows_in_no_time(at: At) -> None:
    """Making a plan ready takes long, once: the grid counts from the question's coming, for both."""
    house = await at(each=0.0, ready=0.3)
    assert (await timed(house))[2] == 0.5
    assert (await timed(house, party="college"))[2] == 0.5


async def fresh_elsewhere(at: At, each: float) -> tuple[str, object]:
    """Outcome and shape of the same question where nobody has asked before."""
    house = await at(each=each)
    outcome, shape, _ = await timed(house, party="college")
    return outcome, shape


async def test_a_first_sight_while_another_draws(opened: Opener) -> None:
    """Who comes in the middle of the draw waits from its own coming on, not from the other's."""
    house = await opened()
    tick = 0.6
    house.site.grid = Grid(ticker=SystemTicker(), tick=tick)
    watch(house, lambda: time.sleep(0.4))
    first = asyncio.create_task(house.ask())
    await asyncio.sleep(0.05)
    came = time.monotonic()
    second: Answer = await house.ask(party="college")
    took = time.monotonic() - came
    assert tick <= took < tick + 0.25 and not second.replayed
    await first


async def test_refusals_at_the_claim_leave_at_the_tick(at: At) -> None:
    house = await at(each=0.005)
    await house.ask(request_id="r-1")
    assert (await timed(house, BY_SEX, cost="rho 99"))[0::2] == ("BudgetExceeded", TICK)
    assert (await timed(house, BY_SEX, request_id="r-1"))[0::2] == ("RequestIdReused", TICK)
    assert (await timed(house, request_id="r-1"))[0::2] == ("replayed=True", 0.0)  # the twin


async def test_a_journal_that_breaks_after_the_read_leaves_at_the_tick(at: At) -> None:
    house = await at(each=0.005)
    journal, _ = watch(house)
    journal.broken.add("release")
    outcome, _, took = await timed(house)
    assert (outcome, took) == (AuditUnavailable.__name__, 0.5)


async def test_who_leaves_while_the_tick_is_waited_for_has_the_answer_on_a_retry(opened: Opener) -> None:
    house = await opened()
    house.site.grid = Grid(ticker=SystemTicker(), tick=30.0)
    asked = asyncio.create_task(house.ask(request_id="r-1"))
    async with asyncio.timeout(5):
        while "Released" not in house.kinds():
            await asyncio.sleep(0.005)
    await house.site.drained()  # the work is done: only the wait is left, and nobody's slot is taken
    assert not asked.done() and house.site.working_for("university") == 0
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert (await house.ask(request_id="r-1")).replayed


def test_the_grid_doubles_when_a_tick_is_missed() -> None:
    ticker = FakeTicker()
    grid = Grid(ticker=ticker, tick=TICK)
    came, seen = grid.now(), []
    for passed in (0.0, 0.25, 0.26, 0.5, 0.51, 1.01, 60.0):
        ticker.moment = came + passed
        seen.append(grid.ticks(came))
    assert seen == [1, 1, 2, 2, 4, 8, 256]


async def test_the_ticks_are_stored_with_the_release_and_in_no_entry(at: At) -> None:
    """How long a read took depends on data: the log, which others see, does not hold it."""
    house = await at(each=0.005)
    answer = await house.ask()
    stored = house.journal._store.stored(bytes.fromhex(answer.receipt.entry))
    assert stored is not None and ticks_of(stored) == 2
    assert all("ticks" not in entry.body for entry in house.entries())
