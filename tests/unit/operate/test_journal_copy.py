"""A journal copied while it is written: whole, marked, and in nobody's way."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from gateway.adapters.journal_copy import TABLES, copy_journal
from gateway.adapters.journal_tail import newest_head
from gateway.adapters.restored_mark import has_mark
from gateway.domain.entry import Charged, EntryKind, Note
from gateway.errors import JournalInvalid
from gateway.verify import BATCH
from tests.checks import check_journal
from tests.unit.audit.kit import noisy, open_journal, request


async def test_a_copy_verifies_and_is_marked(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / "journal.db")
    for number in range(3):
        claim = await journal.claim(request(plan=f"p{number}", request_id=f"r{number}"))
        assert isinstance(claim, Charged)
        receipt = await journal.release(claim, noisy(claim))
    copy_journal(tmp_path / "journal.db", tmp_path / "copy.db")
    report = check_journal(tmp_path / "copy.db", receipts=[receipt])
    assert (report.entries, newest_head(tmp_path / "copy.db")) == (7, journal.head())
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600
    assert not list(tmp_path.glob("copy.db-*"))
    assert (has_mark(tmp_path / "copy.db"), has_mark(tmp_path / "journal.db")) == (True, False)
    journal.close()


async def test_a_marked_journal_is_refused_and_its_unmarked_twin_is_not(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / "journal.db")
    journal.close()
    copy_journal(tmp_path / "journal.db", tmp_path / "copy.db")
    with pytest.raises(JournalInvalid) as refused:
        open_journal(tmp_path / "copy.db")
    assert refused.value.reason == "JOURNAL_RESTORED"
    open_journal(tmp_path / "journal.db").close()


async def test_the_writer_goes_on_and_the_copy_ends_where_it_began(tmp_path: Path) -> None:
    """Entries are added between any two steps: the copy is a prefix, and the log can still shrink."""
    journal = open_journal(tmp_path / "journal.db")
    await journal.record([Note(kind=EntryKind.REFUSED)] * (3 * BATCH))
    before = journal.head()
    added: list[int] = []
    loop = asyncio.get_running_loop()

    def meanwhile(count: int) -> None:
        note = journal.record([Note(kind=EntryKind.REFUSED)])
        added.append(asyncio.run_coroutine_threadsafe(note, loop).result()[0].seq)
        with closing(sqlite3.connect(tmp_path / "journal.db")) as other:
            busy, _, _ = other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        assert busy == 0  # no reader holds the log

    await asyncio.to_thread(copy_journal, tmp_path / "journal.db", tmp_path / "copy.db", meanwhile)
    assert len(added) >= 3
    assert newest_head(tmp_path / "copy.db") == before
    check_journal(tmp_path / "copy.db")
    journal.close()


def test_a_table_that_would_be_left_out_is_refused(tmp_path: Path) -> None:
    open_journal(tmp_path / "journal.db").close()
    with closing(sqlite3.connect(tmp_path / "journal.db")) as database:
        form = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        assert {name for (name,) in form} == TABLES
        database.execute("CREATE TABLE more (x INTEGER)")
    with pytest.raises(JournalInvalid, match="more"):
        copy_journal(tmp_path / "journal.db", tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "journal.db")) as database:
        database.execute("DROP TABLE more")
    copy_journal(tmp_path / "journal.db", tmp_path / "twin.db")


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    open_journal(tmp_path / "journal.db").close()
    (tmp_path / "copy.db").write_text("mine")
    with pytest.raises(FileExistsError):
        copy_journal(tmp_path / "journal.db", tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "mine"
