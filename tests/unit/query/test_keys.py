"""Attributes, ages, bands, periods, proportions and narrowed bounds in SQL, each refusal beside a twin."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

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
    Measure,
    MeasureKind,
    Not,
    OneOf,
    Operator,
    Predicate,
    Query,
    Reducer,
    ReducerKind,
    Truncated,
    grouping_name,
)
from gateway.errors import InvalidQuery
from gateway.query.sql import parse_predicate, parse_query

SEX, AGED = Attribute(name="sex"), Age(at="start")
FIRST, LAST = date(2023, 1, 1), date(2024, 12, 31)
RANGE = "start BETWEEN DATE '2023-01-01' AND DATE '2024-12-31'"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("patient.sex = 'female'", Compare(column=SEX, operator=Operator.EQ, value="female")),
        ("'female' = patient.sex", Compare(column=SEX, operator=Operator.EQ, value="female")),
        ('PATIENT . "sex" IS NULL', IsMissing(column=SEX)),
        ("patient.sex NOT IN ('a', 'b')", Not(operand=OneOf(column=SEX, values=("a", "b")))),
        ("AGE(start) >= 65", Compare(column=AGED, operator=Operator.GE, value=65)),
        ("65 > age(start)", Compare(column=AGED, operator=Operator.LT, value=65)),
        ("AGE(start) IN (1, 2)", OneOf(column=AGED, values=(1, 2))),
        ("AGE(start) IS NULL", IsMissing(column=AGED)),
        (
            "AGE(DATE '2024-01-01') < 18",
            Compare(column=Age(at=date(2024, 1, 1)), operator=Operator.LT, value=18),
        ),
        ("age = 3", Compare(column="age", operator=Operator.EQ, value=3)),
    ],
)
def test_what_can_be_compared(text: str, expected: Predicate) -> None:
    assert parse_predicate(text) == expected


def test_an_age_between() -> None:
    read = parse_predicate("AGE(start) BETWEEN 18 AND 40")
    low = Compare(column=AGED, operator=Operator.GE, value=18)
    assert read == And(operands=(low, Compare(column=AGED, operator=Operator.LE, value=40)))


def key(text: str, *, where: str = "", group: str = "", alias: str = "") -> Grouping:
    asked = f"SELECT {text}{alias and ' AS ' + alias}, COUNT(*) FROM d"
    asked += f"{where and ' WHERE ' + where} GROUP BY {group or alias or text}"
    (read,) = parse_query(asked).query.group_by
    return read


def test_keys_of_the_patient_and_of_numbers() -> None:
    assert key("patient.sex") == key("patient.sex", group="sex") == SEX
    bands = Band(name="age_band", of=AGED, edges=(Decimal(18), Decimal(40), Decimal(65)))
    assert key("BAND(AGE(start), 18, 40, 65)", alias="age_band") == bands
    text = "BAND(stay, -1.5, 3)"
    stay = Band(name="stay", of="stay", edges=(Decimal("-1.5"), Decimal(3)))
    assert key(text, alias="stay") == key(text, alias="stay", group="band(stay, -1.5, 3.0)") == stay
    assert key("BAND(patient.bmi, 25)", alias="x") == Band(
        name="x", of=Attribute(name="bmi"), edges=(Decimal(25),)
    )


def test_periods_with_their_range() -> None:
    text = "DATE_TRUNC('quarter', start, DATE '2023-01-01', DATE '2024-12-31')"
    quarter = Truncated(name="quarter", of="start", unit=DateUnit.QUARTER, first=FIRST, last=LAST)
    assert key(text, alias="quarter") == key(text, alias="quarter", group=text) == quarter
    of = Attribute(name="born")
    born = key("DATE_TRUNC('YEAR', patient.born, DATE '2023-01-01', DATE '2024-12-31')", alias="year")
    assert born == Truncated(name="year", of=of, unit=DateUnit.YEAR, first=FIRST, last=LAST)


@pytest.mark.parametrize(
    ("where", "first", "last"),
    [
        (RANGE, FIRST, LAST),
        ("start >= DATE '2023-01-01' AND start < DATE '2025-01-01'", FIRST, LAST),
        ("DATE '2022-12-31' < start AND a = 1 AND DATE '2024-12-31' >= start", FIRST, LAST),
        (f"{RANGE} AND start > DATE '2023-06-30'", date(2023, 7, 1), LAST),
        ("start = DATE '2023-01-01'", FIRST, FIRST),
        (f"({RANGE} AND a = 1) AND b = 1", FIRST, LAST),
    ],
)
def test_periods_take_their_range_from_where(where: str, first: date, last: date) -> None:
    found = key("DATE_TRUNC('month', start)", where=where, alias="month")
    assert found == Truncated(name="month", of="start", unit=DateUnit.MONTH, first=first, last=last)
    assert found == key(
        "DATE_TRUNC('month', start)", where=where, alias="month", group="date_trunc('month', start)"
    )


@pytest.mark.parametrize(
    "where",
    [
        "",
        "start >= DATE '2023-01-01'",
        "start <= DATE '2024-12-31'",
        "other BETWEEN DATE '2023-01-01' AND DATE '2024-12-31'",
        f"({RANGE}) OR a = 1",
        f"NOT ({RANGE})",
        "start >= '2023-01-01' AND start <= '2024-12-31'",
        f"patient IN (SELECT patient FROM e WHERE {RANGE})",
        "start > DATE '9999-12-31' AND start < DATE '0001-01-01'",
    ],
)
def test_periods_without_a_range_say_what_to_write(where: str) -> None:
    with pytest.raises(InvalidQuery) as refused:
        key("DATE_TRUNC('month', start)", where=where, alias="month")
    assert refused.value.reason == "SQL_UNSUPPORTED"
    assert "BETWEEN DATE" in refused.value.violations[0].suggestion
    key("DATE_TRUNC('month', start)", where=f"{where and '(' + where + ') AND '}{RANGE}", alias="month")


def test_titles_that_are_made() -> None:
    query = parse_query(
        "SELECT BAND(a, 1), BAND(AGE(b), 1), BAND(patient.a, 2), DATE_TRUNC('week', start), "
        f"PROPORTION(a = 1), PROPORTION(a = 2) FROM d WHERE {RANGE} "
        "GROUP BY band_a, BAND(AGE(b), 1), band_a_2, week_start"
    ).query
    assert [grouping_name(k) for k in query.group_by] == ["band_a", "band_age", "band_a_2", "week_start"]
    assert [m.name for m in query.measures] == ["proportion", "proportion_2"]


def measure(text: str) -> Measure:
    (read,) = parse_query(f"SELECT {text} FROM d").query.measures
    return read


def test_proportions() -> None:
    met = Compare(column="value", operator=Operator.LT, value=7)
    expected = Measure(kind=MeasureKind.PROPORTION, name="proportion", condition=met)
    assert measure("PROPORTION(value < 7)") == expected
    for word, kind in (("LAST", ReducerKind.LAST), ("first", ReducerKind.FIRST)):
        read = measure(f"PROPORTION(value < 7, {word}(effective)) AS p")
        reducer = Reducer(kind=kind, by="effective")
        assert read == Measure(kind=MeasureKind.PROPORTION, name="p", condition=met, reducer=reducer)
    cohort = measure("PROPORTION(NOT patient IN (SELECT patient FROM e WHERE a < d.b) AND c = 1)").condition
    assert isinstance(cohort, And)
    assert isinstance(cohort.operands[0], Not)
    assert isinstance(cohort.operands[0].operand, InCohort)


def test_narrowed_bounds() -> None:
    bounds = (Decimal(-15), Decimal("50.5"))
    for word, kind in (("AVG", MeasureKind.MEAN), ("SUM", MeasureKind.SUM)):
        read = measure(f"{word}(CLAMP(value, -15, 50.5)) AS x")
        assert read == Measure(kind=kind, name="x", column="value", bounds=bounds)


def test_where_each_thing_was_first_mentioned() -> None:
    parsed = parse_query(
        "SELECT patient.sex, BAND(AGE(start), 1), COUNT(*) FROM d WHERE stop IS NULL AND patient.x IS NULL\n"
        "GROUP BY patient.sex, BAND(AGE(start), 1)"
    )
    places = {"patient.sex": 8, "patient.age": 26, "start": 30, "stop": 64, "patient.x": 81, "d": 56}
    assert parsed.positions == {name: (1, column) for name, column in places.items()}


def by(text: str, group: str = "") -> str:
    return f"SELECT {text}, COUNT(*) FROM d GROUP BY {group or text}"


TRUNC = "DATE_TRUNC('month', a, DATE '2024-01-01', DATE '2024-12-31')"
REFUSED = [
    (by("BAND(a)"), "without edges", by("BAND(a, 1)")),
    (by("BAND()"), "without edges", by("BAND(a, 1)")),
    (by("BAND(a, 2, 2.0)"), "ascend", by("BAND(a, 2, 2.1)")),
    (by("BAND(a, 3, 2)"), "ascend", by("BAND(a, 2, 3)")),
    (by("BAND(a, '1')"), "not a number", by("BAND(a, 1)")),
    (by("BAND(a, b)"), "not a number", by("BAND(a, 1)")),
    (by("BAND(a + 1, 1)"), "arithmetic", by("BAND(a, 1)")),
    (by("BAND('a', 1)"), "not a plain column", by('BAND("a", 1)')),
    (by("BAND(BAND(a, 1), 1)"), "this function here", by("BAND(AGE(a), 1)")),
    (by("BAND(a, {})".format(", ".join(map(str, range(201))))), "200 edges",
     by("BAND(a, {})".format(", ".join(map(str, range(200)))))),
    (by(TRUNC.replace("month", "hour")), "a unit", by(TRUNC)),
    (by(TRUNC.replace("'month'", "month")), "a unit", by(TRUNC)),
    (by(TRUNC.replace(", DATE '2024-12-31'", "")), "another form", by(TRUNC)),
    (by(TRUNC.replace("2024-01-01", "2025-01-01")), "ends before", by(TRUNC)),
    (by(TRUNC.replace("DATE '2024-01-01'", "'2024-01-01'")), "not a date", by(TRUNC)),
    (by(TRUNC.replace("DATE '2024-01-01'", "b")), "not a date", by(TRUNC)),
    (by(TRUNC.replace(" a,", " AGE(a),")), "not a date", by(TRUNC)),
    (by("AGE(a)"), "neither", by("BAND(AGE(a), 1)")),
    (by("LAST(a)"), "neither", by("BAND(a, 1)")),
    (by("patient.a AS b", "patient.a"), "another name", by("patient.a")),
    (by("BAND(a, 1) AS patient.b", "BAND(a, 1)"), "qualified name", by("BAND(a, 1) AS b", "b")),
    (by("e.a"), "qualified name", by("patient.a")),
    (by("a, patient.a"), "a second column named a", by("a, patient.b")),
    (by("a, BAND(b, 1) AS a", "a, BAND(b, 1)"), "a second column named a", by("a, BAND(b, 1) AS c", "a, c")),
    (by("BAND(a, 1) AS rows, COUNT(*) AS rows", "rows"), "a second column", by("BAND(a, 1) AS rows", "rows")),
    (by("BAND(a, 1)", "BAND(a, 2)"), "not selected", by("BAND(a, 1)", "BAND(a, 1.0)")),
    (by("BAND(a, 1) AS b", "a"), "not selected", by("BAND(a, 1) AS b", "b")),
    (by("BAND(a, 1) AS b", "b, b"), "grouped twice", by("BAND(a, 1) AS b", "b")),
    (by("BAND(a, 1), b", "b"), "not grouped", by("BAND(a, 1), b")),
    ("SELECT BAND(a, 1), COUNT(*) FROM d", "not grouped", by("BAND(a, 1)")),
    ("SELECT PROPORTION() FROM d", "another form", "SELECT PROPORTION(a = 1) FROM d"),
    ("SELECT PROPORTION(a) FROM d", "this condition", "SELECT PROPORTION(a = 1) FROM d"),
    ("SELECT PROPORTION(a = 1, b) FROM d", "neither the first", "SELECT PROPORTION(a = 1, LAST(b)) FROM d"),
    ("SELECT PROPORTION(a = 1, LAST(b, c)) FROM d", "neither", "SELECT PROPORTION(a = 1, LAST(b)) FROM d"),
    ("SELECT PROPORTION(a = 1, LAST(AGE(b))) FROM d", "plain", "SELECT PROPORTION(a = 1, LAST(b)) FROM d"),
    ("SELECT PROPORTION(a = 1, MIN(b)) FROM d", "function", "SELECT PROPORTION(a = 1, FIRST(b)) FROM d"),
    ("SELECT PROPORTION(PROPORTION(a = 1) = 1) FROM d", "function", "SELECT PROPORTION((a = 1)) FROM d"),
    ("SELECT AVG(CLAMP(a, 2, 2.0)) FROM d", "low end", "SELECT AVG(CLAMP(a, 2, 2.1)) FROM d"),
    ("SELECT AVG(CLAMP(a, 2)) FROM d", "another form", "SELECT AVG(CLAMP(a, 2, 3)) FROM d"),
    ("SELECT AVG(CLAMP(a, b, 3)) FROM d", "not a number", "SELECT AVG(CLAMP(a, 2, 3)) FROM d"),
    ("SELECT AVG(CLAMP(patient.a, 2, 3)) FROM d", "qualified", "SELECT AVG(CLAMP(a, 2, 3)) FROM d"),
    ("SELECT AVG(AGE(a)) FROM d", "anything but a column", "SELECT AVG(a) FROM d"),
    ("SELECT CLAMP(a, 2, 3) FROM d", "neither", "SELECT SUM(CLAMP(a, 2, 3)) FROM d"),
    ("SELECT COUNT(*) FROM d WHERE AGE() = 1", "another form", "SELECT COUNT(*) FROM d WHERE AGE(a) = 1"),
    ("SELECT COUNT(*) FROM d WHERE AGE(a, b) = 1", "another", "SELECT COUNT(*) FROM d WHERE AGE(a) = 1"),
    ("SELECT COUNT(*) FROM d WHERE AGE('a') = 1", "plain column", "SELECT COUNT(*) FROM d WHERE AGE(a) = 1"),
    ("SELECT COUNT(*) FROM d WHERE AGE(a) = AGE(b)", "two columns",
     "SELECT COUNT(*) FROM d WHERE AGE(a) = 1"),
    ("SELECT COUNT(*) FROM d WHERE a = AGE(b)", "two columns", "SELECT COUNT(*) FROM d WHERE 1 = AGE(b)"),
    ("SELECT COUNT(*) FROM d WHERE patient.a = patient.b", "two columns",
     "SELECT COUNT(*) FROM d WHERE patient.a = 'patient.b'"),
    ("SELECT COUNT(*) FROM d WHERE d.a = 1", "qualified name", "SELECT COUNT(*) FROM d WHERE patient.a = 1"),
    ("SELECT COUNT(*) FROM d WHERE a.b.c = 1", "a point", "SELECT COUNT(*) FROM d WHERE patient.c = 1"),
    ("SELECT COUNT(*) FROM d WHERE patient.a - INTERVAL '1' DAY = 1", "qualified",
     "SELECT COUNT(*) FROM d WHERE patient.a = 1"),
    ("SELECT SUM(patient.a) FROM d", "qualified name", "SELECT SUM(a) FROM d"),
    ("SELECT COUNT(DISTINCT d.p) FROM d", "qualified name", "SELECT COUNT(DISTINCT p) FROM d"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "what", "twin"), REFUSED, ids=[case[0][:60] for case in REFUSED])
def test_refusals_stand_beside_what_is_read(text: str, what: str, twin: str) -> None:
    with pytest.raises(InvalidQuery) as refused:
        parse_query(text)
    (violation,) = refused.value.violations
    assert refused.value.reason == "SQL_UNSUPPORTED"
    assert what in violation.description
    assert violation.suggestion
    assert isinstance(parse_query(twin).query, Query)
