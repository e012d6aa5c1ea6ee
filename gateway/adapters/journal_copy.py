"""A copy of a journal while it is written, up to the entry that was its newest when the copy began.

Law: entries and releases are only ever added, so that a prefix of them is a whole journal; it is read in
short steps, each a statement of its own, so that the writer waits for nobody and its log can shrink. The
copy is marked as one (restored_mark) before it is complete. Imports: sqlite3, errors, verify, adapters.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from gateway.adapters.restored_mark import put_mark
from gateway.audit.entry import parse
from gateway.domain.entry import EntryKind
from gateway.errors import JournalInvalid
from gateway.verify import BATCH, SCHEMA, Row, open_read_only, rows

TABLES = frozenset({"meta", "entries", "releases"})

Progress = Callable[[int], None]  # called with the number of entries copied so far


def copy_journal(source: Path, target: Path, progress: Progress = lambda count: None) -> None:
    """Write a marked copy to a path where there is nothing. Durable when this returns.

    Raises `JournalInvalid` where the source cannot be read, or holds a table that would be left out.
    """
    try:
        with closing(open_read_only(source)) as reading, closing(_fresh(target)) as writing:
            _copy_form(reading, writing)
            writing.execute("BEGIN IMMEDIATE")
            put_mark(writing)
            _copy_rows(reading, writing, progress)
            writing.execute("COMMIT")
    except sqlite3.Error:
        raise JournalInvalid("the journal cannot be read, or its copy not written") from None


def _fresh(target: Path) -> sqlite3.Connection:
    """A new database with the journal's modes but without a write-ahead log beside it."""
    target.touch(mode=0o600, exist_ok=False)
    target.chmod(0o600)
    database = sqlite3.connect(target, isolation_level=None)
    database.execute("PRAGMA synchronous = FULL")
    return database


def _copy_form(reading: sqlite3.Connection, writing: sqlite3.Connection) -> None:
    """Tables and indexes as the source has them, and the rows of `meta`."""
    form = reading.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    own = {name for kind, name, _ in form if kind == "table" and not name.startswith("sqlite_")}
    unknown = sorted(own - TABLES)
    if unknown:
        raise JournalInvalid(f"the journal holds what this copy would leave out: {', '.join(unknown)}")
    for _, name, statement in form:
        if name.startswith("sqlite_"):
            continue
        writing.execute(statement)
    writing.executemany("INSERT INTO meta VALUES (?, ?)", reading.execute("SELECT name, value FROM meta"))
    writing.execute(f"PRAGMA user_version = {SCHEMA}")


def _copy_rows(reading: sqlite3.Connection, writing: sqlite3.Connection, progress: Progress) -> None:
    count = 0
    for batch in _batches(rows(reading)):
        writing.executemany(
            "INSERT INTO entries (seq, id, scope, data) VALUES (?, ?, ?, ?)",
            [(seq, bytes.fromhex(name), scope, data) for seq, name, data, scope in batch],
        )
        for name in _released(batch):
            found = reading.execute("SELECT entry, stored FROM releases WHERE entry = ?", (name,)).fetchall()
            writing.executemany("INSERT INTO releases VALUES (?, ?)", found)
        count += len(batch)
        progress(count)


def _batches(entries: Iterator[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in entries:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _released(batch: list[Row]) -> Iterator[bytes]:
    """Ids of the entries of a batch that have a stored release."""
    for _, name, data, _ in batch:
        if parse(data).kind is EntryKind.RELEASED:
            yield bytes.fromhex(name)
