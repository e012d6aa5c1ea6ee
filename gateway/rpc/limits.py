"""How much one party may ask: calls a minute, calls at once, bytes a message.

Law: limits count calls and bytes alone, never anything read from data; they come before the journal.
Imports: domain words, errors.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final

from gateway.domain.agreement import Limits
from gateway.errors import LimitExceeded

MOST_REQUEST_BYTES: Final = 64 * 1024
MOST_TEXT_BYTES: Final = 1024 * 1024 + MOST_REQUEST_BYTES
# By full name: the methods that take more.
LARGE_REQUESTS: Final[Mapping[str, int]] = {"gateway.v1.RecordService/DeidentifyText": MOST_TEXT_BYTES}
# The core cuts off what is far too long before it is held in memory, with an answer of its own; what is
# merely too long is answered by the guard, with a stable reason.
CHANNEL_OPTIONS: Final[tuple[tuple[str, int], ...]] = (
    ("grpc.max_receive_message_length", MOST_TEXT_BYTES + 4 * MOST_REQUEST_BYTES),
    ("grpc.max_metadata_size", 16 * 1024),
    ("grpc.absolute_max_metadata_size", 32 * 1024),
    ("grpc.max_concurrent_streams", 128),
    # A connection that asks nothing is closed, and none lives for ever: certificates are seen again.
    ("grpc.max_connection_idle_ms", 300_000),
    ("grpc.max_connection_age_ms", 3_600_000),
    ("grpc.max_connection_age_grace_ms", 300_000),
    ("grpc.so_reuseport", 0),  # a second process on the same port must fail, not share it
)


class PartyLimits:
    """A token bucket and a number of open calls for each party. For one event loop.

    `limit` gives a party's limits at this moment. The bucket holds one minute's calls, so that a party
    may ask a whole minute's worth in one burst; `monotonic` is in seconds.
    """

    def __init__(
        self, limit: Callable[[str], Limits], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit, self._monotonic = limit, monotonic
        self._buckets: dict[str, tuple[float, float]] = {}  # party -> calls left, at which time
        self._open: dict[str, int] = {}

    def enter(self, party: str) -> None:
        """Count a call in. Raises `LimitExceeded` (RATE_LIMITED, CONCURRENCY_LIMITED); pair with `leave`."""
        limits, now = self._limit(party), self._monotonic()
        per_minute = float(limits.requests_per_minute)
        left, then = self._buckets.get(party, (per_minute, now))
        left = min(per_minute, left + (now - then) * per_minute / 60)
        if left < 1:
            self._buckets[party] = (left, now)
            raise LimitExceeded(
                f"more than {limits.requests_per_minute} calls a minute", reason="RATE_LIMITED"
            )
        self._buckets[party] = (left - 1, now)
        running = self._open.get(party, 0)
        if running >= limits.concurrent:
            raise LimitExceeded(f"more than {limits.concurrent} calls at once", reason="CONCURRENCY_LIMITED")
        self._open[party] = running + 1

    def leave(self, party: str) -> None:
        """Count a call out that `enter` counted in."""
        self._open[party] -= 1
