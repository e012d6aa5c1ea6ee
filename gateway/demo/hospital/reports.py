"""Reports of laboratories, imaging and other services: the diagnostic_reports table.

Law: a report belongs to a visit, and its conclusion speaks of the reason of that visit. Imports: codes,
encounters, people, rows, visits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from random import Random

from gateway.demo.hospital.codes import BRONCHITIS, DIAGNOSES, FIBRILLATION, FLU, FRACTURE, LOINC, REPORTS
from gateway.demo.hospital.encounters import NOBODY
from gateway.demo.hospital.people import Person
from gateway.demo.hospital.rows import Value, key, perhaps, pick
from gateway.demo.hospital.visits import AMBULATORY, INPATIENT, Visit

_SERVICES = {
    "LAB": 0.26, "CH": 0.22, "HM": 0.14, "RAD": 0.10, "CT": 0.04, "NMR": 0.03, "RUS": 0.04, "MB": 0.04,
    "SP": 0.02, "CP": 0.02, "GE": 0.01, "EC": 0.03, "IMM": 0.01, "SR": 0.01, "TX": 0.01, "OTH": 0.01,
}  # fmt: skip
_WANTED = {FLU: "MB", BRONCHITIS: "RAD", FRACTURE: "RAD", FIBRILLATION: "EC"}
_STATUS = {
    "final": 0.925, "amended": 0.012, "corrected": 0.012, "appended": 0.01, "preliminary": 0.012,
    "partial": 0.01, "registered": 0.007, "cancelled": 0.006, "unknown": 0.006, None: 0.006,
}  # fmt: skip


def report_rows(draw: Random, who: Person, visits: Sequence[Visit]) -> Iterator[dict[str, Value]]:
    """One for many visits, two for most stays."""
    number = 0
    for visit in visits:
        services = []
        if visit.reason in _WANTED and draw.random() < 0.4:
            services.append(_WANTED[visit.reason])
        services += [pick(draw, _SERVICES) for _ in range(2) if draw.random() < _often(visit)]
        for service in services:
            yield _row(draw, who, visit, service, number)
            number += 1


def _often(visit: Visit) -> float:
    return {AMBULATORY: 0.18, INPATIENT: 0.75}.get(visit.kind, 0.3)


def _row(draw: Random, who: Person, visit: Visit, service: str, number: int) -> dict[str, Value]:
    day = visit.start + timedelta(days=draw.randint(0, visit.nights))
    asked = "general check" if visit.reason is None else DIAGNOSES[visit.reason][0]
    return {
        "patient_id": perhaps(draw, who.id, NOBODY),
        "report_id": key("D", who.id, number),
        "encounter_id": visit.id,
        "category": perhaps(draw, service, 0.006),
        "code_system": LOINC,
        "code": REPORTS[service],
        "status": pick(draw, _STATUS),
        "effective_date": day,
        "issued_date": day + timedelta(days=draw.randrange(3)),
        "conclusion": perhaps(draw, f"Asked about {asked}. Findings as discussed with the ward.", 0.2),
    }
