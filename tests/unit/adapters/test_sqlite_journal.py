"""The journal's laws on the real file: claims, races, restarts and every way a file can fail."""

from __future__ import annotations

import asyncio
import math
import os
import sqlite3
import threading
import time
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.adapters.clock import SystemClock
from gateway.adapters.journal_store import JournalBroken, JournalStore
from gateway.adapters.sqlite_journal import SqliteJournal
from gateway.audit.entry import leaf_hash, parse
from gateway.domain.entry import (
    Charged,
    Conflict,
    EntryKind,
    InFlight,
    Note,
    OverBudget,
    Replay,
    Subject,
)
from gateway.domain.privacy import NOTHING, AccountKind, PrivacyLoss
from gateway.errors import AuditUnavailable, GatewayError, Internal, JournalInvalid, JournalLocked
from gateway.ports import Journal
from tests.checks import check_journal
from tests.unit.audit.kit import (
    CAP,
    activated,
    charge,
    loaded,
    noisy,
    open_journal,
    principal,
    request,
)

NOTE = Note(kind=EntryKind.REFUSED, subject=Subject(principal=principal()), outcome="NOT_GRANTED")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
async def journal(path: Path) -> AsyncIterator[SqliteJournal]:
    journal = open_journal(path)
    yield journal
    journal.close()
    check_journal(path)


async def drawn(journal: SqliteJournal, **asked: object) -> Charged:
    claim = await journal.claim(request(**asked))  # type: ignore[arg-type]
    assert isinstance(claim, Charged)
    await journal.release(claim, noisy(claim))
    return claim


def kinds(journal: SqliteJournal) -> list[EntryKind]:
    return [parse(data).kind for _seq, data in journal.entries(0, 1000)]


# -- claims ----------------------------------------------------------------------------------------


async def test_a_fresh_draw_charges_every_account_and_a_replay_none(journal: SqliteJournal) -> None:
    claim = await journal.claim(request())
    assert isinstance(claim, Charged)
    assert (claim.draw, [balance.spent.rho for balance in claim.balances]) == (1, [10, 10, 10, 10])
    assert claim.balances[0].period_key == "2026-Q4" and claim.balances[3].period_key == "lifetime"
    receipt = await journal.release(claim, noisy(claim))
    again = await journal.claim(request())
    assert isinstance(again, Replay)
    assert (again.stored, again.own, again.loss) == (noisy(claim), True, NOTHING)
    assert [balance.spent.rho for balance in again.balances] == [10, 10, 10, 10]
    assert again.receipt.seq == receipt.seq + 1
    own = await journal.claim(request(request_id="r-2"))
    assert isinstance(own, Replay) and own.own and own.loss == NOTHING


async def test_a_request_id_holds_its_release_when_the_plan_has_changed(journal: SqliteJournal) -> None:
    claim = await drawn(journal)
    retry = await journal.claim(request(plan="plan-2"))
    assert isinstance(retry, Replay) and retry.stored == noisy(claim)
    assert isinstance(await journal.claim(request(plan="plan-2", request_id="r-2")), Charged)


async def test_a_request_id_of_a_replay_is_bound_too(journal: SqliteJournal) -> None:
    await drawn(journal)
    assert isinstance(await journal.claim(request(request_id="r-2")), Replay)
    assert isinstance(await journal.claim(request(request_id="r-2", plan="plan-2")), Replay)
    assert isinstance(await journal.claim(request(request_id="r-2", query="query-2")), Conflict)


async def test_a_request_id_with_another_question_is_a_conflict(journal: SqliteJournal) -> None:
    await drawn(journal)
    other = request(query="query-2", plan="plan-2")
    conflict = await journal.claim(other)
    assert isinstance(conflict, Conflict)
    assert conflict.receipt is not None
    found = journal.find(conflict.receipt.entry)
    assert found is not None and parse(found[1]).note.outcome == "REQUEST_ID_REUSED"
    elsewhere = request(query="query-2", plan="plan-2", agreement="dsa-other")  # the twins
    assert isinstance(await journal.claim(elsewhere), Charged)
    own = request(query="query-2", plan="plan-3", request_id="r-2")
    assert isinstance(await journal.claim(own), Charged)


