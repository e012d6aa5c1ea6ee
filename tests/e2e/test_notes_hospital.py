"""The whole way: a hospital's FHIR export, its table of identities, the real detectors, and a partner's file.

What is judged here is that the parts fit: the export's own identifiers do not come out. How well identifiers
are found is measured elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.demo.fhir import write_fhir
from gateway.demo.hospital.build import build
from gateway.demo.hospital.rows import Hospital
from tests.checks import check_journal
from tests.e2e.kit import command, free_port, rewrite, serving
from tests.guards import ROOT
from tests.unit.client.enrolled import done, make_partner

SITE, PARTY = "demo-hospital", "university"
OWN = ROOT / "docs" / "notes" / "policies"


@pytest.fixture(scope="module")
def hospital() -> Hospital:
    return build(3, patients=40)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, hospital: Hospital) -> Path:
    """A site that docs/notes.md describes, and its partner."""
    folder = tmp_path_factory.mktemp("hospital")
    site = folder / "site"
    done("init", site, "--site-id", SITE, "--listen", "127.0.0.1:0", "--health", f"127.0.0.1:{free_port()}")
    for path in OWN.rglob("*.yaml"):
        target = site / "policies" / path.relative_to(OWN)
        target.write_text(path.read_text("utf-8").replace("your-site", SITE), "utf-8")
    rewrite(site / "policies" / "agreements" / "notes-research.yaml", "status: draft", "status: active")
    bundle, spoken = make_partner(folder / "partner", PARTY)
    reply, said = done("partner", "enrol", bundle, "--site", site, "--fingerprint", spoken)
    done("partner", "accept", folder / "partner", reply, "--fingerprint", said)
    write_fhir(hospital, folder / "export")
    done("ingest", "fhir", site, folder / "export")
    return folder


@pytest.fixture(scope="module")
def notes(home: Path) -> Iterator[list[dict[str, object]]]:
    out = home / "notes.jsonl"
    with serving(home / "site") as server:
        asked = command(
            *("notes", "--at", server.address, "--as", home / "partner", "--agreement", "notes-research"),
            *("--purpose", "HRESCH", out),
        )
        assert asked.returncode == 0, asked.stderr
    yield [json.loads(line) for line in out.read_text("utf-8").splitlines()]


def test_every_note_leaves_once(notes: list[dict[str, object]], hospital: Hospital) -> None:
    current = [row for row in hospital.tables["notes"] if row["status"] == "current"]
    assert len({note["id"] for note in notes}) == len(notes) == len(current) > 20
    assert [note for note in notes if "withheld" in note] == []
    contexts = [note["context"] for note in notes]
    assert all(isinstance(context, dict) and len(str(context["written_date"])) == 4 for context in contexts)


def test_no_identifier_of_the_export_comes_out(notes: list[dict[str, object]], hospital: Hospital) -> None:
    came = json.dumps(notes, ensure_ascii=False)
    known = {" ".join(name) for name in hospital.names.values()}
    for one in hospital.identities.values():
        known |= {one.record_number, one.social_security, one.member, one.phone, one.email, one.street}
    held = " ".join(str(row["text"]) for row in hospital.tables["notes"])
    assert sum(text in held for text in known) > 20  # the twin: the export's notes are full of them
    assert [text for text in known if text in came] == []


def test_what_left_is_on_record(home: Path, notes: list[dict[str, object]]) -> None:
    report = check_journal(home / "site" / "journal" / "journal.db")
    assert report.entries > 3
