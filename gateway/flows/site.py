"""What serves right now at this site: one policy set, one snapshot, one journal.

The set and the engine are swapped whole; a flow reads each of them once and keeps to what it read.
Imports: domain words, the plan, ports.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Coroutine, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from gateway.domain.agreement import Compiled
from gateway.ports import Clock, Engine, Journal

T = TypeVar("T")
REMEMBERED = 1024  # shapes and renderings kept; each is a few kilobytes


@dataclass(slots=True, kw_only=True)
class Site:
    """The state behind the doors. `digest_key` is the site's secret for query and plan digests."""

    compiled: Compiled
    engine: Engine
    journal: Journal
    clock: Clock
    threads: ThreadPoolExecutor
    digest_key: bytes
    hash_epoch: str
    max_cells: int = 10_000
    longest_read: float = 60.0  # seconds; the only limit on work that was already charged
    plans: OrderedDict[Hashable, Any] = field(default_factory=OrderedDict)
    at_work: set[asyncio.Task[Any]] = field(default_factory=set)

    async def shielded(self, work: Coroutine[Any, Any, T]) -> T:
        """Run to the end whatever the caller does: a cancellation ends the wait, not the work."""
        task = asyncio.create_task(work)
        self.at_work.add(task)
        task.add_done_callback(self._finished)
        return await asyncio.shield(task)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self.at_work.discard(task)
        if not task.cancelled():
            task.exception()  # the caller may be gone: mark the outcome as seen

    async def drained(self) -> None:
        """Wait for all shielded work."""
        while self.at_work:
            await asyncio.wait(set(self.at_work))

    def remember(self, key: Hashable, value: Any) -> None:
        """Keep a pure result, dropping the one that was least recently kept."""
        self.plans[key] = value
        if len(self.plans) > REMEMBERED:
            self.plans.popitem(last=False)
