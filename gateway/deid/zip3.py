"""US ZIP codes cut to three digits, and the areas too small for that.

Law: anything but a US ZIP code is left to be redacted (None).
Source of the areas: HHS Office for Civil Rights, Guidance Regarding Methods for De-identification of
Protected Health Information in Accordance with the HIPAA Privacy Rule (26 November 2012), on ZIP codes: the
17 areas of three digits in which 20,000 people or fewer lived at the Census of 2000.
May import: the standard library, domain words.
"""

from __future__ import annotations

import re
import unicodedata

from gateway.domain.deid import PatientRecord

RESTRICTED = frozenset(
    map("{:03d}".format, (36, 59, 63, 102, 203, 556, 692, 790, 821, 823, 830, 831, 878, 879, 884, 890, 893))
)
_ZIP = re.compile(r"(\d{3})\d{2}(?:[-\s]?\d{4})?")
_US = frozenset({"us", "usa", "united states", "united states of america"})


def three_digits(text: str, language: str, record: PatientRecord) -> str | None:
    """The first three digits, 000 in a restricted area; None for what is no US code.

    Other countries write five digits too. A code of the record is of its address's country; else an English
    text is taken to mean the US, and no other.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    found = _ZIP.fullmatch(plain)
    if found is None or not plain.isascii():
        return None
    countries = {
        address.country.strip().casefold()
        for address in record.addresses
        if address.country and address.postal_code[:5] == plain[:5]
    }
    if not (countries <= _US if countries else language == "en"):
        return None
    return "000" if found[1] in RESTRICTED else found[1]
