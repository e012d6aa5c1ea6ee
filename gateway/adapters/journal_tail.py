"""The end and the size of a journal's file, read without its writer's help.

Law: short reads through SQLite alone (closing any other descriptor of the file would drop the writer's
locks); nothing is verified here. Imports: the standard library, audit, errors, verify.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from gateway.audit.entry import Entry, leaf_hash, parse
from gateway.verify import open_read_only, unreadable


def last_entry(path: Path) -> Entry | None:
    """The newest entry; None of a journal that has none, or is not there. Raises as `unreadable` says."""
    found = _newest(path)
    return None if found is None else parse(found)


def newest_head(path: Path) -> tuple[int, str] | None:
    """Number and leaf hash (hex) of the newest entry, as `last_entry`."""
    found = _newest(path)
    return None if found is None else (parse(found).seq, leaf_hash(found).hex())


def journal_bytes(path: Path) -> int:
    """What the database and its write-ahead log take on the disk, in bytes."""
    return sum(p.stat().st_size for p in (path, path.with_name(path.name + "-wal")) if p.exists())


def _newest(path: Path) -> bytes | None:
    if not path.exists():
        return None
    try:
        with closing(open_read_only(path)) as database:
            row = database.execute("SELECT data FROM entries ORDER BY seq DESC LIMIT 1").fetchone()
    except sqlite3.Error as error:
        raise unreadable(error) from None
    return None if row is None else bytes(row[0])
