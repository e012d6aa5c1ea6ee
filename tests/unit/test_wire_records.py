"""Requests for notes off the wire: each wrong field is named, beside the request that is read."""

from __future__ import annotations

from datetime import date

import pytest

from gateway import wire
from gateway.client.records import notes_request
from gateway.domain.deid import Deidentified, IdentifierType, Span
from gateway.domain.query import Compare, Operator
from gateway.errors import GatewayError, InvalidQuery, InvalidRequest
from gateway.query.sql import parse_predicate
from gateway.v1 import query_pb2, record_pb2

WHERE = parse_predicate(
    "written >= DATE '2026-01-01' AND patient_id IN (SELECT patient_id FROM conditions WHERE code = 'E11')",
    "notes",
)
GOOD = notes_request("a", "notes", WHERE, ["kind"], 10, "token")


def changed(**given: object) -> record_pb2.StreamNotesRequest:
    request = record_pb2.StreamNotesRequest()
    request.CopyFrom(GOOD)
    request.MergeFrom(record_pb2.StreamNotesRequest(**given))  # type: ignore[arg-type]
    return request


def test_a_request_is_read_as_it_was_written() -> None:
    assert wire.notes_from_wire(GOOD) == ("a", "notes", WHERE, ("kind",))
    assert (GOOD.page_size, GOOD.page_token) == (10, "token")
    assert wire.notes_from_wire(notes_request("a", "n", "x = 1", None, 0, "")) == ("a", "n", "x = 1", None)
    assert wire.notes_from_wire(notes_request("a", "n", None, [], 0, "")) == ("a", "n", None, ())


def deep() -> query_pb2.Predicate:
    inner = query_pb2.Predicate(is_missing=query_pb2.Missing(column="x"))
    for _ in range(30):
        outer = query_pb2.Predicate()
        getattr(outer, "not").CopyFrom(inner)
        inner = outer
    return inner


@pytest.mark.parametrize(
    ("request_", "kind", "field", "reason"),
    [
        (record_pb2.StreamNotesRequest(dataset="n"), InvalidRequest, "agreement", "REQUEST_INVALID"),
        (record_pb2.StreamNotesRequest(agreement="a"), InvalidQuery, "dataset", "QUERY_INVALID"),
        (
            record_pb2.StreamNotesRequest(agreement="a", dataset="n", where=query_pb2.Predicate()),
            InvalidQuery,
            "where",
            "QUERY_INVALID",
        ),
        (
            record_pb2.StreamNotesRequest(agreement="a", dataset="n", where=deep()),
            InvalidQuery,
            "where",
            "QUERY_TOO_DEEP",
        ),
        (
            changed(columns=record_pb2.ColumnNames(names=[""])),
            InvalidQuery,
            "columns.names[1]",
            "QUERY_INVALID",
        ),
        (
            changed(columns=record_pb2.ColumnNames(names=["x"] * 100)),
            InvalidRequest,
            "columns.names",
            "REQUEST_INVALID",
        ),
    ],
)
def test_what_is_wrong_is_named(
    request_: record_pb2.StreamNotesRequest, kind: type[GatewayError], field: str, reason: str
) -> None:
    with pytest.raises(kind) as refused:
        wire.notes_from_wire(request_)
    assert refused.value.reason == reason
    assert refused.value.violations[0].field == field


def test_what_cannot_be_sent_is_refused_before() -> None:
    for given in ((("\ud800",), 0), (("x",), 2**40)):
        with pytest.raises(InvalidRequest):
            notes_request("a", "n", None, *given, "")
    condition = Compare(column="d", operator=Operator.EQ, value=date(2026, 1, 1))
    assert wire.notes_from_wire(notes_request("a", "n", condition, None, 0, ""))[2] == condition


def test_spans_of_notes_are_counted_and_those_of_own_text_are_sent() -> None:
    spans = tuple(
        Span(start=i, end=i + 1, type=kind, score=0.5, source="model")
        for i, kind in enumerate((IdentifierType.NAME, IdentifierType.NAME, IdentifierType.DATE))
    )
    outcome = Deidentified(id="1", text="abc", spans=spans, language="en", context={"kind": "letter"})
    note = wire.note_to_wire(outcome)
    assert dict(note.identifiers) == {"NAME": 2, "DATE": 1}
    assert "spans" not in {field.name for field in note.DESCRIPTOR.fields}
    text = wire.text_to_wire(outcome)
    assert [(span.start, span.end, span.type) for span in text.spans] == [
        (0, 1, "NAME"),
        (1, 2, "NAME"),
        (2, 3, "DATE"),
    ]
