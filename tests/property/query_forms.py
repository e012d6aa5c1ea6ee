"""What a random question looks like: messages as a caller may send them, built without our own code."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from hypothesis import strategies as st

from gateway.v1 import query_pb2

_PLAIN = ["age", "sex", "days", "date", "order", "next", "count", "n0", "select", "group"]
_ODD = ["Sex", "two words", 'a"b', "größe", "a.b", "--", "'", "/*", "[x]", ";", "\\", "年"]
names = st.sampled_from(_PLAIN + _ODD) | st.text(
    st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12
).filter(str.isprintable)

texts = st.sampled_from(["", "'", "''", "it's", "\\", "--", "/*", "[<30]", "a\r\nb", "\t", '"']) | st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12
)
integers = st.sampled_from([0, 1, -1, 2**63 - 1, -(2**63)]) | st.integers(-(2**63), 2**63 - 1)
decimals = st.sampled_from(["0.0000001", "-0", "-0.00", "100"]) | st.from_regex(
    r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?", fullmatch=True
)

literals = st.one_of(
    st.builds(lambda v: query_pb2.Literal(text=v), texts),
    st.builds(lambda v: query_pb2.Literal(boolean=v), st.booleans()),
    st.builds(lambda v: query_pb2.Literal(integer=v), integers),
    st.builds(lambda v: query_pb2.Literal(decimal=v), decimals),
    st.builds(lambda v: query_pb2.Literal(date=v.isoformat()), st.dates(date.min, date.max)),
)


def _predicate(form: str, value: Any) -> query_pb2.Predicate:
    fields: dict[str, Any] = {form: value}
    return query_pb2.Predicate(**fields)


days = st.dates(date.min, date.max).map(date.isoformat)
_ages = st.one_of(
    names.map(lambda name: query_pb2.Age(column=name)), days.map(lambda day: query_pb2.Age(date=day))
)
_dated = names.map(lambda name: {"column": name}) | names.map(lambda name: {"attribute": name})
subjects: st.SearchStrategy[dict[str, Any]] = _dated | _ages.map(lambda age: {"age": age})

_compares = st.builds(
    lambda subject, operator, value: _predicate(
        "compare", query_pb2.Comparison(**subject, operator=operator, value=value)
    ),
    subjects,
    st.sampled_from(query_pb2.Comparison.Operator.values()[1:]),
    literals,
)
_memberships = st.builds(
    lambda subject, values: _predicate("one_of", query_pb2.Membership(**subject, values=values)),
    subjects,
    st.lists(literals, min_size=1, max_size=4),
)
_missings = subjects.map(lambda subject: _predicate("is_missing", query_pb2.Missing(**subject)))


@st.composite
def _windows(draw: st.DrawFn) -> query_pb2.Window:
    ends = st.one_of(st.integers(-40_000, 40_000), st.sampled_from([0, 0, -1, 1, -40_000, 40_000]))
    first, last = sorted((draw(ends), draw(ends)))
    window = query_pb2.Window(column=draw(names), anchor=draw(names), first=first, last=last)
    for end in draw(st.sampled_from([[], ["first"], ["last"]])):
        window.ClearField(end)
    return window


@st.composite
def _cohorts(draw: st.DrawFn, within: st.SearchStrategy[query_pb2.Predicate]) -> query_pb2.Predicate:
    cohort = query_pb2.Cohort(dataset=draw(names), at_least=draw(st.sampled_from([1, 1, 2, 9_999, 10_000])))
    if draw(st.integers(0, 3)):
        cohort.where.CopyFrom(draw(within))
    if draw(st.booleans()):
        cohort.window.CopyFrom(draw(_windows()))
    return _predicate("in_cohort", cohort)


def _compound(inner: st.SearchStrategy[query_pb2.Predicate]) -> st.SearchStrategy[query_pb2.Predicate]:
    several = st.lists(inner, min_size=2, max_size=4)
    return st.one_of(
        inner.map(lambda operand: _predicate("not", operand)),
        several.map(lambda operands: _predicate("and", query_pb2.Predicates(operands=operands))),
        several.map(lambda operands: _predicate("or", query_pb2.Predicates(operands=operands))),
    )


def count_cohorts(message: query_pb2.Predicate) -> int:
    """How many cohorts a condition holds, those within cohorts included."""
    form = message.WhichOneof("form")
    if form == "in_cohort":
        return 1 + count_cohorts(message.in_cohort.where)
    if form == "not":
        return count_cohorts(getattr(message, "not"))
    return sum(map(count_cohorts, getattr(message, form).operands)) if form in ("and", "or") else 0


_plain = st.one_of(_compares, _memberships, _missings)
_inner = st.recursive(_plain, _compound, max_leaves=3)
_nested = _cohorts(_inner)
_middle = st.one_of(_nested, st.recursive(st.one_of(_plain, _nested), _compound, max_leaves=4))
_outer = _cohorts(_middle)
_leaves = st.one_of(_compares, _memberships, _missings, _outer, _outer)
# At most 8 cohorts in a question, whose last condition may hold 4 and the others 1 each.
predicates = st.recursive(_leaves, _compound, max_leaves=12).filter(lambda p: count_cohorts(p) <= 4)
_short = st.recursive(_plain | _nested, _compound, max_leaves=3).filter(lambda p: count_cohorts(p) <= 1)

_numbers = st.lists(decimals, min_size=2, max_size=6, unique_by=Decimal).map(lambda n: sorted(n, key=Decimal))


@st.composite
def _bands(draw: st.DrawFn, name: str) -> query_pb2.Grouping:
    of = query_pb2.Reference(**draw(subjects))
    edges = draw(_numbers)[draw(st.integers(0, 1)) :]
    return query_pb2.Grouping(band=query_pb2.Band(name=name, of=of, edges=edges))


@st.composite
def _truncations(draw: st.DrawFn, name: str) -> query_pb2.Grouping:
    first, last = sorted((draw(days), draw(days)))
    unit: Any = draw(st.sampled_from(query_pb2.Truncation.Unit.values()[1:]))
    dated: dict[str, Any] = draw(_dated)
    of = query_pb2.Reference(**dated)
    truncated = query_pb2.Truncation(name=name, of=of, unit=unit, first=first, last=last)
    return query_pb2.Grouping(truncated=truncated)


@st.composite
def groupings(draw: st.DrawFn, title: str, named: bool) -> query_pb2.Grouping:
    """A key that is titled so in the answer, where `named` is true or the key is a plain one."""
    given = title if named else ""
    return draw(
        st.one_of(
            st.just(query_pb2.Grouping(column=title)),
            st.just(query_pb2.Grouping(attribute=title)),
            _bands(given),
            _truncations(given),
        )
    )


@st.composite
def _measures(draw: st.DrawFn, name: str) -> query_pb2.Measure:
    kind: Any = draw(st.sampled_from(query_pb2.Measure.Kind.values()[1:]))
    measure = query_pb2.Measure(kind=kind, name=name)
    if kind in (query_pb2.Measure.KIND_SUM, query_pb2.Measure.KIND_MEAN):
        measure.column = draw(names)
        if draw(st.booleans()):
            low, high = draw(_numbers)[:2]
            measure.bounds.CopyFrom(query_pb2.Range(low=low, high=high))
    if kind == query_pb2.Measure.KIND_PROPORTION:
        measure.condition.CopyFrom(draw(_short))
        if draw(st.booleans()):
            reducer = query_pb2.Reducer(kind=draw(st.sampled_from([1, 2])), by=draw(names))  # type: ignore[arg-type]
            measure.reducer.CopyFrom(reducer)
    return measure


@st.composite
def queries(draw: st.DrawFn, named: bool = True) -> query_pb2.Query:
    """A question; where `named` is false, what is computed has no title of its own."""
    titles = draw(st.lists(names, min_size=1, max_size=8, unique=True))
    keys = draw(st.integers(0, min(4, len(titles) - 1)))
    figures = titles[keys:][:4]
    bounds = st.sampled_from([0, 0, 1, 2**31 - 1])
    return query_pb2.Query(
        dataset=draw(names),
        where=draw(predicates) if draw(st.integers(0, 4)) else None,
        group_by=[draw(groupings(title, named)) for title in titles[:keys]],
        measures=[draw(_measures(title if named else "")) for title in figures],
        max_groups=draw(bounds),
        max_rows=draw(bounds),
    )


_WILD = {
    FieldDescriptor.CPPTYPE_STRING: st.sampled_from(
        ["", "a", "0.5", "-1", "2024-01-31", "\0", "x" * 1025, "\u202e"]
    ),
    FieldDescriptor.CPPTYPE_INT32: st.sampled_from([0, 1, -1]),
    FieldDescriptor.CPPTYPE_INT64: st.sampled_from([0, -(2**63)]),
    FieldDescriptor.CPPTYPE_BOOL: st.booleans(),
    FieldDescriptor.CPPTYPE_ENUM: st.sampled_from([0, 1, 2, 3, 4, 6, 99, -1]),
}


@st.composite
def wild_requests(draw: st.DrawFn) -> query_pb2.RunQueryRequest:
    """A request with fields set at random, sensible or not: whatever protobuf itself lets through."""
    request = query_pb2.RunQueryRequest()
    _fill(draw, request, 8)
    return request


def _fill(draw: st.DrawFn, message: Message, depth: int) -> None:
    for field in message.DESCRIPTOR.fields:
        if not draw(st.integers(0, 3)) or not depth:
            continue
        inner = getattr(message, field.name)
        if field.message_type is None:
            values = _WILD[field.cpp_type]
            if field.is_repeated:
                inner.extend(draw(st.lists(values, max_size=3)))
            else:
                setattr(message, field.name, draw(values))
        elif field.is_repeated:
            for _ in range(draw(st.integers(0, 2))):
                _fill(draw, inner.add(), depth - 1)
        else:
            inner.SetInParent()
            _fill(draw, inner, depth - 1)
