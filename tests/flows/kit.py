"""A whole site in a temporary folder: real policies, journal, engines and flows; nothing of the network.

Two parties, `university` and `college`, hold the agreement `shared` together; `cautious` suppresses small
cells and limits one question; `filtered` merges a row filter and a consent rule into every question.
`restricted` is a column that no agreement grants.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import inf, nan
from pathlib import Path
from typing import Any

import duckdb

from gateway.adapters.clock import SystemTicker
from gateway.adapters.ibis_engine import IbisEngine
from gateway.adapters.memory_engine import MemoryEngine
from gateway.adapters.memory_values import Row
from gateway.adapters.policy_files import PolicyFiles
from gateway.adapters.snapshots import CREATE_NOTES, NOTES_TABLE, SCHEMA_VERSION
from gateway.adapters.sqlite_journal import SqliteJournal
from gateway.audit.entry import Entry, parse
from gateway.compile import compile_policies
from gateway.domain.entry import EntryKind
from gateway.domain.identity import Principal
from gateway.domain.privacy import Account, AccountKind, Period
from gateway.domain.query import Query, Spend, SpendKind
from gateway.flows.activate import activate, publish
from gateway.flows.grid import Grid
from gateway.flows.prepare import Question
from gateway.flows.release import Answer, release
from gateway.flows.site import Site
from gateway.ports import Engine
from gateway.rpc.servicers import partner_services, site_services
from tests.unit.audit.kit import FakeClock
from tests.unit.policy.sets import CERTIFICATE

NAME = "north"
KEY = "c0ffee"  # of the bounding order
RESERVE = 1 << 16  # bytes
TICK = 0.001  # seconds
SNAPSHOT = "20261005T070000Z-00000001"
LONGEST = 20.0  # seconds; a call that never ends fails its test
COUNT = "SELECT COUNT(DISTINCT patient) AS n FROM visits"
BY_SEX = "SELECT sex, COUNT(DISTINCT patient) AS n FROM visits GROUP BY sex"

_PARTY = """\
party: {id}
name: The {id}
organisation: urn:oid:2.999.{number}
certificate:
  san: urn:concordat:party:{id}
  issuer: |
    {certificate}
jwks:
  keys:
    - {{kty: OKP, crv: Ed25519, kid: first, alg: EdDSA, x: 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo}}
persons: []
budget: {{epsilon: 30, delta: 1e-7, period: year}}
"""

_AGREEMENT = """\
agreement: {id}
version: 1
title: Agreement {id}
status: active
provider: north
recipients: {recipients}
purposes: [HRESCH]
legal_basis: {{basis: consent, reference: board 1}}
valid: {{from: 2026-01-01, until: 2028-12-31}}
privacy: {{epsilon: 20, delta: 1e-7, period: year, {privacy}}}
limits: {{requests_per_minute: 6000, concurrent: 100}}
grants:
  - name: all
    operation: aggregate
    dataset: visits
    columns: {{filter: [sex, days, start, urgent], group: [sex, ward, urgent], measure: [days, bmi]}}
    measures: [count_patients, count_rows, sum, mean]
{rules}obligations: [Identify nobody.]
"""

FILES: Mapping[str, str] = {
    "populations/adults.yaml": """\
population: adults
title: Adults
maximum: 1000
budget: {epsilon: 25, delta: 1e-7, period: year}
lifetime: {epsilon: 80, delta: 1e-7}
""",
    "datasets/visits.yaml": """\
dataset: visits
title: Visits
population: adults
patient: patient_id
row_key: visit_id
max_groups: 3
max_rows: 5
columns:
  patient_id: {type: identifier}
  visit_id: {type: identifier}
  sex: {type: category, categories: {values: [female, male], other: other, missing: missing}}
  ward: {type: category, categories: {values: [east, west]}}
  days: {type: integer, unit: d, bounds: {low: 0, high: 30, resolution: 1}, source: plausibility}
  bmi: {type: number, bounds: {low: 10, high: 60, resolution: 0.1}, source: plausibility}
  restricted: {type: integer, bounds: {low: 0, high: 9, resolution: 1}, source: plausibility}
  urgent: {type: boolean}
  start: {type: date}
