"""Random small datasets and queries over every node kind: one generator for all engine properties.

Rows come with ties, repeated row keys, nulls, NaN, infinities, extreme and unusual values; half of the
tables are concentrated: a patient who fills groups with rows at the bounds, so that limits are reached.
Imports: hypothesis, domain words, lower, the in-memory engine's row type.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import inf, nan
from random import Random

from hypothesis import strategies as st

from gateway.adapters.memory_engine import Datum, Row
from gateway.domain.catalog import Bounds, Categories, Column, ColumnType, Dataset, Population
from gateway.domain.expression import Expression, Vector, VectorKind
from gateway.domain.query import (
    And,
    Compare,
    IsMissing,
    Literal,
    Measure,
    MeasureKind,
    Not,
    OneOf,
    Operator,
    Or,
    Predicate,
    Query,
)
from gateway.lower import grid_of, lower

KEY = "4f1c0f6d2b"
CATEGORIES = {
    "sex": Categories(values=("F", "M"), missing="unknown"),
    "ward": Categories(values=("a", "é|'"), other="else"),
    "site": Categories(values=("x", "y", "")),
}
TEXTS = (None, "F", "M", "a", "é|'", "x", "y", "", "else", "unknown", "f", "😀\u202e", " x")
PATIENTS = (None, "p1", "p2", "p3", "é😀", "", "p|1")
ROW_KEYS = (None, "", "1", "2", "11", "ß|", "r😀")
DAYS = (None, date(1, 1, 1), date(2020, 2, 29), date(2020, 3, 1), date(9999, 12, 31))
INTEGERS = (None, 0, 1, 2, 3, -7, 2**53 + 1, 2**63 - 1, -(2**63))
NUMBERS = (
    None,
    nan,
    inf,
    -inf,
    1e308,
    -1e308,
    -0.0,
    0.0,
    0.25,
    -0.25,
    0.75,
    0.05,
    0.15,
    0.35,
    1.0,
    2.5,
    5e-324,
)
BOUNDS = (
    Bounds(low=Decimal("-1"), high=Decimal("2.5"), resolution=Decimal("0.5")),
    Bounds(low=Decimal("0"), high=Decimal("1"), resolution=Decimal("0.1")),
    Bounds(low=Decimal("2"), high=Decimal("5"), resolution=Decimal("1")),
    Bounds(low=Decimal("-300"), high=Decimal("-100"), resolution=Decimal("100")),
)
GROUPABLE = ("sex", "ward", "site", "flag")
MEASURED = ("age", "level")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One question to one table, and the expression it compiles to."""

    rows: tuple[Row, ...]
    query: Query
    dataset: Dataset
    expression: Expression

    def without(self, patient: str | None) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row["patient"] != patient)

    @property
    def patients(self) -> list[str]:
        return sorted({str(row["patient"]) for row in self.rows if row["patient"] is not None})


@st.composite
def datasets(draw: st.DrawFn) -> Dataset:
    columns = [
        Column(name="patient", type=ColumnType.IDENTIFIER),
        Column(name="row_key", type=ColumnType.IDENTIFIER),
        *(Column(name=n, type=ColumnType.CATEGORY, categories=c) for n, c in CATEGORIES.items()),
        Column(name="flag", type=ColumnType.BOOLEAN),
        Column(name="day", type=ColumnType.DATE),
        Column(
            name="age",
            type=ColumnType.INTEGER,
            bounds=Bounds(low=Decimal(0), high=Decimal(3), resolution=Decimal(1)),
        ),
        Column(name="level", type=ColumnType.NUMBER, bounds=draw(st.sampled_from(BOUNDS))),
    ]
    return Dataset(
        name="visits",
        title="",
        description="",
        population=Population(name="adults", maximum=1000),
        patient_column="patient",
        row_key="row_key",
        columns={column.name: column for column in columns},
        max_groups=draw(st.integers(1, 4)),
        max_rows=draw(st.integers(1, 2)),
        digest="0" * 64,
        source_digest="1" * 64,
    )


Pools = dict[str, tuple[Datum, ...]]
SCATTERED: Pools = {
    "patient": PATIENTS,
    "row_key": ROW_KEYS,
    "sex": TEXTS[:4],
    "ward": TEXTS,
    "site": ("x", "y", "", None, "z"),
    "flag": (True, False, None),
    "day": DAYS,
    "age": INTEGERS,
    "level": NUMBERS,
}
CONCENTRATED: Pools = SCATTERED | {
    "patient": ("p1",),
    "sex": ("F", "M"),
    "ward": ("a", "é|'"),
    "site": ("x", "y"),
    "flag": (True, False),
    "age": (3,),
}