async def test_a_second_party_pays_for_its_sight_but_the_site_does_not(journal: SqliteJournal) -> None:
    claim = await drawn(journal)
    sight = await journal.claim(request(party="south"))
    assert isinstance(sight, Replay)
    assert (sight.own, sight.loss, sight.stored) == (False, PrivacyLoss(rho=10), noisy(claim))
    assert [balance.spent.rho for balance in sight.balances] == [10, 10, 10, 10]
    site = charge(AccountKind.SITE, "hospital").account
    assert journal.balance(site, CAP).spent.rho == 10
    again = await journal.claim(request(party="south", request_id="r-2"))
    assert isinstance(again, Replay) and again.own and again.loss == NOTHING


async def test_a_first_sight_moves_a_shared_agreement_as_a_draw_would(journal: SqliteJournal) -> None:
    """Else its balance would tell that another party has asked this question."""
    await drawn(journal, agreement="dsa-both")
    sight = await journal.claim(request(party="south", agreement="dsa-both"))
    assert isinstance(sight, Replay) and (sight.own, sight.loss.rho) == (False, 10)
    assert [balance.spent.rho for balance in sight.balances] == [20, 10, 10, 10]
    other = await journal.claim(
        request(party="south", agreement="dsa-both", plan="plan-2", query="q", request_id="r")
    )
    assert isinstance(other, Charged)  # the twin: what nobody has asked costs the caller the same
    assert [balance.spent.rho for balance in other.balances] == [30, 20, 20, 20]


async def test_what_a_party_has_seen_is_its_own_under_any_agreement(journal: SqliteJournal) -> None:
    await drawn(journal)
    again = await journal.claim(request(agreement="dsa-two"))
    assert isinstance(again, Replay)
    assert again.own and again.loss == NOTHING
    assert [balance.spent.rho for balance in again.balances] == [0, 10, 10, 10]


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"agreement_cap": PrivacyLoss(rho=9)}, "AGREEMENT_BUDGET"),
        ({"site_cap": PrivacyLoss(rho=9)}, "SITE_BUDGET"),
        ({"rho": 1001}, "AGREEMENT_BUDGET"),
        ({"rho": 1001, "agreement_cap": None}, "PARTY_BUDGET"),
    ],
)
async def test_the_first_account_that_cannot_pay(
    journal: SqliteJournal, asked: dict[str, object], reason: str
) -> None:
    poor = await journal.claim(request(**asked))  # type: ignore[arg-type]
    assert isinstance(poor, OverBudget)
    assert f"{poor.charge.account.kind.value.upper()}_BUDGET" == reason
    assert poor.receipt is not None
    found = journal.find(poor.receipt.entry)
    assert found is not None and parse(found[1]).note.outcome == reason
    assert poor.balance.spent == NOTHING
    assert isinstance(await journal.claim(request()), Charged)  # the twin; nothing had been charged


async def test_a_sight_that_cannot_be_paid_is_refused(journal: SqliteJournal) -> None:
    await drawn(journal)
    poor = await journal.claim(request(party="south", agreement_cap=PrivacyLoss(rho=9)))
    assert isinstance(poor, OverBudget) and poor.charge.account.kind is AccountKind.AGREEMENT
    rich = await journal.claim(request(party="south"))
    assert isinstance(rich, Replay)  # the twin


async def test_a_spent_site_refuses_first_sights_like_any_question(journal: SqliteJournal) -> None:
    """Else an answer would tell that somebody had asked this very question."""
    spent = PrivacyLoss(rho=19)  # enough for the first draw, not for another
    await drawn(journal, site_cap=spent)
    for plan in ("plan-1", "plan-2"):  # asked before, and not
        poor = await journal.claim(request(party="south", plan=plan, request_id=plan, site_cap=spent))
        assert isinstance(poor, OverBudget) and poor.charge.account.kind is AccountKind.SITE
    own = await journal.claim(request(request_id="r-2", site_cap=spent))
    assert isinstance(own, Replay) and own.own  # the twin: what was paid for stays free
    rich = await journal.claim(request(party="south", site_cap=PrivacyLoss(rho=20)))
    assert isinstance(rich, Replay) and rich.balances[2].spent.rho == 10  # able to pay, and not charged


