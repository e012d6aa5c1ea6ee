"""The forms in which a date is written: one regular expression each, and what its parts mean.

Law: a mention is read whole or not at all. It has at most 80 characters, so no expression can be made slow.
Groups: a weekday name; B month name; d m y day, month, year in digits; x z two numbers whose order is to be
decided; o the ending of an ordinal; D M Y Chinese numerals.
May import: the standard library, deid.date_words.
"""

from __future__ import annotations

import re

from gateway.deid.date_words import MONTH, WEEKDAY, ZH_DIGITS

MOST_CHARACTERS = 80

_ZONE = r"(?:z|[+-]\d{2}:?\d{2}|utc|gmt|[ecmp][sd]?t|cest?)"
_HALF = r"(?:\s?[ap]\.?\s?m\.?|\s?hrs?\.?|\s?h\b)?"
_CLOCK = rf"\d{{1,2}}[:h]\d{{2}}(?::\d{{2}}(?:[.,]\d{{1,9}})?)?{_HALF}(?:\s?{_ZONE})?"
_ZH_CLOCK = r"(?:上午|下午|晚上?|凌晨|中午)?\s?\d{1,2}(?:[时時点點]\d{1,2}分?|[时時点點]|:\d{2}(?::\d{2})?)"
_MILITARY = r"\s?,?\s?(?:(?:at|@)\s?\d{4}(?:\s?h(?:rs?|ours)?)?|\d{4}\s?h(?:rs?|ours)?)\b\.?"  # 0930 hrs
_TIME = rf"(?:(?:t|\s?,?\s?(?:at|@|a\slas?)?\s?){_CLOCK}|{_MILITARY}|\s?{_ZH_CLOCK})"
_ABOUT = (
    r"(?:(?:early|mid|late|(?:the\s)?(?:beginning|middle|end)\sof|(?:a\s)?(?:principios|comienzos|mediados|fin(?:al)?es)"
    r"\sdel?|(?:el\s)?mes\sde)[-\s])?"
)
_BEFORE = rf"(?:{_CLOCK}\s(?:on\s|del?\s)?)?{_ABOUT}"
_DAY_NAME = rf"(?:(?P<a>{WEEKDAY})(?:\.?\s?,?\s?|\s?,?\s)(?:the\s|el\s)?)?"
_ARTICLE = r"(?:the\s|el\s|del\s)?"
_AFTER = rf"(?:\s?\(?(?P<a2>{WEEKDAY})\)?)?"

_D = r"(?P<d>\d{1,2})"
_ORDINAL = r"(?P<o>st|nd|rd|th)?[º°]?"
_YEAR = r"(?P<y>\d{4}|\d{2})"
_OF = r"(?:\s?(?:of|de)\s|\s?[-/.]\s?|\s?)"
_TO_YEAR = r"(?:\s?,\s?|\s?[-/]\s?|\s?(?:,\s)?(?:of|del?)\s(?:año\s)?|\s)'?"
_ZH = f"[{ZH_DIGITS}十]"

