"""Dates more precise than a year: full, partial, textual, ranges, stamps, holidays; English, Spanish, more.

Law: a year alone, a time of day alone and a span of time are no dates. Two numbers with a slash are a date
only where nothing says dose, ratio, score or pressure, and a small fraction only where something says date.
Imports: rules.
"""

from __future__ import annotations

import re
from dataclasses import replace

from gateway.deid.patterns.date_context import AFTER_SCALE, BEFORE_SCALE, SAYS_DATE, TIME_FOLLOWS
from gateway.deid.patterns.rules import LETTERS, Family, after, at_words, before, rule

_I = re.IGNORECASE

_FULL_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december"
    "|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre|octubre|noviembre|diciembre"
    "|janvier|février|fevrier|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
    "|januar|februar|märz|juni|juli|oktober|dezember"
    "|janeiro|fevereiro|março|maio|junho|julho|setembro|outubro|novembro|dezembro|gennaio|maggio|giugno"
    "|ottobre"
)
_SHORT_MONTHS = "jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec|ene|abr|ago|dic"
_MONTH = rf"(?:(?:{_FULL_MONTHS})|(?:{_SHORT_MONTHS})(?![a-zà-ÿ])\.?)(?:(?<=may)\.(?= ))?"
_WEEKDAYS = (
    "monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tues|tue|wed|thurs|thur|thu|fri|sat|sun"
)
_SPANISH_WEEKDAYS = "lunes|martes|miércoles|miercoles|jueves|viernes|sábado|sabado|domingo"

_ORDINAL_WORDS = (
    "(?:twenty|thirty)[ -](?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|twentieth"
    "|thirtieth|first"
    "|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth"
    "|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth"
)
_D = r"(?:0?[1-9]|[12][0-9]|3[01])"
_DAY = rf"{_D}(?:st|nd|rd|th|º|er|\.(?=\s))?"
_M = r"(?:0?[1-9]|1[0-2])"
_Y = r"(?:18|19|20)[0-9]{2}"
_NO_MORE = r"(?![0-9]|[.,/][0-9])"
_UNITS = (
    r"(?:mg|mcg|ug|µg|g|kg|ml|cc|dl|l|units?|iu|meq|mmol|mm|cm|%|tabs?|tablets?|times|x|puffs?|drops|doses?"
    r"|days?|weeks?|hours?|hrs?|minutes?|mins?|lbs?|bpm|patients|percent|años|meses|días|horas)"
)
_NOT_MEASURE = rf"(?!\s?{_UNITS}(?![a-z]))"
_WORD_YEAR = (
    r"(?:two thousand(?: and)?(?: [a-z]{3,9}(?:[ -][a-z]{3,5})?)?|(?:nineteen|twenty) "
    r"[a-z]{3,9}(?:[ -][a-z]{3,5})?)"
)
_YEAR_TAIL = (
    rf"(?:(?:,?\s|[./-]|,|,? (?:of|in|de|del|del año)\s)(?:{_Y}|'[0-9]{{2}}|(?<=[-/.])[0-9]{{2}}){_NO_MORE}"
    rf"|(?<=[a-z])(?:{_Y}|[0-9]{{2}}){_NO_MORE}|,? {_WORD_YEAR})?"
)
_CLOCK = (
    r"(?:[T ][0-2][0-9]:?[0-5][0-9](?::?[0-5][0-9](?:[.,][0-9]{1,9})?)?(?:\s?Z|\s?[+-][0-9]{2}:?[0-9]{2})?)?"
)
_RANGE = r"\s?(?:-|to|and|&|y|al|a|thru|through|until)\s?"

