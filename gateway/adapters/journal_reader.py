"""Reads of the journal beside its writer, and of its first entry before there is one.

Law: a connection that cannot write, in short transactions, so that a reader never holds the writer up.
Imports: sqlite3, errors, verify.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

from gateway.errors import AuditUnavailable, JournalInvalid
from gateway.verify import Walk, open_read_only, rows, stored_lookup, walk_rows

PAGE = 1000  # entries in one reading


class JournalReader:
    """Entries by number and by id. Every failure of the file is `AuditUnavailable`."""

    def __init__(self, path: Path) -> None:
        self._reading = threading.Lock()
        self._database = open_read_only(path)

    def entries(self, start: int, limit: int) -> list[tuple[int, bytes]]:
        """(seq, bytes) of at most `limit` (<= 1000) entries from `start` on. Blocks for the read."""
        return self._read(
            "SELECT seq, data FROM entries WHERE seq >= ? ORDER BY seq LIMIT ?", start, min(limit, PAGE)
        )

    def newest(self, limit: int) -> list[tuple[int, bytes]]:
        """(seq, bytes) of the last entries, at most `limit` (<= 1000), in ascending order."""
        found = self._read("SELECT seq, data FROM entries ORDER BY seq DESC LIMIT ?", min(limit, PAGE))
        return found[::-1]

    def find(self, entry_id: str) -> tuple[int, bytes] | None:
        """(seq, bytes) of the entry with this id (hex), or None."""
        try:
            name = bytes.fromhex(entry_id)
        except ValueError:
            return None
        found = self._read("SELECT seq, data FROM entries WHERE id = ?", name)
        return found[0] if found else None

    def close(self) -> None:
        with self._reading:
            self._database.close()

    def _read(self, statement: str, *values: int | bytes) -> list[tuple[int, bytes]]:
        try:
            with self._reading:
                return [(int(seq), bytes(data)) for seq, data in self._database.execute(statement, values)]
        except sqlite3.Error:
            raise AuditUnavailable("the journal cannot be read") from None


def verified(path: Path, *, origin: str, site: str) -> Walk:
    """Everything that is in the file, taken in. Raises `JournalInvalid`."""
    try:
        with closing(open_read_only(path)) as database:
            walk = Walk(stored=stored_lookup(database))
            walk_rows(walk, rows(database))
    except (sqlite3.Error, ValueError, TypeError):
        raise JournalInvalid("the journal's database is damaged") from None
    if walk.faults:
        raise JournalInvalid(f"the journal does not verify: {walk.faults[0]}")
    if walk.last is not None and (walk.origin, walk.site) != (origin, site):
        raise JournalInvalid("the journal is of another origin or site")
    return walk


def first_entry(path: Path) -> bytes | None:
    """The bytes of a journal's entry 0. Raises `JournalInvalid`."""
    try:
        with closing(open_read_only(path)) as database:
            found = next(rows(database), None)
    except (sqlite3.Error, ValueError, TypeError):
        raise JournalInvalid("the journal's database is damaged") from None
    return None if found is None else found[2]
