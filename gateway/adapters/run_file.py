"""run/gateway.json: which process serves a site, and on which port.

Law: the file is whole or absent, and its writer holds a lock on it for as long as it serves, so that what
a killed gateway left behind names nobody. (The journal's own lock is not tried: a gateway that starts at
that moment would be refused.) Imports: the standard library, errors.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.errors import ConfigInvalid


@contextmanager
def announced(folder: Path, port: int) -> Iterator[None]:
    """While the body runs, the file names this process. Entered by the owner of the site's journal."""
    path = _path(folder)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        json.dump({"pid": os.getpid(), "port": port}, stream)
        stream.flush()
        aside.replace(path)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def running(folder: Path) -> int:
    """The process that serves a site. Raises `ConfigInvalid` (NOT_RUNNING)."""
    try:
        with _path(folder).open("rb") as stream:
            pid = int(json.loads(stream.read())["pid"])
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)  # taken: its writer is gone
    except BlockingIOError:
        return pid
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise not_running()


def not_running() -> ConfigInvalid:
    return ConfigInvalid("no gateway is running on this site", reason="NOT_RUNNING")


def _path(folder: Path) -> Path:
    return folder / "run" / "gateway.json"
