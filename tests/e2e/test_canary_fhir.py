"""Canary patients in FHIR resources: read in with the broken lines around them, asked about in every form.

The same law and the same search as test_canary, over the standard tables, the language's wider forms, and an
engine whose errors quote rows. Controls stand there, and here: the canaries are in the snapshot.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from gateway.client import Gateway
from tests.checks import check_journal
from tests.e2e.kit import PARTY, SITE, Place, enrol, rewrite, serving
from tests.e2e.test_canary import Traces, found, outcome
from tests.unit.client.enrolled import done

PERSON = {
    "resourceType": "Patient",
    "id": "Canaryella",
    "name": [{"family": "Canaryella", "text": "CanaryText Miraculix"}],
    "gender": "female",
    "birthDate": "1917-05-13",
    "identifier": [{"system": "urn:mrn", "value": "74937151"}],
    "address": [{"state": "CanaryCode-Zebra"}],
}
PRESSURE = {
    "resourceType": "Observation",
    "id": "CanaryRow-4712",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "8480-6"}]},
    "subject": {"reference": "Patient/Canaryella"},
    "effectiveDateTime": "1917-05-13T08:00:00Z",
    "valueQuantity": {"value": 83948271.25, "unit": "mmHg", "code": "mm[Hg]"},
}
ILLNESS = {
    "resourceType": "Condition",
    "id": "CanaryRow-4712-c",
    "code": {"coding": [{"system": "http://snomed.info/sct", "code": "CanaryCode-Zebra"}]},
    "subject": {"reference": "Patient/Canaryella"},
    "onsetDateTime": "1917-05-13",
}
BROKEN = [
    b'{"resourceType": "Patient", "id": "Canaryella", "birthDate": ',
    b'{"resourceType": "Patient", "id": 74937151, "gender": ["CanaryText Miraculix"]}',
    json.dumps({**PERSON, "birthDate": "Canaryella"}).encode(),
    b"Canaryella 74937151 \xff\xfe",
]
BROKEN_ENGINE = """
from gateway.adapters import ibis_engine


def evaluate(cursor, sql, expression, bounding_key):
    raise ValueError("Canaryella 74937151 1917-05-13 " + repr(cursor.execute("FROM observations").fetchall()))


ibis_engine.evaluate = evaluate
"""
COHORT = "patient IN (SELECT patient FROM conditions WHERE code = '38341003')"
QUESTIONS = (
    f"SELECT patient.sex, COUNT(DISTINCT patient) FROM observations WHERE {COHORT} GROUP BY patient.sex",
    "SELECT BAND(AGE(effective_date), 18, 65) AS age, AVG(value) FROM observations WHERE code = '8480-6' AND "
    "unit = 'mm[Hg]' GROUP BY age",
    "SELECT PROPORTION(value > 140, LAST(effective_date)) FROM observations WHERE code = '8480-6'",
    "SELECT DATE_TRUNC('year', onset_date, DATE '1915-01-01', DATE '1920-12-31') AS y, COUNT(*) "
    "FROM conditions GROUP BY y",
)
REFUSED = {
    "SELECT AVG(value) FROM observations WHERE code = '8480-6'": "BOUNDS_NEED_CODE",
    "SELECT COUNT(*) FROM observations WHERE patient.birth_date < DATE '1920-01-01'": "NOT_GRANTED",
    "SELECT COUNT(*) FROM observations WHERE patient IN (SELECT patient FROM letters)": "NOT_GRANTED",
    "SELECT PROPORTION(value LIKE 'x') FROM observations": "SQL_UNSUPPORTED",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A site with the standard tables, and a partner with its agreement in force."""
    place = Place(tmp_path_factory.mktemp("canary-fhir"))
    addresses = ("--listen", "127.0.0.1:0", "--health", place.health)
    done("init", place.site, "--site-id", SITE, *addresses)
    enrol(place, place.partner, PARTY)
    agreement = place.site / "policies" / "agreements" / "research.yaml"
    rewrite(agreement, "status: draft", "status: active")
    place.set("log: debug")
    place.set("answer_tick: 0.01")
    return place


@pytest.fixture(scope="module")
def traces(place: Place) -> Traces:
    return Traces(place.site)


def lines(*resources: Any) -> bytes:
    return b"".join(json.dumps(resource).encode() + b"\n" for resource in resources)


def asking(place: Place, address: str) -> Gateway:
    return Gateway(address, place.partner, agreement="research", purpose="HRESCH")


def export(folder: Path) -> Path:
    folder.mkdir()
    (folder / "Patient.ndjson").write_bytes(lines(PERSON, *({**PERSON, "id": f"p{i}"} for i in range(400))))
    (folder / "Observation.ndjson.gz").write_bytes(gzip.compress(lines(PRESSURE)))
    (folder / "Condition.ndjson").write_bytes(lines(ILLNESS))
    return folder


def test_an_ingest_of_fhir_says_no_value(place: Place, traces: Traces) -> None:
    whole = export(place.home / "export")
    broken = export(place.home / "broken")
    (broken / "Patient.ndjson").write_bytes(lines(PERSON) + b"\n".join(BROKEN) + b"\n")
    cut = export(place.home / "cut")
    (cut / "Observation.ndjson.gz").write_bytes(gzip.compress(lines(PRESSURE))[:-9])
    assert traces.run("ingest", "fhir", place.site, broken) != 0  # too many rejected
    assert traces.run("ingest", "fhir", place.site, cut) != 0
    assert traces.run("ingest", "fhir", place.site, whole) == 0
    assert found([("snapshot", b"".join(p.read_bytes() for p in (place.site / "data").glob("*.duckdb")))])
    assert traces.leaks() == []


def test_cohorts_ages_and_proportions_say_no_value(place: Place, traces: Traces) -> None:
    with serving(place.site) as server, asking(place, server.address) as gateway:
        assert [outcome(gateway, traces, sql, 2) for sql in QUESTIONS] == [""] * len(QUESTIONS)
        assert {sql: outcome(gateway, traces, sql, 2) for sql in REFUSED} == REFUSED
        traces.hear("catalogue", repr(gateway.datasets()))
        traces.hear("log", server.log.read_bytes())
        assert server.stop() == 0
    for words in (("audit", "tail", place.site), ("audit", "verify", place.site), ("doctor", place.site)):
        assert traces.run(*words) == 0
    assert traces.leaks() == []
    check_journal(place.site / "journal" / "journal.db")


def test_an_engine_that_quotes_rows_says_no_value(place: Place, traces: Traces, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(BROKEN_ENGINE)
    with serving(place.site, patches=tmp_path) as server, asking(place, server.address) as gateway:
        sql = "SELECT PROPORTION(value > 150, FIRST(effective_date)) FROM observations WHERE code = '8480-6'"
        assert outcome(gateway, traces, sql, 2) == "RELEASE_FAILED"
        traces.hear("log", server.log.read_bytes())
        assert server.seen("release_failed")
        assert server.stop() == 0
    assert traces.leaks() == []
