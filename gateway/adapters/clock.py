"""The machine's clocks, the only readers of time below the doors.

Imports: the standard library only.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")


class SystemClock:
    """Implements `ports.Clock` with the operating system's clocks."""

    def __init__(self) -> None:
        try:
            self.boot = int(_BOOT.read_text("ascii").strip().replace("-", "")[:15], 16)
        except (OSError, ValueError):
            self.boot = 0  # another system: no reading outlives its process
        # Sleep of the machine is time too; CLOCK_MONOTONIC leaves it out.
        self._source = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.clock_gettime(self._source)


class SystemTicker:
    """Implements `ports.Ticker` on the event loop."""

    def now(self) -> float:
        return time.monotonic()

    async def until(self, moment: float) -> None:
        await asyncio.sleep(max(0.0, moment - time.monotonic()))
