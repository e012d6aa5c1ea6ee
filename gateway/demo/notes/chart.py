"""The person that a note is about, and everything of them that is on record.

Law: what is here is what the site's record knows; who is met along the way is not. Imports: the standard library.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

_V2 = "http://terminology.hl7.org/CodeSystem/v2-0203"
Content = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A name in its parts, and how it is written in full."""

    given: str
    family: str
    middle: str = ""
    full: str = ""

    @property
    def text(self) -> str:
        """Given and family name, or as the language joins them."""
        return self.full or f"{self.given} {self.family}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """An address."""

    line: str
    city: str
    state: str
    zip: str
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A patient on record. `identifiers` are values by type of HL7 v2 table 0203."""

    id: str
    name: Name
    maiden: Name | None
    female: bool
    birth: date
    today: date
    home: Home
    phone: str
    email: str
    identifiers: Mapping[str, str]
    relation: str
    relative: Name
    relative_phone: str
    practitioner: Name
    hospital: str

    @property
    def age(self) -> int:
        """Completed years."""
        before = (self.today.month, self.today.day) < (self.birth.month, self.birth.day)
        return self.today.year - self.birth.year - before


def patient_resource(chart: Chart) -> Content:
    """The record as a FHIR R4 Patient, with its identifying elements."""
    names: list[Content] = [_human(chart.name, "official")]
    if chart.maiden is not None:
        names.append(_human(chart.maiden, "maiden"))
    return {
        "resourceType": "Patient",
        "id": chart.id,
        "identifier": [
            {"type": {"coding": [{"system": _V2, "code": code}]}, "value": value}
            for code, value in chart.identifiers.items()
        ],
        "name": names,
        "telecom": [
            {"system": "phone", "value": chart.phone, "use": "home"},
            {"system": "email", "value": chart.email},
        ],
        "gender": "female" if chart.female else "male",
        "birthDate": chart.birth.isoformat(),
        "address": [
            {
                "line": [chart.home.line],
                "city": chart.home.city,
                "state": chart.home.state,
                "postalCode": chart.home.zip,
                "country": chart.home.country,
            }
        ],
        "contact": [
            {
                "relationship": [{"text": chart.relation}],
                "name": _human(chart.relative, "usual"),
                "telecom": [{"system": "phone", "value": chart.relative_phone}],
            }
        ],
        "generalPractitioner": [{"display": chart.practitioner.text}],
        "managingOrganization": {"display": chart.hospital},
    }


def _human(name: Name, use: str) -> Content:
    given = [name.given, *([name.middle] if name.middle else [])]
    return {"use": use, "text": name.text, "family": name.family, "given": given}
