"""A realistic value of the same type in the place of an identifier.

Law: where none can be made that is surely another, there is none (None), and the identifier is redacted.
May import: domain words, deid.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping

from gateway.deid import surrogate_places as places
from gateway.deid.choices import Choices
from gateway.deid.surrogate_codes import code
from gateway.deid.surrogate_people import People
from gateway.domain.deid import IdentifierType

MOST_CHARACTERS = 500
_WHOLE: Mapping[IdentifierType, Callable[[str, Choices], str | None]] = {
    IdentifierType.LOCATION: places.location,
    IdentifierType.STREET: places.street,
    IdentifierType.ORGANIZATION: places.organization,
    IdentifierType.EMAIL: places.email,
    IdentifierType.URL: places.url,
}
_NEVER = (IdentifierType.DATE, IdentifierType.AGE)


class Surrogates:
    """The surrogates of one document."""

    def __init__(self, choices: Choices) -> None:
        self._choices = choices
        self._people = People(choices)

    def of(self, text: str, kind: IdentifierType) -> str | None:
        """A surrogate; None for a date or an age, and where none can be made."""
        if len(text) > MOST_CHARACTERS or kind in _NEVER:
            return None
        if kind is IdentifierType.NAME:
            return self._people.surrogate(unicodedata.normalize("NFC", text))
        if kind in _WHOLE and any(char.isalpha() for char in text):
            return _WHOLE[kind](unicodedata.normalize("NFC", text), self._choices)
        return (
            places.ip(text, self._choices) if kind is IdentifierType.IP else code(text, kind, self._choices)
        )
