"""docs/notes.md and the files beside it: the policies compile, and the identities hold a whole patient."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from gateway.compile import compile_policies
from gateway.deid.fhir_patient import record_of
from gateway.demo.fhir_resources import patient
from gateway.demo.hospital.build import build
from gateway.domain.agreement import Compiled, Deny, NotesPermit, Operation
from gateway.domain.catalog import ColumnType, IdentityRole
from gateway.domain.deid import HumanName, IdentifierType
from gateway.domain.identity import Principal
from gateway.domain.notes import NotesQuestion
from gateway.mapping import fhir_tables
from gateway.notes import make_notes_plan, record_of_rows
from gateway.policy.disclose import decide_notes
from gateway.query.sql import parse_predicate
from gateway.shipped import shipped
from gateway.sources.tables import rows_of
from tests.guards import ROOT
from tests.unit.policy.sets import FILES
from tests.unit.test_readme import commands, parse

PAGE = (ROOT / "docs" / "notes.md").read_text("utf-8")
FOLDER = ROOT / "docs" / "notes" / "policies"


def files() -> dict[str, bytes]:
    """The shipped policies with those of the page, which come into force, and a partner."""
    found: dict[str, bytes] = {}
    for folder in (shipped("policies"), FOLDER):
        found |= {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.yaml")}
    agreement = "agreements/notes-research.yaml"
    found[agreement] = found[agreement].replace(b"status: draft", b"status: active")
    return found | {"parties/university.yaml": FILES["parties/university.yaml"].encode()}


@pytest.fixture(scope="module")
def compiled() -> Compiled:
    return compile_policies(files(), site="your-site", generation=1)


def test_the_agreement_lets_notes_leave_and_nothing_else(compiled: Compiled) -> None:
    agreement = compiled.agreements["notes-research"]
    assert {grant.operation for grant in agreement.grants} == {Operation.NOTES}
    now = datetime(2026, 11, 2, tzinfo=UTC)
    ann = Principal(party="university", person="ann", purpose="HRESCH", thumbprint="t", jti="j")
    cohort = "patient_id IN (SELECT patient_id FROM conditions WHERE code = '44054006')"
    for where, allowed in (
        ("written_date >= DATE '2026-01-01'", True),
        (cohort, True),
        ("status = 'current'", False),
        ("patient_id IN (SELECT patient_id FROM identities)", False),
    ):
        question = NotesQuestion(dataset="notes", where=parse_predicate(where, "notes"))
        found = decide_notes(
            compiled,
            ann,
            agreement="notes-research",
            question=question,
            now=now,
        )
        assert isinstance(found, NotesPermit if allowed else Deny), where
        if isinstance(found, NotesPermit):
            plan = make_notes_plan(question, found, compiled.datasets, digest_key=b"k" * 32)
            assert plan.identities is compiled.datasets["identities"]
            assert plan.profile.name == "safe-harbor"


def value(kind: ColumnType, text: str | None) -> Any:
    return (
        date.fromisoformat(text) if kind is ColumnType.DATE and text is not None and len(text) == 10 else text
    )


def rows(compiled: Compiled, resource: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows that a Patient resource becomes; a birth date that is only a year is missing."""
    columns = compiled.datasets["identities"].columns
    read = rows_of(fhir_tables(files())["identities"], list(columns))
    found = []
    for cells in read(str(resource["id"]), resource):
        row = {name: value(columns[name].type, text) for name, text in zip(columns, cells, strict=True)}
        if not isinstance(row["birth_date"], date):
            row["birth_date"] = None
        found.append(row)
    return found


def test_the_table_holds_what_the_resource_says(compiled: Compiled) -> None:
    """For every patient of the demo's hospital, beside the reader of FHIR Patients for text alone."""
    hospital = build(1, patients=30)
    identities = compiled.datasets["identities"]
    for row in hospital.tables["patients"]:
        resource = patient(hospital, row)
        record, known = record_of_rows(identities, rows(compiled, resource)), record_of(resource)
        assert record is not None
        words = {word for name in record.names for word in (*name.given, *name.family)}
        assert {word for name in known.names for word in (*name.given, *name.family)} <= words
        others = {word for name in record.others for word in (*name.given, *name.family)}
        assert {word for name in known.others for word in (*name.given, *name.family)} <= others
        assert record.birth_date == known.birth_date
        assert set(known.phones) <= set(record.phones)
        assert set(known.emails) <= set(record.emails)
        assert {line for a in known.addresses for line in a.line} == {
            x for a in record.addresses for x in a.line
        }
        assert {a.city for a in known.addresses} <= {a.city for a in record.addresses}
        assert {a.postal_code for a in known.addresses} <= {a.postal_code for a in record.addresses}
        numbers = {(one.type, one.value) for one in record.identifiers}
        for one in known.identifiers:
            assert one.value in {found for _, found in numbers}
            if one.type in (IdentifierType.MRN, IdentifierType.SSN):
                assert (one.type, one.value) in numbers


def test_further_names_and_lines_are_rows(compiled: Compiled) -> None:
    resource = {
        "resourceType": "Patient",
        "id": "p",
        "name": [
            {"given": ["Ada", "Mary"], "family": "Lindqvist"},
            {"use": "maiden", "family": "Okafor", "text": "Ada Okafor"},
        ],
        "address": [{"line": ["Flat 2", "9 Mill Lane"], "city": "Ashford"}],
        "generalPractitioner": [{"display": "Dr. Imre Castellan"}],
    }
    record = record_of_rows(compiled.datasets["identities"], rows(compiled, resource))
    assert record is not None
    assert {word for name in record.names for word in name.given} == {"Ada", "Mary"}
    assert {word for name in record.names for word in name.family} == {"Lindqvist", "Okafor"}
    assert {line for address in record.addresses for line in address.line} == {"Flat 2", "9 Mill Lane"}
    assert record.others == (HumanName(given=("Imre",), family=("Castellan",)),)


BLOCKS = "\n".join(re.findall(r"```sh\n.*?```", PAGE, re.S))


@pytest.mark.parametrize("asked", commands(BLOCKS), ids=" ".join)
def test_every_command_parses(asked: list[str]) -> None:
    parse(asked)


def test_the_words_of_identities_are_all_explained() -> None:
    listed = re.findall(r"^\| (`.+?) \|", PAGE, re.M)
    named = {name for cell in listed for name in re.findall(r"`([^`]+)`", cell)}
    assert {role.value for role in IdentityRole} <= named