""",
    **{
        f"parties/{party}.yaml": _PARTY.format(id=party, number=number, certificate=CERTIFICATE)
        for number, party in enumerate(("university", "college"), start=1)
    },
    "agreements/shared.yaml": _AGREEMENT.format(
        id="shared", recipients="[university, college]", privacy="min_cell: 0", rules=""
    ),
    "agreements/cautious.yaml": _AGREEMENT.format(
        id="cautious",
        recipients="[university, college]",
        privacy="min_cell: 11, most_per_query: {epsilon: 5}",
        rules="",
    ),
    "agreements/filtered.yaml": _AGREEMENT.format(
        id="filtered",
        recipients="[college]",
        privacy="min_cell: 0",
        rules="    where: \"sex <> 'other'\"\n    consent: urgent = TRUE\n",
    ),
}

COLUMNS = {
    "patient_id": "VARCHAR",
    "visit_id": "VARCHAR",
    "sex": "VARCHAR",
    "ward": "VARCHAR",
    "days": "BIGINT",
    "bmi": "DOUBLE",
    "restricted": "BIGINT",
    "urgent": "BOOLEAN",
    "start": "DATE",
}


def row(patient: str | None, visit: int, **given: Any) -> Row:
    """One visit; what is not given is usual."""
    usual: dict[str, Any] = {
        "patient_id": patient,
        "visit_id": str(visit),
        "sex": "female",
        "ward": "east",
        "days": 3,
        "bmi": 24.5,
        "restricted": 1,
        "urgent": True,
        "start": date(2026, 3, 1),
    }
    return usual | given


ROWS: tuple[Row, ...] = tuple(
    row(f"p{i // 2}", i, sex=("female", "male")[i // 2 % 2], ward=("east", "west")[i % 2], days=i % 9)
    for i in range(80)
)
# What no clean table holds: every one of these must be taken as any other row is.
ODD_ROWS: tuple[Row, ...] = (
    row("odd", 900, bmi=nan, days=None),
    row("odd", 901, bmi=inf, days=2**63 - 1),
    row("odd", 902, bmi=-inf, days=-(2**63)),
    row("odd", 903, bmi=1e308, sex=None, ward=None),
    row("odd", 904, bmi=-1e308, sex="\x00|'", ward="nowhere", urgent=None, start=None),
    row("orphan-of-no-register", 905, bmi=None),
    row(None, 906, bmi=1e300),
)


def changed(path: str, old: str, new: str, files: Mapping[str, str] = FILES) -> dict[str, str]:
    """The policies with one text of one file replaced; it must be there exactly once."""
    assert files[path].count(old) == 1, f"{old!r} occurs {files[path].count(old)} times"
    return {**files, path: files[path].replace(old, new)}


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Policies as a folder that people edit."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


def who(party: str = "university", person: str = "ann") -> Principal:
    return Principal(party=party, person=person, purpose="HRESCH", thumbprint="t", jti="j")


def spend(text: str) -> Spend:
    """`rho 0.1`, `share 5`, `epsilon 1` or `within 20`."""
    kind, amount = text.split()
    return Spend(kind=SpendKind(kind), amount=Decimal(amount))


def memory(rows: Sequence[Row] = ROWS, snapshot: str = SNAPSHOT) -> MemoryEngine:
    return MemoryEngine({"visits": rows}, snapshot=snapshot, bounding_key=KEY)


def _read_in_as() -> str:
    files = {path: text.encode() for path, text in FILES.items()}
    return compile_policies(files, site=NAME, generation=1).datasets["visits"].source_digest


def duck(folder: Path, rows: Sequence[Row] = ROWS, snapshot: str = SNAPSHOT) -> IbisEngine:
    """The real engine, on a snapshot file of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{snapshot}.duckdb"
    with duckdb.connect(path) as database:
        database.execute(CREATE_NOTES)
        note = ["visits", 0, 0, "", _read_in_as(), "2026-10-05T07:00:00+00:00", SCHEMA_VERSION]
        database.execute(f"INSERT INTO {NOTES_TABLE} VALUES (?, ?, ?, ?, ?, ?, ?)", note)
        database.execute("CREATE TABLE visits (" + ", ".join(f"{n} {t}" for n, t in COLUMNS.items()) + ")")
        if rows:
            marks = ", ".join("(" + ", ".join("?" * len(COLUMNS)) + ")" for _ in rows)
            values = [entry[name] for entry in rows for name in COLUMNS]
            database.execute(f"INSERT INTO visits VALUES {marks}", values)
    return IbisEngine(path, bounding_key=KEY, spill=folder / ".spill")


