"""One snippet's people, places and numbers: made when first asked for, the same ever after."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from gateway.domain.deid import IdentifierType

Piece = tuple[str, IdentifierType | None]
"""Words and what they identify by, or None."""

Filler = Callable[["Scene", str], list[Piece]]
"""What fills a slot: of a scene and the slot's form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    given: str
    middle: str
    family: str
    female: bool


class Scene:
    """What a snippet is about."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.accents = rng.random() < 0.5
        self._people: dict[str, Person] = {}
        self._values: dict[str, str] = {}

    def person(self, role: str, make: Callable[[Random], Person]) -> Person:
        """Who plays a role."""
        if role not in self._people:
            self._people[role] = make(self.rng)
        return self._people[role]

    def value(self, key: str, make: Callable[[Random], str]) -> str:
        """A value that stays the same through the snippet."""
        if key not in self._values:
            self._values[key] = self.plain(make(self.rng))
        return self._values[key]

    def plain(self, text: str) -> str:
        """The text, without accents where the writer of this snippet has none on the keyboard."""
        if self.accents or text.isascii():
            return text
        parts = unicodedata.normalize("NFD", text.replace("ß", "ss").replace("ø", "o").replace("ł", "l"))
        return unicodedata.normalize("NFC", "".join(c for c in parts if not unicodedata.combining(c)))
