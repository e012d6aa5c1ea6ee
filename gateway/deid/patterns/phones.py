"""Telephone and fax numbers: North American in every punctuation, international, British, Spanish, Chinese.

Law: a form that labs and doses share (seven digits, nine digits) needs a label or a country's own prefix.
Sources: the North American Numbering Plan, ITU-T E.164, Ofcom's and Spain's national numbering plans.
Imports: rules.
"""

from __future__ import annotations

import re

from gateway.deid.patterns.rules import Family, Scan, after, at_words, before, rule

_I = re.IGNORECASE
_LEFT = r"(?<![A-Za-z0-9_])(?<![0-9][.,/:-])"
_EXTENSION = r"(?:[\s,;/]{0,3}(?:x|ext\.?|extension|extn\.?|#)\s?:?\s?[0-9]{1,6}(?![0-9]))?"
_NO_MORE = r"(?![0-9]|[./-][0-9]|%)"
_LEAD = "(+"

_TEN = r"[0-9]{3}(?:\)\s?|[\s.-]{1,2}|\)?[./-]|\s-\s)[0-9]{3}(?:[\s.-]|\s-\s)[0-9]{4}"
_NANP = rf"(?:(?:001|1)[\s.-]{{0,2}}\(?)?{_TEN}{_EXTENSION}{_NO_MORE}"
_NANP_JOINED = rf"1?[2-9][0-9]{{2}}-?[2-9][0-9]{{6}}{_EXTENSION}{_NO_MORE}"
_SEVEN = rf"[2-9][0-9]{{2}}-[0-9]{{4}}{_EXTENSION}{_NO_MORE}"
_VANITY = r"1?[\s.-]?\(?8(?:00|33|44|55|66|77|88)\)?[\s.-][A-Z0-9]{1,4}-?[A-Z][A-Z0-9-]{2,9}(?![A-Za-z0-9])"
_INTERNATIONAL = rf"\+[1-9](?:[\s./()-]{{0,3}}[0-9]){{6,14}}{_EXTENSION}(?![0-9])"
_BRITISH = (
    rf"0(?:20[\s-]?[0-9]{{4}}[\s-]?[0-9]{{4}}|7[0-9]{{3}}[\s-]?[0-9]{{3}}[\s-]?[0-9]{{3}}"
    rf"|1[0-9]{{2,3}}[\s-]?[0-9]{{3}}[\s-]?[0-9]{{3,4}}"
    rf"|[38][0-9]{{2}}[\s-]?[0-9]{{3}}[\s-]?[0-9]{{4}}){_NO_MORE}"
)
_TRUNK = r"(?=(?:[ ]?[0-9]){9,11}(?![0-9]|[ ][0-9]))0[1-9][0-9]{0,3}(?:[ ][0-9]{2,4}){2,4}(?![0-9])"
_SPANISH = (
    r"(?:[679][0-9]{2}[\s.-][0-9]{3}[\s.-][0-9]{3}"
    r"|[679][0-9]{2}[\s.-][0-9]{2}[\s.-][0-9]{2}[\s.-][0-9]{2}"
    r"|9[0-9][\s.-][0-9]{3}[\s.-][0-9]{2}[\s.-][0-9]{2})(?![0-9]|[\s.-][0-9])"
)
_CHINESE_MOBILE = r"1[3-9][0-9](?:[\s-]?[0-9]{4}){2}(?![0-9])"
_CHINESE_LINE = r"0(?:10|2[0-9]|[3-9][0-9]{2})[\s-]?[2-9][0-9]{6,7}(?:-[0-9]{1,5})?(?![0-9])"
_CHINESE_SERVICE = r"[48]00-[0-9]{3,4}-?[0-9]{3,4}(?![0-9])"

_SAYS_PHONE = re.compile(
    r"(?:^|[^a-z])(?:call(?:ed|back)?|phone|ph|tel|cell|mobile|home|work|office|pager|page|pgr|beeper"
    r"|contact|reach|reached|at"
    r"|number|no|#|dial|text|or|fax|f|t|p|c|h|w|o|m)[^a-z0-9]{0,4}\Z"
)
_SAYS_RANGE = re.compile(r"(?:\(|\[|range|rango|normal(?:es)?|ref[a-z.]*|between|from|entre|vn)[\s:]{0,3}\Z")
_AMOUNT = re.compile(r"\s?(?:mg|ml|mcg|%)")
_MEASURE = re.compile(
    r"\s?(?:mg|ml|mcg|cc|kcal|cal|g\b|units|iu|cells|steps|/|feet|ft|mm|patients|copies|per\b|k\b)"
)


def _a_local_number(match: re.Match[str]) -> bool:
    """Whether seven digits are a phone number: something says so, or nothing says range or amount."""
    if _MEASURE.match(after(match)):
        return False
    behind = before(match)
    return bool(_SAYS_PHONE.search(behind)) or not (match[0].endswith("00") or _SAYS_RANGE.search(behind))


def _enough_digits(match: re.Match[str]) -> bool:
    return 8 <= len(re.findall("[0-9]", match["PHONE"])) <= 21


