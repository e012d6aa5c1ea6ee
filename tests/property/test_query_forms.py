"""Law: a message and its SQL are two forms of one question; canonical form changes no answer."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, ForwardRef, get_args, get_type_hints

import pytest
from google.protobuf.message import DecodeError, Message
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sqlglot.tokens import Tokenizer

from gateway.domain import query as query_words
from gateway.domain.query import (
    Age,
    And,
    Attribute,
    Band,
    Compare,
    DateUnit,
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
    ReducerKind,
    Reference,
    Truncated,
    Window,
    grouping_name,
    parts_of,
)
from gateway.errors import GatewayError, InvalidQuery
from gateway.query.canonical import canonical, canonical_predicate, to_json
from gateway.query.explain import explain
from gateway.query.render import predicate_to_sql, to_sql
from gateway.query.sql import parse_predicate, parse_query
from gateway.v1 import query_pb2
from gateway.wire import (
    assumed_from_wire,
    assumed_to_wire,
    predicate_to_wire,
    query_from_wire,
    query_to_wire,
    question_from_wire,
)
from tests.property.query_forms import literals, names, predicates, queries, wild_requests

ORDINARY = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def depth(predicate: Predicate) -> int:
    match predicate:
        case Not():
            return 1 + depth(predicate.operand)
        case And() | Or():
            return 1 + max(map(depth, predicate.operands))
        case InCohort(where=inner) if inner is not None:
            return 1 + depth(inner)
        case _:
            return 1


def read_predicate(message: query_pb2.Predicate) -> Predicate:
    measure = query_pb2.Measure(kind=query_pb2.Measure.KIND_COUNT_ROWS)
    where = query_from_wire(query_pb2.Query(dataset="d", measures=[measure], where=message)).where
    assert where is not None
    return where


# --- two equal forms


@ORDINARY
@given(queries())
def test_message_to_domain_to_message_is_identity(message: query_pb2.Query) -> None:
    assert query_to_wire(query_from_wire(message)) == message


@ORDINARY
@given(queries())
def test_message_and_sql_are_the_same_question(message: query_pb2.Query) -> None:
    query = query_from_wire(message)
    parsed = parse_query(to_sql(query)).query
    assert parsed == query
    assert to_json(parsed) == to_json(query)  # which tells True from 1 and from Decimal(1)
    assert to_sql(parsed) == to_sql(query)


@ORDINARY
@given(queries(named=False))
def test_both_forms_give_the_same_names(message: query_pb2.Query) -> None:
    query = query_from_wire(message)
    text = to_sql(query)
    computed = [key for key in query.group_by if isinstance(key, Band | Truncated)]
    for title in [key.name for key in computed] + [measure.name for measure in query.measures]:
        quoted = title.replace('"', '""')
        text = text.replace(f' AS "{quoted}"', "", 1).replace(f" AS {title}", "", 1)
    assert " AS " not in text
    assert parse_query(text).query == query


@ORDINARY
@given(predicates)
def test_conditions_alone_are_the_same_too(message: query_pb2.Predicate) -> None:
    predicate = read_predicate(message)
    assert predicate_to_wire(predicate) == message
    assert to_json(parse_predicate(predicate_to_sql(predicate, "d"), "d")) == to_json(predicate)


@pytest.mark.parametrize("word", sorted(k for k in Tokenizer.KEYWORDS if k.replace("_", "").isalpha()))
def test_every_word_of_sql_can_be_a_name(word: str) -> None:
    name = word.lower()
    where = Compare(column=name, operator=Operator.EQ, value=1)
    query = query_from_wire(
        query_pb2.Query(
            dataset=name,
            group_by=[{"column": name}, {"band": {"of": {"age": {"column": name}}, "edges": ["1"]}}],
            measures=[{"kind": 4, "column": name}],
        )
    )
    window = Window(column=name, anchor=name, first=-1, last=None)
    cohort = InCohort(dataset=name, where=IsMissing(column=Attribute(name=name)), window=window)
    kept = And(operands=(where, cohort))
    whole = Query(dataset=name, measures=query.measures, group_by=query.group_by, where=kept)
    assert parse_query(to_sql(whole)).query == whole


def test_the_deepest_conditions_fit_both_forms() -> None:
    for wrap in (
        lambda p: Not(operand=p),
        lambda p: And(operands=(p, p)) if depth(p) < 6 else Not(operand=p),
        lambda p: Or(operands=(IsMissing(column="b"), Not(operand=p))) if depth(p) < 19 else Not(operand=p),
    ):
        predicate: Predicate = Not(operand=OneOf(column="a", values=(1,)))
        while depth(predicate) < 20:
            predicate = wrap(predicate)
        if depth(predicate) == 20:
            assert read_predicate(predicate_to_wire(predicate)) == predicate
            assert parse_predicate(predicate_to_sql(predicate)) == predicate
        deeper = Not(operand=predicate)
        with pytest.raises(InvalidQuery) as by_message:
            read_predicate(predicate_to_wire(deeper))
        with pytest.raises(InvalidQuery) as by_sql:
            parse_predicate(predicate_to_sql(deeper))
        assert (by_message.value.reason, by_sql.value.reason) == ("QUERY_TOO_DEEP", "SQL_TOO_DEEP")


def test_the_deepest_cohorts_fit_both_forms() -> None:
    def nested(levels: int, leaf: Predicate) -> Predicate:
        window = Window(column="b", anchor="a", first=None, last=-1)
        for level in range(levels):
            leaf = InCohort(dataset="d", where=leaf, window=window if level % 2 else None)
        return leaf

    leaf: Predicate = IsMissing(column="a")
    deep: Predicate = leaf
    while depth(deep) < 17:
        deep = Not(operand=deep)
    both_ways(Not(operand=nested(2, deep)))  # 20 deep
    both_ways(And(operands=(leaf,) + (nested(2, leaf),) * 4))  # 8 cohorts
    for too_much, reasons in (
        (Not(operand=Not(operand=nested(2, deep))), ("QUERY_TOO_DEEP", "SQL_TOO_DEEP")),
        (nested(3, leaf), ("QUERY_TOO_DEEP", "SQL_TOO_DEEP")),
        (And(operands=(nested(1, leaf),) + (nested(2, leaf),) * 4), ("QUERY_TOO_LARGE", "SQL_TOO_LARGE")),
    ):
        with pytest.raises(InvalidQuery) as by_message:
            read_predicate(predicate_to_wire(too_much))
        with pytest.raises(InvalidQuery) as by_sql:
            parse_predicate(predicate_to_sql(too_much, "d"), "d")
        assert (by_message.value.reason, by_sql.value.reason) == reasons


def both_ways(predicate: Predicate) -> None:
    assert read_predicate(predicate_to_wire(predicate)) == predicate
    assert parse_predicate(predicate_to_sql(predicate, "d"), "d") == predicate


# --- canonical form


Row = Mapping[Reference, Literal | None]


def truth(predicate: Predicate, row: Row, others: Sequence[Row] = ()) -> bool | None:
    """SQL's three-valued logic, naively. None is unknown. `others` are the patient's rows elsewhere."""
    match predicate:
        case InCohort():
            inner = predicate.where
            found = [inner is None or truth(inner, other, others) for other in others]
            return sum(met is True for met in found) >= predicate.at_least
        case IsMissing():
            return row.get(predicate.column) is None
        case Compare():
            value = row.get(predicate.column)
            return None if value is None else _holds(predicate.operator, key(value), key(predicate.value))
        case OneOf():
            value = row.get(predicate.column)
            return None if value is None else key(value) in map(key, predicate.values)
        case Not():
            met = truth(predicate.operand, row, others)
            return None if met is None else not met
        case And() | Or():
            wanted = isinstance(predicate, Or)
            each = [truth(operand, row, others) for operand in predicate.operands]
            return wanted if wanted in each else None if None in each else not wanted


def key(value: Literal) -> tuple[str, Literal]:
    """Any total order serves, as long as types never meet; whole numbers and decimals are both numbers."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return ("number", value)
    return (type(value).__name__, value)


