"""Street addresses, postal codes and towns by form: American, British, Canadian.

Law: a street needs a number before it or a full word for street; a town needs its state, or a word for living
there; a state or country alone is none. Sources: USPS Publication 28 (street suffixes, states), Royal Mail's
postcode areas, Canada Post.
Imports: common words, place names, rules.
"""

from __future__ import annotations

import re

from gateway.deid.common_words import ordinary
from gateway.deid.patterns.place_names import AREAS, STATE_CODES, STATES, SUFFIXES, SURE_SUFFIXES
from gateway.deid.patterns.rules import LETTERS, Family, after, any_of, at_words, before, rule

_I = re.IGNORECASE
_SUFFIX = any_of(SUFFIXES)
_CAP = r"(?:[A-ZÀ-Þ][\w'.-]{0,20}|[0-9]{1,3}(?:st|nd|rd|th|ST|ND|RD|TH))"
_UNIT = (
    r"(?:apt|apartment|suite|ste|unit|floor|fl|bldg|building|lot|spc|trailer|trlr|room|rm"
    r"|no)\.?\s?#?\s?[A-Za-z0-9-]{1,6}"
    r"|#\s?[A-Za-z0-9-]{1,6}"
)
_TAIL = (
    rf"(?i:\.?(?:,?\s(?:N|S|E|W|NE|NW|SE|SW|north|south|east|west)\b\.?)?(?:(?:,\s?"
    rf"|\s)(?:{_UNIT})(?![A-Za-z0-9]))?)"
)
_HOUSE = r"[0-9]{1,6}(?:-[0-9]{1,4})?[A-Za-z]?(?:\s1/2)?"
_AMOUNTS = (
    "mg ml days day weeks week hours hour times units patients mm cm kg doses tabs tablets head chest lead"
)
_NOT_STREETS = frozenset(_AMOUNTS.split())
_DOCTOR_AFTER = re.compile(
    r"(?:\n|\b(?:del|el|al|la|con|under|dear|by|see|with|from|per|via|to|for|and|call|ask|hi|tell|told|called|attending|jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec))"
    r"[ .,]*\s?(?:dr)\.?\Z",
    re.IGNORECASE,
)


def _a_street(match: re.Match[str]) -> bool:
    """No dose, scan, lead or saint: the words before a short suffix are capital and no amounts."""
    if re.match(
        r"\.?\s(?:elevation|depression|segment|change|wave|t\b|capsule|abnormal|scan|deviation)", after(match)
    ):
        return False
    if re.search(r"(?:^|[^a-z])(?:t|l|c|s|vs|no|grade|stage|age|[<>=$])\s?\Z", before(match, 6)):
        return False
    words = match.string[match.start() : match.end()].lower().split()
    if _DOCTOR_AFTER.search(match[0]):
        return False
    return not any(word.strip(".,") in _NOT_STREETS for word in words)


def _a_lower_street(match: re.Match[str]) -> bool:
    """`12 elm st`, not `2 days ago in court`: no ordinary amounts, and a word of three letters or more."""
    words = match["STREET"].lower().split()[1:-1]
    return _a_street(match) and all(len(word) > 2 and word.isalpha() and word not in _GLUE for word in words)


