"""Surrogates of numbers and codes: digits for digits, letters for letters, every separator where it was.

Law: a number that could be issued is not made where a range or a check digit rules it out: US telephone
numbers from 555-0100 to 555-0199 (ATIS-0300048: held for fiction), UK ones of Ofcom's drama ranges, SSNs with
area 9xx and group 01 to 49 (no SSN begins with 9; ITINs have group 50 and above, IRS Pub. 1915), Chinese and
Spanish numbers that begin as no assigned one does; all others with a check digit that is wrong.
May import: the standard library, domain words, deid.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from gateway.deid import check_digits as checks
from gateway.deid.choices import Choices
from gateway.deid.draws import Draws
from gateway.domain.deid import IdentifierType

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # without I and O, which some codes forbid
MOST_CHARACTERS = 200
PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁新琼"  # on number plates (GA 36-2018)

_EXTENSION = re.compile(r"(?:extension|ext|anexo|interno|tel|fax|分机|转|x)\.?(?=\s*\d)", re.IGNORECASE)
_CHECKS: tuple[Callable[[str], bool], ...] = (
    *(checks.luhn, checks.npi, checks.vin, checks.dea, checks.resident_identity, checks.nhs_number),
    *(checks.dni, checks.nass, checks.iban, checks.routing),
)
_PHONES = (IdentifierType.PHONE, IdentifierType.FAX)
_UNCHECKED = (*_PHONES, IdentifierType.ZIP, IdentifierType.SSN)
_VIN_LENGTH, _RESIDENT_LENGTH, _MOST_UNCHECKED = 17, 18, 7


def code(text: str, kind: IdentifierType, choices: Choices) -> str | None:
    """A number or code in the form of the original; None where its characters are none of ours."""
    if len(text) > MOST_CHARACTERS:
        return None
    if kind is IdentifierType.VEHICLE and text and text[0] in PROVINCES:
        rest = code(text[1:], kind, choices)
        return rest and choices.draws("province", text).of(PROVINCES.replace(text[0], "")) + rest
    places = _places(text, kind)
    plain = "".join(unicodedata.normalize("NFKC", text[place]) for place in places).upper()
    if not plain or not (plain.isascii() and len(plain) == len(places)):
        return None
    if kind in _PHONES:
        return _phone(text, places, plain, choices)
    made = choices.chosen(
        "code",
        plain.casefold(),
        lambda draws: _made(plain, kind, draws),
        fits=lambda new: (
            new != plain
            and not _could_be_issued(new, kind)
            and not choices.tells(_rendered(text, places, new))
        ),
    )
    return made and _rendered(text, places, made)


def _places(text: str, kind: IdentifierType) -> list[int]:
    """The indexes of what is replaced: letters and digits, but for the word before an extension."""
    extensions = _EXTENSION.finditer(text) if kind in _PHONES else ()
    kept = {i for found in extensions for i in range(*found.span())}
    return [i for i, char in enumerate(text) if char.isalnum() and i not in kept]


def _rendered(text: str, places: list[int], made: str) -> str:
    """The made characters at the places, in the width and case of those that stood there."""
    written = list(text)
    for place, new in zip(places, made, strict=True):
        was = text[place]
        shown = new.lower() if was.islower() else new
        written[place] = chr(ord(shown) + 0xFEE0) if was != unicodedata.normalize("NFKC", was) else shown
    return "".join(written)


def _made(plain: str, kind: IdentifierType, draws: Draws) -> str:
    if kind is IdentifierType.SSN and len(plain) == 9 and plain.isdigit():
        return f"9{draws.below(100):02d}{1 + draws.below(49):02d}{1 + draws.below(9999):04d}"
    if len(plain) == _RESIDENT_LENGTH and plain[:17].isdigit() and kind is IdentifierType.NATIONAL_ID:
        return _resident(draws)
    made = [str(draws.below(10)) if char.isdigit() else draws.of(LETTERS) for char in plain]
    if len(plain) == _VIN_LENGTH and kind is IdentifierType.VEHICLE:
        made = [char if char != "Q" else "P" for char in made]
    return "".join(made)


def _resident(draws: Draws) -> str:
    """A resident identity number of a region that is none (GB/T 2260 begins with 1 to 8)."""
    born = f"{1930 + draws.below(80)}{1 + draws.below(12):02d}{1 + draws.below(28):02d}"
    return f"9{draws.below(100_000):05d}{born}{draws.below(1000):03d}{draws.below(10)}"


def _could_be_issued(candidate: str, kind: IdentifierType) -> bool:
    """Whether a check digit would let it pass; short codes have none."""
    if kind in _UNCHECKED or len(candidate) <= _MOST_UNCHECKED:
        return False
    return any(check(candidate) for check in _CHECKS)


def _phone(text: str, places: list[int], plain: str, choices: Choices) -> str | None:
    """The national number is replaced, the country's code in front of it stays."""
    digits = plain.lstrip("0") if text.lstrip("( ").startswith("00") else plain
    code_length = len(plain) - len(digits) + _country_length(text, digits, choices.language)
    if not plain.isdigit():
        code_length = 0
    national = plain[code_length:]
    country = plain[:code_length].lstrip("0")

    def made(draws: Draws) -> str:
        return _national(national, country, choices.language, draws)

    new = choices.chosen("phone", national.casefold(), made, fits=lambda candidate: candidate != national)
    return new and _rendered(text, places, plain[:code_length] + new)


