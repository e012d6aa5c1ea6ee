"""The journal's words: entry kinds, what a claim asks and what it gets, and receipts.

Imports: the standard library and domain words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gateway.domain.identity import Principal
from gateway.domain.privacy import Balance, Charge, PrivacyLoss

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]


class EntryKind(StrEnum):
    __hash__ = (
        str.__hash__
    )  # as equal kinds are equal texts; Enum's own is slow, and this is a key everywhere

    OPENED = "Opened"
    CHARGED = "Charged"
    RELEASED = "Released"
    REPLAYED = "Replayed"
    REFUSED = "Refused"
    FAILED = "Failed"
    DISCLOSED = "Disclosed"
    AGREEMENT_LOADED = "AgreementLoaded"
    ACTIVATED = "Activated"
    SNAPSHOT_PUBLISHED = "SnapshotPublished"
    REVIEWED = "Reviewed"
    RECOVERED = "Recovered"
    CONFIG_CHANGED = "ConfigChanged"
    CLOCK_JUMP = "ClockJump"
    CLOCK_CONFIRMED = "ClockConfirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What an entry is about: who asked for what, under which agreement. All fields are public text."""

    principal: Principal | None = None
    agreement: str = ""
    generation: int = 0
    operation: str = ""
    dataset: str = ""
    snapshot: str = ""
    request_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something to be recorded: a kind, its subject, an outcome (a stable reason) and the kind's body."""

    kind: EntryKind
    subject: Subject = field(default_factory=Subject)
    outcome: str = "ok"
    cells: int = 0
    body: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """Texts about to leave under a grant. `content` is what leaves, of which only a salted digest is kept.

    `withheld` counts by reason, `types` the identifiers that were found in what leaves. `limit` is the most
    rows that the recipient may get under the grant in a day of the journal, those withheld included.
    """

    subject: Subject
    grant: str
    limit: int
    profile: str
    profile_digest: str
    sent: int
    content: bytes = field(repr=False)
    withheld: Mapping[str, int] = field(default_factory=dict)
    types: Mapping[str, int] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """What counts against the limit."""
        return self.sent + sum(self.withheld.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Where an outcome is recorded. `leaf_hash` is RFC 6962's, in lower-case hex."""

    entry: str
    seq: int
    leaf_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalState:
    """What operators look at: the machine's clock, the journal's time, and the disk."""

    clock_trusted: bool
    clock: datetime
    journal: datetime
    room: bool
    reserve: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRequest:
    """Asks to spend. `query_digest` covers what the caller sent, `plan_digest` the resolved plan.

    `charges` lists every account of a fresh draw, the site's included. A party's first sight of a release
    charges its agreement and the party; the site must be able to pay, and is never charged again.
    """

    subject: Subject
    query_digest: str
    plan_digest: str
    charges: tuple[Charge, ...]
    cells: int
    stored: int = 0  # the most bytes that the release can have, a public number: the disk must hold them


@dataclass(frozen=True, slots=True, kw_only=True)
class Charged:
    """The loss is on the books; exactly one draw may now be made and must be settled."""

    claim: ClaimRequest
    entry: str
    draw: int
    balances: tuple[Balance, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A stored release, already recorded as seen again. `loss` is what this sight cost the caller."""

    stored: bytes
    own: bool  # this party had seen it before
    loss: PrivacyLoss
    balances: tuple[Balance, ...]
    receipt: Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class InFlight:
    """Another call is drawing this very release: wait for it, then claim again."""

    plan_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OverBudget:
    """The first account, in charge order, that cannot pay. Recorded as refused; None: counted."""

    charge: Charge
    balance: Balance
    receipt: Receipt | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """The request id was used with another question. Recorded as refused; None: counted."""

    receipt: Receipt | None


ClaimOutcome = Charged | Replay | InFlight | OverBudget | Conflict
