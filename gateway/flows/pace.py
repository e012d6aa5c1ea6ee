"""How fast texts may leave: rows a minute, by recipient and grant. Who is too fast waits.

Law: over any minute no more rows begin than the limit and one batch. For one event loop; what a restart
forgets is at most a minute. Imports: ports.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

from gateway.ports import Ticker

MINUTE = 60.0


@dataclass(slots=True, kw_only=True)
class Pace:
    """`free` is the moment from which the next batch of each key may begin."""

    ticker: Ticker
    free: dict[Hashable, float] = field(default_factory=dict)

    async def wait(self, key: Hashable, rows: int, per_minute: int) -> None:
        """Return when `rows` more may begin, and count them."""
        begin = max(self.ticker.now(), self.free.get(key, 0.0))
        self.free[key] = begin + MINUTE * rows / per_minute
        await self.ticker.until(begin)

    def give_back(self, key: Hashable, rows: int, per_minute: int) -> None:
        """Rows that were counted and did not come."""
        self.free[key] = self.free.get(key, 0.0) - MINUTE * rows / per_minute
