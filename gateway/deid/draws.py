"""Numbers by chance that are the same again under the same seed.

May import: the standard library.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
_DRAW_BYTES = 8  # 64 bits a draw: the bias of a choice among n is below n / 2^64


class Draws:
    """A stream of draws from HMAC-SHA-256 in counter mode (NIST SP 800-108r1, section 4.1)."""

    def __init__(self, seed: bytes) -> None:
        self._seed, self._counter, self._pool = seed, 0, b""

    def below(self, limit: int) -> int:
        """An integer from 0 to limit - 1."""
        if not self._pool:
            self._pool = hmac.digest(self._seed, self._counter.to_bytes(8, "big"), hashlib.sha256)
            self._counter += 1
        drawn, self._pool = self._pool[:_DRAW_BYTES], self._pool[_DRAW_BYTES:]
        return int.from_bytes(drawn, "big") % limit

    def of(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[self.below(len(options))]
