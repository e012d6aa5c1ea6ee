# ruff: noqa: S608 - names and texts of the dataset file are quoted; values are bound
"""Ingest: one source file (CSV, gzip CSV, Parquet) becomes one dataset's table in a new snapshot.

Law: all or nothing. A file that does not fit its dataset file is refused with a stable reason and nothing
is published; no message holds a value, a file name or text of the database.
Imports: duckdb, domain words, errors, policy.sources, snapshots.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from gateway.adapters import snapshots
from gateway.adapters.source_file import name_sql, open_source, text_sql, unreadable
from gateway.domain.catalog import Column, ColumnType, Dataset
from gateway.errors import IngestRefused, SourceUnavailable
from gateway.policy.sources import SourceMapping

Progress = Callable[[str], None]
"""Called with the name of each stage as it begins: reading, checking, writing, publishing."""

_SETTINGS = {
    "autoload_known_extensions": False,
    "autoinstall_known_extensions": False,
    "allow_community_extensions": False,
    "preserve_insertion_order": False,  # or memory grows with the file
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnReport:
    """How a column was read, in rows. For site staff: the counts are exact.

    `missing`: no value in the source; `uncast`: a value that is not of the declared type, stored as
    missing; `outside`: a text beyond the declared categories.
    """

    name: str
    missing: int
    uncast: int
    outside: int


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
    source: Path, dataset: Dataset, mapping: SourceMapping, folder: Path, *, progress: Progress | None = None
) -> IngestReport:
    """Read `source` into a new snapshot of `folder`, beside the other datasets of the newest one.

    Only declared columns are kept. Raises `IngestRefused`: SOURCE_UNREADABLE, SOURCE_COLUMN_MISSING,
    SOURCE_COLUMN_AMBIGUOUS, NO_ROWS, NO_PATIENTS, ROW_KEY_MISSING, ROW_KEY_NOT_UNIQUE, INGEST_BUSY,
    SNAPSHOT_UNREADABLE, SNAPSHOT_TOO_OLD, SNAPSHOT_TOO_NEW, STORAGE_FAILED.
    """
    tell = progress or (lambda stage: None)
    now = datetime.now(UTC)
    with _refusing_storage(), snapshots.drafting(folder) as draft:
        config = _SETTINGS | {"memory_limit": "2GB", "temp_directory": str(draft.folder / "spill")}
        with duckdb.connect(draft.database, config=config) as connection:
            tell("reading")
            _stage(connection, source, dataset, mapping)
            tell("checking")
            rows, without_patient = _check(connection, dataset)
            columns = _report(connection, dataset)
            tell("writing")
            _keep_others(connection, draft, dataset)
            patients = _write(connection, dataset, rows, now)
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


@contextmanager
def _refusing_storage() -> Iterator[None]:
    """Whatever fails beyond the source and its content is the disk."""
    try:
        yield
    except (duckdb.Error, OSError):
        raise IngestRefused("the snapshot could not be written", reason="STORAGE_FAILED") from None


def _stage(connection: Any, source: Path, dataset: Dataset, mapping: SourceMapping) -> None:
    """Fill the temporary table `staged`: every declared column as text, missing ones NULL."""
    wanted = {name: _source_name(name, mapping) for name in dataset.columns}
    found = open_source(connection, source, list(wanted.values()))
    columns = []
    for name in dataset.columns:
        text = f"CAST({found.names[wanted[name]]} AS VARCHAR)"
        columns.append(f"{_cleaned(text, name, mapping)} AS {name_sql(name)}")
    try:
        connection.execute(f"CREATE TEMP TABLE staged AS SELECT {', '.join(columns)} FROM {found.relation}")
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        place = re.search(r"CSV Error on Line: (\d+)", str(error))
        line = int(place.group(1)) if place else 0
        raise unreadable("the source cannot be read as UTF-8 rows of its header", line=line) from None


def _source_name(name: str, mapping: SourceMapping) -> str:
    column = mapping.columns.get(name)
    return name if column is None else column.source


def _cleaned(text: str, name: str, mapping: SourceMapping) -> str:
    """SQL for a source text after the column's map; empty texts and the declared nulls are missing."""
    column = mapping.columns.get(name)
    nulls = ", ".join(text_sql(null) for null in sorted({"", *mapping.nulls}))
    missing = f"CASE WHEN {text} IN ({nulls}) THEN NULL ELSE {text} END"
    if column is None or not column.mapping:
        return missing
    cases = " ".join(f"WHEN {text_sql(old)} THEN {text_sql(new)}" for old, new in column.mapping.items())
    return f"CASE {text} {cases} ELSE {missing} END"


