"""Names that a title, a label, a degree or a relative gives away, in English; lower case where that is sure.

Law: a label alone makes no name of an ordinary word ("Patient: Denies pain", "Dr. visit"), nor of an eponym
with its noun. A name ends where a form goes on ("John Smith DOB").
Imports: common words, name forms and words, rules.
"""

from __future__ import annotations

import re

from gateway.deid.common_words import ordinary
from gateway.deid.patterns.name_forms import (
    FULL,
    GIVEN,
    INITIAL,
    LAST_FIRST,
    LOWER,
    PARTICLE,
    PIECE,
    SUFFIX,
    TITLE,
    TITLED,
    UPPER,
    WORD,
    bare,
    name_only,
    surely_named,
    two_named,
)
from gateway.deid.patterns.name_words import AFTER_TITLE, DEGREES, DONE, ENDS, LABELS, RELATIVES
from gateway.deid.patterns.rules import Family, Scan, after, any_of, at_words, before, rule


def _after_title(text: str, start: int, end: int) -> tuple[int, int]:
    """What follows a title: a capital name that is no product, a lower-case one that is no ordinary word."""
    first = PIECE.search(text, start, end)
    if first is None or bare(first[0]) in AFTER_TITLE:
        return start, start
    start, end = name_only(text, start, end)
    words = PIECE.findall(text[start:end])
    if not words or bare(words[0]) in AFTER_TITLE:
        return start, start
    if words[-1].islower():
        if ordinary(words[0].lower()) or len(words[0]) < 3:
            return start, start
        if len(words) > 1 and (ordinary(words[1].lower()) or bare(words[1]) in AFTER_TITLE):
            end = start + len(words[0])
    return start, end


def _a_person_of(text: str, start: int, end: int) -> tuple[int, int]:
    """Lower-case words after "pt": a known given name and one that is no ordinary word."""
    words = text[start:end].split()
    given, family = words[0], words[-1]
    sure = given in GIVEN and not ordinary(given) and not ordinary(family) and family not in ENDS
    return (start, end) if sure else (start, start)


_DOCTOR = rule(
    rf"(?i:drs?|prof|professor|mrs|miss|mx|rev|doctor)\.?\s{{1,2}}(?:(?i:dr|and "
        rf"mrs)\.?\s)?(?P<NAME>{FULL})",
    0.96, cut=_after_title,
)  # fmt: skip
_MISTER = rule(
    rf"(?<![0-9] )(?<![0-9])(?:Mr|Ms|MR\.|MS\.|mr\.|ms\.|M\.r)\.?\s{{1,2}}(?:and\sMrs\.?\s)?(?P<NAME>{FULL})",
    0.96,
    cut=_after_title,
)
_DOCTORS = rule(
    rf"(?i:drs)\.?\s(?:{FULL})(?:,\s(?P<NAME_2>{FULL}))?,?\s(?:and|AND|&)\s(?P<NAME_3>{FULL})",
    0.95,
    cut=_after_title,
)
_LOWER_TITLE = rule(
    rf"(?i:dr|drs|mr|mrs|ms|miss|prof)\.?\s(?P<NAME>{LOWER}(?:\s{LOWER})?)(?![A-Za-z0-9])",
    0.9,
    cut=_after_title,
)

_LABELS = any_of(LABELS)
_LABELLED = rule(
    rf"(?<![A-Za-z])(?=[A-Za-z'. -]{{1,40}}[(:=])(?i:{_LABELS})(?:\s?\([^()\n]{{1,24}}\))?\s?[:=]\s{{0,4}}"
        rf"{TITLE}(?P<NAME>{LAST_FIRST}"
        rf"|{FULL})",
    0.95, cut=surely_named,
)  # fmt: skip
_FORM_LABELS = (
    r"(?i:patient name|pt name|patient's name|full name|first name|last name|middle name"
    r"|surname|family name|given name|maiden name|legal name)"
)
_FORM = rule(
    rf"{_FORM_LABELS}(?:\s?\([^()\n]{{1,24}}\))?\s?[:=]\s{{0,4}}{TITLE}(?P<NAME>{LAST_FIRST}|{FULL}"
        rf"|{LOWER}(?:,?\s{LOWER}){{0,2}})",
    0.97, cut=name_only,
)  # fmt: skip
_NOT_A_PERSONS = re.compile(
    r"(?:drug|medication|generic|brand|trade|test|study|facility|hospital|pharmacy|insurance|plan|file"
    r"|user|product|device|procedure|school|company"
    r"|clinic|organization|practice|employer|street|lab|panel|program|vaccine|code)(?:'s)?\s\Z"
)
_NAME = rule(
    rf"(?i:name|names|patient|pt|client|re)\s?[:=]\s{{0,4}}{TITLE}(?P<NAME>{LAST_FIRST}|{FULL})",
    0.95, cut=surely_named, check=lambda m: not _NOT_A_PERSONS.search(before(m)),
)  # fmt: skip
_NAME_LOWER = rule(
    rf"(?i:name|patient|pt|client)\s?:?\s{{1,3}}(?P<NAME>{LOWER}\s{LOWER})(?![A-Za-z0-9])",
    0.85,
    cut=_a_person_of,
    check=lambda m: not _NOT_A_PERSONS.search(before(m)),
)  # fmt: skip
_NAME_IS = rule(
    rf"(?i:name(?:'s)? is|names? was|named|name's|goes by|prefers to be called|i am|i'm|this is"
        rf"|nicknamed)\s(?P<NAME>{TITLED}(?:\s{WORD}){{0,2}})",
    0.85, cut=surely_named,
)  # fmt: skip
_PATIENT = rule(
    rf"(?i:patient|pt|client|resident|baby"
    rf"|infant)\s(?P<NAME>{TITLED}(?:\s{INITIAL})?\s{TITLED})",
    0.85,
    cut=surely_named,
)