_CORES = (
    # 2024-03-14, 2024/3/14, 2024.03.14
    r"(?P<y>\d{4})\s?(?P<s>[-/.\s])\s?(?P<m>\d{1,2})\s?(?P=s)\s?(?P<d>\d{1,2})",
    # 20240314, and HL7's 202403141530 or 20240314153000
    r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})(?:\d{4}|\d{6})?",
    # 3/14/2024, 14.03.24, 03-14-24, 24/03/05 in Chinese: the order is decided by evidence
    r"(?P<x>\d{1,2})\s?(?P<s>[-/.\s])\s?(?P<z>\d{1,2})\s?(?P=s)\s?(?P<y>\d{4}|'?\d{2})",
    # 3/2024
    r"(?P<m>\d{1,2})\s?[-/.]\s?(?P<y>\d{4})",
    # 2024-03
    r"(?P<y>\d{4})\s?[-/.]\s?(?P<m>\d{1,2})",
    # 3/14
    r"(?P<x>\d{1,2})\s?[-/.]\s?(?P<z>\d{1,2})\.?",
    # March 14, 2024; Mar 14th; MAR-14-24
    rf"(?P<B>{MONTH})(?:\.?\s?[-/]?\s?){_D}{_ORDINAL}(?:{_TO_YEAR}{_YEAR})?",
    # 14 March 2024; 14th of March; 14-Mar-24; 14MAR2024; 14 de marzo de 2024
    rf"{_ARTICLE}{_D}{_ORDINAL}{_OF}(?P<B>{MONTH})\.?(?:(?:{_TO_YEAR})?{_YEAR})?",
    # March 2024; marzo de 2024; Mar '24
    rf"(?P<B>{MONTH})\.?{_TO_YEAR}(?:(?P<y>\d{{4}}|(?<=')\d{{2}}))",
    # 2024 March 14, 2024-Mar-14
    rf"(?P<y>\d{{4}})\s?[-/,]?\s?(?P<B>{MONTH})\.?(?:\s?[-/]?\s?){_D}{_ORDINAL}",
    # March
    rf"(?P<B>{MONTH})\.?",
    # 2024年3月14日, 24年3月, 3月14号
    r"(?:(?P<y>\d{4}|\d{2})\s?年\s?)?(?P<m>\d{1,2})\s?月(?:份|\s?(?P<d>\d{1,2})\s?[日号號])?",
    # 二〇二四年三月十四日
    rf"(?:(?P<Y>{_ZH}{{4}}|{_ZH}{{2}})\s?年\s?)?(?P<M>{_ZH}{{1,2}})\s?月(?:份|\s?(?P<D>{_ZH}{{1,3}})\s?[日号號])?",
    # 2024年, 二〇二四年, 2024
    r"(?:(?:el\s|del\s)?año\s)?(?P<y>\d{4})\s?年?",
    rf"(?P<Y>{_ZH}{{4}})\s?年",
)
FORMS = (
    *(re.compile(rf"{_BEFORE}{_DAY_NAME}{core}{_AFTER}{_TIME}?", re.IGNORECASE) for core in _CORES),
    re.compile(rf"(?P<a>{WEEKDAY})\.?", re.IGNORECASE),
)

# Days of one month: March 3-5, 2024; del 3 al 5 de marzo; 3月3日至5日. Both days share what is around them.
DAYS = re.compile(
    rf"(?P<before>(?:(?:\d{{4}}年)?\d{{1,2}}月|(?:{MONTH})\.?\s)?)(?P<first>\d{{1,2}})[日号]?"
    r"(?P<joint>\s?(?:-|至|到|\band\b|\bto\b|\bal?\b|\by\b)\s?)(?P<last>\d{1,2})(?P<after>.*)",
    re.IGNORECASE,
)

# What stands between the two ends of a period of time.
RANGE = re.compile(
    r"\s?(?:-{1,2}|~|\bto\b|\buntil\b|\bthrough\b|\band\b|\bal?\b|\by\b|\bhasta\b|至|到)\s?", re.IGNORECASE
)

# Characters that mean the same in a date, one for one; and those that mean nothing.
_SAME = {
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-"),
    **dict.fromkeys(map(ord, "\u2018\u2019\u02bc"), "'"),
    **dict.fromkeys(map(ord, "\u3000\u00a0\u2002\u2003\u2009\u202f\t\n\r\x0b\x0c\x85\u2028\u2029"), " "),
}
_NOTHING = dict.fromkeys(
    map(
        ord,
        "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff",
    )
)


def shown(text: str) -> str:
    """The mention without characters that cannot be seen."""
    return text.translate(_NOTHING)


def plain(text: str) -> str:
    """The same characters, place by place, in the plain form that the expressions know."""
    return text.translate(_SAME)
