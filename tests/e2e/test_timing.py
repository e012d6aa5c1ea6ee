"""Answer times at the door: on the grid, a first sight like a draw, and nothing finer in the log."""

from __future__ import annotations

import time
from pathlib import Path

from gateway.client import Answer, Gateway
from tests.e2e.kit import COUNT_SQL, enrol, make_place, reason, rewrite, serving

TICK = 0.4


def timed(gateway: Gateway, sql: str = COUNT_SQL) -> tuple[Answer, float]:
    began = time.monotonic()
    answer = gateway.query(sql, share=1)
    return answer, time.monotonic() - began


def test_answers_leave_on_the_grid_and_own_replays_at_once(tmp_path: Path) -> None:
    place = make_place(tmp_path / "home")
    rewrite(place.site / "site.yaml", "answer_tick: 0.01", f"answer_tick: {TICK}\nlog: debug")
    enrol(place, place.home / "clinic", "clinic")
    rewrite(place.agreement, "recipients: [university]", "recipients: [university, clinic]")
    with (
        serving(place.site) as server,
        place.asking(server.address) as university,
        place.asking(server.address, place.home / "clinic") as clinic,
    ):
        clinic.budget()  # connect, so that the handshake is in nobody's time
        university.budget()
        fresh, took_fresh = timed(university)
        sight, took_sight = timed(clinic)
        assert (fresh.replayed, sight.replayed) == (False, False) and fresh.rows == sight.rows
        assert took_fresh >= TICK and took_sight >= TICK
        own = [timed(clinic) for _ in range(3)]
        assert all(answer.replayed for answer, _ in own)
        assert min(took for _, took in own) < TICK / 2
        assert reason(lambda: university.query("SELECT 1")) == "SQL_UNSUPPORTED"
        assert server.stop() == 0
        lines = [event for event in server.events if "milliseconds" in event]
    assert len(lines) >= 7
    assert all(event["milliseconds"] in {2**n for n in range(21)} for event in lines)
    # No other measure of time is logged than the bucket.
    known = {"time", "level", "event", "method", "party", "milliseconds", "reason", "entry"}
    assert all(event.keys() <= known for event in lines)