_GLUE_WORDS = "the and for with from not was were has had his her our you she they per via are but all any"
_GLUE = frozenset(_GLUE_WORDS.split())
_STREET = rule(
    rf"(?<![\w./-])(?<!\$)(?P<STREET>{_HOUSE},?\s(?:{_CAP}\s){{1,4}}(?:{_SUFFIX}))",
    0.93, behind=True, check=_a_street, tail=_TAIL, flags=0,
)  # fmt: skip
_STREET_CASELESS = rule(
    rf"(?<![\w./-])(?<!\$)(?P<STREET>[0-9]{{1,6}}[a-z]?\s(?:[nsew]\.?\s|north\s|south\s|east\s"
        rf"|west\s)?(?:[a-z]{{3,20}}\s){{1,2}}(?:{any_of(SURE_SUFFIXES)}))",
    0.8, behind=True, check=_a_lower_street, tail=_TAIL, flags=_I,
)  # fmt: skip
_STREET_ONLY = rule(
    r"(?<![\w-])(?P<STREET>(?!(?:The|This|In|On|At|Old|Main street)\b)(?:[A-Z][a-z]{2,20}\s){1,3}(?:Street"
        r"|Avenue|Boulevard|Road|Lane))",
    0.7, behind=True, check=lambda m: not ordinary(m["STREET"].split()[0].lower()) or m["STREET"].count(" ") > 1,
)  # fmt: skip
_NUMBERED_ROAD = rule(
    rf"(?<![\w./-])(?P<STREET>{_HOUSE}\s(?:[NSEW]\.?\s)?(?:county road|state route|state road|highway|hwy"
    rf"|route|rte|cr|sr"
    r"|fm|interstate|avenue)\s[0-9]{1,4}[A-Z]?)(?![\w/]|\.[0-9])",
    0.94,
    digits=(1, 6),
    then=f" {LETTERS}",
    flags=_I,
)
_BOX = rule(r"(?P<STREET>(?:p\.?\s?o\.?|post office|postal)?\s?\bbox\s?#?\s?[0-9]{1,6})(?![\w/]|\.[0-9])", 0.9, flags=_I,
            check=lambda m: not m[0].lower().startswith("box"))  # fmt: skip
_RURAL = rule(
    r"(?P<STREET>(?:rural route|r\.?r\.?|hc|star "
    r"route)\s?#?\s?[0-9]{1,4},?\s?box\s?[0-9]{1,6}[A-Z]?)",
    0.9,
    flags=_I,
)
_RURAL_ONLY = rule(r"(?P<STREET>rural route\s?#?[0-9]{1,4})", 0.8, flags=_I)
_APARTMENT = rule(
    r"(?P<STREET>(?:apt|apartment|flat)\.?\s?#?\s?[0-9]{1,5}[A-Za-z]?)(?![\w/%]|[.-][0-9])",
    0.75,
    flags=_I,
)
_AMOUNT = re.compile(r"\b(?:mg|ml|days?|weeks?|months?|years?|hours?|times)\b")
_LABELLED = rule(
    r"(?:address|addr|home address|mailing address|street|resides at|lives at|living at|residence)\s?(?::"
        r"|is|at)?\s{1,3}(?P<STREET>[0-9]{1,6}[A-Za-z]?\s[A-Za-z][\w'.-]{1,20}(?:\s[A-Za-z][\w'.-]{0,2"
        r"0}){0,3})",
    0.85, flags=_I, check=lambda m: not _AMOUNT.search(m["STREET"].lower()),
)  # fmt: skip

_ZIP = r"(?P<ZIP>[0-9]{5}(?:-[0-9]{4})?)(?![0-9A-Za-z]|[-./%][0-9])"
_STATE_ZIP = rule(rf"(?:{any_of(STATE_CODES.upper())})\b\.?,?\s{{1,3}}{_ZIP}", 0.95)
_LOWER_STATE_ZIP = rule(rf"(?<=, )(?:{any_of(STATE_CODES.lower())})\s{_ZIP}", 0.85)
_STATE_NAME_ZIP = rule(rf"(?:{any_of(STATES)}),?\s{{1,3}}{_ZIP}", 0.95, flags=_I)
_ZIP_LABELLED = rule(
    rf"(?:zip|zipcode|postal|postcode)(?:[ -]?code)?\s?(?:is|of|:|#)?\s{{0,3}}(?:{_ZIP}"
    rf"|(?P<ZIP_2>[0-9]{{3,6}})(?![0-9A-Za-z]))",
    0.96,
    flags=_I,
)
_ZIP_PLUS = rule(
    r"(?<![A-Za-z0-9.-])(?P<ZIP>[0-9]{5}-[0-9]{4})(?![0-9A-Za-z]|[-.][0-9])", 0.75, digits=(5, 5), then="-"
)
_POSTCODE = rule(
    rf"(?<![A-Za-z0-9-])(?P<ZIP>(?:{any_of(AREAS)})[0-9][0-9A-Z]? ?[0-9](?!ST|ND|RD|TH|MG"
    rf"|ML)[ABD-HJLNP-UW-Z]{{2}})(?![A-Za-z0-9-])",
    0.8,
)
_CANADIAN = rule(
    r"(?<![A-Za-z0-9-])(?!T[0-9]N[0-9]M)(?P<ZIP>[ABCEGHJ-NPRSTVXY][0-9][ABCEGHJ-NPRSTV-Z][ "
    r"-]?[0-9][ABCEGHJ-NPRSTV-Z][0-9])(?![A-Za-z0-9-])",
    0.85,
)

