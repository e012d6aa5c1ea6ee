"""Random small datasets and queries over every node kind: one generator for all engine properties.

Rows come with ties, repeated row keys, nulls, NaN, infinities, extreme and unusual values; half of the
tables are concentrated: a patient who fills groups with rows at the bounds, so that limits are reached.
Imports: hypothesis, domain words, lower, the in-memory engine's row type.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import inf, nan
from random import Random

from hypothesis import strategies as st

from gateway.adapters.memory_values import Datum, Row, World
from gateway.domain.catalog import (
    Bounds,
    BoundsBy,
    Categories,
    CodedBounds,
    Column,
    ColumnType,
    Dataset,
    Population,
)
from gateway.domain.expression import Expression
from gateway.domain.query import (
    Age,
    And,
    Attribute,
    Band,
    Compare,
    DateUnit,
    Grouping,
    InCohort,
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
    Reducer,
    ReducerKind,
    Reference,
    Truncated,
    Window,
    grouping_name,
)
from gateway.lower.expression import lower

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


Tables = Mapping[str, tuple[Row, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One question to the tables of one population, and the expression it compiles to."""

    tables: Tables
    query: Query
    catalogue: Mapping[str, Dataset]
    expression: Expression
    rule: Predicate | None = None  # of the patients table

    def world(self, tables: Tables) -> World:
        """What the reference engine knows of these tables."""
        return World(tables, self.catalogue, self.rule)

    @property
    def dataset(self) -> Dataset:
        return self.catalogue[self.query.dataset]

    def without(self, patient: str | None) -> Tables:
        """The neighbouring database: all rows of one patient taken out of all tables."""
        return {
            name: tuple(row for row in rows if row["patient"] != patient)
            for name, rows in self.tables.items()
        }

    def empty(self) -> Tables:
        return {name: () for name in self.tables}

    @property
    def patients(self) -> list[str]:
        rows = [row for table in self.tables.values() for row in table]
        return sorted({str(row["patient"]) for row in rows if row["patient"] is not None})


def _dataset(name: str, columns: Sequence[Column], max_groups: int = 1, max_rows: int = 1) -> Dataset:
    own = (
        Column(name="patient", type=ColumnType.IDENTIFIER),
        Column(name="row_key", type=ColumnType.IDENTIFIER),
    )
    return Dataset(
        name=name,
        title="",
        description="",
        population=Population(name="adults", maximum=1000, patients="people", birth_date="born"),
        patient_column="patient",
        row_key="row_key",
        columns={column.name: column for column in (*own, *columns)},
        max_groups=max_groups,
        max_rows=max_rows,
        digest=f"{len(name):064x}",
        source_digest="1" * 64,
    )


CODED = BoundsBy(
    columns=("kind", "ward"),
    entries=(
        CodedBounds(values=("k1", "a"), bounds=BOUNDS[2], source="test"),
        CodedBounds(values=("k2", "else"), bounds=BOUNDS[3], source="test"),
    ),
)
PEOPLE = _dataset(
    "people",
    (
        Column(name="sex", type=ColumnType.CATEGORY, categories=CATEGORIES["sex"]),
        Column(name="flag", type=ColumnType.BOOLEAN),
        Column(name="born", type=ColumnType.DATE),
        Column(name="income", type=ColumnType.NUMBER),
        # Names that an engine could take for its own.
        Column(name="member", type=ColumnType.BOOLEAN),
        Column(name="birth", type=ColumnType.DATE),
        Column(name="cohort0", type=ColumnType.BOOLEAN),
    ),
)
EVENTS = _dataset(
    "events",
    (
        Column(name="kind", type=ColumnType.CODE),
        Column(name="when", type=ColumnType.DATE),
        Column(name="score", type=ColumnType.INTEGER),
    ),
)


