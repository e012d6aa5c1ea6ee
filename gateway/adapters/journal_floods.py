"""Floods: how many entries of refusal one party gets a minute, and how many entries of any kind a day.

Law: of each (party, reason) the first `MOST_REFUSALS` refusals of a minute are entries of their own; the
rest are counted, and one entry with the count follows when the minute is over. What is refused before a
caller is known is only counted. Keys are registered parties and our own reasons, never a caller's text, so
that their number is bounded. Imports: the standard library, domain.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from gateway.domain.entry import EntryKind, Note, Subject
from gateway.domain.identity import Principal

MOST_REFUSALS = 30  # entries a minute for each party and reason
MOST_ENTRIES = 200_000  # a day for each party
MINUTE = 60.0


@dataclass(slots=True)
class _Minute:
    began: float
    written: int = 0
    counted: int = 0


class Floods:
    """Counts for the current minute of each key. Any thread may count; the writer takes what is due."""

    def __init__(self, monotonic: Callable[[], float], *, most: int = MOST_REFUSALS) -> None:
        self._monotonic, self._most = monotonic, most
        self._lock = threading.Lock()
        self._minutes: dict[tuple[str, str], _Minute] = {}

    def admits(self, party: str, reason: str) -> bool:
        """Whether this refusal gets an entry of its own; where not, it was counted."""
        with self._lock:
            minute = self._minute(party, reason)
            own = minute.written < self._most
            minute.written, minute.counted = minute.written + own, minute.counted + (not own)
            return own

    def count(self, party: str, reason: str) -> None:
        """Count a refusal that gets no entry of its own; `party` is empty where nobody is known."""
        with self._lock:
            self._minute(party, reason).counted += 1

    def over(self) -> bool:
        """Whether a minute is over, so that `due` would take something."""
        now = self._monotonic()
        with self._lock:
            return any(now - minute.began >= MINUTE for minute in self._minutes.values())

    def due(self, *, all_of_them: bool = False) -> list[Note]:
        """The entries of the minutes that are over, or of all; they are forgotten here."""
        now = self._monotonic()
        with self._lock:
            over = [key for key, m in self._minutes.items() if all_of_them or now - m.began >= MINUTE]
            ended = [(key, self._minutes.pop(key).counted) for key in over]
        return [_note(party, reason, count) for (party, reason), count in ended if count]

    def _minute(self, party: str, reason: str) -> _Minute:
        return self._minutes.setdefault((party, reason), _Minute(began=self._monotonic()))


def _note(party: str, reason: str, count: int) -> Note:
    who = Principal(party=party, person="", purpose="", thumbprint="", jti="") if party else None
    return Note(kind=EntryKind.REFUSED, subject=Subject(principal=who), outcome=reason, body={"count": count})
