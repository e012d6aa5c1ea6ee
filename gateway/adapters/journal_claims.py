"""A claim inside the writer's transaction: find a stored release, or check every account and charge.

Law: every decision reads only what the entries before it say. A claim either appends all its entries or
raises a `GatewayError` and appends none. Imports: errors, domain, audit, ledger, adapters.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.adapters.journal_chain import JournalChain
from gateway.adapters.journal_refusals import JournalRefusals, full
from gateway.audit.bodies import charge_lines, charges_json
from gateway.audit.charges import charge_faults
from gateway.audit.entry import parse, stored_digest
from gateway.audit.requests import scope_of
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
)
from gateway.domain.privacy import NOTHING, AccountKind, Balance, Charge, PrivacyLoss
from gateway.errors import AuditUnavailable, ClockUntrusted, Internal, JournalInvalid
from gateway.ledger import Stored

RECENT = 256  # stored releases kept in memory, each of at most RECENT_BYTES
RECENT_BYTES = 64 * 1024


class JournalClaims:
    """Finds, checks and charges."""

    def __init__(self, chain: JournalChain, refusals: JournalRefusals) -> None:
        self._chain, self._refusals = chain, refusals
        self._recent: dict[str, bytes] = {}  # stored releases by entry id, oldest first

    def claim(self, request: ClaimRequest) -> ClaimOutcome:
        """One claim, in the order that `privacy.md` section 6 fixes."""
        if not self._chain.room.admits(request.stored):  # what is started could not be recorded to its end
            raise full()
        now = self._chain.now()
        self._refusals.check_quota(request.subject, now)
        stored, earlier, conflict = self._by_request_id(request)  # (a)
        if conflict:
            return Conflict(receipt=self._refusals.of(request.subject, "REQUEST_ID_REUSED"))
        if earlier:
            return InFlight(plan_digest=earlier)
        if stored is not None:
            return self._replay(request, stored, now)
        stored = self._chain.ledger.by_plan.get(request.plan_digest)
        if stored is not None:
            return self._replay(request, stored, now)  # (b)
        if request.plan_digest in self._chain.ledger.in_flight:
            return InFlight(plan_digest=request.plan_digest)  # (c)
        return self._draw(request, now)  # (d)

    def _by_request_id(self, request: ClaimRequest) -> tuple[Stored | None, str, bool]:
        """What the request id is bound to: a release, or the plan of a draw in flight, or a conflict."""
        scope = scope_of(request.subject)
        data = None if scope is None else self._chain.store.bound(scope)
        if data is None:
            return None, "", False
        entry = parse(data)
        if scope_of(entry.note.subject) != scope:
            raise JournalInvalid("a request id is filed under another entry")
        if entry.text("query") != request.query_digest:
            return None, "", True
        if entry.kind is EntryKind.REPLAYED:
            return self._chain.ledger.releases.get(entry.text("release")), "", False
        plan = entry.text("plan")
        flying = plan if self._chain.ledger.in_flight.get(plan) == entry.id else ""
        return self._chain.ledger.by_charge.get(entry.id), flying, False

    def _draw(self, request: ClaimRequest, now: datetime) -> Charged | OverBudget:
        poor = self._too_poor(request, request.charges, now)
        if poor is not None:
            return poor
        draw = self._chain.ledger.draws.get(request.plan_digest, 0) + 1
        receipt = self._charge(_charge_note(request, request.charges, draw=draw, release="", now=now), now)
        self._chain.room.promise(receipt.entry, request.stored)
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
        receipt = self._chain.write(seen, now)
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
        found = self._chain.store.stored(bytes.fromhex(stored.entry))
        if found is None or stored_digest(stored.salt, found) != stored.digest:
            raise JournalInvalid("a stored release is not what its entry says")
        if len(found) <= RECENT_BYTES:
            self._recent[stored.entry] = found
            if len(self._recent) > RECENT:
                del self._recent[next(iter(self._recent))]
        return found

    def _too_poor(self, request: ClaimRequest, charges: Sequence[Charge], now: datetime) -> OverBudget | None:
        """The first account that cannot pay.

        Raises where a cap is no longer the declared one, and while nobody knows which period this is.
        """
        if not self._chain.clock.trusted:
            raise ClockUntrusted("the site's clock jumped; nothing is charged until people confirm it")
        asked: dict[tuple[str, str], PrivacyLoss] = {}
        for charge in charges:
            account = charge.account
            if not self._chain.ledger.agrees(account.key, charge.cap):
                # The policies changed between the decision and the claim; asking again decides anew.
                raise AuditUnavailable("the budgets changed meanwhile, ask again", reason="CAPS_CHANGED")
            key = (account.key, account.period.key(now))
            asked[key] = asked.get(key, self._chain.ledger.balance(*key)) + charge.loss
            if charge.cap is not None and not asked[key].fits(charge.cap):
                balance = self._balance(charge, now)
                receipt = self._refusals.of(request.subject, f"{account.kind.value.upper()}_BUDGET")
                return OverBudget(charge=charge, balance=balance, receipt=receipt)
        return None

    def _balance(self, charge: Charge, now: datetime) -> Balance:
        key = charge.account.period.key(now)
        spent = self._chain.ledger.balance(charge.account.key, key)
        return Balance(account=charge.account, period_key=key, spent=spent, cap=charge.cap)

    def _balances(self, request: ClaimRequest, now: datetime) -> tuple[Balance, ...]:
        return tuple(self._balance(charge, now) for charge in request.charges)

    def _charge(self, note: Note, now: datetime) -> Receipt:
        entry, data = self._chain.draft(note, now)
        if charge_faults(entry, charge_lines(entry.body), self._chain.ledger.site):
            raise Internal("a charge does not name the accounts that it must")
        return self._chain.append(entry, data)


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
