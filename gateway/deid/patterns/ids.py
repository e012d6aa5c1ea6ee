"""Numbers and codes of people: by label, by check digit, and at a low score by form alone.

Law: a weak label (order, case, group, lot) needs a colon, a sign or a word for number after it. Codes that
all patients share (diagnoses, procedures, trials, tests, drugs) are known and veto a match by form.
Sources: 45 CFR 164.514(b)(2)(i)(G)-(M), (Q), (R); CMS on the Medicare Beneficiary Identifier's format.
Imports: check_digits, common words, rules.
"""

from __future__ import annotations

import re

from gateway.deid import check_digits
from gateway.deid.common_words import ordinary
from gateway.deid.patterns.id_labels import STRONG, WEAK
from gateway.deid.patterns.rules import (
    LETTERS,
    Check,
    Family,
    Rule,
    Scan,
    after,
    any_of,
    at_words,
    before,
    rule,
)

_I = re.IGNORECASE
_LEFT = r"(?<![A-Za-z0-9_])(?<![0-9][.-])"
_RIGHT = r"(?![A-Za-z0-9_])"

_NUMBER = r"(?:numbers?|num|nbr|no|nr|ids?|code|identifier|número|numero|num)\b\.?|n[º°]\.?|n\.[º°]|#"
_CONNECT = (
    rf"(?:'?s)?(?:[ /]{{0,2}}\(?(?:{_NUMBER})\)?){{0,3}}(?:\s?\([A-Za-z ]{{1,16}}\))?"
    r"(?:\s{0,2}(?:is|was|es|of|:|#|=|-|\|))?[:#=]?[ \t]{0,6}\n?[ \t]{0,6}"
)
_NAMED = rf"(?=[ \t/(]{{0,3}}(?:{_NUMBER}|[:=]))"
_VALUE = (
    r"(?:[A-Z]{2}\s(?=[A-Z]?[0-9]{5}))?(?=[A-Za-z./_-]{0,10}[0-9])[A-Za-z0-9](?:[A-Za-z0-9]"
    r"|[-/._](?=[A-Za-z0-9])){1,40}"
    r"(?:[ ][0-9]{2,8}(?=[\s,;.)]|\Z)(?!\s?(?:[a-z%/]|[A-Z][a-z]))){0,4}"
)
_LABEL_LEFT = r"(?<![A-Za-z0-9_/])"
_A_DATE = re.compile(
    r"[0-9]{1,4}/[0-9]{1,2}/[0-9]{1,4}|[0-9]{1,2}-[0-9]{1,2}-(?:19|20)[0-9]{2}|(?:19"
    r"|20)[0-9]{2}"
)
_AMOUNT = re.compile(
    r"\s?(?:mg|mcg|ml|cc|units?|iu|meq|mmol|mm|cm|%|kg|lbs?|days?|weeks?|months?|years?"
    r"|hours?|hrs?|x\b|times|tabs?)"
)


def _labelled(least: int) -> Check:
    """A value with so many digits that is no date and no amount."""

    def holds(match: re.Match[str]) -> bool:
        value = next(value for name, value in match.groupdict().items() if value)
        if _A_DATE.fullmatch(value) or _AMOUNT.match(after(match, 10)):
            return False
        return sum(c.isdigit() for c in value) >= least and not re.match(
            r"[0-9]+-(?:year|yo|day|week"
            r"|month)",
            value,
        )

    return holds


def _label_rules(table: dict[str, str], score: float, named: str, least: int) -> list[tuple[str, Rule]]:
    """For each type its labels by first word, so that a word wakes only the labels that begin with it."""
    entries: list[tuple[str, Rule]] = []
    for kind, labels in table.items():
        heads: dict[str, list[str]] = {}
        for label in labels.split():
            head = re.match(r"[^\W\d_]+", label.lower())
            if head:
                heads.setdefault(head[0], []).append(label)
        for head_word, found in heads.items():
            spaced = any_of(" ".join(found)).replace("\\#", "#").replace(" ", r"[ ]?")
            pattern = rf"{_LABEL_LEFT}(?:{spaced})(?![A-Za-z]){named}{_CONNECT}(?P<{kind}>{_VALUE})"
            entries.append((head_word, rule(pattern, score, check=_labelled(least), flags=_I)))
    return entries


