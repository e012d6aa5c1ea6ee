"""Who is served next: the batches of many callers, one of each in turn.

Law: a caller with a million documents delays another by the batches that are in work, never by its own
queue; and large documents, which take minutes, never hold the last worker that is left for small ones.
Used within one event loop. Imports: the standard library, domain.deid, errors.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.domain.deid import Document, Outcome, Withheld
from gateway.errors import GatewayError


@dataclass(frozen=True, slots=True)
class Batch:
    """Places of documents within their call; whether it is a large one, or tried a second time."""

    places: tuple[int, ...]
    large: bool = False
    again: bool = False


class Call:
    """One caller's documents until each has its outcome. `encoded` are the documents as bytes."""

    def __init__(self, profile: bytes, documents: Sequence[Document], encoded: Sequence[bytes]) -> None:
        self.profile, self.documents, self.encoded = profile, documents, encoded
        self.waiting: deque[Batch] = deque()
        self.outcome: asyncio.Future[list[Outcome]] = asyncio.get_running_loop().create_future()
        self._outcomes: dict[int, Outcome] = {}

    @property
    def over(self) -> bool:
        """Answered, failed, or nobody waits any more."""
        return self.outcome.done()

    def finish(self, places: Sequence[int], outcomes: Sequence[Outcome]) -> None:
        """Take the outcomes of some documents; with the last of them the call is answered."""
        self._outcomes.update(zip(places, outcomes, strict=True))
        if len(self._outcomes) == len(self.documents) and not self.over:
            self.outcome.set_result([self._outcomes[place] for place in range(len(self.documents))])

    def withhold(self, places: Sequence[int], reason: str) -> None:
        """Withhold some documents for one reason."""
        self.finish(places, [Withheld(id=self.documents[place].id, reason=reason) for place in places])

    def fail(self, error: GatewayError) -> None:
        """End the call without an answer."""
        self.waiting.clear()
        if not self.over:
            self.outcome.set_exception(error)


class FairQueue:
    """Calls that have batches waiting, each once, in the order of their turns.

    At most `large` large batches are out at a time; each that was taken is given back with `done`.
    """

    def __init__(self, *, large: int) -> None:
        self._calls: deque[Call] = deque()
        self._large, self._most_large = 0, large
        self._filled = asyncio.Event()

    def put(self, call: Call, batches: Sequence[Batch], *, first: bool = False) -> None:
        """Add batches to a call, before those that it has where they are to be tried `first`."""
        if first:
            call.waiting.extendleft(reversed(batches))
        else:
            call.waiting.extend(batches)
        if call.waiting and call not in self._calls:
            self._calls.append(call)
        self._filled.set()

    async def take(self) -> tuple[Call, Batch]:
        """The next batch, as soon as there is one."""
        while True:
            for _ in range(len(self._calls)):
                call = self._calls.popleft()
                if call.over or not call.waiting:
                    continue
                if call.waiting[0].large and self._large >= self._most_large:
                    self._calls.append(call)
                    continue
                batch = call.waiting.popleft()
                self._large += batch.large
                if call.waiting:
                    self._calls.append(call)
                return call, batch
            self._filled.clear()
            await self._filled.wait()

    def done(self, batch: Batch) -> None:
        """A batch that was taken is out of its worker."""
        self._large -= batch.large
        self._filled.set()

    def fail(self, error: GatewayError) -> None:
        """End every call that waits."""
        while self._calls:
            self._calls.popleft().fail(error)


def batches(
    sizes: Sequence[tuple[int, int]], *, workers: int, documents: int, least: int, most: int, large: int
) -> list[Batch]:
    """Split (place, bytes) into batches in their order, over all workers and none above either limit.

    Where that makes batches smaller than `least` bytes, fewer workers get one. A document larger than `most`
    bytes is alone in its batch, which is a large one above `large` bytes.
    """
    share = min(most, max(least, -(-sum(size for _, size in sizes) // workers)))
    made: list[Batch] = []
    places: list[int] = []
    weight = 0
    for place, size in sizes:
        if places and (weight + size > share or len(places) >= documents):
            made.append(Batch(tuple(places), large=weight > large))
            places, weight = [], 0
        places.append(place)
        weight += size
    return [*made, Batch(tuple(places), large=weight > large)] if places else made
