"""The privacy ledger: what the entries of the journal add up to. A balance is a fold, nothing else.

Law: after every `Charged` entry each account it names has spent at most its cap, and that cap is the one
last declared for the account: from the first set of policies on, an account that its set does not declare
cannot be charged. Nothing is charged while a jump of the clock waits to be confirmed. A charge names the
accounts that it must (audit.charges). A draw of noise is charged before it is released, settled once, and
at most one draw per plan is open or released at a time; a replay names a release, and its party has paid
for the draw or for a sight. No recipient gets more texts in a day than its agreement says
(audit.disclosed). A recovery that counts every open period as spent leaves nothing in any of them
(audit.recovered).
The same fold serves the writer, the start of the gateway and the offline verifier.
Imports: errors, domain, audit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from gateway.audit.bodies import ChargeLine, activated_part, charge_lines, declared_caps, recovered_amounts
from gateway.audit.charges import charge_faults
from gateway.audit.disclosed import Disclosed
from gateway.audit.entry import Entry
from gateway.audit.recovered import whole
from gateway.domain.entry import EntryKind
from gateway.domain.privacy import NOTHING, Period, PrivacyLoss


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCharge:
    """A charge whose draw, or whose sight of a release, is not settled yet."""

    entry: Entry
    plan: str
    draw: int
    release: str  # the release that a first sight pays for; empty for a fresh draw
    lines: tuple[ChargeLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A release that can be shown again. `loss` is its draw's; `holders` are the parties who have paid."""

    entry: str
    plan: str
    draw: int
    salt: str
    digest: str
    population: str
    loss: PrivacyLoss
    holders: set[str] = field(default_factory=set)