def _looks_dialled(match: re.Match[str]) -> bool:
    """A labelled number needs seven digits, or a short one needs a pager's or extension's label."""
    number = next(value for name, value in match.groupdict().items() if value and name[0] in "PF")
    digits = sum(c.isdigit() for c in number)
    return 7 <= digits <= 22 and not _AMOUNT.match(after(match))


NUMBERS = (
    rule(rf"{_LEFT}(?P<PHONE>{_NANP})", 0.9, lead=_LEAD, digits=(1, 3), then=") .-/(", flags=_I),
    rule(rf"{_LEFT}(?P<PHONE>{_NANP_JOINED})", 0.6, digits=(3, 11)),
    rule(rf"{_LEFT}(?P<PHONE>{_SEVEN})", 0.6, check=_a_local_number, digits=(3, 3), then="-", flags=_I),
    rule(rf"{_LEFT}(?P<PHONE>{_VANITY})", 0.9, lead=_LEAD, digits=(1, 3), then=" .-()"),
    rule(rf"{_LEFT}(?P<PHONE>{_BRITISH})", 0.8, lead="(", digits=(3, 11)),
    rule(rf"{_LEFT}(?P<PHONE>{_TRUNK})", 0.7, digits=(2, 5), then=" "),
    rule(rf"{_LEFT}(?P<PHONE>{_SPANISH})", 0.75, digits=(2, 3), then=" .-"),
    rule(rf"{_LEFT}(?P<PHONE>{_CHINESE_MOBILE}|{_CHINESE_LINE}|{_CHINESE_SERVICE})", 0.85, digits=(3, 12)),
)

_DIALLED = (
    r"[+(]{0,2}[0-9](?:[0-9]|[\s().-]{1,2}(?=[0-9(])|\)(?=\s?[0-9-])|-{1,2}(?=[0-9A-Z])|/(?=[0-9]{3})){5,22}"
    rf"(?<=[0-9]){_EXTENSION}(?![0-9])"
)
_SAYS = (
    r"(?:'?s)?(?:\s?(?:phone|number|numbers|num|no|line|cell|mobile|home|work|office"
    r"|tel))?\.?(?:\s?[(]?[a-zA-Z]{1,8}(?![a-zA-Z])[)]?)?\s?(?:is|at|to|on|of|:|#|-|=){0,2}[\s:#(]{0,4}"
)
_PHONE = rule(
    rf"(?=[^0-9\n]{{1,40}}[0-9])[a-zé]{{1,11}}(?![a-zé]){_SAYS}(?P<PHONE>{_DIALLED})",
    0.95,
    check=_looks_dialled,
    lead=_LEAD,
    flags=_I,
)
_FAX = rule(
    rf"(?:fax|faxed|facsimile|telefax|f){_SAYS}(?P<FAX>{_DIALLED})",
    0.96,
    check=_looks_dialled,
    lead=_LEAD,
    flags=_I,
)
_SHORT_FAX = rule(rf"fax(?:\s?(?:number|no|#))?\.?[\s:#]{{1,3}}(?P<FAX>{_SEVEN})", 0.96, flags=_I)
_PAGER = rule(
    r"(?:pager|pgr|beeper|beep|bleep|page|ext|extension|extn)(?:\s?(?:number|no|#"
    r"|id))?\.?[\s:#]{1,3}(?:is\s|at\s)?(?P<PHONE>[0-9](?:-?[0-9]){2,9})(?![0-9%/]"
    r"|[.-][0-9])(?!\s?(?:cm|mm|mg))",
    0.9,
    flags=_I,
)
_EXTENSION_ALONE = rule(
    r"x[\s-]?(?P<PHONE>[1-9][0-9]?-?[0-9]{3,4})(?![0-9.%/])",
    0.6,
    flags=_I,
    check=lambda m: bool(_SAYS_PHONE.search(before(m))),
)
_CHINESE_LABEL = rule(
    r"(?:电话|手机|联系方式|联系电话|座机|固话|电话号码|手机号码?|微信号?|联系人电话)\s?[:为是]?\s?(?P<PHONE>[+(]?[0-9][0-9()\s-]{5,18}[0-9])",
    0.95,
)
_CHINESE_FAX = rule(r"传真\s?[:为是]?\s?(?P<FAX>[+(]?[0-9][0-9()\s-]{5,18}[0-9])", 0.96)

FAMILY = Family(
    words=at_words(
        (
            "phone ph tel telephone teléfono telefono teléfonos tfno tlf tlfno telf cell cellular mobile "
            "móvil movil"
            " home work office contact call called callback dial text tél telefon whatsapp number "
            "hotline landline"
            " pager reached",
            _PHONE,
        ),
        ("fax faxed facsimile telefax", _FAX),
        ("fax", _SHORT_FAX),
        ("pager pgr beeper beep bleep page ext extension extn", _PAGER),
        ("x", _EXTENSION_ALONE),
    ),
    numbers=NUMBERS,
    scans=(
        Scan(
            lambda text: "+" in text,
            rule(rf"(?P<PHONE>{_INTERNATIONAL})", 0.9, check=_enough_digits, lead="(", flags=_I),
        ),
        Scan(
            lambda text: any(word in text for word in ("电话", "手机", "联系", "座机", "微信")),
            _CHINESE_LABEL,
        ),
        Scan(lambda text: "传真" in text, _CHINESE_FAX),
    ),
)
