"""What serves right now at this site: one policy set, one snapshot, one journal.

The set and the engine are swapped whole; a flow reads each of them once and keeps to what it read.
Imports: domain words, ports, flows.grid, flows.pace.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Coroutine, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from gateway.domain.agreement import Compiled
from gateway.flows.grid import Grid
from gateway.flows.pace import Pace
from gateway.ports import Clock, Deidentifier, Engine, Journal, PageSeal

T = TypeVar("T")
REMEMBERED = 1024  # shapes and renderings kept; each is a few kilobytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosing:
    """What it takes to let text leave: processes that de-identify it, the seal of page tokens, the pace."""

    deidentifier: Deidentifier
    seal: PageSeal
    pace: Pace


@dataclass(slots=True, kw_only=True)
class Site:
    """The state behind the doors. `digest_key` is the site's secret for query and plan digests.

    `disclosing` None: no text leaves, since nothing here can de-identify it.
    """

    compiled: Compiled
    engine: Engine
    journal: Journal
    clock: Clock
    threads: ThreadPoolExecutor
    digest_key: bytes
    hash_epoch: str
    grid: Grid
    disclosing: Disclosing | None = None
    max_cells: int = 10_000
    longest_read: float = 60.0  # seconds; the only limit on work that was already charged
    plans: OrderedDict[Hashable, Any] = field(default_factory=OrderedDict)
    readers: int = 2  # reads of data at a time; those that wait are not on the clock
    at_work: dict[asyncio.Task[Any], str] = field(default_factory=dict)  # whose work each task is
    reading: asyncio.Semaphore = field(init=False)
    retiring: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.reading = asyncio.Semaphore(self.readers)

    async def shielded(self, work: Coroutine[Any, Any, T], party: str = "") -> T:
        """Run to the end whatever the caller does: a cancellation ends the wait, not the work."""
        task = asyncio.create_task(work)
        self.at_work[task] = party
        task.add_done_callback(self._finished)
        return await asyncio.shield(task)

    def working_for(self, party: str) -> int:
        """How many pieces of a party's shielded work are not done, whether or not it still waits."""
        return sum(owner == party for owner in self.at_work.values())

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self.at_work.pop(task, None)
        if not task.cancelled():
            task.exception()  # the caller may be gone: mark the outcome as seen

    def retire(self, engine: Engine) -> None:
        """Close an engine that was replaced, once the work that began with it is done."""
        task = asyncio.create_task(self._retire(engine, set(self.at_work)))
        self.retiring.add(task)
        task.add_done_callback(self.retiring.discard)

    async def _retire(self, engine: Engine, work: set[asyncio.Task[Any]]) -> None:
        if work:
            await asyncio.wait(work)
        engine.close()

    async def drained(self) -> None:
        """Wait for all shielded work."""
        while self.at_work:
            await asyncio.wait(set(self.at_work))

    def remember(self, key: Hashable, value: Any) -> None:
        """Keep a pure result, dropping the one that was least recently kept."""
        self.plans[key] = value
        if len(self.plans) > REMEMBERED:
            self.plans.popitem(last=False)
