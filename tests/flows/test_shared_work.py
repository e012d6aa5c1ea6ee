"""Work that outlives its callers, and callers that wait for each other's work: who pays, and when."""

from __future__ import annotations

import asyncio
import threading
import time
from datetime import datetime

import pytest

from gateway.domain.privacy import AccountKind
from gateway.errors import LimitExceeded
from tests.flows.conftest import Opener
from tests.flows.fakes import WatchedEngine
from tests.flows.kit import BY_SEX, COUNT, FILES, House, memory, with_min_cell

ROWS_BY_SEX = "SELECT sex, COUNT(*) FROM visits GROUP BY sex"
NARROW = {path: text.replace("concurrent: 100", "concurrent: 2") for path, text in FILES.items()}


def held(house: House) -> threading.Event:
    """Hold every read up until the event is set."""
    free = threading.Event()

    def wait() -> None:
        free.wait(5)

    house.site.engine = WatchedEngine(house.site.engine, before=wait)
    return free


async def until_charged(house: House, times: int) -> None:
    async with asyncio.timeout(5):
        while len(house.kinds()) < times:
            await asyncio.sleep(0.005)


async def test_who_leaves_while_waiting_for_another_pays_nothing(house: House) -> None:
    free = held(house)
    first = asyncio.create_task(house.ask())
    await until_charged(house, 1)
    waiting = asyncio.create_task(house.ask(party="college"))
    await asyncio.sleep(0.05)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    free.set()
    await first
    await house.site.drained()
    assert house.spent(AccountKind.PARTY, "college") == 0
    assert (await house.ask(party="college")).loss.rho > 0  # who stays for the answer pays for it


async def test_work_of_callers_that_left_counts_against_their_limit(opened: Opener) -> None:
    house = await opened(files=NARROW)
    free = held(house)
    questions = [COUNT, BY_SEX]
    calls = [asyncio.create_task(house.ask(question)) for question in questions]
    await until_charged(house, 2)
    for call in calls:
        call.cancel()
    await asyncio.sleep(0)
    with pytest.raises(LimitExceeded) as refused:
        await house.ask(ROWS_BY_SEX)
    assert refused.value.reason == "CONCURRENCY_LIMITED"
    free.set()
    await house.site.drained()
    assert (await house.ask(ROWS_BY_SEX)).shown.rows


async def test_waiting_for_a_reader_is_not_on_the_clock(opened: Opener) -> None:
    house = await opened()
    house.site.engine = WatchedEngine(memory(), before=lambda: time.sleep(0.3))
    house.site.longest_read, house.site.reading = 0.0, asyncio.Semaphore(1)
    answers = await asyncio.gather(*(house.ask(f"{COUNT} WHERE days < {n}") for n in range(1, 5)))
    assert len(answers) == 4  # the last waited longer than one read may take


async def test_a_retry_obeys_a_rule_that_came_after_the_draw(house: House) -> None:
    first = await house.ask(ROWS_BY_SEX, request_id="r-1")
    assert not any(cell.suppressed for row in first.shown.rows for cell in row.cells)
    await house.load(with_min_cell(FILES, "shared", 1000))
    again = await house.ask(ROWS_BY_SEX, request_id="r-1")
    assert again.replayed and all(cell.suppressed for row in again.shown.rows for cell in row.cells)
    await house.load(FILES)
    assert (await house.ask(ROWS_BY_SEX, request_id="r-1")).shown.rows == first.shown.rows


async def test_an_engine_that_is_replaced_before_the_claim_is_not_charged_for(house: House) -> None:
    await house.ask()  # so that the plan is known to be ready for the old snapshot
    old, new = house.site.engine, memory(snapshot="20261006T070000Z-00000002")
    swapped: list[str] = []

    class Clock:
        """The new snapshot comes while the question is being decided."""

        def now(self) -> datetime:
            if not swapped:
                swapped.append(new.snapshot)
                house.site.engine = new
            return house.clock.now()

    house.site.clock = Clock()
    answer = await house.ask()
    assert swapped and answer.shown.release.snapshot == new.snapshot != old.snapshot
