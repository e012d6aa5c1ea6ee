"""Numbers that identify: record, insurance, telephone and other numbers, and the forms they are written in.

Law: telephone numbers are of the ranges kept for fiction where there is one. Imports: the standard library only.
"""

from __future__ import annotations

import string
from random import Random

_VIN_VALUES = dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", (*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)), strict=True)
)
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"


def digits(draw: Random, count: int) -> str:
    """So many digits, the first of them not 0."""
    return draw.choice("123456789") + "".join(draw.choices(string.digits, k=count - 1))


def formed(draw: Random, form: str) -> str:
    """A form with `9` for a digit and `A` for a capital letter."""
    made = (
        draw.choice(string.digits)
        if sign == "9"
        else draw.choice("ABCDEFGHJKLMNPRTUVWXYZ")
        if sign == "A"
        else sign
        for sign in form
    )
    return "".join(made)


def us_phone(draw: Random, area: str) -> str:
    """Ten digits, of the exchange kept for fiction."""
    return f"{area}55501{draw.randrange(100):02d}"


def us_phone_written(draw: Random, phone: str, style: int | None = None) -> str:
    """Ten digits as people write them."""
    a, b, c = phone[:3], phone[3:6], phone[6:]
    forms = (
        f"({a}) {b}-{c}", f"{a}-{b}-{c}", f"{a}.{b}.{c}", f"{a} {b} {c}", f"({a}){b}-{c}", f"+1 {a} {b} {c}",
        f"1-{a}-{b}-{c}", phone, f"{a}/{b}-{c}", f"{b}-{c}",
    )  # fmt: skip
    return forms[style] if style is not None else draw.choices(forms, (30, 30, 10, 5, 8, 4, 4, 4, 3, 5))[0]


def ssn(draw: Random) -> str:
    """A social security number, as nine digits."""
    return f"{draw.randint(100, 664)}{draw.randint(10, 99)}{draw.randint(1000, 9999)}"


def ssn_written(draw: Random, number: str) -> str:
    """Nine digits with dashes, spaces or neither."""
    a, b, c = number[:3], number[3:5], number[5:]
    return draw.choices((f"{a}-{b}-{c}", f"{a} {b} {c}", number), (80, 10, 10))[0]


def npi(draw: Random) -> str:
    """A national provider identifier with its check digit (45 CFR 162.406; Luhn over 80840 and nine digits)."""
    body = draw.choice("12") + "".join(draw.choices(string.digits, k=8))
    return body + str(_luhn("80840" + body))


def _luhn(body: str) -> int:
    total = 0
    for place, digit in enumerate(reversed(body)):
        doubled = int(digit) * (2 - place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return -total % 10


def dea(draw: Random, family: str) -> str:
    """A registration of the Drug Enforcement Administration, with its check digit."""
    body = digits(draw, 6)
    odd, even = sum(int(d) for d in body[::2]), sum(int(d) for d in body[1::2])
    first = next((c for c in family.upper() if c in string.ascii_uppercase), "X")
    return f"{draw.choice('ABFM')}{first}{body}{(odd + 2 * even) % 10}"


def vin(draw: Random) -> str:
    """A vehicle identification number with its check digit (49 CFR 565.15)."""
    letters = list(formed(draw, "9AAAA99A0AA999999"))
    letters = [letter if letter in _VIN_VALUES or letter.isdigit() else "H" for letter in letters]
    total = sum((_VIN_VALUES.get(c) or int(c)) * w for c, w in zip(letters, _VIN_WEIGHTS, strict=True))
    letters[8] = "X" if total % 11 == 10 else str(total % 11)
    return "".join(letters)


def udi(draw: Random) -> str:
    """A unique device identification in GS1's form: the device, its lot and serial number."""
    return f"(01){formed(draw, '00999999999999')}(21){formed(draw, 'A9999999')}"


def nhs(draw: Random) -> str:
    """A number of the English health service, with its check digit (modulus 11)."""
    while True:
        body = digits(draw, 9)
        check = 11 - sum(int(d) * w for d, w in zip(body, range(10, 1, -1), strict=True)) % 11
        if check != 10:
            return body + str(check % 11)


def dni(draw: Random) -> str:
    """A Spanish identity number with its letter (modulus 23)."""
    number = draw.randint(10_000_000, 79_999_999)
    return f"{number}{_DNI_LETTERS[number % 23]}"


def nie(draw: Random) -> str:
    """A Spanish number for foreigners with its letter; X, Y, Z count as 0, 1, 2."""
    place, number = draw.randrange(3), draw.randint(1_000_000, 9_999_999)
    return f"{'XYZ'[place]}{number}{_DNI_LETTERS[int(f'{place}{number}') % 23]}"


def resident_number(draw: Random, area: str, birth: str, *, female: bool) -> str:
    """A Chinese resident identity number (GB 11643): area, day of birth, order, check by ISO 7064 MOD 11-2."""
    order = draw.randrange(1, 499) * 2 + (0 if female else 1)
    body = f"{area}{birth}{order:03d}"
    total = sum(int(d) * (2 ** (17 - place) % 11) for place, d in enumerate(body))
    return body + "10X98765432"[total % 11]


def ip(draw: Random) -> str:
    """An address of the blocks kept for documentation (RFC 5737)."""
    return f"{draw.choice(('192.0.2', '198.51.100', '203.0.113'))}.{draw.randint(2, 250)}"