def _typed(column: Column) -> str:
    """SQL that casts a staged text strictly; what is not of the declared type becomes NULL.

    An integer may end in `.0`, a date in a time of day, which is left out; numbers are finite.
    """
    text = name_sql(column.name)
    trimmed = f"trim({text})"
    match column.type:
        case ColumnType.INTEGER:
            whole = f"TRY_CAST(regexp_extract({trimmed}, '^[+-]?[0-9]+') AS BIGINT)"
            return f"CASE WHEN regexp_full_match({trimmed}, '[+-]?[0-9]+([.]0*)?') THEN {whole} END"
        case ColumnType.NUMBER:
            number = f"TRY_CAST({trimmed} AS DOUBLE)"
            shape = "[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?"
            return (
                f"CASE WHEN regexp_full_match({trimmed}, '{shape}') AND isfinite({number}) THEN {number} END"
            )
        case ColumnType.BOOLEAN:
            folded = f"lower({trimmed})"
            return (
                f"CASE WHEN {folded} IN ('true', 'yes', 't', '1') THEN true "
                f"WHEN {folded} IN ('false', 'no', 'f', '0') THEN false END"
            )
        case ColumnType.DATE:
            shape = "[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}.*)?"
            return (
                f"CASE WHEN regexp_full_match({trimmed}, '{shape}') "
                f"THEN TRY_CAST(left({trimmed}, 10) AS DATE) END"
            )
        case _:
            return text


def _check(connection: Any, dataset: Dataset) -> tuple[int, int]:
    """Rows with a patient, and rows without. Refuses an empty source and row keys that do not tell apart."""
    patient, row_key = name_sql(dataset.patient_column), name_sql(dataset.row_key)
    total, rows, keys = connection.execute(
        f"SELECT count(*), count({patient}), count({row_key}) FILTER ({patient} IS NOT NULL) FROM staged"
    ).fetchone()
    if total == 0:
        raise IngestRefused("the source has no rows", reason="NO_ROWS")
    if rows == 0:
        raise IngestRefused("no row of the source names a patient", reason="NO_PATIENTS")
    if keys < rows:
        raise IngestRefused("rows of a patient have no row key", reason="ROW_KEY_MISSING")
    repeated = connection.execute(
        f"SELECT 1 FROM staged WHERE {patient} IS NOT NULL GROUP BY {patient}, {row_key} "
        "HAVING count(*) > 1 LIMIT 1"
    ).fetchone()
    if repeated is not None:
        raise IngestRefused("two rows of one patient share a row key", reason="ROW_KEY_NOT_UNIQUE")
    return rows, total - rows


def _report(connection: Any, dataset: Dataset) -> tuple[ColumnReport, ...]:
    patient = name_sql(dataset.patient_column)
    figures = []
    for name, column in dataset.columns.items():
        text = name_sql(name)
        figures.append(f"count(*) FILTER ({text} IS NULL)")
        figures.append(f"count(*) FILTER ({text} IS NOT NULL AND ({_typed(column)}) IS NULL)")
        declared = (
            ", ".join(text_sql(value) for value in column.categories.values) if column.categories else ""
        )
        figures.append(f"count(*) FILTER ({text} NOT IN ({declared}))" if declared else "0")
    counts = connection.execute(
        f"SELECT {', '.join(figures)} FROM staged WHERE {patient} IS NOT NULL"
    ).fetchone()
    return tuple(
        ColumnReport(name=name, missing=counts[3 * i], uncast=counts[3 * i + 1], outside=counts[3 * i + 2])
        for i, name in enumerate(dataset.columns)
    )


def _keep_others(connection: Any, draft: snapshots.Draft, dataset: Dataset) -> None:
    """Begin with every other dataset of the snapshot before."""
    connection.execute(snapshots.CREATE_NOTES)
    if draft.previous is None:
        return
    try:
        connection.execute(f"ATTACH {text_sql(str(draft.previous))} AS previous (READ_ONLY)")
        snapshots.check_schema(connection, f"previous.{snapshots.NOTES_TABLE}")
    except SourceUnavailable as error:
        raise IngestRefused(error.message, reason=error.reason) from None
    except duckdb.Error:
        message = "the snapshot before this one cannot be read"
        raise IngestRefused(message, reason="SNAPSHOT_UNREADABLE") from None
    others = f"previous.{snapshots.NOTES_TABLE} WHERE dataset <> ?"
    for (other,) in connection.execute(f"SELECT dataset FROM {others}", [dataset.name]).fetchall():
        connection.execute(f"CREATE TABLE {name_sql(other)} AS FROM previous.{name_sql(other)}")
    connection.execute(f"INSERT INTO {snapshots.NOTES_TABLE} FROM {others}", [dataset.name])
    connection.execute("DETACH previous")


def _write(connection: Any, dataset: Dataset, rows: int, now: datetime) -> int:
    """Write the typed table and its note; returns how many patients it has."""
    table, patient = name_sql(dataset.name), name_sql(dataset.patient_column)
    columns = ", ".join(f"{_typed(c)} AS {name_sql(name)}" for name, c in dataset.columns.items())
    connection.execute(f"CREATE TABLE {table} AS SELECT {columns} FROM staged WHERE {patient} IS NOT NULL")
    (patients,) = connection.execute(f"SELECT count(DISTINCT {patient}) FROM {table}").fetchone()
    connection.execute(
        f"INSERT INTO {snapshots.NOTES_TABLE} VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            dataset.name,
            rows,
            patients,
            dataset.digest,
            dataset.source_digest,
            now.isoformat(timespec="seconds"),
            snapshots.SCHEMA_VERSION,
        ],
    )
    connection.execute("CHECKPOINT")
    return int(patients)
