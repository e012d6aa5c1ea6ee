"""What the SQL form reads, and what it refuses: every refusal beside a twin that is read."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from gateway.domain.query import And, Compare, IsMissing, Measure, MeasureKind, Not, OneOf, Operator, Or
from gateway.errors import InvalidQuery
from gateway.query.reading import PatientColumn
from gateway.query.sql import parse_predicate, parse_query

ROWS = "SELECT COUNT(*) FROM d"
BY_A = "SELECT a, COUNT(*) FROM d GROUP BY a"


def compare(column: str, operator: Operator, value: str | bool | int | Decimal | date) -> Compare:
    return Compare(column=column, operator=operator, value=value)


def test_reads_a_whole_question() -> None:
    parsed = parse_query(
        "SELECT age_band, Sex, COUNT(DISTINCT patient_id) AS n, COUNT(*), SUM(days), AVG(days)\n"
        "FROM encounters\n"
        "WHERE readmitted = '<30' -- within a month\n"
        "GROUP BY sex, age_band;"
    )
    query = parsed.query
    assert (query.dataset, query.group_by) == ("encounters", ("age_band", "sex"))
    assert query.measures == (
        Measure(kind=MeasureKind.COUNT_PATIENTS, name="n"),
        Measure(kind=MeasureKind.COUNT_ROWS, name="rows"),
        Measure(kind=MeasureKind.SUM, name="sum_days", column="days"),
        Measure(kind=MeasureKind.MEAN, name="mean_days", column="days"),
    )
    assert query.where == compare("readmitted", Operator.EQ, "<30")
    assert (query.max_groups, query.max_rows) == (None, None)
    expected = PatientColumn(name="patient_id", dataset="encounters", line=1, column=38)
    assert parsed.patient_columns == (expected,)
    assert parsed.positions == {
        "age_band": (1, 8),
        "sex": (1, 18),
        "days": (1, 70),
        "encounters": (2, 6),
        "readmitted": (3, 7),
    }


def test_default_names_never_meet() -> None:
    query = parse_query(
        "SELECT rows, COUNT(*), COUNT(*) AS rows_2, COUNT(*), SUM(a), SUM(a) FROM d GROUP BY rows"
    )
    assert [m.name for m in query.query.measures] == ["rows_3", "rows_2", "rows_4", "sum_a", "sum_a_2"]


def test_bounds_of_contribution() -> None:
    query = parse_query(f"{ROWS} OPTION (max_rows = 5, max_groups = 2)").query
    assert (query.max_groups, query.max_rows) == (2, 5)
    assert parse_query("SELECT AVG(option) FROM d WHERE option = 1").query.measures[0].column == "option"


@pytest.mark.parametrize(
    "word", ["date", "count", "sum", "rows", "next", "if", "index", "year", "option", "values"]
)
def test_a_name_may_be_a_word_of_other_sqls(word: str) -> None:
    query = parse_query(f"SELECT {word}, COUNT(*) AS n FROM d WHERE {word} = 1 GROUP BY {word.upper()}").query
    assert query.group_by == (word,)
    assert query.where == compare(word, Operator.EQ, 1)


def test_quotes_keep_case() -> None:
    parsed = parse_query('SELECT "Left", COUNT(*) FROM "D x" WHERE "größe" = 1 GROUP BY "Left"')
    assert parsed.query.group_by == ("Left",)
    assert parsed.query.dataset == "D x"
    assert parsed.positions["größe"] == (1, 42)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = 'it''s'", compare("a", Operator.EQ, "it's")),
        ("a <> 1", compare("a", Operator.NE, 1)),
        ("a != -1", compare("a", Operator.NE, -1)),
        ("a < 2.50", compare("a", Operator.LT, Decimal("2.50"))),
        ("a <= -0.5", compare("a", Operator.LE, Decimal("-0.5"))),
        ("a > TRUE", compare("a", Operator.GT, True)),
        ("a >= DATE '2024-02-29'", compare("a", Operator.GE, date(2024, 2, 29))),
        ("5 < a", compare("a", Operator.GT, 5)),
        ("5 <= a", compare("a", Operator.GE, 5)),
        ("5 > a", compare("a", Operator.LT, 5)),
        ("5 >= a", compare("a", Operator.LE, 5)),
        ("'x' = a", compare("a", Operator.EQ, "x")),
        ("a = 9223372036854775807", compare("a", Operator.EQ, 2**63 - 1)),
        ("a = -9223372036854775808", compare("a", Operator.EQ, -(2**63))),
        ("a IN ('x', 2, FALSE)", OneOf(column="a", values=("x", 2, False))),
        ("a NOT IN ('x')", Not(operand=OneOf(column="a", values=("x",)))),
        ("a IS NULL", IsMissing(column="a")),
        ("a IS NOT NULL", Not(operand=IsMissing(column="a"))),
        ("NOT NOT a IS NULL", Not(operand=Not(operand=IsMissing(column="a")))),
    ],
)
def test_conditions(text: str, expected: Compare) -> None:
    read = parse_predicate(text)
    assert read == expected
    assert repr(read) == repr(expected)  # True, 1 and Decimal(1) are equal to Python, not to us


def test_between_is_two_comparisons() -> None:
    both = And(operands=(compare("a", Operator.GE, 1), compare("a", Operator.LE, 2)))
    assert parse_predicate("a BETWEEN 1 AND 2") == both
    assert parse_predicate("a NOT BETWEEN 1 AND 2") == Not(operand=both)


def test_and_binds_tighter_than_or_and_not_tighter_still() -> None:
    a, b, c = (compare(name, Operator.EQ, 1) for name in "abc")
    assert parse_predicate("a = 1 OR b = 1 AND c = 1") == Or(operands=(a, And(operands=(b, c))))
    assert parse_predicate("(a = 1 OR b = 1) AND c = 1") == And(operands=(Or(operands=(a, b)), c))
    assert parse_predicate("NOT a = 1 AND b = 1") == And(operands=(Not(operand=a), b))
    assert parse_predicate("a = 1 AND b = 1 AND c = 1") == And(operands=(a, b, c))


# The refused text, its reason, line and column, and the twin that differs in one thing and is read.
REFUSED = [
    ("SELECT COUNT(*) FROM d JOIN e", "SQL_UNSUPPORTED", 1, 24, ROWS),
    ("SELECT COUNT(*) FROM d, e", "SQL_UNSUPPORTED", 1, 25, ROWS),
    ("SELECT COUNT(*) FROM (SELECT a FROM d)", "SQL_UNSUPPORTED", 1, 23, ROWS),
    ("SELECT COUNT(*) FROM s.d", "SQL_UNSUPPORTED", 1, 22, ROWS),
    ("SELECT COUNT(*) FROM d AS e", "SQL_UNSUPPORTED", 1, 27, ROWS),
    ("SELECT COUNT(*) FROM d e", "SQL_UNSUPPORTED", 1, 24, ROWS),
    ("SELECT COUNT(*) FROM 'd'", "SQL_UNSUPPORTED", 1, 22, 'SELECT COUNT(*) FROM "d"'),
    ("SELECT COUNT(*)", "SQL_UNSUPPORTED", 1, 8, ROWS),
    (f"{ROWS} HAVING a = 1", "SQL_UNSUPPORTED", 1, 24, f"{ROWS} WHERE a = 1"),
    (f"{ROWS} ORDER BY a", "SQL_UNSUPPORTED", 1, 24, ROWS),
    (f"{ROWS}\nLIMIT 3", "SQL_UNSUPPORTED", 2, 1, ROWS),
    (f"{ROWS} UNION {ROWS}", "SQL_UNSUPPORTED", 1, 24, ROWS),
    (f"{ROWS}; {ROWS}", "SQL_UNSUPPORTED", 1, 23, f"{ROWS};"),
    (f"WITH e AS ({ROWS}) {ROWS}", "SQL_UNSUPPORTED", 1, 1, ROWS),
    (f"EXPLAIN {ROWS}", "SQL_UNSUPPORTED", 1, 1, ROWS),
    ("DELETE FROM d", "SQL_UNSUPPORTED", 1, 1, ROWS),
    (f"{ROWS} FOR UPDATE", "SQL_SYNTAX", 1, 28, ROWS),
    ("SELECT * FROM d", "SQL_UNSUPPORTED", 1, 8, ROWS),
    ("SELECT 1 FROM d", "SQL_UNSUPPORTED", 1, 8, ROWS),
    ("SELECT COUNT(*), FROM d", "SQL_SYNTAX", 1, 16, ROWS),
    ("SELECT DISTINCT COUNT(*) FROM d", "SQL_UNSUPPORTED", 1, 8, ROWS),
    ("SELECT COUNT(a) FROM d", "SQL_UNSUPPORTED", 1, 8, "SELECT COUNT(DISTINCT a) FROM d"),
    ("SELECT COUNT(DISTINCT a, b) FROM d", "SQL_UNSUPPORTED", 1, 8, "SELECT COUNT(DISTINCT a) FROM d"),
    ("SELECT SUM(DISTINCT a) FROM d", "SQL_UNSUPPORTED", 1, 12, "SELECT SUM(a) FROM d"),
    ("SELECT SUM(a + 1) FROM d", "SQL_UNSUPPORTED", 1, 14, "SELECT SUM(a) FROM d"),
    ("SELECT SUM(-a) FROM d", "SQL_UNSUPPORTED", 1, 8, "SELECT SUM(a) FROM d"),
    ("SELECT -SUM(a) FROM d", "SQL_UNSUPPORTED", 1, 9, "SELECT SUM(a) FROM d"),
    ("SELECT MEDIAN(a) FROM d", "SQL_UNSUPPORTED", 1, 8, "SELECT AVG(a) FROM d"),
    ('SELECT "SUM"(a) FROM d', "SQL_UNSUPPORTED", 1, 8, "SELECT SUM(a) FROM d"),
    ("SELECT SUM(a) OVER () FROM d", "SQL_UNSUPPORTED", 1, 15, "SELECT SUM(a) FROM d"),
    ("SELECT SUM(a) FILTER (WHERE b) FROM d", "SQL_UNSUPPORTED", 1, 15, "SELECT SUM(a) FROM d"),
    ("SELECT SUM(CAST(a AS INT)) FROM d", "SQL_UNSUPPORTED", 1, 12, "SELECT SUM(a) FROM d"),
    ("SELECT SUM(a::INT) FROM d", "SQL_UNSUPPORTED", 1, 13, "SELECT SUM(a) FROM d"),
    ("SELECT COUNT(*) AS 'n' FROM d", "SQL_UNSUPPORTED", 1, 20, 'SELECT COUNT(*) AS "n" FROM d'),
    ("SELECT SUM(a) AS n, SUM(b) AS n FROM d", "SQL_UNSUPPORTED", 1, 21, "SELECT SUM(a), SUM(b) FROM d"),
    ("SELECT a FROM d GROUP BY a", "SQL_UNSUPPORTED", 1, 8, BY_A),
    ("SELECT a, COUNT(*) FROM d", "SQL_UNSUPPORTED", 1, 8, BY_A),
    (f"{ROWS} GROUP BY a", "SQL_UNSUPPORTED", 1, 33, BY_A),
    ("SELECT a, COUNT(*) FROM d GROUP BY 1", "SQL_UNSUPPORTED", 1, 36, BY_A),
    ("SELECT a, COUNT(*) FROM d GROUP BY ALL", "SQL_UNSUPPORTED", 1, 36, BY_A),
    ("SELECT a, COUNT(*) FROM d GROUP BY CUBE(a)", "SQL_UNSUPPORTED", 1, 36, BY_A),
    ("SELECT a AS b, COUNT(*) FROM d GROUP BY a", "SQL_UNSUPPORTED", 1, 8, BY_A),
    ("SELECT a, a, COUNT(*) FROM d GROUP BY a", "SQL_UNSUPPORTED", 1, 11, BY_A),
    (f"{ROWS} WHERE a", "SQL_UNSUPPORTED", 1, 30, f"{ROWS} WHERE a = TRUE"),
    (f"{ROWS} WHERE a = b", "SQL_UNSUPPORTED", 1, 34, f"{ROWS} WHERE a = 'b'"),
    (f"{ROWS} WHERE 1 = 1", "SQL_UNSUPPORTED", 1, 30, f"{ROWS} WHERE 1 = a"),
    (f"{ROWS} WHERE a = NULL", "SQL_UNSUPPORTED", 1, 30, f"{ROWS} WHERE a IS NULL"),
    (f"{ROWS} WHERE a IN (1, NULL)", "SQL_UNSUPPORTED", 1, 30, f"{ROWS} WHERE a IN (1, 2)"),
    (f"{ROWS} WHERE a IN ()", "SQL_UNSUPPORTED", 1, 30, f"{ROWS} WHERE a IN (1)"),
    (f"{ROWS} WHERE a IN b", "SQL_UNSUPPORTED", 1, 35, f"{ROWS} WHERE a IN ('b')"),
    (f"{ROWS} WHERE a IS TRUE", "SQL_UNSUPPORTED", 1, 30, f"{ROWS} WHERE a = TRUE"),
    (f"{ROWS} WHERE a IS DISTINCT FROM 1", "SQL_UNSUPPORTED", 1, 35, f"{ROWS} WHERE a <> 1"),
    (f"{ROWS} WHERE a LIKE 'x%'", "SQL_UNSUPPORTED", 1, 32, f"{ROWS} WHERE a = 'x%'"),
    (f"{ROWS} WHERE a == 1", "SQL_UNSUPPORTED", 1, 32, f"{ROWS} WHERE a = 1"),
    (f"{ROWS} WHERE a <=> 1", "SQL_UNSUPPORTED", 1, 32, f"{ROWS} WHERE a <= 1"),
    (f"{ROWS} WHERE !a = 1", "SQL_UNSUPPORTED", 1, 30, f"{ROWS} WHERE NOT a = 1"),
    (f"{ROWS} WHERE a = 1 = 2", "SQL_UNSUPPORTED", 1, 30, f"{ROWS} WHERE a = 1"),
    (f"{ROWS} WHERE a BETWEEN b AND 2", "SQL_UNSUPPORTED", 1, 40, f"{ROWS} WHERE a BETWEEN 1 AND 2"),
    (f"{ROWS} WHERE (a, b) IN (1)", "SQL_UNSUPPORTED", 1, 31, f"{ROWS} WHERE a IN (1)"),
    (f"{ROWS} WHERE LOWER(a) = 'x'", "SQL_UNSUPPORTED", 1, 30, f"{ROWS} WHERE a = 'x'"),
    (f"{ROWS} WHERE a = ?", "SQL_UNSUPPORTED", 1, 34, f"{ROWS} WHERE a = '?'"),
    (f"{ROWS} WHERE a = :x", "SQL_UNSUPPORTED", 1, 34, f"{ROWS} WHERE a = ':x'"),
    (f"{ROWS} WHERE a = $1", "SQL_UNSUPPORTED", 1, 34, f"{ROWS} WHERE a = '$1'"),
    (f"{ROWS} WHERE a[1] = 1", "SQL_UNSUPPORTED", 1, 31, f"{ROWS} WHERE a = '[1]'"),
    (f"{ROWS} WHERE a = {{ts '2024'}}", "SQL_UNSUPPORTED", 1, 34, f"{ROWS} WHERE a = '{{'"),
    (f"{ROWS} WHERE N'a' = 'x'", "SQL_UNSUPPORTED", 1, 30, f"{ROWS} WHERE a = 'x'"),
    (f"{ROWS} WHERE a = N'x'", "SQL_UNSUPPORTED", 1, 34, f"{ROWS} WHERE a = 'x'"),
    (f"{ROWS} WHERE a = 'x' 'y'", "SQL_UNSUPPORTED", 1, 34, f"{ROWS} WHERE a = 'x'"),
    (f"{ROWS} WHERE a = 1e3", "SQL_UNSUPPORTED", 1, 34, f"{ROWS} WHERE a = 1000"),
    (f"{ROWS} WHERE a = .5", "SQL_UNSUPPORTED", 1, 34, f"{ROWS} WHERE a = 0.5"),
    (f"{ROWS} WHERE a = 0x1F", "SQL_UNSUPPORTED", 1, 34, f"{ROWS} WHERE a = 31"),
    (f"{ROWS} WHERE a = - - 1", "SQL_UNSUPPORTED", 1, 38, f"{ROWS} WHERE a = - 1"),
    (f"{ROWS} WHERE {2**63} = a", "SQL_UNSUPPORTED", 1, 30, f"{ROWS} WHERE {2**63 - 1} = a"),
    (f"{ROWS} WHERE a = DATE '2023-02-29'", "SQL_SYNTAX", 1, 39, f"{ROWS} WHERE a = DATE '2024-02-29'"),
    (f"{ROWS} WHERE a = DATE '20240229'", "SQL_SYNTAX", 1, 39, f"{ROWS} WHERE a = DATE '2024-02-29'"),
    (f"{ROWS} WHERE a = CURRENT_DATE", "SQL_UNSUPPORTED", 1, 34, f"{ROWS} WHERE a = DATE '2024-02-29'"),
    (f"{ROWS} WHERE", "SQL_SYNTAX", 1, 24, f"{ROWS} WHERE a = 1"),
    (f"{ROWS} WHERE (a = 1", "SQL_SYNTAX", 1, 35, f"{ROWS} WHERE (a = 1)"),
    (f"{ROWS} WHERE a = 1)", "SQL_SYNTAX", 1, 35, f"{ROWS} WHERE a = 1"),
    (f"{ROWS} WHERE a = 'x", "SQL_SYNTAX", 1, 34, f"{ROWS} WHERE a = 'x'"),
    (f"{ROWS} /* x", "SQL_SYNTAX", 1, 24, f"{ROWS} /* x */"),
    (f"{ROWS} OPTION (max_groups = 0)", "SQL_SYNTAX", 1, 45, f"{ROWS} OPTION (max_groups = 1)"),
    (f"{ROWS} OPTION (min_groups = 1)", "SQL_SYNTAX", 1, 24, f"{ROWS} OPTION (max_groups = 1)"),
    (f"{ROWS} OPTION (max_rows = 1,)", "SQL_SYNTAX", 1, 24, f"{ROWS} OPTION (max_rows = 1)"),
    (f"{ROWS} OPTION ()", "SQL_SYNTAX", 1, 24, ROWS),
    ("", "SQL_SYNTAX", 1, 1, ROWS),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "reason", "line", "column", "twin"), REFUSED, ids=[case[0] for case in REFUSED]
)
def test_refusals_stand_beside_what_is_read(
    text: str, reason: str, line: int, column: int, twin: str
) -> None:
    with pytest.raises(InvalidQuery) as refused:
        parse_query(text)
    (violation,) = refused.value.violations
    assert refused.value.reason == reason
    assert (violation.line, violation.column) == (line, column)
    assert violation.description
    if reason == "SQL_UNSUPPORTED":
        assert violation.suggestion or "word or sign" in violation.description
    parse_query(twin)


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        (16, "SELECT {} FROM d".format(", ".join(f"SUM(c{i})" for i in range(16)))),
        (4, "SELECT {0}, COUNT(*) FROM d GROUP BY {0}".format(", ".join(f"c{i}" for i in range(4)))),
    ],
)
def test_numbers_of_measures_and_keys(limit: int, text: str) -> None:
    parse_query(text)
    more = text.replace("SUM(c0)", "SUM(c0), SUM(x)").replace(" c0", " c0, x")
    with pytest.raises(InvalidQuery) as refused:
        parse_query(more)
    assert refused.value.reason == "SQL_UNSUPPORTED"
    assert f"more than {limit}" in refused.value.message


def test_a_condition_is_not_a_question() -> None:
    parse_predicate("a = 1")
    for text in ("a = 1 GROUP BY a", ROWS, "a = 1 OPTION (max_rows = 1)", "a = 1 b = 2", "WHERE a = 1"):
        with pytest.raises(InvalidQuery) as refused:
            parse_predicate(text)
        assert refused.value.reason in ("SQL_SYNTAX", "SQL_UNSUPPORTED")


def test_messages_never_echo_literals(caplog: pytest.LogCaptureFixture) -> None:
    canary = "CANARY-7391"
    texts = (
        f"{ROWS} WHERE a = '{canary}' 'b'",
        f"{ROWS} WHERE a LIKE '{canary}'",
        f"{ROWS} WHERE '{canary}'",
        f"{ROWS} WHERE a = DATE '{canary}'",
        f"{ROWS} WHERE a = '{canary}",
        f"{ROWS} WHERE a = '{canary}' b",
        f"SHOW '{canary}'",
        f"{ROWS} WHERE a = '{canary}\0'",
    )
    for text in texts:
        with pytest.raises(InvalidQuery) as refused:
            parse_query(text)
        error = refused.value
        assert canary not in f"{error} {error!r} {error.violations}"
        assert error.__cause__ is None
        assert error.__suppress_context__ or error.__context__ is None
    assert canary not in caplog.text
