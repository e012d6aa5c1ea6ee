"""Claims, notes and small journals for the tests of the journal's rooms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.adapters.sqlite_journal import SqliteJournal
from gateway.audit.entry import NO_ENTRY, NORMAL, Entry, build, leaf_hash
from gateway.domain.entry import ClaimRequest, EntryKind, Note, Subject
from gateway.domain.identity import Principal
from gateway.domain.privacy import Account, AccountKind, Charge, Period, PrivacyLoss

START = datetime(2026, 10, 5, 8, 0, 0, tzinfo=UTC)
CAP = PrivacyLoss(rho=1000)


class FakeClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, when: datetime = START) -> None:
        self.when = when

    def now(self) -> datetime:
        return self.when

    def move(self, **by: float) -> None:
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


def charged(
    *,
    plan: str = "p",
    draw: int = 1,
    rho: int = 10,
    cap: int | None = 100,
    period: str = "2026-Q4",
    account: str = "agreement/dsa/adults/quarter",
    release: str = "",
) -> Note:
    return Note(
        kind=EntryKind.CHARGED,
        body={
            "charges": [
                {
                    "account": account,
                    "period": period,
                    "rho": str(rho),
                    "delta": "0",
                    "cap": "unlimited" if cap is None else {"rho": str(cap), "delta": "0"},
                }
            ],
            "plan": plan,
            "draw": draw,
            "query": "q",
            "release": release,
        },
    )


def released(charge: str) -> Note:
    return Note(kind=EntryKind.RELEASED, body={"charge": charge, "digest": "d", "salt": "s"})


def failed(charge: str) -> Note:
    return Note(kind=EntryKind.FAILED, outcome="unknown", body={"charge": charge})


def replayed(release: str, charge: str = "") -> Note:
    return Note(kind=EntryKind.REPLAYED, body={"release": release, "charge": charge, "query": "q"})
