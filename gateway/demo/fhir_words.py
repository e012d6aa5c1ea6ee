"""The parts that FHIR resources are built of: codings, references, quantities, dates.

Law: what a row does not say is left out; nothing is made up. Imports: demo.hospital, the standard library.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from gateway.demo.hospital.codes import ATC, DIAGNOSES, DRUGS, ICD10CM, RXNORM, SNOMED
from gateway.demo.hospital.rows import Row, Value

Content = dict[str, Any]
HL7 = "http://terminology.hl7.org/CodeSystem/"
UCUM = "http://unitsofmeasure.org"
_MORNING = "T09:30:00-05:00"


def said(**members: Any) -> Content:
    """The members that say something."""
    return {name: value for name, value in members.items() if value is not None}


def concept(system: Value, code: Value) -> Content | None:
    """A CodeableConcept of one coding."""
    return None if code is None else {"coding": [said(system=system, code=code)]}


def coded(row: Row, code: str = "code", system: str = "code_system") -> Content | None:
    """The concept of a row, with ICD-10-CM or ATC beside its code where the code has a like there."""
    found, of = row[code], row[system]
    beside: Content | None = None
    if of == SNOMED and found in DIAGNOSES:
        beside = {"system": ICD10CM, "code": DIAGNOSES[str(found)][1]}
    if of == RXNORM and found in DRUGS:
        beside = {"system": ATC, "code": DRUGS[str(found)][1]}
    own = concept(of, found)
    if own is not None and beside is not None:
        own["coding"].append(beside)
    return own


def reference(kind: str, key: Value) -> Content | None:
    """A reference to a resource by its type and id."""
    return None if key is None else {"reference": f"{kind}/{key}"}


def moment(day: Value) -> str | None:
    """A day with a time of it and its time zone, as instants are written."""
    return f"{day.isoformat()}{_MORNING}" if isinstance(day, date) else None


def written(day: Value) -> str | None:
    """A day alone."""
    return day.isoformat() if isinstance(day, date) else None


def quantity(row: Row, *, spelled: bool) -> Content | None:
    """The value with its unit: in UCUM, or as some laboratories spell it, without a code."""
    if row["value"] is None:
        return None
    unit = row["unit"]
    if spelled and unit == "mm[Hg]":
        return {"value": row["value"], "unit": "mmHg"}
    return said(value=row["value"], comparator=row["comparator"], unit=unit, system=UCUM, code=unit)
