"""The journal on SQLite, put together: one writer, what it has published, and readers beside it.

Law: a value that a method returns is durable; where it cannot be, the answer is `AuditUnavailable`, in a
bounded time. After a failure of the file `healthy` is false and the process should end; the next start
reads the truth. Imports: the standard library, errors, domain, audit, ports, adapters.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from gateway.adapters.journal_book import JournalBook
from gateway.adapters.journal_chain import JournalChain
from gateway.adapters.journal_clock import JournalClock
from gateway.adapters.journal_floods import MOST_ENTRIES, MOST_REFUSALS, Floods
from gateway.adapters.journal_marker import check_marker, mark
from gateway.adapters.journal_reader import JournalReader, verified
from gateway.adapters.journal_reader import first_entry as first_entry  # re-exported for `gateway doctor`
from gateway.adapters.journal_room import HEADROOM, JournalRoom
from gateway.adapters.journal_store import JournalStore
from gateway.adapters.journal_view import JournalView
from gateway.adapters.journal_writer import JournalWriter
from gateway.audit.entry import DEMO, NORMAL
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
from gateway.domain.identity import Principal
from gateway.domain.privacy import Account, Balance, PrivacyLoss
from gateway.errors import AuditUnavailable, JournalInvalid
from gateway.ports import SteadyClock

PATIENCE = 5.0  # seconds


class SqliteJournal:
    """Implements `ports.Journal`; also read by the site's audit service. Make one with `open`."""

    def __init__(
        self,
        *,
        store: JournalStore,
        book: JournalBook,
        room: JournalRoom,
        floods: Floods,
        time: JournalClock,
        patience: float,
    ) -> None:
        self._store, self._room, self._floods, self._time = store, room, floods, time
        self._view = JournalView(book.chain)
        self._reader = JournalReader(store.path)
        self._writer = JournalWriter(store=store, book=book, view=self._view, patience=patience)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        origin: str,
        site: str,
        trust_digest: str,
        demo: bool,
        clock: SteadyClock,
        entropy: Callable[[int], bytes] = os.urandom,
        patience: float = PATIENCE,
        headroom: int = HEADROOM,
        reserve: int = 0,
        most_refusals: int = MOST_REFUSALS,
        most_entries: int = MOST_ENTRIES,
        make_room: Principal | None = None,
    ) -> SqliteJournal:
        """Open a journal, or create it with `Opened` as entry 0. Reads and verifies all of it.

        `patience`: seconds that a caller waits at most. `headroom` and `reserve`: bytes that claims leave
        free, and that are set aside. `most_refusals`: entries a minute for each party and reason;
        `most_entries`: a day for each party. `make_room`: who releases the reserve before the file is
        touched, where the disk is too full to open it. Charges left open by the process before are
        closed as unknown. Raises `JournalLocked` (another process owns it), `JournalInvalid` (it does
        not verify, is another site's, or of a newer schema; JOURNAL_MISSING where another one was opened
        here) or `AuditUnavailable`.
        """
        if not path.exists():
            check_marker(path, None)  # before an empty one is made in its place
        room = JournalRoom(path, headroom=headroom, reserve=0 if make_room else reserve)
        store = JournalStore(path, busy=patience, owned=room.give_back if make_room else lambda: None)
        try:
            walk = verified(path, origin=origin, site=site)
            check_marker(path, first_entry(path))
            floods = Floods(clock.monotonic, most=most_refusals)
            store.begin()
            time = JournalClock(
                clock,
                last=None if walk.last is None else walk.last.time,
                anchor=store.anchor(),
                confirmed=not walk.ledger.jump,
            )
            chain = JournalChain(
                store=store,
                room=room,
                ledger=walk.ledger,
                last=walk.last,
                head=walk.head,
                origin=origin,
                mode=DEMO if demo else NORMAL,
                clock=time,
                entropy=entropy,
            )
            book = JournalBook(chain, floods, quota=most_entries)
            if walk.last is None:
                book.opened(site=site, trust_digest=trust_digest)
            book.begin()
            book.close_open()
            if make_room:
                book.make_room(make_room, give_back=False)
            store.commit()
            _mark(path, origin)
            room.set_aside()
            return cls(store=store, book=book, room=room, floods=floods, time=time, patience=patience)
        except BaseException:
            store.close()
            raise

    def close(self) -> None:
        """Finish what waits, then give the file back. A closed journal answers `AuditUnavailable`."""
        self._writer.finish()
        self._reader.close()  # before the writer's connection, which tidies up the log as the last
        self._store.close()

    # -- the port --------------------------------------------------------------------------------

    @property
    def healthy(self) -> bool:
        """Whether a claim would be taken now."""
        return not self.broken and self._room.plenty

    @property
    def broken(self) -> bool:
        """Whether only another start can help; a full disk can be made room on."""
        return self._view.ended or self._writer.stalled or not self._store.in_place

    async def claim(self, request: ClaimRequest) -> ClaimOutcome:
        return await self._writer.ask(lambda book: book.claim(request), must=False)

    async def release(self, charged: Charged, stored: bytes) -> Receipt:
        return await self._writer.ask(lambda book: book.release(charged, stored), must=True)

    async def fail(self, charged: Charged, outcome: str) -> Receipt:
        return await self._writer.ask(lambda book: book.fail(charged, outcome), must=True)

    async def disclose(self, disclosure: Disclosure) -> Receipt:
        return await self._writer.ask(lambda book: book.disclose(disclosure), must=False)

    async def record(self, notes: Sequence[Note]) -> list[Receipt]:
        return await self._writer.ask(lambda book: book.record(notes), must=False)

    async def refuse(self, note: Note) -> Receipt | None:
        return await self._writer.ask(lambda book: book.refuse(note), must=False)

    def count(self, party: str, reason: str) -> None:
        self._floods.count(party, reason)

    async def make_room(self, principal: Principal) -> Receipt:
        return await self._writer.ask(lambda book: book.make_room(principal), must=False)

    async def confirm_clock(self, principal: Principal) -> Receipt:
        return await self._writer.ask(lambda book: book.confirm_clock(principal), must=False)

    async def wait(self, plan_digest: str) -> None:
        """Return when no draw of this plan is in flight. Raises `AuditUnavailable` if the writer ends."""
        await self._view.landed(plan_digest)

    def balance(self, account: Account, cap: PrivacyLoss | None) -> Balance:
        key = account.period.key(self._time.seen())
        return Balance(account=account, period_key=key, spent=self._view.spent(account.key, key), cap=cap)

    def rows_left(self, agreement: str, grant: str, party: str, limit: int) -> int:
        return self._view.rows_left((agreement, grant, party), limit, self._time.seen().date())

    def state(self) -> JournalState:
        return JournalState(
            clock_trusted=self._time.trusted and not self._time.jumped(),
            clock=self._time.clock(),
            journal=self._time.seen(),
            room=self._room.plenty,
            reserve=self._room.reserved,
        )

    def latest(self, kind: EntryKind) -> Note | None:
        """The newest committed entry of a kind, or None."""
        return self._view.latest.get(kind)

    def head(self) -> tuple[int, str]:
        """Number and leaf hash (hex) of the newest committed entry."""
        return self._view.head

    # -- reading, with a connection that cannot write ----------------------------------------------

    def entries(self, start: int, limit: int) -> list[tuple[int, bytes]]:
        """(seq, bytes) of at most `limit` (<= 1000) entries from `start` on. Blocks for the read."""
        return self._reader.entries(start, limit)

    def newest(self, limit: int) -> list[tuple[int, bytes]]:
        """(seq, bytes) of the last entries, at most `limit` (<= 1000), in ascending order."""
        return self._reader.newest(limit)

    def find(self, entry_id: str) -> tuple[int, bytes] | None:
        """(seq, bytes) of the entry with this id (hex), or None."""
        return self._reader.find(entry_id)


def _mark(path: Path, origin: str) -> None:
    first = first_entry(path)
    if first is None:
        raise JournalInvalid("the journal has no first entry")
    try:
        mark(path, origin, first)
    except OSError:
        raise AuditUnavailable("the journal cannot be written") from None
