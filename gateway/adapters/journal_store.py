"""The journal's file: one SQLite database, its lock, its tables, and reads of it.

Law: one process owns the file (a lock beside it, and an epoch that each transaction checks); what was
committed is on the disk (write-ahead log, `synchronous=FULL`), in the very file that the path names.
Every failure of the file is `JournalBroken`, an `AuditUnavailable`. Imports: sqlite3, errors, verify.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.adapters.journal_clock import Anchor
from gateway.errors import AuditUnavailable, JournalInvalid, JournalLocked
from gateway.verify import SCHEMA

_TABLES = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT",
    # `scope` is the digest of (party, agreement, person, request id) where the entry binds that id.
    "CREATE TABLE entries (seq INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, scope BLOB,"
    " data BLOB NOT NULL) STRICT",
    "CREATE INDEX entries_by_scope ON entries (scope, seq) WHERE scope IS NOT NULL",
    "CREATE TABLE releases (entry BLOB PRIMARY KEY, stored BLOB NOT NULL) STRICT",
    "INSERT INTO meta VALUES ('epoch', 0)",
    f"PRAGMA user_version = {SCHEMA}",
)


_ANCHOR = ("clock wall", "clock monotonic", "clock boot")  # microseconds twice, and a number
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class JournalBroken(AuditUnavailable):
    """The file failed under the writer, which therefore ends: what stands on the disk is not known."""


class JournalStore:
    """The only writing connection. Used by one thread at a time: first the opener's, then the writer's."""

    def __init__(self, path: Path, *, busy: float, owned: Callable[[], None] = lambda: None) -> None:
        """Open or create. `busy` is the longest wait in seconds for a lock of the database; `owned` runs
        when the journal is this process's, before its database is touched.

        Raises `JournalLocked`, `JournalInvalid` (another schema, not a journal) or `JournalBroken`.
        """
        self.path = path
        self._pending: list[tuple[int, bytes, bytes | None, bytes]] = []
        self._bound: dict[bytes, bytes] = {}  # request ids bound in the open transaction
        self._wal = path.with_name(path.name + "-wal")
        with _unavailable():
            self._lock = _locked(path.with_name(path.name + ".lock"))
        try:
            with _unavailable():
                owned()
                self._open(busy)
        except BaseException:
            os.close(self._lock)
            raise

    def _open(self, busy: float) -> None:
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        self._database = sqlite3.connect(
            self.path, isolation_level=None, check_same_thread=False, timeout=busy
        )
        try:
            self._prepare()
        except BaseException:
            self._database.close()
            raise

    def _prepare(self) -> None:
        run = self._database.execute
        version = run("PRAGMA user_version").fetchone()[0]
        if version not in (0, SCHEMA):
            raise JournalInvalid(f"journal schema {version}, this software writes {SCHEMA}")
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = FULL")
        run("BEGIN IMMEDIATE")
        if version == 0:
            if run("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                raise JournalInvalid("a database that is not a journal")
            for statement in _TABLES:
                run(statement)
        run("UPDATE meta SET value = value + 1 WHERE name = 'epoch'")
        self._epoch = self._read_epoch()
        run("COMMIT")
        _sync_folder(self.path.parent)
        self._identity = (_identity(self.path), _identity(self._wal))

    @property
    def database(self) -> sqlite3.Connection:
        return self._database

    def begin(self) -> None:
        """Start a transaction. Raises `JournalBroken` where another process took the journal over."""
        with _unavailable():
            self._database.execute("BEGIN IMMEDIATE")
            if self._read_epoch() != self._epoch:
                raise JournalBroken("another process took the journal over")

    def anchor(self) -> Anchor | None:
        """The clock's anchor as last kept."""
        with _unavailable():
            found = dict(self._database.execute("SELECT name, value FROM meta WHERE name LIKE 'clock %'"))
        if len(found) != len(_ANCHOR):
            return None
        wall, monotonic, boot = (int(found[name]) for name in _ANCHOR)
        return Anchor(wall=_EPOCH + timedelta(microseconds=wall), monotonic=monotonic / 1e6, boot=boot)

    def keep_anchor(self, anchor: Anchor) -> None:
        """Keep the clock's anchor with the open transaction."""
        wall = (anchor.wall - _EPOCH) // timedelta(microseconds=1)
        values = (wall, int(anchor.monotonic * 1e6), anchor.boot)
        with _unavailable():
            self._database.executemany(
                "INSERT OR REPLACE INTO meta VALUES (?, ?)", zip(_ANCHOR, values, strict=True)
            )

    def append(self, seq: int, name: bytes, scope: bytes | None, data: bytes) -> None:
        """Put an entry into the open transaction; it is written at its end, with the whole group.

        Each statement gives Python's lock away and may wait to get it back, so few are better than many.
        """
        self._pending.append((seq, name, scope, data))
        if scope is not None:
            self._bound[scope] = data

    def keep(self, name: bytes, stored: bytes) -> None:
        with _unavailable():
            self._database.execute("INSERT INTO releases VALUES (?, ?)", (name, stored))

    def commit(self) -> None:
        """Make the transaction durable.

        The file is looked at after the commit: what was written to a file that is no longer at its path
        (deleted, replaced) is not in the journal, and nobody may be answered on the strength of it.
        """
        with _unavailable():
            self._database.executemany("INSERT INTO entries VALUES (?, ?, ?, ?)", self._pending)
            self._database.execute("COMMIT")
            self._pending.clear()
            self._bound.clear()
            if (_identity(self.path), _identity(self._wal)) != self._identity:
                raise JournalBroken("the journal's file was replaced")

    @property
    def in_place(self) -> bool:
        """Whether the files are still those at their paths; a probe sees a loss before a caller does."""
        try:
            return (_identity(self.path), _identity(self._wal)) == self._identity
        except OSError:
            return False

    def bound(self, scope: bytes) -> bytes | None:
        """The newest entry that binds a request id, those of the open transaction included."""
        if scope in self._bound:
            return self._bound[scope]
        with _unavailable():
            row = self._database.execute(
                "SELECT data FROM entries WHERE scope = ? ORDER BY seq DESC LIMIT 1", (scope,)
            ).fetchone()
        return None if row is None else bytes(row[0])

    def stored(self, name: bytes) -> bytes | None:
        """The stored bytes of a release."""
        with _unavailable():
            row = self._database.execute("SELECT stored FROM releases WHERE entry = ?", (name,)).fetchone()
        return None if row is None else bytes(row[0])

    def close(self) -> None:
        """Give the file and the lock back, once; an open transaction is dropped."""
        lock, self._lock = self._lock, -1
        try:
            self._database.close()
        except sqlite3.Error:
            pass  # the truth is on the disk, and the next start reads it
        finally:
            if lock >= 0:  # a second time, the number may be another file's
                os.close(lock)

    def _read_epoch(self) -> int:
        return int(self._database.execute("SELECT value FROM meta WHERE name = 'epoch'").fetchone()[0])


@contextmanager
def _unavailable() -> Iterator[None]:
    """Every failure of the file or the database is one error, in our own words."""
    try:
        yield
    except (OSError, sqlite3.Error):
        raise JournalBroken("the journal cannot be written") from None


def _locked(path: Path) -> int:
    """A lock file of its own: a second descriptor of the database itself would break SQLite's locks."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise JournalLocked("another process owns this journal") from None
    return lock


def _identity(path: Path) -> tuple[int, int]:
    found = os.stat(path)  # noqa: PTH116 - once per commit, and several times quicker than Path.stat
    return found.st_dev, found.st_ino


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