_NOT_FIRST = (
    r"(?!(?:From|In|The|To|Near|At|Lives|Patient|Pt|Seen|And|Of|With|Dr|Mr|Mrs|Ms|No|He|She|Born"
    r"|Address|City)\b)"
)
_TOWN = (
    rf"(?<![\w'-]){_NOT_FIRST}(?P<LOCATION>[A-ZÀ-Þ][a-zß-ÿ'.]{{1,20}}(?:[ "
    rf"-](?:[A-ZÀ-Þ][a-zß-ÿ'.]{{1,20}}|of|de|la|del|los|las|on|the)){{0,3}})"
)
_TOWN_CODE = rule(rf"{_TOWN},\s{{0,2}}(?:{any_of(STATE_CODES.upper())})", 0.75, behind=True, words=6,
                  check=lambda m: not re.match(r"[/-]", after(m, 2)))  # fmt: skip
_TOWN_STATE = rule(rf"{_TOWN},?\s(?:{any_of(STATES)})", 0.85, behind=True)
_UPPER_TOWN = rule(
    rf"(?<![\w'-])(?P<LOCATION>[A-Z]{{3,20}}(?: [A-Z]{{2,20}}){{0,2}}),?\s(?:{any_of(STATE_CODES.upper())})", 0.8, behind=True, words=5,
    check=lambda m: re.match(r",?\s{1,3}[0-9]{5}(?![0-9])", after(m)) is not None,
)  # fmt: skip
_COUNTY = rule(
    r"(?<![\w'-])(?!The|This|Our)(?P<LOCATION>[A-Z][a-z'.]{2,20}(?: "
    r"[A-Z][a-z]{2,20})?\s(?:County|Parish|Township|Borough))",
    0.8,
    behind=True,
)
_COUNTRIES = (
    "united usa us uk america canada mexico china india spain france germany italy japan england ireland "
    "africa asia"
    " europe australia brazil cuba haiti vietnam korea philippines russia poland puerto assisted nursing "
    "skilled hospice"
    " foster group public house home"
)
_NOWHERE = re.compile(rf"(?:{any_of(STATES)}|{any_of(_COUNTRIES)})\b", _I)
_DWELLS = (
    "lives lived living resides resided residing born raised grew_up moved relocated native resident "
    "immigrated emigrated"
    " drove flew travels traveled travelled traveling travelling trip vacation vacationing hometown"
)
_LIVES = rule(
    rf"(?i:(?:{any_of(_DWELLS)})(?:\s(?:alone|together|back|here))?\s(?:in|from|of|at|near|to|outside|is"
    rf"|outside of)(?:\sthe)?\s)"
    r"(?P<LOCATION>(?:[A-ZÀ-Þ][a-zß-ÿ'.-]{2,20})(?:\s[A-ZÀ-Þ][a-zß-ÿ'-]{2,20}){0,2})",
    0.75,
    check=lambda m: (
        not _NOWHERE.match(m["LOCATION"]) and not re.match(r"\s(?:hospital|clinic|home)", after(m))
    ),
)
_TOWN_NAME = r"[A-ZÀ-Þ][A-Za-zß-ÿ'-]{2,20}(?:\s[A-ZÀ-Þ][A-Za-zß-ÿ'-]{2,20}){0,2}"
_STREET_TOWN = rule(
    rf"(?<![\w./-]){_HOUSE},?\s(?:{_CAP}\s){{1,4}}?(?:{_SUFFIX})\b{_TAIL},\s(?P<LOCATION>{_TOWN_NAME})(?=[,.;:)]|\n|\Z|\s(?:with|at|and|where)\b)",
    0.8,
    digits=(1, 6),
    then=" ",
    check=lambda m: _a_town(m["LOCATION"]),
)
_PLACE_TOWN = rule(
    rf"(?:hospital|clinic|center|hospice|care|health|labs?|rehab|pharmacy|imaging),[ ](?P<LOCATION>{_TOWN_NAME})(?=[ ]?(?:\n|\Z))",
    0.7,
    flags=_I,
    check=lambda m: m["LOCATION"][0].isupper() and m[0][0].isupper() and _a_town(m["LOCATION"]),
)
_CAME = rule(
    r"(?i:(?:visiting|visited|visits|seeing)\s(?:her|his|their|my|a)\s[a-z]{3,14}\sin|(?:formerly|originally)\s(?:of|from)"
    r"|year-old\s(?:[a-z]{3,14}\s){1,3}from|(?:came|come|drove|driven|brought|arrived)(?:\s(?:in|over|here))?(?:\sby\s[a-z]{3,12})?\sfrom"
    rf"|(?:go|going|went|return|returned)\shome\sto|(?:moved|relocated|transferred)\sfrom\s[A-Z][a-z]+(?:\s[A-Z][a-z]+)?\sto)\s(?P<LOCATION>{_TOWN_NAME})",
    0.75,
    check=lambda m: m["LOCATION"][0].isupper() and _a_town(m["LOCATION"]),
)
_DEPARTMENT = re.compile(
    r"(?:ology|ics|icine|ery|iatry|ations?|ing|ency|etry|Lab|Unit|Floor|Ward|Tower|Room|Path|Rehab|Dialysis|\b[A-Z]{2,4})\Z"
)


