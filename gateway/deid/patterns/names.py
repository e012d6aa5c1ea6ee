"""Names that a title, a label, a degree or a relative gives away, in English; lower case where that is sure.

Law: a label alone makes no name of an ordinary word ("Patient: Denies pain", "Dr. visit"), nor of an eponym
with its noun. A name ends where a form goes on ("John Smith DOB").
Imports: common words, surrogate names (given names in lower case), rules.
"""

from __future__ import annotations

import re

from gateway.deid.common_words import ordinary
from gateway.deid.patterns.name_words import AFTER_TITLE, BEFORE, DEGREES, DONE, ENDS, LABELS, RELATIVES
from gateway.deid.patterns.rules import Family, Scan, after, any_of, at_words, before, rule
from gateway.deid.surrogate_names import ES_GIVEN_FEMALE, ES_GIVEN_MALE, GIVEN_FEMALE, GIVEN_MALE

_GIVEN = frozenset(name.lower() for name in (*GIVEN_FEMALE, *GIVEN_MALE, *ES_GIVEN_FEMALE, *ES_GIVEN_MALE))

_TITLED = (
    r"(?:(?:O'|D'|Mc|Mac|De|Di|La|Le|Van)?[A-ZÀ-Þ][a-zß-ÿ]{1,20}(?:[-'](?!s\b)[A-ZÀ-Þ]?[a-zß-ÿ]{1,20"
    r"}){0,2})(?![a-zß-ÿA-Z])"
)
_UPPER = r"(?:(?:O'|D')?[A-ZÀ-Þ]{2,20}(?:[-'][A-ZÀ-Þ]{2,20}){0,2})(?![a-zß-ÿA-Z0-9])"
_INITIAL = r"(?:[A-Z]\.(?:\s?[A-Z]\.)?|[A-Z](?![A-Za-z0-9.]))"
_PARTICLE = (
    r"(?:van der|van den|van de|van|von der|von|de la|de los|de las|del|de|da|dos|di|la|le|bin"
    r"|binti|ibn|al|el|ben|ter|y|st\.?|St\.?)"
)
_WORD = rf"(?:{_TITLED}|{_UPPER}|{_INITIAL})"
_SUFFIX = r"(?:,?\s(?:Jr|Sr|JR|SR|II|III|IV)\b\.?)?"
_FULL = rf"(?:{_PARTICLE}[ ])?{_WORD}(?:[ ]{{1,2}}(?:{_PARTICLE}[ ])?{_WORD}){{0,3}}{_SUFFIX}"
_LAST_FIRST = (
    rf"(?:{_PARTICLE}[ ])?(?:{_TITLED}|{_UPPER})(?:[ -](?:{_TITLED}|{_UPPER}))?,[ ]?{_WORD}(?:[ "
    rf"]{_WORD}){{0,2}}{_SUFFIX}"
)
_LOWER = r"[a-zß-ÿ]{2,20}(?:[-'][a-zß-ÿ]{2,20})?"
_TITLE = r"(?:(?i:drs?|mr|mrs|ms|miss|mx|prof|professor|doctor|nurse|sir|rev)\.?\s)?"

_TECHNICAL = re.compile(
    r"(?:tions?|olog(?:y|ist)|itis|osis|emia|pathy|ectomy|o[st]tomy|scopy|graphy|plasty|ical|ible|ness"
    r"|ments|ncy"
    r"|...(?<!m)(?<!e)(?<!fr)ed)\Z"
)
_PIECE = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")


def _bare(word: str) -> str:
    return word.lower().removesuffix("'s")


def _name(text: str, start: int, end: int) -> tuple[int, int]:
    """The name without a form's words before and after it."""
    pieces = [piece for piece in _PIECE.finditer(text, start, end)]
    while pieces and _bare(pieces[0][0]) in BEFORE:
        pieces.pop(0)
    for at, piece in enumerate(pieces):
        if _bare(piece[0]) in ENDS or (at and piece[0] in ("WILL", "CAN", "MAY")):
            pieces = pieces[:at]
            break
    if not pieces:
        return start, start
    last = pieces[-1].end()
    single = pieces[-1].end() - pieces[-1].start() == 1 and text[last : last + 1] == "."
    suffix = pieces[-1][0] in ("Jr", "Sr") and text[last : last + 1] == "."
    return pieces[0].start(), min(end, last + (single or suffix))


