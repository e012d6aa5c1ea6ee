"""Ingest of FHIR: standard tables, versions, references, dates, all or nothing."""

from __future__ import annotations

import base64
import random
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.adapters import snapshots
from gateway.adapters.csv_ingest import ingest
from gateway.adapters.fhir_ingest import Allowed
from gateway.adapters.fhir_report import Counts
from gateway.errors import IngestRefused
from tests.unit.adapters.fhir_kit import (
    LOINC,
    condition,
    everything,
    observation,
    patient,
    read,
    rows,
    sources,
    write,
)
from tests.unit.adapters.test_ingest import GOOD, as_csv, dataset, mapping

PRESSURE: dict[str, Any] = {
    "code": {"coding": [{"system": LOINC, "code": "85354-9"}]},
    "component": [
        {
            "code": {"coding": [{"system": LOINC, "code": code}]},
            "valueQuantity": {"value": value, "unit": "mmHg"},
        }
        for code, value in (("8480-6", 120), ("8462-4", 80))
    ],
}


def pressure(key: str) -> dict[str, Any]:
    resource = observation(key, **PRESSURE)
    del resource["valueQuantity"]
    return resource


def test_resources_become_rows_of_the_standard_tables(tmp_path: Path) -> None:
    note = base64.b64encode("Ärztlicher Brief\nzwei Zeilen".encode()).decode()
    source = write(
        tmp_path / "all.ndjson",
        [
            patient(address=[{"state": "Bavaria", "country": "DE"}], deceasedDateTime="2025-01-02T03:04:05Z"),
            observation(),
            pressure("o2"),
            condition(
                onsetPeriod={"start": "2020-01-01"},
                clinicalStatus={"coding": [{"code": "active"}]},
            ),
            {
                "resourceType": "DocumentReference",
                "id": "n1",
                "status": "current",
                "subject": {"reference": "Patient/p1"},
                "content": [
                    {"attachment": {"contentType": "application/pdf", "data": note}},
                    {"attachment": {"contentType": "text/plain; charset=utf-8", "data": note}},
                ],
            },
            {"resourceType": "Organization", "id": "x"},
        ],
    )
    counts = Counts()
    report = read(tmp_path / "data", source, counts)
    assert rows(report.path, "patients") == [
        ("p1", "p1", "female", date(1980, 2, 29), None, date(2025, 1, 2), "Bavaria", "DE", None, None)
    ]
    assert rows(report.path, "observations", "observation_id, code, effective_date, value, unit") == [
        ("o1", "39156-5", date(2024, 3, 1), 23.5, "kg/m2"),
        ("o2#1", "8480-6", date(2024, 3, 1), 120.0, "mm[Hg]"),
        ("o2#2", "8462-4", date(2024, 3, 1), 80.0, "mm[Hg]"),
    ]
    assert rows(report.path, "conditions", "code_system, code, onset_date, clinical_status") == [
        ("http://snomed.info/sct", "44054006", date(2020, 1, 1), "active")
    ]
    assert rows(report.path, "notes", "note_id, text") == [("n1#2", "Ärztlicher Brief\nzwei Zeilen")]
    assert rows(report.path, "procedures") == []
    assert dict(counts.skipped) == {"Organization": 1}
    assert counts.lines == 6 and counts.resources.total() == 5
    found = {table.dataset: (table.rows, table.patients) for table in report.tables}
    assert found["observations"] == (3, 1) and found["notes"] == (1, 1) and found["encounters"] == (0, 0)


@pytest.mark.parametrize(
    ("reference", "known"),
    [
        ("Patient/p1", True),
        ("https://elsewhere.example/fhir/Patient/p1/_history/2", True),
        ("urn:uuid:p1", True),
        ("#p1", False),
        ("Group/p1", False),
        ("Patient?identifier=p1", False),
    ],
)
def test_whose_row_it_is(tmp_path: Path, reference: str, known: bool) -> None:
    report = read(
        tmp_path / "data", write(tmp_path / "a.ndjson", [patient(), observation(subject=reference)])
    )
    table = next(table for table in report.tables if table.dataset == "observations")
    assert (table.rows, table.without_patient) == ((1, 0) if known else (0, 1))


DATES = {
    "2024-03-01": date(2024, 3, 1),
    "2024-02-29T00:00:00Z": date(2024, 2, 29),
    "2024-03-01T23:59:59.999+14:00": date(2024, 3, 1),  # as written, not as seen from Greenwich
    "2024-03-01T00:00:00-12:00": date(2024, 3, 1),
    "1789-07-14": date(1789, 7, 14),
    "9999-12-31": date(9999, 12, 31),
    "2023-02-29": None,
    "2024-03": None,
    "2024": None,
    "0000-01-01": None,
    "20240301": None,
    "today": None,
}


