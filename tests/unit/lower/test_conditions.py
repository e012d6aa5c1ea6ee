"""Lowering: names resolved, literals typed, keys with their whole domain; faults are the text's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from gateway.domain.catalog import Bounds, Categories, Column, ColumnType, Dataset, Population
from gateway.domain.expression import (
    AllOf,
    AnyOf,
    Filter,
    Key,
    KeyIn,
    NoneOf,
    ValueCompare,
    ValueIn,
    ValueMissing,
    Vector,
    VectorKind,
)
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
from gateway.errors import InvalidQuery, Violation
from gateway.lower.conditions import lower_predicate
from gateway.lower.expression import lower
from gateway.lower.grids import bounds_of, grid_of
from gateway.lower.keys import key_of, labels_of
from gateway.lower.scope import NOWHERE, Positions, Scope, column_of

SEX = Categories(values=("female", "male"), other="other", missing="missing")
WARD = Categories(values=("east", "west"))
COLUMNS = (
    Column(name="patient", type=ColumnType.IDENTIFIER),
    Column(name="sex", type=ColumnType.CATEGORY, categories=SEX),
    Column(name="ward", type=ColumnType.CATEGORY, categories=WARD),
    Column(name="late", type=ColumnType.CATEGORY, categories=Categories(values=("a",), missing="none")),
    Column(name="urgent", type=ColumnType.BOOLEAN),
    Column(
        name="days",
        type=ColumnType.INTEGER,
        bounds=Bounds(low=Decimal(-5), high=Decimal(30), resolution=Decimal("0.5")),
    ),
    Column(name="weight", type=ColumnType.NUMBER),
    Column(name="start", type=ColumnType.DATE),
)
VISITS = Dataset(
    name="visits",
    title="Visits",
    description="",
    population=Population(name="adults", maximum=1000),
    patient_column="patient",
    row_key="visit",
    columns={column.name: column for column in COLUMNS},
    max_groups=3,
    max_rows=5,
    digest="d",
    source_digest="s",
)


def compare(column: str, value: Literal, operator: Operator = Operator.EQ) -> Compare:
    return Compare(column=column, operator=operator, value=value)


def scope(dataset: Dataset = VISITS, positions: Positions = NOWHERE) -> Scope:
    return Scope(dataset, {dataset.name: dataset}, positions)


def key(name: str) -> Key:
    return key_of(scope().resolve(name), NOWHERE)


def fault_of(predicate: Predicate, dataset: Dataset, positions: Positions = NOWHERE) -> tuple[str, Violation]:
    with pytest.raises(InvalidQuery) as refused:
        lower_predicate(predicate, scope(dataset, positions))
    (place,) = refused.value.violations
    return refused.value.reason, place


def test_keys_hold_their_whole_domain() -> None:
    columns = VISITS.columns
    assert key("sex") == Key(
        column="sex", values=("female", "male"), other=2, missing=3, size=4
    )  # fmt: skip
    assert key("ward") == Key(column="ward", values=("east", "west"), size=2)
    assert key("late") == Key(column="late", values=("a",), missing=1, size=2)
    assert key("urgent") == Key(column="urgent", values=("false", "true"), size=2)
    for name in ("sex", "ward", "late", "urgent"):
        assert len(labels_of(columns[name])) == key(name).size
    assert labels_of(columns["sex"]) == ("female", "male", "other", "missing")


def test_a_grid_is_in_whole_steps() -> None:
    days = Measure(kind=MeasureKind.SUM, name="n", column="days")
    grid = grid_of("days", bounds_of(days, None, scope()))
    assert (grid.low, grid.high, grid.multiplier) == (-5.0, 30.0, 2.0)
    assert (grid.low_steps, grid.high_steps) == (-10, 60)
    with pytest.raises(InvalidQuery) as refused:
        bounds_of(replace(days, column="weight"), None, scope(positions={"weight": (4, 2)}))
    (place,) = refused.value.violations
    assert refused.value.reason == "COLUMN_UNBOUNDED" and (place.line, place.column) == (4, 2)


def test_identifiers_and_unknown_columns_answer_alike() -> None:
    texts = []
    for name in ("patient", "patienz"):
        with pytest.raises(InvalidQuery) as refused:
            column_of(VISITS, name)
        assert refused.value.reason == "COLUMN_UNAVAILABLE"
        texts.append(refused.value.message.replace(name, "x"))
    assert texts[0] == texts[1]
    assert column_of(VISITS, "sex") is VISITS.columns["sex"]  # the twin


def test_contribution_bounds_default_to_the_datasets() -> None:
    query = Query(
        dataset="visits",
        measures=(Measure(kind=MeasureKind.COUNT_ROWS, name="n"),),
        where=compare("days", 1),
        group_by=("ward", "sex"),
    )
    vectors = (Vector(kind=VectorKind.ROWS),)
    found = lower(query, {"visits": VISITS}).expression
    assert (found.max_groups, found.max_rows, found.cells) == (3, 5, 8)
    assert (found.population, found.table, found.patient_column) == ("adults", "visits", "patient")
    assert [key.column for key in found.keys] == ["ward", "sex"] and found.vectors == vectors
    own = Query(dataset="visits", measures=query.measures, max_groups=1, max_rows=2)
    narrow = lower(own, {"visits": VISITS}).expression
    assert (narrow.max_groups, narrow.max_rows) == (1, 2)


def test_every_kind_of_condition() -> None:
    days = ValueCompare(column="days", type=ColumnType.INTEGER, operator=Operator.LE, value=3)
    sex = key("sex")
    cases: dict[Predicate, Filter] = {
        compare("days", 3, Operator.LE): days,
        compare("sex", "male"): KeyIn(key=sex, indexes=frozenset({1})),
        compare("sex", "male", Operator.NE): KeyIn(key=sex, indexes=frozenset({0, 2, 3})),
        OneOf(column="sex", values=("other", "missing")): KeyIn(key=sex, indexes=frozenset({2, 3})),
        OneOf(column="days", values=(1, Decimal("2.5"))): ValueIn(
            column="days", type=ColumnType.INTEGER, values=(1, 2.5)
        ),
        IsMissing(column="start"): ValueMissing(column="start", type=ColumnType.DATE),
        Not(operand=compare("days", 3, Operator.LE)): NoneOf(operand=days),
        And(operands=(compare("days", 3, Operator.LE),)): AllOf(operands=(days,)),
        Or(operands=(compare("days", 3, Operator.LE),) * 2): AnyOf(operands=(days, days)),
    }
    for predicate, expected in cases.items():
        assert lower_predicate(predicate, scope()) == expected


@pytest.mark.parametrize(
    ("column", "value", "typed"),
    [
        ("urgent", True, 1),
        ("urgent", "false", 0),
        ("urgent", 1, None),
        ("urgent", "yes", None),
        ("start", date(2026, 2, 28), "2026-02-28"),
        ("start", "2026-02-28", "2026-02-28"),
        ("start", "2026-02-30", None),
        ("start", 20260228, None),
        ("days", 2**53, 2**53),
        ("days", 2**53 + 1, None),
        ("days", -(2**53) - 1, None),
        ("days", True, None),
        ("days", "3", None),
        ("weight", Decimal("1.5"), 1.5),
        ("weight", Decimal("1e300"), None),
        ("weight", Decimal("NaN"), None),
        ("weight", Decimal("-Infinity"), None),
    ],
)
def test_literals_are_typed_by_their_column(
    column: str, value: Literal, typed: int | float | str | None
) -> None:
    if typed is None:
        reason, place = fault_of(compare(column, value), VISITS, {column: (2, 9)})
        assert (reason, place.field, place.line, place.column) == ("VALUE_UNSUITABLE", column, 2, 9)
        assert fault_of(OneOf(column=column, values=(value,)), VISITS)[0] == reason
        return
    found = lower_predicate(compare(column, value), scope())
    assert isinstance(found, ValueCompare) and found.value == typed
    assert type(found.value) is type(typed)


def test_what_has_no_order_is_compared_for_equality_only() -> None:
    for column, value in (("sex", "male"), ("urgent", True)):
        for operator in Operator:
            if operator in (Operator.EQ, Operator.NE):
                lower_predicate(compare(column, value, operator), scope())
            else:
                assert fault_of(compare(column, value, operator), VISITS)[0] == "OPERATOR_UNSUITABLE"


def test_an_unknown_category_is_refused_with_the_nearest_one() -> None:
    reason, place = fault_of(compare("sex", "femal"), VISITS)
    assert (reason, place.suggestion) == ("VALUE_UNKNOWN", "did you mean 'female'?")
    reason, place = fault_of(compare("sex", 7), VISITS)
    assert (reason, place.suggestion) == ("VALUE_UNKNOWN", "declared: female, male, other, missing")
    assert fault_of(OneOf(column="ward", values=("east", "other")), VISITS)[0] == "VALUE_UNKNOWN"
    lower_predicate(OneOf(column="ward", values=("east", "west")), scope())  # the twin