async def test_a_charge_that_names_the_wrong_accounts_is_not_written(journal: SqliteJournal) -> None:
    lawful = request()
    for charges in ((), lawful.charges[:3], lawful.charges[1:], request(rho=0).charges):
        with pytest.raises(Internal):
            await journal.claim(replace(lawful, charges=charges))
    assert journal.healthy and kinds(journal) == [EntryKind.OPENED]
    assert isinstance(await journal.claim(lawful), Charged)  # the twin


async def test_caps_that_changed_since_the_decision(journal: SqliteJournal) -> None:
    caps = [(c.account.key, None if c.cap is None else c.cap.rho) for c in request().charges[1:]]
    await journal.record([activated(*caps), loaded(1000, agreement="dsa-north")])
    changed = (
        request(site_cap=PrivacyLoss(rho=2000)),
        request(agreement="dsa-gone"),
        request(party="south", agreement="dsa-north"),
    )
    for asked in changed:
        with pytest.raises(AuditUnavailable) as caught:
            await journal.claim(asked)
        assert caught.value.reason == "CAPS_CHANGED"
    assert isinstance(await journal.claim(request()), Charged)  # the twin


async def test_a_failed_draw_is_paid_and_the_next_pays_again(journal: SqliteJournal) -> None:
    first = await journal.claim(request())
    assert isinstance(first, Charged)
    await journal.fail(first, "RELEASE_FAILED")
    second = await journal.claim(request())
    assert isinstance(second, Charged)
    assert (second.draw, second.balances[0].spent.rho) == (2, 20)


async def test_a_charge_is_settled_once(journal: SqliteJournal) -> None:
    claim = await drawn(journal)
    with pytest.raises(Internal):
        await journal.release(claim, b"other")
    with pytest.raises(Internal):
        await journal.fail(claim, "late")
    assert journal.healthy


# -- races -----------------------------------------------------------------------------------------


async def test_64_identical_claims_make_one_draw_and_one_charge(journal: SqliteJournal) -> None:
    draws = 0

    async def ask(number: int) -> bytes:
        nonlocal draws
        asked = request(request_id=f"r-{number}")
        outcome = await journal.claim(asked)
        while isinstance(outcome, InFlight):
            await journal.wait(outcome.plan_digest)
            outcome = await journal.claim(asked)
        if isinstance(outcome, Replay):
            return outcome.stored
        assert isinstance(outcome, Charged)
        draws += 1
        await asyncio.sleep(0.02)
        stored = noisy(outcome)
        await journal.release(outcome, stored)
        return stored

    assert len(set(await asyncio.gather(*(ask(number) for number in range(64))))) == 1
    assert draws == 1
    assert kinds(journal).count(EntryKind.CHARGED) == 1
    assert kinds(journal).count(EntryKind.REPLAYED) == 63


async def test_a_budget_for_five_admits_exactly_five(journal: SqliteJournal) -> None:
    claims = [
        request(plan=f"p-{n}", query=f"q-{n}", request_id=f"r-{n}", site_cap=PrivacyLoss(rho=59))
        for n in range(40)
    ]
    outcomes = await asyncio.gather(*(journal.claim(claim) for claim in claims))
    assert sum(isinstance(outcome, Charged) for outcome in outcomes) == 5
    assert sum(isinstance(outcome, OverBudget) for outcome in outcomes) == 35


async def test_waiting_for_nothing_returns_at_once(journal: SqliteJournal) -> None:
    await asyncio.wait_for(journal.wait("plan-1"), 1)


async def test_a_retry_while_its_own_draw_is_in_flight(journal: SqliteJournal) -> None:
    claim = await journal.claim(request())
    assert isinstance(claim, Charged)
    assert await journal.claim(request(plan="plan-2")) == InFlight(plan_digest="plan-1")
    assert isinstance(await journal.claim(request(query="query-2")), Conflict)


# -- other entries ---------------------------------------------------------------------------------


async def test_notes_are_recorded_together_or_not_at_all(journal: SqliteJournal) -> None:
    receipts = await journal.record([NOTE, NOTE])
    assert [receipt.seq for receipt in receipts] == [1, 2]
    bad = Note(kind=EntryKind.SNAPSHOT_PUBLISHED, body={})
    for notes in ([NOTE, bad], [NOTE, Note(kind=EntryKind.CHARGED)]):
        with pytest.raises(JournalInvalid):
            await journal.record(notes)
    others = await asyncio.gather(
        journal.record([NOTE]), journal.record([bad]), journal.record([NOTE]), return_exceptions=True
    )
    assert [isinstance(other, GatewayError) for other in others] == [False, True, False]
    assert journal.head()[0] == 4


