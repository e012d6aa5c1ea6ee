"""Claims, notes and small journals for the tests of the journal's rooms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from gateway.adapters.sqlite_journal import SqliteJournal
from gateway.audit.entry import NO_ENTRY, NORMAL, Entry, build, leaf_hash
from gateway.domain.entry import Charged, ClaimRequest, EntryKind, Json, Note, Subject
from gateway.domain.expression import VectorKind
from gateway.domain.identity import Principal
from gateway.domain.privacy import Account, AccountKind, Charge, Period, PrivacyLoss
from gateway.domain.release import NoisyVector, Release
from gateway.stored import encode_release

START = datetime(2026, 10, 5, 8, 0, 0, tzinfo=UTC)
CAP = PrivacyLoss(rho=1000)


_boots = count(1)


class FakeClock:
    """Clocks that stand still until a test moves them. Each is of another run of the machine."""

    def __init__(self, when: datetime = START, *, boot: int = 0) -> None:
        self.when, self.passed = when, 0.0
        self.boot = boot or next(_boots)

    def now(self) -> datetime:
        return self.when

    def monotonic(self) -> float:
        return self.passed

    def move(self, **by: float) -> None:
        """Time passes."""
        self.passed += timedelta(**by).total_seconds()
        self.jump(**by)

    def jump(self, **by: float) -> None:
        """Somebody sets the wall clock."""
        self.when += timedelta(**by)


def principal(party: str = "north") -> Principal:
    return Principal(
        party=party, person="analyst-1", purpose="HRESCH", thumbprint="t", jti="j", roles=frozenset({"r"})
    )


def charge(
    kind: AccountKind,
    holder: str,
    rho: int = 10,
    cap: PrivacyLoss | None = CAP,
    period: Period = Period.QUARTER,
) -> Charge:
    account = Account(kind=kind, holder=holder, population="adults", period=period)
    return Charge(account=account, loss=PrivacyLoss(rho=rho), cap=cap)


def request(
    *,
    plan: str = "plan-1",
    query: str = "query-1",
    request_id: str = "r-1",
    party: str = "north",
    agreement: str = "",
    rho: int = 10,
    agreement_cap: PrivacyLoss | None = CAP,
    site_cap: PrivacyLoss | None = CAP,
) -> ClaimRequest:
    agreement = agreement or f"dsa-{party}"
    return ClaimRequest(
        subject=Subject(
            principal=principal(party),
            agreement=agreement,
            generation=1,
            operation="aggregate",
            dataset="encounters",
            snapshot="s-1",
            request_id=request_id,
        ),
        query_digest=query,
        plan_digest=plan,
        charges=(
            charge(AccountKind.AGREEMENT, agreement, rho, agreement_cap),
            charge(AccountKind.PARTY, party, rho),
            charge(AccountKind.SITE, "hospital", rho, site_cap),
            charge(AccountKind.SITE, "hospital", rho, None, Period.LIFETIME),
        ),
        cells=4,
    )


def open_journal(path: Path, **settings: Any) -> SqliteJournal:
    options: dict[str, Any] = {
        "origin": "hospital.example/log",
        "site": "hospital",
        "trust_digest": "0" * 64,
        "demo": True,
        "clock": FakeClock(),
    }
    return SqliteJournal.open(path, **(options | settings))


class Chain:
    """Hand-made entries, well chained, lawful or not."""

    def __init__(self) -> None:
        self.entries: list[bytes] = []
        self.head = NO_ENTRY
        self.when = START
        opened = {"log_key": "", "trust_digest": "", "site": "hospital"}
        self.add(Note(kind=EntryKind.OPENED, body=dict(opened)))

    def add(self, note: Note, **changed: Any) -> str:
        """Append a note; returns the entry's id."""
        seq = len(self.entries)
        members: dict[str, Any] = {
            "origin": "hospital.example/log",
            "seq": seq,
            "id": f"{seq:032x}",
            "salt": "5a" * 16,
            "time": self.when,
            "mode": NORMAL,
            "prev": self.head,
            "note": note,
        }
        entry = Entry(**(members | changed))
        data = build(entry)
        self.entries.append(data)
        self.head = leaf_hash(data).hex()
        return entry.id

    def text(self) -> bytes:
        return b"".join(data + b"\n" for data in self.entries)


