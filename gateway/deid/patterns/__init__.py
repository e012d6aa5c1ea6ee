"""Identifiers that have a form: dates, numbers, addresses, and names where a label or title gives them away.

What 45 CFR 164.514(b)(2)(i) lists, and China's and Spain's own, in one pass over the text. Scores: .95 and
more where a check digit or a label vouches, less for a form alone.
"""

from __future__ import annotations

from gateway.deid.patterns import (
    ages,
    china,
    dates,
    ids,
    names,
    names_beside,
    old_age,
    organizations,
    phones,
    places,
    spanish,
    web,
)
from gateway.deid.patterns.engine import Engine
from gateway.deid.patterns.lowered import lowered, recased
from gateway.domain.deid import Span

_FAMILIES = (
    dates.FAMILY,
    ages.FAMILY,
    old_age.FAMILY,
    phones.FAMILY,
    web.FAMILY,
    ids.FAMILY,
    names.FAMILY,
    names_beside.FAMILY,
    places.FAMILY,
    organizations.FAMILY,
    china.FAMILY,
    *spanish.FAMILIES,
)
_ANY = Engine(_FAMILIES)
_OF_LANGUAGE = {
    "es": Engine((*_FAMILIES, *spanish.ONLY_IN_SPANISH)),
    "zh": Engine((*_FAMILIES, china.ONLY_IN_CHINESE)),
}
_CAPITALS = Engine((*spanish.FAMILIES, *spanish.IN_CAPITALS))


def pattern_spans(text: str, language: str) -> list[Span]:
    """Spans with source "pattern", by start, in code points of `text` (a normalised one). They may overlap.

    `language` is BCP 47's primary subtag, or empty. Every language's forms are looked for in every text,
    because notes mix them; a language adds what would be too loose elsewhere. Linear in the text's length.
    """
    found = _OF_LANGUAGE.get(language, _ANY).spans(text)
    if language == "es" and lowered(text):
        more = _CAPITALS.spans(recased(text))
        found = sorted({*found, *more}, key=lambda span: (span.start, -span.end, -span.score, span.type))
    return found