async def test_reading(journal: SqliteJournal) -> None:
    receipts = await journal.record([NOTE] * 5)
    assert [seq for seq, _data in journal.entries(2, 2)] == [2, 3]
    assert [seq for seq, _data in journal.newest(2)] == [4, 5]
    assert journal.head() == (5, receipts[-1].leaf_hash)
    found = journal.find(receipts[0].entry)
    assert found is not None and leaf_hash(found[1]).hex() == receipts[0].leaf_hash
    assert journal.find("00" * 16) is None and journal.find("no hex") is None
    entry = parse(found[1])
    assert entry.mode == "demo" and entry.note == NOTE


async def test_the_latest_of_a_kind_survives_a_restart(path: Path) -> None:
    journal = open_journal(path)
    assert journal.latest(EntryKind.REFUSED) is None
    newest = replace(NOTE, outcome="newest")
    await journal.record([NOTE, newest])
    assert journal.latest(EntryKind.REFUSED) == newest
    journal.close()
    journal = open_journal(path)
    assert journal.latest(EntryKind.REFUSED) == newest
    opened = journal.latest(EntryKind.OPENED)
    assert opened is not None and opened.body["trust_digest"] == "0" * 64
    journal.close()


# -- restarts --------------------------------------------------------------------------------------


async def test_a_restart_remembers_everything(path: Path) -> None:
    journal = open_journal(path)
    claim = await drawn(journal)
    assert isinstance(await journal.claim(request(party="south")), Replay)
    journal.close()
    journal = open_journal(path, demo=False)
    assert isinstance(await journal.claim(request(query="query-2")), Conflict)
    for party in ("north", "south"):
        own = await journal.claim(request(party=party, request_id="r-9"))
        assert isinstance(own, Replay) and own.own and own.loss == NOTHING and own.stored == noisy(claim)
    assert parse(journal.newest(1)[0][1]).mode == "normal"
    journal.close()
    check_journal(path)


async def test_an_open_charge_is_closed_as_unknown_and_the_next_pays_for_draw_two(path: Path) -> None:
    journal = open_journal(path)
    assert isinstance(await journal.claim(request()), Charged)
    journal.close()  # the draw was never settled, as after a kill between claim and release
    journal = open_journal(path)
    closed = parse(journal.newest(1)[0][1])
    assert (closed.kind, closed.note.outcome) == (EntryKind.FAILED, "unknown")
    assert closed.note.subject == request().subject
    again = await journal.claim(request())
    assert isinstance(again, Charged) and (again.draw, again.balances[0].spent.rho) == (2, 20)
    await journal.release(again, noisy(again))
    journal.close()
    check_journal(path)


async def test_what_does_not_open(path: Path) -> None:
    journal = open_journal(path)
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(JournalLocked) as caught:
        open_journal(path)
    assert caught.value.reason == "JOURNAL_LOCKED"
    journal.close()
    for wrong in ({"origin": "else"}, {"site": "else"}):
        with pytest.raises(JournalInvalid):
            open_journal(path, **wrong)
    open_journal(path).close()  # the twin of all three
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 2")
    with pytest.raises(JournalInvalid, match="schema 2"):
        open_journal(path)


def test_a_foreign_database_or_file_does_not_open(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "foreign.db")) as database:
        database.execute("CREATE TABLE t (x)")
    (tmp_path / "noise").write_bytes(b"noise" * 1000)
    for name, error in (("foreign.db", JournalInvalid), ("noise", AuditUnavailable)):
        with pytest.raises(error):
            open_journal(tmp_path / name)
    with pytest.raises(AuditUnavailable):
        open_journal(tmp_path / "no folder" / "journal.db")
    open_journal(tmp_path / "new.db").close()  # the twin


def test_it_is_a_journal(path: Path) -> None:
    journal = open_journal(path)
    port: Journal = journal  # the type checker compares every method
    assert port.healthy
    journal.close()