def _holds(operator: Operator, left: tuple[str, Literal], right: tuple[str, Literal]) -> bool:
    less, equal = left < right, left == right
    return {
        Operator.EQ: equal,
        Operator.NE: not equal,
        Operator.LT: less,
        Operator.LE: less or equal,
        Operator.GT: not less and not equal,
        Operator.GE: not less,
    }[operator]


@st.composite
def conditions_and_rows(draw: st.DrawFn) -> tuple[Predicate, Row, list[Row]]:
    """Few columns and few values, so that the row's values are hit."""
    references: list[Reference] = ["a", "b", Attribute(name="a"), Age(at="a")]
    columns = st.sampled_from(references)
    values = st.sampled_from([1, 2, True, Decimal("1.0"), Decimal("1.00"), "1"])
    leaves = st.one_of(
        st.builds(Compare, column=columns, operator=st.sampled_from(Operator), value=values),
        st.builds(OneOf, column=columns, values=st.lists(values, min_size=1, max_size=3).map(tuple)),
        st.builds(IsMissing, column=columns),
    )
    trees = st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(Not, operand=inner),
            st.builds(And, operands=st.lists(inner, min_size=1, max_size=3).map(tuple)),
            st.builds(Or, operands=st.lists(inner, min_size=1, max_size=3).map(tuple)),
            st.builds(InCohort, dataset=st.just("e"), where=st.none() | inner, at_least=st.integers(1, 2)),
        ),
        max_leaves=8,
    )
    optional: st.SearchStrategy[Literal | None] = st.one_of(st.none(), values)
    rows = [{reference: draw(optional) for reference in references} for _ in range(3)]
    return draw(trees), rows[0], list(rows[1:])


