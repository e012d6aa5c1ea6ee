"""Hospitals, practices, schools and companies by form: capital words and a word for the kind.

Law: a kind alone, or with words that every place shares ("General Hospital", "Pain Clinic"), is no name.
Imports: common words, rules.
"""

from __future__ import annotations

import re

from gateway.deid.common_words import ordinary
from gateway.deid.patterns.rules import Family, any_of, at_words, rule

_CAP = r"(?:St\.|Mt\.|[A-ZÀ-Þ][\w'&.-]{0,24})"
_JOIN = r"(?:of|(?<!Hospital )(?<!Center )(?<!Clinic )(?:and|&)|the|for)"
_HEAD = rf"(?<![\w'-])(?P<ORGANIZATION>{_CAP}(?:[ ](?:{_CAP}|{_JOIN})){{0,5}}[ ]"
_KINDS = (
    "Hospital Hospitals Hospice Infirmary Sanatorium Sanitarium Clinic Clinics Healthcare HealthCare "
    "Pharmacy University"
    " College School Academy Elementary Kindergarten Daycare Preschool Church Synagogue Mosque Temple "
    "Inc LLC LLP"
    " Corporation Corp Ltd Bank Associates Institute Foundation Penitentiary Jail Prison Laboratories "
    "Polyclinic"
    " Orthopedics Orthopaedics Pediatrics Dermatology Physicians Rehab"
)
_PHRASES = (
    "Medical_Center Medical_Centre Medical_Group Medical_Associates Health_System Health_Center Health_Centre"
    " Health_Network Health_Services Health_Clinic Nursing_Home Nursing_Center Nursing_Facility Care_Center"
    " Care_Home Rehabilitation_Center Rehab_Center Cancer_Center Cancer_Institute Surgery_Center Heart_Center"
    " Surgical_Center Imaging_Center Community_Center Senior_Living Assisted_Living Retirement_Community"
    " High_School Middle_School Elementary_School Primary_School Family_Practice Family_Medicine "
    "Medical_School"
    " Urgent_Care Dialysis_Center Treatment_Center Recovery_Center Day_Care Fire_Department Police_Department"
    " Correctional_Facility Correctional_Institution Detention_Center Air_Force_Base Memorial_Home Eye_Center"
    " NHS_Trust NHS_Foundation_Trust Surgery Infirmary Burn_Center Trauma_Center Birth_Center Birthing_Center"
)
_SHARED_WORDS = (
    "the a an our this that his her their my your any another local outside nearby general "
    "outpatient inpatient"
    " ambulatory community regional county state city urban rural children's childrens women's "
    "veterans day acute"
    " tertiary referring transferring receiving area private public academic teaching wound coumadin"
    " warfarin anticoagulation cardiology neurology oncology pain primary care family internal "
    "medicine surgery"
    " surgical pediatric pediatrics eye dental sleep diabetes heart cancer urgent walk-in free "
    "specialty medical"
    " health nursing rehab rehabilitation skilled long term psychiatric mental home elementary "
    "middle high"
    " primary secondary preschool nursery law graduate trade night sunday follow-up hospital clinic "
    "center"
    " centre department unit service services emergency patient pt seen at in from to of and for with on"
    " attends works admitted discharged transferred transfer new old other same retail specialty "
    "mail order"
    " orthopedic orthopaedic dermatology gi gu ent ob obgyn hiv tb std gyn allergy asthma device "
    "pacemaker"
    " preoperative preop postop fracture breast memory geriatric resident va no yes dr mr mrs ms cvs "
    "infusion"
    " dialysis transplant icu burn trauma birth birthing senior assisted retirement dc plan"
    " call contact discuss refer referral via per hospice if when while after before since was is"
    " name address phone facility location pcp then she he they patient's"
)
_SHARED = frozenset(_SHARED_WORDS.split()) | frozenset(
    (_KINDS + " " + _PHRASES).replace("_", " ").lower().split()
)


def _proper(text: str, start: int, end: int) -> tuple[int, int]:
    """The name from its first proper word on; nothing where all its words are shared by many places."""
    words = list(re.finditer(r"[^\s]+", text[start:end]))
    if any(word[0].lower() in _SPANISH for word in words):
        return start, start
    at = max((at + 1 for at, word in enumerate(words) if word[0] in _BEFORE_UPPER), default=0)
    while at < len(words) and words[at][0].lower().strip(".,'") in _NOT_FIRST:
        at += 1
    rest = words[at:]
    proper = [word for word in rest if word[0].lower().strip(".,") not in _SHARED and word[0][0].isupper()]
    if not proper or not any(_is_name(word[0]) for word in proper):
        return start, start
    return start + rest[0].start(), end


