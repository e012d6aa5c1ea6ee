"""The corridor's order: charged before read, recorded before answered, one answer to every failure."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.adapters.memory_engine import MemoryEngine
from gateway.domain.entry import ClaimOutcome, ClaimRequest, EntryKind
from gateway.domain.expression import ExactVectors
from gateway.errors import AuditUnavailable, ReleaseFailed, SourceUnavailable
from gateway.flows.release import GRACE_SECONDS
from gateway.plan import Plan
from gateway.v1 import query_pb2
from gateway.verify import export
from tests.flows.fakes import watch
from tests.flows.kit import COUNT, KEY, SNAPSHOT, House, memory

CHARGED, RELEASED, FAILED = EntryKind.CHARGED, EntryKind.RELEASED, EntryKind.FAILED
REFUSED, REPLAYED = EntryKind.REFUSED, EntryKind.REPLAYED
TEXT = "the release failed; its charge is kept"
SECRET = "Mrs Canary, born 1931"


def on_disk(path: Path) -> bytes:
    """The journal's last entry, as another process would read it."""
    out = path.with_suffix(".export")
    export(path, out)
    return out.read_bytes().splitlines()[-1]


async def settled(condition: Callable[[], bool]) -> None:
    """Wait until something holds; the suite's own limit on a test that never gets there is 5 s."""
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


async def test_the_order_of_one_request(either: House) -> None:
    journal, _ = watch(either)
    answer = await either.ask()
    assert journal.events == ["ready", "charged", "read", "released"]
    await either.ask()
    assert journal.events[4:] == ["replay"]  # this plan was found ready for this snapshot before
    assert answer.receipt.entry == either.entries()[-2].id


async def test_the_charge_is_on_the_disk_when_the_data_is_read(either: House) -> None:
    seen: list[bytes] = []
    watch(either, lambda: seen.append(on_disk(either.path)))
    answer = await either.ask()
    assert len(seen) == 1 and b'"kind":"Charged"' in seen[0] and answer.shown.draw.encode() in seen[0]


async def test_nothing_is_read_while_the_charge_is_not_durable(house: House) -> None:
    journal, engine = watch(house)
    journal.gates["claim"] = asyncio.Event()
    asked = asyncio.create_task(house.ask())
    await asyncio.sleep(0.05)
    assert journal.events == ["ready"] and not asked.done()
    journal.gates["claim"].set()
    await asked
    assert len(engine.plans) == 1


async def test_nothing_is_answered_while_the_release_is_not_durable(house: House) -> None:
    journal, engine = watch(house)
    journal.gates["release"] = asyncio.Event()
    asked = asyncio.create_task(house.ask())
    await settled(lambda: "read" in engine.events)
    await asyncio.sleep(0.05)
    assert not asked.done() and house.kinds() == [CHARGED]
    journal.gates["release"].set()
    assert (await asked).receipt.entry == house.last().id
    assert house.kinds() == [CHARGED, RELEASED]


async def test_a_journal_that_fails_at_the_claim(house: House) -> None:
    journal, engine = watch(house)
    journal.broken.add("claim")
    with pytest.raises(AuditUnavailable) as refused:
        await house.ask()
    assert (refused.value.status, refused.value.reason) == ("UNAVAILABLE", "AUDIT_UNAVAILABLE")
    assert engine.plans == [] and house.kinds() == [] and house.site_spent == 0
    journal.broken.clear()  # the twin
    await house.ask()
    assert len(engine.plans) == 1


async def test_a_journal_that_was_closed(house: House) -> None:
    _, engine = watch(house)
    await house.ask()
    house.journal.close()
    with pytest.raises(AuditUnavailable):
        await house.ask("SELECT COUNT(*) FROM visits")
    with pytest.raises(AuditUnavailable):
        await house.ask()  # not even what is stored
    assert len(engine.plans) == 1


async def test_a_journal_that_fails_at_the_release(house: House) -> None:
    journal, engine = watch(house)
    journal.broken.add("release")
    with pytest.raises(AuditUnavailable) as refused:
        await house.ask()
    assert refused.value.reason == "AUDIT_UNAVAILABLE"
    assert len(engine.plans) == 1 and house.kinds() == [CHARGED]
    assert house.site_spent == 10**10  # the charge is kept


async def test_a_denial_that_cannot_be_journalled_is_not_given(house: House) -> None:
    request = query_pb2.RunQueryRequest(
        agreement="nothing", sql=COUNT, spend=query_pb2.Spend(rho="0.1"), request_id="r"
    )
    journal, _ = watch(house)
    journal.broken.add("record")
    with pytest.raises(AuditUnavailable):
        await house.call("RunQuery", request)
    assert house.kinds() == []


class Failing(MemoryEngine):
    """Reads, then raises what it is told to."""

    def __init__(self, error: BaseException, rows: tuple[Any, ...] = ()) -> None:
        super().__init__({"visits": rows}, snapshot=SNAPSHOT, bounding_key=KEY)
        self.error = error

    def run(self, plan: Plan) -> ExactVectors:
        raise self.error


class Wrong(MemoryEngine):
    """Gives back what no engine should."""

    def __init__(self, vectors: Any) -> None:
        super().__init__({"visits": ()}, snapshot=SNAPSHOT, bounding_key=KEY)
        self.vectors = vectors

    def run(self, plan: Plan) -> ExactVectors:
        return self.vectors  # type: ignore[no-any-return]