def _country_length(text: str, digits: str, language: str) -> int:
    """How many digits in front are a country's code (ITU-T E.164)."""
    international = text.lstrip("( ").startswith(("+", "00", "\uff0b"))
    if digits.startswith("1") and len(digits) == 11 and (international or language == "en"):
        return 1
    if not international:
        return 2 if (language, digits[:2], len(digits)) in _WITHOUT_PLUS else 0
    return 1 if digits[0] in "17" else 2 if digits[:2] in _TWO_DIGIT_CODES else 3


# Numbers that can only be whole ones of the language's own country, for their length.
_WITHOUT_PLUS = frozenset({("es", "34", 11), ("zh", "86", 13)})
# Country codes of two digits; 1 and 7 are the only ones of one, all others have three (ITU-T E.164.D).
_TWO_DIGIT_CODES = frozenset(
    str(code)
    for code in (
        *(20, 27, *range(30, 35), 36, 39, 40, 41, *range(43, 50), *range(51, 59), *range(60, 67)),
        *(81, 82, 84, 86, *range(90, 96), 98),
    )
)


def _national(national: str, country: str, language: str, draws: Draws) -> str:
    """A national number of the same length that is nobody's, as far as the plan of the country has any."""
    random = "".join(str(draws.below(10)) if char.isdigit() else draws.of(LETTERS) for char in national)
    if not national.isdigit():
        return random
    size, plan = len(national), country or {"en": "1", "es": "34", "zh": "86"}.get(language, "")
    if plan == "1" and size >= 10 and national[0] in "23456789":  # an extension may follow
        return f"{2 + draws.below(8)}{draws.below(9)}{draws.below(10)}55501{random[8:]}"
    if plan == "1" and size == 7:
        return f"55501{random[5:]}"
    if plan == "44" and size in (10, 11):
        return ("0" if size == 11 else "") + draws.of(("1632960", "7700900")) + random[-3:]
    if plan == "34" and size == 9:  # national numbers begin with 5 to 9
        return "4" + random[1:]
    if plan == "86" and size == 11 and national[0] == "1":  # mobile numbers begin with 13 to 19
        return "12" + random[2:]
    if plan == "86" and national[0] == "0" and size > 8:  # local numbers begin with 2 to 8
        return national[:1] + random[1:4] + "1" + random[5:]
    return random