_YEAR_FIRST = rf"{_Y}(?P<a>[-/.])\s?{_M}(?P=a)\s?{_D}{_CLOCK}(?![0-9])"
_YEAR_MONTH = rf"{_Y}[-/](?:0[1-9]|1[0-2])(?![0-9/-])"
_DAY_FIRST = (
    rf"{_D}\s?(?P<b>[/.-])\s?{_D}\s?(?P=b)\s?(?:{_Y}|'?[0-9]{{2}})(?:{_CLOCK})(?![0-9]|[/.][0-9]|(?P=b)[0-9])"
)
_MONTH_YEAR = rf"{_M}\s?[/-]\s?{_Y}(?![0-9/]|-[0-9]{{3}})"
_COMPACT = (
    rf"{_Y}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:T?[0-9]{{4,6}}(?:\.[0-9]{{1,6}})?(?:Z"
    rf"|[+-][0-9]{{4}})?)?(?![0-9])"
)
_SOON_A_MONTH = (
    r"(?=[0-9]{1,2}(?:st|nd|rd|th|º|er)?[\s./-]{0,2}(?:[0-9&]|jan|feb|fev|fév|mar|mär|apr|abr|avr|may|mai"
    r"|mag|jun|jui|jul|giu"
    r"|aug|ago|aoû|sep|set|oct|okt|out|ott|nov|dec|dez|déc|dic|ene|gen|of|de|al|and|to|thr|until|y|a))"
)
_DAY_MONTH = (
    rf"(?:{_DAY}{_RANGE})?{_DAY}[\s./-]{{0,2}}(?:of\s|de\s|del? mes de |de ?l')?(?:{_MONTH})(?![a-zà-ÿ])"
    rf"(?:{_RANGE}{_DAY} (?:of |de )?(?:{_MONTH}))?{_YEAR_TAIL}"
)
_PARTIAL = (
    rf"(?:{_M}/{_D}|{_D}/{_M})(?:{_RANGE}(?:{_M}/{_D}(?:/[0-9]{{2,4}})?|{_D}(?=[\s,;:.)]"
    rf"|\Z)))?(?![0-9/%]|[.:-][0-9])"
)

_DOSE_AFTER = re.compile(rf"\s?{_UNITS}(?![a-z])")


def _days_fit(match: re.Match[str]) -> bool:
    """Whether one of the first two numbers can be a month, and the form is no version or dose."""
    first, second, year = (part.strip() for part in re.split(r"[/.-]", match["DATE"], maxsplit=2))
    if min(int(first), int(second)) > 12 or _DOSE_AFTER.match(after(match, 12)):
        return False
    dotted = match["b"] == "."
    return not dotted or len(year) >= 4 or len(second) == 2


def _partial(match: re.Match[str]) -> bool:
    """Whether two numbers with a slash are a day rather than a fraction, score or ratio."""
    ahead = after(match)
    behind = before(match)
    if AFTER_SCALE.match(ahead) or BEFORE_SCALE.search(behind):
        return False
    first, second = (int(re.match(r"\d+", part)[0]) for part in match[0].split("/")[:2])  # type: ignore[index]
    if first > 12 and second <= 12 and (first, second) == (24, 7):
        return False
    small = second in (2, 3, 4, 5, 6, 8, 10) and first <= second
    padded = match[0].startswith("0") or "/0" in match[0]
    fraction = (small or first == second or first > 12) and not padded
    return not fraction or bool(SAYS_DATE.search(behind) or TIME_FOLLOWS.match(ahead))


def _day_month(match: re.Match[str]) -> bool:
    """`3 may` is a verb after a number, unless it is an ordinal or has a year."""
    return not re.fullmatch(r"[0-9]{1,2} (?:may|mar|march|mars)", match[0])


def _month_word(match: re.Match[str]) -> bool:
    """`may 5`, `march 12` in lower case are verbs unless a year or an ordinal says more."""
    return not re.fullmatch(r"(?:may|mar|march|mars|sun|sat)\.? [0-9]{1,2}", match[0])


def _a_month(match: re.Match[str]) -> bool:
    """A month alone is no name of a person or place, as in `from April Jones`, and no verb."""
    ahead = match.string[match.end() : match.end() + 12]
    return not re.match(r"\s(?:[A-Z][a-z]|clinic|have|not|be\b|need|benefit)|[A-Za-z'-]", ahead)


def _ordinal_month(match: re.Match[str]) -> bool:
    return not re.fullmatch(r"[a-z -]+ (?:may|march)", match["DATE"]) or " of " in match["DATE"]


_LEFT = r"(?<![A-Za-z0-9_])(?<![0-9][./])"