def _a_town(place: str) -> bool:
    """Whether capital words are a place: none begins as an everyday word, no department, no country."""
    words = place.split()
    if ordinary(words[0].lower()) or _NOWHERE.match(place):
        return False
    return not _DEPARTMENT.search(words[-1])


_CITY_LABEL = rule(
    r"(?:city|town|hometown|birthplace|place of birth|city of birth"
        r"|county)\s?:\s{0,3}(?P<LOCATION>[A-ZÀ-Þ][\w'.-]{1,20}(?: [A-ZÀ-Þ][\w'-]{1,20}){0,2})",
    0.93, flags=_I,
)  # fmt: skip

_SUFFIX_TRIGGERS = " ".join(sorted({word.lower() for word in SUFFIXES.split()}))
_STATE_WORDS = " ".join(sorted({name.split("_")[0].lower() for name in STATES.split()}))
_STATE_ENDS = " ".join(sorted({name.split("_")[-1].lower() for name in STATES.split()}))

FAMILY = Family(
    words=at_words(
        (_SUFFIX_TRIGGERS, _STREET),
        (SURE_SUFFIXES, _STREET_CASELESS),
        ("street avenue boulevard road lane", _STREET_ONLY),
        ("p po post postal box", _BOX),
        ("rural rr r hc star", _RURAL),
        ("rural", _RURAL_ONLY),
        ("apt apartment flat", _APARTMENT),
        ("address addr home mailing street resides lives living residence", _LABELLED),
        (STATE_CODES.lower(), _STATE_ZIP),
        (STATE_CODES.lower(), _LOWER_STATE_ZIP),
        (STATE_CODES.lower(), _TOWN_CODE),
        (STATE_CODES.lower(), _UPPER_TOWN),
        (_STATE_WORDS, _STATE_NAME_ZIP),
        (_STATE_ENDS, _TOWN_STATE),
        ("zip zipcode postal postcode", _ZIP_LABELLED),
        ("county parish township borough", _COUNTY),
        (" ".join(word.split("_")[0] for word in _DWELLS.split()), _LIVES),
        ("hospital clinic center hospice care health lab labs rehab pharmacy imaging", _PLACE_TOWN),
        (
            "visiting visited visits seeing formerly originally year came come drove driven brought arrived go going"
            " went return returned moved relocated transferred",
            _CAME,
        ),
        ("city town hometown birthplace place county", _CITY_LABEL),
    ),
    numbers=(_STREET_TOWN, _NUMBERED_ROAD, _ZIP_PLUS),
    codes=(_POSTCODE, _CANADIAN),
)  # fmt: skip
