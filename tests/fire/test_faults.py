"""Faults of the kernel's own: system calls that fail or hang in the middle of the load.

strace answers chosen calls on the journal's write-ahead log with an error, or holds them up. Every receipt
that was given must be in the journal afterwards, and nobody may be left waiting.
"""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import IO

import pytest

from tests.checks import check_journal
from tests.fire.kit import calls, strace
from tests.fire.load import loaded, receipts
from tests.unit.audit.kit import open_journal


@pytest.mark.parametrize(
    ("call", "when", "error"),
    [
        ("fdatasync", 12, "EIO"),
        ("fdatasync", 12, "ENOSPC"),
        ("pwrite64", 80, "EIO"),
        ("pwrite64", 80, "ENOSPC"),
        ("pwrite64", 80, "EROFS"),
    ],
)
def test_an_error_of_the_disk_ends_in_unavailable(tmp_path: Path, call: str, when: int, error: str) -> None:
    path, log = tmp_path / "journal.db", tmp_path / "trace"
    fault = f"inject={call}:error={error}:when={when}+"
    words = strace(log, "-P", f"{path}-wal", "-e", f"trace={call}", "-e", fault)
    with loaded(path, before=words) as process:
        assert process.stdout is not None
        lines = process.stdout.readlines()
    assert process.returncode == 0
    assert json.loads(lines[-1]) == ["AUDIT_UNAVAILABLE", False]
    assert any(found.result == -1 for found in calls(log))  # the fault was met, not passed by
    kept = receipts(lines)
    assert kept
    check_journal(path, receipts=kept)
    open_journal(path).close()  # the twin: without the fault it opens, and what was open is closed
    assert check_journal(path, receipts=kept).open == 0


def test_a_disk_that_hangs_keeps_nobody_waiting(tmp_path: Path) -> None:
    path, log = tmp_path / "journal.db", tmp_path / "trace"
    fault = "inject=fdatasync:delay_enter=3000000:when=12+"
    words = strace(log, "-P", f"{path}-wal", "-e", "trace=fdatasync", "-e", fault)
    with loaded(path, before=words, patience=0.5) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        began = time.monotonic()
        try:
            lines = _until_reason(process.stdout)
            waited = time.monotonic() - began
        finally:
            _end(process.pid)
    assert json.loads(lines[-1]) == ["AUDIT_UNAVAILABLE", False]
    assert waited < 3
    check_journal(path, receipts=receipts([first, *lines]))


def _until_reason(stream: IO[str]) -> list[str]:
    lines: list[str] = []
    while not lines or "AUDIT" not in lines[-1]:
        lines.append(stream.readline())
        assert lines[-1]
    return lines


def _end(tracer: int) -> None:
    """The traced process is held up inside its call: end it, and with it its tracer."""
    for child in Path(f"/proc/{tracer}/task/{tracer}/children").read_text("ascii").split():
        os.kill(int(child), signal.SIGKILL)