def _a_word(word: str) -> bool:
    """Whether a lower-case word is an ordinary one or a technical one by its ending."""
    return word not in _GIVEN and (ordinary(word) or _TECHNICAL.search(word) is not None)


def _surely_named(text: str, start: int, end: int) -> tuple[int, int]:
    """A name whose first word is no ordinary one, or a given name with more after it."""
    start, end = _name(text, start, end)
    words = [piece.lower() for piece in _PIECE.findall(text[start:end]) if len(piece) > 1]
    known = len(words) > 1 and words[0] in _GIVEN
    return (start, end) if words and (known or not _a_word(words[0])) else (start, start)


def _two_named(text: str, start: int, end: int) -> tuple[int, int]:
    """As `_surely_named`, where two words or more are left."""
    start, end = _surely_named(text, start, end)
    return (start, end) if " " in text[start:end] else (start, start)


def _after_title(text: str, start: int, end: int) -> tuple[int, int]:
    """What follows a title: a capital name that is no product, a lower-case one that is no ordinary word."""
    first = _PIECE.search(text, start, end)
    if first is None or _bare(first[0]) in AFTER_TITLE:
        return start, start
    start, end = _name(text, start, end)
    words = _PIECE.findall(text[start:end])
    if not words or _bare(words[0]) in AFTER_TITLE:
        return start, start
    if words[-1].islower():
        if ordinary(words[0].lower()) or len(words[0]) < 3:
            return start, start
        if len(words) > 1 and (ordinary(words[1].lower()) or _bare(words[1]) in AFTER_TITLE):
            end = start + len(words[0])
    return start, end


def _a_person_of(text: str, start: int, end: int) -> tuple[int, int]:
    """Lower-case words after "pt": a known given name and one that is no ordinary word."""
    words = text[start:end].split()
    given, family = words[0], words[-1]
    sure = given in _GIVEN and not ordinary(given) and not ordinary(family) and family not in ENDS
    return (start, end) if sure else (start, start)


_DOCTOR = rule(
    rf"(?i:drs?|prof|professor|mrs|miss|mx|rev|doctor)\.?\s{{1,2}}(?:(?i:dr|and "
        rf"mrs)\.?\s)?(?P<NAME>{_FULL})",
    0.96, cut=_after_title,
)  # fmt: skip
_MISTER = rule(
    rf"(?:Mr|Ms|MR\.|MS\.|mr\.|ms\.|M\.r)\.?\s{{1,2}}(?:and\sMrs\.?\s)?(?P<NAME>{_FULL})",
    0.96,
    cut=_after_title,
)
_DOCTORS = rule(
    rf"(?i:drs)\.?\s(?:{_FULL})(?:,\s(?P<NAME_2>{_FULL}))?,?\s(?:and|AND|&)\s(?P<NAME_3>{_FULL})",
    0.95,
    cut=_after_title,
)
_LOWER_TITLE = rule(
    rf"(?i:dr|drs|mr|mrs|ms|miss|prof)\.?\s(?P<NAME>{_LOWER}(?:\s{_LOWER})?)(?![A-Za-z0-9])",
    0.9,
    cut=_after_title,
)

