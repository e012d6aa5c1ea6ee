"""Hits of names -> spans: neighbouring hits are one person, and weak ones are weighed by their company.

May import: domain words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.deid.clinical_words import EPONYMS_ALONE
from gateway.deid.record_names import FAMILY, GIVEN, PARTICLE, SHORT, STRONG, Hit, NameIndex, hits
from gateway.deid.record_words import (
    MONTH_NAMES_TOO,
    NOT_MID_SENTENCE,
    PARTICLES,
    PLAIN_TITLES,
    TITLES,
    VERBS,
)
from gateway.deid.words import Words
from gateway.domain.deid import IdentifierType, Span

WHOLE, ALONE, MISSPELT, IN_CONTEXT = 1.0, 0.95, 0.85, 0.75  # scores
_SMALL, _LARGE = 0.02, 0.6  # shares of capitals: a text in small letters, one in capitals
_JOINT = re.compile(r"[ \t\u00a0]{0,3}[,\-'\u2010\u2011\u2019\u00b7_]?[ \t\u00a0]{0,3}(?:\r?\n)?[ \t]{0,8}")
_AFTER_INITIAL = re.compile(r"\.?[ \t\u00a0]{0,2}(?:\r?\n)?[ \t]{0,8}|\.,[ \t]?")
_TITLE_GAP = re.compile(r"[.:,]{0,2}[ \t\u00a0]{0,3}(?:\r?\n)?[ \t]{0,4}|[ \t]*\([ \t]*")
_INITIAL_GAPS = frozenset(("", ".", ". ", " "))
_GAPS_BEFORE_INITIAL = frozenset((" ", ", ", ".", ". "))


def name_spans(index: NameIndex, words: Words) -> list[Span]:
    """The names of the record in the text, in order."""
    found = [_span(words, index, group) for group in _groups(index, words)]
    return [span for span in found if span] + list(_titled_initials(index, words))


def _groups(index: NameIndex, words: Words) -> Iterator[list[Hit]]:
    """Hits that stand side by side, with initials and particles between them."""
    group: list[Hit] = []
    for hit in _plausible(index, words):
        if group and not _side_by_side(words, group[-1], hit):
            yield group
            group = []
        group.append(hit)
    if group:
        yield group


def _plausible(index: NameIndex, words: Words) -> list[Hit]:
    """Hits that may be names by their writing: an ordinary word needs a capital, a month no day beside it."""
    found = hits(index, words)
    if not found or (share := _capitals(words)) <= _SMALL:
        return found
    return [written for hit in found if (written := _as_written(words, hit, mixed=share < _LARGE))]


def _as_written(words: Words, hit: Hit, *, mixed: bool) -> Hit | None:
    """A hit in a text that uses capitals. Three capitals are rather an abbreviation than a name alone."""
    word = "".join(words.folded[hit.first : hit.last + 1])
    if word in MONTH_NAMES_TOO and (_number_at(words, hit.first - 1) or _number_at(words, hit.last + 1)):
        return None
    if hit.role & PARTICLE:
        return hit
    if words.capital(hit.first):
        shouted = mixed and len(word) == 3 and words.raw(hit.first).isupper()
        return hit._replace(role=hit.role & ~STRONG) if shouted else hit
    return hit if hit.role & STRONG and (len(word) > 3 if hit.exact else len(word) > 5) else None


def _number_at(words: Words, at: int) -> bool:
    return 0 <= at < len(words.folded) and words.folded[at].isdigit()


def _capitals(words: Words) -> float:
    """The share of words and numbers that begin with a capital; near 0 or 1 case says nothing."""
    firsts = map(words.text.__getitem__, words.starts)
    return sum(map(str.isupper, firsts)) / len(words.starts)


def _side_by_side(words: Words, left: Hit, right: Hit) -> bool:
    if right.first - left.last > 3:
        return False
    for at in range(left.last, right.first):
        if at > left.last and not _between(words, at):
            return False
        joint = _AFTER_INITIAL if len(words.folded[at]) <= 2 else _JOINT
        if not (joint.fullmatch(words.gap(at)) or _JOINT.fullmatch(words.gap(at))):
            return False
    return True


def _between(words: Words, at: int) -> bool:
    """Whether a word may stand inside a name: an initial, a particle, or what a hyphen joins to it."""
    if _initial(words, at) or words.folded[at] in PARTICLES or _attached(words, at):
        return True
    return words.capital(at) and "-" in (words.gap(at - 1), words.gap(at))


def _attached(words: Words, at: int) -> bool:
    """Whether a word is a number written into the one before it, as generated names have: Jose917."""
    return at < len(words.folded) and words.gap(at - 1) == "" and words.folded[at].isdigit()


def _initial(words: Words, at: int) -> bool:
    return 0 <= at < len(words.folded) and len(words.folded[at]) == 1 and words.capital(at)


def _span(words: Words, index: NameIndex, group: list[Hit]) -> Span | None:
    while group and group[-1].role & PARTICLE:
        group = group[:-1]
    people = [hit for hit in group if not hit.role & PARTICLE]
    if not people:
        return None
    first, last = _with_initials(words, index, group[0], group[-1])
    score = _score(words, people, initials=(first, last) != (group[0].first, group[-1].last))
    if not score:
        return None
    if _attached(words, last + 1):
        last += 1
    return Span(
        start=words.starts[first],
        end=words.ends[last],
        type=IdentifierType.NAME,
        score=score,
        source="record",
    )


def _with_initials(words: Words, index: NameIndex, left: Hit, right: Hit) -> tuple[int, int]:
    """The first and last word with the record's initials before a family name or behind one."""
    first, last = left.first, right.last
    if left.role & (FAMILY | PARTICLE):
        while first > left.first - 3 and _leads(index, words, first - 1, small=not words.capital(left.first)):
            first -= 1
    letters = (index.given_initials if right.role & FAMILY else set()) | (
        index.family_initials if right.role & GIVEN else set()
    )
    last_first = left is not right and left.role & FAMILY and right.role & GIVEN
    while last < right.last + 2 and _is_letter(words, last + 1) and words.gap(last) in _GAPS_BEFORE_INITIAL:
        known = words.capital(last + 1) and words.folded[last + 1] in letters
        if _word_goes_on(words, last + 1) or not (known or (last_first and _stands_alone(words, last + 1))):
            break
        last += 1
    return first, last


