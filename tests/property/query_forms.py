"""What a random question looks like: messages as a caller may send them, built without our own code."""

from __future__ import annotations

from datetime import date
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


_compares = st.builds(
    lambda column, operator, value: _predicate(
        "compare", query_pb2.Comparison(column=column, operator=operator, value=value)
    ),
    names,
    st.sampled_from(query_pb2.Comparison.Operator.values()[1:]),
    literals,
)
_memberships = st.builds(
    lambda column, values: _predicate("one_of", query_pb2.Membership(column=column, values=values)),
    names,
    st.lists(literals, min_size=1, max_size=4),
)
_missings = st.builds(lambda column: _predicate("is_missing", query_pb2.Missing(column=column)), names)


def _compound(inner: st.SearchStrategy[query_pb2.Predicate]) -> st.SearchStrategy[query_pb2.Predicate]:
    several = st.lists(inner, min_size=2, max_size=4)
    return st.one_of(
        inner.map(lambda operand: _predicate("not", operand)),
        several.map(lambda operands: _predicate("and", query_pb2.Predicates(operands=operands))),
        several.map(lambda operands: _predicate("or", query_pb2.Predicates(operands=operands))),
    )


predicates = st.recursive(st.one_of(_compares, _memberships, _missings), _compound, max_leaves=12)


@st.composite
def queries(draw: st.DrawFn, named: bool = True) -> query_pb2.Query:
    """A question; where `named` is false its measures have no names of their own."""
    kinds = draw(st.lists(st.integers(1, 4), min_size=1, max_size=5))
    keys = draw(st.lists(names, max_size=4, unique=True))
    titles = draw(
        st.lists(names.filter(lambda n: n not in keys), min_size=len(kinds), max_size=len(kinds), unique=True)
    )
    measures = [
        query_pb2.Measure(
            kind=query_pb2.Measure.Kind.Name(kind),
            column=draw(names) if kind > 2 else "",
            name=title if named else "",
        )
        for kind, title in zip(kinds, titles, strict=True)
    ]
    bounds = st.sampled_from([0, 0, 1, 2**31 - 1])
    return query_pb2.Query(
        dataset=draw(names),
        where=draw(predicates) if draw(st.integers(0, 4)) else None,
        group_by=keys,
        measures=measures,
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
