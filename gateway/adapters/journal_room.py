"""Room on the journal's volume: what a claim must find free, and the reserve that only an operator releases.

Law: a charge is admitted only if the headroom stays free after what every open charge may still store, its
own included; so what was started can be recorded to its end. The reserve is real blocks, given back by a
command alone. Imports: the standard library, errors.
"""

from __future__ import annotations

import os
from pathlib import Path

HEADROOM = 8 << 20  # bytes that every claim leaves free: entries, and the write-ahead log before it is folded
SLACK = 64 << 10  # bytes: the entry that settles a charge, and its pages
COPIES = 2  # what is stored stands in the write-ahead log and, once that is folded, in the database


class JournalRoom:
    """Used by the writer's thread; `plenty` may be asked from any."""

    def __init__(self, path: Path, *, headroom: int = HEADROOM) -> None:
        self._path, self.headroom = path, headroom
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
