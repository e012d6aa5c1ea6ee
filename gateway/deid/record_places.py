"""Street lines, towns and organisations of a record in a text, with abbreviations and one-edit misspellings.

Law: each phrase has one anchor, its most telling word; around an anchor found in the text a short run of the
phrase's own words is taken, in any order, and judged by what it holds. A state or a country alone is nothing.
Linear in the text: runs are bounded.
May import: domain words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.deid.common_words import COMMON, ordinary
from gateway.deid.place_words import (
    CANON,
    ORGANIZATION_WORDS,
    PLACE_BEFORE,
    STOP,
    STREET_KINDS,
    STREET_WORDS,
    SUFFIXES,
    UNITS,
)
from gateway.deid.words import Neighbourhood, Words, has_cjk, tokens
from gateway.domain.deid import IdentifierType, PatientRecord, Span

SURE, LIKELY = 1.0, 0.85  # scores
_MOST_WORDS = 12
_SHORTEST_FUZZY = {IdentifierType.STREET: 5, IdentifierType.ORGANIZATION: 5, IdentifierType.LOCATION: 6}
_COUNTY = re.compile(r"\s+(?:county|district|parish)$", re.IGNORECASE)
_LONG_FORMS = [(short, spelling) for spelling, short in CANON.items()]
_PLAIN = {
    IdentifierType.STREET: STREET_WORDS | UNITS | STOP,
    IdentifierType.ORGANIZATION: ORGANIZATION_WORDS | STOP,
    IdentifierType.LOCATION: STOP,
}
_ORDINALS = frozenset(("s", "th", "nd", "rd"))
_GAP = re.compile(
    r"[ \t\u00a0]{0,3}[.,#'\-/\u2019\u00ba\u00aa\u00b0\u2013&(]{0,2}[ \t\u00a0#]{0,3}(?:\r?\n[ \t]{0,8})?"
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase of the record: its telling words, numbers and all of its words, folded and abbreviated."""

    kind: IdentifierType
    core: frozenset[str]
    numbers: frozenset[str]
    words: frozenset[str]
    strong: bool  # whether a core word is no ordinary one
    ordered: tuple[str, ...]
    state: str = ""  # the first word of a town's state


@dataclass(slots=True)
class PlaceIndex:
    """Phrases by their anchor, and acronyms of organisations."""

    anchors: dict[str, list[Phrase]] = field(default_factory=dict)
    near: Neighbourhood = field(default_factory=lambda: Neighbourhood(set()))
    acronyms: set[str] = field(default_factory=set)
    longest: int = 0


def place_index(record: PatientRecord) -> PlaceIndex:
    """The index of a record's addresses and organisations; those in Chinese writing are left out."""
    index = PlaceIndex()
    for address in record.addresses:
        for line in address.line:
            _add(index, line, IdentifierType.STREET)
        for place in (address.city, address.district):
            _add(index, _COUNTY.sub("", place), IdentifierType.LOCATION, state=address.state)
    for organization in record.organizations:
        _add(index, organization, IdentifierType.ORGANIZATION)
        letters = "".join(word[0] for word in tokens(organization) if word not in STOP and word.isalpha())
        if len(letters) >= 4 and not ordinary(letters):
            index.acronyms.add(letters)
    long = {word for word in index.anchors if len(word) >= min(_SHORTEST_FUZZY.values()) and word.isalpha()}
    index.near = Neighbourhood(long)
    index.longest = max(map(len, long), default=0)
    for short, spelling in _LONG_FORMS:
        if short in index.anchors:
            index.anchors.setdefault(spelling, index.anchors[short])
    return index


