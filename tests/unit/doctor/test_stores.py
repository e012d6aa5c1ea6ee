"""Room, growth, age: what doctor reckons from sizes and days, each finding beside its twin."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gateway.adapters.snapshots import Stored
from gateway.doctor import stores
from gateway.doctor.finding import Finding
from tests.unit.audit.kit import FakeClock, open_journal

GB = 10**9


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name in ("data", "journal"):
        (tmp_path / name).mkdir()
    (tmp_path / "site.yaml").write_text("site: north\n")
    return tmp_path


def states(findings: Iterator[Finding]) -> dict[str, str]:
    """The worst state by code."""
    order = ("ok", "warn", "fail")
    found: dict[str, str] = {}
    for one in findings:
        found[one.code] = max(found.get(one.code, "ok"), one.state, key=order.index)
    return found


@pytest.mark.parametrize(
    ("free", "disk", "spill"), [(100 * GB, "ok", "ok"), (5 * GB, "ok", "warn"), (GB // 2, "warn", "warn")]
)
def test_room(site: Path, monkeypatch: pytest.MonkeyPatch, free: int, disk: str, spill: str) -> None:
    monkeypatch.setattr(stores, "room", lambda site, name: (free, 2 * free))
    found = states(stores.disk(site))
    assert (found["DISK"], found["SPILL"]) == (disk, spill)


@pytest.mark.parametrize(("there", "state"), [(8, "ok"), (2, "warn")])
def test_memory(site: Path, monkeypatch: pytest.MonkeyPatch, there: int, state: str) -> None:
    pages = {"SC_PHYS_PAGES": there * GB // 4096, "SC_PAGE_SIZE": 4096}
    monkeypatch.setattr(stores, "os", SimpleNamespace(sysconf=pages.__getitem__))
    assert states(stores.disk(site))["MEMORY"] == state


@pytest.mark.parametrize(("text", "size"), [("2GB", 2 * GB), ("512MB", 512 * 10**6)])
def test_sizes_are_read_as_the_engine_reads_them(text: str, size: int) -> None:
    assert stores.byte_size(text) == size


@pytest.mark.parametrize(("free", "state"), [(10 * GB, "ok"), (10_000, "warn")])
def test_growth(site: Path, monkeypatch: pytest.MonkeyPatch, free: int, state: str) -> None:
    """A journal that was opened ten days ago, on a volume with so much room."""
    path = site / "journal" / "journal.db"
    assert "too young" in next(stores.growth(site)).words
    open_journal(path, clock=FakeClock(datetime.now(UTC) - timedelta(days=10))).close()
    monkeypatch.setattr(stores, "room", lambda site, name: (free, 2 * free))
    (finding,) = stores.growth(site)
    assert (finding.code, finding.state) == ("JOURNAL_GROWTH", state)
    assert "10 days" in finding.words


@pytest.mark.parametrize(
    ("count", "days", "expected"), [(12, 92, {"ok"}), (13, 92, {"ok", "warn"}), (1, 93, {"ok", "warn"})]
)
def test_snapshots(
    site: Path, monkeypatch: pytest.MonkeyPatch, count: int, days: int, expected: set[str]
) -> None:
    then = (datetime.now(UTC) - timedelta(days=days)).isoformat()
    stored = Stored(dataset="encounters", rows=4711, patients=815, definition="d", ingested_at=then)
    monkeypatch.setattr(stores, "contents", lambda path: (stored,))
    for number in range(count):
        (site / "data" / f"20260101T0000{number:02d}Z-00000000.duckdb").touch()
    found = list(stores.snapshots(site))
    assert {finding.state for finding in found} == expected
    assert not [finding for finding in found if "4711" in finding.words or "815" in finding.words]


def test_heads_on_the_journals_own_volume(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert states(stores.heads(site)) == {"HEADS": "ok"}  # nothing was served yet
    (site / "heads").mkdir()
    assert states(stores.heads(site)) == {"HEADS": "warn"}
    stat = Path.stat

    def elsewhere(path: Path, **options: Any) -> Any:
        return SimpleNamespace(st_dev=-1) if path.name == "heads" else stat(path, **options)

    monkeypatch.setattr(Path, "stat", elsewhere)
    monkeypatch.setattr(Path, "exists", lambda path: os.path.lexists(path))
    assert states(stores.heads(site)) == {"HEADS": "ok"}
