"""Words that the training text may not use, because the held-out notes do."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from gateway.demo.notes import held_out_words

_WORD = re.compile(r"[^\s,]+")


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


@cache
def held_out() -> frozenset[str]:
    """Names, towns, streets and words of hospitals' names of the held-out notes, case folded, accents dropped."""
    return frozenset(map(_plain, held_out_words()))


def permitted(entry: str) -> bool:
    """Whether neither the entry nor a word of it is held out."""
    folded = _plain(entry)
    return folded not in held_out() and held_out().isdisjoint(_WORD.findall(folded))


def allowed(entries: Iterable[str]) -> tuple[str, ...]:
    """The entries that the held-out notes do not use, in their order."""
    return tuple(entry for entry in entries if permitted(entry))
