"""Ages over 89, and never one below: 45 CFR 164.514(b)(2)(i)(C). The span is the number alone.

Imports: common words, rules.
"""

from __future__ import annotations

import re

from gateway.deid.common_words import ordinary
from gateway.deid.patterns.rules import LETTERS, Family, Scan, after, at_words, before, rule

_I = re.IGNORECASE
_OLD = r"(?P<AGE>9[0-9]|1[0-2][0-9])"
_YEARS = r"y(?:ea)?rs?"

_TEMPERATURE = re.compile(r"(?:temp(?:erature)?|tmax|tm|t|fever|febrile|of|to|f)[^a-z0-9]{0,3}(?:of |to )?\Z")
_SEX_FOLLOWS = re.compile(
    r"\s?(?:with|w/|who|presents|presented|admitted|here|c/o|h/o|pt|patient|[,;:(]|s/p|in\b|is\b|was\b"
    r"|from|seen|brought|\Z)"
)
_GOES_ON = re.compile(
    r"\s(?!today|yesterday|at\b|fever|temp|last|on\b|oral|rectal|this|overnight|axillary|tympanic|and|to\b|or\b|degrees)[a-z]{3}"
)
_A_RELATIVE = re.compile(
    r"\b(?:mother|father|mom|dad|grand[a-z]+|great-[a-z-]+|aunt|uncle|sister|brother|wife|husband|parents?|both|she|he|who|they)\b[^.;\n]{0,24}\Z"
)
_VITAL = re.compile(
    r"(?:temp|fever|tmax|glucose|sugar|hr|rate|pulse|bp|systolic|diastolic|pressure|sats?|spo2|level|sodium|map|weight|percent|inr|score)\b[^.;\n]{0,16}\Z"
)
_NAMED = re.compile(
    r"(?:\A|[^\w])(?P<first>[A-ZÀ-Þ][a-zß-ɏ'-]{1,20}) (?:[A-Z]\.? )?(?P<last>[A-ZÀ-Þ][a-zß-ɏ'-]{2,20}), \Z"
)
_ANALYTE = re.compile(r"(?:ase|ine|ium|ate|ide|gen|globin|itin|ose|terol|lipid|rate|sats?)\Z")


def _reached(match: re.Match[str]) -> bool:
    """Whether `reached 104` is what a person did, not a fever or a pulse."""
    behind = before(match)
    return _A_RELATIVE.search(behind) is not None and not _VITAL.search(behind)


def _after_a_name(match: re.Match[str]) -> bool:
    """Whether the number stands between commas after two words of a name: `Ada Novak, 94, lives alone`."""
    start = match.start()
    found = _NAMED.search(match.string[max(0, start - 48) : start])
    if found is None or ordinary(found["first"].lower()) or ordinary(found["last"].lower()):
        return False
    return not _ANALYTE.search(found["last"])


def _a_person(match: re.Match[str]) -> bool:
    """Whether `95F` and `92 M` are a person's age and sex, not degrees or metres."""
    if _TEMPERATURE.search(before(match)):
        return False
    return bool(_SEX_FOLLOWS.match(after(match)) or _GOES_ON.match(match.string, match.end()))


def _not_a_share(match: re.Match[str]) -> bool:
    """`92 years` is an age unless it counts something else, as pack-years or survival do."""
    return not re.match(
        r"\s?(?:of (?!age)|ago|later|survival|follow|pack|history|prior|before|hence)", after(match)
    )


_LEFT = r"(?<![A-Za-z0-9.,/:<>-])"
_AGE_DIGITS = (2, 3)
NUMBERS = (
    rule(
        rf"{_LEFT}{_OLD}(?:[\s-]{{0,2}}(?:(?:{_YEARS}|y)[\s-]{{0,2}}(?:old|o\b)|y\.?/?\s?o\b|{_YEARS}\.? "
        rf"of age\b"
        r"|y\.\s?o\b|jahre alt\b|ans\b|anos\b|años\b|a[ñn]itos\b)|y/?o|y(?=[\s,.;MFmf]|\Z))",
        0.95,
        digits=_AGE_DIGITS,
        then=f"{LETTERS} -\n",
        flags=_I,
    ),
    rule(
        rf"{_LEFT}{_OLD}[\s-]{{1,2}}(?:years|yrs)\b",
        0.7,
        check=_not_a_share,
        digits=_AGE_DIGITS,
        then=" -\n",
        flags=_I,
    ),
    rule(rf"{_LEFT}{_OLD}\s?(?:[FM]|yF|yM)\b(?!-)", 0.75, check=_a_person, digits=_AGE_DIGITS, then=" FMy"),
    rule(
        rf"(?<=[a-zß-ÿ], ){_OLD}(?=, ?[a-z(]|\)|, (?:M|F)\b)",
        0.75,
        check=_after_a_name,
        digits=_AGE_DIGITS,
        then=",)",
    ),
    rule(rf"(?<![0-9.<>A-Za-z]){_OLD}\s?(?:周|週)?[岁歲]", 0.95, digits=_AGE_DIGITS, then=" *"),
    rule(
        rf"{_LEFT}{_OLD}(?:st|nd|rd|th)\s(?:birthday|year of life|b-?day)",
        0.9,
        digits=_AGE_DIGITS,
        then="snrtSNRT",
        flags=_I,
    ),
    rule(
        rf"{_LEFT}[1-9]?[0-9]\s?(?:-|to)\s?{_OLD}[\s-]?(?:years?|yrs?|y)[\s/-]?o(?:ld)?\b",
        0.9,
        digits=(1, 2),
        then=" -tT",
        flags=_I,
    ),
)