def _row(pools: Pools) -> st.SearchStrategy[Row]:
    """One row from one small number, by a seeded choice for each column: much faster than nine draws.

    The range stays small, for hypothesis draws from a wide one mostly near zero.
    """

    def row(seed: int) -> Row:
        choice = Random(seed).choice
        return {name: choice(pool) for name, pool in pools.items()}

    return st.integers(0, 2**20).map(row)


def tables() -> st.SearchStrategy[tuple[Row, ...]]:
    """Scattered rows; or a patient with many rows inside every domain and at one side of the bounds."""
    scattered = st.lists(_row(SCATTERED), max_size=12)
    sides = [
        st.lists(_row(CONCENTRATED | {"level": (side,)}), min_size=10, max_size=24)
        for side in (inf, -inf, 1e308, -1e308)
    ]
    concentrated = st.one_of(sides)
    both = st.builds(lambda one, other: [*one, *other], concentrated, scattered)
    return (scattered | concentrated | both).map(tuple)


def _literal(name: str) -> st.SearchStrategy[Literal]:
    match name:
        case "flag":
            return st.sampled_from((True, False, "true", "false"))
        case "day":
            return st.sampled_from((date(2020, 2, 29), "2020-03-01", date(1, 1, 1)))
        case "age":
            return st.sampled_from((0, 1, 3, -7, 2**53, Decimal("1.5"), Decimal("2.0"), Decimal("1e-30")))
        case "level":
            decimals = (Decimal("0.25"), Decimal("0.30000000000000004"), Decimal("-1e-9"), Decimal("1e15"))
            return st.sampled_from((0, 1, -1, *decimals))
        case _:
            return st.sampled_from(CATEGORIES[name].labels)


@st.composite
def _leaf(draw: st.DrawFn) -> Predicate:
    name = draw(st.sampled_from((*CATEGORIES, "flag", "day", "age", "level")))
    unordered = name in CATEGORIES or name == "flag"
    operators = (Operator.EQ, Operator.NE) if unordered else tuple(Operator)
    match draw(st.integers(0, 3)):
        case 0:
            return IsMissing(column=name)
        case 1:
            return OneOf(column=name, values=tuple(draw(st.lists(_literal(name), min_size=1, max_size=3))))
        case _:
            operator = draw(st.sampled_from(operators))
            return Compare(column=name, operator=operator, value=draw(_literal(name)))


def predicates() -> st.SearchStrategy[Predicate]:
    def deeper(inner: st.SearchStrategy[Predicate]) -> st.SearchStrategy[Predicate]:
        several = st.lists(inner, min_size=1, max_size=3).map(tuple)
        return (
            st.builds(Not, operand=inner)
            | st.builds(lambda operands: And(operands=operands), several)
            | st.builds(lambda operands: Or(operands=operands), several)
        )

    return st.recursive(_leaf(), deeper, max_leaves=5)


@st.composite
def vectors(draw: st.DrawFn, dataset: Dataset) -> tuple[Vector, ...]:
    """One to four distinct vectors."""
    choices = [Vector(kind=VectorKind.PATIENTS), Vector(kind=VectorKind.ROWS)]
    for name in MEASURED:
        grid = grid_of(dataset.columns[name])
        kinds = (VectorKind.VALUES, VectorKind.SUM, VectorKind.CENTRED_SUM)
        choices += [Vector(kind=kind, column=grid) for kind in kinds]
    return tuple(draw(st.lists(st.sampled_from(choices), min_size=1, max_size=4, unique=True)))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    dataset = draw(datasets())
    query = Query(
        dataset=dataset.name,
        measures=(Measure(kind=MeasureKind.COUNT_PATIENTS, name="n"),),
        where=draw(st.none() | st.none() | predicates()),
        group_by=tuple(draw(st.lists(st.sampled_from(GROUPABLE), max_size=2, unique=True))),
        max_groups=draw(st.none() | st.integers(1, 5)),
        max_rows=draw(st.none() | st.integers(1, 3)),
    )
    chosen = draw(vectors(dataset))
    return Case(rows=draw(tables()), query=query, dataset=dataset, expression=lower(query, dataset, chosen))
