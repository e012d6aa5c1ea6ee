"""Names, addresses and organisations in Chinese, Japanese or Korean writing, found without word breaks.

Law: a family name of one character never stands alone, only before a given name or a title; blanks and
middle dots inside a phrase do not matter. Linear in the text for each part of the record.
May import: domain words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.deid.words import has_cjk
from gateway.domain.deid import HumanName, IdentifierType, PatientRecord, Span

_BLANK = frozenset(" \t\r\n\u00a0\u3000\u00b7\u2022\u30fb\u200b")
_MOST_BLANKS = 3  # between two characters of a phrase
_TITLE_WORDS = (
    "\u5148\u751f \u5973\u58eb \u5c0f\u59d0 \u592a\u592a \u540c\u5fd7 \u67d0 \u533b\u751f \u533b\u5e08 "
    "\u5927\u592b \u62a4\u58eb \u62a4\u5e08 \u4e3b\u4efb \u6559\u6388 \u8001\u5e08 \u9662\u957f "
    "\u7237\u7237 \u5976\u5976 \u963f\u59e8 \u53d4\u53d4 \u8001\u4eba \u3055\u3093 \u3055\u307e \u69d8 "
    "\u6c0f \u541b \uc528 \ub2d8"
)
_TITLES = tuple(_TITLE_WORDS.split())
_FAMILIAR = ("\u8001", "\u5c0f")  # "old" and "young" before a family name


@dataclass(frozen=True, slots=True)
class CjkPhrase:
    """A row of characters without blanks. A `bare` one is a family name alone, which needs company."""

    row: str
    kind: IdentifierType
    score: float
    bare: bool = False


def cjk_phrases(record: PatientRecord) -> tuple[CjkPhrase, ...]:
    """What to look for."""
    found = [phrase for name in (*record.names, *record.others) for phrase in _of_name(name)]
    for address in record.addresses:
        found += [CjkPhrase(_row(line), IdentifierType.STREET, 1.0) for line in address.line if has_cjk(line)]
        for place in (address.city, address.district):
            if has_cjk(place):
                found.append(CjkPhrase(_row(place), IdentifierType.LOCATION, 1.0))
    for organization in record.organizations:
        if has_cjk(organization):
            found.append(CjkPhrase(_row(organization), IdentifierType.ORGANIZATION, 1.0))
    return tuple(dict.fromkeys(phrase for phrase in found if len(phrase.row) > 1 or phrase.bare))


def _row(text: str) -> str:
    return "".join(char for char in text if char not in _BLANK)


def _of_name(name: HumanName) -> Iterator[CjkPhrase]:
    given = _row("".join(part for part in name.given if has_cjk(part)))
    for family in (_row(part) for part in name.family if has_cjk(part)):
        if given:
            yield CjkPhrase(family + given, IdentifierType.NAME, 1.0)
            yield CjkPhrase(given + family, IdentifierType.NAME, 1.0)
        yield CjkPhrase(family, IdentifierType.NAME, 0.9, bare=len(family) == 1)
    if len(given) > 1:
        yield CjkPhrase(given, IdentifierType.NAME, 0.9)


def cjk_spans(text: str, phrases: tuple[CjkPhrase, ...]) -> Iterator[Span]:
    """Every place of every phrase."""
    places = [at for at, char in enumerate(text) if char not in _BLANK]
    row = text if len(places) == len(text) else "".join([text[at] for at in places])
    for phrase in phrases:
        at = row.find(phrase.row)
        while at >= 0:
            last = at + len(phrase.row) - 1
            if not (phrase.bare and not _in_company(row, at)) and _close(places, at, last):
                yield Span(
                    start=places[at],
                    end=places[last] + 1,
                    type=phrase.kind,
                    score=phrase.score,
                    source="record",
                )
            at = row.find(phrase.row, at + 1)


def _close(places: list[int], first: int, last: int) -> bool:
    return all(places[at + 1] - places[at] <= _MOST_BLANKS + 1 for at in range(first, last))


def _in_company(row: str, at: int) -> bool:
    """Before a title, or behind a familiar "old" or "young" that is not inside another word."""
    if row.startswith(_TITLES, at + 1):
        return True
    return at > 0 and row[at - 1] in _FAMILIAR and (at == 1 or not has_cjk(row[at - 2]))
