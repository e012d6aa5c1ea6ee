"""The export, read by the standard mapping, is the hospital again, row for row."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from gateway.adapters.fhir_report import Counts, FhirReport
from gateway.deid.fhir_patient import record_of
from gateway.demo.fhir import write_fhir
from gateway.demo.hospital import codes
from gateway.demo.hospital.build import TABLES, build
from gateway.demo.hospital.rows import Hospital
from tests.unit.adapters import fhir_kit


@pytest.fixture(scope="module")
def hospital() -> Hospital:
    return build(5, patients=700)


@pytest.fixture(scope="module")
def export(hospital: Hospital, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hospital") / "export"
    assert len(write_fhir(hospital, folder)) == len(TABLES) + 1
    return folder


@pytest.fixture(scope="module")
def read(export: Path) -> tuple[FhirReport, Counts]:
    counts = Counts()
    return fhir_kit.read(export.parent / "data", export, counts), counts


def contents(path: Path) -> list[fhir_kit.Content]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("table", TABLES)
def test_what_is_read_is_what_was_planted(
    hospital: Hospital, read: tuple[FhirReport, Counts], table: str
) -> None:
    planted = hospital.tables[table]
    names = list(planted[0])
    found = fhir_kit.rows(read[0].path, table, ", ".join(f'"{name}"' for name in names))
    expected = [tuple(row[name] for name in names) for row in planted if row["patient_id"] is not None]
    assert Counter(found) == Counter(expected)


def test_what_must_not_count_was_there(read: tuple[FhirReport, Counts], hospital: Hospital) -> None:
    report, counts = read
    assert (counts.rejected.total(), dict(counts.skipped)) == (0, {"Organization": 1})
    for table in report.tables:
        assert table.superseded > 0, table.dataset
        lost = sum(row["patient_id"] is None for row in hospital.tables[table.dataset])
        assert table.without_patient == lost


def test_some_were_entered_in_error(export: Path) -> None:
    for kind in ("Encounter", "Condition", "Observation", "DocumentReference"):
        assert "entered-in-error" in (export / f"{kind}.ndjson").read_text("utf-8")


def test_other_code_systems_stand_beside(export: Path) -> None:
    diagnoses = [
        {c["system"] for c in each["code"]["coding"]}
        for each in contents(export / "Condition.ndjson")
        if "code" in each
    ]
    assert {codes.SNOMED, codes.ICD10CM} in diagnoses and {codes.ICD10CM} in diagnoses
    text = (export / "MedicationRequest.ndjson").read_text("utf-8")
    assert codes.ATC in text and '"contained"' in text


def test_names_are_written_and_not_read(
    hospital: Hospital, export: Path, read: tuple[FhirReport, Counts]
) -> None:
    (given, family) = hospital.names["P000001"]
    first = contents(export / "Patient.ndjson")[0]
    assert first["name"] == [{"family": family, "given": [given]}]
    stored = fhir_kit.rows(read[0].path, "patients")
    assert not any(family in str(row) for row in stored)


def test_what_identifies_is_written_and_read_into_no_table_but_the_text_of_notes(
    hospital: Hospital, export: Path, read: tuple[FhirReport, Counts]
) -> None:
    patients = [each for each in contents(export / "Patient.ndjson") if each["id"] == "P000002"]
    known = hospital.identities["P000002"]
    record = record_of(patients[0])
    assert {known.phone, known.relative_phone} <= set(record.phones)
    assert record.emails == (known.email,)
    assert [(address.line, address.city, address.postal_code) for address in record.addresses] == [
        ((known.street,), known.city, known.zip)
    ]
    assert {one.value for one in record.identifiers} == {
        known.record_number, known.social_security, known.member,
    }  # fmt: skip
    assert {known.relative.family, known.practitioner.family} <= {
        name for other in record.others for name in other.family
    }
    values = (
        known.record_number,
        known.social_security,
        known.member,
        known.phone,
        known.email,
        known.street,
    )
    for table in set(TABLES) - {"notes"}:
        stored = str(fhir_kit.rows(read[0].path, table))
        assert not any(value in stored for value in values), table


def test_notes_hold_what_the_record_of_their_patient_holds(hospital: Hospital) -> None:
    held = {"phone": 0, "number": 0, "relative": 0}
    for note in hospital.tables["notes"]:
        if note["patient_id"] is not None:
            known, text = hospital.identities[str(note["patient_id"])], str(note["text"])
            held["phone"] += known.phone in re.sub(r"\D", "", text)
            held["number"] += known.record_number in text
            held["relative"] += known.relative.text in text
    assert all(count > 50 for count in held.values()), held


def test_the_same_hospital_is_the_same_export(hospital: Hospital, export: Path, tmp_path: Path) -> None:
    for path in write_fhir(hospital, tmp_path / "again"):
        assert path.read_bytes() == (export / path.name).read_bytes()
