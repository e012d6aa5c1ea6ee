"""heads/newest.json: the journal's newest entry, written outside of the journal's folder as it grows.

Law: a journal that does not hold the entry which this file names is an older one, or another: it is refused
(JOURNAL_RESTORED), as serving from it would give spent budget back. The file is whole or absent. It runs at
most a second behind, and helps only while it is not restored together with the journal: keep it on another
volume. Imports: the standard library, audit, errors, verify, adapters.durable.
"""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from gateway.adapters.durable import sync
from gateway.audit.entry import leaf_hash
from gateway.errors import JournalInvalid
from gateway.verify import open_read_only, unreadable

Head = tuple[int, str]  # number and leaf hash of an entry


def path_of(site: Path) -> Path:
    return site / "heads" / "newest.json"


def write_head(site: Path, head: Head) -> None:
    """Name an entry, durably. Raises `OSError`."""
    path = path_of(site)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        json.dump({"index": head[0], "leaf_hash": head[1]}, stream)
        stream.flush()
        os.fsync(stream.fileno())
    aside.replace(path)
    sync(path.parent)


def read_head(site: Path) -> Head | None:
    """The entry that was named last; None where none was. Raises `JournalInvalid` (HEAD_UNREADABLE)."""
    path = path_of(site)
    try:
        found = json.loads(path.read_text("utf-8"))
        return int(found["index"]), str(found["leaf_hash"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        raise JournalInvalid(f"{path} cannot be read", reason="HEAD_UNREADABLE") from None


def holds(journal: Path, head: Head) -> bool:
    """Whether a journal has this entry at its place. Raises `JournalInvalid`, or `AuditUnavailable`."""
    try:
        with closing(open_read_only(journal)) as database:
            row = database.execute("SELECT data FROM entries WHERE seq = ?", (head[0],)).fetchone()
    except sqlite3.Error as error:
        raise unreadable(error) from None
    return row is not None and leaf_hash(bytes(row[0])).hex() == head[1]


def check_head(site: Path, journal: Path) -> None:
    """Raise `JournalInvalid` where the journal is older than what was named, or another (JOURNAL_RESTORED),
    or is not there at all (JOURNAL_MISSING).
    """
    head = read_head(site)
    if head is None:
        return
    if not journal.exists() or not journal.stat().st_size:
        raise JournalInvalid(
            "heads/newest.json names an entry of a journal that is gone: bring it back; without it nobody "
            "knows what was spent",
            reason="JOURNAL_MISSING",
        )
    if not holds(journal, head):
        raise JournalInvalid(
            f"heads/newest.json names entry {head[0]}, and this journal does not hold it: an older copy was "
            "put in its place, and serving would give spent budget back; see `gateway recover`",
            reason="JOURNAL_RESTORED",
        )
