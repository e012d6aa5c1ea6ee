"""Notes of invented patients under the policies of `note_sets`, in both engines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from gateway.adapters.ibis_engine import STORED_TYPES, IbisEngine
from gateway.adapters.memory_engine import MemoryEngine
from gateway.adapters.snapshots import CREATE_NOTES, NOTES_TABLE, SCHEMA_VERSION
from gateway.compile import compile_policies
from gateway.domain.agreement import Compiled, NotesPermit
from gateway.domain.identity import Principal
from gateway.domain.notes import START, NoteRow, NotesQuestion
from gateway.notes import NotesPlan, make_notes_plan
from gateway.policy.disclose import decide_notes
from gateway.ports import Engine
from gateway.query.sql import parse_predicate
from tests.unit.policy.note_sets import FILES, SITE
from tests.unit.policy.sets import as_bytes

SNAPSHOT = "20261102T070000Z-00000001"
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ANN = Principal(party="university", person="ann", purpose="HRESCH", thumbprint="t", jti="j")
COMPILED = compile_policies(as_bytes(FILES), site=SITE, generation=1)
Row = Mapping[str, Any]
Tables = Mapping[str, Sequence[Row]]


def note(number: int, patient: str | None, **given: Any) -> Row:
    """One note; what is not given is usual."""
    usual = {
        "patient_id": patient,
        "note_id": f"n{number:04d}",
        "kind": "letter",
        "written": date(2026, 3, 1 + number % 28),
        "ward": "4b",
        "language": "en",
        "draft": False,
        "body": f"Dear colleague, number {number}.",
    }
    return usual | given


def person(patient: str, **given: Any) -> Row:
    usual = {
        "patient_id": patient,
        "person_key": f"k-{patient}",
        "sex": "female",
        "born": date(1950, 6, 15),
        "consented": True,
    }
    return usual | given


def identity(patient: str, **given: Any) -> Row:
    usual = {
        "patient_id": patient,
        "line": f"i-{patient}",
        "given": "Ada Mary",
        "family": "Lindqvist",
        "born": date(1950, 6, 15),
        "phone": "555 0142",
        "mrn": f"MRN-{patient}",
        "town": "Ashford",
    }
    return usual | given


def condition(number: int, patient: str, **given: Any) -> Row:
    usual = {
        "patient_id": patient,
        "condition_id": f"c{number}",
        "code": "E11",
        "onset": date(2025, 1, 1),
        "stage": 2,
    }
    return usual | given


PATIENTS = [f"p{i}" for i in range(6)]
TABLES: Tables = {
    "people": [person(p, sex=("female", "male")[i % 2], consented=i != 5) for i, p in enumerate(PATIENTS)],
    "conditions": [condition(i, p, stage=i % 3) for i, p in enumerate(PATIENTS)],
    "notes": [
        note(i, PATIENTS[i % 6], kind=("letter", "report")[i % 3 == 0], draft=i % 7 == 0) for i in range(60)
    ],
    "identities": [identity(p) for p in PATIENTS],
}


def memory(tables: Tables = TABLES, snapshot: str = SNAPSHOT) -> MemoryEngine:
    return MemoryEngine(tables, snapshot=snapshot, bounding_key="key")


def duck(folder: Path, tables: Tables = TABLES, snapshot: str = SNAPSHOT) -> IbisEngine:
    """The real engine, on a snapshot file of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{snapshot}.duckdb"
    with duckdb.connect(path) as database:
        database.execute(CREATE_NOTES)
        for name, rows in tables.items():
            store(database, name, rows)
    return IbisEngine(path, bounding_key="key", spill=folder / ".spill")


def store(database: Any, name: str, rows: Sequence[Row]) -> None:
    """One table as an ingest would leave it."""
    dataset = COMPILED.datasets[name]
    said = [name, 0, 0, "", dataset.source_digest, "2026-11-02T07:00:00+00:00", SCHEMA_VERSION]
    database.execute(f"INSERT INTO {NOTES_TABLE} VALUES (?, ?, ?, ?, ?, ?, ?)", said)
    columns = ", ".join(f'"{column.name}" {STORED_TYPES[column.type]}' for column in dataset.columns.values())
    database.execute(f"CREATE TABLE {name} ({columns})")
    if rows:
        marks = ", ".join("(" + ", ".join("?" * len(dataset.columns)) + ")" for _ in rows)
        values = [row[column] for row in rows for column in dataset.columns]
        database.execute(f"INSERT INTO {name} VALUES {marks}", values)


def question(where: str = "", columns: tuple[str, ...] | None = None) -> NotesQuestion:
    parsed = parse_predicate(where, "notes") if where else None
    return NotesQuestion(dataset="notes", where=parsed, columns=columns)


def planned(asked: NotesQuestion, compiled: Compiled = COMPILED, party: Principal = ANN) -> NotesPlan:
    """The plan of a permitted question."""
    permit = decide_notes(compiled, party, agreement="notes", question=asked, now=NOW)
    assert isinstance(permit, NotesPermit), permit
    return make_notes_plan(asked, permit, compiled.datasets, digest_key=b"k" * 32)


def pages(engine: Engine, plan: NotesPlan, most: int) -> list[tuple[NoteRow, ...]]:
    """Every page, one after the other."""
    engine.ready_notes(plan)
    found, after = [], START
    while page := engine.notes(plan, after, most):
        found.append(page)
        after = page[-1].position
    return found
