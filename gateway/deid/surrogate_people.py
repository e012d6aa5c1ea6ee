"""Surrogates of people's names, part by part: titles, order, initials and letter case stay.

Law: the same part of a name is the same surrogate throughout a document, and in all of a patient's where the
key is the patient's: `John Smith`, `Mr. Smith`, `SMITH, John`, `J. Smith`, and `Smyth` where the record says
Smith. A surrogate begins with another letter than the original, so that an initial changes too.
May import: the standard library, domain words, deid.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from gateway.deid import surrogate_names as names
from gateway.deid.choices import Choices
from gateway.deid.latin_names import Part, is_latin, parts_of
from gateway.deid.surrogate_chinese import HAN, ChineseNames
from gateway.deid.words import Neighbourhood, fold
from gateway.domain.deid import HumanName, IdentifierType

MOST_CHARACTERS = 200
LEAST_MISSPELT = 5  # letters of a name of the record in which one may be wrong

_POSSESSIVE = re.compile(r"['’]s$", re.IGNORECASE)  # noqa: RUF001
_LISTED_FEMALE = frozenset(fold(name) for name in names.GIVEN_FEMALE + names.ES_GIVEN_FEMALE)
_LISTED_MALE = frozenset(fold(name) for name in names.GIVEN_MALE + names.ES_GIVEN_MALE)
_ALPHABET = "ABCDEFGHJKLMNPRSTW"


class People:
    """The names of one document. All of them are known before the first is replaced."""

    def __init__(self, choices: Choices) -> None:
        self._choices = choices
        self._roles: dict[str, str] = {}  # given or family by part, case folded; those of the record first
        self._genders: dict[str, str] = {}
        self._chinese = ChineseNames(choices)
        self._learn_record(choices.record.names, choices.record.gender)
        self._learn_record(choices.record.others, "")
        self._recorded = dict(self._roles)
        self._near = Neighbourhood({part for part in self._recorded if len(part) >= LEAST_MISSPELT})
        for kind, text in choices.mentions:
            if kind is IdentifierType.NAME and len(text) <= MOST_CHARACTERS:
                self._learn(text)
        self._first = {role: self._first_of(role) for role in ("given", "family")}
        # Those of the record choose first, so that they are the same in all documents of a patient.
        for part, role in self._recorded.items():
            self._surrogate_of(part, role)

    def surrogate(self, text: str) -> str | None:
        """Another person's name in the same form; None where it has letters of no script of ours."""
        if len(text) > MOST_CHARACTERS:
            return None
        written, done = [], 0
        for found in HAN.finditer(text):
            written += [self._latin(text[done : found.start()]), self._chinese.surrogate(found[0])]
            done = found.end()
        written.append(self._latin(text[done:]))
        parts = [part for part in written if part is not None]
        return "".join(parts) if len(parts) == len(written) else None

    def _latin(self, text: str) -> str | None:
        written, done = "", 0
        for part in parts_of(text, self._choices.language):
            new = self._replaced(text[part.start : part.end], part)
            if new is None:
                return None
            written += text[done : part.start] + new
            done = part.end
        written += text[done:]
        return None if any(char.isdigit() for char in written) else written

    def _replaced(self, word: str, part: Part) -> str | None:
        if part.role == "title":
            return word
        if part.role == "particle":  # belongs to the name that it stands before, and goes with it
            return ""
        if not is_latin(word):
            return None
        ending = _POSSESSIVE.search(word)
        stem = word[: ending.start()] if ending else word
        new = self._initial(stem) if part.role == "initial" else self._surrogate_of(fold(stem), part.role)
        return new and _cased(new, stem) + (ending[0] if ending else "")

    def _initial(self, letters: str) -> str:
        """The initials of those for whom the letters stand; of nobody where no such name is known."""
        made = []
        for place, letter in enumerate(fold(letters)):
            given, family = (self._first[role].get(letter) for role in ("given", "family"))
            whole = (family or given) if place == len(letters) - 1 > 0 else (given or family)
            new = self._surrogate_of(whole, self._roles[whole]) if whole else None
            options = [option for option in _ALPHABET if option.casefold() != letter]
            made.append(new[0] if new else self._choices.draws("initial", letter).of(options))
        return "".join(made).upper()

    def _surrogate_of(self, part: str, role: str) -> str | None:
        known = self._meant(part)
        options = self._options(known, self._roles.get(known, role))
        return self._choices.chosen(
            "name",
            known,
            lambda draws: draws.of(options),
            wider=lambda draws: f"{draws.of(options)}-{draws.of(options)}",
            fits=lambda new: fold(new[0]) != known[0],
        )

    def _first_of(self, role: str) -> dict[str, str]:
        """The first part of a role that begins with each letter."""
        return {part[0]: part for part in reversed(self._roles) if self._roles[part] == role}

    def _options(self, part: str, role: str) -> tuple[str, ...]:
        spanish = self._choices.language == "es"
        if role == "family":
            return names.ES_FAMILY if spanish else names.FAMILY
        female = names.ES_GIVEN_FEMALE if spanish else names.GIVEN_FEMALE
        male = names.ES_GIVEN_MALE if spanish else names.GIVEN_MALE
        listed = "female" if part in _LISTED_FEMALE else "male" if part in _LISTED_MALE else ""
        return {"female": female, "male": male}.get(self._genders.get(part) or listed, female + male)

    def _meant(self, part: str) -> str:
        """The part of the record that this is one letter off; else the part itself."""
        if len(part) < LEAST_MISSPELT or part in self._recorded:
            return part
        return self._near.of(part) or part

    def _learn_record(self, people: Iterable[HumanName], gender: str) -> None:
        for person in people:
            for role, written in (("given", person.given), ("family", person.family)):
                for part in parts_of(" ".join(written), self._choices.language):
                    if part.role in ("given", "family"):
                        self._know(fold(" ".join(written)[part.start : part.end]), role, gender)

    def _know(self, part: str, role: str, gender: str) -> None:
        self._roles.setdefault(part, role)
        if role == "given" and gender in ("male", "female"):
            self._genders.setdefault(part, gender)

    def _learn(self, text: str) -> None:
        for part in parts_of(text, self._choices.language):
            if part.role in ("given", "family"):
                word = fold(_POSSESSIVE.sub("", text[part.start : part.end]))
                known = self._meant(word)
                self._roles.setdefault(known, part.role)
                if part.gender and self._roles[known] == "given":
                    self._genders.setdefault(known, part.gender)


def _cased(name: str, like: str) -> str:
    if like.isupper():
        return name.upper()
    return name.lower() if like.islower() else name
