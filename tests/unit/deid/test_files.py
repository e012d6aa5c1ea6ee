"""Lines of files: every bad line has its reason and says nothing of itself; its good twin is a document."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.deid.files import Line, no_patients, read_line, read_text, written
from gateway.domain.deid import Deidentified, HumanName, IdentifierType, PatientRecord, Span, Withheld
from gateway.errors import InvalidRequest

CANARY = "Rosalind"
KNOWN = PatientRecord(names=(HumanName(given=("Rosalind",), family=("Ortiz",)),))


def patients(key: str) -> PatientRecord | None:
    if key == "broken":
        raise InvalidRequest("unreadable", reason="PATIENT_INVALID")
    return KNOWN if key == "p1" else None


def line(content: bytes | dict[str, Any] | None, language: str = "") -> Line:
    encoded = json.dumps(content).encode() if isinstance(content, dict) else content
    return read_line(encoded, patients, number=7, end=99, language=language)


def test_a_line_is_a_document() -> None:
    found = line({"id": "n1", "text": CANARY, "language": "EN-us", "patient_id": "Patient/p1", "ward": "B2"})
    assert (found.number, found.end, found.id, found.reason) == (7, 99, "n1", "")
    document = found.document
    assert document is not None
    assert (document.id, document.text, document.language) == ("n1", CANARY, "en")
    assert (document.subject, document.record, document.context) == ("p1", KNOWN, {})


def test_a_patient_on_the_line_is_read() -> None:
    resource = {"resourceType": "Patient", "id": "p9", "name": [{"family": "Ortiz", "given": ["Rosalind"]}]}
    document = line({"id": 4, "text": "", "patient": resource}).document
    assert document is not None
    assert (document.id, document.text, document.subject) == ("4", "", "p9")
    assert document.record is not None
    assert document.record.names[0].family == ("Ortiz",)
    other = line({"id": 4, "text": "", "patient": resource, "patient_id": "p1"}).document
    assert other is not None
    assert (other.subject, other.record) == ("p1", document.record)


def test_a_language_holds_where_the_line_names_none() -> None:
    plain, own = line({"id": "a", "text": "x"}, "es"), line({"id": "a", "text": "x", "language": "zh"}, "es")
    assert plain.document is not None
    assert own.document is not None
    assert (plain.document.language, own.document.language) == ("es", "zh")


BAD = [
    (None, "LINE_TOO_LONG"),
    (b'{"id":"n1","text":"' + CANARY.encode() + b'\xff"}', "INVALID_UTF8"),
    (b'{"id":"n1","text":"' + CANARY.encode(), "INVALID_JSON"),
    (b'["n1","' + CANARY.encode() + b'"]', "INVALID_JSON"),
    (b"[" * 200_000, "INVALID_JSON"),
    (b'{"id":"n1","text":"a","text":"' + CANARY.encode() + b'"}', "INVALID_JSON"),
    ({"text": CANARY}, "ID_MISSING"),
    ({"id": "", "text": CANARY}, "ID_MISSING"),
    ({"id": True, "text": CANARY}, "ID_MISSING"),
    ({"id": [CANARY], "text": CANARY}, "ID_MISSING"),
    ({"id": "x" * 1001, "text": CANARY}, "ID_MISSING"),
    (b'{"id":"\\ud800","text":"x"}', "ID_MISSING"),
    ({"id": "n1"}, "TEXT_MISSING"),
    ({"id": "n1", "text": None}, "TEXT_MISSING"),
    ({"id": "n1", "text": [CANARY]}, "TEXT_MISSING"),
    (b'{"id":"n1","text":"\\udc00 Rosalind"}', "INVALID_UTF8"),
    ({"id": "n1", "text": CANARY, "language": CANARY}, "LANGUAGE_INVALID"),
    ({"id": "n1", "text": CANARY, "language": 3}, "LANGUAGE_INVALID"),
    ({"id": "n1", "text": CANARY, "patient_id": CANARY}, "PATIENT_UNKNOWN"),
    ({"id": "n1", "text": CANARY, "patient_id": ""}, "PATIENT_INVALID"),
    ({"id": "n1", "text": CANARY, "patient_id": ["p1"]}, "PATIENT_INVALID"),
    ({"id": "n1", "text": CANARY, "patient_id": "broken"}, "PATIENT_INVALID"),
    ({"id": "n1", "text": CANARY, "patient": CANARY}, "PATIENT_INVALID"),
    ({"id": "n1", "text": CANARY, "patient": {"name": 3.5, "birthDate": {}}}, "PATIENT_INVALID"),
]


@pytest.mark.parametrize(("content", "reason"), BAD)
def test_a_bad_line_is_withheld_and_not_quoted(content: bytes | dict[str, Any] | None, reason: str) -> None:
    found = line(content)
    assert (found.document, found.reason) == (None, reason)
    out = json.loads(written(found, None))
    assert out["withheld"] == reason
    assert CANARY not in json.dumps({**out, "id": ""})
    assert ("line" in out) == (out["id"] is None)


def test_null_is_as_good_as_absent() -> None:
    document = line({"id": "n1", "text": "x", "patient": None, "patient_id": None, "language": None}).document
    assert document is not None
    assert (document.subject, document.record, document.language) == ("", None, "")


def test_whoever_is_named_is_unknown_without_a_file_of_patients() -> None:
    content = b'{"id":"n1","text":"x","patient_id":"p1"}'
    assert read_line(content, no_patients, number=1, end=1).reason == "PATIENT_UNKNOWN"


@given(st.binary(max_size=60) | st.text(max_size=30).map(lambda text: json.dumps({"id": text}).encode()))
def test_any_bytes_are_a_line(content: bytes) -> None:
    found = line(content)
    assert (found.document is None) == bool(found.reason)
    assert written(found, None).endswith(b"\n")


def test_a_file_of_text_is_a_document_as_it_stands() -> None:
    found = read_text("\ufeffé\r\n".encode(), "a/b.txt", number=3, language="en")
    assert found.document is not None
    assert (found.id, found.document.text, found.document.language) == ("a/b.txt", "\ufeffé\r\n", "en")
    assert read_text(b"\xe9", "a.txt", number=1).reason == "INVALID_UTF8"
    assert read_text(None, "a.txt", number=1).reason == "LINE_TOO_LONG"


def test_what_is_written_is_the_contract() -> None:
    span = Span(start=1, end=9, type=IdentifierType.NAME, score=0.98765, source="model")
    outcome = Deidentified(id="4", text=" [NAME]", spans=(span,), language="en")
    found = line({"id": 4, "text": f" {CANARY}"})
    spans = [{"start": 1, "end": 9, "type": "NAME", "score": 0.988, "source": "model"}]
    assert json.loads(written(found, outcome)) == {
        "id": 4,
        "text": " [NAME]",
        "language": "en",
        "spans": spans,
    }
    assert json.loads(written(found, outcome, text=False)) == {"id": 4, "language": "en", "spans": spans}
    withheld = written(found, Withheld(id="4", reason="DETECTOR_TIMEOUT"))
    assert json.loads(withheld) == {"id": 4, "withheld": "DETECTOR_TIMEOUT"}
