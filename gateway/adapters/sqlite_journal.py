"""The journal on SQLite: one writer thread, commits in groups, answers only what is on the disk.

Law: nothing is answered before COMMIT has returned, and nobody waits longer than `patience`. Any failure
of the file ends the writer: everything that waits and everything that comes later gets
`AuditUnavailable`, `healthy` turns false, and the process should end; the next start reads the truth.
Imports: the standard library, errors, domain, audit, ledger, verify, ports, adapters.
"""

from __future__ import annotations

import asyncio
import logging
import math
import os
import queue
import sqlite3
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from gateway.adapters.journal_book import UNKNOWN, JournalBook
from gateway.adapters.journal_marker import check_marker, mark
from gateway.adapters.journal_store import JournalBroken, JournalStore, free_bytes
from gateway.audit.entry import DEMO, NORMAL
from gateway.domain.entry import Charged, ClaimOutcome, ClaimRequest, EntryKind, Note, Receipt
from gateway.domain.privacy import NOTHING, Account, Balance, PrivacyLoss
from gateway.errors import AuditUnavailable, GatewayError, JournalInvalid
from gateway.ports import Clock
from gateway.verify import Walk, open_read_only, rows, stored_lookup, walk_rows

_log = logging.getLogger(__name__)
T = TypeVar("T")
GROUP = 256  # items committed together at most
GATHER = 0.0003  # seconds of waiting for company, for each item of the last group
LONGEST_GATHER = 0.006
PATIENCE = 5.0  # seconds
HEADROOM = 8 << 20  # bytes of disk that a claim leaves free, so that what it starts can be recorded
PAGE = 1000  # entries in one reading


@dataclass(slots=True, eq=False)
class _Item:
    """One operation that waits for the writer. `must`: done even when nobody waits any more."""

    work: Callable[[JournalBook], object]
    must: bool
    future: asyncio.Future[Any] | None = None
    loop: asyncio.AbstractEventLoop | None = None
    abandoned: bool = False
    result: object = None
    error: GatewayError | None = None