_SSN_FORM = rule(
    rf"{_LEFT}(?P<SSN>[0-9]{{3}}-[0-9]{{2}}-[0-9]{{4}})(?![0-9A-Za-z]|-[0-9])", 0.93, digits=(3, 3), then="-"
)
_SSN_SPACED = rule(
    rf"{_LEFT}(?P<SSN>[0-9]{{3}} [0-9]{{2}} [0-9]{{4}})(?![0-9A-Za-z]|[ -][0-9])",
    0.6,
    digits=(3, 3),
    then=" ",
)
_SSN_LABELLED = rule(
    r"(?:ssn|ss|social security)(?: (?:number|no|num|#))?\.?\s?(?:is|:|#|=|-)?\s{0,3}(?:(?:ending"
        r"|ends)(?: in| with)?|last (?:four|4)(?: digits)?(?: are| is|:)?)?\s?(?P<SSN>[0-9]{3}[ "
        r"-.]?[0-9]{2}[ -.]?[0-9]{4}|[xX*]{3}-?[xX*]{2}-?[0-9]{4}|[0-9]{4})(?![0-9])",
    0.97, flags=_I,
)  # fmt: skip
_MASKED = rule(r"(?<![A-Za-z0-9])(?P<SSN>[xX]{3}-?[xX]{2}-?[0-9]{4})(?![0-9])", 0.93)
_STARRED = rule(
    r"(?<![*\w])(?P<SSN>\*{3}-?\*{2}-?[0-9]{4})(?![0-9])|(?<![*\w])(?P<ACCOUNT>(?:\*{4}[ "
    r"-]?){1,3}[0-9]{4})(?![0-9])",
    0.9,
)
_ENDING = rule(
    r"(?:account|acct|card|visa|mastercard|amex|cuenta|tarjeta)\s(?:number\s|no\.?\s)?(?:ending|ends"
        r"|terminada|that ends)(?:\s(?:in|with|en))?\s(?P<ACCOUNT>[0-9]{3,6})(?![0-9])",
    0.95, flags=_I,
)  # fmt: skip

_CARD = rule(
    rf"{_LEFT}(?P<ACCOUNT>[3-6][0-9]{{3}}(?:[ -]?[0-9]{{4}}){{2}}[ -]?[0-9]{{1,7}}|3[47][0-9]{{2}}[ "
        rf"-]?[0-9]{{6}}[ -]?[0-9]{{5}})(?![0-9]|-[0-9])",
    0.97, check=lambda m: check_digits.card(m["ACCOUNT"]), digits=(4, 19),
)  # fmt: skip
_CARD_FORM = rule(
    rf"{_LEFT}(?P<ACCOUNT>[0-9]{{4}}([ -])[0-9]{{4}}\2[0-9]{{4}}\2[0-9]{{4}})(?![0-9]|[ "
    rf"-][0-9])",
    0.6,
    digits=(4, 4),
    then=" -",
)
_M = "[AC-HJKMNP-RT-Y]"
_MBI = rule(
    rf"{_LEFT}(?P<HEALTH_PLAN>[1-9]{_M}[0-9AC-HJKMNP-RT-Y][0-9]-?{_M}[0-9AC-HJKMNP-RT-Y][0-9]-?{_M}{{2}}[0-"
        rf"9]{{2}}){_RIGHT}",
    0.93, digits=(1, 1), then=LETTERS,
)  # fmt: skip
_VIN = rule(
    rf"{_LEFT}(?P<VEHICLE>[A-HJ-NPR-Z0-9]{{17}}){_RIGHT}",
    0.98, check=lambda m: check_digits.vin(m["VEHICLE"]), digits=(1, 16), then=LETTERS,
)  # fmt: skip
_PLATE = rule(
    r"(?i:plate|tag)s?\s(?:(?i:is|was|reads)\s|[#:]\s?)?(?P<VEHICLE>(?=[A-Z -]{0,6}[0-9])(?=[0-9 -]{0,6}[A-Z])(?:[A-Z0-9]{2,4}[ -]?[A-Z0-9]{2,5}"
    r"|[A-Z0-9]{5,8}))(?![A-Za-z0-9])",
    0.9,
    check=lambda m: (
        sum(sign.isalnum() for sign in m["VEHICLE"]) >= 5
        and not any(ordinary(word.lower()) for word in re.findall("[A-Z]{2,}", m["VEHICLE"]))
    ),
)
_UDI = rule(
    r"(?P<DEVICE>01\)[0-9]{14}(?:\s?\([0-9]{2,3}\)[A-Za-z0-9./-]{1,20}){0,6})",
    0.97,
    lead="(",
    digits=(2, 2),
    then=")",
)
_NHS = rule(rf"{_LEFT}(?P<NATIONAL_ID>[0-9]{{3}}[ -][0-9]{{3}}[ -][0-9]{{4}})(?![0-9])", 0.85,
            check=lambda m: check_digits.nhs_number(m["NATIONAL_ID"]), digits=(3, 3), then=" ")  # fmt: skip