_LABELS = any_of(LABELS)
_LABELLED = rule(
    rf"(?<![A-Za-z])(?=[A-Za-z'. -]{{1,40}}[(:=])(?i:{_LABELS})(?:\s?\([^()\n]{{1,24}}\))?\s?[:=]\s{{0,4}}"
        rf"{_TITLE}(?P<NAME>{_LAST_FIRST}"
        rf"|{_FULL})",
    0.95, cut=_surely_named,
)  # fmt: skip
_FORM_LABELS = (
    r"(?i:patient name|pt name|patient's name|full name|first name|last name|middle name"
    r"|surname|family name|given name|maiden name|legal name)"
)
_FORM = rule(
    rf"{_FORM_LABELS}(?:\s?\([^()\n]{{1,24}}\))?\s?[:=]\s{{0,4}}{_TITLE}(?P<NAME>{_LAST_FIRST}|{_FULL}"
        rf"|{_LOWER}(?:,?\s{_LOWER}){{0,2}})",
    0.97, cut=_name,
)  # fmt: skip
_NOT_A_PERSONS = re.compile(
    r"(?:drug|medication|generic|brand|trade|test|study|facility|hospital|pharmacy|insurance|plan|file"
    r"|user|product|device|procedure|school|company"
    r"|clinic|organization|practice|employer|street|lab|panel|program|vaccine|code)(?:'s)?\s\Z"
)
_NAME = rule(
    rf"(?i:name|names|patient|pt|client|re)\s?[:=]\s{{0,4}}{_TITLE}(?P<NAME>{_LAST_FIRST}|{_FULL})",
    0.95, cut=_surely_named, check=lambda m: not _NOT_A_PERSONS.search(before(m)),
)  # fmt: skip
_NAME_LOWER = rule(
    rf"(?i:name|patient|pt|client)\s?:?\s{{1,3}}(?P<NAME>{_LOWER}\s{_LOWER})(?![A-Za-z0-9])",
    0.85,
    cut=_a_person_of,
    check=lambda m: not _NOT_A_PERSONS.search(before(m)),
)  # fmt: skip
_NAME_IS = rule(
    rf"(?i:name(?:'s)? is|names? was|named|name's|goes by|prefers to be called|i am|i'm|this is"
        rf"|nicknamed)\s(?P<NAME>{_TITLED}(?:\s{_WORD}){{0,2}})",
    0.85, cut=_surely_named,
)  # fmt: skip
_PATIENT = rule(
    rf"(?i:patient|pt|client|resident|baby"
    rf"|infant)\s(?P<NAME>{_TITLED}(?:\s{_INITIAL})?\s{_TITLED})",
    0.85,
    cut=_surely_named,
)

_BY = rule(
    rf"(?i:{any_of(DONE)})(?:\s(?i:and\s[a-z]{{4,14}}\s|electronically\s|out\s)?|\s)(?i:by|with"
        rf"|to)\s?:?\s{_TITLE}(?P<NAME>(?:{_INITIAL}\s)?{_TITLED}(?:\s{_WORD}){{0,3}}|{_LAST_FIRST})",
    0.9, cut=_surely_named,
)  # fmt: skip
_DEAR = rule(rf"(?:Dear|Hi|Hello|DEAR)\s{_TITLE}(?P<NAME>{_FULL})(?=\s?[,:!\n])", 0.93, cut=_surely_named)
_SLASH = rule(rf"(?<=/)s/+\s?(?P<NAME>{_FULL})", 0.93, cut=_name)

_STAFF_IS = rule(
    rf"(?i:nurse|doctor|provider|physician|therapist|surgeon|midwife|hospitalist|resident|aide)(?i: today| tonight| this shift| this morning)?"
    rf"(?:\s(?i:is|was|will be)\s|\s?:\s{{0,3}})(?P<NAME>{_TITLED}(?:\s{_WORD}){{0,2}})",
    0.85, cut=_surely_named,
)  # fmt: skip
_WHICH = rule(
    rf"(?:which|what|as|that|because|but|when)\s(?P<NAME>{_TITLED})\s(?:blames|says|thinks|attributes|believes|feels|relates|reports|recalls|denies)",
    0.75, cut=_surely_named,
)  # fmt: skip
_HERE = rule(
    rf"(?:(?<=\n)|(?<=[.;:] ))(?P<NAME>{_TITLED}(?:\s{_TITLED})?) here",
    0.7,
    behind=True,
    words=3,
    cut=_surely_named,
)
_CHART_HEAD = rule(
    rf"(?<![\w'-])(?P<NAME>{_UPPER}(?:[ -]{_UPPER})?, ?{_TITLED}(?: {_INITIAL})?)(?= {{2}}|\s*\n|\s*\Z| ?[(/|]|,? (?:DOB|MRN|[0-9]))"
    rf"|(?<![\w'-])(?P<NAME_2>{_TITLED}, ?{_TITLED}(?: {_INITIAL})?)(?= {{2,8}}[0-9]| ?\([0-9]| ?[/|] ?[0-9])",
    0.8, cut=lambda text, start, end: _no_words(text, start, end),
)  # fmt: skip
_TYPIST = rule(r"(?:(?<=\n)|(?<=\A)|(?<=\n ))(?P<NAME>[A-Z]{2,3}[/:][a-z]{2,3})(?=\s*(?:\n|\Z|[DT]D?:))", 0.8)
_INITIALS_DATED = rule(r"(?:(?<=\n)|(?<=\n ))(?P<NAME>[A-Z]{2,3})(?= {1,4}[DT]D?: ?[0-9])", 0.8)
_INITIALS_BORN = rule(
    r"(?:pt|patient|PT|Pt|Patient|PATIENT)\s(?P<NAME>[A-Z]{2,3})(?=,?\s(?:DOB|dob|MRN|mrn)\b)", 0.85
)


