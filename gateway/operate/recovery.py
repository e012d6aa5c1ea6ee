"""How a restored journal comes to serve again: a `Recovered` entry, and the mark taken away, both or neither.

Law: entries after the backup may have spent budget that nobody can count any more. So either the newest
entry known anywhere is this journal's own newest, on the operator's word, which is recorded; or every
account counts as spent in the period that is open, by the caps of the journal and of the policies in the
folder, whichever are larger. The new journal is made aside and takes the old one's place whole.
Imports: the standard library, config, compile, flows.activate, adapters, audit, verify, errors.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from gateway import config
from gateway.adapters.clock import SystemClock
from gateway.adapters.durable import sync
from gateway.adapters.head_file import holds, read_head, write_head
from gateway.adapters.journal_copy import copy_journal
from gateway.adapters.journal_tail import newest_head
from gateway.adapters.policy_files import PolicyFiles
from gateway.adapters.restored_mark import has_mark, take_mark
from gateway.adapters.sqlite_journal import SqliteJournal
from gateway.audit.bodies import NEWEST, SPENT
from gateway.audit.recovered import recovered_notes
from gateway.compile import compile_policies
from gateway.config import Settings
from gateway.domain.privacy import Period, PrivacyLoss
from gateway.errors import ConfigInvalid, JournalInvalid, JournalLocked, NotFound
from gateway.flows.activate import caps_of
from gateway.verify import Walk, open_read_only, rows, stored_lookup, walk_rows

Key = tuple[str, str]  # account and period

JOURNAL = Path("journal") / "journal.db"


def recover(site: Path, *, newest: tuple[int, str] | None) -> dict[Key, PrivacyLoss]:
    """Let a restored journal serve again. Returns what now counts as spent, by account and period.

    `newest` is the number and leaf hash of the newest entry known anywhere, and must be this journal's
    newest; None: every open period counts as spent. Raises `ConfigInvalid` (NOT_RESTORED), `JournalInvalid`
    (JOURNAL_BEHIND, JOURNAL_CONTRADICTED), `JournalLocked`, `NotFound`, and what the policies raise.
    """
    path, settings = site / JOURNAL, config.load(site)
    if not path.exists():
        raise NotFound("there is no journal to recover", reason="JOURNAL_UNKNOWN")
    with _owned(path):
        named = read_head(site)
        if not has_mark(path) and (named is None or holds(path, named)):
            raise ConfigInvalid("this journal was not restored, or serves again", reason="NOT_RESTORED")
        head = newest_head(path)
        if head is None:
            raise JournalInvalid("the journal has no entry")
        if newest is not None:
            _compare(head, newest)
            if named is not None and not holds(path, named):
                _compare(head, named)
        amounts = {} if newest is not None else _open_periods(site, settings, SystemClock().now())
        _replace(site, settings, NEWEST if newest is not None else SPENT, head[1], amounts)
        write_head(site, newest_head(path) or head)
    return amounts


def _compare(head: tuple[int, str], known: tuple[int, str]) -> None:
    """The claim that nothing is lost holds only where the newest known entry is the newest here."""
    index = known[0]
    if index > head[0]:
        words = f"entries {head[0] + 1} to {index} are lost, and nobody can count what they spent"
        raise JournalInvalid(words, reason="JOURNAL_BEHIND")
    if known != head:
        words = f"entry {index} is not this journal's newest entry, or is not the one that is known"
        raise JournalInvalid(words, reason="JOURNAL_CONTRADICTED")


def _open_periods(site: Path, settings: Settings, now: datetime) -> dict[Key, PrivacyLoss]:
    """Every account with a cap, by the journal's set and by the folder's, spent to the larger of the two.

    Both in the period of the clock and in that of the last entry: what was lost may have been spent in
    either, and which of them the journal will stamp next depends on whether the clock is believed.
    """
    walk = _walk(site / JOURNAL)
    times = [now, now if walk.last is None else walk.last.time]
    files = PolicyFiles(site / "policies", site / "journal" / "policies").working()
    compiled = compile_policies(files, site=settings.site, generation=0)
    amounts: dict[Key, PrivacyLoss] = {}
    for when in times:
        for key, cap in (*walk.ledger.open_caps(when).items(), *_caps_at(caps_of(compiled), when)):
            before = amounts.get(key, cap)
            amounts[key] = PrivacyLoss(rho=max(before.rho, cap.rho), delta=max(before.delta, cap.delta))
    return amounts


def _caps_at(caps: Mapping[str, PrivacyLoss | None], when: datetime) -> Iterator[tuple[Key, PrivacyLoss]]:
    for account, cap in caps.items():
        if cap is not None:
            yield (account, Period(account.split("/")[3]).key(when)), cap


def _walk(path: Path) -> Walk:
    try:
        with closing(open_read_only(path)) as database:
            walk = Walk(stored=stored_lookup(database))
            walk_rows(walk, rows(database))
    except sqlite3.Error:
        raise JournalInvalid("the journal's database is damaged") from None
    if walk.faults:
        raise JournalInvalid(f"the journal does not verify: {walk.faults[0]}")
    return walk


def _replace(site: Path, settings: Settings, claim: str, head: str, amounts: dict[Key, PrivacyLoss]) -> None:
    """1. A copy aside, without the mark. 2. Its new entries, durable. 3. In the old one's place."""
    path = site / JOURNAL
    aside = Path(tempfile.mkdtemp(prefix=".recovering-", dir=path.parent))  # 0700
    try:
        draft = aside / path.name
        copy_journal(path, draft)  # 1
        with closing(sqlite3.connect(draft, isolation_level=None)) as database:
            take_mark(database)
        trust = config.load_trust(site)
        journal = SqliteJournal.open(
            draft,
            origin=settings.site,
            site=settings.site,
            trust_digest=trust.digest,
            demo=trust.demo,
            clock=SystemClock(),
        )
        try:
            asyncio.run(journal.record(recovered_notes(claim, head, amounts, f"uid:{os.getuid()}")))  # 2
        finally:
            journal.close()
        sync(draft)
        _settle(path)
        draft.replace(path)  # 3
        sync(path.parent)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _settle(path: Path) -> None:
    """Leave no write-ahead log of the old database, which would be read into the new one."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = DELETE")
    if path.with_name(path.name + "-wal").exists():
        raise JournalInvalid("another process has this journal open")


@contextmanager
def _owned(path: Path) -> Iterator[None]:
    """The lock that a serving gateway holds. Raises `JournalLocked`."""
    lock = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise JournalLocked("a gateway serves this journal") from None
    finally:
        os.close(lock)