@st.composite
def catalogues(draw: st.DrawFn) -> Mapping[str, Dataset]:
    columns = [
        *(Column(name=n, type=ColumnType.CATEGORY, categories=c) for n, c in CATEGORIES.items()),
        Column(name="flag", type=ColumnType.BOOLEAN),
        Column(name="day", type=ColumnType.DATE),
        Column(name="kind", type=ColumnType.CODE),
        Column(
            name="age",
            type=ColumnType.INTEGER,
            bounds=Bounds(low=Decimal(0), high=Decimal(3), resolution=Decimal(1)),
        ),
        Column(name="level", type=ColumnType.NUMBER, bounds=draw(st.sampled_from(BOUNDS))),
        Column(name="value", type=ColumnType.NUMBER, bounds_by=CODED),
    ]
    visits = _dataset("visits", columns, draw(st.integers(1, 4)), draw(st.integers(1, 2)))
    return {"visits": visits, "people": PEOPLE, "events": EVENTS}


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
    "kind": ("k1", "k2", "", None),
    "value": NUMBERS,
}
CONCENTRATED: Pools = SCATTERED | {
    "patient": ("p1",),
    "sex": ("F", "M"),
    "ward": ("a", "é|'"),
    "site": ("x", "y"),
    "flag": (True, False),
    "age": (3,),
    "kind": ("k1",),
    "value": (inf, 4.5),
}
POPULATION: Pools = {  # some patients twice, some not at all
    "patient": PATIENTS,
    "row_key": ROW_KEYS,
    "sex": ("F", "M", None, "other"),
    "flag": (True, False, None),
    "born": DAYS,
    "income": NUMBERS,
    "member": (True, False, None),
    "birth": DAYS,
    "cohort0": (True, False),
}
HAPPENED: Pools = {
    "patient": ("p1", "p1", "p2", "é😀", None, "p9"),
    "row_key": ROW_KEYS,
    "kind": ("k1", "k2", None),
    "when": DAYS,
    "score": INTEGERS,
}


def _row(pools: Pools) -> st.SearchStrategy[Row]:
    """One row from one small number, by a seeded choice for each column: much faster than nine draws.

    The range stays small, for hypothesis draws from a wide one mostly near zero.
    """

    def row(seed: int) -> Row:
        choice = Random(seed).choice
        return {name: choice(pool) for name, pool in pools.items()}

    return st.integers(0, 2**20).map(row)


def visits() -> st.SearchStrategy[tuple[Row, ...]]:
    """Scattered rows; or a patient with many rows inside every domain and at one side of the bounds."""
    scattered = st.lists(_row(SCATTERED), max_size=12)
    sides = [
        st.lists(_row(CONCENTRATED | {"level": (side,)}), min_size=10, max_size=24)
        for side in (inf, -inf, 1e308, -1e308)
    ]
    concentrated = st.one_of(sides)
    both = st.builds(lambda one, other: [*one, *other], concentrated, scattered)
    return (scattered | concentrated | both).map(tuple)


@st.composite
def tables(draw: st.DrawFn) -> Tables:
    """Three tables of one population; often the concentrated patient is well known to all of them."""
    people = draw(st.lists(_row(POPULATION), max_size=8))
    if draw(st.booleans()):
        people.append(
            {**people[0], "patient": "p1"} if people else dict.fromkeys(POPULATION) | {"patient": "p1"}
        )
    return {
        "visits": draw(visits()),
        "people": tuple(people),
        "events": tuple(draw(st.lists(_row(HAPPENED), max_size=8))),
    }


