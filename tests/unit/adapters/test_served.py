"""Which snapshot is served: the last one that the journal says was published, read beside its writer."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.adapters.served import served_snapshot
from gateway.domain.entry import EntryKind
from gateway.errors import JournalInvalid
from gateway.flows.activate import publish
from tests.unit.audit.kit import activated, open_journal


async def test_the_last_published_one_while_the_journal_is_open(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    assert served_snapshot(path) is None
    journal = open_journal(path)
    try:
        assert served_snapshot(path) is None
        for name in ("20260101T000000Z-00000001", "20260102T000000Z-00000002"):
            await publish(name, (EntryKind.SNAPSHOT_PUBLISHED.value,), journal)
            await journal.record([activated()])
            assert served_snapshot(path) == name
    finally:
        journal.close()
    assert served_snapshot(path) == "20260102T000000Z-00000002"


def test_a_journal_that_is_none_is_said(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    path.write_bytes(b"")
    with pytest.raises(JournalInvalid):
        served_snapshot(path)