FAILURES = [
    Failing(ReleaseFailed()),
    Failing(ValueError(SECRET)),
    Failing(MemoryError(SECRET)),
    Failing(RecursionError(SECRET)),
    Failing(TimeoutError(SECRET)),
    Failing(AuditUnavailable(SECRET)),
    Failing(SourceUnavailable(SECRET)),
    Wrong(()),
    Wrong(None),
    Wrong(((SECRET,),)),
    Wrong(((1,), (2,))),
]


@pytest.mark.parametrize("engine", FAILURES, ids=range(len(FAILURES)))
async def test_whatever_an_engine_does_there_is_one_answer(
    house: House, engine: MemoryEngine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    house.site.engine = engine
    with pytest.raises(ReleaseFailed) as failed:
        await house.ask()
    error = failed.value
    assert (error.status, error.reason, error.message) == ("INTERNAL", "RELEASE_FAILED", TEXT)
    assert error.__cause__ is None and error.__suppress_context__
    assert house.kinds() == [CHARGED, FAILED]
    assert (house.last().id, house.last().note.outcome) == (error.entry, "RELEASE_FAILED")
    assert house.site_spent == 10**10
    assert SECRET not in caplog.text and SECRET.encode() not in house.path.read_bytes()
    house.site.engine = memory()  # the twin: the next call pays for a new draw
    assert (await house.ask()).replayed is False
    assert house.site_spent == 2 * 10**10


async def test_an_engine_that_hangs_is_not_waited_for(house: House) -> None:
    free = threading.Event()

    def hang() -> None:
        free.wait(10)

    _, engine = watch(house, hang)
    house.site.longest_read = 0.05
    house.site.grid = replace(house.site.grid, tick=GRACE_SECONDS + 0.2)  # or it would wait for the next
    try:
        with pytest.raises(ReleaseFailed) as failed:
            await house.ask()
    finally:
        free.set()
    assert failed.value.message == TEXT and failed.value.entry == house.last().id
    assert house.kinds() == [CHARGED, FAILED] and house.site_spent == 10**10
    house.site.longest_read, house.site.grid = 5.0, replace(house.site.grid, tick=0.001)  # the twin
    assert not (await house.ask()).replayed and len(engine.plans) == 2


async def test_data_that_is_not_there_costs_nothing(house: House) -> None:
    class Absent(MemoryEngine):
        def ready(self, plan: Plan) -> None:
            raise SourceUnavailable("the dataset has no data at this site yet")

    house.site.engine = Absent({}, snapshot=SNAPSHOT, bounding_key=KEY)
    with pytest.raises(SourceUnavailable) as refused:
        await house.ask()
    assert refused.value.reason == "DATA_UNAVAILABLE"
    assert house.kinds() == [] and house.site_spent == 0
    house.site.engine = memory()  # the twin
    await house.ask()
    assert house.site_spent == 10**10


async def test_a_caller_who_leaves_ends_the_wait_and_not_the_work(either: House) -> None:
    reading, free = threading.Event(), threading.Event()

    def hold() -> None:
        reading.set()
        free.wait(10)

    _, engine = watch(either, hold)
    asked = asyncio.create_task(either.ask(request_id="r-1"))
    await settled(reading.is_set)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert either.kinds() == [CHARGED]
    free.set()
    await either.site.drained()
    assert either.kinds() == [CHARGED, RELEASED]
    answer = await either.ask(request_id="r-1")
    assert answer.replayed and answer.loss.rho == 0 and len(engine.plans) == 1
    assert answer.shown.draw == either.entries()[-3].id


async def test_a_caller_who_leaves_before_the_claim_costs_nothing(house: House) -> None:
    asked = asyncio.create_task(house.ask())
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    await house.site.drained()
    assert house.kinds() == [] and house.site_spent == 0


async def test_a_waiter_takes_the_next_draw_where_the_first_one_fails(house: House) -> None:
    """Of two equal calls the first fails: the second is not answered with its failure but draws anew."""
    turns: list[int] = []

    def first_fails() -> None:
        turns.append(1)
        threading.Event().wait(0.05)
        if len(turns) == 1:
            raise ValueError(SECRET)

    watch(house, first_fails)
    first, second = await asyncio.gather(house.ask(), house.ask(), return_exceptions=True)
    assert isinstance(first, ReleaseFailed) and not isinstance(second, BaseException)
    assert house.kinds() == [CHARGED, FAILED, CHARGED, RELEASED]
    assert house.site_spent == 2 * 10**10


@pytest.mark.parametrize("sql", [COUNT, "SELECT sex, AVG(days), COUNT(*) FROM visits GROUP BY sex"])
async def test_a_claim_promises_room_for_what_is_stored(house: House, sql: str) -> None:
    journal, _ = watch(house)
    asked: list[int] = []
    claim = journal.claim

    async def seen(request: ClaimRequest) -> ClaimOutcome:
        asked.append(request.stored)
        return await claim(request)

    journal.claim = seen  # type: ignore[method-assign]
    answer = await house.ask(sql)
    stored = house.journal._store.stored(bytes.fromhex(answer.receipt.entry))
    assert stored is not None and len(stored) <= asked[0] < 100_000
