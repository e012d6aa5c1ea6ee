"""Cohorts and their windows in SQL: what is read, and every refusal beside a twin that is read."""

from __future__ import annotations

import pytest

from gateway.domain.query import And, Compare, InCohort, Not, Operator, Or, Predicate, Window
from gateway.errors import InvalidQuery
from gateway.query.reading import PatientColumn
from gateway.query.render import predicate_to_sql
from gateway.query.sql import parse_condition, parse_predicate, parse_query

CODE = Compare(column="code", operator=Operator.EQ, value="38341003")
HYPERTENSION = "SELECT patient_id FROM conditions WHERE code = '38341003'"


def asked(condition: str) -> Predicate:
    where = parse_query(f"SELECT COUNT(*) FROM encounters WHERE {condition}").query.where
    assert where is not None
    return where


def windowed(window: str) -> Predicate:
    return asked(f"patient IN (SELECT patient FROM conditions WHERE {window})")


def days(first: int | None, last: int | None) -> InCohort:
    window = Window(column="onset", anchor="start", first=first, last=last)
    return InCohort(dataset="conditions", window=window)


def test_has_and_has_not() -> None:
    cohort = InCohort(dataset="conditions", where=CODE)
    assert asked(f"patient_id IN ({HYPERTENSION})") == cohort
    assert asked(f"patient_id NOT IN ({HYPERTENSION})") == Not(operand=cohort)
    assert asked(f"NOT patient IN ({HYPERTENSION})") == Not(operand=cohort)
    assert asked("patient IN (SELECT DISTINCT patient FROM conditions)") == InCohort(dataset="conditions")
    both = asked(f"patient_id IN ({HYPERTENSION}) OR (patient_id NOT IN ({HYPERTENSION}) AND a = 1)")
    a = Compare(column="a", operator=Operator.EQ, value=1)
    assert both == Or(operands=(cohort, And(operands=(Not(operand=cohort), a))))


@pytest.mark.parametrize(
    ("having", "rows"),
    [
        ("COUNT(*) >= 3", 3),
        ("COUNT(*) > 2", 3),
        ("3 <= COUNT(*)", 3),
        ("2 < COUNT(*)", 3),
        ("COUNT(*) >= 1", 1),
        ("COUNT(*) > 0", 1),
        ("COUNT(*) >= 10000", 10_000),
    ],
)
def test_at_least(having: str, rows: int) -> None:
    read = asked(f"patient_id IN ({HYPERTENSION} GROUP BY patient_id HAVING {having})")
    assert read == InCohort(dataset="conditions", where=CODE, at_least=rows)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("onset BETWEEN encounters.start - INTERVAL '365' DAY AND encounters.start", -365, 0),
        ("onset BETWEEN encounters.start AND encounters.start + interval '30' day", 0, 30),
        ("onset <= encounters.start + INTERVAL '30' DAY", None, 30),
        ("onset < encounters.start + INTERVAL '30' DAY", None, 29),
        ("onset >= encounters.start - INTERVAL '30' DAYS", -30, None),
        ("onset > encounters.start", 1, None),
        ("encounters.start > onset", None, -1),
        ("encounters.start <= onset", 0, None),
        ("(onset >= encounters.start) AND onset < encounters.start + INTERVAL 7 DAY", 0, 6),
        ("onset > encounters.start - INTERVAL '30 days' AND encounters.start >= onset", -29, 0),
        ('"onset" <= "encounters"."start" + INTERVAL \'40000\' DAY', None, 40_000),
    ],
)
def test_windows(text: str, first: int | None, last: int | None) -> None:
    assert windowed(text) == days(first, last)


def test_a_window_beside_conditions_is_not_one_of_them() -> None:
    window = "onset < encounters.start"
    (one, two) = (Compare(column=name, operator=Operator.EQ, value=1) for name in "ab")
    for text, where in (
        (f"a = 1 AND {window}", one),
        (f"{window} AND a = 1 AND b = 1", And(operands=(one, two))),
        (f"(a = 1 AND b = 1) AND {window}", And(operands=(one, two))),
        (f"(a = 1 OR b = 1) AND {window}", Or(operands=(one, two))),
    ):
        read = windowed(text)
        assert isinstance(read, InCohort)
        assert (read.where, read.window) == (where, days(None, -1).window)


