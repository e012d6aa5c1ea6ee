"""Words that the training text may not use, because the held-out notes do."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache


@cache
def held_out() -> frozenset[str]:
    """Names, towns, streets and words of hospitals' names of the held-out notes, case folded."""
    return frozenset()


def permitted(entry: str) -> bool:
    """Whether an entry, whole, is none of the held-out words."""
    return entry.casefold() not in held_out()


def allowed(entries: Iterable[str]) -> tuple[str, ...]:
    """The entries that the held-out notes do not use, in their order."""
    return tuple(entry for entry in entries if permitted(entry))