class SqliteJournal:
    """Implements `ports.Journal`; also read by the site's audit service. Make one with `open`."""

    def __init__(
        self, *, store: JournalStore, book: JournalBook, clock: Clock, patience: float, headroom: int
    ) -> None:
        self._store, self._book, self._clock = store, book, clock
        self._patience, self._headroom = patience, headroom
        self._queue: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._ended = False
        self._crowd = 0  # how many items the last group held
        self._busy_since = math.inf  # monotonic seconds; inf while the writer waits for work
        # What readers see: published by the writer after each commit, under the lock.
        self._lock = threading.Lock()
        self._spent: dict[tuple[str, str], PrivacyLoss] = {}
        self._in_flight: frozenset[str] = frozenset()
        self._waiters: dict[str, list[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]]] = {}
        self._publish()
        self._reading = threading.Lock()
        self._reader = open_read_only(store.path)
        self._thread = threading.Thread(target=self._write, name="journal-writer", daemon=True)
        self._thread.start()

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        origin: str,
        site: str,
        trust_digest: str,
        demo: bool,
        clock: Clock,
        entropy: Callable[[int], bytes] = os.urandom,
        patience: float = PATIENCE,
        headroom: int = HEADROOM,
    ) -> SqliteJournal:
        """Open a journal, or create it with `Opened` as entry 0. Reads and verifies all of it.

        `patience`: seconds that a caller waits at most. Charges left open by the process before are
        closed as unknown. Raises `JournalLocked` (another process owns it), `JournalInvalid` (it does
        not verify, is another site's, or of a newer schema; JOURNAL_MISSING where another one was opened
        here) or `AuditUnavailable`.
        """
        if not path.exists():
            check_marker(path, None)  # before an empty one is made in its place
        store = JournalStore(path, busy=patience)
        try:
            walk = _verified(path, origin=origin, site=site)
            check_marker(path, first_entry(path))
            book = JournalBook(
                store=store,
                ledger=walk.ledger,
                last=walk.last,
                head=walk.head,
                origin=origin,
                mode=DEMO if demo else NORMAL,
                clock=clock,
                entropy=entropy,
            )
            store.begin()
            if walk.last is None:
                book.opened(site=site, trust_digest=trust_digest)
            book.close_open()
            store.commit()
            _mark(path, origin)
            return cls(store=store, book=book, clock=clock, patience=patience, headroom=headroom)
        except BaseException:
            store.close()
            raise

    def close(self) -> None:
        """Finish what waits, then give the file back. A closed journal answers `AuditUnavailable`."""
        self._queue.put(None)
        self._thread.join()
        with self._reading:
            self._reader.close()  # before the writer's connection, which tidies up the log as the last
        self._store.close()

    # -- the port --------------------------------------------------------------------------------

    @property
    def healthy(self) -> bool:
        """Whether a claim would be taken now."""
        stalled = time.monotonic() - self._busy_since > self._patience
        return not self._ended and not stalled and free_bytes(self._store.path) >= self._headroom

    async def claim(self, request: ClaimRequest) -> ClaimOutcome:
        return await self._ask(lambda book: self._claim(book, request), must=False)

    async def release(self, charged: Charged, stored: bytes) -> Receipt:
        return await self._ask(lambda book: book.release(charged, stored), must=True)

    async def fail(self, charged: Charged, outcome: str) -> Receipt:
        return await self._ask(lambda book: book.fail(charged, outcome), must=True)

    async def record(self, notes: Sequence[Note]) -> list[Receipt]:
        return await self._ask(lambda book: book.record(notes), must=False)

    async def wait(self, plan_digest: str) -> None:
        """Return when no draw of this plan is in flight. Raises `AuditUnavailable` if the writer ends."""
        loop = asyncio.get_running_loop()
        with self._lock:
            if self._ended:
                raise _unavailable()
            if plan_digest not in self._in_flight:
                return
            future = loop.create_future()
            self._waiters.setdefault(plan_digest, []).append((loop, future))
        await future

    def balance(self, account: Account, cap: PrivacyLoss | None) -> Balance:
        key = account.period.key(max(self._clock.now(), self._time))
        spent = self._spent.get((account.key, key), NOTHING)
        return Balance(account=account, period_key=key, spent=spent, cap=cap)

    def latest(self, kind: EntryKind) -> Note | None:
        """The newest committed entry of a kind, or None."""
        return self._latest.get(kind)

    # -- reading, in short transactions of a connection that cannot write --------------------------

    def entries(self, start: int, limit: int) -> list[tuple[int, bytes]]:
        """(seq, bytes) of at most `limit` (<= 1000) entries from `start` on. Blocks for the read."""
        return self._read(
            "SELECT seq, data FROM entries WHERE seq >= ? ORDER BY seq LIMIT ?", start, min(limit, PAGE)
        )

    def newest(self, limit: int) -> list[tuple[int, bytes]]:
        """(seq, bytes) of the last entries, at most `limit` (<= 1000), in ascending order."""
        found = self._read("SELECT seq, data FROM entries ORDER BY seq DESC LIMIT ?", min(limit, PAGE))
        return found[::-1]

    def find(self, entry_id: str) -> tuple[int, bytes] | None:
        """(seq, bytes) of the entry with this id (hex), or None."""
        try:
            name = bytes.fromhex(entry_id)
        except ValueError:
            return None
        found = self._read("SELECT seq, data FROM entries WHERE id = ?", name)
        return found[0] if found else None

    def head(self) -> tuple[int, str]:
        """Number and leaf hash (hex) of the newest committed entry."""
        return self._head

    def _read(self, statement: str, *values: int | bytes) -> list[tuple[int, bytes]]:
        try:
            with self._reading:
                return [(int(seq), bytes(data)) for seq, data in self._reader.execute(statement, values)]
        except sqlite3.Error:
            raise AuditUnavailable("the journal cannot be read") from None

    # -- the callers' side -------------------------------------------------------------------------

    async def _ask(self, work: Callable[[JournalBook], T], *, must: bool) -> T:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        item = _Item(work=work, must=must, future=future, loop=loop)
        self._queue.put(item)
        if self._ended:  # the writer's last look at the queue may have come before this item
            raise _unavailable()
        expiry = loop.call_later(self._patience, _expire, future)
        try:
            return await future
        except (AuditUnavailable, asyncio.CancelledError):
            self._abandon(item)
            raise
        finally:
            expiry.cancel()

    def _abandon(self, item: _Item) -> None:
        """Nobody waits any more: skipped if the writer has not come to it, else closed as unknown."""
        item.abandoned = True
        future = item.future
        if future is not None and future.done() and not future.cancelled() and future.exception() is None:
            self._close_unknown(future.result())

    def _close_unknown(self, result: object) -> None:
        if isinstance(result, Charged):
            self._queue.put(_Item(work=partial(_fail_unknown, charged=result), must=True))

    def _deliver(self, items: Sequence[_Item]) -> None:
        """On the callers' loop: hand results over; a charge that nobody waits for is closed."""
        for item in items:
            future = item.future
            if future is None:
                continue
            if future.done() or item.abandoned:
                self._close_unknown(item.result)
            elif item.error is not None:
                future.set_exception(item.error)
            else:
                future.set_result(item.result)

    # -- the writer's side -------------------------------------------------------------------------

    def _write(self) -> None:
        """The writer thread: take whatever waits, decide, commit together, publish, answer."""
        group: list[_Item] = []
        more = True
        try:
            while more:
                group, more = self._take()
                self._busy_since = time.monotonic()
                self._commit(group)
                self._crowd = len(group)
                self._busy_since = math.inf
                self._hand_over(group)
                group = []
        except Exception as error:  # whatever it was, the file and this memory may differ
            _log.critical("the journal's writer ended", extra={"error": type(error).__name__})
        finally:
            self._end(group)

    def _take(self) -> tuple[list[_Item], bool]:
        """All that waits, at most GROUP; and whether the writer goes on after it.

        After a group of several, more are about to come: a moment's patience makes the next one larger,
        and a commit costs the same whatever it holds. A lone caller never waits for company.
        """
        group: list[_Item] = []
        item = self._queue.get()
        if self._crowd > 1 and item is not None:
            time.sleep(min(self._crowd * GATHER, LONGEST_GATHER))
        while item is not None:
            group.append(item)
            if len(group) >= GROUP:
                return group, True
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                return group, True
        return group, False

    def _commit(self, group: Sequence[_Item]) -> None:
        """One transaction. A failure of one item is that item's; a failure of the file is everyone's."""
        self._roomy = free_bytes(self._store.path) >= self._headroom
        self._store.begin()
        for item in group:
            if item.abandoned and not item.must:
                continue
            try:
                item.result = item.work(self._book)
            except JournalBroken:
                raise
            except GatewayError as error:
                item.error = error
        self._store.commit()
        self._publish()

    def _claim(self, book: JournalBook, request: ClaimRequest) -> ClaimOutcome:
        if not self._roomy:  # what is started could not be recorded to its end
            raise _unavailable()
        return book.claim(request)

    def _publish(self) -> None:
        """Memory advances only here, after COMMIT."""
        book = self._book
        with self._lock:
            if not self._spent:
                self._spent.update(book.ledger.spent)
            for key in book.touched:
                self._spent[key] = book.ledger.balance(*key)
            book.touched.clear()
            self._head = (book.seq - 1, book.head)
            self._time = book.now() if book.last is None else book.last.time
            self._latest = {kind: entry.note for kind, entry in book.ledger.latest.items()}
            self._in_flight = frozenset(book.ledger.in_flight)
            landed = [plan for plan in self._waiters if plan not in self._in_flight]
            waiters = [waiter for plan in landed for waiter in self._waiters.pop(plan)]
        for loop, future in waiters:
            _call(loop, partial(_wake, future))

    def _hand_over(self, group: Sequence[_Item]) -> None:
        """One wake-up per event loop, whatever the group's size."""
        by_loop: dict[asyncio.AbstractEventLoop, list[_Item]] = defaultdict(list)
        for item in group:
            if item.loop is not None:
                by_loop[item.loop].append(item)
        for loop, items in by_loop.items():
            if not _call(loop, partial(self._deliver, items)):
                for item in items:
                    self._close_unknown(item.result)

    def _end(self, group: list[_Item]) -> None:
        """The writer's last act: nobody is left waiting."""
        with self._lock:
            self._ended = True
            waiters = [waiter for found in self._waiters.values() for waiter in found]
            self._waiters.clear()
        while True:
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                break
            if item is not None:
                group.append(item)
        for item in group:
            item.result, item.error = None, _unavailable()
        self._hand_over(group)
        for loop, future in waiters:
            _call(loop, partial(_wake, future, failed=True))