_DNI_PLAIN, _DNI_DOTTED = (
    rule(
        rf"{_LEFT}(?P<NATIONAL_ID>{form}[ -]?[A-Za-z]){_RIGHT}",
        0.95, check=lambda m: check_digits.dni(m["NATIONAL_ID"]), digits=digits, then=then,
    )
    for form, digits, then in (("[0-9]{8}", (8, 8), f"{LETTERS} -"), (r"[0-9]{1,2}\.[0-9]{3}\.[0-9]{3}", (1, 2), "."))
)  # fmt: skip
_NIE = rule(
    rf"{_LEFT}(?P<NATIONAL_ID>[XYZ][ -]?[0-9]{{7}}[ -]?[A-Z]){_RIGHT}",
    0.96,
    check=lambda m: check_digits.dni(m["NATIONAL_ID"]),
)
_DEA = rule(
    rf"{_LEFT}(?P<LICENSE>[A-Z][A-Z9][0-9]{{7}}){_RIGHT}",
    0.96,
    check=lambda m: check_digits.dea(m["LICENSE"]),
)
_NINO_FORM = r"(?P<NATIONAL_ID>[A-Z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D])(?![A-Za-z0-9])"
_NINO = rule(rf"{_LEFT}{_NINO_FORM}", 0.85, check=lambda m: check_digits.nino(m["NATIONAL_ID"]))
_NINO_LABELLED = rule(
    rf"(?:ni|nino|national insurance)(?:\s(?:number|no\.?))?[\s:#]{{1,3}}{_NINO_FORM}", 0.98, flags=_I
)
_IBAN = rule(rf"{_LEFT}(?P<ACCOUNT>[A-Z]{{2}}[0-9]{{2}}(?:[ ]?[A-Z0-9]{{4}}){{2,7}}(?:[ "
    rf"]?[A-Z0-9]{{1,3}})?){_RIGHT}", 0.99,
             check=lambda m: check_digits.iban(m["ACCOUNT"]))  # fmt: skip
_PASSPORT = rule(rf"{_LEFT}(?P<PASSPORT>[A-Z][0-9]{{8}}|[EGDSPH][A-Z][0-9]{{7}}){_RIGHT}", 0.6)
_CODE = rule(
    rf"{_LEFT}(?P<ID>[A-Z]{{1,5}}-?[0-9]{{6,12}}[A-Z]{{0,2}}"
    rf"|[A-Z]{{1,3}}-?[0-9]{{2}}-[0-9]{{3,7}}){_RIGHT}",
    0.6,
    flags=_I,
)
_MIXED = rule(
    rf"{_LEFT}(?P<ID>(?=(?:[A-Z-]{{0,8}}[0-9]){{4}})(?=[0-9-]{{0,12}}[A-Z][0-9-]{{0,12}}[A-Z])[A-"
    rf"Z0-9](?:-?[A-Z0-9]){{7,29}}){_RIGHT}",
    0.55,
    digits=(1, 12),
    then=f"{LETTERS}-",
)
_LONG = rule(
    rf"{_LEFT}(?P<ID>[0-9]{{7,25}})(?![A-Za-z0-9_]|[.,][0-9])",
    0.5,
    digits=(7, 25),
    check=lambda m: _no_count(m),
)
_HASHED = rule(r"(?<=#)(?P<ID>[0-9]{5,20}(?:-[0-9]{1,8})?)(?![A-Za-z0-9])", 0.75, digits=(5, 20))

_COUNTED = re.compile(r"\s?(?:copies|/|cells|iu|units?|cfu|mg|ml|steps|plt|per\b|x\b|%)")


def _no_count(match: re.Match[str]) -> bool:
    return not _COUNTED.match(after(match)) and not re.search(r"[$€£]\s?\Z", before(match, 3))


_SHARED = rule(
    r"(?P<KEEP>(?:icd(?:[ -]?(?:9|10|11|o))?(?:-?(?:cm|pcs))?|cpt|hcpcs|loinc|snomed(?:[ -]?ct)?|rxnorm"
        r"|rxcui|ndc|pmid|pmc|doi|isbn|drg|cas|mesh"
    r"|atc|cui|umls|fda|protocol|clinicaltrials\.gov|eudract|isrctn|omim|genbank|cas|mondo|hpo"
        r"|orpha)(?:\s(?:id|no|number|code|codes|concept"
        r"|identifier))?[\s:#.=(-]{0,3}[A-Za-z]{0,4}[0-9][A-Za-z0-9./:-]{0,30}(?:,\s?[A-Z]?[0-9][0-9.]"
        r"{2,8}){0,6})",
    0.94, flags=_I,
)  # fmt: skip
_TRIAL = rule(
    r"(?<![A-Za-z0-9])(?P<KEEP>(?:NCT[0-9]{8}|ISRCTN[0-9]{8}|PMC?I?D?[0-9]{6,8}|rs[0-9]{3,12}"
    r"|ENS[A-Z]{1,4}[0-9]{11}|(?:DRKS|ChiCTR|ACTRN|CTRI)[0-9-]{6,20}|NM_[0-9]{6,9}|ISO[0-9]{4,6}))",
    0.94,
)

