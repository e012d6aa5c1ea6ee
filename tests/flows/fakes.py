"""Ports, watched: each delegates to a real device, writes down what happened, and fails or waits on command.

Imports: the ports and domain words.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from gateway.domain.entry import (
    Charged,
    ClaimOutcome,
    ClaimRequest,
    Disclosure,
    EntryKind,
    JournalState,
    Note,
    Receipt,
)
from gateway.domain.expression import ExactVectors
from gateway.domain.identity import Principal
from gateway.domain.notes import NoteRow, Position
from gateway.domain.privacy import Account, Balance, PrivacyLoss
from gateway.errors import AuditUnavailable
from gateway.notes import NotesPlan
from gateway.plan import Plan
from gateway.ports import Engine, Journal

Events = list[str]


class WatchedEngine:
    """An engine whose calls are written down; `before` runs in the reading thread before each read."""

    def __init__(
        self, inner: Engine, events: Events | None = None, before: Callable[[], None] | None = None
    ) -> None:
        self._inner, self._before = inner, before
        self.events: Events = [] if events is None else events
        self.plans: list[Plan] = []

    @property
    def snapshot(self) -> str:
        return self._inner.snapshot

    def ready(self, plan: Plan) -> None:
        self.events.append("ready")
        self._inner.ready(plan)

    def run(self, plan: Plan) -> ExactVectors:
        self.events.append("read")
        self.plans.append(plan)
        if self._before is not None:
            self._before()
        return self._inner.run(plan)

    def ready_notes(self, plan: NotesPlan) -> None:
        self.events.append("ready")
        self._inner.ready_notes(plan)

    def notes(self, plan: NotesPlan, after: Position, most: int) -> tuple[NoteRow, ...]:
        self.events.append("read")
        if self._before is not None:
            self._before()
        return self._inner.notes(plan, after, most)

    def close(self) -> None:
        self._inner.close()


class UntouchableEngine:
    """Only its snapshot's name may be asked for, until it is let go."""

    snapshot = "20261005T070000Z-00000001"

    def ready(self, plan: Plan) -> None:
        raise AssertionError("the engine was touched")

    def run(self, plan: Plan) -> ExactVectors:
        raise AssertionError("the engine was touched")

    def ready_notes(self, plan: NotesPlan) -> None:
        raise AssertionError("the engine was touched")

    def notes(self, plan: NotesPlan, after: Position, most: int) -> tuple[NoteRow, ...]:
        raise AssertionError("the engine was touched")

    def close(self) -> None:
        """The site's end; nothing is read."""


class WatchedJournal:
    """A journal whose writes are written down when they are durable.

    `broken` names operations that fail before they write; `gates` holds one up until its event is set.
    """

    def __init__(self, inner: Journal, events: Events) -> None:
        self._inner, self.events = inner, events
        self.broken: set[str] = set()
        self.gates: dict[str, asyncio.Event] = {}

    async def _before(self, operation: str) -> None:
        gate = self.gates.get(operation)
        if gate is not None:
            await gate.wait()
        if operation in self.broken:
            raise AuditUnavailable("the journal cannot be written now; nothing was answered")

    @property
    def healthy(self) -> bool:
        return self._inner.healthy

    async def claim(self, request: ClaimRequest) -> ClaimOutcome:
        await self._before("claim")
        outcome = await self._inner.claim(request)
        self.events.append(type(outcome).__name__.lower())
        return outcome

    async def wait(self, plan_digest: str) -> None:
        await self._inner.wait(plan_digest)

    async def release(self, charged: Charged, stored: bytes) -> Receipt:
        await self._before("release")
        receipt = await self._inner.release(charged, stored)
        self.events.append("released")
        return receipt

    async def fail(self, charged: Charged, outcome: str) -> Receipt:
        receipt = await self._inner.fail(charged, outcome)
        self.events.append("failed")
        return receipt

    async def disclose(self, disclosure: Disclosure) -> Receipt:
        await self._before("disclose")
        receipt = await self._inner.disclose(disclosure)
        self.events.append("disclosed")
        return receipt

    def rows_left(self, agreement: str, grant: str, party: str, limit: int) -> int:
        return self._inner.rows_left(agreement, grant, party, limit)

    async def record(self, notes: Sequence[Note]) -> list[Receipt]:
        await self._before("record")
        return await self._inner.record(notes)

    async def refuse(self, note: Note) -> Receipt | None:
        await self._before("record")
        return await self._inner.refuse(note)

    def count(self, party: str, reason: str) -> None:
        self._inner.count(party, reason)

    async def make_room(self, principal: Principal) -> Receipt:
        return await self._inner.make_room(principal)

    async def confirm_clock(self, principal: Principal) -> Receipt:
        return await self._inner.confirm_clock(principal)

    def state(self) -> JournalState:
        return self._inner.state()

    def balance(self, account: Account, cap: PrivacyLoss | None) -> Balance:
        return self._inner.balance(account, cap)

    def latest(self, kind: EntryKind) -> Note | None:
        return self._inner.latest(kind)

    def head(self) -> tuple[int, str]:
        return self._inner.head()

    def entries(self, start: int, limit: int) -> list[tuple[int, bytes]]:
        return self._inner.entries(start, limit)

    def find(self, entry_id: str) -> tuple[int, bytes] | None:
        return self._inner.find(entry_id)


def watch(house: Any, before: Callable[[], None] | None = None) -> tuple[WatchedJournal, WatchedEngine]:
    """Put watchers with one list of events between a house's flows and its devices."""
    events: Events = []
    journal = WatchedJournal(house.journal, events)
    engine = WatchedEngine(house.site.engine, events, before)
    house.site.journal, house.site.engine = journal, engine
    return journal, engine
