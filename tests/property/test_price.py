"""The price is the Sensitivity Law's: what one patient moves, over the noise that is drawn, is all charged.

Only the plan's scales and its loss are believed; what a patient moves is found by taking each out of the
data.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings

from gateway.adapters.memory_engine import evaluate
from gateway.adapters.memory_values import Row
from gateway.domain.catalog import Bounds, Column, ColumnType, Dataset, Population
from gateway.domain.privacy import RHO_UNIT
from gateway.domain.query import Compare, Measure, MeasureKind, Operator, Query, Spend, SpendKind
from gateway.plan import Plan, make_plan
from tests.property.generators import CATEGORIES, KEY, Case, Tables
from tests.property.test_plan import AGREEMENTS, SPENDS, TERMS, permit, planned, questions


def caused(plan: Plan, tables: Tables, less: Tables) -> Fraction:
    """The rho (units of 1e-12) of telling both tables apart, from the scales of the noise alone."""
    vectors = plan.expression.vectors
    catalogue = {dataset.name: dataset for dataset in plan.datasets}
    one, other = (evaluate(t, plan.query, catalogue, vectors, KEY) for t in (tables, less))
    total = Fraction(0)
    for priced, left, right in zip(plan.priced, one, other, strict=True):
        moved = sum((a - b) ** 2 for a, b in zip(left, right, strict=True))
        total += Fraction(moved) / (2 * Fraction(priced.sigma) ** 2)
    return total * RHO_UNIT


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(questions(), SPENDS, AGREEMENTS)
def test_no_patient_moves_an_answer_by_more_than_is_charged(
    asked: tuple[Case, Query], spend: Spend, agreement: str
) -> None:
    case, query = asked
    plan = planned(case, query, spend, agreement)
    for patient in case.patients:
        assert caused(plan, case.tables, case.without(patient)) <= plan.loss.rho


COLUMNS = (
    Column(name="patient", type=ColumnType.IDENTIFIER),
    Column(name="row_key", type=ColumnType.IDENTIFIER),
    Column(name="ward", type=ColumnType.CATEGORY, categories=CATEGORIES["ward"]),
    Column(name="site", type=ColumnType.CATEGORY, categories=CATEGORIES["site"]),
    Column(
        name="level",
        type=ColumnType.NUMBER,
        bounds=Bounds(low=Decimal("-300"), high=Decimal("-100"), resolution=Decimal("0.5")),
    ),
)
DATASET = Dataset(
    name="visits",
    title="",
    description="",
    population=Population(name="adults", maximum=1000),
    patient_column="patient",
    row_key="row_key",
    columns={column.name: column for column in COLUMNS},
    max_groups=3,
    max_rows=2,
    digest="0" * 64,
    source_digest="1" * 64,
)
# A patient with more groups than are kept, more rows in each, and every value at the far bound.
FULLEST: tuple[Row, ...] = tuple(
    {"patient": "p1", "row_key": f"{i}", "ward": ward, "site": site, "level": -1e9}
    for ward in ("a", "else")
    for site in ("x", "y", "")
    for i in range(4)
)
NEIGHBOUR: tuple[Row, ...] = tuple({**row, "patient": "p2", "level": -200.0} for row in FULLEST[:5])
PARTS: list[list[tuple[MeasureKind, str | None]]] = [
    [(MeasureKind.COUNT_PATIENTS, None)],
    [(MeasureKind.COUNT_ROWS, None)],
    [(MeasureKind.SUM, "level")],
    [(MeasureKind.MEAN, "level")],
    [(MeasureKind.PROPORTION, None)],
    [(kind, "level" if kind in (MeasureKind.SUM, MeasureKind.MEAN) else None) for kind in MeasureKind],
]
FAR = Compare(column="level", operator=Operator.LT, value=Decimal("-250.5"))
RATIOS = (MeasureKind.MEAN, MeasureKind.PROPORTION)
COSTS = [("rho", "0.1"), ("share", "5"), ("epsilon", "1"), ("within", "2000")]
ASKED = [  # a half-width is not promised for a ratio
    (parts, cost)
    for parts in PARTS
    for cost in COSTS
    if cost[0] != "within" or all(kind not in RATIOS for kind, _ in parts)
]


@pytest.mark.parametrize("agreement", ["shared", "cautious"])
@pytest.mark.parametrize(("parts", "cost"), ASKED)
@pytest.mark.parametrize(("groups", "rows"), [(None, None), (2, 3), (1, 1), (5, 1), (1, 4)])
def test_the_fullest_patient_uses_what_is_charged(
    parts: list[tuple[MeasureKind, str | None]],
    cost: tuple[str, str],
    agreement: str,
    groups: int | None,
    rows: int | None,
) -> None:
    """Within 90 % and no more: neither G nor M is left out of the price, and neither is paid twice."""
    measures = tuple(
        Measure(kind=k, name=f"m{i}", column=c, condition=FAR if k is MeasureKind.PROPORTION else None)
        for i, (k, c) in enumerate(parts)
    )
    query = Query(
        dataset="visits", measures=measures, group_by=("ward", "site"), max_groups=groups, max_rows=rows
    )
    spend = Spend(kind=SpendKind(cost[0]), amount=Decimal(cost[1]))
    plan = make_plan(query, spend, permit(agreement), {"visits": DATASET}, TERMS)
    assert (plan.expression.max_groups, plan.expression.max_rows) == (groups or 3, rows or 2)
    found = caused(plan, {"visits": FULLEST + NEIGHBOUR}, {"visits": NEIGHBOUR})
    assert Fraction(9, 10) * plan.loss.rho <= found <= plan.loss.rho
