"""Gold files: what is read, what is refused and where, and that nothing of a line is told."""

import json
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.deid.gold import MOST_FAULTS, Gold, read_gold
from gateway.domain.deid import IdentifierType
from gateway.errors import InvalidRequest

CANARY = "Wilhelmina Canary"
GOOD: dict[str, object] = {
    "id": "n1",
    "text": f"Seen: {CANARY}.",
    "spans": [{"start": 6, "end": 23, "type": "NAME"}],
    "patient": {
        "resourceType": "Patient",
        "id": "p1",
        "name": [{"family": "Canary", "given": ["Wilhelmina"]}],
    },
}


def line(**changes: object) -> bytes:
    content = {name: value for name, value in {**GOOD, **changes}.items() if value is not ...}
    return json.dumps(content).encode() + b"\n"


def read(*lines: bytes) -> list[Gold]:
    return list(read_gold(enumerate(lines, start=1)))


def test_a_line_is_a_document_with_its_spans_and_record() -> None:
    (gold,) = read(line())
    assert gold.document.text == f"Seen: {CANARY}."
    assert (gold.document.id, gold.document.subject, gold.document.language) == ("n1", "p1", "")
    assert gold.document.record is not None
    assert [(s.start, s.end, s.type) for s in gold.spans] == [(6, 23, IdentifierType.NAME)]


def test_patient_and_language_may_be_missing_and_blank_lines_are_none() -> None:
    (gold,) = read(b"\n", line(patient=..., language="en", more=1), b"  \r\n")
    assert gold.document.record is None
    assert gold.document.language == "en"


WRONG = {
    "no UTF-8": b'{"id": "\xff"}',
    "no JSON": b"{",
    "object": b"[1]",
    "id": line(id=...),
    "id must": line(id=True),
    "text must": line(text=None),
    "whole characters": b'{"id": "a", "text": "\\ud83d", "spans": []}',
    "language": line(language=3),
    "spans must": line(spans=...),
    "spans[0] must be an object": line(spans=["NAME"]),
    "whole numbers": line(spans=[{"start": 6.0, "end": 23, "type": "NAME"}]),
    "within the text": line(spans=[{"start": 6, "end": 25, "type": "NAME"}]),
    "not empty": line(spans=[{"start": 6, "end": 6, "type": "NAME"}]),
    "half-open": line(spans=[{"start": -1, "end": 6, "type": "NAME"}]),
    "type must": line(spans=[{"start": 6, "end": 23, "type": CANARY}]),
    "FHIR Patient": line(patient=CANARY),
    "patient:": line(patient={"resourceType": CANARY}),
}


@pytest.mark.parametrize("words", WRONG)
def test_a_wrong_line_is_refused_by_its_number_and_without_its_content(words: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read(line(id="other"), WRONG[words])
    (violation,) = refused.value.violations
    assert refused.value.reason == "GOLD_INVALID"
    assert violation.line == 2
    assert words in violation.description
    told = f"{refused.value.message} {violation}"
    assert "Canary" not in told and "Wilhelmina" not in told


def test_the_right_lines_are_read_before_the_wrong_ones_are_told() -> None:
    found: list[Gold] = []
    with pytest.raises(InvalidRequest, match="2 lines"):
        found.extend(read_gold(enumerate([b"{", line(), b"{"], start=1)))
    assert len(found) == 1


def test_a_line_that_was_too_long_to_be_read_is_told() -> None:
    with pytest.raises(InvalidRequest) as refused:
        list(read_gold([(7, None)]))
    assert [(v.line, v.description) for v in refused.value.violations] == [(7, "is too long")]


def test_an_id_is_there_once() -> None:
    with pytest.raises(InvalidRequest) as refused:
        read(line(), line())
    assert [(v.line, v.description) for v in refused.value.violations] == [(2, "id is there a second time")]
    assert len(read(line(), line(id="n2"))) == 2


@pytest.mark.parametrize("lines", [[], [b"\n"]])
def test_an_empty_file_is_refused(lines: Iterable[bytes]) -> None:
    with pytest.raises(InvalidRequest, match="no documents"):
        read(*lines)


def test_no_more_faults_are_told_than_can_be_read() -> None:
    with pytest.raises(InvalidRequest, match="100 lines") as refused:
        read(*[b"{"] * 100)
    assert len(refused.value.violations) == MOST_FAULTS


@given(st.lists(st.binary(max_size=60), max_size=5))
def test_any_bytes_are_read_or_refused(lines: list[bytes]) -> None:
    try:
        read(*lines)
    except InvalidRequest as refused:
        assert refused.reason == "GOLD_INVALID"