def test_the_database_keeps_what_it_commits(path: Path) -> None:
    store = JournalStore(path, busy=1)
    assert store.database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert store.database.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
    store.close()


# -- failing closed --------------------------------------------------------------------------------


def well(journal: SqliteJournal) -> bool:
    return journal.healthy


async def refuses(journal: SqliteJournal) -> None:
    with pytest.raises(AuditUnavailable) as caught:
        await asyncio.wait_for(journal.claim(request(request_id="late", plan="late")), 5)
    assert caught.value.reason == "AUDIT_UNAVAILABLE"


async def fails_for_good(journal: SqliteJournal) -> None:
    await refuses(journal)
    assert not journal.healthy
    await refuses(journal)
    with pytest.raises(AuditUnavailable):
        await journal.record([NOTE])
    with pytest.raises(AuditUnavailable):
        await journal.wait("plan-1")
    journal.close()


@pytest.mark.parametrize("suffix", ["", "-wal"])
async def test_a_deleted_file_is_found(path: Path, suffix: str) -> None:
    journal = open_journal(path)
    assert isinstance(await journal.claim(request()), Charged)
    assert journal.healthy
    path.with_name(path.name + suffix).unlink()
    await fails_for_good(journal)


async def test_a_replaced_file_is_found(path: Path) -> None:
    journal = open_journal(path)
    copy = path.with_name("copy.db")
    copy.write_bytes(b"")
    copy.rename(path)
    await fails_for_good(journal)


async def test_a_second_writer_that_got_past_the_lock_ends_the_first(path: Path) -> None:
    journal = open_journal(path)
    path.with_name(path.name + ".lock").unlink()
    other = open_journal(path)
    await fails_for_good(journal)
    assert isinstance(await other.claim(request()), Charged)
    other.close()
    check_journal(path)


