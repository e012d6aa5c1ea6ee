"""What the one writer decides inside a transaction: find, check, charge, settle, record.

Law: every decision reads only what the entries before it say. An operation either appends all its
entries or raises a `GatewayError` and appends none; any other failure ends the writer, and with it this
book, which may then be ahead of the disk. Imports: errors, domain, audit, ledger, verify, adapters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from gateway.adapters.journal_room import JournalRoom
from gateway.adapters.journal_store import JournalStore
from gateway.audit.bodies import charge_lines, charges_json
from gateway.audit.charges import charge_faults
from gateway.audit.entry import Entry, build, leaf_hash, parse, stored_digest
from gateway.audit.requests import bound_scope, scope_of
from gateway.domain.entry import (
    Charged,
    ClaimOutcome,
    ClaimRequest,
    Conflict,
    EntryKind,
    InFlight,
    Json,
    Note,
    OverBudget,
    Receipt,
    Replay,
    Subject,
)
from gateway.domain.privacy import NOTHING, AccountKind, Balance, Charge, PrivacyLoss
from gateway.errors import AuditUnavailable, Internal, JournalInvalid
from gateway.ledger import Ledger, Stored
from gateway.ports import Clock

OWN_KINDS = frozenset(
    {EntryKind.OPENED, EntryKind.CHARGED, EntryKind.RELEASED, EntryKind.REPLAYED, EntryKind.FAILED}
)
UNKNOWN = "unknown"  # outcome of a charge whose draw nobody can tell the end of
RECENT = 256  # stored releases kept in memory, each of at most RECENT_BYTES
RECENT_BYTES = 64 * 1024


class JournalBook:
    """The writer's own view: the ledger with everything appended so far, committed or not."""

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
        clock: Clock,
        entropy: Callable[[int], bytes],
    ) -> None:
        self.ledger = ledger
        self._recent: dict[str, bytes] = {}  # stored releases by entry id, oldest first
        self.touched: set[tuple[str, str]] = set()  # balances moved since they were last published
        self.seq = 0 if last is None else last.seq + 1
        self.head = head
        self.last = last
        self._store, self._room = store, room
        self._origin, self._mode = origin, mode
        self._clock, self._entropy = clock, entropy

    def now(self) -> datetime:
        """Journal time: the clock, or the last entry's time where the clock stands before it."""
        now = self._clock.now()
        return now if self.last is None or now > self.last.time else self.last.time

    def begin(self) -> None:
        """What is looked at once for each group of operations, inside its transaction."""
        self._room.look()

    # -- the four operations of the port ---------------------------------------------------------

    def claim(self, request: ClaimRequest) -> ClaimOutcome:
        """One claim, in the order that `privacy.md` section 6 fixes."""
        if not self._room.admits(0):  # what is started could not be recorded to its end
            raise AuditUnavailable("the journal's disk is too full; nothing was answered")
        now = self.now()
        stored, earlier, conflict = self._by_request_id(request)  # (a)
        if conflict:
            return Conflict(receipt=self._refuse(request, "REQUEST_ID_REUSED", now))
        if earlier:
            return InFlight(plan_digest=earlier)
        if stored is not None:
            return self._replay(request, stored, now)
        stored = self.ledger.by_plan.get(request.plan_digest)
        if stored is not None:
            return self._replay(request, stored, now)  # (b)
        if request.plan_digest in self.ledger.in_flight:
            return InFlight(plan_digest=request.plan_digest)  # (c)
        return self._draw(request, now)  # (d)

    def release(self, charged: Charged, stored: bytes) -> Receipt:
        """Store a draw and append `Released`."""
        self._still_open(charged)
        salt = self._entropy(16).hex()
        body: dict[str, Json] = {
            "charge": charged.entry,
            "digest": stored_digest(salt, stored),
            "salt": salt,
        }
        note = Note(
            kind=EntryKind.RELEASED, subject=charged.claim.subject, cells=charged.claim.cells, body=body
        )
        entry, data = self._draft(note, self.now())
        self._store.keep(bytes.fromhex(entry.id), stored)
        return self._append(entry, data)

    def fail(self, charged: Charged, outcome: str) -> Receipt:
        """Append `Failed`; the charge stays spent."""
        self._still_open(charged)
        return self._failed(charged.entry, charged.claim.subject, outcome)

    def record(self, notes: Sequence[Note]) -> list[Receipt]:
        """Append entries that move no money: all of them or, where one is malformed, none."""
        if any(note.kind in OWN_KINDS for note in notes):
            raise JournalInvalid("entries of this kind are the journal's own")
        now = self.now()
        for note in notes[1:]:
            self._draft(note, now)  # a malformed one raises before the first is appended
        return [self._append(*self._draft(note, now)) for note in notes]

    # -- what the start of a journal needs -------------------------------------------------------

    def opened(self, *, site: str, trust_digest: str) -> Receipt:
        """Entry 0. There is no log key yet: checkpoints are not signed."""
        body: dict[str, Json] = {"log_key": "", "trust_digest": trust_digest, "site": site}
        return self._append(*self._draft(Note(kind=EntryKind.OPENED, body=body), self.now()))

    def close_open(self) -> None:
        """A charge that was open when the process ended is spent, and its draw is lost."""
        for charge in list(self.ledger.open.values()):
            self._failed(charge.entry.id, charge.entry.note.subject, UNKNOWN)

    # -- steps of a claim ------------------------------------------------------------------------

    def _by_request_id(self, request: ClaimRequest) -> tuple[Stored | None, str, bool]:
        """What the request id is bound to: a release, or the plan of a draw in flight, or a conflict."""
        scope = scope_of(request.subject)
        data = None if scope is None else self._store.bound(scope)
        if data is None:
            return None, "", False
        entry = parse(data)
        if scope_of(entry.note.subject) != scope:
            raise JournalInvalid("a request id is filed under another entry")
        if entry.text("query") != request.query_digest:
            return None, "", True
        if entry.kind is EntryKind.REPLAYED:
            return self.ledger.releases.get(entry.text("release")), "", False
        plan = entry.text("plan")
        flying = plan if self.ledger.in_flight.get(plan) == entry.id else ""
        return self.ledger.by_charge.get(entry.id), flying, False

    def _draw(self, request: ClaimRequest, now: datetime) -> Charged | OverBudget:
        poor = self._too_poor(request, request.charges, now)
        if poor is not None:
            return poor
        draw = self.ledger.draws.get(request.plan_digest, 0) + 1
        receipt = self._charge(_charge_note(request, request.charges, draw=draw, release="", now=now), now)
        return Charged(claim=request, entry=receipt.entry, draw=draw, balances=self._balances(request, now))

    def _replay(self, request: ClaimRequest, stored: Stored, now: datetime) -> Replay | OverBudget:
        """Show a stored release; a party that has not seen it pays first, and the site never again.

        Every account must be able to pay, the site's too: else a refusal would tell that nobody has asked.
        """
        subject = request.subject
        own = subject.principal is not None and subject.principal.party in stored.holders
        poor = None if own else self._too_poor(request, request.charges, now)
        if poor is not None:
            return poor
        shown = self._stored_bytes(stored)
        charge, loss = "", NOTHING
        if not own:
            due = [charge for charge in request.charges if charge.account.kind is not AccountKind.SITE]
            note = _charge_note(request, due, draw=stored.draw, release=stored.entry, now=now)
            charge, loss = self._charge(note, now).entry, due[0].loss
        body: dict[str, Json] = {"release": stored.entry, "charge": charge, "query": request.query_digest}
        seen = Note(kind=EntryKind.REPLAYED, subject=subject, cells=request.cells, body=body)
        receipt = self._append(*self._draft(seen, now))
        return Replay(
            stored=shown,
            own=own,
            loss=loss,
            balances=self._balances(request, now),
            receipt=receipt,
        )

    def _stored_bytes(self, stored: Stored) -> bytes:
        """A release's bytes, checked against its entry; what was checked lately is not read again."""
        recent = self._recent.get(stored.entry)
        if recent is not None:
            return recent
        found = self._store.stored(bytes.fromhex(stored.entry))
        if found is None or stored_digest(stored.salt, found) != stored.digest:
            raise JournalInvalid("a stored release is not what its entry says")
        if len(found) <= RECENT_BYTES:
            self._recent[stored.entry] = found
            if len(self._recent) > RECENT:
                del self._recent[next(iter(self._recent))]
        return found

    def _too_poor(self, request: ClaimRequest, charges: Sequence[Charge], now: datetime) -> OverBudget | None:
        """The first account that cannot pay. Raises where a cap is no longer the declared one."""
        asked: dict[tuple[str, str], PrivacyLoss] = {}
        for charge in charges:
            account = charge.account
            if not self.ledger.agrees(account.key, charge.cap):
                # The policies changed between the decision and the claim; asking again decides anew.
                raise AuditUnavailable("the budgets changed meanwhile, ask again", reason="CAPS_CHANGED")
            key = (account.key, account.period.key(now))
            asked[key] = asked.get(key, self.ledger.balance(*key)) + charge.loss
            if charge.cap is not None and not asked[key].fits(charge.cap):
                balance = self._balance(charge, now)
                receipt = self._refuse(request, f"{account.kind.value.upper()}_BUDGET", now)
                return OverBudget(charge=charge, balance=balance, receipt=receipt)
        return None

    def _refuse(self, request: ClaimRequest, reason: str, now: datetime) -> Receipt:
        note = Note(kind=EntryKind.REFUSED, subject=request.subject, outcome=reason)
        return self._append(*self._draft(note, now))

    def _balance(self, charge: Charge, now: datetime) -> Balance:
        key = charge.account.period.key(now)
        spent = self.ledger.balance(charge.account.key, key)
        return Balance(account=charge.account, period_key=key, spent=spent, cap=charge.cap)

    def _balances(self, request: ClaimRequest, now: datetime) -> tuple[Balance, ...]:
        return tuple(self._balance(charge, now) for charge in request.charges)

    # -- appending -------------------------------------------------------------------------------

    def _still_open(self, charged: Charged) -> None:
        if charged.entry not in self.ledger.open:
            raise Internal("a charge is settled once", entry=charged.entry)

    def _failed(self, charge: str, subject: Subject, outcome: str) -> Receipt:
        note = Note(kind=EntryKind.FAILED, subject=subject, outcome=outcome, body={"charge": charge})
        return self._append(*self._draft(note, self.now()))

    def _draft(self, note: Note, now: datetime) -> tuple[Entry, bytes]:
        """The next entry. The id is random: one with a time in it would tell a second asker when a
        release was first drawn, and so that somebody had asked before.
        """
        fresh = self._entropy(32).hex()
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

    def _charge(self, note: Note, now: datetime) -> Receipt:
        entry, data = self._draft(note, now)
        if charge_faults(entry, charge_lines(entry.body), self.ledger.site):
            raise Internal("a charge does not name the accounts that it must")
        return self._append(entry, data)

    def _append(self, entry: Entry, data: bytes) -> Receipt:
        self._store.append(entry.seq, bytes.fromhex(entry.id), bound_scope(entry), data)
        faults = self.ledger.apply(entry)
        if faults:
            raise RuntimeError("the writer's own entry breaks the ledger's laws")
        self.seq, self.head, self.last = entry.seq + 1, leaf_hash(data).hex(), entry
        if entry.kind is EntryKind.CHARGED:
            self.touched.update((line.account, line.period) for line in self.ledger.open[entry.id].lines)
        return Receipt(entry=entry.id, seq=entry.seq, leaf_hash=self.head)


def _charge_note(
    request: ClaimRequest, charges: Sequence[Charge], *, draw: int, release: str, now: datetime
) -> Note:
    body: dict[str, Json] = {
        "charges": charges_json((charge, charge.account.period.key(now)) for charge in charges),
        "plan": request.plan_digest,
        "draw": draw,
        "query": request.query_digest,
        "release": release,
    }
    return Note(kind=EntryKind.CHARGED, subject=request.subject, body=body)