@pytest.mark.parametrize("written", DATES)
def test_a_date_is_the_day_as_written(tmp_path: Path, written: str) -> None:
    report = read(tmp_path / "data", write(tmp_path / "a.ndjson", [patient(birthDate=written)]))
    assert rows(report.path, "patients", "birth_date") == [(DATES[written],)]
    (column,) = [c for t in report.tables for c in t.columns if c.name == "birth_date"]
    assert (column.missing, column.uncast) == (0, int(DATES[written] is None))


VALUES: dict[str, tuple[bytes, float | None]] = {
    "a number": (b"5.25", 5.25),
    "a negative one": (b"-0.5e1", -5.0),
    "a text": (b'"7"', 7.0),
    "a truth value": (b"true", None),
    "a list": (b"[8, 9]", 8.0),
    "an object": (b'{"value": 1}', None),
    "null": (b"null", None),
    "a long number": (b"123456789012345678901234567890", 123456789012345678901234567890.0),
    "NaN in a text": (b'"NaN"', None),
    "infinity in a text": (b'"1e999"', None),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_of_any_shape_is_a_number_or_missing(tmp_path: Path, name: str) -> None:
    text, value = VALUES[name]
    whole = write(tmp_path / "x", [observation(value="HERE")]).read_bytes().replace(b'"HERE"', text)
    report = read(tmp_path / "data", write(tmp_path / "a.ndjson", [patient(), whole.strip()]))
    assert rows(report.path, "observations", "value") == [(value,)]


def versions(*updated: str | None) -> list[dict[str, Any]]:
    """The same observation, with the values 1, 2 ... and these times of its last change."""
    found = []
    for number, when in enumerate(updated, start=1):
        meta: dict[str, Any] = {"meta": {"lastUpdated": when}} if when else {}
        found.append(observation(value=number, **meta))
    return found


@pytest.mark.parametrize(
    ("updated", "kept"),
    [
        ((None, None), 2.0),
        (("2024-01-02T00:00:00Z", "2024-01-01T00:00:00Z"), 1.0),
        (("2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z"), 2.0),
        (("2024-01-01T23:00:00-05:00", "2024-01-02T00:00:00Z"), 1.0),  # the first is later in time
        (("2024-01-01T00:00:00Z", None), 1.0),
        ((None, "2024-01-01T00:00:00Z", None), 2.0),
        (("2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z"), 2.0),
        (("2024-01-01T00:00:00Z", "not a time"), 1.0),
        (("2024-01-01T00:00:00Z", "2024-01-02T00:00:00"), 1.0),  # without a time zone it is no instant
        (("0001-01-01T00:00:00+14:00", None), 1.0),
    ],
)
def test_of_versions_the_latest_counts(tmp_path: Path, updated: tuple[str | None, ...], kept: float) -> None:
    report = read(tmp_path / "data", write(tmp_path / "a.ndjson", [patient(), *versions(*updated)]))
    assert rows(report.path, "observations", "value") == [(kept,)]
    table = next(table for table in report.tables if table.dataset == "observations")
    assert table.superseded == len(updated) - 1


def test_a_later_version_without_rows_takes_the_earlier_ones_away(tmp_path: Path) -> None:
    wrong = observation(status="entered-in-error", meta={"lastUpdated": "2024-01-02T00:00:00Z"})
    good = observation(meta={"lastUpdated": "2024-01-01T00:00:00Z"})
    keys = "observation_id"
    report = read(
        tmp_path / "data", write(tmp_path / "a.ndjson", [patient(), wrong, good, observation("o2")])
    )
    assert rows(report.path, "observations", keys) == [("o2",)]
    early = good | {"meta": {"lastUpdated": "2024-01-03T00:00:00Z"}}  # the twin
    report = read(tmp_path / "data", write(tmp_path / "a.ndjson", [patient(), wrong, early]))
    assert rows(report.path, "observations", keys) == [("o1",)]


def test_a_version_with_fewer_items_leaves_none_of_the_others(tmp_path: Path) -> None:
    fewer = pressure("o2")
    fewer["component"] = fewer["component"][:1]
    report = read(tmp_path / "data", write(tmp_path / "a.ndjson", [patient(), pressure("o2"), fewer]))
    assert rows(report.path, "observations", "observation_id") == [("o2#1",)]


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32), pack=st.booleans(), times=st.integers(1, 3))
def test_the_order_of_files_and_lines_and_repetition_change_nothing(
    tmp_path_factory: pytest.TempPathFactory, seed: int, pack: bool, times: int
) -> None:
    folder = tmp_path_factory.mktemp("shuffled")
    resources = [patient(f"p{n}") for n in range(4)]
    resources += [observation(f"o{n}", f"Patient/p{n % 5}", n) for n in range(8)]
    resources += [pressure("o9"), condition("c1"), condition("c2")]
    expected = everything(read(folder / "a", write(folder / "whole.ndjson", resources)).path)
    chance = random.Random(seed)
    mixed = resources * times
    chance.shuffle(mixed)
    cut = chance.randint(0, len(mixed))
    for name, part in (("b/z.ndjson", mixed[:cut]), ("b/below/a.ndjson.gz", mixed[cut:])):
        write(folder / name, part, pack=pack and name.endswith("gz"))
    report = read(folder / "c", folder / "b")
    assert everything(report.path) == expected


