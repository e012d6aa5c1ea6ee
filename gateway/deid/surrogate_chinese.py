"""Surrogates of Chinese names: family name first, titles behind it, the number of characters kept.

Law: a family name is the same surrogate wherever it stands, alone before a title too, and so is a given name.
No character of either comes back in its own surrogate.
May import: the standard library, domain words, deid.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from gateway.deid import surrogate_names as names
from gateway.deid.choices import Choices
from gateway.deid.draws import Draws

HAN = re.compile(r"[\u3400-\u9fff·•]+")
MOST_CHARACTERS = 4  # of a name without a dot: a family name of two and a given name of two

_DOT = re.compile(r"([·•])")
_TITLE = re.compile(rf"(?:{'|'.join(sorted(names.ZH_TITLES, key=len, reverse=True))})+$")
_FAMILIAR = "小老阿"
_UNNAMED = "某"


class ChineseNames:
    """The Chinese names of one document."""

    def __init__(self, choices: Choices) -> None:
        self._choices = choices
        self._gender = choices.record.gender
        self._given = {part for name in choices.record.names for part in name.given}
        people = (*choices.record.names, *choices.record.others)
        self._families = {part for name in people for part in name.family}
        # Those of the record choose first, so that they are the same in all documents of a patient.
        for name in people:
            for family in filter(HAN.fullmatch, name.family):
                self._family(family)
            for given in filter(HAN.fullmatch, name.given):
                self._given_name(given, self._gender if given in self._given else "")

    def surrogate(self, text: str) -> str | None:
        """Another person's name in the same form."""
        if _DOT.search(text):
            return self._foreign(text)
        found = _TITLE.search(text)
        title = found[0] if found and found.start() else ""
        name = text.removesuffix(title)
        gender = _gender(title) or (self._gender if any(part in name for part in self._given) else "")
        if len(name) == 2 and name[0] in _FAMILIAR and name not in self._given:
            family = self._family(name[1])
            return family and name[0] + family + title
        new = self._name(name, gender)
        return new and new + title

    def _name(self, name: str, gender: str) -> str | None:
        if name in self._given:
            return self._given_name(name, gender)
        size = self._family_length(name)
        family, given = self._family(name[:size]), name[size:]
        if not given or not set(given) - {_UNNAMED}:
            return family and family + given
        new = self._given_name(given, gender)
        return family and new and family + new

    def _family_length(self, name: str) -> int:
        for size in (2, 1):
            if name[:size] in self._families and len(name) >= size:
                return size
        return 2 if name[:2] in names.ZH_COMPOUND else 1

    def _family(self, family: str) -> str | None:
        options: Sequence[str] = names.ZH_COMPOUND if len(family) == 2 else names.ZH_SURNAMES
        return self._chosen("姓", family, lambda draws: draws.of(options))

    def _given_name(self, given: str, gender: str) -> str | None:
        female, male = names.ZH_GIVEN_FEMALE, names.ZH_GIVEN_MALE
        options = {"female": female, "male": male}.get(gender, female + male)
        size = min(len(given), 2)
        return self._chosen("名", given, lambda draws: "".join(draws.of(options) for _ in range(size)))

    def _foreign(self, text: str) -> str | None:
        """A name in transcription, each part by itself: 阿不都·买买提."""
        parts = [part for part in _DOT.split(text) if part]
        new = [
            part
            if _DOT.fullmatch(part)
            else self._chosen("译", part, lambda draws: draws.of(names.ZH_FOREIGN))
            for part in parts
        ]
        return "".join(part for part in new if part) if all(new) else None

    def _chosen(self, group: str, original: str, make: Callable[[Draws], str]) -> str | None:
        def fits(candidate: str) -> bool:
            return not set(candidate) & set(original)

        return self._choices.chosen(group, original, make, fits=fits)


def _gender(title: str) -> str:
    if any(title.endswith(word) for word in names.ZH_TITLES_FEMALE):
        return "female"
    return "male" if any(title.endswith(word) for word in names.ZH_TITLES_MALE) else ""