LITERALS: dict[str, st.SearchStrategy[Literal]] = {
    **dict.fromkeys(("flag", "member", "cohort0"), st.sampled_from((True, False, "true", "false"))),
    "birth": st.sampled_from((date(2020, 2, 29), date(2020, 3, 1))),
    "day": st.sampled_from((date(2020, 2, 29), "2020-03-01", date(1, 1, 1))),
    "born": st.sampled_from((date(2020, 2, 29), date(2019, 3, 1), date(1, 1, 1))),
    "when": st.sampled_from((date(2020, 3, 1), date(9999, 12, 31))),
    "age": st.sampled_from((0, 1, 3, -7, 2**53, Decimal("1.5"), Decimal("2.0"), Decimal("1e-30"))),
    "score": st.sampled_from((0, 2, Decimal("2.5"))),
    "kind": st.sampled_from(("k1", "k2", "k3")),
    **dict.fromkeys(
        ("level", "value", "income"),
        st.sampled_from(
            (0, 1, -1, Decimal("0.25"), Decimal("0.30000000000000004"), Decimal("-1e-9"), Decimal("1e15"))
        ),
    ),
    **{name: st.sampled_from(categories.labels) for name, categories in CATEGORIES.items()},
}
UNORDERED = (*CATEGORIES, "flag", "member", "cohort0", "kind")
ATTRIBUTES = ("sex", "flag", "born", "income", "member", "birth", "cohort0")
AGES = (Age(at="day"), Age(at=date(2020, 2, 29)), Age(at=date(9999, 12, 31)))
OWN = {
    "visits": (*CATEGORIES, "flag", "day", "age", "level", "kind", "value"),
    "events": ("kind", "when", "score"),
}


@st.composite
def _reference(draw: st.DrawFn, dataset: str) -> tuple[Reference, str]:
    """What is compared, and the name that its literals go by."""
    match draw(st.integers(0, 5)):
        case 0:
            name = draw(st.sampled_from(ATTRIBUTES))
            return Attribute(name=name), name
        case 1:
            return draw(st.sampled_from(AGES if dataset == "visits" else AGES[1:])), "age"
        case _:
            name = draw(st.sampled_from(OWN[dataset]))
            return name, name


@st.composite
def _leaf(draw: st.DrawFn, dataset: str) -> Predicate:
    reference, name = draw(_reference(dataset))
    operators = (Operator.EQ, Operator.NE) if name in UNORDERED else tuple(Operator)
    match draw(st.integers(0, 3)):
        case 0:
            return IsMissing(column=reference)
        case 1:
            return OneOf(
                column=reference, values=tuple(draw(st.lists(LITERALS[name], min_size=1, max_size=3)))
            )
        case _:
            operator = draw(st.sampled_from(operators))
            return Compare(column=reference, operator=operator, value=draw(LITERALS[name]))


DATES = {"visits": "day", "events": "when"}


@st.composite
def cohorts(draw: st.DrawFn, outer: str, deeper: bool = True) -> Predicate:
    """Who has so many rows of another dataset, or of the same; within days of the row, or at any time."""
    dataset = draw(st.sampled_from(("events", "events", "visits")))
    window = None
    if draw(st.booleans()):
        first, last = draw(st.sampled_from(((0, None), (None, 0), (-366, 0), (1, 400), (-40_000, 40_000))))
        window = Window(column=DATES[dataset], anchor=DATES[outer], first=first, last=last)
    inner = _leaf(dataset)
    if deeper:
        inner = inner | cohorts(dataset, False)
    where = draw(st.none() | inner)
    at_least = draw(st.sampled_from((1, 1, 2, 3)))
    return InCohort(dataset=dataset, where=where, at_least=at_least, window=window)


def predicates() -> st.SearchStrategy[Predicate]:
    def deeper(inner: st.SearchStrategy[Predicate]) -> st.SearchStrategy[Predicate]:
        several = st.lists(inner, min_size=1, max_size=3).map(tuple)
        return (
            st.builds(Not, operand=inner)
            | st.builds(lambda operands: And(operands=operands), several)
            | st.builds(lambda operands: Or(operands=operands), several)
        )

    leaf = _leaf("visits")
    return st.recursive(leaf | leaf | cohorts("visits"), deeper, max_leaves=5)


BANDS: tuple[Reference, ...] = ("age", "level", Attribute(name="income"), *AGES)
EDGES = (
    (Decimal(0),),
    (Decimal(-7), Decimal("0.05"), Decimal("0.3"), Decimal(3)),
    (Decimal(2), Decimal(2018)),
)
RANGES = ((date(2020, 2, 1), date(2020, 3, 31)), (date(2019, 12, 30), date(2020, 1, 5)), (date(1, 1, 1),) * 2)
PERIODS: tuple[Reference, ...] = ("day", Attribute(name="born"))


