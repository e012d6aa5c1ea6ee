"""Names, addresses and organisations in Chinese, Japanese or Korean writing, found without word breaks.

Law: a family name of one character never stands alone, only before a given name or a title; linear in the
text for each part of the record.
May import: domain words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from gateway.deid.words import has_cjk
from gateway.domain.deid import HumanName, IdentifierType, PatientRecord, Span

_BLANK = r"[ \u00a0\u3000\u00b7\u30fb]?"
# \u8001 and \u5c0f ("old", "young") before a family name, not inside another word.
_FAMILIAR = r"(?:(?<=[^\u3400-\u9fff][\u8001\u5c0f])|(?<=\A[\u8001\u5c0f]))"
_TITLES = (
    "\u5148\u751f|\u5973\u58eb|\u5c0f\u59d0|\u592a\u592a|\u540c\u5fd7|\u67d0|\u533b\u751f|\u533b\u5e08|\u5927\u592b"
    "|\u62a4\u58eb|\u62a4\u5e08|\u4e3b\u4efb|\u6559\u6388|\u8001\u5e08|\u9662\u957f|\u7237\u7237|\u5976\u5976"
    "|\u963f\u59e8|\u53d4\u53d4|\u8001\u4eba|\u3055\u3093|\u3055\u307e|\u69d8|\u6c0f|\u541b|\uc528|\ub2d8"
)


def cjk_patterns(record: PatientRecord) -> list[tuple[re.Pattern[str], IdentifierType, float]]:
    """What to look for, with its type and score; each pattern is a row of characters with single blanks."""
    found: dict[tuple[str, IdentifierType], float] = {}
    for name in (*record.names, *record.others):
        for pattern, score in _name_patterns(name):
            found[pattern, IdentifierType.NAME] = score
    for address in record.addresses:
        for part, kind in (
            *((line, IdentifierType.STREET) for line in address.line),
            (address.city, IdentifierType.LOCATION),
            (address.district, IdentifierType.LOCATION),
        ):
            if has_cjk(part) and len(part) > 1:
                found[_row(part), kind] = 1.0
    for organization in record.organizations:
        if has_cjk(organization) and len(organization) > 2:
            found[_row(organization), IdentifierType.ORGANIZATION] = 1.0
    return [(re.compile(pattern), kind, score) for (pattern, kind), score in found.items()]


def _row(text: str) -> str:
    return _BLANK.join(re.escape(char) for char in text if not char.isspace() and char not in "\u00b7\u30fb")


def _name_patterns(name: HumanName) -> Iterator[tuple[str, float]]:
    families = [part for part in name.family if has_cjk(part)]
    given = "".join(part for part in name.given if has_cjk(part))
    for family in families:
        if given:
            yield _row(family + given), 1.0
            yield _row(given + family), 1.0
        yield _row(family) + rf"(?={_BLANK}(?:{_TITLES}))", 0.9
        if len(family) == 1:
            yield _FAMILIAR + family, 0.75
        else:
            yield _row(family), 0.9
    if len(given) > 1:
        yield _row(given), 0.9


def cjk_spans(text: str, patterns: Iterable[tuple[re.Pattern[str], IdentifierType, float]]) -> Iterator[Span]:
    """Every place of every pattern."""
    for pattern, kind, score in patterns:
        for match in pattern.finditer(text):
            yield Span(start=match.start(), end=match.end(), type=kind, score=score, source="record")
