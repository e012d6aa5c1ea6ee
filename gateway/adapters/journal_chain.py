"""The end of the chain as the writer holds it: the next entry's place, time and bytes, and the ledger.

Law: an entry is appended only where it breaks none of the ledger's laws, with the journal's own time, after
the entry before it. What is here may be ahead of the disk until the transaction is committed; after any
failure it is thrown away with the writer. Imports: errors, log, domain, audit, ledger, adapters.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from gateway import log
from gateway.adapters.journal_clock import Anchor, JournalClock, Jump
from gateway.adapters.journal_room import JournalRoom
from gateway.adapters.journal_store import JournalStore
from gateway.audit.entry import Entry, build, leaf_hash, written
from gateway.audit.requests import bound_scope
from gateway.domain.entry import EntryKind, Json, Note, Receipt
from gateway.errors import ClockUntrusted
from gateway.ledger import Ledger


class JournalChain:
    """Appends. `touched` names the balances that moved since they were last published."""

    def __init__(
        self,
        *,
        store: JournalStore,
        room: JournalRoom,
        ledger: Ledger,
        last: Entry | None,
        head: str,
        origin: str,
        mode: str,
        clock: JournalClock,
        entropy: Callable[[int], bytes],
    ) -> None:
        self.store, self.room, self.ledger, self.clock = store, room, ledger, clock
        self.seq = 0 if last is None else last.seq + 1
        self.head = head
        self.touched: set[tuple[str, str]] = set()
        self.disclosed = True  # whether a day's texts moved since they were last published
        self.entropy = entropy
        self._origin, self._mode = origin, mode
        self._anchored: Anchor | None = None  # what the store holds of the clock

    def now(self) -> datetime:
        """Journal time. A jump of the clock that is found here is an entry before anything else is."""
        now = self.clock.now()
        if self.clock.found is not None:
            self._jumped(self.clock.found)
        return now

    def look(self) -> None:
        """Once for each group of operations, inside its transaction: the disk and the clock."""
        self.room.look()
        self.now()
        if self.clock.trusted and self._anchored != self.clock.anchor:
            self.store.keep_anchor(self.clock.anchor)
            self._anchored = self.clock.anchor

    def write(self, note: Note, now: datetime | None = None) -> Receipt:
        """Append a note. Raises `JournalInvalid`, appending nothing, where its body is malformed."""
        return self.append(*self.draft(note, self.now() if now is None else now))

    def draft(self, note: Note, now: datetime) -> tuple[Entry, bytes]:
        """The next entry. The id is random: one with a time in it would tell a second asker when a
        release was first drawn, and so that somebody had asked before.
        """
        fresh = self.entropy(32).hex()
        entry = Entry(
            origin=self._origin,
            seq=self.seq,
            id=fresh[:32],
            salt=fresh[32:],
            time=now,
            mode=self._mode,
            prev=self.head,
            note=note,
        )
        return entry, build(entry)

    def append(self, entry: Entry, data: bytes) -> Receipt:
        """Append what was drafted last."""
        self.store.append(entry.seq, bytes.fromhex(entry.id), bound_scope(entry), data)
        faults = self.ledger.apply(entry)
        if faults:
            raise RuntimeError("the writer's own entry breaks the ledger's laws")
        self.seq, self.head = entry.seq + 1, leaf_hash(data).hex()
        if entry.kind is EntryKind.CHARGED:
            self.touched.update((line.account, line.period) for line in self.ledger.open[entry.id].lines)
        elif entry.kind is EntryKind.DISCLOSED:
            self.disclosed = True
        elif entry.kind in (EntryKind.RELEASED, EntryKind.FAILED):
            self.room.settle(entry.text("charge"))
        return Receipt(entry=entry.id, seq=entry.seq, leaf_hash=self.head)

    def _jumped(self, jump: Jump) -> None:
        self.clock.found = None
        log.event(logging.CRITICAL, "clock_untrusted", reason=ClockUntrusted.reason)
        body: dict[str, Json] = {"clock": written(jump.clock), "journal": written(jump.journal)}
        self.write(Note(kind=EntryKind.CLOCK_JUMP, outcome=ClockUntrusted.reason, body=body))
