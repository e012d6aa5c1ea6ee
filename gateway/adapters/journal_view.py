"""What the rest of the gateway sees of the journal between commits: balances, head, draws in flight.

Law: it advances only after COMMIT, all at once; who waits for a draw is woken when it landed or the writer
ended, never left. Imports: the standard library, errors, domain, adapters.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial

from gateway.adapters.journal_book import JournalBook
from gateway.domain.entry import EntryKind, Note
from gateway.domain.privacy import NOTHING, PrivacyLoss
from gateway.errors import AuditUnavailable

_Waiter = tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]


class JournalView:
    """Published by the writer, read by event loops."""

    head: tuple[int, str]  # number and leaf hash (hex) of the newest committed entry
    time: datetime  # of that entry
    latest: dict[EntryKind, Note]

    def __init__(self, book: JournalBook) -> None:
        self._lock = threading.Lock()
        self._ended = False
        self._spent: dict[tuple[str, str], PrivacyLoss] = dict(book.ledger.spent)
        self._in_flight: frozenset[str] = frozenset()
        self._waiters: dict[str, list[_Waiter]] = {}
        self.publish(book)

    @property
    def ended(self) -> bool:
        """Whether the writer has ended: nothing will be published any more."""
        return self._ended

    def spent(self, account: str, period_key: str) -> PrivacyLoss:
        """What an account has spent in a period, as last committed."""
        return self._spent.get((account, period_key), NOTHING)

    async def landed(self, plan_digest: str) -> None:
        """Return when no draw of this plan is in flight. Raises `AuditUnavailable` if the writer ends."""
        loop = asyncio.get_running_loop()
        with self._lock:
            if self._ended:
                raise unavailable()
            if plan_digest not in self._in_flight:
                return
            future = loop.create_future()
            self._waiters.setdefault(plan_digest, []).append((loop, future))
        await future

    def publish(self, book: JournalBook) -> None:
        """Memory advances only here, after COMMIT."""
        with self._lock:
            for key in book.touched:
                self._spent[key] = book.ledger.balance(*key)
            book.touched.clear()
            self.head = (book.seq - 1, book.head)
            self.time = book.now() if book.last is None else book.last.time
            self.latest = {kind: entry.note for kind, entry in book.ledger.latest.items()}
            self._in_flight = frozenset(book.ledger.in_flight)
            landed = [plan for plan in self._waiters if plan not in self._in_flight]
            waiters = [waiter for plan in landed for waiter in self._waiters.pop(plan)]
        for loop, future in waiters:
            call(loop, partial(_wake, future))

    def end(self) -> None:
        """The writer's last act here: nobody is left waiting."""
        with self._lock:
            self._ended = True
            waiters = [waiter for found in self._waiters.values() for waiter in found]
            self._waiters.clear()
        for loop, future in waiters:
            call(loop, partial(_wake, future, failed=True))


def call(loop: asyncio.AbstractEventLoop, callback: Callable[[], None]) -> bool:
    """Run on a loop, if it still runs."""
    try:
        loop.call_soon_threadsafe(callback)
    except RuntimeError:  # the loop was closed
        return False
    return True


def unavailable() -> AuditUnavailable:
    return AuditUnavailable("the journal cannot be written now; nothing was answered")


def _wake(future: asyncio.Future[None], *, failed: bool = False) -> None:
    if future.done():
        return
    if failed:
        future.set_exception(unavailable())
    else:
        future.set_result(None)
