"""The offline verifier: reads a whole journal and says whether it is what the gateway wrote.

Law: nothing but the standard library is needed, and no fault is passed over in silence. The same walk
serves the start of the gateway. What it cannot see alone is the end: a log that was cut, or re-chained
from some entry on, is whole in itself; give it receipts that were kept elsewhere.
Imports: errors, domain, audit, ledger, stored.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from gateway.audit.entry import NO_ENTRY, Entry, leaf_hash, parse, stored_digest
from gateway.audit.requests import bound_scope
from gateway.domain.entry import EntryKind, Receipt
from gateway.errors import AuditUnavailable, GatewayError, JournalInvalid
from gateway.ledger import Ledger
from gateway.stored import decode_release

SCHEMA = 1
BATCH = 500  # entries read at a time: a long read would keep the live writer's log from shrinking
MOST_FAULTS = 100
LONGEST_LINE = 1 << 20

StoredLookup = Callable[[str], bytes | None]
Row = tuple[int, str, bytes, bytes | None]  # number, id, bytes, digest of the request id that it binds


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was found. `head` is the last entry's leaf hash; `open` counts charges not settled yet."""

    entries: int
    origin: str
    head: str
    open: int
    faults: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.faults


class Walk:
    """Entries taken in one after the other, from entry 0.

    1. The bytes are canonical and have the form of an entry.
    2. `seq` counts from 0 without gaps; entry 0, and only it, is `Opened`.
    3. `prev` is the leaf hash of the bytes before.
    4. The origin is that of entry 0, and time never runs back.
    5. The ledger's laws: every charge names whom it must, under declared caps, and nobody overspent; every
       release, failure and replay has its charge or release.
    6. The stored bytes of each release have the digest that its entry names, and in them stand the draw,
       the population and the loss that were charged (not in an export).
    7. Receipts kept elsewhere are found at their place (when the walk is over: `missing`).
    """

    def __init__(self, *, stored: StoredLookup | None = None, receipts: Sequence[Receipt] = ()) -> None:
        self.ledger = Ledger()
        self.next = 0
        self.head = NO_ENTRY
        self.last: Entry | None = None
        self.origin = self.site = ""  # as entry 0 has them
        self.faults: list[str] = []
        self._stored = stored
        self._receipts = {receipt.seq: receipt for receipt in receipts}

    def take(self, data: bytes) -> Entry | None:
        """One more entry. Returns it, or None where it cannot be read."""
        seq, before = self.next, self.head
        self.next += 1
        self.head = leaf_hash(data).hex()
        receipt = self._receipts.pop(seq, None)
        if receipt is not None and receipt.leaf_hash != self.head:  # 7
            self.fault(seq, "is not the entry that the receipt was given for")
        try:
            entry = parse(data)  # 1
        except JournalInvalid as error:
            self.fault(seq, error.message)
            return None
        if entry.seq != seq or (entry.kind is EntryKind.OPENED) != (seq == 0):  # 2
            self.fault(seq, f"is numbered {entry.seq}, kind {entry.kind}: an entry is missing or moved")
        if entry.prev != before:  # 3
            self.fault(seq, "does not continue the chain: this entry or the one before was changed")
        self._origin_and_time(seq, entry)  # 4
        for text in self.ledger.apply(entry):  # 5
            self.fault(seq, text)
        self._stored_release(seq, entry)  # 6
        self.last = entry
        return entry

    def missing(self) -> None:
        """The end of the walk: an empty log, and receipts for entries that did not come, are faults."""
        if self.next == 0:
            self.fault(0, "is missing: the journal is empty")
        for seq in sorted(self._receipts):  # 7
            self.fault(seq, "is missing, though a receipt was given for it: the journal was cut")

    def fault(self, seq: int, text: str) -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(f"entry {seq}: {text}")

    def report(self) -> Report:
        return Report(
            entries=self.next,
            origin=self.origin,
            head=self.head,
            open=len(self.ledger.open),
            faults=tuple(self.faults),
        )

    def _origin_and_time(self, seq: int, entry: Entry) -> None:
        if self.last is None:
            self.origin, self.site = entry.origin, entry.text("site")
        elif entry.time < self.last.time:
            self.fault(seq, "time runs back")
        if entry.origin != self.origin:
            self.fault(seq, "has another origin")

    def _stored_release(self, seq: int, entry: Entry) -> None:
        if self._stored is None or entry.kind is not EntryKind.RELEASED:
            return
        stored = self._stored(entry.id)
        if stored is None:
            self.fault(seq, "its stored release is missing")
        elif stored_digest(entry.text("salt"), stored) != entry.text("digest"):
            self.fault(seq, "its stored release was changed")
        else:
            self._as_charged(seq, entry.text("charge"), stored)

    def _as_charged(self, seq: int, charge: str, stored: bytes) -> None:
        try:
            release, draw = decode_release(stored)
        except JournalInvalid as error:
            self.fault(seq, error.message)
            return
        charged = self.ledger.by_charge.get(charge)
        if charged is None:  # a fault already
            return
        if (draw, release.population, release.loss) != (charge, charged.population, charged.loss):
            self.fault(seq, "its stored release is not the draw, or not of the loss, that was charged")