_BY = rule(
    rf"(?i:{any_of(DONE)})(?:\s(?i:and\s[a-z]{{4,14}}\s|electronically\s|out\s)?|\s)(?i:by|with"
        rf"|to)\s?:?\s{TITLE}(?P<NAME>(?:{INITIAL}\s)?{TITLED}(?:\s{WORD}){{0,3}}|{LAST_FIRST})",
    0.9, cut=surely_named,
)  # fmt: skip
_DEAR = rule(
    rf"(?:Dear|Hi|Hello|DEAR)\s(?!(?i:colleagues?|doctor|sir|madam|parents?|team|all|patient)\b\s?[,:!\n/]){TITLE}(?P<NAME>{FULL})(?=\s?[,:!\n])",
    0.93,
    cut=surely_named,
)
_SLASH = rule(rf"(?<=/)s/+\s?(?P<NAME>{FULL})", 0.93, cut=name_only)
_RELATIVE = rule(
    rf"(?i:{any_of(RELATIVES)})(?:,|\sis|\snamed|\scalled|,\snamed"
        rf"|\()?\s?(?P<NAME>(?<=[\s(]){TITLED}(?:\s{TITLED})?)",
    0.8, cut=surely_named,
)  # fmt: skip

_DEGREES = any_of(DEGREES)
_NO_DEGREE = r"(?!(?:MD|DO|RN|NP|PA|PhD|Dr)\b)"
_SIGNER = rf"(?P<NAME>(?:{TITLED}|{INITIAL}|{UPPER})(?:\s(?:{PARTICLE}\s)?{WORD}){{1,3}}{SUFFIX})"
_DEGREE = rule(
    rf"(?<![A-Za-z]){_NO_DEGREE}{_SIGNER}(?:,\s?|\s)(?:{_DEGREES})",
    0.95,
    behind=True,
    words=8,
    cut=surely_named,
)
_DOTTED_DEGREE = rule(
    rf"(?<![A-Za-z]){_SIGNER}(?:,\s?|\s)(?:M\.\s?D|D\.\s?O|R\.\s?N|Ph\.\s?D|N\.\s?P|P\.\s?A)(?![A-Za-z])",
    0.95,
    cut=surely_named,
)
_DOTTED = ("M.D", "D.O.", "R.N", "Ph.D", "N.P.", "P.A.")
_ONE_WORD_DEGREE = rule(
    rf"(?<![A-Za-z.] )(?P<NAME>{TITLED}),\s?(?:MD|DO|RN|NP|PA-C)",
    0.85,
    behind=True,
    words=3,
    cut=surely_named,
)
_LAST_FIRST_DEGREE = rule(
    rf"(?<![A-Za-z]){_NO_DEGREE}(?P<NAME>{LAST_FIRST}),?\s(?:{_DEGREES})",
    0.95,
    behind=True,
    words=7,
    cut=two_named,
)
_WEAK_DEGREE = rule(
    rf"(?<![A-Za-z])(?P<NAME>{TITLED}(?:\s{INITIAL})?\s{TITLED}),\s?(?:PA|PT|OT|DPT|SLP|RD|RT|LMT|MA|MS"
        rf"|OD|RDN|EMT|CCC-SLP|LMFT|LPC|MBA)",
    0.9, behind=True, words=5, cut=surely_named, check=lambda m: not re.match(r"\s\d{5}", after(m)),
)  # fmt: skip

_LABEL_HEADS = " ".join(sorted({re.split(r"[^a-z]", label)[0] for label in LABELS.split()}))

_RELATIVE_HEADS = " ".join(sorted({re.split(r"[^a-zé]", label)[0] for label in RELATIVES.split()}))

FAMILY = Family(
    words=at_words(
        ("dr drs prof professor mrs miss mx rev doctor", _DOCTOR),
        ("mr ms", _MISTER),
        ("drs", _DOCTORS),
        ("dr drs mr mrs ms miss prof", _LOWER_TITLE),
        (_LABEL_HEADS, _LABELLED),
        ("patient pt full first last middle surname family given maiden legal", _FORM),
        ("name names patient pt client re", _NAME),
        ("name patient pt client", _NAME_LOWER),
        ("name names named goes prefers i this nicknamed", _NAME_IS),
        ("patient pt client resident baby infant", _PATIENT),
        (" ".join(sorted({word.split("-")[0] for word in DONE.split()})), _BY),
        ("dear hi hello", _DEAR),
        ("s", _SLASH),
        (_RELATIVE_HEADS, _RELATIVE),
        ("md do rn np c phd lpn lvn pharmd dds dmd dpm lcsw msw crna cnm mbbs frcp frcs dnp aprn arnp "
            "fnp msn bsn rph mph"
         " cna facs facp facc dvm psyd", _DEGREE),
        ("md do rn np c phd lpn dds crna cnm mbbs dnp aprn fnp pharmd", _LAST_FIRST_DEGREE),
        ("md do rn np c", _ONE_WORD_DEGREE),
        ("pa pt ot dpt slp rd rt lmt ma ms od rdn emt lmft lpc mba", _WEAK_DEGREE),
    ),
    scans=(
        Scan(lambda text: any(degree in text for degree in _DOTTED), _DOTTED_DEGREE),
    ),
)  # fmt: skip
