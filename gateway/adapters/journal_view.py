"""What the rest of the gateway sees of the journal between commits: balances, head, draws in flight.

Law: it advances only after COMMIT, all at once; who waits for a draw is woken when it landed or the writer
ended, never left. Imports: the standard library, errors, domain, adapters.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial

from gateway.adapters.journal_chain import JournalChain
from gateway.audit.disclosed import Account, Disclosed
from gateway.domain.entry import EntryKind, Note
from gateway.domain.privacy import NOTHING, PrivacyLoss
from gateway.errors import AuditUnavailable

_Waiter = tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]


class JournalView:
    """Published by the writer, read by event loops."""

    head: tuple[int, str]  # number and leaf hash (hex) of the newest committed entry
    latest: dict[EntryKind, Note]

    def __init__(self, chain: JournalChain) -> None:
        self._lock = threading.Lock()
        self._ended = False
        self._spent: dict[tuple[str, str], PrivacyLoss] = dict(chain.ledger.spent)
        self._in_flight: frozenset[str] = frozenset()
        self._disclosed = Disclosed()
        self._waiters: dict[str, list[_Waiter]] = {}
        self.publish(chain)

    @property
    def ended(self) -> bool:
        """Whether the writer has ended: nothing will be published any more."""
        return self._ended

    def spent(self, account: str, period_key: str) -> PrivacyLoss:
        """What an account has spent in a period, as last committed."""
        return self._spent.get((account, period_key), NOTHING)

    def rows_left(self, account: Account, limit: int, day: date) -> int:
        """What is left of a day's texts, as last committed."""
        disclosed = self._disclosed
        return max(0, limit - disclosed.of(account, day)) if disclosed.open_on(day) else 0

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

    def publish(self, chain: JournalChain) -> None:
        """Memory advances only here, after COMMIT."""
        with self._lock:
            for key in chain.touched:
                self._spent[key] = chain.ledger.balance(*key)
            chain.touched.clear()
            self.head = (chain.seq - 1, chain.head)
            self.latest = {kind: entry.note for kind, entry in chain.ledger.latest.items()}
            self._in_flight = frozenset(chain.ledger.in_flight)
            if chain.disclosed:  # a copy: the writer goes on with its own
                disclosed = chain.ledger.disclosed
                self._disclosed = replace(disclosed, rows=dict(disclosed.rows))
                chain.disclosed = False
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
