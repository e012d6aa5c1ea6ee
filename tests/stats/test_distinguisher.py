"""A black-box distinguisher of whole releases on neighbouring tables: ours passes, broken ones are caught.

Each broken release is one that people have built: groups that exist only when occupied, a bound on groups
that follows the order of storage, suppression by exact counts and noise on what is shown. False alarm of one
comparison: at most 2 * EVENTS * 1e-8 (Clopper and Pearson at 1e-8 for both chances of each event).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cache

import pytest
from scipy import stats

from gateway.adapters.memory_engine import evaluate
from gateway.adapters.memory_values import Row
from gateway.domain.catalog import Categories, Column, ColumnType, Dataset, Population
from gateway.domain.privacy import RHO_UNIT
from gateway.domain.query import Measure, MeasureKind, Query, Spend, SpendKind
from gateway.domain.release import Suppression
from gateway.plan import Plan, make_plan
from gateway.privacy.rendering import render
from tests.property.generators import KEY
from tests.property.test_plan import TERMS, permit
from tests.stats.test_mechanisms import allowed

RUNS, EVENTS = 3_000, 60
RHO = Decimal("0.5")
LABELS = ("a", "b", "c", "d")
Table = tuple[Row, ...]
Release = Callable[[Table], int]
"""One release of a table, boiled down to one number by whoever attacks it."""

DATASET = Dataset(
    name="visits",
    title="",
    description="",
    population=Population(name="adults", maximum=1000),
    patient_column="patient",
    row_key="row_key",
    columns={
        "patient": Column(name="patient", type=ColumnType.IDENTIFIER),
        "row_key": Column(name="row_key", type=ColumnType.IDENTIFIER),
        "ward": Column(name="ward", type=ColumnType.CATEGORY, categories=Categories(values=LABELS)),
    },
    max_groups=1,
    max_rows=1,
    digest="0" * 64,
    source_digest="1" * 64,
)
QUERY = Query(
    dataset="visits", measures=(Measure(kind=MeasureKind.COUNT_PATIENTS, name="n"),), group_by=("ward",)
)
PLAN: Plan = make_plan(
    QUERY, Spend(kind=SpendKind.RHO, amount=RHO), permit("shared"), {"visits": DATASET}, TERMS
)


@cache
def counted(patients: tuple[tuple[str, str, str], ...]) -> tuple[int, ...]:
    """The bounded truth of each table, worked out once."""
    table = tuple(visit(patient, ward, int(number)) for patient, ward, number in patients)
    (counts,) = evaluate({"visits": table}, QUERY, {"visits": DATASET}, PLAN.expression.vectors, KEY)
    return counts


def exact(table: Table) -> tuple[int, ...]:
    return counted(tuple((str(r["patient"]), str(r["ward"]), str(r["row_key"])) for r in table))


def noised(counts: Sequence[int]) -> tuple[int, ...]:
    """One draw of the plan's own noise on as many cells as are given."""
    (noisy,) = PLAN.measurement((tuple(counts),))
    return noisy


def distinguished(release: Release, here: Table, there: Table) -> bool:
    """Whether some event is likelier on one table than the plan's loss allows, beyond chance."""
    rho = PLAN.loss.rho / RHO_UNIT
    one, two = (Counter(release(table) for _ in range(RUNS)) for table in (here, there))
    events = sorted(set(one) | set(two), key=lambda value: -abs(one[value] - two[value]))[: EVENTS // 2]
    for value in events:
        tails = [sum(n for x, n in found.items() if x >= value) for found in (one, two)]
        for left, right in ((one[value], two[value]), (tails[0], tails[1])):
            for likely, rare in ((left, right), (right, left)):
                if likely and at_least(likely) > allowed(at_most(rare), rho):
                    return True
    return False


def at_least(hits: int) -> float:
    return float(stats.beta.ppf(1e-8, hits, RUNS - hits + 1))


def at_most(hits: int) -> float:
    return 1.0 if hits == RUNS else float(stats.beta.ppf(1 - 1e-8, hits + 1, RUNS - hits))


def visit(patient: str, ward: str, number: int = 0) -> Row:
    return {"patient": patient, "row_key": str(number), "ward": ward}


CROWD = tuple(visit(f"p{i}", "a") for i in range(12))
ALONE = (*CROWD, visit("x", "d"))
# Everybody has been in two wards, of which one is kept; one more patient changes how many rows there are.
WANDERERS = tuple(visit(f"p{i}", ward, n) for i in range(20) for n, ward in enumerate(("a", "b")))
ONE_MORE = (*WANDERERS, visit("x", "c"))
AT_LIMIT = tuple(visit(f"p{i}", "a") for i in range(11))
BELOW = AT_LIMIT[1:]
SHOWN = Suppression(min_cell=11, z=0.0)


def cells_seen(table: Table) -> int:
    """Ours: how many cells an answer has."""
    return len(noised(exact(table)))


def occupied_cells(table: Table) -> int:
    """Broken: cells that nobody is in do not exist."""
    return len(noised([count for count in exact(table) if count]))


def first_ward(table: Table) -> int:
    """Ours: the noisy count of one ward, of patients bounded by the keyed order."""
    return noised(exact(table))[0]


def first_ward_by_storage(table: Table) -> int:
    """Broken: a patient counts where the storage has it first, and storage is laid out by its size."""
    rows = table if len(table) % 2 else table[::-1]
    kept = {str(row["patient"]): row["ward"] for row in rows}
    return noised([list(kept.values()).count(label) for label in LABELS])[0]


def cells_shown(table: Table) -> int:
    """Ours: whether the first cell is shown, by its noisy count."""
    row = render(PLAN.release_of((noised(exact(table)),)), None)[0]
    value = row.cells[0].value
    return int(value is not None and value >= SHOWN.min_cell)


def cells_shown_by_truth(table: Table) -> int:
    """Broken: the exact count says which cells are shown, and those are noised."""
    return len(noised([count for count in exact(table) if count >= SHOWN.min_cell]))


PAIRS: dict[str, tuple[Release, Release, Table, Table]] = {
    "groups only when occupied": (cells_seen, occupied_cells, ALONE, CROWD),
    "bounding by storage order": (first_ward, first_ward_by_storage, ONE_MORE, WANDERERS),
    "noise on the shown row set": (cells_shown, cells_shown_by_truth, AT_LIMIT, BELOW),
}


@pytest.mark.parametrize("name", PAIRS)
def test_ours_is_not_told_apart_and_the_broken_one_is(name: str) -> None:
    ours, broken, here, there = PAIRS[name]
    assert not distinguished(ours, here, there)
    assert distinguished(broken, here, there)