async def test_nobody_is_answered_before_the_commit(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = open_journal(path)
    waiting = await journal.claim(request())
    assert isinstance(waiting, Charged)
    waiter = asyncio.create_task(journal.wait("plan-1"))
    await asyncio.sleep(0)

    def broken(_store: JournalStore) -> None:
        raise JournalBroken("broken")

    monkeypatch.setattr(JournalStore, "commit", broken)
    spent = journal.balance(waiting.claim.charges[0].account, CAP)
    outcomes = await asyncio.gather(
        journal.release(waiting, noisy(waiting)),
        journal.claim(request(plan="plan-2", request_id="r-2")),
        return_exceptions=True,
    )
    assert all(isinstance(outcome, AuditUnavailable) for outcome in outcomes)
    with pytest.raises(AuditUnavailable):
        await waiter
    assert journal.balance(waiting.claim.charges[0].account, CAP) == spent  # memory did not advance
    monkeypatch.undo()
    journal.close()
    assert check_journal(path).entries == 2


async def test_too_little_room_refuses_claims_but_lets_what_started_end(path: Path) -> None:
    journal = open_journal(path)
    claim = await journal.claim(request())
    assert isinstance(claim, Charged)
    journal._room.headroom = 1 << 62
    await refuses(journal)
    assert not well(journal)
    await journal.release(claim, noisy(claim))
    journal._room.headroom = 1
    assert well(journal)
    assert isinstance(await journal.claim(request()), Replay)
    journal.close()


async def test_a_stored_release_that_was_changed_is_never_shown(path: Path) -> None:
    journal = open_journal(path)
    claim = await drawn(journal)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE releases SET stored = CAST('other' AS BLOB)")
    with pytest.raises(JournalInvalid):
        await journal.claim(request())
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE releases SET stored = ?", (noisy(claim),))
    assert isinstance(await journal.claim(request()), Replay)  # the twin
    journal.close()


async def test_a_closed_journal_answers_unavailable(path: Path) -> None:
    journal = open_journal(path)
    journal.close()
    await refuses(journal)


def test_closing_again_does_nothing(path: Path) -> None:
    journal = open_journal(path)
    lock = journal._store._lock
    os.fstat(lock)  # the twin: before, it was open
    journal.close()
    stranger = os.open(os.devnull, os.O_RDONLY)
    os.dup2(stranger, lock)  # another file takes the number
    try:
        journal.close()
        os.fstat(lock)
    finally:
        os.close(lock)
        if stranger != lock:
            os.close(stranger)
    journal.close()


class Gate:
    """Entropy that can be made to wait, and the writer with it, as on a disk that hangs."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.open.set()
        self.reached = threading.Event()

    def __call__(self, count: int) -> bytes:
        self.reached.set()
        assert self.open.wait(10)
        return os.urandom(count)

    async def shut_until_reached(self) -> None:
        while not self.reached.is_set():
            await asyncio.sleep(0.001)


@pytest.mark.parametrize("how", ["timeout", "cancel"])
async def test_a_charge_that_nobody_waits_for_any_more_is_closed(path: Path, how: str) -> None:
    gate = Gate()
    journal = open_journal(path, entropy=gate, patience=0.3 if how == "timeout" else 5)
    gate.open.clear()
    gate.reached.clear()
    taken = asyncio.create_task(journal.claim(request()))
    await gate.shut_until_reached()
    queued = asyncio.create_task(journal.claim(request(plan="plan-2", request_id="r-2")))
    await asyncio.sleep(0.01)
    if how == "cancel":
        taken.cancel()
        queued.cancel()
    outcomes = await asyncio.gather(taken, queued, return_exceptions=True)
    expected = AuditUnavailable if how == "timeout" else asyncio.CancelledError
    assert all(isinstance(outcome, expected) for outcome in outcomes)
    journal._writer._busy_since = math.inf  # that somebody gave up is enough, whatever the time
    assert journal.healthy == (how == "cancel")
    gate.open.set()
    async with asyncio.timeout(5):
        while kinds(journal)[-1] is not EntryKind.FAILED:
            await asyncio.sleep(0.01)
    assert kinds(journal) == [EntryKind.OPENED, EntryKind.CHARGED, EntryKind.FAILED]
    assert journal.healthy
    again = await journal.claim(request())
    assert isinstance(again, Charged) and again.draw == 2
    journal.close()
    check_journal(path)


async def test_replays_are_fast(path: Path) -> None:
    """32 callers; the bar is far below what an idle machine does, so that it holds on a busy one."""
    journal = open_journal(path, clock=SystemClock())
    await drawn(journal)
    done = 0

    async def caller(lane: int) -> None:
        nonlocal done
        for n in range(30):
            assert isinstance(await journal.claim(request(request_id=f"{lane}-{n}")), Replay)
            done += 1

    began = time.perf_counter()
    await asyncio.gather(*(caller(lane) for lane in range(32)))
    rate = done / (time.perf_counter() - began)
    journal.close()
    assert rate > 200


# -- which journal was opened here -----------------------------------------------------------------


def gone(path: Path) -> bool:
    with pytest.raises(JournalInvalid) as refused:
        open_journal(path)
    return refused.value.reason == "JOURNAL_MISSING"


async def test_a_journal_that_was_opened_is_never_begun_anew(path: Path) -> None:
    open_journal(path).close()
    whole = path.read_bytes()
    path.unlink()
    assert gone(path)
    assert not path.exists()
    path.write_bytes(b"")
    assert gone(path)
    path.write_bytes(whole)
    open_journal(path).close()
    check_journal(path)


async def test_another_journal_in_its_place_is_refused(path: Path) -> None:
    open_journal(path).close()
    other = path.parent / "other" / path.name
    other.parent.mkdir()
    open_journal(other).close()
    whole = path.read_bytes()
    path.write_bytes(other.read_bytes())
    assert gone(path)
    path.write_bytes(whole)
    open_journal(path).close()


async def test_kept_policies_tell_of_a_journal(path: Path) -> None:
    kept = path.parent / "policies" / "d.json"
    kept.parent.mkdir()
    kept.write_text("{}")
    assert gone(path)
    kept.unlink()
    open_journal(path).close()


async def test_a_marker_that_is_absent_is_made_and_a_broken_one_refused(path: Path) -> None:
    open_journal(path).close()
    marker = path.with_suffix(".opened")
    marker.unlink()  # as in a journal of an older version, or after a crash at the very start
    open_journal(path).close()
    whole = marker.read_bytes()
    marker.write_text("{")
    with pytest.raises(JournalInvalid):
        open_journal(path)
    marker.write_bytes(whole)
    open_journal(path).close()