@settings(ORDINARY, max_examples=120)
@given(conditions_and_rows())
def test_canonical_form_keeps_the_meaning(case: tuple[Predicate, Row, list[Row]]) -> None:
    predicate, row, others = case
    assert truth(canonical_predicate(predicate), row, others) == truth(predicate, row, others)


@ORDINARY
@given(conditions_and_rows())
def test_canonical_form_is_one_for_all_orders(case: tuple[Predicate, Row, list[Row]]) -> None:
    predicate, *_ = case
    once = canonical_predicate(predicate)
    assert repr(canonical_predicate(once)) == repr(once)
    assert to_json(canonical_predicate(reversed_everywhere(predicate))) == to_json(once)
    assert to_json(
        canonical_predicate(Not(operand=Not(operand=And(operands=(predicate, predicate)))))
    ) == to_json(once)


def reversed_everywhere(predicate: Predicate) -> Predicate:
    match predicate:
        case OneOf():
            return OneOf(column=predicate.column, values=predicate.values[::-1])
        case InCohort(where=inner) if inner is not None:
            return replace(predicate, where=reversed_everywhere(inner))
        case Not():
            return Not(operand=reversed_everywhere(predicate.operand))
        case And() | Or():
            kind = type(predicate)
            return kind(operands=tuple(map(reversed_everywhere, predicate.operands[::-1])))
        case _:
            return predicate


@ORDINARY
@given(queries())
def test_whole_questions_have_a_canonical_form_too(message: query_pb2.Query) -> None:
    once = canonical(query_from_wire(message))
    assert repr(canonical(once)) == repr(once)
    assert to_json(query_from_wire(query_to_wire(once))) == to_json(once)


@ORDINARY
@given(queries(), st.data())
def test_different_questions_have_different_json(message: query_pb2.Query, data: st.DataObject) -> None:
    """Any one field that is changed, anywhere in the question, changes the JSON."""
    changed = query_pb2.Query()
    changed.CopyFrom(message)
    change(data, changed)
    try:
        query, other = query_from_wire(message), query_from_wire(changed)
    except InvalidQuery:
        return
    assert (to_json(query) == to_json(other)) is (
        repr(canonical_digits(query)) == repr(canonical_digits(other))
    )
    assert (to_sql(query) == to_sql(other)) is (repr(query) == repr(other))


def canonical_digits(query: Query) -> object:
    """The question as it is, but for how its decimals are spelt."""

    def plain(value: object) -> object:
        if isinstance(value, tuple):
            return tuple(map(plain, value))
        if isinstance(value, Decimal):
            return Fraction(value)
        if is_dataclass(value):
            return type(value), {field.name: plain(getattr(value, field.name)) for field in fields(value)}
        return value

    return plain(query)


def change(data: st.DataObject, message: Message) -> None:
    """Change one field of a message or of one within it."""
    field, value = data.draw(st.sampled_from(message.ListFields()))
    if field.message_type is None and not field.is_repeated:
        setattr(message, field.name, changed_value(value))
    elif field.message_type is None:
        place = data.draw(st.integers(0, len(value) - 1))
        value[place] = changed_value(value[place])
    else:
        parts = list(value) if field.is_repeated else [value]
        parts = [part for part in parts if part.ListFields()]
        if parts:
            change(data, data.draw(st.sampled_from(parts)))


def changed_value(value: Any) -> Any:
    if isinstance(value, str):
        return f"{value}0" if value[-1:].isdecimal() and "-" not in value[1:] else f"{value}x"
    return not value if isinstance(value, bool) else value + (1 if value < 2**31 - 1 else -1)


@ORDINARY
@given(queries())
def test_json_has_no_floats_and_survives_json(message: query_pb2.Query) -> None:
    form = to_json(canonical(query_from_wire(message)))
    assert json.loads(json.dumps(form), parse_float=pytest.fail) == form


