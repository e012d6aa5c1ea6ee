"""The systemd unit: its words fit the code, and under what it grants the gateway serves and answers.

Law: the gateway runs as an account without privileges, writes to the folders that the unit names alone, and
needs no system call, socket family or executable memory that the unit takes away.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from gateway import errors
from gateway.adapters.notify import Watchdog, notify
from gateway.cli import COMMANDS
from tests.checks import check_journal
from tests.e2e.kit import (
    COUNT_SQL,
    PATIENCE,
    Place,
    Serving,
    environment,
    health,
    make_place,
    serving,
    until,
)
from tests.guards import ROOT, need

UNIT = ROOT / "deploy" / "systemd" / "concordat.service"
SITE = "/var/lib/concordat/site/"
NOBODY = 65534
USAGE = 2


def unit() -> dict[str, list[str]]:
    """Every setting of the unit with its values, in order."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in UNIT.read_text("utf-8").splitlines():
        if line and not line.startswith(("#", "[")):
            name, equals, value = line.partition("=")
            assert equals and re.fullmatch(r"[A-Za-z]+", name), line
            found[name].append(value)
    return found


def writable() -> list[str]:
    return [path.removeprefix(SITE) for line in unit()["ReadWritePaths"] for path in line.split()]


def test_the_command_is_one_that_exists() -> None:
    (start,) = unit()["ExecStart"]
    words = start.split()
    assert (Path(words[0]).name, words[1] in COMMANDS, f"{words[2]}/") == ("gateway", True, SITE)
    assert unit()["ExecReload"] == ["/bin/kill -HUP $MAINPID"]


def test_no_restart_where_it_cannot_mend_anything() -> None:
    """Configuration, policies and the journal stay as they are; another start is for the others."""
    prevented = {int(code) for code in unit()["RestartPreventExitStatus"][0].split()}
    lasting = (
        errors.ConfigInvalid,
        errors.PolicyInvalid,
        errors.JournalInvalid,
        errors.NotFound,
        errors.PermissionDenied,
    )
    assert prevented == {kind.exit_code for kind in lasting} | {USAGE}
    passing = (errors.AuditUnavailable, errors.SourceUnavailable, errors.JournalLocked, errors.Internal)
    assert not prevented & {kind.exit_code for kind in passing}


def test_what_is_granted_is_what_init_makes(tmp_path: Path) -> None:
    place = make_place(tmp_path / "home", data=False)
    assert {"journal", "run", "heads", "data/.spill"} == set(writable())
    assert all((place.site / name).is_dir() for name in writable())


def test_systemd_finds_nothing_wrong_with_it(tmp_path: Path) -> None:
    need("systemd", shutil.which("systemd-analyze") is not None, "systemd-analyze is not on this machine")
    path = tmp_path / "concordat.service"

    def said(text: str) -> str:
        path.write_text(text.replace("/opt/concordat/bin/gateway", "/bin/true"), "utf-8")
        verified = subprocess.run(
            ["systemd-analyze", "verify", str(path)], capture_output=True, text=True, check=False
        )
        return verified.stdout + verified.stderr

    text = UNIT.read_text("utf-8")
    assert str(path) not in said(text), said(text)
    assert "RestrictAdressFamilies" in said(text.replace("RestrictAddress", "RestrictAdress"))


# What the unit does, done by hand: everything read-only but what it names, no privileges, no memory that can
# be written and executed (prctl 65, PR_SET_MDWE). The last is inherited by what is executed.
CONFINE = """
import ctypes, os, sys
if ctypes.CDLL(None, use_errno=True).prctl(65, 1, 0, 0, 0):
    print("no MDWE here", file=sys.stderr)
os.execv(sys.executable, [sys.executable, "-m", "gateway", "serve", sys.argv[1]])
"""
MOUNT = """
set -eu
site=$1; shift
for name in {writable}; do mount --bind "$site/$name" "$site/$name"; done
mount --bind "$log" "$log"
mount -o remount,bind,ro /
exec setpriv --reuid {uid} --regid {uid} --clear-groups --no-new-privs --bounding-set -all \\
  --inh-caps -all "$@"
"""


