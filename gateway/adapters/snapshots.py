"""Snapshots: immutable DuckDB files, one per ingest, that appear only when complete.

Law: a name says when, never what: it is no function of content. A snapshot is written in a hidden folder,
synced, and renamed into place; nobody ever sees half of one, and none is ever changed.
Imports: duckdb, errors.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from gateway.errors import IngestRefused, SourceUnavailable

SCHEMA_VERSION = 2
NOTES_TABLE = "_gateway"
_NAME = re.compile(r"(\d{8}T\d{6}Z)-[0-9a-f]{8}")
_STAMP = "%Y%m%dT%H%M%SZ"
_DRAFT = ".draft-"

CREATE_NOTES = f"""
CREATE TABLE {NOTES_TABLE} (
  dataset VARCHAR PRIMARY KEY, rows BIGINT NOT NULL, patients BIGINT NOT NULL, definition VARCHAR NOT NULL,
  source VARCHAR NOT NULL, ingested_at VARCHAR NOT NULL, schema_version INTEGER NOT NULL
)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What a snapshot holds of one dataset. For site staff: the counts are exact.

    `definition` is the digest of the dataset's definition at the time; `ingested_at` is RFC 3339, UTC.
    """

    dataset: str
    rows: int
    patients: int
    definition: str
    ingested_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A snapshot in the making: its hidden folder, the database file in it, and the one before."""

    folder: Path
    database: Path
    previous: Path | None


def list_snapshots(folder: Path) -> tuple[Path, ...]:
    """Every complete snapshot of a data folder, oldest first; the folder need not exist."""
    found = folder.glob("*.duckdb") if folder.is_dir() else ()
    return tuple(sorted(path for path in found if _NAME.fullmatch(path.stem)))


def newest(folder: Path) -> Path | None:
    """The snapshot to serve."""
    found = list_snapshots(folder)
    return found[-1] if found else None


def contents(path: Path) -> tuple[Stored, ...]:
    """What a snapshot holds, by dataset name. Raises `SourceUnavailable`."""
    try:
        with duckdb.connect(path, read_only=True, config={"enable_external_access": False}) as connection:
            check_schema(connection)
            rows = connection.execute(
                f"SELECT dataset, rows, patients, definition, ingested_at FROM {NOTES_TABLE} ORDER BY dataset"  # noqa: S608
            ).fetchall()
    except duckdb.Error:
        raise SourceUnavailable("the snapshot cannot be opened") from None
    return tuple(
        Stored(dataset=row[0], rows=row[1], patients=row[2], definition=row[3], ingested_at=row[4])
        for row in rows
    )


def check_schema(connection: Any, notes: str = NOTES_TABLE) -> None:
    """Refuse a snapshot that another version wrote. Raises `SourceUnavailable`, or duckdb's own error."""
    sql = f"SELECT min(schema_version), max(schema_version) FROM {notes}"  # noqa: S608
    oldest, latest = connection.execute(sql).fetchone()
    if latest is not None and latest > SCHEMA_VERSION:
        raise SourceUnavailable("the snapshot was written by a newer version", reason="SNAPSHOT_TOO_NEW")
    if oldest is not None and oldest < SCHEMA_VERSION:
        raise SourceUnavailable(
            "the snapshot was written by an older version: move it out of the data folder and ingest again",
            reason="SNAPSHOT_TOO_OLD",
        )


def next_name(now: datetime, previous: Path | None) -> str:
    """A new name `YYYYMMDDTHHMMSSZ-<8 random hex>`, later than the one before even within one second."""
    if previous is not None:
        last = datetime.strptime(previous.stem.split("-")[0], _STAMP).replace(tzinfo=UTC)
        now = max(now, last + timedelta(seconds=1))
    return f"{now.astimezone(UTC).strftime(_STAMP)}-{secrets.token_hex(4)}"


@contextmanager
def drafting(folder: Path) -> Iterator[Draft]:
    """A draft beside the snapshots of `folder`, removed at the end unless it was published.

    One draft at a time: each begins with the tables of the snapshot before it, and two at once would lose
    one of the two. Raises `IngestRefused` (`INGEST_BUSY`).
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(folder):
        for left in folder.glob(f"{_DRAFT}*"):  # of a process that was killed
            shutil.rmtree(left, ignore_errors=True)
        place = Path(tempfile.mkdtemp(prefix=_DRAFT, dir=folder))  # 0700
        try:
            yield Draft(folder=place, database=place / "snapshot.duckdb", previous=newest(folder))
        finally:
            shutil.rmtree(place, ignore_errors=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / ".ingest.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise IngestRefused("another ingest is running", reason="INGEST_BUSY") from None
        yield


def publish(draft: Draft, now: datetime) -> Path:
    """Make a finished draft (its database closed) the newest snapshot. Durable when this returns."""
    draft.database.chmod(0o600)
    _sync(draft.database)  # 1. the bytes are on disk
    folder = draft.folder.parent
    final = folder / f"{next_name(now, draft.previous)}.duckdb"
    draft.database.rename(final)  # 2. before there is a name to find them by
    _sync(folder)  # 3. and the name is on disk too
    return final


def remove_old(folder: Path, keep: int, served: str | None) -> tuple[str, ...]:
    """Remove the oldest snapshots but the last `keep`, of which there is at least one; returns their names.

    The one that is `served` stays, however old: a running gateway reads it until its next reload. Raises
    `IngestRefused` (INGEST_BUSY).
    """
    with _alone(folder):
        old = [path for path in list_snapshots(folder)[: -max(keep, 1)] if path.stem != served]
        for path in old:
            path.unlink()
        if old:
            _sync(folder)
    return tuple(path.stem for path in old)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
