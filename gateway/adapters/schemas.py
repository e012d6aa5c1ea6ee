"""The version of every store's form, read without opening the store for work.

Law: nothing is changed; what cannot be read has no version, and the store's own check says why.
Imports: the standard library, duckdb, adapters.snapshots, stored, verify.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb

from gateway.adapters.snapshots import NOTES_TABLE, SCHEMA_VERSION, newest
from gateway.stored import VERSION as RELEASE_VERSION
from gateway.verify import SCHEMA as JOURNAL_SCHEMA

SAME, OLDER, NEWER = "same", "older", "newer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """One store of a site: the version found, and the one that this software writes."""

    name: str
    found: int
    written: int
    remedy: str  # how an older one comes to the version that is written

    @property
    def state(self) -> str:
        if self.found == self.written:
            return SAME
        return OLDER if self.found < self.written else NEWER


def stores(site: Path) -> tuple[Store, ...]:
    """The stores that a site has: the journal, its stored releases, and the newest snapshot."""
    journal = site / "journal" / "journal.db"
    snapshot = newest(site / "data")
    found = (
        (*(journal_stores(journal) if journal.exists() else ()),),
        (*(_snapshot(snapshot) if snapshot else ()),),
    )
    return tuple(store for group in found for store in group)


def journal_stores(path: Path) -> tuple[Store, ...]:
    """The journal's database and the newest release that it keeps."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            version = int(database.execute("PRAGMA user_version").fetchone()[0])
            release = _release(database) if version == JOURNAL_SCHEMA else None
    except (sqlite3.Error, ValueError, TypeError):
        return ()
    remedy = "there is no older form yet that could be brought forward"
    found = [Store(name="journal", found=version, written=JOURNAL_SCHEMA, remedy=remedy)]
    if release is not None:
        found.append(Store(name="stored releases", found=release, written=RELEASE_VERSION, remedy=remedy))
    return tuple(found)


def _release(database: sqlite3.Connection) -> int | None:
    """The highest version that any stored release has; None where none is kept."""
    query = "SELECT max(json_extract(CAST(stored AS TEXT), '$.v')) FROM releases"
    version = database.execute(query).fetchone()[0]
    return None if version is None else int(version)


def _snapshot(path: Path) -> tuple[Store, ...]:
    sql = f"SELECT max(schema_version) FROM {NOTES_TABLE}"  # noqa: S608 - a constant of ours
    try:
        with duckdb.connect(path, read_only=True, config={"enable_external_access": False}) as connection:
            version = connection.execute(sql).fetchone()[0]
    except duckdb.Error:
        return ()
    remedy = "move the snapshot out of data/ and ingest again"
    found = 0 if version is None else int(version)
    return (Store(name="snapshot", found=found, written=SCHEMA_VERSION, remedy=remedy),)
