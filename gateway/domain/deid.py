"""De-identification's words: identifiers found in a text, the patient's own record, profiles, outcomes.

Offsets are code points of the text as it was given, half-open. A span never holds its text.
Imports: the standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum


class IdentifierType(StrEnum):
    """What a span identifies by; after 45 CFR 164.514(b)(2)(i) (A) to (R), and China's GB/T 39725."""

    NAME = "NAME"  # of anybody: patient, relative, staff
    DATE = "DATE"  # any date more precise than a year, and a year beside a day's words
    AGE = "AGE"  # an age over 89
    LOCATION = "LOCATION"  # city, county, district, village, landmark; a state or country alone is none
    STREET = "STREET"
    ZIP = "ZIP"  # any postal code
    ORGANIZATION = "ORGANIZATION"  # hospital, practice, employer, school
    PHONE = "PHONE"
    FAX = "FAX"
    EMAIL = "EMAIL"
    URL = "URL"
    IP = "IP"
    SSN = "SSN"
    MRN = "MRN"  # medical record, visit and accession numbers
    HEALTH_PLAN = "HEALTH_PLAN"
    ACCOUNT = "ACCOUNT"
    LICENSE = "LICENSE"  # driving licence, NPI, DEA, registration of staff
    VEHICLE = "VEHICLE"
    DEVICE = "DEVICE"
    NATIONAL_ID = "NATIONAL_ID"  # of other countries: resident identity number, NIE, health-service number
    PASSPORT = "PASSPORT"
    ID = "ID"  # any other unique number or code


DIRECT = frozenset(IdentifierType) - {
    IdentifierType.DATE,
    IdentifierType.AGE,
    IdentifierType.LOCATION,
    IdentifierType.ZIP,
    IdentifierType.ORGANIZATION,
}
"""Types that point at one person by themselves: one of them left in a text is a leak of the document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One identifier. `source` names the detector: record, pattern, model or propagated."""

    start: int
    end: int
    type: IdentifierType
    score: float  # 0 to 1
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HumanName:
    """A name after FHIR R4 HumanName: given names in order, family names whole; either may be empty."""

    given: tuple[str, ...] = ()
    family: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """A number or code of the patient and what it is."""

    type: IdentifierType
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """After FHIR R4 Address. `line` are street lines."""

    line: tuple[str, ...] = ()
    city: str = ""
    district: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PatientRecord:
    """What a site's own record says of a patient, as far as it could stand in a note; never in a repr."""

    names: tuple[HumanName, ...] = ()  # of the patient, maiden and earlier names too
    others: tuple[HumanName, ...] = ()  # relatives, contacts, the care team
    gender: str = ""  # FHIR administrative gender
    birth_date: date | None = None
    birth_month: tuple[int, int] | None = None  # (year, month) of birth where the day is not known
    dates: tuple[date, ...] = ()  # other days of the record: death, admissions
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    addresses: tuple[Address, ...] = ()
    organizations: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()


NO_RECORD = PatientRecord()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One text to de-identify. `subject` names the patient for keyed transforms, and may be empty.

    `realm` names whom the text goes to and what for: what keys make in one realm tells nothing in another.

    `language` is BCP 47's primary subtag, or empty where it must be found out. `context` are structured
    columns that go with the text, by name, and leave under the same profile: (kind, value) where kind is
    an IdentifierType, or None for a value that no profile changes.
    """

    id: str
    text: str = field(repr=False)
    language: str = ""
    subject: str = field(default="", repr=False)
    realm: str = ""
    record: PatientRecord | None = field(default=None, repr=False)
    context: Mapping[str, tuple[IdentifierType | None, str]] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deidentified:
    """What may leave. `spans` have offsets of the text as given, `text` and `context` are transformed."""

    id: str
    text: str = field(repr=False)
    spans: tuple[Span, ...]
    language: str
    context: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """A text that does not leave, and the stable reason; nothing of the text is in it."""

    id: str
    reason: str


Outcome = Deidentified | Withheld


class Method(StrEnum):
    """What becomes of an identifier."""

    KEEP = "keep"
    REDACT = "redact"  # [DATE]
    SURROGATE = "surrogate"  # a realistic one of the same type
    SHIFT = "shift"  # dates: by the patient's own number of days
    YEAR = "year"  # dates: the year alone
    ZIP3 = "zip3"  # postal codes: three digits, 000 where few people live
    AGE90 = "age90"  # ages: 90+ over 89
    PSEUDONYM = "pseudonym"  # keyed HMAC, the same for the same value
    TOKEN = "token"  # noqa: S105 - AES-GCM, reversible with the site's key


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A de-identification profile as compiled. Types not named in `methods` are redacted.

    `per_patient`: surrogates and shifts are the same in all documents of a patient; else fresh in each
    document. A document in a language that is not listed is withheld. `thresholds`: the least score of
    the model by type; `threshold` holds for the rest.
    """

    name: str
    title: str
    languages: frozenset[str]
    methods: Mapping[IdentifierType, Method]
    per_patient: bool
    threshold: Decimal
    thresholds: Mapping[IdentifierType, Decimal] = field(default_factory=dict)
    digest: str = ""  # SHA-256 (hex) of the file's bytes

    def method(self, kind: IdentifierType) -> Method:
        """What becomes of a type."""
        return self.methods.get(kind, Method.REDACT)

    @property
    def keyed(self) -> bool:
        """Whether the site's key is needed."""
        keyed = {Method.SURROGATE, Method.SHIFT, Method.PSEUDONYM, Method.TOKEN}
        return any(method in keyed for method in self.methods.values())
