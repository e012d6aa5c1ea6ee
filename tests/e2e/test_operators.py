"""What operators decide about a served gateway's journal: its clock after a jump, its full disk."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from gateway.client.site import SiteSocket
from gateway.v1 import query_pb2, query_pb2_grpc
from gateway.verify import open_read_only
from tests.checks import check_journal
from tests.disks import small_volume
from tests.e2e.kit import COUNT_SQL, Place, command, health, make_place, reason, serving, until
from tests.unit.client.enrolled import done, run

JOURNAL = Path("journal") / "journal.db"
OFFSET = """
from datetime import timedelta
from pathlib import Path
from gateway.adapters import clock

now = clock.SystemClock.now


def moved(self):
    text = Path({path!r}).read_text("utf-8")
    return now(self) + timedelta(seconds=float(text))


clock.SystemClock.now = moved
"""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return make_place(tmp_path / "home")


@pytest.fixture
def offset(tmp_path: Path) -> Path:
    """The seconds that the served gateway's wall clock is ahead; `tmp_path` goes on its path."""
    path = tmp_path / "offset"
    path.write_text("0")
    (tmp_path / "sitecustomize.py").write_text(OFFSET.format(path=str(path)))
    return path


def bodies(place: Place, kind: str) -> list[dict[str, object]]:
    database = open_read_only(place.site / JOURNAL)
    try:
        found = [json.loads(row[0]) for row in database.execute("SELECT data FROM entries ORDER BY seq")]
    finally:
        database.close()
    return [entry for entry in found if entry["kind"] == kind]


def test_a_jump_of_the_clock_is_met_told_and_confirmed(place: Place, offset: Path, tmp_path: Path) -> None:
    region = COUNT_SQL.replace("sex", "region")
    with serving(place.site, patches=tmp_path) as server, place.asking(server.address) as gateway:
        assert gateway.query(COUNT_SQL).rows
        assert command("journal", "confirm-clock", place.site, "--yes").returncode == 65  # nothing to confirm
        offset.write_text("100000")
        until(lambda: server.seen("clock_untrusted"))
        offset.write_text("0")  # a jump that was undone is still for people to look at
        assert reason(lambda: gateway.query(region)) == "CLOCK_UNTRUSTED"
        assert gateway.query(COUNT_SQL).replayed  # what was paid for is still shown
        assert health(place.health) == "SERVING"
        code, shown, _ = run("journal", "state", place.site)
        assert code == 0 and "NOT trusted" in shown
        code, entry, said = run("journal", "confirm-clock", place.site, "--yes")
        assert code == 0 and "The clock says" in said
        (confirmed,) = bodies(place, "ClockConfirmed")
        assert (confirmed["id"], confirmed["party"]) == (entry.strip(), "site")
        assert str(confirmed["person"]).startswith("uid:")
        assert gateway.query(region).rows
        refused = command("journal", "confirm-clock", place.site, "--yes")
        assert refused.returncode == 65 and "CLOCK_TRUSTED" in refused.stderr
        assert server.stop() == 0
    check_journal(place.site / JOURNAL)


def test_an_operator_who_says_no_confirms_nothing(place: Place, offset: Path, tmp_path: Path) -> None:
    with serving(place.site, patches=tmp_path) as server:
        offset.write_text("100000")
        until(lambda: server.seen("clock_untrusted"))
        assert command("journal", "confirm-clock", place.site).returncode != 0  # nobody answers
        assert bodies(place, "ClockConfirmed") == []
        done("journal", "confirm-clock", place.site, "--yes")
        assert len(bodies(place, "ClockConfirmed")) == 1


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_volume(tmp_path / "disk", "32m") as folder:
        yield folder


def test_room_is_made_while_it_serves_and_when_it_does_not(place: Place, disk: Path, tmp_path: Path) -> None:
    shutil.rmtree(place.site / "journal")
    (place.site / "journal").symlink_to(disk)
    place.set("journal: {reserve: 10MB}")
    filler, region = disk / "filler", COUNT_SQL.replace("sex", "region")
    (tmp_path / "sitecustomize.py").write_text("from gateway import app\napp.LINGER_SECONDS = 0.5\n")
    with serving(place.site, patches=tmp_path) as server, place.asking(server.address) as gateway:
        assert gateway.query(COUNT_SQL).rows
        free = shutil.disk_usage(disk).free
        filler.write_bytes(b"\0" * (free - (4 << 20)))
        assert reason(lambda: gateway.query(region)) == "AUDIT_UNAVAILABLE"
        until(lambda: health(place.health, 2.0) == "NOT_SERVING", 5.0)
        time.sleep(1.5)  # a full disk does not end the gateway, as a broken journal would
        code, entry, said = run("journal", "make-room", place.site, "--yes")
        assert (code, "no second one" in said) == (0, True)
        assert bodies(place, "ConfigChanged")[0]["id"] == entry.strip()
        until(lambda: health(place.health, 2.0) == "SERVING", 5.0)
        assert gateway.query(region).rows
        again = command("journal", "make-room", place.site, "--yes")
        assert again.returncode == 65 and "RESERVE_ABSENT" in again.stderr
        filler.unlink()
        assert server.stop() == 0
    with serving(place.site) as server:  # which sets the reserve aside again
        assert server.stop() == 0
    filler.write_bytes(b"\0" * shutil.disk_usage(disk).free)
    assert command("serve", place.site).returncode == 69
    done("journal", "make-room", place.site, "--yes")
    assert len(bodies(place, "ConfigChanged")) == 2
    with serving(place.site) as server, place.asking(server.address) as gateway:
        assert gateway.query(COUNT_SQL).replayed
        assert server.stop() == 0
    check_journal(place.site / JOURNAL)


def test_unproven_callers_are_counted_in_the_journal_without_their_words(place: Place) -> None:
    canary = "canary-of-a-caller"
    ask = query_pb2.RunQueryRequest(agreement=canary, sql=canary)
    with serving(place.site) as server, place.asking(server.address) as gateway:
        stub = query_pb2_grpc.QueryServiceStub(gateway._channel)  # type: ignore[no-untyped-call]
        for _ in range(7):
            with pytest.raises(grpc.RpcError):
                stub.RunQuery(ask, timeout=5, metadata=(("authorization", f"Bearer {canary}"),))
        assert bodies(place, "Refused") == []
        assert server.stop() == 0
    (told,) = bodies(place, "Refused")
    assert (told["party"], told["outcome"], told["body"]) == ("university", "TOKEN_MALFORMED", {"count": 7})
    assert canary not in json.dumps(told)
    check_journal(place.site / JOURNAL)


def test_the_site_s_commands_are_not_for_partners(place: Place) -> None:
    from gateway.v1 import journal_pb2, journal_pb2_grpc

    with serving(place.site) as server, place.asking(server.address) as gateway:
        stub = journal_pb2_grpc.JournalServiceStub(gateway._channel)  # type: ignore[no-untyped-call]
        with pytest.raises(grpc.RpcError) as caught:
            stub.ConfirmClock(journal_pb2.ConfirmClockRequest(), timeout=5)
        assert caught.value.code().name == "UNIMPLEMENTED"
        with SiteSocket(place.site / "run" / "site.sock") as own:
            assert own.journal_state().clock_trusted  # the twin