_NOT_IN_HEADS = ENDS | {"ii", "iii", "iv", "vi", "xr", "ct", "mri", "us", "ekg", "ecg"}


def _no_words(text: str, start: int, end: int) -> tuple[int, int]:
    """A family name and a given name, neither of them an ordinary or a technical word."""
    words = [piece.lower() for piece in _PIECE.findall(text[start:end]) if len(piece) > 1]
    plain = any(ordinary(word) or _TECHNICAL.search(word) or word in _NOT_IN_HEADS for word in words)
    return (start, start) if plain or len(words) < 2 else (start, end)


_RELATIVE = rule(
    rf"(?i:{any_of(RELATIVES)})(?:,|\sis|\snamed|\scalled|,\snamed"
        rf"|\()?\s?(?P<NAME>(?<=[\s(]){_TITLED}(?:\s{_TITLED})?)",
    0.8, cut=_surely_named,
)  # fmt: skip

_DEGREES = any_of(DEGREES)
_NO_DEGREE = r"(?!(?:MD|DO|RN|NP|PA|PhD|Dr)\b)"
_SIGNER = rf"(?P<NAME>(?:{_TITLED}|{_INITIAL}|{_UPPER})(?:\s(?:{_PARTICLE}\s)?{_WORD}){{1,3}}{_SUFFIX})"
_DEGREE = rule(
    rf"(?<![A-Za-z]){_NO_DEGREE}{_SIGNER}(?:,\s?|\s)(?:{_DEGREES})",
    0.95,
    behind=True,
    words=8,
    cut=_surely_named,
)
_DOTTED_DEGREE = rule(
    rf"(?<![A-Za-z]){_SIGNER}(?:,\s?|\s)(?:M\.\s?D|D\.\s?O|R\.\s?N|Ph\.\s?D|N\.\s?P|P\.\s?A)(?![A-Za-z])",
    0.95,
    cut=_surely_named,
)
_DOTTED = ("M.D", "D.O.", "R.N", "Ph.D", "N.P.", "P.A.")
_ONE_WORD_DEGREE = rule(
    rf"(?<![A-Za-z.] )(?P<NAME>{_TITLED}),\s?(?:MD|DO|RN|NP|PA-C)",
    0.85,
    behind=True,
    words=3,
    cut=_surely_named,
)
_LAST_FIRST_DEGREE = rule(
    rf"(?<![A-Za-z]){_NO_DEGREE}(?P<NAME>{_LAST_FIRST}),?\s(?:{_DEGREES})",
    0.95,
    behind=True,
    words=7,
    cut=_two_named,
)
_WEAK_DEGREE = rule(
    rf"(?<![A-Za-z])(?P<NAME>{_TITLED}(?:\s{_INITIAL})?\s{_TITLED}),\s?(?:PA|PT|OT|DPT|SLP|RD|RT|LMT|MA|MS"
        rf"|OD|RDN|EMT|CCC-SLP|LMFT|LPC|MBA)",
    0.9, behind=True, words=5, cut=_surely_named, check=lambda m: not re.match(r"\s\d{5}", after(m)),
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
        ("nurse doctor provider physician therapist surgeon midwife hospitalist resident aide", _STAFF_IS),
        ("which what as that because but when", _WHICH),
        ("here", _HERE),
        ("pt patient", _INITIALS_BORN),
        ("md do rn np c phd lpn lvn pharmd dds dmd dpm lcsw msw crna cnm mbbs frcp frcs dnp aprn arnp "
            "fnp msn bsn rph mph"
         " cna facs facp facc dvm psyd", _DEGREE),
        ("md do rn np c phd lpn dds crna cnm mbbs dnp aprn fnp pharmd", _LAST_FIRST_DEGREE),
        ("md do rn np c", _ONE_WORD_DEGREE),
        ("pa pt ot dpt slp rd rt lmt ma ms od rdn emt lmft lpc mba", _WEAK_DEGREE),
    ),
    scans=(
        Scan(lambda text: any(degree in text for degree in _DOTTED), _DOTTED_DEGREE),
        Scan(lambda text: "," in text, _CHART_HEAD),
        Scan(lambda text: "/" in text or ":" in text, _TYPIST),
        Scan(lambda text: "D: " in text or "T: " in text, _INITIALS_DATED),
    ),
)  # fmt: skip