def test_a_new_export_replaces_every_mapped_table_and_keeps_the_others(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    ingest(as_csv(tmp_path / "s.csv", GOOD), dataset(), mapping(), folder)
    first = read(folder, write(tmp_path / "a.ndjson", [patient(), observation(), condition()]))
    second = read(
        folder,
        write(tmp_path / "b.ndjson", [patient("p2"), observation("o7", "Patient/p2"), condition("c2")]),
    )
    assert rows(second.path, "patients", "patient_id") == [("p2",)]
    assert rows(first.path, "patients", "patient_id") == [("p1",)]  # the old snapshot is as it was
    assert len(rows(second.path, "visits")) == 4
    stored = {item.dataset: item.rows for item in snapshots.contents(second.path)}
    assert stored == {
        **dict.fromkeys(sources(), 0),
        "patients": 1,
        "observations": 1,
        "conditions": 1,
        "visits": 4,
    }
    assert {path.name for path in folder.iterdir() if path.suffix != ".duckdb"} == {".ingest.lock"}


def test_a_table_is_not_emptied_without_being_asked_to(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    first = read(folder, write(tmp_path / "a.ndjson", [patient(), observation()]))
    less = write(tmp_path / "b.ndjson", [patient()])
    with pytest.raises(IngestRefused, match="observations") as refused:
        read(folder, less)
    assert refused.value.reason == "TABLE_EMPTIED"
    assert snapshots.newest(folder) == first.path
    report = read(folder, less, allowed=Allowed(may_empty=True))
    assert rows(report.path, "observations") == []


@pytest.mark.parametrize(
    ("resources", "reason"),
    [
        ([], "NO_ROWS"),
        ([{"resourceType": "Organization", "id": "x"}], "NO_ROWS"),
        ([observation(subject="#p1")], "NO_PATIENTS"),
        ([observation(status="entered-in-error")], "NO_PATIENTS"),
    ],
)
def test_a_source_without_patients_is_refused(
    tmp_path: Path, resources: list[dict[str, Any]], reason: str
) -> None:
    with pytest.raises(IngestRefused) as refused:
        read(tmp_path / "data", write(tmp_path / "a.ndjson", resources))
    assert refused.value.reason == reason
    assert snapshots.newest(tmp_path / "data") is None
    assert read(tmp_path / "data", write(tmp_path / "a.ndjson", [*resources, patient()])).snapshot


def test_a_folder_without_ndjson_holds_nothing(tmp_path: Path) -> None:
    write(tmp_path / "in" / "README.md", [patient()])
    with pytest.raises(IngestRefused) as refused:
        read(tmp_path / "data", tmp_path / "in")
    assert refused.value.reason == "NO_ROWS"
    write(tmp_path / "in" / "Patient.NDJSON", [patient()])
    assert read(tmp_path / "data", tmp_path / "in").snapshot


def test_nothing_of_a_draft_is_visible_before_it_is_complete(tmp_path: Path) -> None:
    from gateway.adapters.fhir_ingest import ingest_fhir
    from gateway.adapters.ndjson import source_files

    stages: list[str] = []

    def during(stage: str, reading: object) -> None:
        assert snapshots.list_snapshots(tmp_path / "data") == ()
        stages.append(stage if reading is None else "...")

    source = source_files(write(tmp_path / "a.ndjson", [patient()]))
    ingest_fhir(source, sources(), tmp_path / "data", Counts(), progress=during)
    assert stages == ["reading", "...", "checking", "writing", "publishing"]


def test_the_sample_of_synthea(tmp_path: Path, shared_data: Path) -> None:
    counts = Counts()
    report = read(tmp_path / "data", shared_data / "ehr" / "fhir-r4-synthea", counts)
    found = {table.dataset: table.rows for table in report.tables}
    assert found == {
        "patients": 615,
        "encounters": 18_098,
        "conditions": 4_546,
        "observations": 94_338,  # 88,674, with components in place of 5,661 panels
        "procedures": 14_081,
        "medications": 4_712,
        "immunizations": 7_389,
        "diagnostic_reports": 6_262,
        "notes": 0,
    }
    assert not counts.rejected
    assert counts.skipped["Practitioner"] == 1093
    uncast = {(t.dataset, c.name) for t in report.tables for c in t.columns if c.uncast}
    assert uncast == set()
    pressures = "count(*) FILTER (code = '8480-6'), avg(value) FILTER (code = '8480-6')"
    ((systolic, mean),) = rows(report.path, "observations", pressures)
    assert systolic == 5_660 and 100 < mean < 160
