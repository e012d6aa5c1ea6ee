"""The mapping from FHIR in dataset files: words, golden faults, and the digest of what was read in."""

from __future__ import annotations

import pytest

from gateway.errors import PolicyInvalid
from gateway.mapping import fhir_tables, mapped
from gateway.policy.datasets import dataset_words, population_words
from gateway.policy.faults import Faults
from gateway.policy.load import load
from gateway.sources.fhirpath import parse_criterion, parse_path
from gateway.sources.words import FhirTable, RowForm
from tests.unit.policy.sets import FILES as OTHERS

DATASET = "datasets/labs.yaml"
TEXT = """\
dataset: labs
title: Labs
population: patients
patient: patient_id
row_key: lab_id
max_groups: 3
max_rows: 5
fhir:
  resource: Observation
  where: "status != 'entered-in-error'"
  columns:
    patient_id: subject.getReferenceKey(Patient)
    day:
      - effective.ofType(dateTime)
      - effective.ofType(Period).start
  rows:
    - columns: {value: value.ofType(Quantity).value}
    - each: component
      where: value.ofType(Quantity).exists()
      columns: {value: value.ofType(Quantity).value}
columns:
  patient_id: {type: identifier}
  lab_id: {type: identifier}
  day: {type: date}
  value: {type: number}
"""


def _files(text: str = TEXT) -> dict[str, bytes]:
    return {"populations/patients.yaml": OTHERS["populations/patients.yaml"].encode(), DATASET: text.encode()}


def _faults(text: str) -> tuple[str, ...]:
    faults = Faults()
    loaded = load(_files(text), faults)
    dataset_words(loaded, population_words(loaded), faults)
    mapped(loaded, faults)
    return tuple(str(fault) for fault in faults.found)


def test_the_words_of_a_mapping() -> None:
    value = {"value": (parse_path("value.ofType(Quantity).value"),)}
    assert fhir_tables(_files()) == {
        "labs": FhirTable(
            dataset="labs",
            resource="Observation",
            row_key="lab_id",
            where=parse_criterion("status != 'entered-in-error'"),
            columns={
                "patient_id": (parse_path("subject.getReferenceKey(Patient)"),),
                "day": (
                    parse_path("effective.ofType(dateTime)"),
                    parse_path("effective.ofType(Period).start"),
                ),
            },
            forms=(
                RowForm(each=None, where=None, columns=value),
                RowForm(
                    each=parse_path("component"),
                    where=parse_criterion("value.ofType(Quantity).exists()"),
                    columns=value,
                ),
            ),
        )
    }


def test_a_mapping_without_rows_makes_one_row_of_each_resource() -> None:
    lines = TEXT.split("\n")
    text = "\n".join([*lines[:15], "    value: value.ofType(Quantity).value", *lines[20:]])
    (table,) = fhir_tables(_files(text)).values()
    assert table.forms == (RowForm(each=None, where=None, columns={}),)
    assert fhir_tables({path: text.encode() for path, text in OTHERS.items()}) == {}


CASES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "resource name": (
        "resource: Observation",
        "resource: observation",
        ("9:13: 'resource' is not well formed (letters, the first a capital)",),
    ),
    "unknown field": (
        '  where: "status',
        '  were: "status',
        ("10:3: unknown field 'were' (did you mean 'where'?)",),
    ),
    "a path": (
        "subject.getReferenceKey(Patient)",
        "subject.getReferenceKey('Patient')",
        ("12:41: ')' is missing here",),
    ),
    "a path of a list": (
        "- effective.ofType(Period).start",
        "- effective.oftype(Period).start",
        (
            "15:19: there is no function 'oftype' here "
            "(known: first where ofType extension getResourceKey getReferenceKey decode)",
        ),
    ),
    "a criterion": (
        "status != 'entered-in-error'",
        "status = entered",
        ("10:20: a text is missing here (write it in '...')",),
    ),
    "the path of each": ("each: component", "each: component.", ("18:23: a name is missing here",)),
    "the criterion of each": (
        "where: value.ofType(Quantity).exists()",
        "where: value.ofType(Quantity)",
        ("19:36: a comparison is missing here (= '...', != '...', .exists())",),
    ),
    "no such column": (
        "    day:",
        "    dai:",
        ("8:1: the column 'day' has no path", "13:5: there is no column 'dai' (did you mean 'day'?)"),
    ),
    "the row key": (
        "    day:",
        "    lab_id: id\n    day:",
        ("13:5: the row key is made of the resource's id",),
    ),
    "a column twice": (
        "    day:",
        "    value: value.ofType(Quantity).value\n    day:",
        (
            "18:17: 'value' is the same in every row already",
            "21:17: 'value' is the same in every row already",
        ),
    ),
    "a patient of the row": (
        "    patient_id: subject.getReferenceKey(Patient)\n    day:\n      - effective.ofType(dateTime)\n"
        "      - effective.ofType(Period).start\n  rows:\n    - columns: {",
        "    day: effective.ofType(dateTime)\n  rows:\n    - columns: {patient_id: subject.id, ",
        ("8:1: every row of a resource belongs to the same patient",),
    ),
    "two rows of the resource": (
        "    - each: component\n",
        "    - \n",
        ("19:7: a second row of the resource itself (use each)",),
    ),
    "no path at all": ("value: value.ofType(Quantity).value", "", ("8:1: the column 'value' has no path",)),
    "a path that is no text": (
        "patient_id: subject.getReferenceKey(Patient)",
        "patient_id: 7",
        ("12:17: 'patient_id' must be a list",),
    ),
    "an empty list": (
        "patient_id: subject.getReferenceKey(Patient)",
        "patient_id: []",
        ("12:17: 'patient_id' must not be empty",),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_fault_is_named_and_placed(name: str) -> None:
    old, new, expected = CASES[name]
    assert old in TEXT
    assert _faults(TEXT) == ()  # the twin
    assert _faults(TEXT.replace(old, new)) == tuple(f"{DATASET}:{fault}" for fault in expected)


def test_a_set_with_a_fault_gives_no_mapping() -> None:
    with pytest.raises(PolicyInvalid) as refused:
        fhir_tables(_files(TEXT.replace("each: component", "each: component.")))
    assert refused.value.reason == "POLICY_INVALID"
    assert set(fhir_tables(_files())) == {"labs"}


def _source_digest(text: str) -> str:
    faults = Faults()
    loaded = load(_files(text), faults)
    return dataset_words(loaded, population_words(loaded), faults)["labs"].source_digest


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("resource: Observation", "resource: Procedure"),
        ("'entered-in-error'", "'cancelled'"),
        ("Period).start", "Period).end"),
        ("each: component", "each: contained"),
    ],
)
def test_another_mapping_is_other_data(old: str, new: str) -> None:
    assert _source_digest(TEXT) != _source_digest(TEXT.replace(old, new))
    assert _source_digest(TEXT) == _source_digest(TEXT.replace("title: Labs", "title: Tests"))
