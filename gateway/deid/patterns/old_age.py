"""What tells an age over 89 without its number: a year of birth, and words for the very old.

45 CFR 164.514(b)(2)(i)(C) asks for "all elements of dates (including year) indicative of such age". A bare year
is otherwise no date here; those that are found here are years in which nobody under 90 was born for long to
come, or that stand as somebody's birth.
Imports: rules.
"""

from __future__ import annotations

import re

from gateway.deid.patterns.rules import Family, Scan, at_words, rule

_I = re.IGNORECASE
_NO_MORE = r"(?![0-9A-Za-z]|[.,/:%-][0-9])"
_BORN_YEAR = rf"(?P<DATE>18[5-9][0-9]|19[0-4][0-9]){_NO_MORE}"
_OLD_YEAR = rf"(?P<DATE>18[5-9][0-9]|19[0-3][0-9]){_NO_MORE}"
_NO_AMOUNT = (
    r"(?!\s?(?:ml|mls|cc|l|mg|mcg|ug|g|kg|kcal|cal|calories|units?|iu|hrs?|hours?|h|steps|patients)\b)"
)

_BORN = rule(
    rf"(?:birth ?year|year of birth|birth|born|yob|y\.o\.b\.?|dob|d\.o\.b\.?|b\.|nacid[oa]|nació|nacimiento)"
    rf"(?:[\s:=,(]{{1,4}}(?:in|is|was|year|the year|on|circa|ca\.?|c\.|about|around|en|el año|de|en el año)?"
    rf"[\s:=(]{{0,3}}){_BORN_YEAR}",
    0.9,
    flags=_I,
)
_IN = rule(
    rf"(?:in|en)(?: the year| el año| (?:early|mid|late)(?=[ -]))?[\s-]{_OLD_YEAR}{_NO_AMOUNT}", 0.7, flags=_I
)
_YEAR = rule(rf"(?:year|año|anno|circa|ca\.)\s{_OLD_YEAR}{_NO_AMOUNT}", 0.7, flags=_I)
_WORDS = rule(
    r"(?P<AGE>(?:super-?)?centenarians?|(?:super)?centenari[oa]s?|nonagenarians?|nonagenari[oa]s?)(?![a-z])",
    0.9,
    flags=_I,
)
_NINETIES = rule(
    r"(?:in|into|past|reached) (?:her|his|their)(?: (?:early|mid|middle|late|upper))?[ -](?P<AGE>nineties)\b",
    0.8,
    flags=_I,
)

FAMILY = Family(
    words=at_words(
        ("birth birthyear year born yob y dob d b nacido nacida nació nacimiento", _BORN),
        ("in en", _IN),
        ("year año anno circa ca", _YEAR),
        (
            "centenarian centenarians super supercentenarian centenario centenaria centenarios"
            " nonagenarian nonagenarians nonagenario nonagenaria nonagenarios nonagenarias",
            _WORDS,
        ),
        ("in into past reached", _NINETIES),
    ),
    scans=(
        Scan(
            lambda text: "年" in text,
            rule(r"(?P<DATE>18[5-9][0-9]|19[0-4][0-9])年?(?:出生|生人|生于)", 0.9),
        ),
        Scan(
            lambda text: "生于" in text,
            rule(r"生于\s?(?P<DATE>18[5-9][0-9]|19[0-4][0-9])(?![0-9])", 0.9),
        ),
    ),
)
