"""The server opens no connection that its configuration does not name (architecture.md, No surprises).

An audit hook in the server's own process, at work before anything of the gateway is imported, refuses every
connect and every name lookup off loopback; a full question is answered all the same. The hook sees what goes
through Python; gRPC's core connects nowhere as a server.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checks import check_journal
from tests.e2e.kit import COUNT_SQL, Place, health, make_place, serving

GUARD = """
import sys


def audit(event, arguments):
    if event == "socket.getaddrinfo" or event == "socket.connect":
        with open({seen!r}, "a") as file:
            print(event, file=file)


sys.addaudithook(audit)

from tests import guards

guards.install()
open({installed!r}, "w").close()
"""
CALLS_OUT = """
import socket

from gateway.adapters import ibis_engine

evaluate = ibis_engine.evaluate


def chatty(cursor, sql, expression, bounding_key):
    socket.getaddrinfo("example.invalid", 443)
    return evaluate(cursor, sql, expression, bounding_key)


ibis_engine.evaluate = chatty
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return make_place(tmp_path_factory.mktemp("quiet"))


def patched(folder: Path, extra: str = "") -> tuple[Path, Path]:
    """Fill a folder for the server's PYTHONPATH; the files that tell of attempts and of the hook itself."""
    seen, installed = folder / "attempted", folder / "installed"
    text = GUARD.format(seen=str(seen), installed=str(installed)) + extra
    (folder / "sitecustomize.py").write_text(text, "utf-8")
    return seen, installed


def test_a_question_is_answered_without_leaving(place: Place, tmp_path: Path) -> None:
    seen, installed = patched(tmp_path)
    with serving(place.site, patches=tmp_path) as server, place.asking(server.address) as gateway:
        assert installed.exists()
        assert gateway.query(COUNT_SQL).rows
        assert gateway.estimate(COUNT_SQL).affordable
        assert gateway.budget()
        assert gateway.datasets()
        server.reload()
        assert health(place.health) == "SERVING"
        assert server.stop() == 0
        assert not seen.exists()
    check_journal(place.site / "journal" / "journal.db")


def test_control_a_server_that_calls_out_is_stopped(place: Place, tmp_path: Path) -> None:
    seen, _ = patched(tmp_path, CALLS_OUT)
    with serving(place.site, patches=tmp_path) as server, place.asking(server.address) as gateway:
        with pytest.raises(Exception, match="the release failed"):
            gateway.query(COUNT_SQL.replace("sex", "region"))
        assert seen.read_text("utf-8") == "socket.getaddrinfo\n"
        assert [event["error"] for event in server.seen("release_failed")] == ["OutgoingForbidden"]
        assert server.stop() == 0