_BLOB = rule(
    r"(?<![A-Za-z0-9+/_-])(?P<ID>(?:[A-Za-z0-9+/_-]{200,}|(?:[A-Za-z0-9+/_-]{60,}[ \t]{0,2}\n[ "
    r"\t]{0,8}){2,}[A-Za-z0-9+/_-]{0,200})={0,2})",
    0.95,
)


_COUNTED_SHEETS = rule(
    r"(?:case|order|sheet|job|docket|warrant|badge|interpreter id|report|chart)\s(?:(?i:no\.?|number|#)\s?)?(?P<ID>[0-9]{2,6}-[0-9]{2,9}(?:-[0-9]{2,6})?|[0-9]{5,10})"
    r"(?![0-9A-Za-z.,/%-]*[0-9A-Za-z])",
    0.8,
    flags=_I,
    check=lambda m: not _AMOUNT.match(after(m, 10)) and not _A_DATE.fullmatch(m["ID"]),
)
_PLAIN_ID = rule(r"ID[ \t]{1,3}(?P<MRN>[0-9]{2,3}-[0-9]{2,3}-[0-9]{2,4}|[0-9]{5,10})(?![0-9A-Za-z/-])", 0.85)
_DOTTED_LABEL = rule(
    r"(?:record|chart|account|case|mrn|id)(?:\s(?:no|number|num|#))?\.?[ ]?\.{3,12}[ ]?(?P<MRN>[0-9][0-9-]{3,11}[0-9])(?![0-9A-Za-z/])",
    0.95,
    flags=_I,
)
_NAMED_BEFORE = re.compile(
    r"(?<![\w'-])(?P<first>[A-ZÀ-Þ][\w'-]{1,20}),? (?:[A-Z]\.? )?(?P<second>[A-ZÀ-Þ][\w'-]{1,20})(?: [A-Z]\.?)?(?: {2,8}| ?\(| / )\Z"
)


def _after_a_name(match: re.Match[str]) -> bool:
    """Whether a number stands right after a name, in brackets, after a stroke or in the next column."""
    start = match.start()
    found = _NAMED_BEFORE.search(match.string[max(0, start - 60) : start])
    return found is not None and not any(ordinary(found[part].lower()) for part in ("first", "second"))


_AFTER_NAME = rule(
    r"(?<=[ (])(?P<MRN>[0-9]{2,3}-[0-9]{2,3}-[0-9]{2,4}|[0-9]{5,9})(?=\)| {2}| ?/ |\s*\n|\s*\Z)",
    0.8,
    check=_after_a_name,
    digits=(2, 9),
)


def _has_a_long_run(text: str) -> bool:
    return len(text) >= 180 and max(map(len, text.split()), default=0) >= 60


FAMILY = Family(
    words=at_words(
        *_label_rules(STRONG, 0.98, "", 2),
        *_label_rules(WEAK, 0.96, _NAMED, 3),
        ("ssn ss social", _SSN_LABELLED),
        ("xxx", _MASKED),
        ("plate plates tag tags", _PLATE),
        ("case order sheet job docket warrant badge interpreter report chart", _COUNTED_SHEETS),
        ("id", _PLAIN_ID),
        ("record chart account case mrn id", _DOTTED_LABEL),
        ("ni nino national", _NINO_LABELLED),
        ("account acct card visa mastercard amex cuenta tarjeta", _ENDING),
        (
            "icd cpt hcpcs loinc snomed rxnorm rxcui ndc pmid pmc doi isbn drg cas mesh atc cui umls fda "
                "protocol"
            " clinicaltrials eudract isrctn omim genbank mondo hpo orpha",
            _SHARED,
        ),
    ),
    numbers=(
        _AFTER_NAME,
        _SSN_FORM, _SSN_SPACED, _CARD, _CARD_FORM, _MBI, _VIN, _UDI, _NHS, _DNI_PLAIN, _DNI_DOTTED, _LONG, _HASHED, _MIXED,
    ),
    codes=(_VIN, _DEA, _NIE, _NINO, _IBAN, _PASSPORT, _CODE, _MIXED, _TRIAL),
    scans=(Scan(lambda text: "**" in text, _STARRED), Scan(_has_a_long_run, _BLOB)),
)  # fmt: skip