def verify_file(path: Path, *, receipts: Sequence[Receipt] = ()) -> Report:
    """Verify a journal's database or its export, by the numbered plan of `Walk`.

    A live journal may be read while it is written: entries that come later are left out.
    Raises `JournalInvalid` only where the file cannot be read as either form.
    """
    # The file is never opened but through SQLite until it is known to be no database: closing any other
    # descriptor of it would drop the locks that a writer in this same process holds on it (POSIX).
    try:
        return _verify_database(path, receipts)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_NOTADB:
            raise JournalInvalid("the journal cannot be opened, or its database is damaged") from None
    except (ValueError, TypeError):
        raise JournalInvalid("the journal's database is damaged") from None
    return verify_lines(_lines(path), receipts=receipts)


def verify_lines(lines: Iterable[bytes], *, receipts: Sequence[Receipt] = ()) -> Report:
    """Verify an export: lines with their ends, one canonical entry each."""
    walk = Walk(receipts=receipts)
    for number, line in enumerate(lines):
        if not line.endswith(b"\n"):
            walk.fault(number, "has no end of line: the export was cut or changed")
        walk.take(line.removesuffix(b"\n"))
    walk.missing()
    return walk.report()


def export(path: Path, out: Path) -> int:
    """Write a journal's entries as JSON lines, one canonical entry a line; returns how many.

    Raises `JournalInvalid` where the journal cannot be read.
    """
    count = 0
    try:
        with closing(open_read_only(path)) as database, out.open("wb") as file:
            for _seq, _id, data, _scope in rows(database):
                file.write(data + b"\n")
                count += 1
            file.flush()
            os.fsync(file.fileno())
    except (OSError, sqlite3.Error):
        raise JournalInvalid("the journal cannot be read, or the export not written") from None
    return count


_KEPT_OUT = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
    }
)


def unreadable(error: sqlite3.Error) -> GatewayError:
    """What a failed read of a journal means: the machine keeps it from being read, or it is damaged.

    A reader beside a writer needs room for its index of the log, which a full disk does not have.
    """
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in _KEPT_OUT:
        return AuditUnavailable("the journal cannot be opened now: is the disk full, or the folder closed?")
    return JournalInvalid("the journal cannot be opened, or its database is damaged")


def open_read_only(path: Path) -> sqlite3.Connection:
    """A reader that never writes, checkpoints or creates. Raises `JournalInvalid` or `sqlite3.Error`.

    Where the folder cannot be written either (a backup medium), and no log lies beside the database,
    SQLite is told that nothing will change.
    """
    address = path.absolute().as_uri()
    still = not os.access(path.parent, os.W_OK) and not path.with_name(path.name + "-wal").exists()
    database = sqlite3.connect(
        f"{address}?{'immutable=1' if still else 'mode=ro'}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        version = database.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            raise JournalInvalid("the file holds no journal")
        if version != SCHEMA:
            raise JournalInvalid(f"journal schema {version}, this software reads {SCHEMA}")
    except (JournalInvalid, sqlite3.Error):
        database.close()
        raise
    return database


def rows(database: sqlite3.Connection) -> Iterator[Row]:
    """(seq, id, bytes, scope) of all entries there are now, in order, in short reads."""
    end = database.execute("SELECT max(seq) FROM entries").fetchone()[0]
    at = -1
    while end is not None and at < end:
        batch = database.execute(
            "SELECT seq, id, data, scope FROM entries WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?",
            (at, end, BATCH),
        ).fetchall()
        if not batch:
            return
        for seq, name, data, scope in batch:
            yield int(seq), bytes(name).hex(), bytes(data), None if scope is None else bytes(scope)
        at = int(batch[-1][0])


def walk_rows(walk: Walk, entries: Iterable[Row]) -> None:
    """Take all rows of a database in, and check that its columns say what the entries say."""
    for seq, name, data, scope in entries:
        if seq != walk.next:
            walk.fault(walk.next, "is missing")
        entry = walk.take(data)
        if entry is not None and entry.id != name:
            walk.fault(entry.seq, "is filed under another id")
        if entry is not None and bound_scope(entry) != scope:
            walk.fault(entry.seq, "is not filed under the request id that it binds")


def stored_lookup(database: sqlite3.Connection) -> StoredLookup:
    """The stored releases of a database, by entry id."""

    def look_up(entry: str) -> bytes | None:
        row = database.execute(
            "SELECT stored FROM releases WHERE entry = ?", (bytes.fromhex(entry),)
        ).fetchone()
        return None if row is None else bytes(row[0])

    return look_up


def _verify_database(path: Path, receipts: Sequence[Receipt]) -> Report:
    with closing(open_read_only(path)) as database:
        walk = Walk(stored=stored_lookup(database), receipts=receipts)
        walk_rows(walk, rows(database))
    walk.missing()
    return walk.report()


def _lines(path: Path) -> Iterator[bytes]:
    """Lines of an export; one that is too long comes in pieces, each a fault."""
    try:
        with path.open("rb") as file:
            while line := file.readline(LONGEST_LINE):
                yield line
    except OSError:
        raise JournalInvalid("the export cannot be read") from None
