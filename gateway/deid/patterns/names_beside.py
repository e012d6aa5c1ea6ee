"""Names that words beside them give away, in English: staff, hand-offs, chart heads, typists' initials.

Law: two words, none of them ordinary, make a name here, or one where the form leaves no doubt.
Imports: common words, name forms and words, rules.
"""

from __future__ import annotations

import re

from gateway.deid.common_words import ordinary
from gateway.deid.patterns.name_forms import (
    INITIAL,
    LOWER,
    PIECE,
    TECHNICAL,
    TITLE,
    TITLED,
    UPPER,
    WORD,
    strangers,
    surely_named,
)
from gateway.deid.patterns.name_words import ENDS, RELATIVES
from gateway.deid.patterns.rules import Family, Scan, any_of, at_words, rule

_STAFF_IS = rule(
    rf"(?i:nurse|doctor|provider|physician|therapist|surgeon|midwife|hospitalist|resident|aide)(?i: today| tonight| this shift| this morning)?"
    rf"(?:\s(?i:is|was|will be)\s|\s?:\s{{0,3}})(?P<NAME>{TITLED}(?:\s{WORD}){{0,2}})",
    0.85, cut=surely_named,
)  # fmt: skip
_TOLD = rule(
    rf"(?i:(?:go|sent|mailed|faxed|released) to|hand(?:ed)?[ -]?(?:over|off) to|updated|call|i met|next of kin|report to|including|alternate|phone call from"
    rf"|(?:sent home|visit|here|spoke) with|seen last by|before that by|under|told|paged|texted|emailed|messaged)\s{TITLE}"
    rf"(?P<NAME>(?:{INITIAL}\s)?{TITLED}(?:\s{WORD}){{0,2}})",
    0.75, cut=strangers,
)  # fmt: skip
_ROLE = rule(
    rf"(?i:paramedic|therapist|physician|hospitalist|nephrologist|cardiologist|neurologist|oncologist|surgeon|sitter|interpreter|midwife|chaplain"
    rf"|pharmacist|dietitian|resident|intern|counselor|coordinator|technician|driver|ride|student)\s?:?\s(?P<NAME>(?:{INITIAL}\s)?{TITLED}(?:\s{WORD}){{0,2}})",
    0.8, cut=strangers,
)  # fmt: skip
_UPPER_RELATIVE = rule(
    rf"(?:{any_of(RELATIVES.upper())})(?:,|\sIS|\sNAMED)?\s(?P<NAME>{UPPER} {UPPER})", 0.75, cut=strangers
)
_WHICH = rule(
    rf"(?:which|what|as|that|because|but|when)\s(?P<NAME>{TITLED})\s(?:blames|says|thinks|attributes|believes|feels|relates|reports|recalls|denies)",
    0.75, cut=surely_named,
)  # fmt: skip
_HERE = rule(
    rf"(?:(?<=\n)|(?<=[.;:] ))(?P<NAME>{TITLED}(?:\s{TITLED})?) here",
    0.7,
    behind=True,
    words=3,
    cut=surely_named,
)
_CHART_HEAD = rule(
    rf"(?<![\w'-])(?P<NAME>{UPPER}(?:[ -]{UPPER})?, ?{TITLED}(?: {INITIAL})?)(?= {{2}}|\s*\n|\s*\Z| ?[(/|]|,? (?:DOB|MRN|[0-9]))"
    rf"|(?<![\w'-])(?P<NAME_2>{TITLED}, ?{TITLED}(?: {INITIAL})?)(?= {{2,8}}[0-9]| ?\([0-9]| ?[/|] ?[0-9])",
    0.8, cut=lambda text, start, end: _no_words(text, start, end),
)  # fmt: skip
_TYPIST = rule(r"(?:(?<=\n)|(?<=\A)|(?<=\n ))(?P<NAME>[A-Z]{2,3}[/:][a-z]{2,3})(?=\s*(?:\n|\Z|[DT]D?:))", 0.8)
_INITIALS_DATED = rule(r"(?:(?<=\n)|(?<=\n ))(?P<NAME>[A-Z]{2,3})(?= {1,4}[DT]D?: ?[0-9])", 0.8)
_INITIALS_BORN = rule(
    r"(?:pt|patient|PT|Pt|Patient|PATIENT)\s(?P<NAME>[A-Z]{2,3})(?=,?\s(?:DOB|dob|MRN|mrn)\b)", 0.85
)
_SPECIES = re.compile(
    r"(?:us|um|ae|is|es|coli|feri|ii|ri|ans|cens|ella|ile|philia|cida|pacia)\)?\Z", re.IGNORECASE
)
_PER = rule(rf"(?i:per)\s(?P<NAME>{TITLED}|{UPPER})(?=:)", 0.75, cut=surely_named)
_IN_BRACKETS = rule(
    rf"\((?P<NAME>[A-Z]\.\s?(?:{TITLED}|{UPPER})|[a-z]\.\s?{LOWER})\)",
    0.8, cut=lambda text, start, end: (start, start) if _SPECIES.search(text, start, end) else (start, end),
)  # fmt: skip
_SIGNED = rule(
    rf"(?:\((?i:signed)\)|(?<=\n)--)\s(?P<NAME>(?:{INITIAL}\s)?(?:{TITLED}|{UPPER})(?:\s(?:{TITLED}|{UPPER}))?)"
    rf"(?=,\s|\s*\n|\s*\Z|[.;])",
    0.85, cut=surely_named,
)  # fmt: skip


_NOT_IN_HEADS = ENDS | {"ii", "iii", "iv", "vi", "xr", "ct", "mri", "us", "ekg", "ecg"}


def _no_words(text: str, start: int, end: int) -> tuple[int, int]:
    """A family name and a given name, neither of them an ordinary or a technical word."""
    words = [piece.lower() for piece in PIECE.findall(text[start:end]) if len(piece) > 1]
    plain = any(ordinary(word) or TECHNICAL.search(word) or word in _NOT_IN_HEADS for word in words)
    return (start, start) if plain or len(words) < 2 else (start, end)


_RELATIVE_HEADS = " ".join(sorted({re.split(r"[^a-zé]", label)[0] for label in RELATIVES.split()}))

FAMILY = Family(
    words=at_words(
        ("nurse doctor provider physician therapist surgeon midwife hospitalist resident aide", _STAFF_IS),
        ("which what as that because but when", _WHICH),
        ("here", _HERE),
        ("per", _PER),
        ("pt patient", _INITIALS_BORN),
        (
            "go sent mailed faxed released hand handed handoff updated call i next report including alternate phone visit spoke"
            " seen before under told paged texted emailed messaged",
            _TOLD,
        ),
        (
            "paramedic therapist physician hospitalist nephrologist cardiologist neurologist oncologist surgeon sitter"
            " interpreter midwife chaplain pharmacist dietitian resident intern counselor coordinator technician driver ride"
            " student",
            _ROLE,
        ),
        (_RELATIVE_HEADS, _UPPER_RELATIVE),
    ),
    scans=(
        Scan(lambda text: "," in text, _CHART_HEAD),
        Scan(lambda text: "(" in text, _IN_BRACKETS),
        Scan(lambda text: "(s" in text or "(S" in text or "--" in text, _SIGNED),
        Scan(lambda text: "/" in text or ":" in text, _TYPIST),
        Scan(lambda text: "D: " in text or "T: " in text, _INITIALS_DATED),
    ),
)
