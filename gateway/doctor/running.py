"""The gateway that serves a site, as the kernel shows its process.

Law: a process is asked through /proc alone; one that ends meanwhile is nobody.
Imports: the standard library, adapters.run_file.
"""

from __future__ import annotations

import json
from pathlib import Path

from gateway.adapters.run_file import running
from gateway.errors import ConfigInvalid

PROC = Path("/proc")


def serving(site: Path) -> int | None:
    """The process that serves a site, or None."""
    try:
        return running(site)
    except ConfigInvalid:
        return None


def bound_port(site: Path) -> int:
    """The partners' port as it was bound; 0 where nobody serves."""
    try:
        return int(json.loads((site / "run" / "gateway.json").read_bytes())["port"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def status(pid: int | None) -> dict[str, str]:
    """/proc/PID/status by field, of this process where there is no other; empty where it is gone."""
    path = PROC / ("self" if pid is None else str(pid)) / "status"
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return {}
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
