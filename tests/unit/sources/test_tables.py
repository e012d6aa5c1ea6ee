"""Rows of a resource: shared columns, alternatives, one row for each item, keys that tell rows apart."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.sources.fhirpath import parse_criterion, parse_path
from gateway.sources.tables import rows_of
from gateway.sources.words import FhirTable, RowForm
from tests.unit.sources.test_fhirpath import JSON

COLUMNS = ("key", "patient", "day", "code", "value")
TABLE = FhirTable(
    dataset="observations",
    resource="Observation",
    row_key="key",
    where=parse_criterion("status != 'entered-in-error'"),
    columns={
        "patient": (parse_path("subject.getReferenceKey(Patient)"),),
        "day": (parse_path("effective.ofType(dateTime)"), parse_path("effective.ofType(Period).start")),
    },
    forms=(
        RowForm(
            each=None,
            where=parse_criterion("value.ofType(Quantity).exists() or component.empty()"),
            columns={
                "code": (parse_path("code.text"),),
                "value": (parse_path("value.ofType(Quantity).value"),),
            },
        ),
        RowForm(
            each=parse_path("component"),
            where=parse_criterion("code.exists()"),
            columns={
                "code": (parse_path("code.text"),),
                "value": (parse_path("value.ofType(Quantity).value"),),
            },
        ),
    ),
)
SIMPLE = {
    "status": "final",
    "subject": {"reference": "Patient/p"},
    "effectiveDateTime": "2024-05-01",
    "code": {"text": "BMI"},
    "valueQuantity": {"value": 21},
}
PRESSURE = {
    "status": "final",
    "subject": {"reference": "Patient/p"},
    "effectivePeriod": {"start": "2024-05-02"},
    "code": {"text": "BP"},
    "component": [
        {"code": {"text": "systolic"}, "valueQuantity": {"value": 120}},
        {"valueQuantity": {"value": 1}},
        {"code": {"text": "diastolic"}},
    ],
}


def rows(resource: Any) -> list[tuple[str | None, ...]]:
    return list(rows_of(TABLE, COLUMNS)("o", resource))


def test_a_resource_is_a_row_with_its_first_alternative() -> None:
    assert rows(SIMPLE) == [("o", "p", "2024-05-01", "BMI", "21")]
    assert rows(SIMPLE | {"effectivePeriod": {"start": "x"}})[0][2] == "2024-05-01"


def test_each_item_is_a_row_with_a_key_of_its_own() -> None:
    assert rows(PRESSURE) == [
        ("o#1", "p", "2024-05-02", "systolic", "120"),
        ("o#3", "p", "2024-05-02", "diastolic", None),
    ]
    both = rows(PRESSURE | {"valueQuantity": {"value": 9}})
    assert [row[0] for row in both] == ["o", "o#1", "o#3"]


def test_a_resource_that_does_not_meet_the_criterion_has_no_rows() -> None:
    assert rows(SIMPLE | {"status": "entered-in-error"}) == []
    assert len(rows(SIMPLE | {"status": "amended"})) == 1


OBJECTS = st.dictionaries(
    st.sampled_from(["status", "subject", "component", "code", "valueQuantity", "effectivePeriod"]), JSON
)


@given(resource=OBJECTS)
def test_rows_are_total_and_their_keys_differ(resource: dict[str, Any]) -> None:
    found = rows({"status": "final"} | resource)
    assert all(len(row) == len(COLUMNS) for row in found)
    assert all(cell is None or isinstance(cell, str) for row in found for cell in row)
    keys = [row[0] for row in found]
    assert len(set(keys)) == len(keys)


def test_a_text_that_is_too_long_is_missing_unless_the_column_is_for_long_ones() -> None:
    for length, kept in ((2000, True), (2001, False)):
        resource = SIMPLE | {"code": {"text": "x" * length}}
        assert rows(resource)[0][3] == ("x" * length if kept else None)
        assert next(rows_of(TABLE, COLUMNS, frozenset({"code"}))("o", resource))[3] == "x" * length
