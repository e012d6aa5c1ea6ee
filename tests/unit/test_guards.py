import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests import guards

OUTSIDE = "192.0.2.1"  # RFC 5737: documentation addresses, routed nowhere


@pytest.mark.parametrize("host", [OUTSIDE, "127.0.0.1"])
def test_connect_off_loopback_is_caught(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as caller:
        caller.settimeout(2)
        place = (host, listener.getsockname()[1])
        if host == OUTSIDE:
            with guards.forbidden_expected() as seen, pytest.raises(guards.OutgoingForbidden):
                caller.connect(place)
            assert len(seen) == 1
        else:
            caller.connect(place)
            assert caller.getpeername() == place


@pytest.mark.parametrize("lookup", [lambda h: socket.getaddrinfo(h, 443), socket.gethostbyname])
def test_name_lookup_is_caught(lookup: object) -> None:
    assert callable(lookup)
    with guards.forbidden_expected() as seen, pytest.raises(guards.OutgoingForbidden):
        lookup("gateway.invalid")
    assert len(seen) == 1
    assert lookup("127.0.0.1")


def test_datagrams_are_caught() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as sender:
        with guards.forbidden_expected(), pytest.raises(guards.OutgoingForbidden):
            sender.sendto(b"x", (OUTSIDE, 9))
        assert sender.sendto(b"x", ("127.0.0.1", 9)) == 1


def test_unix_sockets_are_allowed(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as caller:
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        caller.connect(str(tmp_path / "s"))


QUIET = """
import socket, pytest

@pytest.mark.parametrize("host", ["192.0.2.1", "127.0.0.1"])
def test_quiet(host):
    try:
        with socket.socket() as caller:
            caller.connect_ex((host, 9))
    except Exception:
        pass
"""


def test_a_swallowed_refusal_still_fails_the_test(tmp_path: Path) -> None:
    (tmp_path / "test_quiet.py").write_text(QUIET)
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.guards", "-p", "no:asyncio", "-q", "test_quiet.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(guards.ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert "2 passed, 1 error" in run.stdout
    assert "left loopback: socket.connect '192.0.2.1'" in run.stdout


def test_need_skips_or_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONCORDAT_REQUIRE", "data, strace")
    guards.need("strace", True, "present")
    with pytest.raises(pytest.fail.Exception, match="strace is required"):
        guards.need("strace", False, "no strace")
    with pytest.raises(pytest.skip.Exception, match="no tmpfs"):
        guards.need("tmpfs", False, "no tmpfs")


def test_shared_folder_is_found_or_skipped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CONCORDAT_REQUIRE", raising=False)
    monkeypatch.setenv("CONCORDAT_SHARED", str(tmp_path))
    with pytest.raises(pytest.skip.Exception):
        guards.shared("data")
    (tmp_path / "data").mkdir()
    assert guards.shared("data") == tmp_path / "data"