@ORDINARY
@given(literals, literals)
def test_different_values_have_different_json(one: query_pb2.Literal, other: query_pb2.Literal) -> None:
    def form(value: query_pb2.Literal) -> object:
        compare = query_pb2.Comparison(column="a", operator=query_pb2.Comparison.OPERATOR_EQ, value=value)
        return to_json(read_predicate(query_pb2.Predicate(compare=compare)))

    same = one == other or (
        one.WhichOneof("form") == other.WhichOneof("form") == "decimal"
        and Decimal(one.decimal) == Decimal(other.decimal)
    )
    assert (form(one) == form(other)) is same


@ORDINARY
@given(queries(), names)
def test_explain_speaks_of_every_column(message: query_pb2.Query, title: str) -> None:
    query = query_from_wire(message)
    words = explain(query, title)
    assert title in words
    assert all(grouping_name(key) in words for key in query.group_by)
    for mentioned in mentioned_names(query):
        assert mentioned in words
    assert all(measure.column in words for measure in query.measures if measure.column)


def mentioned_names(query: Query) -> Iterator[str]:
    """Every column, attribute and other dataset of a question, and the dates that ages are counted at."""
    conditions = [query.where, *(measure.condition for measure in query.measures)]
    subjects: list[Reference] = [key.of for key in query.group_by if isinstance(key, Band | Truncated)]
    for part in (part for condition in conditions for part in parts_of(condition)):
        match part:
            case Compare(column=subject) | OneOf(column=subject) | IsMissing(column=subject):
                subjects.append(subject)
            case InCohort(dataset=dataset, window=window):
                subjects += [dataset] if window is None else [dataset, window.column, window.anchor]
            case _:
                pass
    subjects += [measure.reducer.by for measure in query.measures if measure.reducer]
    for subject in subjects:
        at = subject.at if isinstance(subject, Age) else subject
        yield at if isinstance(at, str) else at.name if isinstance(at, Attribute) else at.isoformat()


# --- nothing but our errors


@settings(ORDINARY, max_examples=120)
@given(wild_requests())
def test_any_message_gives_a_question_or_our_error(message: query_pb2.RunQueryRequest) -> None:
    check_bytes(message.SerializeToString())


@settings(ORDINARY, max_examples=120)
@given(st.binary(max_size=60), queries(), st.data())
def test_any_bytes_give_a_question_or_our_error(
    noise: bytes, message: query_pb2.Query, data: st.DataObject
) -> None:
    check_bytes(noise)
    spend = query_pb2.Spend(share="1")
    whole = query_pb2.RunQueryRequest(agreement="a", query=message, request_id="r", spend=spend)
    assert question_from_wire(whole)[1] == query_from_wire(message)
    damaged = bytearray(whole.SerializeToString())
    damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    check_bytes(bytes(damaged))


def check_bytes(data: bytes) -> None:
    check_estimate(data)
    try:
        message = query_pb2.RunQueryRequest.FromString(data)
    except DecodeError:
        return
    try:
        agreement, question, spend, request_id = question_from_wire(message)
    except GatewayError as error:
        assert error.reason.isupper()
        assert error.violations[0].field
        return
    assert agreement and request_id and spend.amount > 0
    if isinstance(question, Query):
        assert query_from_wire(query_to_wire(question)) == question


def check_estimate(data: bytes) -> None:
    """The same bytes as an estimate, whose field 5 is what is assumed."""
    try:
        message = query_pb2.EstimateQueryRequest.FromString(data)
    except DecodeError:
        return
    try:
        assumed = assumed_from_wire(message)
    except GatewayError as error:
        assert error.violations[0].field.startswith("assuming.")
        return
    again = query_pb2.EstimateQueryRequest(assuming=assumed_to_wire(assumed))
    assert assumed_from_wire(again) == assumed


@ORDINARY
@given(
    st.none() | st.integers(-(2**63), 2**63 - 1), st.sampled_from(["0.5", "-1", "1e3", "NaN", ""]) | st.text()
)
def test_any_assumed_numbers_are_read_or_refused(n: int | None, at: str) -> None:
    try:
        message = query_pb2.EstimateQueryRequest(assuming=query_pb2.Assumed(n=n, at=at))
    except ValueError:  # half a surrogate pair
        return
    check_estimate(message.SerializeToString())


