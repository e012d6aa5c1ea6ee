"""The process: whose it is, what it may do, and whether its memory could end up in a file.

Looks at the gateway that serves the site; where none does, at this command, which runs as its operator.
Imports: the standard library, doctor.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from gateway.doctor.finding import Finding, ok, warn
from gateway.doctor.running import PROC, serving, status


def account(site: Path) -> Iterator[Finding]:
    """Root needs no hole in the gateway to read everything; an account of its own does."""
    pid = serving(site)
    whose = "the gateway runs" if pid else "this command runs"
    uid = status(pid).get("Uid", "").split()[:1]
    if uid == ["0"]:
        yield warn("ACCOUNT", f"{whose} as root", "run it as an account of its own: deploy/README.md")
    else:
        yield ok("ACCOUNT", f"{whose} as uid {''.join(uid) or 'unknown'}")


def umask(site: Path) -> Iterator[Finding]:
    """The gateway gives its own files their modes; what libraries write beside them follows the umask."""
    pid = serving(site)
    mask = status(pid).get("Umask", "")
    if pid is None or not mask:
        yield ok("UMASK", "no gateway is running; set UMask=0077 where it does")
    elif int(mask, 8) & 0o077 != 0o077:
        yield warn("UMASK", f"the gateway's umask is {mask}", "start it with umask 077 (systemd: UMask=0077)")
    else:
        yield ok("UMASK", f"the gateway's umask is {mask}")


def core_dumps(site: Path) -> Iterator[Finding]:
    """A core dump holds keys and rows in plain text."""
    pid = serving(site)
    limit = _core_limit(pid)
    if pid is None:
        yield ok("CORE_DUMPS", "no gateway is running; it forbids core dumps of itself when it starts")
    elif limit == "0":
        yield ok("CORE_DUMPS", "the gateway writes none")
    else:
        words = f"the gateway may write core dumps (limit {limit or 'unknown'})"
        yield warn("CORE_DUMPS", words, "set LimitCORE=0, or ulimit -c 0, where it is started")


def swap(site: Path, swaps: Path = PROC / "swaps") -> Iterator[Finding]:
    """What is swapped out lies on a disk in plain text, unless that is encrypted or in memory itself."""
    try:
        lines = swaps.read_text("utf-8", "replace").splitlines()[1:]
    except OSError:
        lines = []
    names = [line.split()[0] for line in lines if line.strip()]
    plain = [name for name in names if not re.match(r"/dev/(zram|dm-|mapper/)", name)]
    if plain:
        words = f"swap that does not look encrypted: {', '.join(plain)}"
        yield warn("SWAP", words, "encrypt swap, or set MemorySwapMax=0 for the service")
    else:
        yield ok("SWAP", f"{len(names)} swap areas, none that looks plain")


def sandbox(site: Path) -> Iterator[Finding]:
    """What the service manager took away, as the kernel sees it."""
    pid = serving(site)
    if pid is None:
        yield ok("SANDBOX", "no gateway is running")
        return
    found = status(pid)
    missing = [
        words
        for words, held in (
            ("NoNewPrivileges", found.get("NoNewPrivs") == "1"),
            ("SystemCallFilter", found.get("Seccomp") == "2"),
            ("no capabilities", int(found.get("CapEff") or "1", 16) == 0),
        )
        if not held
    ]
    unit = _unit(pid)
    where = f"under {unit}" if unit else "outside of a service manager's unit"
    if missing:
        remedy = "run it by deploy/systemd/concordat.service, or take the same away in another manner"
        yield warn("SANDBOX", f"the gateway runs {where} without: {', '.join(missing)}", remedy)
    else:
        yield ok("SANDBOX", f"the gateway runs {where}: no new privileges, filtered calls, no capabilities")


def _core_limit(pid: int | None) -> str:
    """The soft limit of a core file, as /proc/PID/limits writes it."""
    try:
        lines = (PROC / str(pid or "self") / "limits").read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    found = [line.split()[-3] for line in lines if line.startswith("Max core file size")]
    return found[0] if found else ""


def _unit(pid: int) -> str:
    """The systemd service in whose control group a process is; empty outside of one."""
    try:
        groups = (PROC / str(pid) / "cgroup").read_text("utf-8", "replace")
    except OSError:
        return ""
    found = re.findall(r"/([^/\n]+\.service)(?:/|$)", groups, re.M)
    return found[-1] if found else ""
