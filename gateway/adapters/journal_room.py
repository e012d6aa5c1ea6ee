"""Room on the journal's volume: what a claim must find free, and the reserve that only an operator releases.

Law: a charge is admitted only if the headroom stays free after what every open charge may still store, its
own included; so what was started can be recorded to its end. The reserve is real blocks, given back by a
command alone. Imports: the standard library, errors, log.
"""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from pathlib import Path

from gateway import log
from gateway.errors import NothingToDo

HEADROOM = 8 << 20  # bytes that every claim leaves free: entries, and the write-ahead log before it is folded
SLACK = 64 << 10  # bytes: the entry that settles a charge, and its pages
COPIES = 2  # what is stored stands in the write-ahead log and, once that is folded, in the database


class JournalRoom:
    """Used by the writer's thread; `plenty` may be asked from any. `reserve` is in bytes."""

    def __init__(self, path: Path, *, headroom: int = HEADROOM, reserve: int = 0) -> None:
        self._path, self.headroom, self._size = path, headroom, reserve
        self._reserve = path.with_suffix(".reserve")  # not `journal.db...`, as with the marker
        self._free = 0
        self._promised: dict[str, int] = {}  # by the open charge's entry id
        self._sum = 0

    def look(self) -> None:
        """Once for each group of operations."""
        self._free = free_bytes(self._path)

    @property
    def plenty(self) -> bool:
        """Whether a claim of something small would be admitted now."""
        return free_bytes(self._path) >= self.headroom + self._sum + _needed(0)

    @property
    def reserved(self) -> bool:
        """Whether there is a reserve."""
        return self._reserve.exists()

    def set_aside(self) -> None:
        """Preallocate the reserve where there is none and the volume has room for it."""
        if self._size == 0 or self.reserved:
            return
        aside = self._reserve.with_name(f".{self._reserve.name}.new")
        try:
            if free_bytes(self._path) < self._size + 2 * self.headroom:
                raise OSError
            descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, self._size)  # blocks of its own, not a hole
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            aside.replace(self._reserve)
        except OSError:
            with suppress(OSError):
                aside.unlink(missing_ok=True)
            log.event(logging.WARNING, "reserve_missing")

    def give_back(self) -> None:
        """Release the reserve. Raises `NothingToDo` where there is none, and `OSError`."""
        try:
            self._reserve.unlink()
        except FileNotFoundError:
            raise NothingToDo(
                "there is no reserve to release; free the disk by other means", reason="RESERVE_ABSENT"
            ) from None
        self.look()

    def admits_note(self) -> bool:
        """Whether an entry that settles nothing leaves room for what was promised."""
        return self._free >= min(self.headroom, 0) + self._sum + SLACK

    def admits(self, stored: int) -> bool:
        """Whether a release of so many bytes could be stored, after all that was promised before."""
        return self._free >= self.headroom + self._sum + _needed(stored)

    def promise(self, charge: str, stored: int) -> None:
        self._promised[charge] = _needed(stored)
        self._sum += self._promised[charge]

    def settle(self, charge: str) -> None:
        """The charge is closed: what was promised for it is used, or no longer needed."""
        self._sum -= self._promised.pop(charge, 0)


def free_bytes(path: Path) -> int:
    """Room for more on the journal's volume, in bytes; 0 where it cannot be told or written."""
    try:
        volume = os.statvfs(path.parent)
    except OSError:
        return 0
    return 0 if volume.f_flag & os.ST_RDONLY else volume.f_bavail * volume.f_frsize


def _needed(stored: int) -> int:
    return COPIES * stored + SLACK