class Ledger:
    """Balances, open charges and releases, as far as entries were applied."""

    def __init__(self) -> None:
        self.spent: dict[tuple[str, str], PrivacyLoss] = {}  # by account key and period key
        self.open: dict[str, OpenCharge] = {}  # by the charge's entry id
        self.in_flight: dict[str, str] = {}  # fresh draws: plan digest -> charge
        self.draws: dict[str, int] = {}  # plan digest -> number of the last draw
        self.releases: dict[str, Stored] = {}  # by the id of the `Released` entry
        self.by_plan: dict[str, Stored] = {}
        self.by_charge: dict[str, Stored] = {}
        self.latest: dict[EntryKind, Entry] = {}  # the newest entry of each kind
        self.site = ""  # as `Opened` has it
        self.today = date.min  # the day of the newest entry
        self.entries_today: dict[str, int] = {}  # by party
        self.disclosed = Disclosed()
        self.jump = ""  # the entry of a jump of the clock that nobody has confirmed, if there is one
        self._declared: dict[str, PrivacyLoss | None] = {}
        self._next_part: tuple[str, int, int, int] | None = None  # of a set that is not whole yet

    def balance(self, account: str, period_key: str) -> PrivacyLoss:
        """What an account has spent in one period."""
        return self.spent.get((account, period_key), NOTHING)

    def agrees(self, account: str, cap: PrivacyLoss | None) -> bool:
        """Whether a cap is the declared one; before the first set of policies there may be none."""
        if account in self._declared:
            return self._declared[account] == cap
        return EntryKind.ACTIVATED not in self.latest

    def apply(self, entry: Entry) -> tuple[str, ...]:
        """Take one more entry in. Returns what is wrong with it, in words; nothing for a lawful one."""
        self.latest[entry.kind] = entry
        self._count(entry)
        return (
            *self._in_parts(entry),
            *self.disclosed.apply(entry, jumped=bool(self.jump)),
            *self._applied(entry),
        )

    def _count(self, entry: Entry) -> None:
        today = entry.time.date()
        if today != self.today:
            self.today = today
            self.entries_today.clear()
        self.entries_today[entry.party] = self.entries_today.get(entry.party, 0) + 1

    def _applied(self, entry: Entry) -> tuple[str, ...]:
        match entry.kind:
            case EntryKind.OPENED:
                self.site = entry.text("site")
            case EntryKind.CHARGED:
                return self._charged(entry)
            case EntryKind.RELEASED:
                return self._released(entry)
            case EntryKind.FAILED:
                return self._settle(entry, fresh=True)[1]
            case EntryKind.REPLAYED:
                return self._replayed(entry)
            case EntryKind.ACTIVATED | EntryKind.AGREEMENT_LOADED:
                self._declared.update(declared_caps(entry.kind, entry.body))
            case EntryKind.RECOVERED:
                return self._recovered(entry)
            case EntryKind.CLOCK_JUMP:
                self.jump = entry.id
            case EntryKind.CLOCK_CONFIRMED:
                jump, self.jump = self.jump, ""
                return () if jump and jump == entry.text("jump") else ("no such jump was to be confirmed",)
            case _:
                pass
        return ()

    def open_caps(self, when: datetime) -> dict[tuple[str, str], PrivacyLoss]:
        """Every declared account that has a cap, in the period that holds a time; and that cap."""
        named = [(key, key.split("/")[3], cap) for key, cap in self._declared.items() if cap is not None]
        return {(key, Period(period).key(when)): cap for key, period, cap in named}

    def _recovered(self, entry: Entry) -> tuple[str, ...]:
        """What lost entries may have spent counts as spent; a balance is only ever raised by this."""
        for key, least in recovered_amounts(entry.body).items():
            spent = self.balance(*key)
            self.spent[key] = PrivacyLoss(rho=max(spent.rho, least.rho), delta=max(spent.delta, least.delta))
        if not whole(entry.body):
            return ()
        left = [key for key, cap in self.open_caps(entry.time).items() if not cap.fits(self.balance(*key))]
        return ("a recovery leaves budget in an open period",) if left else ()

    def _in_parts(self, entry: Entry) -> tuple[str, ...]:
        """Parts of a set of policies come in order, nothing between; the first ends the set before."""
        part = activated_part(entry.body) if entry.kind is EntryKind.ACTIVATED else None
        due, self._next_part = self._next_part, None
        if part is not None and part[2] == 1:
            self._declared.clear()
        if part is not None and part[2] < part[3]:
            self._next_part = (part[0], part[1], part[2] + 1, part[3])
        lawful = part == due if due is not None else part is None or part[2] == 1
        return () if lawful else ("the parts of a set of policies are not whole and in order",)

    def _charged(self, entry: Entry) -> tuple[str, ...]:
        draw = entry.body.get("draw")
        charge = OpenCharge(
            entry=entry,
            plan=entry.text("plan"),
            draw=draw if isinstance(draw, int) else 0,
            release=entry.text("release"),
            lines=charge_lines(entry.body),
        )
        faults = [*self._spend(entry, charge), *self._reserve(charge)]
        if self.jump:
            faults.append("something was charged while a jump of the clock was not confirmed")
        self.open[entry.id] = charge
        return tuple(faults)

    def _spend(self, entry: Entry, charge: OpenCharge) -> list[str]:
        faults = charge_faults(entry, charge.lines, self.site)
        for line in charge.lines:
            key = (line.account, line.period)
            spent = self.spent[key] = self.spent.get(key, NOTHING) + line.loss
            if line.cap is not None and not spent.fits(line.cap):
                faults.append(f"{line.account} overspent its cap in {line.period}")
            if not self.agrees(line.account, line.cap):
                faults.append(f"{line.account} was charged under a cap that was not declared")
        return faults

    def _reserve(self, charge: OpenCharge) -> list[str]:
        faults = []
        if charge.entry.id in self.open or charge.entry.id in self.by_charge:
            faults.append("the id of a charge was used before")
        if charge.release:
            stored = self.releases.get(charge.release)
            if stored is None or (stored.plan, stored.draw) != (charge.plan, charge.draw):
                faults.append("a sight was charged of a release that is not there")
            return faults
        if charge.plan in self.by_plan or charge.plan in self.in_flight:
            faults.append("a second draw was charged of a plan that has one")
        if charge.draw != self.draws.get(charge.plan, 0) + 1:
            faults.append("the number of a draw is not the next one")
        self.in_flight[charge.plan] = charge.entry.id
        self.draws[charge.plan] = charge.draw
        return faults

    def _settle(self, entry: Entry, *, fresh: bool) -> tuple[OpenCharge | None, tuple[str, ...]]:
        """Close the charge an entry names; a fresh draw is settled by a release or a failure alone."""
        charge = self.open.pop(entry.text("charge"), None)
        if charge is None:
            return None, (f"{entry.kind} names no open charge",)
        if not charge.release and self.in_flight.get(charge.plan) == charge.entry.id:
            del self.in_flight[charge.plan]
        if entry.party != charge.entry.party:
            return charge, (f"{entry.kind} settles a charge of another party",)
        if fresh == bool(charge.release):
            return charge, (f"{entry.kind} settles a charge of another sort",)
        return charge, ()

    def _released(self, entry: Entry) -> tuple[str, ...]:
        charge, faults = self._settle(entry, fresh=True)
        if charge is None:
            return faults
        stored = Stored(
            entry=entry.id,
            plan=charge.plan,
            draw=charge.draw,
            salt=entry.text("salt"),
            digest=entry.text("digest"),
            population=charge.lines[0].population if charge.lines else "",
            loss=charge.lines[0].loss if charge.lines else NOTHING,
            holders={charge.entry.party},
        )
        if entry.id in self.releases:
            faults = (*faults, "the id of a release was used before")
        self.releases[entry.id] = self.by_plan[charge.plan] = self.by_charge[charge.entry.id] = stored
        return faults

    def _replayed(self, entry: Entry) -> tuple[str, ...]:
        stored = self.releases.get(entry.text("release"))
        if stored is None:
            return ("Replayed names no release",)
        if not entry.text("charge"):
            return () if entry.party in stored.holders else ("a first sight of a release was not charged",)
        charge, faults = self._settle(entry, fresh=False)
        if charge is not None:
            if charge.release != stored.entry:
                faults = (*faults, "Replayed names a charge for another release")
            stored.holders.add(charge.entry.party)
        return faults
