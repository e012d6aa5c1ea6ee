"""Ages over 89 become 90+ (45 CFR 164.514(b)(2)(i)(C)); younger ones stay.

Law: an age that is not understood is left to be redacted (None).
May import: the standard library, deid.date_words.
"""

from __future__ import annotations

import re

from gateway.deid.date_words import ZH_DIGITS, zh_number

MOST_AGE, LONGEST_LIFE = 89, 130
MOST_CHARACTERS = 80

_EN_ONES = r"(?:[-\s](?:one|two|three|four|five|six|seven|eight|nine))?"
_HUNDRED = r"(?:(?:one|a)[-\s])?hundred(?:[-\s]and[-\s][a-z]{3,9})?(?![a-z])"
_EN_OVER = rf"ninet(?:y{_EN_ONES}|ies)|{_HUNDRED}"
_EN_BELOW = rf"(?:twent|thirt|fort|fift|sixt|sevent|eight)(?:y{_EN_ONES}|ies)"
_ES_OVER = r"novent(?:a(?:\sy\s[a-z]{3,6})?|ones)|cien(?:to)?(?:\s(?:y\s)?[a-z]{3,10})?(?![a-z])"
_ES_BELOW = r"(?:veint[ei][a-zéó]*|treinta|cuarenta|cincuenta|sesenta|setenta|ochenta)(?:\sy\s[a-z]{3,6})?"
_OVER = re.compile(rf"\b(?:{_EN_OVER}|{_ES_OVER})", re.IGNORECASE)
_BELOW = re.compile(rf"\b(?:{_EN_BELOW}|{_ES_BELOW})\b", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_ZH = re.compile(rf"[{ZH_DIGITS}十百]+")
_ZH_HUNDRED = re.compile(rf"一?百[{ZH_DIGITS}十]{{0,4}}")
_UNIT = re.compile(
    r"[-\s]*(?:(?P<month>months?|mos?\b|mes(?:es)?\b|个?月)|(?P<week>weeks?|wks?\b|semanas?|周(?!岁))"
    r"|(?P<day>days?|d[ií]as?|天|日)|(?P<zh>周?岁))",
    re.IGNORECASE,
)
_PER_YEAR = {"month": 12, "week": 52, "day": 365}


def at_most_89(text: str) -> str | None:
    """The text with an age over 89 as 90+, in the words around it; unchanged below; None if unclear."""
    if len(text) > MOST_CHARACTERS:
        return None
    numbers = [(found.start(), found.end(), _years(text, found)) for found in _NUMBER.finditer(text)]
    if numbers:
        return _judged(text, numbers)
    if (over := _OVER.search(text)) is not None:
        return _over(text, over.start(), over.end())
    if _BELOW.search(text):
        return text
    numeral = _ZH.search(text)
    if numeral is None:
        return None
    try:
        years = 100 if _ZH_HUNDRED.fullmatch(numeral[0]) else zh_number(numeral[0])
    except ValueError:
        return None
    return _judged(text, [(numeral.start(), numeral.end(), years)])


def _years(text: str, found: re.Match[str]) -> float:
    unit = _UNIT.match(text, found.end())
    return float(found[0].replace(",", ".")) / _PER_YEAR.get((unit and unit.lastgroup) or "", 1)


def _judged(text: str, numbers: list[tuple[int, int, float]]) -> str | None:
    """`numbers` are start, end and value in years."""
    if any(years > LONGEST_LIFE for _, _, years in numbers):
        return None
    if all(years < MOST_AGE + 1 for _, _, years in numbers):
        return text
    if len(numbers) > 1:  # what stands beside would tell more
        return "90岁以上" if "岁" in text else "90+"
    ((start, end, _),) = numbers
    return _over(text, start, end)


def _over(text: str, start: int, end: int) -> str:
    """90+ in the place of the number, in the words around it."""
    unit = _UNIT.match(text, end)
    if unit and unit.lastgroup in _PER_YEAR:
        return "90+"
    if unit and unit.lastgroup == "zh":
        return f"{text[:start]}90{unit[0].strip()}以上{text[unit.end() :]}"
    return f"{text[:start]}90+{text[end:].removeprefix('s')}"