@st.composite
def groupings(draw: st.DrawFn) -> tuple[Grouping, ...]:
    """Up to two keys, of different titles."""
    keys: list[Grouping] = []
    for number in range(draw(st.sampled_from((0, 1, 1, 1, 2, 2)))):
        match draw(st.integers(0, 6)):
            case 0:
                key: Grouping = Attribute(name=draw(st.sampled_from(("sex", "flag", "cohort0"))))
            case 1 | 2:
                of, edges = draw(st.sampled_from(BANDS)), draw(st.sampled_from(EDGES))
                key = Band(name=f"band{number}", of=of, edges=edges)
            case 3:
                of, (first, last) = draw(st.sampled_from(PERIODS)), draw(st.sampled_from(RANGES))
                unit = draw(st.sampled_from(DateUnit))
                key = Truncated(name=f"period{number}", of=of, unit=unit, first=first, last=last)
            case _:
                key = draw(st.sampled_from(GROUPABLE))
        if grouping_name(key) not in {grouping_name(k) for k in keys}:
            keys.append(key)
    return tuple(keys)


@st.composite
def measures(draw: st.DrawFn, catalogue: Mapping[str, Dataset]) -> tuple[Measure, ...]:
    """One to four measures of every kind."""
    found = []
    for number in range(draw(st.integers(1, 4))):
        name, kind = f"m{number}", draw(st.sampled_from(MeasureKind))
        if kind is MeasureKind.PROPORTION:
            reducer = draw(
                st.none() | st.builds(Reducer, kind=st.sampled_from(ReducerKind), by=st.just("day"))
            )
            condition = draw(predicates())
            found.append(Measure(kind=kind, name=name, condition=condition, reducer=reducer))
        elif kind in (MeasureKind.SUM, MeasureKind.MEAN):
            column = draw(st.sampled_from(MEASURED))
            bounds = catalogue["visits"].columns[column].bounds
            narrowed = None
            if bounds is not None and draw(st.integers(0, 3)) == 0:
                narrowed = (bounds.low, bounds.low + bounds.resolution)
            found.append(Measure(kind=kind, name=name, column=column, bounds=narrowed))
        else:
            found.append(Measure(kind=kind, name=name))
    return tuple(found)


FIXED = [
    And(operands=tuple(Compare(column=c, operator=Operator.EQ, value=v) for c, v in pairs))
    for pairs in ((("kind", "k1"), ("ward", "a")), (("kind", "k2"), ("ward", "else")))
]


RULES: tuple[Predicate, ...] = (
    Compare(column="flag", operator=Operator.EQ, value=True),
    Or(operands=(IsMissing(column="income"), Compare(column="sex", operator=Operator.EQ, value="F"))),
    InCohort(dataset="events", window=Window(column="when", anchor="birth", first=None, last=400)),
)


@st.composite
def cases(draw: st.DrawFn, filters: st.SearchStrategy[Predicate | None] | None = None) -> Case:
    """A question and its tables; `filters` are its conditions, where not just any."""
    catalogue = draw(catalogues())
    where = draw(st.none() | st.none() | predicates() if filters is None else filters)
    asked = draw(measures(catalogue))
    if draw(st.integers(0, 5)) == 0:  # a column whose bounds depend on what is measured
        kind = draw(st.sampled_from((MeasureKind.SUM, MeasureKind.MEAN)))
        asked = (*asked[:3], Measure(kind=kind, name="coded", column="value"))
        fixed = draw(st.sampled_from(FIXED))
        where = fixed if where is None else And(operands=(where, fixed))
    query = Query(
        dataset="visits",
        measures=asked,
        where=where,
        group_by=draw(groupings()),
        max_groups=draw(st.none() | st.integers(1, 5)),
        max_rows=draw(st.none() | st.integers(1, 3)),
    )
    rule = draw(st.sampled_from((None, None, *RULES)))
    lowered = lower(query, catalogue, suppress=draw(st.booleans()), patients_rule=rule)
    return Case(
        tables=draw(tables()), query=query, catalogue=catalogue, expression=lowered.expression, rule=rule
    )
