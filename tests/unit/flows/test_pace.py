"""Rows a minute: who is too fast waits, and nobody waits for another."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.flows.pace import Pace


@dataclass
class StillTicker:
    """Time passes only where somebody waits."""

    moment: float = 1000.0

    def now(self) -> float:
        return self.moment

    async def until(self, moment: float) -> None:
        self.moment = max(self.moment, moment)


async def test_rows_come_at_their_rate() -> None:
    ticker = StillTicker()
    pace = Pace(ticker=ticker)
    began = []
    for _ in range(5):
        await pace.wait("a", 10, 60)
        began.append(ticker.moment - 1000)
    assert began == [0, 10, 20, 30, 40]
    await pace.wait("b", 10, 60)
    assert ticker.moment == 1040


async def test_rows_that_did_not_come_are_given_back_and_rest_is_not_saved() -> None:
    ticker = StillTicker()
    pace = Pace(ticker=ticker)
    await pace.wait("a", 10, 60)
    pace.give_back("a", 9, 60)
    await pace.wait("a", 1, 60)
    assert ticker.moment == 1001
    ticker.moment = 5000
    await pace.wait("a", 10, 60)
    await pace.wait("a", 10, 60)
    assert ticker.moment == 5010