def _add(index: PlaceIndex, text: str, kind: IdentifierType, *, state: str = "") -> None:
    if has_cjk(text):
        return
    ordered = tuple(canonical(word) for word in tokens(text)[:_MOST_WORDS])
    plain = _PLAIN[kind]
    core = frozenset(word for word in ordered if word not in plain and len(word) > 1 and not word.isdigit())
    numbers = frozenset(word for word in ordered if word.isdigit())
    telling = core or numbers or frozenset(word for word in ordered if word not in STOP)
    if not telling or (kind is IdentifierType.LOCATION and not core):
        return
    anchor = max(sorted(telling), key=lambda word: (not ordinary(word), len(word)))
    if len(anchor) < 2 and not (anchor.isdigit() and len(ordered) > 1):
        return
    strong = any(not ordinary(word) and len(word) > 2 for word in core)
    phrase = Phrase(kind, core, numbers, frozenset(ordered), strong, ordered, "".join(tokens(state)[:1]))
    known = index.anchors.setdefault(anchor, [])
    if phrase not in known:
        known.append(phrase)


def canonical(word: str) -> str:
    """A word of an address in its shortest usual form: street -> st, apartment -> apt, first -> 1."""
    return CANON.get(word, word)


def place_spans(index: PlaceIndex, words: Words) -> list[Span]:
    """The record's places and organisations in the text, in no order; spans may overlap."""
    if not index.anchors:
        return []
    anchors = {word: index.anchors[word] for word in words.seen & index.anchors.keys()}
    for word in words.seen - anchors.keys() - COMMON:
        if 4 <= len(word) <= index.longest + 1 and word.isalpha() and (close := _misspelt(index, word)):
            anchors[word] = close
    if not anchors and index.acronyms.isdisjoint(words.seen):
        return []
    found: list[Span] = []
    floors: dict[Phrase, int] = {}  # the first word that no mention of a phrase has taken yet
    for at, word in enumerate(words.folded):
        if word in anchors:
            found += _at(words, at, anchors[word], floors)
    if not index.acronyms.isdisjoint(words.seen):
        found += _acronyms(index, words)
    return found


def _misspelt(index: PlaceIndex, word: str) -> list[Phrase]:
    anchor = index.near.of(word)
    if anchor is None or ordinary(word):
        return []
    return [phrase for phrase in index.anchors[anchor] if len(anchor) >= _SHORTEST_FUZZY[phrase.kind]]


def _at(words: Words, at: int, phrases: list[Phrase], floors: dict[Phrase, int]) -> Iterator[Span]:
    for phrase in phrases:
        floor = floors.get(phrase, 0)
        run = _run(words, at, phrase, floor) if at >= floor else None
        if run is None:
            continue
        first, last, exact = run
        floors[phrase] = last + 1
        yield Span(
            start=words.starts[first],
            end=words.ends[last],
            type=phrase.kind,
            score=SURE if exact else LIKELY,
            source="record",
        )


def _run(words: Words, at: int, phrase: Phrase, floor: int) -> tuple[int, int, bool] | None:
    """First and last word of the phrase around its anchor, and whether the anchor is spelt right."""
    first = last = at
    after = phrase.words | (SUFFIXES if phrase.kind is IdentifierType.ORGANIZATION else UNITS)
    if phrase.kind is IdentifierType.LOCATION:
        after = phrase.words
    used = {canonical(words.folded[at])}
    while (
        at - first < _MOST_WORDS
        and first > floor
        and _belongs(words, first - 1, phrase.words, first - 1, used)
    ):
        first -= 1
    while (
        last - at < _MOST_WORDS
        and last + 1 < len(words.folded)
        and _belongs(words, last + 1, after, last, used)
    ):
        last += 1
    if phrase.kind is IdentifierType.STREET and last == at and _kind_of_street(words, last + 1):
        last += 1
    while first < at and words.folded[first] in STOP and words.folded[first] != phrase.ordered[0]:
        first += 1
    while last > at and (_stops(words, last) or canonical(words.folded[last]) in UNITS):
        last -= 1
    exact = canonical(words.folded[at]) in phrase.words
    run = [canonical(word) for word in words.folded[first : last + 1]]
    held = set(run) | (set() if exact else _meant(words.folded[at], phrase))
    judge = {IdentifierType.STREET: _street, IdentifierType.ORGANIZATION: _organization}.get(
        phrase.kind, _town
    )
    return (first, last, exact) if judge(words, first, last, phrase, held) else None