def test_a_cohort_within_a_cohort_is_anchored_in_it() -> None:
    inner = "SELECT patient FROM drugs WHERE begun >= conditions.onset"
    read = asked(f"patient IN (SELECT patient FROM conditions WHERE patient IN ({inner}))")
    window = Window(column="begun", anchor="onset", first=0, last=None)
    assert read == InCohort(dataset="conditions", where=InCohort(dataset="drugs", window=window))


@pytest.mark.parametrize(
    "where",
    [
        "begun >= conditions.onset",
        "begun >= conditions.onset - INTERVAL '1' DAY) AND onset <= encounters.start",
        "begun >= conditions.onset) AND (a = 'a' OR b = 1) AND onset >= encounters.start",
    ],
)
def test_each_window_is_written_with_the_dataset_around_it(where: str) -> None:
    inner = f"patient IN (SELECT patient FROM drugs WHERE {where}"
    text = f"patient IN (SELECT patient FROM conditions WHERE {inner})" + ")" * (")" not in where)
    assert predicate_to_sql(parse_predicate(text, "encounters"), "encounters") == text


def test_the_same_dataset_may_be_its_own_cohort() -> None:
    read = asked(
        "patient IN (SELECT patient FROM encounters WHERE start BETWEEN "
        "encounters.start - INTERVAL '30' DAY AND encounters.start - INTERVAL '1' DAY)"
    )
    window = Window(column="start", anchor="start", first=-30, last=-1)
    assert read == InCohort(dataset="encounters", window=window)


def test_patient_columns_are_reported_with_their_dataset() -> None:
    parsed = parse_query(
        "SELECT COUNT(DISTINCT pid), PROPORTION(patient IN (SELECT p FROM drugs)) FROM encounters\n"
        "WHERE pid NOT IN (SELECT subject FROM conditions GROUP BY patient HAVING COUNT(*) > 1)"
    )
    expected = [
        ("pid", "encounters", 1, 23),
        ("patient", "encounters", 1, 40),
        ("p", "drugs", 1, 59),
        ("pid", "encounters", 2, 7),
        ("subject", "conditions", 2, 26),
        ("patient", "conditions", 2, 59),
    ]
    assert set(parsed.patient_columns) == {
        PatientColumn(name=name, dataset=dataset, line=line, column=column)
        for name, dataset, line, column in expected
    }
    assert {parsed.positions[name] for name in ("drugs", "conditions")} == {(1, 66), (2, 39)}


def test_a_condition_alone_names_its_dataset_for_windows() -> None:
    text = "pid IN (SELECT patient FROM conditions WHERE onset < encounters.start)"
    parsed = parse_condition(text, "encounters")
    assert parsed.condition == parse_predicate(text, "encounters") == days(None, -1)
    assert [(p.name, p.dataset) for p in parsed.patient_columns] == [
        ("pid", "encounters"),
        ("patient", "conditions"),
    ]
    assert parsed.positions["onset"] == (1, 46)
    for elsewhere in ("", "conditions"):
        with pytest.raises(InvalidQuery) as refused:
            parse_predicate(text, elsewhere)
        assert refused.value.reason == "SQL_UNSUPPORTED"


