"""Durability, as the kernel saw it: each answer left after its entries were written and synced.

A kill does not lose the page cache, so that only a trace shows it. Two gateways that are broken on purpose
show that the trace would tell.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.errors import GatewayError
from tests.e2e import test_notes as notes
from tests.e2e.kit import COUNT_SQL, Place, environment, make_place, until
from tests.fire.kit import disorder, strace

WITHOUT_SYNC = """
from gateway.adapters.journal_store import JournalStore

prepare = JournalStore._prepare


def lazy(self):
    prepare(self)
    self._database.execute("PRAGMA synchronous = OFF")


JournalStore._prepare = lazy
"""
ANSWER_FIRST = """
import asyncio
from gateway.adapters.sqlite_journal import SqliteJournal
from gateway.domain.entry import Receipt

release = SqliteJournal.release
kept = []


async def later(self, charged, stored):
    await asyncio.sleep(0.3)
    await release(self, charged, stored)


async def hasty(self, charged, stored):
    kept.append(asyncio.get_running_loop().create_task(later(self, charged, stored)))
    return Receipt(entry=charged.entry, seq=0, leaf_hash="")


SqliteJournal.release = hasty
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return make_place(tmp_path_factory.mktemp("order"))


def traced_answers(
    place: Place, home: Path, patch: str, ask: Callable[[str], list[list[str]]]
) -> tuple[Path, list[list[str]]]:
    """Serve under strace, ask one thing after the other; the trace, and what had to be on the disk."""
    (home / "sitecustomize.py").write_text(patch)
    log = home / "trace"
    names = "trace=pwrite64,fdatasync,fsync,sendmsg,sendto,write,writev"
    words = strace(log, "--seccomp-bpf", "-s", "6000", "-e", names)
    running = place.site / "run" / "gateway.json"
    with (home / "log").open("wb") as stream:
        tracer = subprocess.Popen(
            [*words, sys.executable, "-m", "gateway", "serve", str(place.site)],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            env=environment(home),
        )
    try:
        until(lambda: running.exists() or tracer.poll() is not None)
        served = json.loads(running.read_text("utf-8"))
        try:
            return log, ask(f"127.0.0.1:{served['port']}")
        finally:
            os.kill(served["pid"], signal.SIGTERM)
    finally:
        tracer.wait(20)


def asked(place: Place, address: str, share: int) -> list[list[str]]:
    """Fresh answers, replays and a refusal, and for each what its entries hold."""
    expected: list[list[str]] = []
    with place.asking(address) as gateway:
        for column in ("sex", "class"):
            sql = COUNT_SQL.replace("sex", column)
            fresh = gateway.query(sql, share=share)
            assert not fresh.replayed
            # The charge, and the release, which alone holds the charge's name in its body.
            expected.append([_named("id", fresh.release), _named("charge", fresh.release)])
            again = gateway.query(sql, share=share)
            assert again.replayed
            expected.append([again.receipt.entry])
        try:
            gateway.query("SELECT COUNT(DISTINCT patient_id) FROM secrets", share=share)
        except GatewayError as refused:
            expected.append([refused.entry])
    assert len(expected) == 5 and all(text for texts in expected for text in texts)
    return expected


def _named(member: str, value: str) -> str:
    """A member as the trace shows it: JSON within a C string."""
    return f'\\"{member}\\":\\"{value}\\"'


@pytest.mark.parametrize(
    ("patch", "share", "found"),  # another share is another draw of the same question
    [
        ("", 1, ""),
        (WITHOUT_SYNC, 2, "written, but not synced"),
        (ANSWER_FIRST, 3, "written after it, or never"),
    ],
    ids=["as-it-is", "broken-synchronous-off", "broken-second-write-late"],
)
def test_every_entry_is_on_the_disk_before_its_answer_leaves(
    place: Place, tmp_path: Path, patch: str, share: int, found: str
) -> None:
    log, expected = traced_answers(place, tmp_path, patch, lambda address: asked(place, address, share))
    faults = disorder(log, expected)
    if not found:
        assert faults == []
    else:
        assert faults and all(found in fault for fault in faults)


BATCH_FIRST = (
    notes.PATCH
    + """
import asyncio
from gateway.adapters.sqlite_journal import SqliteJournal
from gateway.domain.entry import Receipt

disclose = SqliteJournal.disclose
kept = []


async def later(self, disclosure):
    await asyncio.sleep(0.3)
    await disclose(self, disclosure)


async def hasty(self, disclosure):
    kept.append(asyncio.get_running_loop().create_task(later(self, disclosure)))
    return Receipt(entry=disclosure.subject.snapshot, seq=0, leaf_hash="")


SqliteJournal.disclose = hasty
"""
)


def streamed(place: Place, address: str) -> list[list[str]]:
    """Three batches, each read before the next is asked for, and what their entries hold."""
    found = []
    with notes.asking(place, address) as gateway:
        token = ""
        for number in range(3):
            batch = next(gateway.note_batches("notes", page_size=8 + number, page_token=token))
            token = batch.next_page_token
            found.append([f'\\"cells\\":{8 + number},\\"dataset\\":\\"notes\\"'])
    return found


@pytest.mark.parametrize(
    ("patch", "found"),
    [(notes.PATCH, ""), (BATCH_FIRST, "written after it, or never")],
    ids=["as-it-is", "broken"],
)
def test_every_batch_of_notes_is_on_the_disk_before_it_leaves(tmp_path: Path, patch: str, found: str) -> None:
    """Each stream makes a batch ahead, which no reader waits for: it is recorded only when it is to leave."""
    log, expected = traced_answers(
        place := notes.make(tmp_path / "p"), tmp_path, patch, lambda address: streamed(place, address)
    )
    faults = disorder(log, expected)
    if not found:
        assert faults == []
    else:
        assert faults and all(found in fault for fault in faults)