_BEFORE_UPPER = frozenset(("FROM", "AT", "TO", "BY", "IN", "VIA", "OR", "NO", "ANY", "PRIOR", "RECENT"))
_SPANISH = frozenset(("desde", "en", "por", "del", "y"))
_NOT_FIRST_WORDS = (
    "the a an our this at in from to of and for with on seen admitted discharged transferred patient pt "
    "resident attends"
    " works he she they via per call contact name facility pcp location then when if after since was is "
    "i we dr mr"
    " mrs ms address phone employer school"
)
_NOT_FIRST = frozenset(_NOT_FIRST_WORDS.split())
_KNOWN_WORDS = (
    "memorial mercy grace providence sacred holy good sunrise riverside lakeside hillside "
    "valley north south"
    " east west northern southern eastern western central saint st mount mt first united "
    "trinity baptist methodist"
    " catholic lutheran presbyterian mayo cleveland green oak pine cedar maple lake river "
    "hill park spring bay"
    " silver golden royal kings queens princess hope unity summit harbor liberty"
)
_KNOWN = frozenset(_KNOWN_WORDS.split())


def _is_name(word: str) -> bool:
    """Whether a capital word is proper to one place: no ordinary one, or one that places are named for."""
    bare = word.lower().strip(".,").removesuffix("'s")
    return bare in _KNOWN or not ordinary(bare)


_OF = (
    r"(?:\s(?:of|at|for)\s(?:the\s)?[A-ZÀ-Þ][\w'.-]{1,20}(?:[ ,]{1,2}(?:(?:and|&|de"
    r"|of)\s)?[A-ZÀ-Þ][\w'.-]{2,20}){0,3})?"
)
_ENDED = rule(rf"{_HEAD}(?:{any_of(_KINDS)}))", 0.85, behind=True, cut=_proper)
_PHRASED = rule(rf"{_HEAD}(?:{any_of(_PHRASES)}))", 0.88, behind=True, cut=_proper)
_UPPER = rule(
    r"(?<![\w'-])(?P<ORGANIZATION>(?:[A-Z][A-Z'.-]{1,20}[ ]){1,4}(?:HOSPITAL|MEDICAL CENTER|CLINIC"
        r"|UNIVERSITY|HEALTH SYSTEM|NURSING HOME|HEALTHCARE|PHARMACY))",
    0.8, behind=True, cut=_proper,
)  # fmt: skip
_UNIVERSITY = rule(
    r"(?P<ORGANIZATION>(?:University|College|Hospital|Institute|Bank|Church|Academy) of (?:the "
        r")?[A-ZÀ-Þ][\w'.-]{1,20}"
    r"(?:,? (?:(?:at|and|&|de|of) )?[A-ZÀ-Þ][\w'-]{1,20}){0,3})",
    0.85, cut=_proper,
)  # fmt: skip
_SAINT = rule(
    r"(?<![\w'-])(?P<ORGANIZATION>(?:st\.?|saint|mt\.?|mount|our lady of(?: the)?|holy"
        r"|sacred)\s[a-z]{3,14}(?:'s|s)?(?:\s[a-z]{3,12})?\s(?:hospital|clinic|medical center|church"
        r"|school|nursing home))",
    0.85, behind=True, flags=re.IGNORECASE, check=lambda m: " jude valve" not in m[0].lower(),
)  # fmt: skip
_EMPLOYER = rule(
    r"(?i:employer|company|school|workplace|facility|pharmacy|hospital name|facility name|hospital|clinic"
        r"|insurance|insurer|place of employment"
        r"|occupation/employer)\s?:\s{0,3}(?P<ORGANIZATION>[A-ZÀ-Þ][\w'&.-]{1,24}(?:[ "
        r"](?:[A-ZÀ-Þ][\w'&.-]{0,24}|of|and|&|for|the)){0,5})",
    0.85, cut=_proper,
)  # fmt: skip

_LAST_WORDS = " ".join(sorted({phrase.split("_")[-1].lower() for phrase in _PHRASES.split()}))

FAMILY = Family(
    words=at_words(
        (_KINDS.lower(), _ENDED),
        (_LAST_WORDS, _PHRASED),
        ("hospital center clinic university system home healthcare pharmacy", _UPPER),
        ("university college hospital institute bank church academy", _UNIVERSITY),
        ("hospital clinic center church school home", _SAINT),
        ("employer company school workplace facility pharmacy hospital clinic insurance insurer place "
            "occupation", _EMPLOYER),
    ),
)  # fmt: skip
