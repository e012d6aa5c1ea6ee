"""The stores: snapshots and their age, the journal and whether it verifies, room and growth on the disk.

Imports: the standard library, config, adapters, verify, doctor.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from gateway import config
from gateway.adapters.head_file import check_head, path_of
from gateway.adapters.journal_marker import check_marker
from gateway.adapters.journal_tail import journal_bytes
from gateway.adapters.snapshots import contents, list_snapshots
from gateway.adapters.sqlite_journal import first_entry
from gateway.audit.entry import parse
from gateway.config import Settings
from gateway.doctor.finding import Finding, fail, ok, warn
from gateway.doctor.volumes import PLACES, room
from gateway.verify import verify_file

LEAST_BYTES = 1 << 30
MANY_SNAPSHOTS = 12
OLD_DAYS = 92
FORECAST_DAYS = 180
JOURNAL = Path("journal") / "journal.db"


def snapshots(site: Path) -> Iterator[Finding]:
    """The one that serves, its age, and how many lie there; no counts of rows or patients."""
    found = list_snapshots(site / "data")
    if not found:
        yield warn("SNAPSHOT", "nothing was ingested yet", "gateway ingest")
        return
    stored = contents(found[-1])
    yield ok("SNAPSHOT", f"snapshot {found[-1].stem}: {', '.join(one.dataset for one in stored)}")
    taken = min((datetime.fromisoformat(one.ingested_at) for one in stored), default=datetime.now(UTC))
    age = (datetime.now(UTC) - taken).days
    words = f"its oldest dataset was ingested {age} days ago"
    yield warn("SNAPSHOT_AGE", words, "ingest again") if age > OLD_DAYS else ok("SNAPSHOT_AGE", words)
    words = f"{len(found)} snapshots lie in data/"
    if len(found) > MANY_SNAPSHOTS:
        yield warn("SNAPSHOT_COUNT", words, "only the newest serves: move the oldest away")
    else:
        yield ok("SNAPSHOT_COUNT", words)


def journal(site: Path) -> Iterator[Finding]:
    """Whether it is the one that was opened here, and verifies."""
    path = site / JOURNAL
    if not path.exists():
        check_marker(path, None)
        check_head(site, path)
        yield warn("JOURNAL", "not opened yet", "the first serve opens it")
        return
    report = verify_file(path)
    if not report.ok:
        yield fail(
            "JOURNAL", report.faults[0], "keep it as it is, and bring back a whole one: docs/operate.md"
        )
        return
    if report.origin != config.load(site).site:
        yield fail("JOURNAL", "this is the journal of another site", "bring back this site's own")
        return
    check_marker(path, first_entry(path))  # raises where another was opened here, or this is a restored one
    check_head(site, path)
    yield ok("JOURNAL", f"{report.entries} entries verify, {report.open} charges open")


def heads(site: Path) -> Iterator[Finding]:
    """heads/ tells an older journal from the newest, unless it goes back in time together with it."""
    folder = path_of(site).parent
    if not folder.exists():
        yield ok("HEADS", "no journal was served here yet")
    elif folder.stat().st_dev == (site / "journal").stat().st_dev:
        words = "heads/ lies on the journal's own volume: restored together, they would agree"
        yield warn("HEADS", words, "mount another volume at heads/, and leave it out of backups")
    else:
        yield ok("HEADS", "heads/ lies on another volume than the journal")


def growth(site: Path) -> Iterator[Finding]:
    """How long the journal's volume lasts, if it goes on as since the first entry."""
    path = site / JOURNAL
    first = first_entry(path) if path.exists() else None
    days = 0.0 if first is None else (datetime.now(UTC) - parse(first).time).total_seconds() / 86_400
    if days < 1:
        yield ok("JOURNAL_GROWTH", "too young for a forecast")
        return
    size, free = journal_bytes(path), room(site, "journal")[0]
    lasts = int(free / max(size / days, 1))
    words = f"{size / 1e6:,.1f} MB in {days:,.0f} days; at this pace its volume lasts {lasts:,} days"
    if lasts < FORECAST_DAYS:
        yield warn(
            "JOURNAL_GROWTH", words, "give the journal's volume more room; nothing is ever removed from it"
        )
    else:
        yield ok("JOURNAL_GROWTH", words)


def disk(site: Path) -> Iterator[Finding]:
    """Room on each volume; the data's must also hold what a query may spill."""
    for name in PLACES:
        free = room(site, name)[0]
        words = f"{free / 1e9:,.1f} GB free under {name}"
        low = free < LEAST_BYTES
        yield warn("DISK", words, "make room: a full disk stops the gateway") if low else ok("DISK", words)
    settings = config.load(site)
    spill, free = byte_size(settings.engine.spill), room(site, "data")[0]
    words = f"a query may spill {settings.engine.spill}"
    if spill > free:
        yield warn("SPILL", f"{words}, more than is free under data", "lower engine.spill, or make room")
    else:
        yield ok("SPILL", words)
    yield _memory(settings)


def byte_size(text: str) -> int:
    """`2GB` or `512MB`, as site.yaml and the engine write it, in bytes."""
    return int(text[:-2]) * (10**9 if text.endswith("GB") else 10**6)


def _memory(settings: Settings) -> Finding:
    """A query's memory beside the machine's. The engine's limit is one for all queries that run at once."""
    there = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    words = f"queries may take {settings.engine.memory} of {there / 1e9:,.1f} GB"
    if byte_size(settings.engine.memory) > there * 3 // 4:
        return warn("MEMORY", words, "lower engine.memory to three quarters of the machine's or less")
    return ok("MEMORY", words)
