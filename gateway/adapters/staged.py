# ruff: noqa: S608 - names and texts of the dataset file are quoted; values are bound
"""A relation of texts -> one dataset's typed table in a draft snapshot, with a count of what did not fit.

Law: every source is read by the same rules: empty texts and the declared nulls are missing, a text that
is not of the declared type is stored as missing and counted, rows without a patient are left out.
Imports: duckdb, domain words, errors, policy.sources, snapshots, source_file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from gateway.adapters import snapshots
from gateway.adapters.source_file import name_sql, text_sql
from gateway.domain.catalog import Column, ColumnType, Dataset
from gateway.errors import IngestRefused, SourceUnavailable
from gateway.policy.sources import SourceMapping

SETTINGS = {
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


@contextmanager
def refusing_storage() -> Iterator[None]:
    """Whatever fails beyond the source and its content is the disk."""
    try:
        yield
    except (duckdb.Error, OSError):
        raise IngestRefused("the snapshot could not be written", reason="STORAGE_FAILED") from None


def cleaned(text: str, name: str, mapping: SourceMapping) -> str:
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
                f"CASE WHEN regexp_full_match({trimmed}, '{shape}') AND {trimmed} >= '0001' "
                f"THEN TRY_CAST(left({trimmed}, 10) AS DATE) END"
            )
        case _:
            return text


def check_keys(connection: Any, dataset: Dataset, staged: str) -> tuple[int, int]:
    """Rows with a patient, and rows without. Refuses rows of a patient that their keys do not tell apart."""
    patient, row_key = name_sql(dataset.patient_column), name_sql(dataset.row_key)
    ((total, rows, keys),) = connection.execute(
        f"SELECT count(*), count({patient}), count({row_key}) FILTER ({patient} IS NOT NULL) FROM {staged}"
    ).fetchall()
    if keys < rows:
        raise IngestRefused("rows of a patient have no row key", reason="ROW_KEY_MISSING")
    repeated = connection.execute(
        f"SELECT 1 FROM {staged} WHERE {patient} IS NOT NULL GROUP BY {patient}, {row_key} "
        "HAVING count(*) > 1 LIMIT 1"
    ).fetchall()
    if repeated:
        raise IngestRefused("two rows of one patient share a row key", reason="ROW_KEY_NOT_UNIQUE")
    return rows, total - rows


def report_columns(connection: Any, dataset: Dataset, staged: str) -> tuple[ColumnReport, ...]:
    """How each column of the rows with a patient was read."""
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
    (counts,) = connection.execute(
        f"SELECT {', '.join(figures)} FROM {staged} WHERE {patient} IS NOT NULL"
    ).fetchall()
    return tuple(
        ColumnReport(name=name, missing=counts[3 * i], uncast=counts[3 * i + 1], outside=counts[3 * i + 2])
        for i, name in enumerate(dataset.columns)
    )


def keep_others(connection: Any, draft: snapshots.Draft, replaced: Collection[str]) -> None:
    """Begin with every dataset of the snapshot before, but those that are replaced."""
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
    others = f"previous.{snapshots.NOTES_TABLE} WHERE NOT list_contains(?, dataset)"
    for (other,) in connection.execute(f"SELECT dataset FROM {others}", [list(replaced)]).fetchall():
        connection.execute(f"CREATE TABLE {name_sql(other)} AS FROM previous.{name_sql(other)}")
    connection.execute(f"INSERT INTO {snapshots.NOTES_TABLE} FROM {others}", [list(replaced)])
    connection.execute("DETACH previous")


def write(connection: Any, dataset: Dataset, staged: str, rows: int, now: datetime) -> int:
    """Write the typed table and its note; returns how many patients it has."""
    table, patient = name_sql(dataset.name), name_sql(dataset.patient_column)
    columns = ", ".join(f"{_typed(c)} AS {name_sql(name)}" for name, c in dataset.columns.items())
    connection.execute(f"CREATE TABLE {table} AS SELECT {columns} FROM {staged} WHERE {patient} IS NOT NULL")
    ((patients,),) = connection.execute(f"SELECT count(DISTINCT {patient}) FROM {table}").fetchall()
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
    return int(patients)
