# ruff: noqa: S608 - names and texts of the dataset file are quoted; values are bound
"""Ingest: one source file (CSV, gzip CSV, Parquet) becomes one dataset's table in a new snapshot.

Law: all or nothing. A file that does not fit its dataset file is refused with a stable reason and nothing
is published; no message holds a value, a file name or text of the database.
Imports: duckdb, domain words, errors, policy.sources, snapshots, source_file, staged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from gateway.adapters import snapshots
from gateway.adapters.source_file import name_sql, open_source, text_sql, unreadable
from gateway.adapters.staged import (
    SETTINGS,
    ColumnReport,
    check_keys,
    cleaned,
    keep_others,
    refusing_storage,
    report_columns,
    write,
)
from gateway.domain.catalog import Dataset
from gateway.errors import IngestRefused
from gateway.policy.sources import SourceMapping

Progress = Callable[[str], None]
"""Called with the name of each stage as it begins: reading, checking, writing, publishing."""

NO_CHOICE: Mapping[str, str] = {}
STAGED = "staged"  # the temporary table of texts


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestReport:
    """What was published. `without_patient` rows belong to nobody and were left out."""

    snapshot: str
    path: Path
    dataset: str
    rows: int
    patients: int
    without_patient: int
    columns: tuple[ColumnReport, ...]


def ingest(
    source: Path,
    dataset: Dataset,
    mapping: SourceMapping,
    folder: Path,
    *,
    chosen: Mapping[str, str] = NO_CHOICE,
    progress: Progress | None = None,
) -> IngestReport:
    """Read `source` into a new snapshot of `folder`, beside the other datasets of the newest one.

    Only declared columns are kept, and only the rows that hold each text of `chosen` in the column of the
    source that it is given for. Raises `IngestRefused`: SOURCE_UNREADABLE, SOURCE_COLUMN_MISSING,
    SOURCE_COLUMN_AMBIGUOUS, NO_ROWS, NO_PATIENTS, ROW_KEY_MISSING, ROW_KEY_NOT_UNIQUE, INGEST_BUSY,
    SNAPSHOT_UNREADABLE, SNAPSHOT_TOO_OLD, SNAPSHOT_TOO_NEW, STORAGE_FAILED.
    """
    tell = progress or (lambda stage: None)
    now = datetime.now(UTC)
    with refusing_storage(), snapshots.drafting(folder) as draft:
        config = SETTINGS | {"memory_limit": "2GB", "temp_directory": str(draft.folder / "spill")}
        with duckdb.connect(draft.database, config=config) as connection:
            tell("reading")
            _stage(connection, source, dataset, mapping, chosen)
            tell("checking")
            rows, without_patient = check_keys(connection, dataset, STAGED)
            if rows + without_patient == 0:
                raise IngestRefused("the source has no rows", reason="NO_ROWS")
            if rows == 0:
                raise IngestRefused("no row of the source names a patient", reason="NO_PATIENTS")
            columns = report_columns(connection, dataset, STAGED)
            tell("writing")
            keep_others(connection, draft, {dataset.name})
            patients = write(connection, dataset, STAGED, rows, now)
            connection.execute("CHECKPOINT")
        tell("publishing")
        path = snapshots.publish(draft, now)
    return IngestReport(
        snapshot=path.stem,
        path=path,
        dataset=dataset.name,
        rows=rows,
        patients=patients,
        without_patient=without_patient,
        columns=columns,
    )


def _stage(
    connection: Any, source: Path, dataset: Dataset, mapping: SourceMapping, chosen: Mapping[str, str]
) -> None:
    """Fill the temporary table `staged`: every declared column as text, missing ones NULL."""
    wanted = {name: _source_name(name, mapping) for name in dataset.columns}
    found = open_source(connection, source, list(dict.fromkeys([*wanted.values(), *chosen])))
    columns = []
    for name in dataset.columns:
        text = f"CAST({found.names[wanted[name]]} AS VARCHAR)"
        columns.append(f"{cleaned(text, name, mapping)} AS {name_sql(name)}")
    rows = " AND ".join(f"CAST({found.names[n]} AS VARCHAR) = {text_sql(v)}" for n, v in chosen.items())
    kept = f"SELECT {', '.join(columns)} FROM {found.relation} WHERE {rows or 'true'}"
    try:
        connection.execute(f"CREATE TEMP TABLE {STAGED} AS {kept}")
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        place = re.search(r"CSV Error on Line: (\d+)", str(error))
        line = int(place.group(1)) if place else 0
        raise unreadable("the source cannot be read as UTF-8 rows of its header", line=line) from None


def _source_name(name: str, mapping: SourceMapping) -> str:
    column = mapping.columns.get(name)
    return name if column is None else column.source
