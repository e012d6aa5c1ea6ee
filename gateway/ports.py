"""PORTS: what the corridor needs of the world, as small protocols. Devices implement them.

Imports: the standard library, domain words and the plans.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from gateway.domain.deid import Document, Outcome, Profile
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
from gateway.notes import NotesPlan
from gateway.plan import Plan


class Clock(Protocol):
    def now(self) -> datetime:
        """The time in UTC, with a time zone. People and servers can set it."""
        ...


class SteadyClock(Clock, Protocol):
    """A clock beside one that cannot be set, so that a jump of the first is seen."""

    def monotonic(self) -> float:
        """Seconds that nobody can set, sleep of the machine included; they count within one `boot`."""
        ...

    @property
    def boot(self) -> int:
        """Numbers the machine's present run, below 2^63; 0 where there is no telling."""
        ...


class Ticker(Protocol):
    """Moments for the grid on which answers leave; another clock than the journal's, and never its judge."""

    def now(self) -> float:
        """Seconds that only run forward."""
        ...

    async def until(self, moment: float) -> None:
        """Return at a moment, or at once where it has passed."""
        ...


class Engine(Protocol):
    """Computes plans over one immutable snapshot. The only reader of patient data."""

    @property
    def snapshot(self) -> str: ...

    def ready(self, plan: Plan) -> None:
        """Raise `SourceUnavailable` unless the dataset's table can be read, and `InvalidQuery`
        (QUERY_TOO_COMPLEX) where the plan cannot be compiled. Touches no row; cheap for a known shape.
        """
        ...

    def run(self, plan: Plan) -> ExactVectors:
        """Exact vectors, in plan order. Raises only `ReleaseFailed`; called in a thread."""
        ...

    def ready_notes(self, plan: NotesPlan) -> None:
        """`ready` for notes: the same errors, no row touched."""
        ...

    def notes(self, plan: NotesPlan, after: Position, most: int) -> tuple[NoteRow, ...]:
        """The next page of notes after a position, in the order of their row keys; empty at the end.

        At most `most` (1 to `MOST_PAGE`), and fewer where texts are long. Raises only `DisclosureFailed`;
        called in a thread.
        """
        ...

    def close(self) -> None:
        """Let the snapshot go; nothing is asked of it afterwards."""
        ...


class Journal(Protocol):
    """One hash chain, one writer. A returned value is durable.

    Every method raises `AuditUnavailable` when the journal cannot be written in a bounded time.
    """

    @property
    def healthy(self) -> bool: ...

    async def claim(self, request: ClaimRequest) -> ClaimOutcome:
        """Find or reserve, check every account and charge, in one transaction."""
        ...

    async def wait(self, plan_digest: str) -> None:
        """Return when no draw of this plan is in flight any more."""
        ...

    async def release(self, charged: Charged, stored: bytes) -> Receipt:
        """Store the release and append `Released`, in one transaction."""
        ...

    async def fail(self, charged: Charged, outcome: str) -> Receipt:
        """Append `Failed`; the charge stays."""
        ...

    async def disclose(self, disclosure: Disclosure) -> Receipt:
        """Append `Disclosed`, if its rows still fit into the recipient's day, in one transaction.

        Raises `LimitExceeded` (ROWS_PER_DAY, ENTRY_QUOTA) and `ClockUntrusted`.
        """
        ...

    async def record(self, notes: Sequence[Note]) -> list[Receipt]:
        """Append entries that move no money."""
        ...

    async def refuse(self, note: Note) -> Receipt | None:
        """Append `Refused`; None where the party has had so many that this one was only counted."""
        ...

    def count(self, party: str, reason: str) -> None:
        """Count a refusal of a caller who is not known yet; `party` is the certificate's, or empty."""
        ...

    async def make_room(self, principal: Principal) -> Receipt:
        """Release the disk reserve. Raises `NothingToDo` where there is none."""
        ...

    async def confirm_clock(self, principal: Principal) -> Receipt:
        """Believe the wall clock again, on somebody's word. Raises `NothingToDo` where it is believed."""
        ...

    def state(self) -> JournalState:
        """Clock and disk, for operators."""
        ...

    def balance(self, account: Account, cap: PrivacyLoss | None) -> Balance:
        """An account in its current period, as last committed."""
        ...

    def rows_left(self, agreement: str, grant: str, party: str, limit: int) -> int:
        """What is left of a recipient's texts of today under a grant, as last committed."""
        ...

    def latest(self, kind: EntryKind) -> Note | None:
        """The newest entry of a kind, as it was noted."""
        ...

    def head(self) -> tuple[int, str]:
        """Number and leaf hash (hex) of the newest entry."""
        ...

    def entries(self, start: int, limit: int) -> list[tuple[int, bytes]]:
        """Numbers and exact bytes of up to `limit` entries from `start` on."""
        ...

    def find(self, entry_id: str) -> tuple[int, bytes] | None:
        """Number and exact bytes of one entry."""
        ...


class Deidentifier(Protocol):
    """Finds and transforms identifiers, in processes of its own. It fails closed."""

    async def deidentify(self, documents: Sequence[Document], profile: Profile) -> list[Outcome]:
        """One outcome for each document, in order: what failed, timed out or was killed is withheld.

        Raises `DeidentifierUnavailable` where no worker can be had at all.
        """
        ...

    async def close(self) -> None:
        """End the processes."""
        ...


class PageSeal(Protocol):
    """Makes page tokens that nobody else can make, read or use for another request."""

    def seal(self, content: bytes, context: Sequence[str]) -> str:
        """A token that holds the content, bound to the context."""
        ...

    def open(self, token: str, context: Sequence[str]) -> bytes | None:
        """What was sealed; None where this is no token for this context."""
        ...


class PolicyStore(Protocol):
    """The working folder of policies, and the sets that once served, by digest."""

    def working(self) -> Mapping[str, bytes]:
        """Relative path and bytes of every file. Raises `PolicyInvalid`."""
        ...

    def keep(self, digest: str, files: Mapping[str, bytes]) -> None:
        """Keep a set for good, durably, before it is activated."""
        ...

    def kept(self, digest: str) -> Mapping[str, bytes]:
        """A set that was kept. Raises `PolicyInvalid` where it is gone or was changed."""
        ...
