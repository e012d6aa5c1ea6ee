"""Durable journal entries a second, beside a bare file that is fdatasynced after the same bytes.

Run: `python bench/journal.py`. Prints the median ratio with its least and greatest value, at groups of
1, 8 and 64 entries a commit, and the writer's CPU per entry; then own replays through the whole journal
at 32 callers. Goal (journal.md): within 3x of the bare file at groups of 1 and 8; at 64 at most 40
microseconds of CPU an entry.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from gateway.adapters.clock import SystemClock
from gateway.adapters.journal_book import JournalBook
from gateway.adapters.journal_chain import JournalChain
from gateway.adapters.journal_clock import JournalClock
from gateway.adapters.journal_floods import Floods
from gateway.adapters.journal_room import JournalRoom
from gateway.adapters.journal_store import JournalStore
from gateway.adapters.sqlite_journal import SqliteJournal
from gateway.audit.entry import NO_ENTRY
from gateway.domain.entry import Charged, ClaimRequest, EntryKind, Note, Replay, Subject
from gateway.domain.identity import Principal
from gateway.domain.privacy import Account, AccountKind, Charge, Period, PrivacyLoss
from gateway.ledger import Ledger

ROUNDS = 7
GROUPS = {1: 300, 8: 150, 64: 50}  # entries a commit: commits a round
CALLERS, CALLS = 32, 100

SUBJECT = Subject(
    principal=Principal(
        party="north-university",
        person="analyst",
        purpose="HRESCH",
        thumbprint="x" * 43,
        jti="j" * 36,
    ),
    agreement="dsa-north-2026",
    generation=4,
    operation="aggregate",
    dataset="encounters",
    snapshot="s-000001",
    request_id="r" * 36,
)
REFUSED = Note(kind=EntryKind.REFUSED, subject=SUBJECT, cells=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    seconds: float
    cpu: float
    entries: int


def journal_round(book: JournalBook, store: JournalStore, group: int, commits: int) -> Round:
    began, cpu = time.perf_counter(), time.thread_time()
    for _ in range(commits):
        store.begin()
        for _ in range(group):
            book.record([REFUSED])
        store.commit()
    return Round(seconds=time.perf_counter() - began, cpu=time.thread_time() - cpu, entries=group * commits)


def bare_round(descriptor: int, size: int, group: int, commits: int) -> Round:
    data = secrets.token_bytes(size * group)
    began, cpu = time.perf_counter(), time.thread_time()
    for _ in range(commits):
        os.write(descriptor, data)
        os.fdatasync(descriptor)
    return Round(seconds=time.perf_counter() - began, cpu=time.thread_time() - cpu, entries=group * commits)


def groups(folder: Path) -> None:
    store = JournalStore(folder / "groups.db", busy=5)
    chain = JournalChain(
        store=store,
        room=JournalRoom(folder / "groups.db"),
        ledger=Ledger(),
        last=None,
        head=NO_ENTRY,
        origin="hospital.example/log",
        mode="normal",
        clock=JournalClock(SystemClock(), last=None, anchor=None, confirmed=True),
        entropy=os.urandom,
    )
    book = JournalBook(chain, Floods(time.monotonic))
    store.begin()
    book.begin()
    book.opened(site="hospital", trust_digest="0" * 64)
    book.record([REFUSED])
    store.commit()
    size = len(store.database.execute("SELECT data FROM entries WHERE seq = 1").fetchone()[0])
    descriptor = os.open(folder / "bare", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    print(f"entries of {size} bytes; {ROUNDS} rounds, alternating")
    for group, commits in GROUPS.items():
        pairs = [
            (journal_round(book, store, group, commits), bare_round(descriptor, size, group, commits))
            for _ in range(ROUNDS)
        ]
        ratios = sorted(ours.seconds / bare.seconds for ours, bare in pairs)
        rate = median(ours.entries / ours.seconds for ours, _bare in pairs)
        bare_rate = median(bare.entries / bare.seconds for _ours, bare in pairs)
        cpu = median(ours.cpu / ours.entries for ours, _bare in pairs) * 1e6
        print(
            f"group {group:3}: {rate:8,.0f} entries/s, bare {bare_rate:8,.0f}/s, "
            f"bare is {median(ratios):.2f}x as fast ({ratios[0]:.2f} to {ratios[-1]:.2f}), "
            f"{cpu:.0f} us CPU an entry"
        )
    os.close(descriptor)
    store.close()


def claim(request_id: str) -> ClaimRequest:
    accounts = (
        (AccountKind.AGREEMENT, SUBJECT.agreement, Period.QUARTER),
        (AccountKind.PARTY, "north-university", Period.QUARTER),
        (AccountKind.SITE, "hospital", Period.QUARTER),
        (AccountKind.SITE, "hospital", Period.LIFETIME),
    )
    subject = Subject(principal=SUBJECT.principal, agreement=SUBJECT.agreement, request_id=request_id)
    charges = tuple(
        Charge(
            account=Account(kind=kind, holder=holder, population="adults", period=period),
            loss=PrivacyLoss(rho=1),
            cap=PrivacyLoss(rho=10**9),
        )
        for kind, holder, period in accounts
    )
    return ClaimRequest(
        subject=subject, query_digest="q" * 64, plan_digest="p" * 64, charges=charges, cells=24
    )


async def replays(folder: Path) -> None:
    journal = SqliteJournal.open(
        folder / "replays.db",
        origin="hospital.example/log",
        site="hospital",
        trust_digest="0" * 64,
        demo=False,
        clock=SystemClock(),
    )
    first = await journal.claim(claim("first"))
    assert isinstance(first, Charged)
    await journal.release(first, secrets.token_bytes(2000))

    async def caller(lane: str) -> None:
        for number in range(CALLS):
            assert isinstance(await journal.claim(claim(f"{lane}-{number}")), Replay)

    rates = []
    for turn in range(ROUNDS):
        began = time.perf_counter()
        await asyncio.gather(*(caller(f"{turn}-{lane}") for lane in range(CALLERS)))
        rates.append(CALLERS * CALLS / (time.perf_counter() - began))
    journal.close()
    print(f"own replays, {CALLERS} callers: {median(rates):,.0f}/s ({min(rates):,.0f} to {max(rates):,.0f})")


def main() -> None:
    """Measure beside the folder named on the command line, or in a temporary one."""
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as folder:
        groups(Path(folder))
        asyncio.run(replays(Path(folder)))


if __name__ == "__main__":
    main()
