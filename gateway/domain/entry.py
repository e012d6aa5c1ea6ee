"""The journal's words: entry kinds, what a claim asks and what it gets, and receipts.

Imports: the standard library and domain words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.domain.identity import Principal
from gateway.domain.privacy import Balance, Charge, PrivacyLoss

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]


class EntryKind(StrEnum):
    OPENED = "Opened"
    CHARGED = "Charged"
    RELEASED = "Released"
    REPLAYED = "Replayed"
    REFUSED = "Refused"
    FAILED = "Failed"
    AGREEMENT_LOADED = "AgreementLoaded"
    ACTIVATED = "Activated"
    SNAPSHOT_PUBLISHED = "SnapshotPublished"
    REVIEWED = "Reviewed"
    RECOVERED = "Recovered"


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
class Receipt:
    """Where an outcome is recorded. `leaf_hash` is RFC 6962's, in lower-case hex."""

    entry: str
    seq: int
    leaf_hash: str


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
    """The first account, in charge order, that cannot pay. Recorded as refused."""

    charge: Charge
    balance: Balance
    receipt: Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """The request id was used with another question. Recorded as refused."""

    receipt: Receipt


ClaimOutcome = Charged | Replay | InFlight | OverBudget | Conflict