# The refused condition, its reason, what its message speaks of, and the twin that is read.
P = "patient IN (SELECT patient FROM c"
DEEP = "patient IN (SELECT patient FROM c WHERE {})"
REFUSED = [
    ("patient IN (SELECT patient, a FROM c)", "SQL_UNSUPPORTED", "more than the patient column", f"{P})"),
    ("patient IN (SELECT * FROM c)", "SQL_UNSUPPORTED", "not the patient column", f"{P})"),
    ("patient IN (SELECT COUNT(*) FROM c)", "SQL_UNSUPPORTED", "not the patient column", f"{P})"),
    ("patient IN (SELECT patient AS p FROM c)", "SQL_UNSUPPORTED", "not the patient column", f"{P})"),
    ("patient IN (SELECT patient)", "SQL_UNSUPPORTED", "without FROM", f"{P})"),
    (f"{P}, d)", "SQL_UNSUPPORTED", "this part", f"{P})"),
    (f"{P} AS d)", "SQL_UNSUPPORTED", "this part", f"{P})"),
    (f"{P} ORDER BY a)", "SQL_UNSUPPORTED", "ordered", f"{P})"),
    (f"{P} UNION SELECT patient FROM d)", "SQL_UNSUPPORTED", "set operation", f"{P})"),
    (f"({P}) IS NULL)", "SQL_UNSUPPORTED", "not a plain column", f"({P}))"),
    (f"{P}", "SQL_SYNTAX", "never closed", f"{P})"),
    (f"a = 1 AND ({P}) = 1)", "SQL_UNSUPPORTED", "not a plain column", f"a = 1 AND ({P}))"),
    ("EXISTS (SELECT a FROM c)", "SQL_UNSUPPORTED", "EXISTS", f"{P})"),
    ("patient = (SELECT patient FROM c)", "SQL_UNSUPPORTED", "subquery here", f"{P})"),
    ("patient IN ((SELECT patient FROM c))", "SQL_UNSUPPORTED", "subquery here", f"{P})"),
    ("AGE(start) IN (SELECT patient FROM c)", "SQL_UNSUPPORTED", "not the patient column", f"{P})"),
    ("patient.a IN (SELECT patient FROM c)", "SQL_UNSUPPORTED", "qualified name", f"{P})"),
    (f"{P} HAVING COUNT(*) > 1)", "SQL_UNSUPPORTED", "HAVING", f"{P} GROUP BY patient HAVING COUNT(*) > 1)"),
    (f"{P} GROUP BY patient, a)", "SQL_UNSUPPORTED", "grouped by more", f"{P} GROUP BY patient)"),
    (f"{P} GROUP BY 1)", "SQL_UNSUPPORTED", "not the patient column", f"{P} GROUP BY patient)"),
    *[
        (f"{P} GROUP BY patient HAVING {bad})", "SQL_UNSUPPORTED", "", f"{P} GROUP BY patient HAVING {good})")
        for bad, good in [
            ("COUNT(a) >= 2", "COUNT(*) >= 2"),
            ("SUM(a) >= 2", "COUNT(*) >= 2"),
            ("COUNT(*) = 2", "COUNT(*) > 2"),
            ("COUNT(*) <= 2", "COUNT(*) >= 2"),
            ("COUNT(*) >= 0", "COUNT(*) > 0"),
            ("COUNT(*) > 10000", "COUNT(*) >= 10000"),
            ("COUNT(*) >= 2.0", "COUNT(*) >= 2"),
            ("COUNT(*) >= '2'", "COUNT(*) >= 2"),
            ("COUNT(*) >= -2", "COUNT(*) >= 2"),
        ]
    ],
    *[
        (DEEP.format(bad), "SQL_UNSUPPORTED", what, DEEP.format(good))
        for bad, what, good in [
            ("a < encounters.b OR c = 1", "joined", "a < encounters.b AND c = 1"),
            ("NOT a < encounters.b", "joined", "a < encounters.b"),
            ("(a < encounters.b AND c = 1)", "joined", "(a < encounters.b) AND c = 1"),
            ("a < d.b", "around the cohort", "a < encounters.b"),
            ("a < c.b", "around the cohort", "a < encounters.b"),
            ("c.a < encounters.b", "this condition|two columns|qualified", "a < encounters.b"),
            ("a = encounters.b", "two columns", "a <= encounters.b"),
            ("a BETWEEN encounters.b AND DATE '2024-01-01'", "no date of the row", "a >= encounters.b"),
            ("a < encounters.b AND a < encounters.b", "second window", "a < encounters.b"),
            ("a < encounters.b AND d > encounters.b", "second window", "a < encounters.b"),
            ("a < encounters.b AND a > encounters.c", "second window", "a < encounters.b"),
            ("a > encounters.b AND a < encounters.b", "ends before", "a > encounters.b"),
            ("a < encounters.b - INTERVAL '3' MONTH", "interval", "a < encounters.b - INTERVAL '90' DAY"),
            ("a < encounters.b - INTERVAL '-3' DAY", "interval", "a < encounters.b - INTERVAL '3' DAY"),
            ("a < encounters.b - INTERVAL '3'", "interval", "a < encounters.b - INTERVAL '3' DAY"),
            ("a < encounters.b - INTERVAL '3 days' DAY", "interval", "a < encounters.b - INTERVAL '3 days'"),
            ("a < encounters.b - INTERVAL b DAY", "interval", "a < encounters.b - INTERVAL 3 DAY"),
            ("a < encounters.b * INTERVAL '3' DAY", "interval", "a < encounters.b + INTERVAL '3' DAY"),
            ("a < encounters.b - INTERVAL '40001' DAY", "40,000", "a < encounters.b - INTERVAL '39999' DAY"),
            ("a < encounters.b - INTERVAL '40000' DAY", "40,000", "a <= encounters.b - INTERVAL '40000' DAY"),
            ("a - INTERVAL '1' DAY < encounters.b", "interval", "a < encounters.b"),
            ("a < encounters.N'b'", "a point here", 'a < encounters."N"'),
            ("(a = 1 HAVING COUNT(*) > 1)", "HAVING outside", "(a = 1) GROUP BY patient HAVING COUNT(*) > 1"),
            ("a < encounters.'b'", "a point here", "a < encounters.b"),
            ("a < encounters.select", "a point here", 'a < encounters."select"'),
        ]
    ],
    ("a < encounters.b", "SQL_UNSUPPORTED", "around the cohort", DEEP.format("a < encounters.b")),
    (" AND ".join([f"{P})"] * 9), "SQL_TOO_LARGE", "8 cohorts", " AND ".join([f"{P})"] * 8)),
    (DEEP.format(DEEP.format(f"{P})")), "SQL_TOO_DEEP", "deeper than 2", DEEP.format(f"{P})")),
    ("NOT " * 18 + DEEP.format("NOT a = 1"), "SQL_TOO_DEEP", "20", "NOT " * 18 + DEEP.format("a = 1")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "reason", "what", "twin"), REFUSED, ids=[case[0] for case in REFUSED])
