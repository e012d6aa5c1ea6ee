"""Who listens: the configured addresses, nothing else of ours, and health on loopback alone.

Law: read from /proc/net; no connection is made. Imports: the standard library, config, doctor.
"""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway import config
from gateway.doctor.finding import Finding, fail, ok, warn
from gateway.doctor.running import PROC, bound_port, serving

_LISTEN = "0A"  # TCP_LISTEN, as /proc/net/tcp writes it


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """One listening TCP socket of this machine."""

    address: ipaddress.IPv4Address | ipaddress.IPv6Address
    port: int
    inode: str


def listening(site: Path) -> Iterator[Finding]:
    """The partners' port and the health port, by who holds them."""
    settings = config.load(site)
    pid = serving(site)
    wanted = {"partners": _port(settings.listen), "health": _port(settings.health)}
    found = listeners()
    if pid is None:
        yield _free(wanted, found)
        return
    wanted["partners"] = bound_port(site)
    held = {listener.port for listener in found}
    absent = [f"{name} at {port}" for name, port in wanted.items() if port not in held]
    if absent:
        words = f"the gateway runs, but nothing listens for {', '.join(absent)}"
        yield fail("PORTS", words, "site.yaml was changed since the start, or the process hangs: restart it")
    else:
        yield ok("PORTS", f"partners at {wanted['partners']}, health at {wanted['health']}")
    yield _other(pid, wanted, found)
    yield _health(wanted["health"], found)


def listeners(proc: Path = PROC) -> list[Listener]:
    """Every listening TCP socket of this network namespace."""
    return [
        listener
        for name in ("tcp", "tcp6")
        for line in _lines(proc / "net" / name)
        if (listener := _listener(line)) is not None
    ]


def _free(wanted: dict[str, int], found: list[Listener]) -> Finding:
    taken = [f"{port} ({name})" for name, port in wanted.items() if any(x.port == port for x in found)]
    if taken:
        words = f"no gateway runs on this site, and something else listens at {', '.join(taken)}"
        return warn("PORTS", words, "end it, or change listen and health in site.yaml")
    return ok("PORTS", "no gateway is running, and its ports are free")


def _other(pid: int, wanted: dict[str, int], found: list[Listener]) -> Finding:
    """Sockets of this very process, where the kernel lets this account see them."""
    try:
        links = {str(path.readlink()) for path in (PROC / str(pid) / "fd").iterdir()}
    except OSError:
        return ok("PORTS_OTHER", "not visible to this account; run doctor as root to see")
    own = sorted({x.port for x in found if f"socket:[{x.inode}]" in links and x.port not in wanted.values()})
    if own:
        words = f"the gateway listens at ports that site.yaml does not name: {', '.join(map(str, own))}"
        return fail("PORTS_OTHER", words, "stop it and find out what was loaded into it")
    return ok("PORTS_OTHER", "the gateway listens nowhere else")


def _health(port: int, found: list[Listener]) -> Finding:
    open_to = [x.address for x in found if x.port == port and not _loopback(x.address)]
    if open_to:
        words = f"the health port {port} is reachable at {', '.join(map(str, open_to))}"
        return fail("HEALTH_LOOPBACK", words, "health belongs on 127.0.0.1; a proxy before it must be local")
    return ok("HEALTH_LOOPBACK", "health is served on loopback alone")


def _loopback(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _listener(line: str) -> Listener | None:
    """A line of /proc/net/tcp or tcp6 (proc(5)); addresses are 32-bit words in the machine's order."""
    fields = line.split()
    if len(fields) < 10 or fields[3] != _LISTEN:
        return None
    words, _, port = fields[1].partition(":")
    raw = b"".join(int(words[at : at + 8], 16).to_bytes(4, sys.byteorder) for at in range(0, len(words), 8))
    return Listener(address=ipaddress.ip_address(raw), port=int(port, 16), inode=fields[9])


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8", "replace").splitlines()[1:]
    except OSError:
        return []


def _port(address: str) -> int:
    return int(address.rpartition(":")[2])
