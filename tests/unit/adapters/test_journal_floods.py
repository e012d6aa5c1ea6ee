"""Floods and a filling disk: what refusals, busy parties and large releases may not do to the journal."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.adapters.journal_floods import Floods
from gateway.adapters.journal_room import SLACK, JournalRoom
from gateway.adapters.sqlite_journal import SqliteJournal
from gateway.audit.entry import Entry, parse
from gateway.domain.entry import Charged, EntryKind, Note, OverBudget, Replay, Subject
from gateway.errors import AuditUnavailable, JournalLocked, LimitExceeded, NothingToDo
from tests.checks import check_journal
from tests.disks import small_volume
from tests.unit.audit.kit import FakeClock, noisy, open_journal, principal, request

REFUSED = EntryKind.REFUSED


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def volume(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MB."""
    with small_volume(tmp_path / "volume", "4m") as folder:
        yield folder


def refusal(reason: str = "NOT_GRANTED", party: str = "north") -> Note:
    return Note(kind=REFUSED, subject=Subject(principal=principal(party)), outcome=reason)


def refusals(journal: SqliteJournal) -> list[Entry]:
    found = [parse(data) for _seq, data in journal.entries(0, 1000)]
    return [entry for entry in found if entry.kind is REFUSED]


def counts(journal: SqliteJournal) -> dict[tuple[str, str], int]:
    """The count entries, by party and reason; each must be the only one of its key."""
    found = [entry for entry in refusals(journal) if "count" in entry.body]
    told = {(entry.party, entry.note.outcome): int(str(entry.body["count"])) for entry in found}
    assert len(told) == len(found)
    return told


# -- refusals --------------------------------------------------------------------------------------


async def test_beyond_so_many_a_minute_one_entry_with_a_count_follows(path: Path) -> None:
    clock = FakeClock()
    journal = open_journal(path, clock=clock, most_refusals=3)
    receipts = [await journal.refuse(refusal()) for _ in range(10)]
    assert [receipt is not None for receipt in receipts] == [True] * 3 + [False] * 7
    assert await journal.refuse(refusal("SQL_SYNTAX")) and await journal.refuse(refusal(party="south"))
    assert len(refusals(journal)) == 5 and counts(journal) == {}
    clock.move(seconds=61)
    async with asyncio.timeout(5):  # the writer looks by itself, though nobody asks anything
        while not counts(journal):
            await asyncio.sleep(0.05)
    assert counts(journal) == {("north", "NOT_GRANTED"): 7}
    who = refusals(journal)[-1].note.subject.principal
    assert who is not None and (who.person, who.jti, who.thumbprint) == ("", "", "")
    assert await journal.refuse(refusal())  # the twin: a new minute
    journal.close()
    check_journal(path)


async def test_refusals_that_the_ledger_makes_are_limited_too(path: Path) -> None:
    journal = open_journal(path, most_refusals=2)
    poor = [
        await journal.claim(request(plan=f"{n}", query=f"{n}", request_id=f"{n}", rho=2000)) for n in range(5)
    ]
    assert all(isinstance(outcome, OverBudget) for outcome in poor)
    assert [o.receipt is not None for o in poor if isinstance(o, OverBudget)] == [True, True, *[False] * 3]
    journal.close()
    journal = open_journal(path)
    assert counts(journal) == {("north", "AGREEMENT_BUDGET"): 3}  # the rest, written at the end
    journal.close()
    check_journal(path)


async def test_unknown_callers_are_only_counted_under_fixed_keys(path: Path) -> None:
    clock = FakeClock()
    journal = open_journal(path, clock=clock)
    for _ in range(100):
        journal.count("", "NO_CERTIFICATE")
        journal.count("north", "TOKEN_EXPIRED")
    assert refusals(journal) == []
    clock.move(seconds=61)
    await journal.refuse(refusal())
    assert counts(journal) == {("", "NO_CERTIFICATE"): 100, ("north", "TOKEN_EXPIRED"): 100}
    assert refusals(journal)[0].note.subject.principal is None
    journal.close()
    check_journal(path)


def test_a_key_is_forgotten_with_its_minute() -> None:
    clock = FakeClock()
    floods = Floods(clock.monotonic, most=1)
    assert floods.admits("a", "X") and not floods.admits("a", "X") and not floods.over()
    assert floods.due() == []
    clock.move(seconds=60)
    assert floods.over()
    (note,) = floods.due()
    assert (note.body["count"], note.outcome) == (1, "X") and not floods.over() and floods.due() == []


# -- a day's entries -------------------------------------------------------------------------------


async def test_a_party_has_a_days_entries_and_no_more(path: Path) -> None:
    clock = FakeClock()
    journal = open_journal(path, clock=clock, most_entries=4)
    claim = await journal.claim(request())
    assert isinstance(claim, Charged)
    await journal.release(claim, noisy(claim))
    for n in range(2):
        assert isinstance(await journal.claim(request(request_id=f"again-{n}")), Replay)
    with pytest.raises(LimitExceeded) as refused:
        await journal.claim(request(request_id="one-more"))
    assert refused.value.reason == "ENTRY_QUOTA"
    assert await journal.refuse(refusal("ENTRY_QUOTA")) is None and refusals(journal) == []
    assert isinstance(await journal.claim(request(party="south")), Replay)  # the twins: another party
    journal.close()
    journal = open_journal(path, clock=FakeClock(clock.when), most_entries=4)  # a restart forgets nothing
    with pytest.raises(LimitExceeded):
        await journal.claim(request(request_id="one-more"))
    journal.close()
    clock = FakeClock(clock.when)
    clock.jump(hours=17)  # and another day
    journal = open_journal(path, clock=clock, most_entries=4)
    assert isinstance(await journal.claim(request(request_id="one-more")), Replay)
    journal.close()
    check_journal(path)


