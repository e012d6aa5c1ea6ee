"""Grouped count of patients: our engine against plain `count(distinct patient)` SQL on the same DuckDB.

Goals: at most 2x where a patient falls in one group, 4x where groups must be bounded. Both read the same
file with the same settings, in turn, in one run; exits with 1 when a goal is missed.
Run: python bench/grouped_count.py [--rows N] [--patients N] [--rounds N]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import duckdb

from gateway.adapters import snapshots
from gateway.adapters.ibis_engine import IbisEngine
from gateway.domain.expression import Expression, Key, Vector, VectorKind

GROUPS = 12
SETTINGS = {"memory_limit": "4GB", "threads": 2}
KEY = "00112233445566778899aabbccddeeff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One comparison: a table, the contribution bound, and how many times slower we may be."""

    title: str
    table: str
    max_groups: int
    most: float


GOALS = (
    Goal(title="one group a patient", table="one", max_groups=1, most=2.0),
    Goal(title="bounded to 1 group", table="many", max_groups=1, most=4.0),
    Goal(title="bounded to 3 groups", table="many", max_groups=3, most=4.0),
)


def write(path: Path, rows: int, patients: int) -> None:
    """Two tables of rows in random order: `one` group a patient, or `many`."""
    with duckdb.connect(path) as connection:
        connection.execute(snapshots.CREATE_NOTES)
        for table, group in (("one", f"i % {patients}"), ("many", "i")):
            connection.execute(
                f"CREATE TABLE {table} AS SELECT 'p' || (i % {patients}) AS patient, 'r' || i AS row_key, "
                f"'g' || (hash({group}) % {GROUPS}) AS k FROM range({rows}) t(i) ORDER BY hash(i * 7)"
            )


def expression(goal: Goal) -> Expression:
    key = Key(column="k", values=tuple(f"g{i}" for i in range(GROUPS)), size=GROUPS)
    return Expression(
        population="adults",
        table=goal.table,
        patient_column="patient",
        row_key="row_key",
        where=None,
        keys=(key,),
        vectors=(Vector(kind=VectorKind.PATIENTS),),
        max_groups=goal.max_groups,
        max_rows=1,
    )


def seconds(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def compare(path: Path, spill: Path, goal: Goal, rounds: int) -> list[float]:
    """The ratio of our time to the reference's, round by round; the two take turns at going first."""
    engine = IbisEngine(path, bounding_key=KEY, spill=spill, memory_limit="4GB", threads=2)
    asked = expression(goal)
    sql = f"SELECT k, count(DISTINCT patient) FROM {goal.table} GROUP BY k"
    # The reference must not be opened with other settings in the same process: it gets its own file handle.
    with duckdb.connect(":memory:", config=SETTINGS) as plain:
        plain.execute(f"ATTACH '{path}' AS snapshot (READ_ONLY)")
        plain.execute("USE snapshot")
        ours, theirs = engine.evaluate(asked), plain.execute(sql).fetchall()  # warm, and check
        if goal.table == "one":
            assert sorted(ours[0]) == sorted(count for _, count in theirs)
        ratios = []
        for i in range(rounds):
            pair = [
                (0, lambda: engine.evaluate(asked)),
                (1, lambda: plain.execute(sql).fetchall()),
            ]
            times = {name: seconds(work) for name, work in (pair if i % 2 else pair[::-1])}
            ratios.append(times[0] / times[1])
    engine.close()
    return ratios


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--patients", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    missed = False
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.duckdb"
        write(path, options.rows, options.patients)
        for goal in GOALS:
            ratios = compare(path, Path(folder) / "spill", goal, options.rounds)
            kept = median(ratios) <= goal.most
            missed = missed or not kept
            print(
                f"{goal.title:22} {median(ratios):5.2f}x of count(distinct) SQL "
                f"(min {min(ratios):.2f}, max {max(ratios):.2f}; goal {goal.most:.0f}x: "
                f"{'met' if kept else 'MISSED'})"
            )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