AS_NOBODY = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
PATHS = os.pathsep.join([str(ROOT), sysconfig.get_path("purelib")])


@cache
def python() -> str:
    """An interpreter of this version that an account without privileges can start; empty: there is none.

    Started by a shell of that account, since the first program still has root's way through folders.
    """
    for found in (sys.executable, f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"):
        tried = subprocess.run(
            [*AS_NOBODY, "sh", "-c", 'exec "$0" -c "import gateway.app"', found],
            check=False,
            capture_output=True,
            env={**os.environ, "PYTHONPATH": PATHS},
        )
        if tried.returncode == 0:
            return found
    return ""


@pytest.fixture
def place() -> Iterator[Place]:
    """A site of an account without privileges, in a folder that it can reach."""
    need("root", os.getuid() == 0, "only root can become another account")
    tools = all(shutil.which(tool) for tool in ("unshare", "setpriv", "mount"))
    need("root", tools, "unshare, setpriv and mount are needed")
    need("root", bool(python()), "an account without privileges cannot reach a Python of this version")
    home = Path(tempfile.mkdtemp(prefix="concordat-unit-"))
    home.chmod(0o755)
    before = os.umask(0o022)  # the account must reach the site's folder
    try:
        yield make_place(home / "home")
    finally:
        os.umask(before)
        shutil.rmtree(home)


def give_away(site: Path) -> None:
    for path in (site, *site.rglob("*")):
        os.chown(path, NOBODY, NOBODY)


def confined(place: Place, log: Path) -> Serving:
    """The gateway as the unit starts it."""
    script = MOUNT.format(writable=" ".join(writable()), uid=NOBODY)
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [
                *("unshare", "--mount", "sh", "-c", script, "sh", str(place.site)),
                *("sh", "-c", 'exec "$@"', "sh", python(), "-c", CONFINE, str(place.site)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            env={**environment(), "log": str(log), "HOME": "/nonexistent", "PYTHONPATH": PATHS},
            cwd="/",
        )
    return Serving(folder=place.site, process=process, log=log)


def test_an_account_without_privileges_serves_from_what_the_unit_grants(place: Place) -> None:
    give_away(place.site)
    log = place.home / "server.log"
    server = confined(place, log)
    try:
        until(lambda: server.process.poll() is not None or health(place.health, 1.0) == "SERVING")
        assert server.process.poll() is None, log.read_text("utf-8")
        status = dict(
            line.split(":\t", 1)
            for line in Path(f"/proc/{server.process.pid}/status").read_text().splitlines()
            if ":\t" in line
        )
        assert (status["Uid"].split()[0], status["NoNewPrivs"]) == (str(NOBODY), "1")
        assert (int(status["CapEff"], 16), int(status["CapBnd"], 16)) == (0, 0)
        # Of a process that may not be dumped, nor read by its own account, /proc belongs to root (proc(5)).
        assert Path(f"/proc/{server.process.pid}/environ").stat().st_uid == 0
        with place.asking(server.address) as gateway:
            assert gateway.query(COUNT_SQL).rows
        assert server.stop() == 0
        assert "no MDWE" not in log.read_text("utf-8")
    finally:
        server.process.kill()
        server.process.wait()
    assert {event["level"] for event in server.events} == {"info"}, server.events
    assert (place.site / "heads" / "newest.json").exists()
    check_journal(place.site / "journal" / "journal.db")


def test_without_one_of_the_folders_it_does_not_serve(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the mounts above really take the right to write away."""
    give_away(place.site)
    log = place.home / "server.log"
    granted = [name for name in writable() if name != "journal"]
    monkeypatch.setattr("tests.e2e.test_unit.writable", lambda: granted)
    server = confined(place, log)
    assert server.process.wait(PATIENCE) == errors.AuditUnavailable.exit_code, log.read_text("utf-8")


def families(trace: str) -> set[str]:
    return set(re.findall(r"socket\((AF_[A-Z0-9]+)", trace))


def names(group: str) -> set[str]:
    """The system calls of one of systemd's groups, with those of the groups that it names."""
    listed = subprocess.run(
        ["systemd-analyze", "syscall-filter", "--no-pager", group], capture_output=True, text=True, check=True
    )
    words = [line.strip() for line in listed.stdout.splitlines()[1:]]
    found = {word for word in words if word and not word.startswith(("#", "@"))}
    return found.union(*(names(word) for word in words if word.startswith("@")))


def test_no_system_call_that_the_unit_takes_away(place: Place) -> None:
    need("strace", shutil.which("strace") is not None, "strace is not on this machine")
    need("systemd", shutil.which("systemd-analyze") is not None, "systemd-analyze is not on this machine")
    give_away(place.site)
    trace, log = place.site / "run" / "trace", place.home / "server.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [
                *(*AS_NOBODY, "strace", "-f", "-qq", "-o", str(trace), "-e", "signal=none"),
                *(python(), "-m", "gateway", "serve", str(place.site)),
            ],
            stdout=stream,
            stderr=stream,
            env={**environment(), "PYTHONPATH": PATHS},
            cwd="/",
        )
    server = Serving(folder=place.site, process=process, log=log)
    try:
        until(lambda: server.seen("serving") or process.poll() is not None, 120.0)
        with place.asking(server.address) as gateway:
            assert gateway.query(COUNT_SQL, timeout=60).rows
        (pid,) = re.findall(r"\d+", (place.site / "run" / "gateway.json").read_text())[:1]
        os.kill(int(pid), 15)
        process.wait(60)
    finally:
        process.kill()
        process.wait()
    text = trace.read_text("utf-8", "replace")
    called = set(re.findall(r"^\d+ +(\w+)\(", text, re.M))
    assert {"execve", "fdatasync", "accept4"} <= called | {"fsync"}, sorted(called)
    allowed = names("@system-service") - names("@privileged")
    assert called - allowed == set()
    assert families(text) <= set(unit()["RestrictAddressFamilies"][0].split())
    assert {"AF_INET", "AF_UNIX"} <= families(text)  # the control: families were seen


@pytest.mark.parametrize("abstract", [False, True])
def test_the_service_manager_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, abstract: bool) -> None:
    """READY once everything listens, a heartbeat while the loop turns, STOPPING at the end."""
    place = make_place(tmp_path / "home", data=False)
    name = f"@concordat-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("\0" + name[1:] if abstract else name)
        manager.settimeout(PATIENCE)
        monkeypatch.setenv("NOTIFY_SOCKET", name)
        monkeypatch.setenv("WATCHDOG_USEC", "400000")
        with serving(place.site) as server:
            assert manager.recv(100) == b"READY=1"
            assert health(place.health) == "SERVING"
            assert [manager.recv(100) for _ in range(3)] == [b"WATCHDOG=1"] * 3
            assert server.stop() == 0
        heard = [b"WATCHDOG=1"]
        while heard[-1] == b"WATCHDOG=1":
            heard.append(manager.recv(100))
        assert heard[-1] == b"STOPPING=1"


def test_nobody_is_told_where_nobody_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(1.0)
        for name in (str(tmp_path / "absent"), "relative", ""):
            monkeypatch.setenv("NOTIFY_SOCKET", name)
            notify("READY=1")
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "2000000")
        monkeypatch.setenv("WATCHDOG_PID", "1")
        Watchdog().beat()  # another process is watched
        with pytest.raises(TimeoutError):
            manager.recv(100)
        monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
        watchdog = Watchdog()
        watchdog.beat()
        watchdog.beat()
        assert manager.recv(100) == b"WATCHDOG=1"
        with pytest.raises(TimeoutError):  # at most twice in its time
            manager.recv(100)
