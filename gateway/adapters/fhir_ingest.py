"""Ingest of FHIR: NDJSON files become every table with a mapping from FHIR, in one new snapshot.

Law: all or nothing, in memory that does not grow with the source. Of a resource that is read twice the
later version counts; a line that is no resource is counted and named by its place, never by its content.
Imports: duckdb, domain words, errors, fhir_line, fhir_report, fhir_stage, ndjson, snapshots, source_file,
staged.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from gateway.adapters import snapshots
from gateway.adapters.fhir_line import Rejection, read_line
from gateway.adapters.fhir_report import Counts, FhirReport, Progress, Reading, TableReport
from gateway.adapters.fhir_stage import FhirSource, StagedTable
from gateway.adapters.ndjson import SourceFile, lines
from gateway.adapters.source_file import text_sql
from gateway.adapters.staged import (
    SETTINGS,
    check_keys,
    keep_others,
    refusing_storage,
    report_columns,
    write,
)
from gateway.domain.catalog import Dataset
from gateway.errors import IngestRefused, SourceUnavailable, Violation

MOST_REJECTED = 0.01  # of the lines, unless the caller allows more
BATCH_BYTES = 64 << 20  # read at most before every batch is written
TELL_EVERY = 2000  # lines
MOST_SHOWN = 10  # rejected lines in a refusal; the report has more
MEMORY = "1GB"  # of the database; what exceeds it is written to the draft's own folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """What the caller lets pass: the share of rejected lines, and tables that had rows and lose them all."""

    most_rejected: float = MOST_REJECTED
    may_empty: bool = False


USUAL = Allowed()


def ingest_fhir(
    files: Sequence[SourceFile],
    sources: Mapping[str, FhirSource],
    folder: Path,
    counts: Counts,
    *,
    allowed: Allowed = USUAL,
    progress: Progress = lambda stage, reading: None,
) -> FhirReport:
    """Read FHIR resources into a new snapshot of `folder`, beside the datasets that are not among `sources`.

    What was found is in `counts`, also after a refusal. Raises `IngestRefused`: SOURCE_UNREADABLE, NO_ROWS,
    NO_PATIENTS, TOO_MANY_REJECTED, TABLE_EMPTIED, INGEST_BUSY, SNAPSHOT_UNREADABLE, SNAPSHOT_TOO_OLD,
    SNAPSHOT_TOO_NEW, STORAGE_FAILED.
    """
    now = datetime.now(UTC)
    with refusing_storage(), snapshots.drafting(folder) as draft:
        config = SETTINGS | {"memory_limit": MEMORY, "temp_directory": str(draft.folder / "spill")}
        with duckdb.connect(draft.database, config=config) as connection:
            aside = text_sql(str(draft.folder / "staging.duckdb"))
            connection.execute(f"ATTACH {aside} AS staging")
            staged = {name: StagedTable(connection, source) for name, source in sources.items()}
            progress("reading", None)
            _read(files, staged, counts, progress)
            progress("checking", None)
            _check_lines(counts, allowed)
            tables = [_settle(connection, sources[name].dataset, table) for name, table in staged.items()]
            _check_tables(tables, draft, allowed)
            progress("writing", None)
            keep_others(connection, draft, sources)
            published = tuple(_write(connection, sources, staged, table, now) for table in tables)
            connection.execute("CHECKPOINT")
        progress("publishing", None)
        path = snapshots.publish(draft, now)
    return FhirReport(snapshot=path.stem, path=path, tables=published)


def _read(
    files: Sequence[SourceFile], staged: Mapping[str, StagedTable], counts: Counts, progress: Progress
) -> None:
    """Every line of every file into the batches of the tables that its resource makes rows of."""
    by_type: dict[str, list[StagedTable]] = {}
    for table in staged.values():
        by_type.setdefault(table.resource, []).append(table)
    before, pending = 0, 0
    all_bytes = sum(file.size for file in files)
    with _without_collector():
        for file in files:
            for line in lines(file):
                counts.lines += 1
                fault = _take(line.text, by_type, counts)
                if fault is not None:
                    counts.reject(file.place, line.number, fault)
                pending += len(line.text or b"")
                if pending > BATCH_BYTES:
                    pending = _flush(staged)
                if counts.lines % TELL_EVERY == 0:
                    at = before + min(line.read, file.size)
                    progress("reading", _reading(file, files, at, all_bytes, counts))
            before += file.size
            progress("reading", _reading(file, files, before, all_bytes, counts))


def _take(text: bytes | None, by_type: Mapping[str, list[StagedTable]], counts: Counts) -> Rejection | None:
    resource = read_line(text)
    if isinstance(resource, Rejection):
        return resource
    tables = by_type.get(resource.type)
    if tables is None:
        counts.skipped[resource.type] += 1
        return None
    for table in tables:
        fault = table.add(resource, counts.lines)
        if fault is not None:
            return fault
    counts.resources[resource.type] += 1
    return None


def _flush(staged: Mapping[str, StagedTable]) -> int:
    for table in staged.values():
        table.flush()
    return 0


def _reading(
    file: SourceFile, files: Sequence[SourceFile], at: int, all_bytes: int, counts: Counts
) -> Reading:
    return Reading(place=file.place, files=len(files), bytes=at, all_bytes=all_bytes, resources=counts.lines)


@contextmanager
def _without_collector() -> Iterator[None]:
    """JSON holds no cycles, so that looking for them in millions of small objects is time lost."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _check_lines(counts: Counts, allowed: Allowed) -> None:
    rejected = counts.rejected.total()
    if rejected > counts.lines * allowed.most_rejected:
        places = [
            Violation(
                description=place.reason.value,
                file=f"file {place.file} of the source",
                line=place.line,
                column=1,
            )
            for place in counts.places[:MOST_SHOWN]
        ]
        places.append(Violation(description=f"{rejected} of {counts.lines} lines hold no FHIR resource"))
        raise IngestRefused(reason="TOO_MANY_REJECTED", violations=places)
    if not counts.resources:
        raise IngestRefused("the source has no resource that a table is made of", reason="NO_ROWS")


