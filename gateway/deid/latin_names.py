"""The parts of a person's name in Latin letters: titles, given names, family names, initials, particles.

Law: every letter belongs to a part, so that what is not known to be a title is replaced. Linear.
May import: the standard library, deid name lists.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from gateway.deid import surrogate_names as names
from gateway.deid.surrogate_words import PARTICLES
from gateway.deid.words import fold

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")  # noqa: RUF001
_CREDENTIAL = re.compile(
    r"\b(?:m\.\s?d|ph\.\s?d|d\.\s?o|r\.\s?n|m\.\s?sc|d\.\s?d\.\s?s|m\.\s?p\.\s?h|f\.\s?n\.\s?p)\b\.?",
    re.IGNORECASE,
)
_LATIN = re.compile(r"[A-Za-z\u00aa-\u024f\u1e00-\u1eff]+")
_GIVEN = frozenset(
    fold(name) for name in names.GIVEN_FEMALE + names.GIVEN_MALE + names.ES_GIVEN_FEMALE + names.ES_GIVEN_MALE
)
_SHORTEST_AFTER_D = 5
_SUFFIXES = frozenset({"jr", "ii", "iii", "iv", "esq", "phd", "pharmd", "psyd"})
_BEFORE_CREDENTIALS = 2  # words before one that may be a degree: `MR DO` is a family name, `ANN LEE DO` not


@dataclass(frozen=True, slots=True)
class Part:
    """A part at [start, end): title, particle, given, family or initial; `gender` where a title tells it."""

    start: int
    end: int
    role: str
    gender: str = ""


def is_latin(word: str) -> bool:
    """Whether all letters are Latin ones."""
    return all(_LATIN.fullmatch(piece) for piece in re.split("['’]", word))  # noqa: RUF001


def parts_of(text: str, language: str) -> list[Part]:
    """The parts of a name as it is written, in order: family name last, or first before a comma."""
    credentials = [found.span() for found in _CREDENTIAL.finditer(text)]
    parts: list[Part] = []
    for found in _WORD.finditer(text):
        if any(start <= found.start() < end for start, end in credentials):
            parts.append(Part(*found.span(), "title"))
        else:
            parts.append(Part(*found.span(), _role(text, found, len(parts), language)))
    gender = next((_gender(text[p.start : p.end]) for p in parts if p.role == "title"), "")
    comma = text.find(",")
    named = [i for i, part in enumerate(parts) if part.role == "name"]
    first = [i for i in named if parts[i].start < comma]
    later = [i for i, part in enumerate(parts) if part.start > comma and part.role in ("name", "initial")]
    family = first if comma >= 0 and first and later else _family(text, parts, named, language)
    roles = {i: "family" if i in family else "given" for i in named}
    return [_settled(text, part, roles.get(i, part.role), gender) for i, part in enumerate(parts)]


def _settled(text: str, part: Part, role: str, gender: str) -> Part:
    if role == "particle":  # with the space behind it
        end = part.end
        while end < len(text) and text[end].isspace():
            end += 1
        return replace(part, end=end, role=role)
    return replace(part, role=role, gender=gender)


def _role(text: str, found: re.Match[str], before: int, language: str) -> str:
    """title, particle, initial, or name: given or family is to be decided."""
    word, folded = found[0], found[0].casefold()
    dotted = text[found.end() : found.end() + 1] == "."
    if folded in names.TITLES and (before == 0 or dotted):
        return "title"
    if language == "es" and before == 0 and dotted and word == "D" and len(text) > _SHORTEST_AFTER_D:
        return "title"  # D. Antonio
    after_comma = text[: found.start()].rstrip().endswith(",")
    if before and folded in _SUFFIXES:
        return "title"
    if folded in names.CREDENTIALS and word.isupper() and (after_comma or before >= _BEFORE_CREDENTIALS):
        return "title"
    if folded in PARTICLES and _WORD.search(text, found.end()) and len(word) > 1:
        return "particle"
    if len(word) == 1 or (word.isupper() and len(word) == 2 and word == text.strip(" .")):
        return "initial"
    return "name"


def _gender(title: str) -> str:
    folded = title.casefold()
    if folded in names.TITLES_FEMALE:
        return "female"
    return "male" if folded in names.TITLES_MALE else ""


def _family(text: str, parts: list[Part], named: list[int], language: str) -> list[int]:
    """Which of the words are family names, where no comma tells."""
    words = [text[parts[i].start : parts[i].end].casefold() for i in named]
    if len(named) == 1:
        first = text[parts[0].start : parts[0].end].casefold()
        by_given_name = len(parts) == 1 or first in names.TITLES_BEFORE_GIVEN
        return [] if by_given_name and fold(words[0]) in _GIVEN else named
    if language == "es" and len(named) > 2:
        given = 2 if fold(words[1]) in _GIVEN or len(named) > 3 else 1
        return named[given:]
    family = named[-1:]
    for earlier in reversed(named[:-1]):
        if not _hyphenated(text, parts[earlier], parts[family[0]]):
            break
        family.insert(0, earlier)
    return family


def _hyphenated(text: str, one: Part, other: Part) -> bool:
    return text[one.end : other.start] in ("-", "\u2010", "\u2011")