WHO = Subject(principal=principal(), agreement="dsa")
CHARGED_ACCOUNTS = (
    "agreement/dsa/adults/quarter",
    "party/north/adults/quarter",
    "site/hospital/adults/quarter",
    "site/hospital/adults/lifetime",
)


def amount(rho: int | None) -> Json:
    """A cap as entries have it; None: unlimited."""
    return "unlimited" if rho is None else {"rho": str(rho), "delta": "0"}


def line(account: str, *, rho: int = 10, cap: int | None = None, period: str = "2026-Q4") -> dict[str, Json]:
    key = "lifetime" if account.endswith("/lifetime") else period
    return {"account": account, "period": key, "rho": str(rho), "delta": "0", "cap": amount(cap)}


def charged(
    *,
    plan: str = "p",
    draw: int = 1,
    rho: int = 10,
    cap: int | None = 100,
    period: str = "2026-Q4",
    release: str = "",
    lines: list[dict[str, Json]] | None = None,
    subject: Subject = WHO,
) -> Note:
    """A charge of the accounts that it must name; `cap` is the agreement's, all others are unlimited."""
    accounts = CHARGED_ACCOUNTS[:2] if release else CHARGED_ACCOUNTS
    caps = (cap, None, None, None)
    if lines is None:
        lines = [line(a, rho=rho, cap=c, period=period) for a, c in zip(accounts, caps, strict=False)]
    return Note(
        kind=EntryKind.CHARGED,
        subject=subject,
        body={"charges": [*lines], "plan": plan, "draw": draw, "query": "q", "release": release},
    )


def released(charge: str, subject: Subject = WHO) -> Note:
    body: dict[str, Json] = {"charge": charge, "digest": "d", "salt": "s"}
    return Note(kind=EntryKind.RELEASED, subject=subject, body=body)


def failed(charge: str) -> Note:
    return Note(kind=EntryKind.FAILED, subject=WHO, outcome="unknown", body={"charge": charge})


def replayed(release: str, charge: str = "", subject: Subject = WHO) -> Note:
    body: dict[str, Json] = {"release": release, "charge": charge, "query": "q"}
    return Note(kind=EntryKind.REPLAYED, subject=subject, body=body)


def activated(*caps: tuple[str, int | None], part: int = 1, parts: int = 1, generation: int = 1) -> Note:
    listed: list[Json] = [{"account": account, "cap": amount(cap)} for account, cap in caps]
    body: dict[str, Json] = {"policies": "d", "generation": generation, "part": part, "parts": parts}
    return Note(kind=EntryKind.ACTIVATED, body=body | {"caps": listed})


def loaded(cap: int, *, agreement: str = "dsa", period: str = "quarter") -> Note:
    body: dict[str, Json] = {
        "agreement": agreement,
        "version": 1,
        "digest": "d",
        "cap": amount(cap),
        "period": period,
        "populations": ["adults"],
    }
    return Note(kind=EntryKind.AGREEMENT_LOADED, body=body)


UNCAPPED = tuple((account, None) for account in CHARGED_ACCOUNTS[1:])  # what `charged` needs declared


def noisy(claim: Charged, *, values: int = 1) -> bytes:
    """A stored release of a claim, as the flow makes one."""
    vector = NoisyVector(kind=VectorKind.ROWS, column=None, sigma=1.0, rho=1, values=(7,) * values)
    release = Release(
        dataset="encounters",
        population="adults",
        snapshot="s-1",
        keys=(),
        vectors=(vector,),
        figures=(),
        loss=claim.claim.charges[0].loss,
        max_groups=1,
        max_rows=1,
        patients=None,
    )
    return encode_release(release, claim.entry)
