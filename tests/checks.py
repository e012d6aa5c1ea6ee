"""`check_journal`: the full offline verification, run after every flow test."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gateway.domain.entry import Receipt
from gateway.verify import Report, verify_file


def check_journal(path: Path, *, receipts: Sequence[Receipt] = ()) -> Report:
    """Fail unless the journal verifies whole and holds every receipt that was given out."""
    report = verify_file(path, receipts=receipts)
    assert report.ok, "\n".join(report.faults)
    return report
