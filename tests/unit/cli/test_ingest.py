"""`gateway ingest`: what is printed, what is written for the site's staff, which snapshots stay."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from gateway.adapters import served, snapshots
from gateway.adapters.served import served_snapshot
from gateway.adapters.snapshots import newest, remove_old
from gateway.errors import IngestRefused, JournalInvalid
from tests.unit.adapters.fhir_kit import line, observation, patient, rows, write
from tests.unit.client.enrolled import done, run

CANARY = "canary-4711"
TWO_HOSPITALS = """\
dataset: people
title: Patients of two hospitals
population: patients
patient: patient_id
row_key: record_id
max_groups: 1
max_rows: 1
columns:
  patient_id: {type: identifier, from: id}
  record_id: {type: identifier, from: mrn}
  sex: {type: category, from: gender, categories: {values: [female, male], other: other}}
  birth_date: {type: date, from: birthDate}
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    done("init", tmp_path / "site", "--site-id", "north")
    (tmp_path / "site/policies/agreements/research.yaml").unlink()  # its partner is not enrolled
    return tmp_path / "site"


def export(folder: Path) -> Path:
    write(folder / f"{CANARY}.ndjson", [patient(), line(observation())[:-1], observation("o2")])
    write(folder / "z.ndjson.gz", [{"resourceType": "Organization", "id": "x"}], pack=True)
    return folder


def fhir(site: Path, source: Path, *more: str) -> tuple[int, str, str]:
    return run("ingest", "fhir", site, source, "--most-rejected", "50", *more)


def test_a_new_site_begins_with_the_standard_tables(site: Path, tmp_path: Path) -> None:
    assert (site / "policies/datasets/observations.yaml").exists()
    assert not list((site / "policies/parties").iterdir())
    done("init", tmp_path / "other", "--site-id", "north")
    names = {path.name for path in (site / "policies/datasets").iterdir()}
    assert names == {path.name for path in (tmp_path / "other/policies/datasets").iterdir()}


def test_a_table_of_what_was_published_and_a_report_for_the_staff(site: Path, tmp_path: Path) -> None:
    code, out, err = fhir(site, export(tmp_path / "in"))
    assert code == 0, err
    printed = {row.split()[0]: row.split()[1:] for row in out.splitlines()[2:]}
    assert printed["observations"] == ["1", "1", "0", "0"]
    assert "no table is made of: Organization 1" in err
    assert "left out, see data/ingest-report.json: NOT_JSON 1" in err
    assert CANARY not in out + err
    report = site / "data" / "ingest-report.json"
    assert report.stat().st_mode & 0o777 == 0o600
    content = json.loads(report.read_text())
    assert content["rejected_lines"] == [{"file": 1, "line": 2, "reason": "NOT_JSON"}]
    assert CANARY in content["files"][0]["name"] and content["files"][1]["file"] == 2
    assert (content["snapshot"], content["refused"]) == (newest(site / "data").stem, None)  # type: ignore[union-attr]


def test_json_says_the_same(site: Path, tmp_path: Path) -> None:
    code, out, _ = fhir(site, export(tmp_path / "in"), "--format", "json")
    content: dict[str, Any] = json.loads(out)
    assert code == 0 and content["lines"] == 4
    assert content["rejected"] == {"NOT_JSON": 1} and content["skipped"] == {"Organization": 1}
    (table,) = [table for table in content["tables"] if table["dataset"] == "observations"]
    assert table["columns"][0] == {"name": "patient_id", "missing": 0, "uncast": 0, "outside": 0}


def test_a_refusal_is_in_the_report_and_changes_nothing(site: Path, tmp_path: Path) -> None:
    fhir(site, export(tmp_path / "in"))
    before = newest(site / "data")
    (tmp_path / "in" / "z.ndjson.gz").write_bytes(gzip.compress(b"{}")[:-4])
    code, out, err = fhir(site, tmp_path / "in")
    assert (code, out) == (65, "")
    assert "error SOURCE_UNREADABLE\n  file 2 of the source:" in err
    assert CANARY not in err
    assert json.loads((site / "data" / "ingest-report.json").read_text())["refused"] == "SOURCE_UNREADABLE"
    assert newest(site / "data") == before


def test_a_report_that_cannot_be_written_hides_no_refusal(site: Path, tmp_path: Path) -> None:
    (site / "data" / "ingest-report.json").mkdir()
    code, _, err = fhir(site, tmp_path / "absent")
    assert code == 65 and "error SOURCE_UNREADABLE" in err
    (tmp_path / "in").mkdir()
    code, _, err = fhir(site, tmp_path / "in")
    assert code == 65 and "error NO_ROWS" in err and "could not be written" in err
    code, _, err = fhir(site, export(tmp_path / "in"))
    assert code == 0 and "could not be written" in err


