"""The grid on which answers leave, so that how long the data took to read is not in the answer.

Law: what came after a claim leaves 1, 2, 4, 8 ... ticks after the question came, whatever it is: a release, a
first sight of one, a failure, a refusal. A tick is a public setting. Only a replay of what the caller's party
has seen leaves at once: its draw was timed before. The time is the whole flow's, so that what was worked
out for an earlier caller and kept shows in nobody's time either. Imports: ports.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.ports import Ticker


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """`tick` is in seconds; moments are the ticker's."""

    ticker: Ticker
    tick: float

    def now(self) -> float:
        """The moment at which a question comes."""
        return self.ticker.now()

    def ticks(self, came: float) -> int:
        """How many ticks after its coming the next answer can leave: a power of two."""
        passed, ticks = self.ticker.now() - came, 1
        while ticks * self.tick < passed:
            ticks *= 2
        return ticks

    async def leave(self, came: float, least: int = 1) -> None:
        """Return at the next tick that is open, but not before `least` ticks."""
        await self.ticker.until(came + max(least, self.ticks(came)) * self.tick)