async def test_what_was_begun_is_recorded_beyond_the_quota(path: Path) -> None:
    journal = open_journal(path, most_entries=1)
    claim = await journal.claim(request())
    assert isinstance(claim, Charged)
    await journal.release(claim, noisy(claim))
    assert journal.healthy
    journal.close()
    check_journal(path)


# -- the disk --------------------------------------------------------------------------------------


async def test_a_charge_is_admitted_only_if_its_release_fits(volume: Path) -> None:
    journal = open_journal(volume / "journal.db", headroom=0)
    large, small = replace(request(), stored=8 << 20), replace(request(), stored=1 << 20)
    with pytest.raises(AuditUnavailable) as refused:
        await journal.claim(large)
    assert refused.value.reason == "AUDIT_UNAVAILABLE"
    claim = await journal.claim(small)  # the twin
    assert isinstance(claim, Charged)
    journal.close()
    check_journal(volume / "journal.db")


async def test_room_that_was_promised_is_not_promised_twice(volume: Path) -> None:
    """Two releases fit one by one, not both at once; and no refusal is written into promised room."""
    journal = open_journal(volume / "journal.db", headroom=0)
    first = await journal.claim(replace(request(), stored=1 << 20))
    assert isinstance(first, Charged)
    second = replace(request(plan="p-2", query="q-2", request_id="r-2"), stored=1 << 20)
    with pytest.raises(AuditUnavailable):
        await journal.claim(second)
    fill(volume, leave=(2 << 20) + SLACK + 4096)
    with pytest.raises(AuditUnavailable):
        await journal.refuse(refusal())
    await journal.release(first, noisy(first, values=400_000))
    assert len(noisy(first, values=400_000)) > 800_000  # what was promised, nearly
    (volume / "filler").unlink()
    assert isinstance(await journal.claim(replace(second, stored=100)), Charged)  # the twin
    journal.close()
    check_journal(volume / "journal.db")


async def test_what_is_settled_is_promised_no_more(volume: Path) -> None:
    """Five that fit only one after the other: released, and given up."""
    journal = open_journal(volume / "journal.db", headroom=0)
    for n in range(5):
        asked = replace(request(plan=f"p-{n}", query=f"q-{n}", request_id=f"r-{n}"), stored=1 << 20)
        claim = await journal.claim(asked)
        assert isinstance(claim, Charged)
        await (journal.release(claim, noisy(claim)) if n % 2 else journal.fail(claim, "unknown"))
    journal.close()
    check_journal(volume / "journal.db")


def fill(volume: Path, *, leave: int) -> None:
    """Let something else take the disk, but for so many bytes."""
    free = JournalRoom(volume / "journal.db")
    free.look()
    with (volume / "filler").open("wb") as stream:
        stream.write(b"x" * (free._free - leave))


async def test_the_reserve_is_real_and_only_a_command_releases_it(volume: Path) -> None:
    clock = FakeClock()
    journal = open_journal(volume / "journal.db", clock=clock, headroom=1 << 18, reserve=1 << 20)
    reserve = volume / "journal.reserve"
    assert reserve.stat().st_blocks * 512 >= 1 << 20 and reserve.stat().st_mode & 0o777 == 0o600
    fill(volume, leave=1 << 17)
    assert (journal.healthy, journal.broken) == (False, False)
    with pytest.raises(AuditUnavailable):
        await journal.claim(request())
    assert reserve.exists()
    receipt = await journal.make_room(principal("site"))
    found = journal.find(receipt.entry)
    assert found is not None and parse(found[1]).party == "site"
    assert parse(found[1]).body == {"setting": "reserve", "value": "released"}
    assert not reserve.exists()
    assert isinstance(await journal.claim(request()), Charged)  # the twin
    with pytest.raises(NothingToDo) as refused:
        await journal.make_room(principal("site"))
    assert refused.value.reason == "RESERVE_ABSENT"
    journal.close()
    open_journal(volume / "journal.db", clock=clock, headroom=1 << 18, reserve=1 << 20).close()
    assert not reserve.exists()  # no room for it yet
    (volume / "filler").unlink()
    open_journal(volume / "journal.db", clock=clock, headroom=1 << 18, reserve=1 << 20).close()
    assert reserve.exists()
    check_journal(volume / "journal.db")


async def test_room_is_made_on_a_disk_too_full_to_open(volume: Path) -> None:
    path = volume / "journal.db"
    clock = FakeClock()
    journal = open_journal(path, clock=clock, headroom=0, reserve=1 << 20)
    with pytest.raises(JournalLocked):  # not behind the back of a gateway that runs
        open_journal(path, clock=clock, make_room=principal("site"))
    journal.close()
    assert (volume / "journal.reserve").exists()
    fill(volume, leave=0)
    with pytest.raises(AuditUnavailable):
        open_journal(path, clock=clock, headroom=0)
    journal = open_journal(path, clock=clock, headroom=0, make_room=principal("site"))
    assert parse(journal.newest(1)[0][1]).kind is EntryKind.CONFIG_CHANGED
    assert not (volume / "journal.reserve").exists()
    journal.close()
    check_journal(path)


def test_the_volume_is_small(volume: Path) -> None:
    done = subprocess.run(["df", "-k", volume], capture_output=True, text=True, check=True)
    assert " 4096 " in done.stdout
