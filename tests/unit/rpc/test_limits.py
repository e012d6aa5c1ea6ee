from __future__ import annotations

import pytest

from gateway.domain.agreement import Limits
from gateway.errors import LimitExceeded
from gateway.rpc.limits import PartyLimits


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def refused(limits: PartyLimits, party: str) -> str:
    with pytest.raises(LimitExceeded) as refusal:
        limits.enter(party)
    return refusal.value.reason


def test_a_minute_s_calls_at_once_then_one_by_one() -> None:
    seconds = Seconds()
    limits = PartyLimits(lambda party: Limits(requests_per_minute=6, concurrent=100), seconds)
    for _ in range(6):
        limits.enter("north")
    assert refused(limits, "north") == "RATE_LIMITED"
    limits.enter("south")  # each party has a bucket of its own
    seconds.now = 9.9
    assert refused(limits, "north") == "RATE_LIMITED"
    seconds.now = 10.1
    limits.enter("north")
    assert refused(limits, "north") == "RATE_LIMITED"
    seconds.now = 10_000
    for _ in range(6):
        limits.enter("north")
    assert refused(limits, "north") == "RATE_LIMITED"


def test_calls_at_once() -> None:
    limits = PartyLimits(lambda party: Limits(requests_per_minute=1000, concurrent=2), Seconds())
    limits.enter("north")
    limits.enter("north")
    assert refused(limits, "north") == "CONCURRENCY_LIMITED"
    limits.enter("south")
    limits.leave("north")
    limits.enter("north")
    assert refused(limits, "north") == "CONCURRENCY_LIMITED"


def test_limits_are_those_of_the_moment() -> None:
    current = [Limits(requests_per_minute=60, concurrent=0)]
    limits = PartyLimits(lambda party: current[0], Seconds())
    assert refused(limits, "north") == "CONCURRENCY_LIMITED"
    current[0] = Limits(requests_per_minute=60, concurrent=1)
    limits.enter("north")
    current[0] = Limits(requests_per_minute=0, concurrent=9)
    assert refused(limits, "north") == "RATE_LIMITED"