def test_a_site_without_a_mapping_is_told(site: Path, tmp_path: Path) -> None:
    for path in (site / "policies/datasets").glob("*.yaml"):
        path.unlink()
    (site / "policies/populations/patients.yaml").write_text(
        (site / "policies/populations/patients.yaml").read_text().replace("patients: {", "#")
    )
    code, _, err = fhir(site, export(tmp_path / "in"))
    assert code == 66 and err.startswith("error NO_FHIR_DATASETS")


def test_old_snapshots_go_by_number(site: Path, tmp_path: Path) -> None:
    source, data = export(tmp_path / "in"), site / "data"
    for _ in range(3):
        assert fhir(site, source)[0] == 0
    kept = [path.stem for path in snapshots.list_snapshots(data)]
    code, _, err = fhir(site, source, "--keep", "2")
    assert code == 0 and f"removed 2 older snapshots: {kept[0]}, {kept[1]}" in err
    assert [path.stem for path in snapshots.list_snapshots(data)][:-1] == kept[2:]
    with (site / "site.yaml").open("a") as file:
        file.write("keep_snapshots: 1\n")
    assert fhir(site, source)[0] == 0
    assert len(snapshots.list_snapshots(data)) == 1


def test_neither_the_newest_nor_the_served_snapshot_goes(tmp_path: Path) -> None:
    names = [f"2026010{n}T000000Z-0000000{n}" for n in range(1, 6)]
    for name in names:
        (tmp_path / f"{name}.duckdb").touch()
    assert remove_old(tmp_path, 1, names[1]) == (names[0], names[2], names[3])
    assert remove_old(tmp_path, 0, None) == (names[1],)
    assert [path.stem for path in snapshots.list_snapshots(tmp_path)] == [names[4]]
    with snapshots.drafting(tmp_path), pytest.raises(IngestRefused) as refused:
        remove_old(tmp_path, 1, None)
    assert refused.value.reason == "INGEST_BUSY"


def test_where_the_journal_cannot_be_read_no_snapshot_goes(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = export(tmp_path / "in")
    fhir(site, source)
    (site / "journal" / "journal.db").write_bytes(b"not a journal")
    code, _, err = fhir(site, source, "--keep", "1")
    assert code == 0 and "no snapshot was removed" in err
    assert len(snapshots.list_snapshots(site / "data")) == 2
    with pytest.raises(JournalInvalid):
        served_snapshot(site / "journal" / "journal.db")
    (site / "journal" / "journal.db").unlink()
    assert served.served_snapshot(site / "journal" / "journal.db") is None
    assert fhir(site, source, "--keep", "1")[0] == 0
    assert len(snapshots.list_snapshots(site / "data")) == 1


def people(site: Path) -> None:
    (site / "policies/datasets/people.yaml").write_text(TWO_HOSPITALS)


def test_csv_rows_can_be_chosen(site: Path, tmp_path: Path) -> None:
    people(site)
    source = tmp_path / "people.csv"
    source.write_text("id,mrn,gender,birthDate,set,it's\na,1,male,1980-01-01,R4,x\nb,2,female,,STU3,x\n")
    done("ingest", "csv", site, source, "--where", "set=R4", "--where", "it's=x")
    assert rows(newest(site / "data"), "people", "patient_id") == [("a",)]  # type: ignore[arg-type]
    done("ingest", "csv", site, source)
    assert rows(newest(site / "data"), "people", "patient_id") == [("a",), ("b",)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("where", "reason"),
    [
        (("set",), "WHERE_INVALID"),
        (("=R4",), "WHERE_INVALID"),
        (("set=R4", "set=STU3"), "WHERE_INVALID"),
        (("hospital=R4",), "SOURCE_COLUMN_MISSING"),
        (("set=DSTU2",), "NO_ROWS"),
    ],
)
def test_a_choice_that_cannot_be_made_is_refused(
    site: Path, tmp_path: Path, where: tuple[str, ...], reason: str
) -> None:
    people(site)
    source = tmp_path / "people.csv"
    source.write_text("id,mrn,gender,birthDate,set\na,1,male,1980-01-01,R4\n")
    code, _, err = run("ingest", "csv", site, source, *(part for w in where for part in ("--where", w)))
    assert code != 0 and f"error {reason}" in err
    assert newest(site / "data") is None
    done("ingest", "csv", site, source, "--where", "set=R4")


def test_one_file_makes_two_hospitals(site: Path, shared_data: Path) -> None:
    people(site)
    source = shared_data / "ehr" / "synthea-two-hospitals" / "patients.csv.gz"
    found = []
    for hospital in ("R4", "STU3"):
        done("ingest", "csv", site, source, "--dataset", "people", "--where", f"set={hospital}")
        path = newest(site / "data")
        assert path is not None
        found.append(rows(path, "people", "count(*)")[0][0])
    assert found == [615, 1461]


@pytest.mark.parametrize("command", ["csv", "fhir"])
def test_every_command_has_an_example(command: str) -> None:
    code, out, _ = run("ingest", command, "--help")
    assert code == 0
    assert f"Example: gateway ingest {command}" in " ".join(out.split())
