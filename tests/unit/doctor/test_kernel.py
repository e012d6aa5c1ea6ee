"""What doctor reads of the kernel: listeners, clock, limits, swap. Fakes have the kernel's own form."""

from __future__ import annotations

import ipaddress
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.doctor import clock, ports, process, running
from gateway.doctor.finding import days_left
from gateway.doctor.ports import Listener, listeners

TCP = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 x 100 0
   1: 00000000:20FB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 222 1 x 100 0
   2: 0100007F:20FB 0100007F:AAAA 01 00000000:00000000 00:00000000 00000000     0        0 333 1 x 100 0
"""
TCP6 = """\
  sl  local_address                         remote_address                        st  rest
   0: 00000000000000000000000001000000:1F91 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 444 1
"""


def test_listeners_are_read_as_the_kernel_writes_them(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "tcp").write_text(TCP)
    (tmp_path / "net" / "tcp6").write_text(TCP6)
    if sys.byteorder != "little":
        pytest.skip("the lines above are of a little-endian machine")
    found = [(str(x.address), x.port, x.inode) for x in listeners(tmp_path)]
    assert found == [("127.0.0.1", 8081, "111"), ("0.0.0.0", 8443, "222"), ("::1", 8081, "444")]  # noqa: S104


def test_a_real_listener_is_found_and_a_closed_one_is_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        inode = str(Path(f"/proc/self/fd/{server.fileno()}").readlink())
        (mine,) = [x for x in listeners() if x.port == port]
        assert inode == f"socket:[{mine.inode}]"
        assert mine.address.is_loopback
    assert not [x for x in listeners() if x.port == port]


@pytest.mark.parametrize(("state", "said"), [(0x2001, "ok"), (0x40, "warn"), (0x41, "warn"), (None, "warn")])
def test_the_kernels_word_on_the_clock(
    monkeypatch: pytest.MonkeyPatch, state: int | None, said: str, tmp_path: Path
) -> None:
    monkeypatch.setattr(clock, "kernel_state", lambda: state)
    (finding,) = clock.synchronised(tmp_path)
    assert (finding.code, finding.state) == ("CLOCK_NTP", said)


def test_the_kernel_is_really_asked() -> None:
    assert clock.kernel_state() is not None


SWAPS = "Filename Type Size Used Priority\n"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("", "ok"),
        ("/dev/zram0 partition 1 0 100\n", "ok"),
        ("/dev/dm-1 partition 1 0 -2\n", "ok"),
        ("/dev/sda2 partition 1 0 -2\n", "warn"),
        ("/swapfile file 1 0 -2\n/dev/zram0 partition 1 0 100\n", "warn"),
    ],
)
def test_swap_that_is_plain(tmp_path: Path, lines: str, said: str) -> None:
    (tmp_path / "swaps").write_text(SWAPS + lines)
    (finding,) = process.swap(tmp_path, tmp_path / "swaps")
    assert (finding.code, finding.state) == ("SWAP", said)


@pytest.mark.parametrize(("days", "said"), [(30, "ok"), (29, "warn"), (0, "warn"), (-1, "fail")])
def test_days_left(days: int, said: str) -> None:
    assert days_left("X", "it", days, "renew").state == said
    assert days_left("X", "it", days, "renew", over="warn").state == ("warn" if said == "fail" else said)


@dataclass
class Proc:
    """A process that serves a site, as files in the form of /proc."""

    folder: Path

    def write(self, name: str, text: str) -> None:
        path = self.folder / "7" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def holds(self, *inodes: str) -> None:
        for number, inode in enumerate(inodes):
            (self.folder / "7" / "fd").mkdir(parents=True, exist_ok=True)
            (self.folder / "7" / "fd" / str(number)).symlink_to(f"socket:[{inode}]")


@pytest.fixture
def proc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Proc:
    for module in (ports, process, running):
        monkeypatch.setattr(module, "PROC", tmp_path)
    for module in (ports, process):
        monkeypatch.setattr(module, "serving", lambda site: 7)
    return Proc(tmp_path)


GOOD = "Uid:\t990\t990\nUmask:\t0077\nNoNewPrivs:\t1\nSeccomp:\t2\nCapEff:\t0000000000000000\n"
LIMITS = "Limit                     Soft Limit           Hard Limit           Units     \n"


@pytest.mark.parametrize(
    ("code", "old", "new"),
    [
        ("ACCOUNT", "Uid:\t990", "Uid:\t0"),
        ("UMASK", "0077", "0022"),
        ("SANDBOX", "NoNewPrivs:\t1", "NoNewPrivs:\t0"),
        ("SANDBOX", "Seccomp:\t2", "Seccomp:\t0"),
        ("SANDBOX", "CapEff:\t0000000000000000", "CapEff:\t0000000000000001"),
    ],
)
def test_the_process_that_serves(proc: Proc, code: str, old: str, new: str) -> None:
    checks = {"ACCOUNT": process.account, "UMASK": process.umask, "SANDBOX": process.sandbox}
    proc.write("cgroup", "0::/system.slice/concordat.service\n")
    for text, state in ((GOOD, "ok"), (GOOD.replace(old, new), "warn")):
        proc.write("status", text)
        (finding,) = checks[code](proc.folder)
        assert (finding.code, finding.state) == (code, state)
        assert code != "SANDBOX" or "concordat.service" in finding.words


@pytest.mark.parametrize(("limit", "said"), [("0", "ok"), ("unlimited", "warn")])
def test_core_dumps(proc: Proc, limit: str, said: str) -> None:
    proc.write("limits", f"{LIMITS}Max core file size        {limit}                    unlimited    bytes\n")
    (finding,) = process.core_dumps(proc.folder)
    assert (finding.code, finding.state) == ("CORE_DUMPS", said)


@pytest.mark.parametrize(
    ("health", "other", "failed"),
    [
        ("127.0.0.1", 0, set()),
        ("0.0.0.0", 0, {"HEALTH_LOOPBACK"}),  # noqa: S104
        ("127.0.0.1", 9999, {"PORTS_OTHER"}),
    ],
)
def test_listeners_of_a_gateway(
    proc: Proc, monkeypatch: pytest.MonkeyPatch, health: str, other: int, failed: set[str]
) -> None:
    any_address = ipaddress.ip_address("::")
    found = [
        Listener(address=any_address, port=8443, inode="1"),
        Listener(address=ipaddress.ip_address(health), port=8081, inode="2"),
        *([Listener(address=any_address, port=other, inode="3")] if other else []),
        Listener(address=any_address, port=22, inode="4"),  # somebody else's
    ]
    proc.holds("1", "2", "3")
    (proc.folder / "site.yaml").write_text("site: north\n")
    monkeypatch.setattr(ports, "listeners", lambda: found)
    monkeypatch.setattr(ports, "bound_port", lambda site: 8443)
    assert {x.code for x in ports.listening(proc.folder) if x.state == "fail"} == failed
    del found[1]
    assert "PORTS" in {x.code for x in ports.listening(proc.folder) if x.state == "fail"}
