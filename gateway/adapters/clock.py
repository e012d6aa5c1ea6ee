"""The machine's clock, the only reader of time below the doors.

Imports: the standard library only.
"""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """Implements `ports.Clock` with the operating system's UTC time."""

    def now(self) -> datetime:
        return datetime.now(UTC)
