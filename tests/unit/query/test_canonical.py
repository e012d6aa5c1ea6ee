"""The JSON behind digests, pinned byte for byte: a change here changes every digest in every journal."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal

from gateway.domain.query import And, Band, Compare, IsMissing, Not, OneOf, Operator, Or
from gateway.query.canonical import canonical, canonical_predicate, to_json
from gateway.query.sql import parse_predicate, parse_query

QUESTION = (
    "SELECT sex, COUNT(DISTINCT patient) AS n, AVG(days) FROM encounters "
    "WHERE b = TRUE AND (a IN (2, 1.50, 1, '1', 1.5) AND NOT NOT d >= DATE '2024-01-31') AND b = TRUE "
    "GROUP BY sex OPTION (max_rows = 3)"
)
GOLDEN = (
    '{"dataset":"encounters","group_by":["sex"],"max_groups":null,"max_rows":3,"measures":['
    '{"column":null,"kind":"count_patients","name":"n"},{"column":"days","kind":"mean","name":"mean_days"}],'
    '"where":{"and":[{"compare":{"column":"b","operator":"=","value":{"boolean":true}}},'
    '{"compare":{"column":"d","operator":">=","value":{"date":"2024-01-31"}}},'
    '{"one_of":{"column":"a","values":[{"decimal":"1.5"},{"integer":"1"},{"integer":"2"},{"text":"1"}]}}]}}'
)


def dumped(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def test_golden_json() -> None:
    text = dumped(to_json(canonical(parse_query(QUESTION).query)))
    assert text == GOLDEN
    assert hashlib.sha256(text.encode()).hexdigest() == hashlib.sha256(GOLDEN.encode()).hexdigest()


def test_every_form_has_its_json() -> None:
    text = dumped(to_json(parse_predicate("NOT (a IS NULL OR a <> -0.10)")))
    assert text == (
        '{"not":{"or":[{"is_missing":{"column":"a"}},'
        '{"compare":{"column":"a","operator":"<>","value":{"decimal":"-0.1"}}}]}}'
    )


RICH = (
    "SELECT patient.sex, BAND(AGE(start), 18.0, 40.50) AS age, "
    "DATE_TRUNC('month', start, DATE '2024-01-01', DATE '2024-06-30') AS month, "
    "AVG(CLAMP(bmi, 15.0, 50)) AS mean, PROPORTION(NOT NOT bmi > 30.0, LAST(start)) AS obese FROM visits "
    "WHERE patient IN (SELECT patient FROM conditions WHERE code = 'x' AND code = 'x' AND onset BETWEEN "
    "visits.start - INTERVAL '30' DAY AND visits.start GROUP BY patient HAVING COUNT(*) >= 2) "
    "AND AGE(DATE '2024-01-01') < 90 AND patient.region IS NULL GROUP BY patient.sex, age, month"
)
RICH_GOLDEN = (
    '{"dataset":"visits","group_by":[{"attribute":"sex"},'
    '{"band":{"edges":["18","40.5"],"name":"age","of":{"age":{"column":"start"}}}},'
    '{"truncated":{"first":"2024-01-01","last":"2024-06-30","name":"month","of":"start","unit":"month"}}],'
    '"max_groups":null,"max_rows":null,"measures":['
    '{"bounds":["15","50"],"column":"bmi","kind":"mean","name":"mean"},'
    '{"column":null,"condition":{"compare":{"column":"bmi","operator":">","value":{"integer":"30"}}},'
    '"kind":"proportion","name":"obese","reducer":{"by":"start","kind":"last"}}],'
    '"where":{"and":['
    '{"compare":{"column":{"age":{"date":"2024-01-01"}},"operator":"<","value":{"integer":"90"}}},'
    '{"in_cohort":{"at_least":2,"dataset":"conditions",'
    '"where":{"compare":{"column":"code","operator":"=","value":{"text":"x"}}},'
    '"window":{"anchor":"start","column":"onset","first":-30,"last":0}}},'
    '{"is_missing":{"column":{"attribute":"region"}}}]}}'
)


def test_golden_json_of_cohorts_keys_and_proportions() -> None:
    once = canonical(parse_query(RICH).query)
    assert dumped(to_json(once)) == RICH_GOLDEN
    bounds, edges = once.measures[0].bounds or (), once.group_by[1]
    assert isinstance(edges, Band)
    assert [str(number) for number in (*bounds, *edges.edges)] == ["15", "50", "18", "40.5"]


def test_decimals_keep_every_digit() -> None:
    digits = "1" * 20 + "." + "1" * 19
    read = canonical_predicate(parse_predicate(f"a = {digits}"))
    assert to_json(read) == {
        "compare": {"column": "a", "operator": "=", "value": {"decimal": digits}},
    }
    for spelt, value in (
        ("-0.00", {"integer": "0"}),
        ("100.0", {"integer": "100"}),
        ("1E+2", {"integer": "100"}),
        ("9223372036854775808.0", {"decimal": "9223372036854775808"}),  # no integer of a message
        ("1E-7", {"decimal": "0.0000001"}),
    ):
        compare = Compare(column="a", operator=Operator.EQ, value=Decimal(spelt))
        expected = {"compare": {"column": "a", "operator": "=", "value": value}}
        assert dumped(to_json(canonical_predicate(compare))) == dumped(expected)


def test_equal_questions_meet() -> None:
    a, b, c = (IsMissing(column=name) for name in "abc")
    expected = And(operands=(a, b, c))
    assert canonical_predicate(And(operands=(c, And(operands=(b, a)), b))) == expected
    assert canonical_predicate(Not(operand=Not(operand=expected))) == expected
    assert canonical_predicate(Or(operands=(a, a))) == a
    assert canonical_predicate(Or(operands=(And(operands=(Or(operands=(b, a)),)), c))) == Or(
        operands=(a, b, c)
    )
    assert canonical_predicate(OneOf(column="a", values=(2, 1, 2))) == OneOf(column="a", values=(1, 2))
    one = Compare(column="a", operator=Operator.EQ, value=1)
    for same in (OneOf(column="a", values=(1,)), OneOf(column="a", values=(1, Decimal("1.0")))):
        assert canonical_predicate(same) == one
    assert canonical_predicate(Compare(column="a", operator=Operator.EQ, value=Decimal("1.00"))) == one


def test_unequal_questions_do_not() -> None:
    texts = [
        "a = 1",
        "a = TRUE",
        "a = '1'",
        "a <> 1",
        "b = 1",
        "NOT a = 1",
        "a IN (1, 2)",
        "a IS NULL",
        "patient.a IS NULL",
        "AGE(a) IS NULL",
        "AGE(b) IS NULL",
        "AGE(DATE '2024-01-01') IS NULL",
        "p IN (SELECT p FROM a)",
        "p NOT IN (SELECT p FROM a)",
        "p IN (SELECT p FROM b)",
        "p IN (SELECT p FROM a GROUP BY p HAVING COUNT(*) > 1)",
        "p IN (SELECT p FROM a WHERE a = 1)",
        "p IN (SELECT p FROM a WHERE a < d.a)",
        "p IN (SELECT p FROM a WHERE a <= d.a)",
        "p IN (SELECT p FROM a WHERE a >= d.a)",
        "p IN (SELECT p FROM a WHERE b <= d.a)",
        "p IN (SELECT p FROM a WHERE a <= d.b)",
        "p IN (SELECT p FROM a WHERE a BETWEEN d.a AND d.a)",
    ]
    forms = {dumped(to_json(canonical_predicate(parse_predicate(text, "d")))) for text in texts}
    assert len(forms) == len(texts)


def test_questions_that_differ_in_one_thing_do_not_meet() -> None:
    form = "SELECT {}, {} FROM d GROUP BY k"
    month = "DATE_TRUNC('{}', a, DATE '2024-01-{}', DATE '2024-06-{}') AS k"
    keys = ["k", "patient.k", "BAND(k, 1) AS k", "BAND(k, 2) AS k", "BAND(k, 1, 2) AS k", "BAND(a, 1) AS k"]
    keys += ["BAND(AGE(a), 1) AS k", "BAND(patient.a, 1) AS k"]
    keys += [
        month.format(*parts.split()) for parts in ("month 01 30", "week 01 30", "month 02 30", "month 01 29")
    ]
    sums = ["SUM(a)", "AVG(a)", "SUM(b)", "SUM(CLAMP(a, 1, 2))", "SUM(CLAMP(a, 1, 3))", "SUM(CLAMP(a, 0, 2))"]
    sums += [f"PROPORTION({rest})" for rest in ["a = 1", "a = 2", "a = 1, LAST(a)", "a = 1, LAST(b)"]]
    sums += ["PROPORTION(a = 1, FIRST(a))", "COUNT(*)", "COUNT(DISTINCT patient)"]
    texts = [form.format(key, f"{measure} AS m") for key in keys for measure in sums]
    forms = {dumped(to_json(canonical(parse_query(text).query))) for text in texts}
    assert len(forms) == len(texts)