def _settle(connection: Any, dataset: Dataset, staged: StagedTable) -> TableReport:
    superseded = staged.settle()
    rows, without_patient = check_keys(connection, dataset, staged.relation)
    return TableReport(
        dataset=dataset.name,
        rows=rows,
        patients=0,  # known when it is written
        without_patient=without_patient,
        superseded=superseded,
        columns=report_columns(connection, dataset, staged.relation),
    )


def _check_tables(tables: Sequence[TableReport], draft: snapshots.Draft, allowed: Allowed) -> None:
    """Refuse a source without patients, and one that would silently empty a table."""
    if not any(table.rows for table in tables):
        raise IngestRefused("no row of the source names a patient", reason="NO_PATIENTS")
    if draft.previous is None or allowed.may_empty:
        return
    filled = {stored.dataset for stored in _before(draft.previous) if stored.rows}
    emptied = [table.dataset for table in tables if table.dataset in filled and not table.rows]
    if emptied:
        names = ", ".join(emptied)
        message = f"the source has no rows for tables that had some before: {names}"
        raise IngestRefused(message, reason="TABLE_EMPTIED")


def _before(previous: Path) -> tuple[snapshots.Stored, ...]:
    try:
        return snapshots.contents(previous)
    except SourceUnavailable as error:
        reason = error.reason if error.reason.startswith("SNAPSHOT_") else "SNAPSHOT_UNREADABLE"
        raise IngestRefused(error.message, reason=reason) from None


def _write(
    connection: Any,
    sources: Mapping[str, FhirSource],
    staged: Mapping[str, StagedTable],
    table: TableReport,
    now: datetime,
) -> TableReport:
    dataset, relation = sources[table.dataset].dataset, staged[table.dataset].relation
    return replace(table, patients=write(connection, dataset, relation, table.rows, now))