_DAY_DIGITS = (1, 2)
NUMBERS = (
    rule(rf"{_LEFT}(?P<DATE>{_YEAR_FIRST}|{_YEAR_MONTH})", 0.95, digits=(4, 4), then="-/."),
    rule(rf"{_LEFT}(?P<DATE>{_COMPACT})", 0.95, digits=(8, 14)),
    rule(
        rf"{_LEFT}(?<![0-9]-)(?=[0-9]{{1,2}}\s?[/.-]\s?[0-9])(?P<DATE>{_DAY_FIRST})",
        0.95,
        check=_days_fit,
        digits=_DAY_DIGITS,
        then="/.- ",
    ),
    rule(
        rf"(?<=[0-9]-)(?P<DATE>{_M}/{_D}/(?:{_Y}|[0-9]{{2}}))(?![0-9/])", 0.95, digits=_DAY_DIGITS, then="/"
    ),
    rule(
        rf"{_LEFT}(?:(?<![0-9]-)|(?=[0-9]{{1,2}}/))(?P<DATE>{_MONTH_YEAR})",
        0.85,
        digits=_DAY_DIGITS,
        then="/- ",
    ),
    rule(
        rf"{_LEFT}{_SOON_A_MONTH}(?P<DATE>{_DAY_MONTH}){_NOT_MEASURE}",
        0.95,
        check=_day_month,
        digits=_DAY_DIGITS,
        then=f"{LETTERS} ./-*&\n",
        flags=_I,
    ),
    rule(
        rf"{_LEFT}(?<![0-9]-)(?<![<>=~])(?P<DATE>{_PARTIAL})",
        0.75,
        check=_partial,
        digits=_DAY_DIGITS,
        then="/",
        flags=_I,
    ),
)

_AFTER_MONTH = (
    rf"{_DAY}(?!\d|:\d|[.,]\d){_NOT_MEASURE}(?:{_RANGE}(?:(?:{_MONTH}) )?{_DAY}(?!\d|:\d"
    rf"|/)){{0,1}}{_YEAR_TAIL}"
    rf"|(?:the )?(?:{_ORDINAL_WORDS})\b{_YEAR_TAIL}"
)
_MONTH_FIRST = rf"(?:{_MONTH})(?![a-zà-ÿ])(?:(?:\s{{1,2}}|[./-])(?:the )?|(?=[0-9]))(?:{_AFTER_MONTH})"
_MONTH_THEN_YEAR = (
    rf"(?:{_MONTH})(?:,?\s|[-/.]|\s(?:of|de|del|del año)\s|,)?(?:{_Y}(?![0-9])|'[0-9]{{2}}(?![0-9]))"
)
_SHORT_YEAR = rf"(?:{_SHORT_MONTHS})[-/][0-9]{{2}}(?![0-9/-])"
_SAID = (
    "in|since|last|next|early|mid|late|until|till|by|this|during|through|thru|of|from|before|after"
    "|around|mid-|between|en|desde|hasta"
)

