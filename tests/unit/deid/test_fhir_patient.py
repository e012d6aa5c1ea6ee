"""A FHIR Patient becomes a record; hostile shapes are refused without a value in the error."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.deid.fhir_patient import name_of, record_of
from gateway.domain.deid import Address, HumanName, Identifier, PatientRecord
from gateway.domain.deid import IdentifierType as T
from gateway.errors import InvalidRequest

V2 = "http://terminology.hl7.org/CodeSystem/v2-0203"
PATIENT: dict[str, object] = {
    "resourceType": "Patient",
    "identifier": [
        {
            "type": {"coding": [{"system": V2, "code": "MR"}]},
            "value": "00123456",
            "assigner": {"display": "Elm Hospital"},
        },
        {"system": "http://hl7.org/fhir/sid/us-ssn", "value": "123-45-6789"},
        {"type": {"coding": [{"code": "DL"}]}, "value": "S99912345"},
        {"type": {"coding": [{"code": "PPN"}]}, "value": "X1234567X"},
        {"type": {"coding": [{"code": "MB"}]}, "value": "XYZ987654321"},
        {"system": "https://example.org/other", "value": "8be7-44"},
    ],
    "name": [
        {"use": "official", "prefix": ["Mrs."], "given": ["Ana María", "Q"], "family": "Ruiz-Vega"},
        {"use": "maiden", "family": "Ortega"},
        {"use": "nickname", "text": "Anita Ruiz-Vega"},
    ],
    "telecom": [
        {"system": "phone", "value": "555-010-1234"},
        {"system": "fax", "value": "555-010-9999"},
        {"system": "email", "value": "mailto:ana.ruiz@example.org"},
        {"system": "url", "value": "https://example.org/ana"},
        {"value": "+34 612 345 678"},
    ],
    "gender": "female",
    "birthDate": "1956-03-05",
    "deceasedDateTime": "2021-07-09T10:00:00+02:00",
    "address": [
        {
            "line": ["12 Elm Street", "Apt 4"],
            "city": "Springfield",
            "district": "Hampden",
            "state": "MA",
            "postalCode": "01101",
            "country": "US",
            "period": {"start": "2010"},
        },
        {"text": "9 Oak Avenue, Salem"},
    ],
    "contact": [
        {
            "name": {"given": ["Luis"], "family": "Ruiz"},
            "telecom": [{"system": "phone", "value": "555-010-7777"}],
            "address": {"line": ["1 Pine Road"]},
            "organization": {"display": "Pine Foundry Ltd"},
        }
    ],
    "generalPractitioner": [{"reference": "Practitioner/7", "display": "Dr. Karl Brandt"}],
    "managingOrganization": {"display": "Elm Hospital"},
    "contained": [
        {"resourceType": "Practitioner", "name": [{"text": "Chen, Wei"}]},
        {"resourceType": "Organization", "name": "Birch Clinic", "alias": ["BIRC"]},
        {"resourceType": "Binary", "data": "AAAA"},
    ],
    "extension": [
        {"url": "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName", "valueString": "Pardo"},
        {
            "url": "http://hl7.org/fhir/StructureDefinition/patient-birthPlace",
            "valueAddress": {"city": "Toledo"},
        },
        {"url": "http://example.org/score", "valueDecimal": 3.5},
    ],
    "photo": [{"data": "AAAA"}],
}


def test_a_whole_patient() -> None:
    assert record_of(PATIENT) == PatientRecord(
        names=(
            HumanName(given=("Ana", "María", "Q"), family=("Ruiz-Vega",)),
            HumanName(family=("Ortega",)),
            HumanName(given=("Anita",), family=("Ruiz-Vega",)),
        ),
        others=(
            HumanName(given=("Luis",), family=("Ruiz",)),
            HumanName(family=("Pardo",)),
            HumanName(given=("Karl",), family=("Brandt",)),
            HumanName(given=("Wei",), family=("Chen",)),
        ),
        gender="female",
        birth_date=date(1956, 3, 5),
        dates=(date(2021, 7, 9),),
        phones=("555-010-1234", "+34 612 345 678", "555-010-7777"),
        emails=("ana.ruiz@example.org",),
        urls=("https://example.org/ana",),
        addresses=(
            Address(
                line=("12 Elm Street", "Apt 4"),
                city="Springfield",
                district="Hampden",
                state="MA",
                postal_code="01101",
                country="US",
            ),
            Address(line=("9 Oak Avenue", "Salem")),
            Address(line=("1 Pine Road",)),
            Address(city="Toledo"),
        ),
        organizations=("Pine Foundry Ltd", "Elm Hospital", "Birch Clinic", "BIRC"),
        identifiers=(
            Identifier(type=T.MRN, value="00123456"),
            Identifier(type=T.SSN, value="123-45-6789"),
            Identifier(type=T.LICENSE, value="S99912345"),
            Identifier(type=T.PASSPORT, value="X1234567X"),
            Identifier(type=T.HEALTH_PLAN, value="XYZ987654321"),
            Identifier(type=T.ID, value="8be7-44"),
            Identifier(type=T.FAX, value="555-010-9999"),
        ),
    )


@pytest.mark.parametrize(
    ("own", "values"),
    [("0f5be8a2-9a77-4c1e", ("0f5be8a2-9a77-4c1e",)), ("patient-1", ()), ("12345678", ("12345678",))],
)
def test_the_resource_id_counts_where_it_is_telling(own: str, values: tuple[str, ...]) -> None:
    assert tuple(each.value for each in record_of({"id": own}).identifiers) == values


def test_nothing_known_is_an_empty_record() -> None:
    assert record_of({"resourceType": "Patient"}) == PatientRecord()
    assert record_of({"resourceType": "Patient", "name": None, "birthDate": None}) == PatientRecord()


@pytest.mark.parametrize(
    ("text", "day", "month"),
    [
        ("1956-03-05", date(1956, 3, 5), None),
        ("1956-03-05T00:00:00Z", date(1956, 3, 5), None),
        ("1956-03", None, (1956, 3)),
        ("1956", None, None),
    ],
)
def test_birth_dates_may_be_partial(text: str, day: date | None, month: tuple[int, int] | None) -> None:
    record = record_of({"birthDate": text})
    assert (record.birth_date, record.birth_month) == (day, month)


@pytest.mark.parametrize(
    ("text", "given_names", "family"),
    [
        ("Smith, John Paul", ("John", "Paul"), ("Smith",)),
        ("Dr. John Paul Smith", ("John", "Paul"), ("Smith",)),
        ("John Smith, MD", ("John",), ("Smith",)),
        ("王小明", ("小明",), ("王",)),
        ("Smith", (), ("Smith",)),
        ("Pieter van der Berg", ("Pieter",), ("van der Berg",)),
        ("John Smith III", ("John",), ("Smith",)),
        ("", (), ()),
    ],
)
def test_a_name_in_one_text(text: str, given_names: tuple[str, ...], family: tuple[str, ...]) -> None:
    assert name_of(text) == HumanName(given=given_names, family=family)


CANARY = "Zyxwv-Canary"


@pytest.mark.parametrize(
    "wrong",
    [
        {"resourceType": CANARY},
        {"name": CANARY},
        {"name": [[{"family": CANARY}]]},
        {"name": {"family": {"value": CANARY}}},
        {"name": {"given": [[CANARY]]}},
        {"name": {"family": True}},
        {"name": {"family": CANARY * 1000}},
        {"name": [{"family": CANARY}] * 201},
        {"birthDate": CANARY},
        {"birthDate": "1956-02-30"},
        {"birthDate": "1956-13"},
        {"birthDate": "0000-01-01"},
        {"deceasedDateTime": CANARY},
        {"address": [CANARY]},
        {"telecom": 7},
        {"identifier": [{"value": [CANARY]}]},
        {"contained": CANARY},
        {"extension": [{"url": {"x": CANARY}}]},
    ],
)
def test_a_wrong_shape_is_refused_without_its_values(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidRequest) as caught:
        record_of(wrong)
    assert caught.value.reason == "PATIENT_INVALID"
    assert "Canary" not in str(caught.value) and caught.value.__cause__ is None


@pytest.mark.parametrize(
    "tolerated",
    [
        {"name": {"family": "Ruiz"}},
        {"name": [None, {"family": "Ruiz", "given": None}]},
        {"name": [{"text": "Ruiz"}]},
    ],
)
def test_a_usable_shape_is_read(tolerated: dict[str, object]) -> None:
    assert record_of(tolerated).names == (HumanName(family=("Ruiz",)),)


def test_a_number_is_read_as_text() -> None:
    assert record_of({"identifier": {"value": 123456}}).identifiers == (
        Identifier(type=T.ID, value="123456"),
    )
    assert record_of({"deceasedDateTime": True}).dates == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["family", "given", "text", "value", "system", "url", "line", "name", "coding", "_family"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from([*PATIENT, "birthDate"]), JSON, max_size=4))
def test_any_json_is_a_record_or_the_one_error(resource: dict[str, object]) -> None:
    try:
        record = record_of(resource)
    except InvalidRequest as error:
        assert error.reason == "PATIENT_INVALID"
    else:
        assert isinstance(record, PatientRecord) and hash(record) is not None


def test_a_resource_is_only_read() -> None:
    before = json.dumps(PATIENT)
    record_of(PATIENT)
    assert json.dumps(PATIENT) == before