_ONES = "(?:one|two|three|four|five|six|seven|eight|nine)"
_TENS = "(?:ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty)"
_WORDS = rf"(?P<AGE>ninety(?:[\s-]{_ONES})?|(?:a|one)\s?-?hundred(?:[\s-](?:and[\s-])?(?:{_ONES}|{_TENS}))?)"
_SPELLED = rule(
    rf"(?<![a-z-]){_WORDS}(?:[\s-](?:years?|yrs?)[\s-]old\b|\s(?:years|yrs) of age\b|\s?y/?o\b)",
    0.95,
    flags=_I,
)
_SPELLED_AFTER = rule(rf"(?:aged|age)(?: of|:| is)?\s{_WORDS}(?! (?:mg|percent|days))\b", 0.9, flags=_I)
_SPANISH_WORDS = rule(
    r"(?P<AGE>noventa(?: y (?:un|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve))?"
    r"|cien|ciento (?:un|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez)) años\b",
    0.95,
    flags=_I,
)
_NOT_OTHER = r"(?![0-9]|[.,/%][0-9]|\s?(?:%|kg|lbs?|mg|ml|months|weeks|days|hours|meses|días))"
_LABELLED = rule(
    rf"(?:aged?|edad|alter|[âa]ge)(?:\s?\([^()\n]{{1,12}}\))?(?:\s?/\s?sex)?[\s:=]{{0,4}}(?:of |is |was "
    rf"|de |at )?(?:[0-9]{{1,2}}\s?(?:-|to|and|y|a)\s?)?{_OLD}{_NOT_OTHER}",
    0.95,
    flags=_I,
)
_TURNED = rule(
    rf"(?:turned|turning|turns|cumplió|cumple|until"
    rf"|past)\s(?:age\s)?{_OLD}{_NOT_OTHER}(?=[\s.,;](?!\s?(?:degrees|mmhg)))",
    0.6,
    flags=_I,
)
_NOT_SO_OLD = rf"{_NOT_OTHER}(?!:[0-9]|\s?(?:mmhg|bpm|degrees|f\b|[°/]))"
_LIVED = rule(
    rf"(?:(?:lived|live|living|survived|made it)\s(?:to(?: be)?|until|till|past)"
    rf"|(?:died|dead|passed(?: away)?|deceased|death|alive|well|healthy|living)(?:,? (?:of|from) [a-z]{{2,14}}(?: [a-z]{{2,14}})?)?,?\s(?:at|aged?))"
    rf"\s(?:the )?(?:age (?:of )?)?{_OLD}{_NOT_SO_OLD}(?!\s[A-Z])",
    0.85,
    flags=_I,
)
_REACHED = rule(
    rf"(?:reached|reaching)\s(?:age\s|the age of\s)?{_OLD}{_NOT_SO_OLD}(?=[.,;)\n]|\s(?:and|but|before|last|in)\b|\Z)",
    0.8,
    check=_reached,
    flags=_I,
)
_SEX_AGE = rule(rf"(?<=\()(?:F|M|female|male|woman|man)[,/]?\s?{_OLD}(?=[),;])", 0.9, flags=_I)
_DECADE = rule(rf"(?:in|into) (?:her|his|their|the)(?: (?:early|mid|late))?[ -]{_OLD}'?s\b", 0.8, flags=_I)

FAMILY = Family(
    words=at_words(
        ("ninety a one", _SPELLED),
        ("aged age", _SPELLED_AFTER),
        ("noventa cien ciento", _SPANISH_WORDS),
        ("aged age edad alter âge", _LABELLED),
        ("turned turning turns cumplió cumple", _TURNED),
        ("lived live living survived made died dead passed deceased death alive well healthy", _LIVED),
        ("reached reaching", _REACHED),
        ("f m female male woman man", _SEX_AGE),
        ("in into", _DECADE),
    ),
    numbers=NUMBERS,
    scans=(Scan(lambda text: "年" in text, rule(rf"年[龄齡]\s?[:为是]?\s?{_OLD}(?![0-9])", 0.95)),),
)
