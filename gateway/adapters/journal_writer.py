"""The one writer thread: takes what waits, decides, commits in groups, and answers what is on the disk.

Law: nothing is answered before COMMIT has returned, and nobody waits longer than `patience`. Any failure
of the file ends the writer: everything that waits and everything that comes later gets `AuditUnavailable`.
Imports: the standard library, errors, domain, adapters.
"""

from __future__ import annotations

import asyncio
import logging
import math
import queue
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from gateway.adapters.journal_book import JournalBook
from gateway.adapters.journal_store import JournalBroken, JournalStore
from gateway.adapters.journal_view import JournalView, call, unavailable
from gateway.domain.entry import Charged
from gateway.errors import AuditUnavailable, GatewayError

_log = logging.getLogger(__name__)
T = TypeVar("T")
GROUP = 256  # items committed together at most
GATHER = 0.0003  # seconds of waiting for company, for each item of the last group
LONGEST_GATHER = 0.006
LOOK = 1.0  # seconds after which an idle writer looks at its clock and at what was only counted


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


class JournalWriter:
    """Owns the store and the book from `start` on."""

    def __init__(self, *, store: JournalStore, book: JournalBook, view: JournalView, patience: float) -> None:
        self._store, self._book, self._view, self._patience = store, book, view, patience
        self._queue: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._crowd = 0  # how many items the last group held
        self._given_up = False  # somebody stopped waiting, and nothing was committed since
        self._busy_since = math.inf  # monotonic seconds; inf while the writer waits for work
        self._thread = threading.Thread(target=self._write, name="journal-writer", daemon=True)
        self._thread.start()

    @property
    def stalled(self) -> bool:
        """Whether one commit has taken longer than anybody waits, or somebody gave it up."""
        return self._given_up or time.monotonic() - self._busy_since > self._patience

    def finish(self) -> None:
        """Do what waits, then end."""
        self._queue.put(None)
        self._thread.join()

    # -- the callers' side -------------------------------------------------------------------------

    async def ask(self, work: Callable[[JournalBook], T], *, must: bool) -> T:
        """The result of `work`, once it is on the disk. Raises its error, or `AuditUnavailable`."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        item = _Item(work=work, must=must, future=future, loop=loop)
        self._queue.put(item)
        if self._view.ended:  # the writer's last look at the queue may have come before this item
            raise unavailable()
        expiry = loop.call_later(self._patience, self._expire, future)
        try:
            return await future
        except (AuditUnavailable, asyncio.CancelledError):
            self._abandon(item)
            raise
        finally:
            expiry.cancel()

    def _expire(self, future: asyncio.Future[Any]) -> None:
        if not future.done():
            self._given_up = True
            future.set_exception(unavailable())

    def _abandon(self, item: _Item) -> None:
        """Nobody waits any more: skipped if the writer has not come to it, else closed as unknown."""
        item.abandoned = True
        future = item.future
        if future is not None and future.done() and not future.cancelled() and future.exception() is None:
            self._close_unknown(future.result())

    def _close_unknown(self, result: object) -> None:
        if isinstance(result, Charged):
            self._queue.put(_Item(work=lambda book: book.fail_unknown(result), must=True))

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
        group: list[_Item] = []
        more = True
        try:
            while more:
                group, more = self._take()
                self._busy_since = time.monotonic()
                if group or not more or self._book.due:
                    self._commit(group, last=not more)
                self._crowd = len(group)
                self._busy_since, self._given_up = math.inf, False
                self._hand_over(group)
                group = []
        except Exception as error:  # whatever it was, the file and this memory may differ
            _log.critical("the journal's writer ended", extra={"error": type(error).__name__})
        finally:
            self._end(group)

    def _take(self) -> tuple[list[_Item], bool]:
        """All that waits, at most GROUP, or nothing for a while; and whether the writer goes on after it.

        After a group of several, more are about to come: a moment's patience makes the next one larger,
        and a commit costs the same whatever it holds. A lone caller never waits for company.
        """
        group: list[_Item] = []
        try:
            item = self._queue.get(timeout=LOOK)
        except queue.Empty:
            return [], True
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

    def _commit(self, group: Sequence[_Item], *, last: bool) -> None:
        """One transaction. A failure of one item is that item's; a failure of the file is everyone's."""
        self._store.begin()
        self._book.begin(last=last)
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
        self._view.publish(self._book.chain)

    def _hand_over(self, group: Sequence[_Item]) -> None:
        """One wake-up per event loop, whatever the group's size."""
        by_loop: dict[asyncio.AbstractEventLoop, list[_Item]] = defaultdict(list)
        for item in group:
            if item.loop is not None:
                by_loop[item.loop].append(item)
        for loop, items in by_loop.items():
            if not call(loop, partial(self._deliver, items)):
                for item in items:
                    self._close_unknown(item.result)

    def _end(self, group: list[_Item]) -> None:
        """The writer's last act: nobody is left waiting."""
        self._view.end()
        while True:
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                break
            if item is not None:
                group.append(item)
        for item in group:
            item.result, item.error = None, unavailable()
        self._hand_over(group)