_MONTHS = rule(
    rf"(?<![A-Za-z0-9])(?P<DATE>{_MONTH_FIRST}|{_MONTH_THEN_YEAR}|{_SHORT_YEAR})",
    0.95,
    check=_month_word,
    flags=_I,
)
_MONTH_ALONE = rule(
    r"(?<![A-Za-z-])(?P<DATE>January|February|September|October|November|December|July|JANUARY|FEBRUARY"
    r"|SEPTEMBER"
    r"|OCTOBER|NOVEMBER|DECEMBER|JULY|enero|febrero|marzo|abril|junio|julio|agosto|septiembre|octubre"
    r"|noviembre"
    r"|diciembre)(?![A-Za-zà-ÿ-])",
    0.65,
)
_MONTH_SAID = rule(
    rf"(?<![a-z])(?:{_SAID})[ -](?:of )?(?P<DATE>(?:{_FULL_MONTHS}|jan|feb|apr|aug|sept|sep|oct|nov|dec)\b)",
    0.75,
    behind=True,
    check=_a_month,
    flags=_I,
)
_SPELLED = rule(
    rf"(?:the )?(?P<DATE>(?:{_ORDINAL_WORDS}) (?:of |day of )?(?:{_FULL_MONTHS})\b{_YEAR_TAIL})",
    0.9,
    check=_ordinal_month,
    flags=_I,
)
_WEEKDAY = rule(
    rf"(?P<DATE>(?:{_WEEKDAYS}|{_SPANISH_WEEKDAYS})\b\.?,?\s(?:the\s|el\s)?(?:{_MONTH_FIRST}|{_DAY_MONTH}"
    rf"|{_M}[/-]{_D}(?:[/-](?:{_Y}|[0-9]{{2}}))?(?![0-9/])|{_D}(?:st|nd|rd|th)\b))",
    0.95,
    flags=_I,
)
_DAY_ALONE = rule(
    r"(?<![a-z])(?:on|by|until|since|from) the (?P<DATE>(?:[1-9]|[12][0-9]|3[01])(?:st|nd|rd"
    r"|th))(?=[.,;:)\n]|\s(?:at|for|and|he|she|they|we|with|when|pt|patient)\b|\Z)",
    0.6,
    flags=_I,
)
_QUARTER = rule(
    rf"(?<![A-Za-z0-9])(?P<DATE>(?:q[1-4]|(?:first|second|third|fourth|1st|2nd|3rd|4th) quarter)(?: of)?[ "
    rf"/-]?{_Y})(?![0-9])",
    0.6,
    flags=_I,
)
_NTH_QUARTER = replace(_QUARTER, digits=(1, 1), then="snrtSNRT")
_HOLIDAY = rule(
    r"(?P<DATE>(?:christmas(?: day| eve)?|xmas(?: day| eve)?|thanksgiving(?: day)?|new year'?s(?: day| "
    r"eve)|easter(?: sunday| monday)?"
    r"|good friday|independence day|4th of july|fourth of july|memorial day|labou?r day|veterans'? day"
    r"|halloween|valentine'?s day"
    r"|mother'?s day|father'?s day|st\.? patrick'?s day|columbus day|presidents'? day|martin luther king "
    r"day|mlk day|boxing day"
    r"|hanukkah|yom kippur|rosh hashanah|passover|diwali|eid(?: al-(?:fitr|adha))|ramadan|cinco de mayo"
    r"|juneteenth|bastille day"
    rf"|nochebuena|navidad|nochevieja|d[ií]a de reyes|semana santa|chinese new year|lunar new year)(?:,? "
    rf"(?:of |de )?{_Y})?)\b"
    r"(?! (?:tree|island|disease|cactus|factor|seal))",
    0.6,
    flags=_I,
)
_LABELLED = rule(
    rf"(?:dob|d\.o\.b\.?|doa|dod|dos|date(?: of (?:birth|death|service|admission|discharge|visit))?|born"
    rf"|birthdate|lmp|edd|edc)"
    rf"[\s:#=]{{1,4}}(?:on\s)?(?P<DATE>(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:{_Y}"
    rf"|[0-9]{{2}})(?![0-9])|{_M}[ .-]{_D}(?:[ .-](?:{_Y}|[0-9]{{2}}))?(?![0-9]))",
    0.9,
    flags=_I,
)

_MONTH_TRIGGERS = f"{_FULL_MONTHS}|{_SHORT_MONTHS}".replace("|", " ")

FAMILY = Family(
    words=at_words(
        (_MONTH_TRIGGERS, _MONTHS),
        (_MONTH_TRIGGERS, _MONTH_SAID),
        (
            "january february september october november december july enero febrero marzo abril junio "
            "julio agosto"
            " septiembre octubre noviembre diciembre",
            _MONTH_ALONE,
        ),
        (
            "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth"
            " fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth twenty thirty "
            "thirtieth",
            _SPELLED,
        ),
        (f"{_WEEKDAYS}|{_SPANISH_WEEKDAYS}".replace("|", " "), _WEEKDAY),
        ("on by until since from", _DAY_ALONE),
        ("first second third fourth", _QUARTER),
        (
            "christmas xmas thanksgiving new easter good independence fourth memorial labor labour veterans"
            " halloween valentine valentines mother mothers father fathers st columbus president "
            "presidents martin mlk boxing"
            " hanukkah yom rosh passover diwali eid ramadan cinco juneteenth bastille nochebuena navidad"
            " nochevieja semana chinese lunar",
            _HOLIDAY,
        ),
        ("dob d doa dod dos date born birthdate lmp edd edc", _LABELLED),
    ),
    numbers=(*NUMBERS, _NTH_QUARTER),
    codes=(_QUARTER,),
)