def _kind_of_street(words: Words, at: int) -> bool:
    """Whether a word says what kind of street the one before it is, though the record says another."""
    return at < len(words.folded) and canonical(words.folded[at]) in STREET_KINDS and words.gap(at - 1) == " "


def _stops(words: Words, at: int) -> bool:
    """Whether a word ends no phrase; a capital letter is a door."""
    return words.folded[at] in STOP and not (len(words.folded[at]) == 1 and words.capital(at))


def _belongs(words: Words, at: int, vocabulary: frozenset[str], gap_at: int, used: set[str]) -> bool:
    """Whether a word goes on with the run; none is used twice, so a second mention begins a second run."""
    word = canonical(words.folded[at])
    if (
        (word in used and len(word) > 2)
        or not (word in vocabulary or words.folded[at] in _ORDINALS)
        or not _GAP.fullmatch(words.gap(gap_at))
    ):
        return False
    used.add(word)
    return True


def _meant(word: str, phrase: Phrase) -> set[str]:
    """The core word that a misspelt anchor stands for."""
    found = Neighbourhood(set(phrase.core)).of(word)
    return {found} if found else set()


def _street(words: Words, first: int, last: int, phrase: Phrase, held: set[str]) -> bool:
    core, numbers = held & phrase.core, held & phrase.numbers
    kind = held & STREET_WORDS
    if not phrase.core:
        return phrase.words <= held
    if not core:
        return False
    capital = (
        words.text[words.starts[first] : words.ends[last]]
        != words.text[words.starts[first] : words.ends[last]].lower()
    )
    if numbers:
        telling = any(not ordinary(word) for word in core) or bool(kind) or len(core) > 1
        return telling or (capital and any(len(number) > 2 for number in numbers))
    whole = core == phrase.core
    return whole and ((bool(kind) and (capital or phrase.strong)) or (phrase.strong and len(core) > 1))


def _organization(words: Words, first: int, last: int, phrase: Phrase, held: set[str]) -> bool:
    capital = words.capital(first) or not any(start.isupper() for start in words.text[:2_000])
    if not phrase.core:
        return capital and len(phrase.words) > 1 and phrase.words - STOP <= held
    if not phrase.core <= held:
        return False
    if held & ORGANIZATION_WORDS or len(phrase.core) > 2:
        return capital or phrase.strong
    if not phrase.strong:
        return False
    raw = words.raw(first)
    return len(phrase.core) > 1 or (capital and len(raw) > 4) or (len(raw) > 3 and raw.isupper())


def _town(words: Words, first: int, last: int, phrase: Phrase, held: set[str]) -> bool:
    if not phrase.core <= held:
        return False
    small = not any(char.isupper() for char in words.text[:2_000])
    if phrase.strong or len(phrase.core) > 1:
        return words.capital(first) or small or (phrase.strong and len(words.folded[first]) > 4)
    before = words.folded[first - 1] if first else ""
    following = words.raw(last + 1) if last + 1 < len(words.starts) else ""
    state = words.gap(last).startswith(",") and (
        (len(following) == 2 and following.isupper()) or following.lower() == phrase.state != ""
    )
    county = following.lower() in ("county", "district", "parish")
    return words.capital(first) and (before in PLACE_BEFORE or state or county)


def _acronyms(index: PlaceIndex, words: Words) -> Iterator[Span]:
    for at, word in enumerate(words.folded):
        if word in index.acronyms and words.raw(at).isupper():
            yield Span(
                start=words.starts[at],
                end=words.ends[at],
                type=IdentifierType.ORGANIZATION,
                score=LIKELY,
                source="record",
            )
