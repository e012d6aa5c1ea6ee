"""The names of a record in a text: in any order, with initials, misspelt by one edit, broken over lines.

Law: a name that is no ordinary word stands by itself, in any case. An ordinary word, a two-letter name or
one that is also a clinical eponym needs company: a partner name beside it, a title or kin before it, an
initial of the record, or a sentence that treats it as a person. A bare initial is never a name.
Linear in the text: words are looked up once, and only hits are looked at more closely.
May import: domain words.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.deid.clinical_words import EPONYM_NOUNS, EPONYM_NOUNS_BEFORE, EPONYMS, EPONYMS_ALONE
from gateway.deid.common_words import COMMON, ordinary
from gateway.deid.record_words import PARTICLES, SHORT_FORMS
from gateway.deid.words import Neighbourhood, Words, has_cjk, tokens
from gateway.domain.deid import HumanName

GIVEN, FAMILY, STRONG, PARTICLE, SHORT, USER = 1, 2, 4, 8, 16, 32
SHORTEST_FUZZY = 5  # letters of a name of the record that may be misspelt
_GERMAN = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}
)
_BREAK = re.compile(r"[-\u00ad\u2010\u2011][ \t]{0,8}\r?\n[ \t]{0,8}")
_SPLIT = re.compile(r"[ \t\u00a0\u00ad\u200b]{1,2}|[ \t]?[-\u2010\u2011]?[ \t]?\r?\n?[ \t]{0,4}")


class Hit(NamedTuple):
    """Words `first` to `last` of the text are a name of the record."""

    first: int
    last: int
    role: int
    exact: bool


@dataclass(slots=True)
class NameIndex:
    """The names of a record, ready to be looked up: role by folded word, first letters, beginnings."""

    roles: dict[str, int] = field(default_factory=dict)
    given_initials: set[str] = field(default_factory=set)
    family_initials: set[str] = field(default_factory=set)
    beginnings: set[str] = field(default_factory=set)
    near: Neighbourhood = field(default_factory=lambda: Neighbourhood(set()))
    longest: int = 0

    def add(self, word: str, role: int) -> None:
        """One folded word of a name; strong where it is no ordinary word."""
        if len(word) >= 3 and not ordinary(word) and word not in EPONYMS_ALONE:
            role |= STRONG
        self.roles[word] = self.roles.get(word, 0) | role

    def close(self) -> None:
        """After the last name: what misspellings and broken words are looked up by."""
        long = {
            word for word, role in self.roles.items() if len(word) >= SHORTEST_FUZZY and not role & PARTICLE
        }
        self.near = Neighbourhood(long)
        self.longest = max(map(len, long), default=0)
        self.beginnings = {
            word[:size] for word in long if self.roles[word] & STRONG for size in range(1, len(word))
        }


def name_index(names: Iterable[HumanName]) -> NameIndex:
    """The index of names in alphabets; names in Chinese, Japanese or Korean writing are left out."""
    index = NameIndex()
    for name in names:
        given = [word for part in name.given if not has_cjk(part) for word in _added(index, part, GIVEN)]
        family = [word for part in name.family if not has_cjk(part) for word in _added(index, part, FAMILY)]
        index.given_initials.update(word[0] for word in given)
        index.family_initials.update(word[0] for word in family)
        _add_joined(index, name)
    index.close()
    return index


def _added(index: NameIndex, part: str, role: int) -> list[str]:
    """The words of one part of a name, added with their other spellings."""
    words = tokens(part)
    for spelling in (words, tokens(part.translate(_GERMAN))):
        for word in spelling:
            if word in PARTICLES and len(spelling) > 1:
                index.roles.setdefault(word, PARTICLE)
            elif len(word) > 1 and not word.isdigit():
                index.add(word, role)
        if len(spelling) > 1 and role == FAMILY:
            index.add("".join(spelling), role)
    if role == GIVEN:
        for word in words:
            for short in SHORT_FORMS.get(word, ()):
                index.add(short, GIVEN | SHORT)
    return [word for word in words if word not in PARTICLES and not word.isdigit()]


def _add_joined(index: NameIndex, name: HumanName) -> None:
    """JohnSmith, SmithJohn and jsmith, as they stand in user names and where a space was lost."""
    first = "".join(tokens(name.given[0])) if name.given else ""
    whole = tokens(" ".join(name.family))
    for family in {"".join(whole), *whole}:
        if len(family) < 3 or not first or has_cjk(family + first) or family in PARTICLES:
            continue
        for joined in (first + family, family + first, first[0] + family, family + first[0]):
            if len(joined) >= 6 and not ordinary(joined):
                index.roles.setdefault(joined, GIVEN | FAMILY | STRONG | USER)


def hits(index: NameIndex, words: Words) -> list[Hit]:
    """Every word of the text that is a name of the record, in order, disjoint."""
    roles = index.roles
    known = {word: roles[word] for word in words.seen & roles.keys()}
    close = _misspelt(index, words.seen)
    found: dict[int, Hit] = {}
    if known or close:
        for at, word in enumerate(words.folded):
            if word in known:
                found[at] = Hit(at, at, known[word], True)
            elif word in close:
                found[at] = Hit(at, at, close[word], False)
    for hit in (*_over_lines(index, words), *_spaced(index, words)):
        found[hit.first] = hit
    ordered: list[Hit] = []
    for at in sorted(found):
        hit = found[at]
        if not (ordered and hit.first <= ordered[-1].last) and not _eponym(words, hit):
            ordered.append(hit)
    return ordered


def _misspelt(index: NameIndex, seen: frozenset[str]) -> dict[str, int]:
    """Role by word of the text that is one edit from a name and no ordinary word."""
    close = {}
    for word in seen - index.roles.keys() - COMMON:
        if SHORTEST_FUZZY - 1 <= len(word) <= index.longest + 1 and word.isalpha():
            name = index.near.of(word)
            if name is not None and not ordinary(word) and word not in EPONYMS:
                close[word] = index.roles[name]
    return close


def _over_lines(index: NameIndex, words: Words) -> Iterator[Hit]:
    """Names with a hyphen at the end of a line inside them."""
    for match in _BREAK.finditer(words.text):
        at = bisect_left(words.starts, match.end()) - 1
        if at < 0 or words.ends[at] != match.start() or at + 1 >= len(words.starts):
            continue
        if words.starts[at + 1] != match.end():
            continue
        joined = words.folded[at] + words.folded[at + 1]
        role = index.roles.get(joined)
        if role is not None:
            yield Hit(at, at + 1, role, True)
        elif role := _misspelt(index, frozenset((joined,))).get(joined):
            yield Hit(at, at + 1, role, False)


def _spaced(index: NameIndex, words: Words) -> Iterator[Hit]:
    """Names with blanks or line ends inside them: "Mart inez", "S M I T H"."""
    beginnings, folded = index.beginnings, words.folded
    if beginnings.isdisjoint(words.seen):
        return
    for first in [at for at, word in enumerate(folded) if word in beginnings]:
        last, joined = first, folded[first]
        while joined in beginnings and last + 1 < len(folded) and _SPLIT.fullmatch(words.gap(last)):
            last += 1
            joined += folded[last]
            if index.roles.get(joined, 0) & (STRONG | USER) == STRONG and len(joined) >= SHORTEST_FUZZY:
                pieces = folded[first : last + 1]
                if len(pieces) == len(joined) or any(
                    len(piece) > 1 and piece not in COMMON for piece in pieces
                ):
                    yield Hit(first, last, index.roles[joined], True)


def _eponym(words: Words, hit: Hit) -> bool:
    """Whether a name is part of a clinical term: Parkinson's disease, Stevens-Johnson, signo de Murphy."""
    folded, after = words.folded, hit.last + 1
    if folded[hit.last] not in EPONYMS:
        return False
    before = folded[max(0, hit.first - 2) : hit.first]
    if len(before) == 2 and before[0] in EPONYM_NOUNS_BEFORE and before[1] in ("de", "del"):
        return True
    if after < len(folded) and folded[after] == "s" and words.gap(hit.last) in ("'", "\u2019"):
        after += 1
    if (
        after < len(folded)
        and folded[after] in EPONYM_NOUNS
        and words.gap(after - 1) in (" ", "' ", "\u2019 ")
    ):
        return True
    return _hyphenated(words, hit)


def _hyphenated(words: Words, hit: Hit) -> bool:
    before = hit.first > 0 and words.gap(hit.first - 1) == "-" and words.folded[hit.first - 1] in EPONYMS
    after = (
        hit.last + 1 < len(words.folded)
        and words.gap(hit.last) == "-"
        and words.folded[hit.last + 1] in EPONYMS
    )
    return before or after
