"""Fail closed: whatever happens to the journal's file, folder or disk, it refuses, soon, and nothing is read.

Root may do anything to a mode, so that the disasters are of the kind that stop root too: read-only and full
volumes, files that are gone or replaced, a folder that is gone. A volume that turns read-only under open
files cannot be had by mounting: that the calls fail (EROFS) is with the other faults.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.adapters.journal_room import free_bytes
from gateway.domain.entry import Charged
from gateway.errors import AuditUnavailable
from tests.checks import check_journal
from tests.disks import read_only, small_volume
from tests.e2e.kit import COUNT_SQL, Place, health, make_place, reason, rewrite, serving, until
from tests.fire.load import loaded, receipts
from tests.flows.fakes import watch
from tests.flows.kit import BY_SEX, COUNT, House
from tests.unit.audit.kit import open_journal, request

PATIENCE = 8.0  # seconds: the journal's own five, and the machine's


def well(house: House) -> bool:
    return house.journal.healthy


@pytest.fixture
def volume(tmp_path: Path) -> Iterator[Path]:
    with small_volume(tmp_path / "volume", "32m") as folder:
        yield folder


def deleted(folder: Path) -> None:
    (folder / "journal.db").unlink()


def log_deleted(folder: Path) -> None:
    (folder / "journal.db-wal").unlink()


def replaced(folder: Path) -> None:
    """By an equal copy: what is written to the old file would be in nobody's journal."""
    shutil.copy(folder / "journal.db", folder / "copy")
    (folder / "copy").rename(folder / "journal.db")


def folder_removed(folder: Path) -> None:
    shutil.rmtree(folder)


def full(folder: Path) -> None:
    with (folder / "filler").open("wb", buffering=0) as stream:
        try:
            while stream.write(b"\0" * 65536):
                pass
        except OSError:
            return


DISASTERS = [deleted, log_deleted, replaced, folder_removed, full]


@pytest.mark.parametrize("disaster", DISASTERS, ids=lambda disaster: disaster.__name__)
async def test_a_question_after_the_disaster(volume: Path, disaster: Callable[[Path], None]) -> None:
    house = await House.open(volume / "site")
    _, engine = watch(house)
    await house.ask(COUNT)  # the twin: before it, questions are answered
    assert well(house)
    disaster(volume / "site")
    began = time.monotonic()
    for question in (BY_SEX, COUNT, BY_SEX):  # one that would be read, one that is stored, and one after
        with pytest.raises(AuditUnavailable) as refused:
            await house.ask(question)
        assert (refused.value.status, refused.value.reason) == ("UNAVAILABLE", "AUDIT_UNAVAILABLE")
    assert time.monotonic() - began < PATIENCE
    assert not well(house)
    assert len(engine.plans) == 1  # nothing was read after the disaster
    house.site.threads.shutdown()
    await asyncio.to_thread(house.journal.close)


@pytest.mark.parametrize("disaster", DISASTERS, ids=lambda disaster: disaster.__name__)
async def test_a_probe_sees_it_before_anybody_asks(volume: Path, disaster: Callable[[Path], None]) -> None:
    house = await House.open(volume / "site")
    assert well(house)
    disaster(volume / "site")
    assert not well(house)
    assert house.journal.broken == (disaster is not full)  # on a full disk, people can make room
    house.site.threads.shutdown()
    await asyncio.to_thread(house.journal.close)


async def test_a_read_only_volume(volume: Path) -> None:
    path = volume / "journal.db"
    journal = open_journal(path)
    assert isinstance(await journal.claim(request()), Charged)
    journal.close()
    read_only(volume)
    began = time.monotonic()
    with pytest.raises(AuditUnavailable) as refused:
        open_journal(path)
    assert refused.value.reason == "AUDIT_UNAVAILABLE" and time.monotonic() - began < PATIENCE
    assert free_bytes(path) == 0  # as a probe takes it
    check_journal(path)  # reading is another matter
    read_only(volume, False)
    open_journal(path).close()  # the twin


def test_a_disk_that_fills_up_under_load(volume: Path) -> None:
    """With its headroom the journal never meets the end of the disk: what began is recorded to its end."""
    with loaded(volume / "journal.db") as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(20)]
        full(volume)
        lines += process.stdout.readlines()
    assert process.returncode == 0
    assert json.loads(lines[-1]) == ["AUDIT_UNAVAILABLE", False]
    check_journal(volume / "journal.db", receipts=receipts(lines))


def test_a_file_that_cannot_grow(tmp_path: Path) -> None:
    """No headroom foresees this: the write itself fails, in the middle of the load."""
    path = tmp_path / "journal.db"
    with loaded(path, most_bytes=300_000) as process:
        assert process.stdout is not None
        lines = process.stdout.readlines()
    assert process.returncode == 0
    assert json.loads(lines[-1]) == ["AUDIT_UNAVAILABLE", False]
    kept = receipts(lines)
    assert kept
    check_journal(path, receipts=kept)


# -- through the whole door ------------------------------------------------------------------------

READS = """
from pathlib import Path
from gateway import app
from gateway.adapters.ibis_engine import IbisEngine

app.LINGER_SECONDS = 1.0
run = IbisEngine.run


def seen(self, plan):
    with Path({path!r}).open("a") as stream:
        stream.write("read\\n")
    return run(self, plan)


IbisEngine.run = seen
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return make_place(tmp_path_factory.mktemp("made"))


@pytest.mark.parametrize("disaster", [replaced, folder_removed], ids=lambda d: d.__name__)
def test_a_served_gateway(made: Place, tmp_path: Path, disaster: Callable[[Path], None]) -> None:
    shutil.copytree(made.home, tmp_path / "copy")
    place = Place(tmp_path / "copy")
    rewrite(place.site / "site.yaml", made.health, place.health)
    reads = tmp_path / "reads"
    (tmp_path / "sitecustomize.py").write_text(READS.format(path=str(reads)))
    with serving(place.site, patches=tmp_path) as server, place.asking(server.address) as gateway:
        assert gateway.query(COUNT_SQL).rows
        assert health(place.health) == "SERVING"
        disaster(place.site / "journal")
        began = time.monotonic()
        assert reason(lambda: gateway.query(COUNT_SQL.replace("sex", "region"))) in GONE
        assert time.monotonic() - began < 2 * PATIENCE
        until(lambda: health(place.health, 2.0) in ("NOT_SERVING", "UNAVAILABLE"), 5.0)
        assert reads.read_text() == "read\n"  # the first question's alone
        assert server.process.wait(20) == 69


# The client asks again while it is told UNAVAILABLE, and may meet the end of the process.
GONE = ("AUDIT_UNAVAILABLE", "SERVER_UNAVAILABLE")