def _leads(index: NameIndex, words: Words, at: int, *, small: bool) -> bool:
    """Whether a word is an initial of a given name before what follows; small only before small letters."""
    if at < 0 or words.folded[at] not in index.given_initials or words.gap(at) not in _INITIAL_GAPS:
        return False
    return words.capital(at) or (small and words.gap(at).startswith("."))


def _is_letter(words: Words, at: int) -> bool:
    return at < len(words.folded) and len(words.folded[at]) == 1 and words.folded[at].isalpha()


def _stands_alone(words: Words, at: int) -> bool:
    """Whether nothing follows a letter closely: "Ruiz, Ana C" and then punctuation, a wide gap or the end."""
    gap = words.gap(at)
    return at + 1 == len(words.folded) or (gap != " " and gap[-1:] in " \n\t(")


def _word_goes_on(words: Words, at: int) -> bool:
    """Whether a letter belongs to what follows it, as in "Smith A-line"."""
    return words.gap(at)[:1] in ("-", "'", "/", "\u2019", "+") or words.gap(at) == ""


def _score(words: Words, people: list[Hit], *, initials: bool) -> float:
    """How sure a group is a name; 0 where it is none."""
    strong = [hit for hit in people if hit.role & STRONG]
    titled = _titled(words, people[0].first)
    roles = 0
    for hit in people:
        roles |= hit.role
    if len(people) > 1 and (strong or (roles & GIVEN and roles & FAMILY)):
        return WHOLE if all(hit.exact for hit in people) else MISSPELT
    if (
        len(people) > 1
        and words.gap(people[0].last) == "-"
        and all(words.capital(hit.first) for hit in people)
    ):
        return WHOLE if all(hit.exact for hit in people) else MISSPELT
    if strong:
        return ALONE if all(hit.exact for hit in strong) else MISSPELT
    if titled or (initials and people[0].role & FAMILY):
        return ALONE
    return IN_CONTEXT if _treated_as_person(words, people[0]) else 0.0


def _titled(words: Words, first: int) -> bool:
    before = first - 1
    return (
        before >= 0 and words.folded[before] in TITLES and _TITLE_GAP.fullmatch(words.gap(before)) is not None
    )


def _treated_as_person(words: Words, hit: Hit) -> bool:
    """An ordinary word with a capital that has a possessive, a person's verb, or a sentence around it."""
    word, at = words.folded[hit.first], hit.last
    if (
        len(word) < 3
        or word in NOT_MID_SENTENCE
        or word in EPONYMS_ALONE
        or hit.role & SHORT
        or not hit.exact
    ):
        return False
    following = words.folded[at + 1] if at + 1 < len(words.folded) else ""
    gap = words.gap(at)
    if not words.capital(hit.first) or words.raw(at).isupper():
        return False
    if following == "s" and gap in ("'", "\u2019"):
        return True
    if following in VERBS and gap == " ":
        return True
    return _mid_sentence(words, hit) and (
        gap[:1] in (".", ",", ";", "\n")
        or not following
        or (gap == " " and not words.capital(at + 1) and not following.isdigit())
    )


def _mid_sentence(words: Words, hit: Hit) -> bool:
    before = hit.first - 1
    return (
        before >= 0
        and words.gap(before) == " "
        and words.raw(before).islower()
        and len(words.folded[before]) > 1
    )


def _titled_initials(index: NameIndex, words: Words) -> Iterator[Span]:
    """The patient's initials behind a title: "Mr. J.S.", "patient J. S."."""
    if PLAIN_TITLES.isdisjoint(words.seen):
        return
    for at in [at for at, word in enumerate(words.folded) if word in PLAIN_TITLES]:
        first = last = at + 1
        if not (_initial(words, first) and words.folded[first] in index.given_initials):
            continue
        if not _TITLE_GAP.fullmatch(words.gap(at)):
            continue
        while last < at + 4 and _initial(words, last + 1) and words.gap(last) in _INITIAL_GAPS:
            last += 1
        if last > first and words.folded[last] in index.family_initials:
            yield Span(
                start=words.starts[first],
                end=words.ends[last],
                type=IdentifierType.NAME,
                score=MISSPELT,
                source="record",
            )
