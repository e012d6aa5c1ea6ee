"""Check digits: whether a number could have been issued, so that a match by form can be believed.

Law: pure functions over a number as written; spaces, dots and hyphens in it do not count, letters count in
either case. A wrong length or a foreign character is False, never an error.
Imports: the standard library only.
"""

from __future__ import annotations

import re
from datetime import date

_SEPARATORS = str.maketrans("", "", " -.")

_VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VIN_VALUES = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", map(int, "12345678123457923456789"), strict=True)) | {
    digit: int(digit) for digit in "0123456789"
}

_DEA = re.compile(r"[ABCDEFGHJKLMPRSTUX][A-Z9][0-9]{7}")

_RESIDENT = re.compile(r"[1-9][0-9]{16}[0-9X]")
_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)

_SPANISH_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_DNI = re.compile(r"(?P<head>[XYZ]?)(?P<number>[0-9]{7,8})(?P<letter>[A-Z])")

_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_IBAN_LENGTHS = {
    "AT": 20, "BE": 16, "CH": 21, "CZ": 24, "DE": 22, "DK": 18, "ES": 24, "FI": 18, "FR": 27, "GB": 22,
    "GR": 27, "HU": 28, "IE": 22, "IT": 27, "LU": 20, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "SE": 24,
}  # fmt: skip

_NINO = re.compile(r"(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][0-9]{6}[A-D]")


def _plain(number: str) -> str:
    return number.translate(_SEPARATORS).upper()


def _digits(number: str, *lengths: int) -> str:
    """The digits of a number of one of the lengths; empty where it is another thing."""
    plain = _plain(number)
    return plain if plain.isascii() and plain.isdigit() and len(plain) in lengths else ""


def _luhn_sum(digits: str) -> int:
    doubled = (int(digit) * 2 for digit in digits[-2::-2])
    return sum(map(int, digits[-1::-2])) + sum(d - 9 if d > 9 else d for d in doubled)


def luhn(number: str) -> bool:
    """The last digit after ISO/IEC 7812-1 annex B, for any number of two digits or more."""
    plain = _plain(number)
    return plain.isascii() and plain.isdigit() and len(plain) > 1 and _luhn_sum(plain) % 10 == 0


def card(number: str) -> bool:
    """A payment card, UnionPay's too: 13 to 19 digits, a known first digit (ISO/IEC 7812-1), Luhn."""
    digits = _digits(number, *range(13, 20))
    return bool(digits) and digits[0] in "3456" and len(set(digits)) > 1 and luhn(digits)


def npi(number: str) -> bool:
    """A US National Provider Identifier: ten digits, Luhn with the prefix 80840 (45 CFR 162.406; CMS)."""
    digits = _digits(number, 10)
    return bool(digits) and digits[0] in "12" and luhn("80840" + digits)


def vin(number: str) -> bool:
    """A vehicle identification number: 17 characters after ISO 3779, the ninth checked (49 CFR 565.15)."""
    plain = _plain(number)
    if not _VIN.fullmatch(plain):
        return False
    rest = sum(_VIN_VALUES[c] * w for c, w in zip(plain, _VIN_WEIGHTS, strict=True)) % 11
    return plain[8] == "0123456789X"[rest]


def dea(number: str) -> bool:
    """A DEA registration: a registrant's letter, a letter or 9, six digits and their check digit."""
    plain = _plain(number)
    if not _DEA.fullmatch(plain):
        return False
    d = [int(digit) for digit in plain[2:]]
    return (d[0] + d[2] + d[4] + 2 * (d[1] + d[3] + d[5])) % 10 == d[6]


def resident_identity(number: str) -> bool:
    """A Chinese resident identity number: GB 11643-1999, its day exists, MOD 11-2 (ISO/IEC 7064)."""
    plain = _plain(number)
    if not _RESIDENT.fullmatch(plain):
        return False
    try:
        date(int(plain[6:10]), int(plain[10:12]), int(plain[12:14]))
    except ValueError:
        return False
    rest = sum(int(c) * w for c, w in zip(plain, _RESIDENT_WEIGHTS, strict=False)) % 11
    return plain[17] == "10X98765432"[rest]


def nhs_number(number: str) -> bool:
    """An NHS number of England: ten digits, the last by modulus 11 (NHS Data Dictionary)."""
    digits = _digits(number, 10)
    if not digits:
        return False
    rest = 11 - sum(int(c) * w for c, w in zip(digits, range(10, 1, -1), strict=False)) % 11
    return rest != 10 and int(digits[9]) == rest % 11


def dni(number: str) -> bool:
    """A Spanish DNI or NIE with its letter: modulus 23 (Real Decreto 1553/2005; Orden INT/2058/2008)."""
    parts = _DNI.fullmatch(_plain(number))
    if parts is None or len(parts["head"] + parts["number"]) != 8:
        return False
    value = int(parts["head"].translate(str.maketrans("XYZ", "012")) + parts["number"])
    return parts["letter"] == _SPANISH_LETTERS[value % 23]


def nass(number: str) -> bool:
    """A Spanish social-security affiliation number: province, 8 digits, modulus 97 (RD 84/1996).

    A number below ten million is joined to the province without its leading zero.
    """
    digits = _digits(_plain(number).replace("/", ""), 12)
    if not digits:
        return False
    body = int(digits[2:10])
    joined = int(digits[:2]) * 10_000_000 + body if body < 10_000_000 else int(digits[:10])
    return joined % 97 == int(digits[10:])


def iban(number: str) -> bool:
    """An international bank account number: ISO 13616-1, modulus 97 (ISO/IEC 7064), its country's length."""
    plain = _plain(number)
    if not _IBAN.fullmatch(plain) or _IBAN_LENGTHS.get(plain[:2], len(plain)) != len(plain):
        return False
    return int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


def nino(number: str) -> bool:
    """A UK National Insurance number by form, without prefixes never issued (HMRC NIM39110)."""
    return _NINO.fullmatch(_plain(number)) is not None


def routing(number: str) -> bool:
    """An ABA routing number: nine digits weighted 3, 7, 1 (ANSI X9.100-161), a prefix in use."""
    digits = _digits(number, 9)
    if not digits or not (digits[:2] <= "12" or "21" <= digits[:2] <= "32" or "61" <= digits[:2] <= "72"):
        return False
    return sum(int(c) * w for c, w in zip(digits, (3, 7, 1) * 3, strict=True)) % 10 == 0
