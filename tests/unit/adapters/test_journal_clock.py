"""The clock's law: no unconfirmed jump charges or reaches another period, and time never runs back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from gateway.adapters.clock import SystemClock
from gateway.adapters.sqlite_journal import SqliteJournal
from gateway.audit.entry import Entry, parse
from gateway.domain.entry import Charged, EntryKind, Replay
from gateway.domain.privacy import Period
from gateway.errors import ClockUntrusted, NothingToDo
from tests.checks import check_journal
from tests.unit.audit.kit import CAP, START, FakeClock, noisy, open_journal, principal, request

JUMP, CONFIRMED, FAILED = EntryKind.CLOCK_JUMP, EntryKind.CLOCK_CONFIRMED, EntryKind.FAILED


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def entries(journal: SqliteJournal) -> list[Entry]:
    return [parse(data) for _seq, data in journal.entries(0, 1000)]


async def charges(journal: SqliteJournal, name: str) -> bool:
    """Whether a claim of something new is charged; where not, it must be for the clock."""
    try:
        claim = await journal.claim(request(plan=name, query=name, request_id=name))
    except ClockUntrusted as error:
        assert (error.status, error.reason) == ("UNAVAILABLE", "CLOCK_UNTRUSTED")
        return False
    assert isinstance(claim, Charged)
    await journal.release(claim, noisy(claim))
    return True


@pytest.mark.parametrize("minutes", [5.1, -5.1, 60 * 24 * 400, -60 * 24 * 400])
async def test_a_jump_stops_charging_until_it_is_confirmed(path: Path, minutes: float) -> None:
    clock = FakeClock()
    journal = open_journal(path, clock=clock)
    assert await charges(journal, "before")
    clock.jump(minutes=minutes)
    assert not await charges(journal, "during")
    found = entries(journal)[-1]
    assert (found.kind, found.note.outcome) == (JUMP, "CLOCK_UNTRUSTED")
    assert not await charges(journal, "during") and entries(journal)[-1].id == found.id  # told once
    assert isinstance(await journal.claim(request(plan="before", query="before", request_id="r")), Replay)
    receipt = await journal.confirm_clock(principal("site"))
    last = entries(journal)[-1]
    assert (last.id, last.kind, last.party, last.text("jump")) == (
        receipt.entry,
        CONFIRMED,
        "site",
        found.id,
    )
    assert await charges(journal, "during")
    assert journal.healthy
    journal.close()
    check_journal(path)


@pytest.mark.parametrize("minutes", [4.9, -4.9, 0])
async def test_a_small_step_and_the_mere_passing_of_time_are_no_jump(path: Path, minutes: float) -> None:
    clock = FakeClock()
    journal = open_journal(path, clock=clock)
    clock.move(days=100)
    clock.jump(minutes=minutes)
    assert await charges(journal, "after")
    with pytest.raises(NothingToDo) as refused:
        await journal.confirm_clock(principal("site"))
    assert refused.value.reason == "CLOCK_TRUSTED"
    assert not {JUMP, CONFIRMED} & {entry.kind for entry in entries(journal)}
    journal.close()


async def test_small_steps_add_up(path: Path) -> None:
    """Ten steps of four minutes are a jump of forty, however they are spread; slewing is not."""
    clock = FakeClock()
    journal = open_journal(path, clock=clock)
    clock.jump(minutes=4)
    assert await charges(journal, "one")
    clock.jump(minutes=4)
    assert not await charges(journal, "two")
    journal.close()
    slewed = FakeClock()
    other = open_journal(path.with_name("other.db"), clock=slewed)
    slewed.move(days=10)
    slewed.jump(minutes=4 + 10 * 24 * 60 * 0.0005)
    assert await charges(other, "slewed")
    other.close()


async def test_an_unconfirmed_jump_reaches_no_other_period(path: Path) -> None:
    clock = FakeClock()
    journal = open_journal(path, clock=clock)
    account = request().charges[0].account
    before = journal.balance(account, CAP).period_key
    clock.jump(days=100)
    assert journal.balance(account, CAP).period_key == before
    await charges(journal, "during")
    assert journal.balance(account, CAP).period_key == before
    assert all(entry.time <= clock.when - timedelta(days=99) for entry in entries(journal))
    clock.move(hours=1)  # the journal goes on at the pace of the clock that cannot be set
    await charges(journal, "later")
    assert entries(journal)[-1].time < clock.when - timedelta(days=99)
    await journal.confirm_clock(principal("site"))
    assert journal.balance(account, CAP).period_key == "2027-Q1" != before
    journal.close()
    check_journal(path)


async def test_time_never_runs_back_when_a_jump_back_is_confirmed(path: Path) -> None:
    clock = FakeClock()
    journal = open_journal(path, clock=clock)
    clock.move(days=100)
    assert await charges(journal, "late")
    clock.jump(days=-99)
    assert not await charges(journal, "during")
    await journal.confirm_clock(principal("site"))
    assert await charges(journal, "after")
    times = [entry.time for entry in entries(journal)]
    assert times == sorted(times) and entries(journal)[-1].time > clock.when
    day = request().charges[0].account
    assert journal.balance(day, CAP).period_key == "2027-Q1" == Period.QUARTER.key(times[-1])
    journal.close()
    check_journal(path)


async def test_an_open_charge_is_settled_though_the_clock_jumped(path: Path) -> None:
    clock = FakeClock()
    journal = open_journal(path, clock=clock)
    claim = await journal.claim(request())
    assert isinstance(claim, Charged)
    clock.jump(days=1)
    await journal.release(claim, noisy(claim))
    assert {EntryKind.RELEASED, JUMP} <= {entry.kind for entry in entries(journal)}
    journal.close()
    check_journal(path)


# -- at a start ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gap", "trusted"),
    [
        ({"hours": 23}, True),
        ({"days": 7}, False),
        ({"minutes": -4}, True),
        ({"minutes": -6}, False),
        ({"days": -7}, False),
    ],
)
async def test_a_gap_over_a_start_of_the_machine(path: Path, gap: dict[str, float], trusted: bool) -> None:
    open_journal(path, clock=FakeClock()).close()
    clock = FakeClock()
    clock.jump(**gap)
    journal = open_journal(path, clock=clock)
    assert await charges(journal, "first") == trusted
    if trusted:
        with pytest.raises(NothingToDo):
            await journal.confirm_clock(principal("site"))
    else:
        await journal.confirm_clock(principal("site"))
        assert await charges(journal, "first")
    journal.close()
    check_journal(path)


async def test_a_restart_of_the_process_is_measured_by_the_machines_own_clock(path: Path) -> None:
    """A week of quiet in one run of the machine is only time; half an hour gained is a jump."""
    clock = FakeClock(boot=7)
    open_journal(path, clock=clock).close()
    clock.move(days=7)
    journal = open_journal(path, clock=clock)
    assert await charges(journal, "first")
    journal.close()
    clock.jump(minutes=30)
    journal = open_journal(path, clock=clock)
    assert not await charges(journal, "second")
    journal.close()


async def test_steps_over_restarts_add_up(path: Path) -> None:
    clock = FakeClock(boot=7)
    for number in range(3):
        journal = open_journal(path, clock=clock)
        assert await charges(journal, f"{number}") == (number < 2)
        journal.close()
        clock.jump(minutes=4)


async def test_a_jump_that_nobody_confirmed_outlives_a_restart(path: Path) -> None:
    clock = FakeClock(boot=7)
    journal = open_journal(path, clock=clock)
    clock.jump(days=3)
    assert not await charges(journal, "one")
    journal.close()
    for when, boot in ((clock.when, 7), (clock.when, 8), (START, 8)):  # set right again, it still stands
        journal = open_journal(path, clock=FakeClock(when, boot=boot))
        assert not await charges(journal, f"two-{boot}")
        assert [entry.kind for entry in entries(journal)].count(JUMP) == 1
        journal.close()
    journal = open_journal(path, clock=clock)
    await journal.confirm_clock(principal("site"))
    journal.close()
    journal = open_journal(path, clock=clock)  # and so does the confirmation
    assert await charges(journal, "three")
    journal.close()
    check_journal(path)


async def test_what_was_open_is_closed_at_the_time_of_the_last_entry(path: Path) -> None:
    journal = open_journal(path)
    assert isinstance(await journal.claim(request()), Charged)
    journal.close()
    clock = FakeClock()
    clock.jump(days=400)
    journal = open_journal(path, clock=clock)
    kinds = [entry.kind for entry in entries(journal)]
    assert kinds[-2:] in ([JUMP, FAILED], [FAILED, JUMP])
    assert entries(journal)[-1].time == entries(journal)[0].time
    journal.close()
    check_journal(path)


def test_the_machines_own_clocks() -> None:
    clock = SystemClock()
    one, two = clock.monotonic(), clock.monotonic()
    assert 0 < one <= two and 0 < clock.boot < 2**63 and clock.boot == SystemClock().boot
