"""The JSON behind digests, pinned byte for byte: a change here changes every digest in every journal."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal

from gateway.domain.query import And, Compare, IsMissing, Not, OneOf, Operator, Or
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


def test_decimals_keep_every_digit() -> None:
    digits = "1" * 20 + "." + "1" * 19
    read = canonical_predicate(parse_predicate(f"a = {digits}"))
    assert to_json(read) == {
        "compare": {"column": "a", "operator": "=", "value": {"decimal": digits}},
    }
    for spelt, plain in (("-0.00", "0"), ("100.0", "100"), ("1E+2", "100"), ("1E-7", "0.0000001")):
        compare = Compare(column="a", operator=Operator.EQ, value=Decimal(spelt))
        assert dumped(to_json(canonical_predicate(compare))) == dumped(
            {"compare": {"column": "a", "operator": "=", "value": {"decimal": plain}}}
        )


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


def test_unequal_questions_do_not() -> None:
    texts = [
        "a = 1",
        "a = 1.0",
        "a = TRUE",
        "a = '1'",
        "a <> 1",
        "b = 1",
        "NOT a = 1",
        "a IN (1)",
        "a IS NULL",
    ]
    assert len({dumped(to_json(canonical_predicate(parse_predicate(text)))) for text in texts}) == len(texts)