_PIECES = [
    "SELECT",
    "FROM",
    "WHERE",
    "GROUP",
    "BY",
    "COUNT",
    "SUM",
    "AVG",
    "DISTINCT",
    "AND",
    "OR",
    "NOT",
    "IN",
    "IS",
    "NULL",
    "BETWEEN",
    "DATE",
    "AS",
    "TRUE",
    "OPTION",
    "(",
    ")",
    ",",
    "*",
    "=",
    "<>",
    "<",
    ".",
    ";",
    "-",
    "'x'",
    '"q"',
    "1",
    "2.5",
    "a",
    "b",
    "d",
    "[",
    "--",
    "/*",
    "'2024-01-31'",
    "max_rows",
    "\n",
    "patient",
    "patient.a",
    "patient IN ( SELECT patient FROM d WHERE",
    "d.a - INTERVAL '1' DAY",
    "d.a",
    "+",
    "INTERVAL",
    "HAVING COUNT ( * ) >=",
    "AGE (",
    "BAND (",
    "DATE_TRUNC ( 'month' ,",
    "PROPORTION (",
    "CLAMP (",
    "LAST (",
]


@settings(ORDINARY, max_examples=200)
@given(st.lists(st.sampled_from(_PIECES), max_size=25).map(" ".join) | st.text(max_size=40))
@example("SELECT COUNT ( * ) AS COUNT FROM d")
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    for begin in ("", "SELECT ", "SELECT COUNT(*) FROM d WHERE ", "SELECT a, COUNT(*) FROM d GROUP BY a "):
        try:
            query = parse_query(begin + text).query
        except InvalidQuery as error:
            assert error.reason.startswith("SQL_")
            assert error.violations[0].line >= 1
            assert error.violations[0].column >= 1
        else:
            assert parse_query(to_sql(query)).query == query


# --- completeness: whatever the language has, the strategies above generate


@functools.cache
def generated() -> frozenset[object]:
    """Every node class, enumerated word and optional part that 600 random questions hold."""
    seen: set[object] = set()

    @settings(max_examples=600, database=None, derandomize=True, deadline=None, phases=[Phase.generate])
    @given(queries())
    def collect(message: query_pb2.Query) -> None:
        seen.update(walk(query_from_wire(message)))

    collect()
    return frozenset(seen)


def walk(value: object) -> Iterator[object]:
    """The class of every value in a question, (class, field) of what is there, and each enumerated word."""
    if isinstance(value, tuple):
        for part in value:
            yield from walk(part)
    elif isinstance(value, StrEnum):
        yield value
    else:
        yield type(value)
        if is_dataclass(value):
            for field in fields(value):
                part = getattr(value, field.name)
                if part is not None and part != ():
                    yield type(value), field.name
                    yield from walk(part)


def words_of(form: object) -> set[object]:
    """What a type of the domain is made of, all the way down: classes, optional fields, enumerated words."""
    found: set[object] = set()
    waiting = [form]
    while waiting:
        form = waiting.pop()
        if form in found or form in (type(None), Ellipsis):
            continue
        if get_args(form):
            waiting += get_args(form)
        elif isinstance(form, type) and issubclass(form, StrEnum):
            found |= {form, *form}
        elif isinstance(form, ForwardRef):
            waiting.append(getattr(query_words, form.__forward_arg__))
        else:
            found.add(form)
            if is_dataclass(form):
                hints = get_type_hints(form)
                found |= {(form, field.name) for field in fields(form)}
                waiting += [hints[field.name] for field in fields(form)]
    return {word for word in found if not (isinstance(word, type) and issubclass(word, StrEnum))}


def test_words_are_found_all_the_way_down() -> None:
    words = words_of(Query)
    assert {InCohort, Window, Age, Attribute, Band, Truncated, Decimal, date, bool} <= words
    assert {*DateUnit, *ReducerKind, *Operator, *MeasureKind} <= words
    assert {(Window, "first"), (Measure, "bounds"), (InCohort, "where")} <= words


@pytest.mark.parametrize("form", sorted(words_of(Query), key=str))
def test_every_form_is_generated(form: object) -> None:
    assert form in generated()


def test_ends_of_windows_are_left_open_and_cohorts_lie_in_cohorts() -> None:
    seen: set[object] = set()

    @settings(max_examples=600, database=None, derandomize=True, deadline=None, phases=[Phase.generate])
    @given(predicates)
    def collect(message: query_pb2.Predicate) -> None:
        for part in parts_of(read_predicate(message)):
            if isinstance(part, InCohort):
                if part.window is not None:
                    seen.add((part.window.first is None, part.window.last is None))
                for inner in parts_of(part.where):
                    if isinstance(inner, InCohort):
                        # Whose window is whose shows only where one of the two has none.
                        seen.add(f"{part.window is not None} {inner.window is not None}")

    collect()
    assert {(False, False), (True, False), (False, True)} <= seen
    assert {"True True", "True False", "False True", "False False"} <= seen
