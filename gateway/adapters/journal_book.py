"""What the one writer does inside a transaction, operation by operation.

Law: an operation either appends all its entries or raises a `GatewayError` and appends none; any other
failure ends the writer, and with it this book, which may then be ahead of the disk.
Imports: errors, domain, audit, ledger, adapters.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.adapters.journal_chain import JournalChain
from gateway.adapters.journal_claims import JournalClaims
from gateway.adapters.journal_disclosures import disclose
from gateway.adapters.journal_floods import MOST_ENTRIES, Floods
from gateway.adapters.journal_refusals import JournalRefusals, full
from gateway.audit.entry import stored_digest, written
from gateway.domain.entry import (
    Charged,
    ClaimOutcome,
    ClaimRequest,
    Disclosure,
    EntryKind,
    Json,
    Note,
    Receipt,
    Subject,
)
from gateway.domain.identity import Principal
from gateway.errors import AuditUnavailable, Internal, JournalInvalid, NothingToDo

OWN_KINDS = frozenset(
    {
        EntryKind.OPENED,
        EntryKind.CHARGED,
        EntryKind.RELEASED,
        EntryKind.REPLAYED,
        EntryKind.FAILED,
        EntryKind.DISCLOSED,
        EntryKind.CLOCK_JUMP,
        EntryKind.CLOCK_CONFIRMED,
    }
)
UNKNOWN = "unknown"  # outcome of a charge whose draw nobody can tell the end of


class JournalBook:
    """The writer's operations on the chain. `quota` is the number of entries of one party a day."""

    def __init__(self, chain: JournalChain, floods: Floods, *, quota: int = MOST_ENTRIES) -> None:
        self.chain = chain
        self._refusals = JournalRefusals(chain, floods, quota)
        self._claims = JournalClaims(chain, self._refusals)

    # -- before and between operations -----------------------------------------------------------

    def begin(self, *, last: bool = False) -> None:
        """What comes first in each transaction: disk, clock, and counts that are due, all at the `last`."""
        self.chain.look()
        self._refusals.write_counts(all_of_them=last)

    @property
    def due(self) -> bool:
        """Whether something is to be written though nobody asks."""
        return self.chain.clock.jumped() or self._refusals.over()

    # -- the operations of the port --------------------------------------------------------------

    def claim(self, request: ClaimRequest) -> ClaimOutcome:
        """Find a stored release, or charge for a draw."""
        return self._claims.claim(request)

    def release(self, charged: Charged, stored: bytes) -> Receipt:
        """Store a draw and append `Released`."""
        self._still_open(charged)
        salt = self.chain.entropy(16).hex()
        body: dict[str, Json] = {
            "charge": charged.entry,
            "digest": stored_digest(salt, stored),
            "salt": salt,
        }
        note = Note(
            kind=EntryKind.RELEASED, subject=charged.claim.subject, cells=charged.claim.cells, body=body
        )
        entry, data = self.chain.draft(note, self.chain.now())
        self.chain.store.keep(bytes.fromhex(entry.id), stored)
        return self.chain.append(entry, data)

    def fail(self, charged: Charged, outcome: str) -> Receipt:
        """Append `Failed`; the charge stays spent."""
        self._still_open(charged)
        return self._failed(charged.entry, charged.claim.subject, outcome)

    def fail_unknown(self, charged: Charged) -> None:
        """Close a charge that nobody waits for, unless it was settled."""
        if charged.entry in self.chain.ledger.open:
            self.fail(charged, UNKNOWN)

    def disclose(self, disclosure: Disclosure) -> Receipt:
        """Append `Disclosed`, if the recipient's day has room for it."""
        if not self.chain.room.admits_note():
            raise full()
        now = self.chain.now()
        self._refusals.check_quota(disclosure.subject, now)
        return disclose(self.chain, disclosure, now)

    def record(self, notes: Sequence[Note]) -> list[Receipt]:
        """Append entries that move no money: all of them or, where one is malformed, none."""
        if not self.chain.room.admits_note():
            raise full()
        if any(note.kind in OWN_KINDS for note in notes):
            raise JournalInvalid("entries of this kind are the journal's own")
        now = self.chain.now()
        for note in notes[1:]:
            self.chain.draft(note, now)  # a malformed one raises before the first is appended
        return [self.chain.write(note, now) for note in notes]

    def refuse(self, note: Note) -> Receipt | None:
        """Append a refusal, or count it where its party has had many."""
        return self._refusals.refuse(note)

    # -- the operator's commands -----------------------------------------------------------------

    def make_room(self, principal: Principal, *, give_back: bool = True) -> Receipt:
        """Release the reserve, and say who did."""
        if give_back:
            try:
                self.chain.room.give_back()
            except OSError:
                raise AuditUnavailable("the reserve cannot be removed") from None
        body: dict[str, Json] = {"setting": "reserve", "value": "released"}
        subject = Subject(principal=principal)
        return self.chain.write(Note(kind=EntryKind.CONFIG_CHANGED, subject=subject, body=body))

    def confirm_clock(self, principal: Principal) -> Receipt:
        """Believe the wall clock again. Raises `NothingToDo` where it is believed."""
        now, jump = self.chain.now(), self.chain.ledger.jump
        if not jump:
            raise NothingToDo("the clock is trusted; there is nothing to confirm", reason="CLOCK_TRUSTED")
        body: dict[str, Json] = {"jump": jump, "clock": written(self.chain.clock.clock())}
        note = Note(kind=EntryKind.CLOCK_CONFIRMED, subject=Subject(principal=principal), body=body)
        receipt = self.chain.write(note, now)
        self.chain.clock.confirm()
        self.chain.look()
        return receipt

    # -- what the start of a journal needs -------------------------------------------------------

    def opened(self, *, site: str, trust_digest: str) -> Receipt:
        """Entry 0. There is no log key yet: checkpoints are not signed."""
        body: dict[str, Json] = {"log_key": "", "trust_digest": trust_digest, "site": site}
        return self.chain.write(Note(kind=EntryKind.OPENED, body=body))

    def close_open(self) -> None:
        """A charge that was open when the process ended is spent, and its draw is lost."""
        for charge in list(self.chain.ledger.open.values()):
            self._failed(charge.entry.id, charge.entry.note.subject, UNKNOWN)

    def _still_open(self, charged: Charged) -> None:
        if charged.entry not in self.chain.ledger.open:
            raise Internal("a charge is settled once", entry=charged.entry)

    def _failed(self, charge: str, subject: Subject, outcome: str) -> Receipt:
        note = Note(kind=EntryKind.FAILED, subject=subject, outcome=outcome, body={"charge": charge})
        return self.chain.write(note)
