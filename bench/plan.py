"""How long a question takes to be read, decided, priced and planned. Goals: 30 ms new, 5 ms seen before.

Each round asks texts that were never asked, of every part of the language, over the standard tables. The
reference is sqlglot reading the same text, the least that any such service would do. What Ibis needs to
compile the plan for DuckDB, once and off the event loop, is shown beside and has no goal of its own.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

import duckdb
import sqlglot

from gateway.adapters import snapshots
from gateway.adapters.clock import SystemTicker
from gateway.adapters.ibis_engine import STORED_TYPES, IbisEngine
from gateway.adapters.source_file import name_sql
from gateway.compile import compile_policies
from gateway.domain.agreement import Compiled
from gateway.domain.identity import Principal
from gateway.domain.query import Spend, SpendKind
from gateway.flows.grid import Grid
from gateway.flows.prepare import Prepared, Question, prepare
from gateway.flows.site import Site
from gateway.shipped import shipped
from tests.unit.policy.sets import FILES as ENROLLED

T = TypeVar("T")
ROUNDS, NEW, SEEN = 7, 30.0, 5.0  # milliseconds
SITE = "bench-site"
HYPERTENSION = "patient IN (SELECT patient FROM conditions WHERE code = '{}')"
QUESTIONS: Mapping[str, str] = {
    "count by attribute": "SELECT patient.sex, COUNT(DISTINCT patient) FROM conditions WHERE code = '{}' "
    "GROUP BY patient.sex",
    "mean by age band": "SELECT patient.sex, BAND(AGE(effective_date), 18, 40, 65) AS age, AVG(value) "
    "FROM observations WHERE code = '39156-5' AND unit = 'kg/m2' AND value_code <> '{}' "
    "GROUP BY patient.sex, age",
    "per quarter and class": "SELECT class, DATE_TRUNC('quarter', start_date, DATE '2023-01-01', "
    "DATE '2024-12-31') AS quarter, COUNT(*) FROM encounters WHERE type_code <> '{}' GROUP BY class, quarter",
    "proportion of a cohort": "SELECT PROPORTION(value > 140, LAST(effective_date)) FROM observations "
    f"WHERE code = '8480-6' AND {HYPERTENSION}",
    "three cohorts and a window": f"SELECT COUNT(DISTINCT patient) FROM encounters WHERE {HYPERTENSION} "
    "AND NOT patient IN (SELECT patient FROM medications WHERE code = '1') AND patient IN (SELECT patient "
    "FROM conditions WHERE onset_date BETWEEN encounters.start_date - INTERVAL '30' DAY AND "
    "encounters.start_date)",
}
CALLER = Principal(party="university", person="a", purpose="HRESCH", thumbprint="t", jti="j")


class _Clock:
    def now(self) -> datetime:
        return datetime(2026, 6, 1, tzinfo=UTC)


def policies() -> dict[str, bytes]:
    """The standard tables as shipped, their agreement in force, and a party that nobody enrolled."""
    folder = shipped("policies")
    files = {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*.yaml"))}
    agreement = files["agreements/research.yaml"].decode()
    agreement = agreement.replace("status: draft", "status: active", 1).replace("your-site", SITE, 1)
    party = ENROLLED["parties/university.yaml"].encode()
    return {**files, "agreements/research.yaml": agreement.encode(), "parties/university.yaml": party}


def empty_snapshot(folder: Path, compiled: Compiled) -> Path:
    """Every table of the set without a row: what is timed touches none."""
    path = folder / "20260101T000000Z-00000000.duckdb"
    with duckdb.connect(path) as database:
        database.execute(snapshots.CREATE_NOTES)
        for name, dataset in compiled.datasets.items():
            columns = ", ".join(
                f"{name_sql(c.name)} {STORED_TYPES[c.type]}" for c in dataset.columns.values()
            )
            database.execute(f"CREATE TABLE {name_sql(name)} ({columns})")
            note = [name, 0, 0, "", dataset.source_digest, "2026-01-01", snapshots.SCHEMA_VERSION]
            database.execute(f"INSERT INTO {snapshots.NOTES_TABLE} VALUES (?, ?, ?, ?, ?, ?, ?)", note)
    return path


def site_of(folder: Path, compiled: Compiled) -> Site:
    engine = IbisEngine(empty_snapshot(folder, compiled), bounding_key="k", spill=folder / "spill")
    return Site(
        compiled=compiled,
        engine=engine,
        journal=cast("Any", None),  # nothing is claimed
        clock=_Clock(),
        threads=ThreadPoolExecutor(1),
        digest_key=b"k" * 32,
        hash_epoch="e",
        grid=Grid(ticker=SystemTicker(), tick=0.25),
    )


async def planned(site: Site, sql: str) -> Prepared:
    """What comes before the charge, as the corridor does it."""
    question = Question(agreement="research", query=sql, spend=Spend(kind=SpendKind.SHARE, amount=Decimal(1)))
    return await prepare(site, CALLER, question)


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Milliseconds, and what came of it."""
    begun = time.perf_counter()
    done = work()
    return (time.perf_counter() - begun) * 1e3, done


def rounds(site: Site, runner: asyncio.Runner, text: str) -> list[tuple[float, float, float, float]]:
    """For each new text: its plan, its plan again, its compilation, and sqlglot alone."""
    found = []
    for number in range(ROUNDS):
        sql = text.format(f"c{number}")
        reference, _ = timed(partial(sqlglot.parse_one, sql))
        new, prepared = timed(partial(runner.run, planned(site, sql)))
        seen, _ = timed(partial(runner.run, planned(site, sql)))
        compiled, _ = timed(partial(prepared.engine.ready, prepared.plan))
        found.append((new, seen, compiled, reference))
    return found


def main() -> int:
    """Print each shape's medians beside the reference's; 1 where a goal is missed."""
    missed = False
    with tempfile.TemporaryDirectory() as name, asyncio.Runner() as runner:
        compiled = compile_policies(policies(), site=SITE, generation=1)
        site = site_of(Path(name), compiled)
        runner.run(planned(site, QUESTIONS["count by attribute"].format("warm")))
        for title, text in QUESTIONS.items():
            columns = list(zip(*rounds(site, runner, text), strict=True))
            new, seen, once, reference = map(statistics.median, columns)
            kept = new <= NEW and seen <= SEEN
            missed = missed or not kept
            print(
                f"{title:27} new {new:4.1f} ms ({min(columns[0]):.1f} to {max(columns[0]):.1f}), seen "
                f"{seen:.2f} ms ({'met' if kept else 'MISSED'}); {new / reference:.1f}x of sqlglot alone; "
                f"Ibis compiles it once in {once:.0f} ms"
            )
        site.engine.close()
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
