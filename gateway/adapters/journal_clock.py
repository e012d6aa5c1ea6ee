"""Journal time: the machine's clock, believed only as far as a clock that cannot be set bears it out.

Law: journal time never runs back, and what the wall clock gained by a jump that nobody has confirmed is not
in it. A jump is a difference of more than `TOLERANCE` between the wall clock and the monotonic one since the
anchor: the pair of readings taken when the time was last believed. The anchor outlives the process, so that
restarts add nothing; where the machine itself was restarted there is no such witness, and a gap of more than
a day, or a last entry in the future, is for people to confirm. Imports: the standard library, ports.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.ports import SteadyClock

TOLERANCE = timedelta(minutes=5)
SLEW = 0.0005  # seconds a second: the fastest that a kernel slews its clock, which is no jump
GAP = timedelta(days=1)  # between the last entry and a start of the machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """Readings taken together while the time was believed. `monotonic` counts within one `boot` only."""

    wall: datetime
    monotonic: float
    boot: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """What was found: the wall clock's reading, and the journal's time at that moment."""

    clock: datetime
    journal: datetime


class JournalClock:
    """The writer's time. `now` is for the writer's thread; `seen` changes nothing and is for any."""

    def __init__(
        self, clock: SteadyClock, *, last: datetime | None, anchor: Anchor | None, confirmed: bool
    ) -> None:
        """`last`: the newest entry's time; `confirmed`: no jump that the journal names waits for people."""
        self._clock, self._last = clock, last
        self.found: Jump | None = None  # a jump that no entry tells of yet
        reading = self._reading()
        if not confirmed:
            self.trusted = False
        elif anchor is not None and anchor.boot == reading.boot != 0:
            self.trusted = not _apart(anchor, reading.wall, reading.monotonic)
        else:
            anchor, self.trusted = reading, _plausible(last, reading.wall)
        # Where the time is not believed, the journal goes on from its last entry at the monotonic pace.
        self.anchor = (
            anchor
            if self.trusted and anchor
            else Anchor(wall=last or reading.wall, monotonic=reading.monotonic, boot=reading.boot)
        )
        if confirmed and not self.trusted:
            self.found = Jump(clock=reading.wall, journal=self.anchor.wall)

    def now(self) -> datetime:
        """The time of an entry that is written now. A jump is found here, before it can be stamped."""
        wall, monotonic = self._clock.now(), self._clock.monotonic()
        if self.trusted and _apart(self.anchor, wall, monotonic):
            held = self._held(monotonic)
            self.trusted, self.found = False, Jump(clock=wall, journal=held)
            self.anchor = Anchor(wall=held, monotonic=monotonic, boot=self._clock.boot)
        now = wall if self.trusted else self._held(monotonic)
        if self._last is None or now > self._last:
            self._last = now
        return self._last

    def seen(self) -> datetime:
        """The time as `now` would give it."""
        wall, monotonic = self._clock.now(), self._clock.monotonic()
        believed = self.trusted and not _apart(self.anchor, wall, monotonic)
        now = wall if believed else self._held(monotonic)
        return now if self._last is None or now > self._last else self._last

    def jumped(self) -> bool:
        """Whether `now` would find a jump."""
        return self.trusted and _apart(self.anchor, self._clock.now(), self._clock.monotonic())

    def clock(self) -> datetime:
        """What the wall clock says, believed or not."""
        return self._clock.now()

    def confirm(self) -> None:
        """People say that the wall clock is right: believe it from here on."""
        self.anchor, self.trusted, self.found = self._reading(), True, None

    def _held(self, monotonic: float) -> datetime:
        return self.anchor.wall + timedelta(seconds=max(0.0, monotonic - self.anchor.monotonic))

    def _reading(self) -> Anchor:
        return Anchor(wall=self._clock.now(), monotonic=self._clock.monotonic(), boot=self._clock.boot)


def _apart(anchor: Anchor, wall: datetime, monotonic: float) -> bool:
    """Whether the two clocks went different ways since the anchor, in either direction."""
    passed = monotonic - anchor.monotonic
    drift = abs((wall - anchor.wall).total_seconds() - passed)
    return passed < 0 or drift > TOLERANCE.total_seconds() + SLEW * passed


def _plausible(last: datetime | None, wall: datetime) -> bool:
    """At a start of the machine: neither long after the last entry nor before it."""
    return last is None or -TOLERANCE <= wall - last <= GAP