def test_refusals_stand_beside_what_is_read(text: str, reason: str, what: str, twin: str) -> None:
    with pytest.raises(InvalidQuery) as refused:
        asked(text)
    (violation,) = refused.value.violations
    assert refused.value.reason == reason
    assert any(part in violation.description for part in what.split("|"))
    assert (violation.line, violation.suggestion != "") == (1, reason != "SQL_SYNTAX")
    asked(twin)


def test_where_a_refusal_points() -> None:
    start = "SELECT COUNT(*) FROM d WHERE "
    for text, column in (
        ("patient IN (SELECT patient FROM c WHERE a < e.b)", 45),
        ("patient IN (SELECT patient FROM c WHERE a < d.b - INTERVAL '1' MONTH)", 51),
        ("patient IN (SELECT patient FROM c GROUP BY b HAVING COUNT(b) > 1)", 53),
        ("EXISTS (SELECT a FROM c)", 1),
    ):
        with pytest.raises(InvalidQuery) as refused:
            parse_query(start + text)
        assert refused.value.violations[0].column == len(start) + column


def test_refusals_never_echo_intervals() -> None:
    canary = "CANARY-7391"
    for text in (f"a < encounters.b - INTERVAL '{canary}' DAY", f"a < encounters.b - INTERVAL '{canary}'"):
        with pytest.raises(InvalidQuery) as refused:
            windowed(text)
        assert canary not in f"{refused.value} {refused.value.violations}"