def _verified(path: Path, *, origin: str, site: str) -> Walk:
    """Everything that is in the file, taken in. Raises `JournalInvalid` or `AuditUnavailable`."""
    try:
        with closing(open_read_only(path)) as database:
            walk = Walk(stored=stored_lookup(database))
            walk_rows(walk, rows(database))
    except (sqlite3.Error, ValueError, TypeError):
        raise JournalInvalid("the journal's database is damaged") from None
    if walk.faults:
        raise JournalInvalid(f"the journal does not verify: {walk.faults[0]}")
    if walk.last is not None and (walk.origin, walk.site) != (origin, site):
        raise JournalInvalid("the journal is of another origin or site")
    return walk


def first_entry(path: Path) -> bytes | None:
    """The bytes of a journal's entry 0. Raises `JournalInvalid`."""
    try:
        with closing(open_read_only(path)) as database:
            found = next(rows(database), None)
    except (sqlite3.Error, ValueError, TypeError):
        raise JournalInvalid("the journal's database is damaged") from None
    return None if found is None else found[2]


def _mark(path: Path, origin: str) -> None:
    first = first_entry(path)
    if first is None:
        raise JournalInvalid("the journal has no first entry")
    try:
        mark(path, origin, first)
    except OSError:
        raise AuditUnavailable("the journal cannot be written") from None


def _fail_unknown(book: JournalBook, *, charged: Charged) -> None:
    if charged.entry in book.ledger.open:
        book.fail(charged, UNKNOWN)


def _expire(future: asyncio.Future[Any]) -> None:
    if not future.done():
        future.set_exception(_unavailable())


def _wake(future: asyncio.Future[None], *, failed: bool = False) -> None:
    if future.done():
        return
    if failed:
        future.set_exception(_unavailable())
    else:
        future.set_result(None)


def _call(loop: asyncio.AbstractEventLoop, callback: Callable[[], None]) -> bool:
    """Run on a loop, if it still runs."""
    try:
        loop.call_soon_threadsafe(callback)
    except RuntimeError:  # the loop was closed
        return False
    return True


def _unavailable() -> AuditUnavailable:
    return AuditUnavailable("the journal cannot be written now; nothing was answered")
