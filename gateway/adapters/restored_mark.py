"""The mark that a copy of a journal carries: it may be older than what was written after it was made.

Law: every copy that `gateway backup` makes carries it, in its own database, so that it does not serve
however it came to its place; only `operate.recovery` makes a journal without it out of one with it.
Imports: sqlite3, errors, verify.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from gateway.errors import JournalInvalid
from gateway.verify import open_read_only, unreadable

_NAME = "restored"


def put_mark(database: sqlite3.Connection) -> None:
    """Mark a copy, within the caller's transaction."""
    database.execute("INSERT OR REPLACE INTO meta VALUES (?, 1)", (_NAME,))


def take_mark(database: sqlite3.Connection) -> None:
    database.execute("DELETE FROM meta WHERE name = ?", (_NAME,))


def has_mark(path: Path) -> bool:
    """Whether a journal was restored and not recovered since. Raises as `unreadable` says."""
    try:
        with closing(open_read_only(path)) as database:
            found = database.execute("SELECT count(*) FROM meta WHERE name = ?", (_NAME,)).fetchone()
    except sqlite3.Error as error:
        raise unreadable(error) from None
    return bool(found[0])


def refuse_marked(path: Path) -> None:
    """Raise `JournalInvalid` (JOURNAL_RESTORED) where a journal is marked."""
    if has_mark(path):
        raise JournalInvalid(
            "this journal comes from a backup: what was spent after it was made is not in it, and serving "
            "would give that budget back; `gateway recover` says how it may serve again",
            reason="JOURNAL_RESTORED",
        )
