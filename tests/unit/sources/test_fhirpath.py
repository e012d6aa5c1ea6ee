"""The FHIRPath subset: what it reads, what it refuses and where, and what its paths find."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import PolicyInvalid
from gateway.sources.evaluate import finder, holder, plain
from gateway.sources.fhirpath import parse_criterion, parse_path
from gateway.sources.references import reference_key
from gateway.sources.words import Criterion, Path


def find(path: Path, item: Any) -> list[Any]:
    return finder(path)(item)


def text_of(path: Path, item: Any) -> str | None:
    found = find(path, item)
    return plain(found[0]) if found else None


def holds(criterion: Criterion, item: Any) -> bool:
    return holder(criterion)(item)


OBSERVATION = {
    "resourceType": "Observation",
    "id": "o1",
    "status": "final",
    "code": {
        "coding": [
            {"system": "urn:local", "code": "BMI"},
            {"system": "http://loinc.org", "code": "39156-5", "userSelected": True},
        ]
    },
    "subject": {"reference": "Patient/p1"},
    "valueQuantity": {"value": 23.5, "code": "kg/m2"},
    "component": [{"code": {"text": "a"}}, None, {"code": {"text": "b"}}],
    "extension": [{"url": "urn:x", "valueCode": "M"}, {"url": "urn:it's", "valueInteger": 7}],
    "contained": [{"resourceType": "Patient", "id": "q"}, {"resourceType": "Medication", "id": "m"}],
    "note": [{"data": base64.b64encode("Ärzte".encode()).decode()}, {"data": "?"}, {"data": "/w=="}],
    "number": 1,
    "flag": False,
}

FOUND: dict[str, list[Any]] = {
    "status": ["final"],
    "nothing": [],
    "$this": [OBSERVATION],
    "code.coding.code.where($this = 'BMI')": ["BMI"],
    "status.below": [],
    "code.coding.code": ["BMI", "39156-5"],
    "code.coding.first().code": ["BMI"],
    "code.coding.where(system = 'http://loinc.org').code": ["39156-5"],
    "code.coding.where(system='http://loinc.org').first().code": ["39156-5"],
    "code.coding.where(system != 'http://loinc.org').code": ["BMI"],
    "code.coding.where(userSelected = true).code": ["39156-5"],
    "code.coding.where(userSelected.exists()).code": ["39156-5"],
    "code.coding.where(userSelected.empty()).code": ["BMI"],
    "code.coding.where(system.startsWith('http://') and code.exists()).code": ["39156-5"],
    "code.coding.where(code = 'x' or code = 'BMI' and system = 'urn:local').code": ["BMI"],
    "code.coding.where((code = 'x' or code = 'BMI') and system = 'y').code": [],
    "value.ofType(Quantity).value": [23.5],
    "value.ofType(string)": [],
    "component.code.text": ["a", "b"],
    "extension('urn:x').value.ofType(code)": ["M"],
    "extension('urn:it\\'s').value.ofType(integer)": [7],
    "extension('urn:z').value.ofType(code)": [],
    "contained.ofType(Medication).id": ["m"],
    "subject.getReferenceKey(Patient)": ["p1"],
    "subject.getReferenceKey()": ["p1"],
    "subject.getReferenceKey(Group)": [],
    "getResourceKey()": ["o1"],
    "note.data.decode('base64')": ["Ärzte"],
    "flag": [False],
}


@pytest.mark.parametrize("text", FOUND)
def test_what_a_path_finds(text: str) -> None:
    assert find(parse_path(text), OBSERVATION) == FOUND[text]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("status", "final"),
        ("value.ofType(Quantity).value", "23.5"),
        ("flag", "false"),
        ("extension('urn:it\\'s').value.ofType(integer)", "7"),
        ("code", None),
        ("nothing", None),
    ],
)
def test_plain_values_are_texts(text: str, value: str | None) -> None:
    assert text_of(parse_path(text), OBSERVATION) == value


# A text, the column of its fault (from 1), and the beginning of what is said. The twins are above.
REFUSED: dict[str, tuple[int, str]] = {
    "": (1, "a name is missing here"),
    "code..coding": (6, "a name is missing here"),
    "code.": (6, "a name is missing here"),
    "code coding": (6, "this does not belong to the path"),
    "code[0]": (5, "this is no part of a path"),
    "code.$this": (6, "'$this' is a path of its own"),
    "$this.code": (6, "this does not belong to the path"),
    "$that": (1, "this is no part of a path"),
    "code.coding.last()": (13, "there is no function 'last' here"),
    "code.exists()": (5, "this does not belong to the path"),
    "first()": (1, "'first' cannot begin a path"),
    "ofType(Quantity)": (1, "'ofType' cannot begin a path"),
    "code.getResourceKey()": (6, "'getResourceKey' can only begin a path"),
    "value.first().ofType(Quantity)": (15, "'ofType' follows the name of an element"),
    "value.ofType('Quantity')": (14, "the name of a type is missing here"),
    "value.ofType(Quantity": (22, "')' is missing here"),
    "code.coding.where(system)": (25, "a comparison is missing here"),
    "code.coding.where(system = loinc)": (28, "a text is missing here"),
    "code.coding.where(system = 'x' and)": (35, "a name is missing here"),
    "code.coding.where(system = 'x)": (28, "this is no part of a path"),
    "code.coding.where()": (19, "a name is missing here"),
    "code.coding.where(system.startsWith(x))": (37, "a text is missing here"),
    "note.decode('hex')": (13, "only base64 can be decoded"),
    "a.where(" * 6 + "b = 'c'" + ")" * 6: (49, "nested too deeply"),
    "a" * 501: (1, "the path is too long"),
    "Ä": (1, "this is no part of a path"),
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_path_is_refused_at_its_place(text: str) -> None:
    with pytest.raises(PolicyInvalid) as refused:
        parse_path(text)
    (fault,) = refused.value.violations
    assert (fault.line, fault.column) == (1, REFUSED[text][0])
    assert fault.description.startswith(REFUSED[text][1])
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(("text", "held"), [("status = 'final'", True), ("status != 'final'", False)])
def test_criteria_of_a_resource(text: str, held: bool) -> None:
    assert holds(parse_criterion(text), OBSERVATION) is held
    with pytest.raises(PolicyInvalid):
        parse_criterion(text + ")")


@pytest.mark.parametrize(
    "text",
    [
        "code.coding.code = 'BMI'",
        "code.coding.code != 'BMI'",
        "status = 1",
        "flag = 0",  # which Python takes for equal
        "number = true",
    ],
)
def test_a_comparison_wants_exactly_one_item_of_its_type(text: str) -> None:
    assert not holds(parse_criterion(text), OBSERVATION)
    assert holds(parse_criterion("status = 'final'"), OBSERVATION)


REFERENCES: dict[str, tuple[str | None, str | None]] = {
    "Patient/p-1.A": ("p-1.A", "p-1.A"),
    "Group/p1": (None, "p1"),
    "https://host.example/fhir/Patient/p1": ("p1", "p1"),
    "https://host.example/fhir/Patient/p1/_history/3": ("p1", "p1"),
    "Patient/p1/_history/3": ("p1", "p1"),
    "urn:uuid:8f2c-1": ("8f2c-1", "8f2c-1"),
    "urn:oid:2.999.1": ("2.999.1", "2.999.1"),
    "#p1": (None, None),
    "https://host.example/fhir/x#Patient/p1": (None, None),
    "Patient?identifier=7": (None, None),
    "Patient/": (None, None),
    "Patient/" + "p" * 64: ("p" * 64, "p" * 64),
    "Patient/" + "p" * 65: (None, None),
    "patient/p1": (None, None),
    "Patient/p1/x": (None, None),
    "p1": (None, None),
    "": (None, None),
}


@pytest.mark.parametrize("text", REFERENCES)
def test_the_id_of_a_reference(text: str) -> None:
    assert (reference_key(text, "Patient"), reference_key(text, "")) == REFERENCES[text]


NAMES = ["a", "b", "url", "reference", "id", "valueX", "resourceType"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda below: st.lists(below) | st.dictionaries(st.sampled_from(NAMES), below),
    max_leaves=20,
)
STEPS = st.sampled_from(
    [
        *("a", "b", "id", "first()", "value.ofType(X)", "contained.ofType(X)", "extension('a')"),
        *("where(a='x')", "where(a.exists())", "where(a.b=true)", "where(a.empty() or (b!=1))"),
        *("where(a.startsWith('x') and (b.exists()))", "decode('base64')"),
        *("getReferenceKey()", "getReferenceKey(Patient)"),
    ]
)
PATHS = st.lists(STEPS, min_size=1, max_size=4).map(lambda steps: ".".join(["a", *steps]))


@given(path=PATHS, value=JSON)
def test_the_evaluator_is_total(path: str, value: Any) -> None:
    before = repr(value)
    steps = parse_path(path)
    assert isinstance(find(steps, value), list)
    assert isinstance(text_of(steps, {"a": value}), str | None)
    assert isinstance(text_of(steps, {"a": [value, value]}), str | None)
    assert repr(value) == before  # nothing was changed


def test_a_number_too_long_to_write_is_no_value() -> None:
    assert text_of(parse_path("a"), {"a": 10**5000}) is None
    assert text_of(parse_path("a"), {"a": 10**50}) == "1" + "0" * 50


@given(text=st.text(alphabet="ab.()'= !\\wheredit[]0", max_size=60) | st.text(max_size=20))
def test_the_parser_is_total(text: str) -> None:
    for parse in (parse_path, parse_criterion):
        try:
            parse(text)
        except PolicyInvalid as refused:
            (fault,) = refused.violations
            assert 1 <= fault.column <= len(text) + 1