@dataclass(slots=True, kw_only=True)
class House:
    """A site under test, with its journal's file."""

    site: Site
    journal: SqliteJournal
    path: Path
    clock: FakeClock
    policies: PolicyFiles

    @classmethod
    async def open(
        cls, folder: Path, engine: Engine | None = None, files: Mapping[str, str] = FILES
    ) -> House:
        folder.mkdir(parents=True, exist_ok=True)
        clock, path = FakeClock(), folder / "journal.db"
        journal = SqliteJournal.open(
            path,
            origin=f"{NAME}.example/log",
            site=NAME,
            trust_digest="0" * 64,
            demo=True,
            clock=clock,
            reserve=RESERVE,
        )
        policies = PolicyFiles(folder / "policies", folder / "kept")
        write(folder / "policies", files)
        serving = await activate(NAME, policies, journal)
        assert serving.fault is None, serving.fault
        site = Site(
            compiled=serving.compiled,
            engine=memory() if engine is None else engine,
            journal=journal,
            clock=clock,
            threads=ThreadPoolExecutor(max_workers=4),
            digest_key=b"k" * 32,
            hash_epoch="epoch-1",
            grid=Grid(ticker=SystemTicker(), tick=TICK),
        )
        house = cls(site=site, journal=journal, path=path, clock=clock, policies=policies)
        await publish(house.site.engine.snapshot, ("visits",), journal)
        return house

    async def load(self, files: Mapping[str, str]) -> None:
        """Take up other policies, as a reload does."""
        write(self.path.parent / "policies", files)
        serving = await activate(NAME, self.policies, self.journal)
        assert serving.fault is None, serving.fault
        self.site.compiled = serving.compiled

    async def swap(self, engine: Engine) -> None:
        """Serve another snapshot, as a reload does."""
        self.site.engine = engine
        await publish(engine.snapshot, ("visits",), self.journal)

    async def ask(
        self,
        query: Query | str = COUNT,
        cost: str = "rho 0.01",
        *,
        party: str = "university",
        person: str = "ann",
        agreement: str = "shared",
        request_id: str = "",
    ) -> Answer:
        """One question through the flow."""
        question = Question(agreement=agreement, query=query, spend=spend(cost), request_id=request_id)
        async with asyncio.timeout(LONGEST):
            return await release(self.site, who(party, person), question)

    async def call(self, method: str, message: Any, *, party: str = "university") -> Any:
        """One call as the door makes it: what is refused is journalled."""
        for methods in (*partner_services(self.site).values(), *site_services(self.site).values()):
            if method in methods:
                unary: Any = methods[method]
                return await unary(message, who(party))
        raise AssertionError(f"there is no method {method}")

    def entries(self) -> list[Entry]:
        return [parse(data) for _seq, data in self.journal.entries(0, 1000)]

    def kinds(self) -> list[EntryKind]:
        """Kinds of the entries after the start's own."""
        starting = {EntryKind.OPENED, EntryKind.ACTIVATED, EntryKind.AGREEMENT_LOADED}
        found = [entry.kind for entry in self.entries()]
        return [kind for kind in found if kind not in starting | {EntryKind.SNAPSHOT_PUBLISHED}]

    def last(self) -> Entry:
        return self.entries()[-1]

    def spent(self, kind: AccountKind, holder: str, period: Period = Period.YEAR) -> int:
        """What an account has spent, in 1e-12 of rho."""
        account = Account(kind=kind, holder=holder, population="adults", period=period)
        return self.journal.balance(account, None).spent.rho

    @property
    def site_spent(self) -> int:
        return self.spent(AccountKind.SITE, NAME)

    async def close(self) -> None:
        async with asyncio.timeout(LONGEST):
            await self.site.drained()
        self.site.threads.shutdown()
        if self.journal.healthy:  # some tests close it themselves
            self.journal.close()
        self.site.engine.close()


async def all_of(*work: Any) -> list[Any]:
    """Outcomes of calls that run together: answers, and errors as values."""
    return list(await asyncio.gather(*work, return_exceptions=True))


def with_min_cell(files: Mapping[str, str], agreement: str, least: int) -> dict[str, str]:
    """The policies with another least cell in one agreement."""
    path = f"agreements/{agreement}.yaml"
    before = 11 if agreement == "cautious" else 0
    return changed(path, f"min_cell: {before}", f"min_cell: {least}", files)
