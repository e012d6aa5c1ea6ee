"""Visits and diagnoses as rows: the encounters and the conditions tables.

Law: what a diagnosis says follows from the visits and the illnesses; a few rows are as untidy as real ones.
Imports: codes, people, rows, visits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random

from gateway.demo.hospital.codes import (
    CHECK_UP,
    DIAGNOSES,
    EMERGENCY,
    FOLLOW_UP,
    ICD10CM,
    INPATIENT,
    PROBLEM,
    SNOMED,
    TELEMEDICINE,
)
from gateway.demo.hospital.people import Person
from gateway.demo.hospital.rows import LAST_DAY, Value, key, perhaps, pick
from gateway.demo.hospital.visits import AMBULATORY, Visit
from gateway.demo.hospital.visits import EMERGENCY as EMER
from gateway.demo.hospital.visits import INPATIENT as IMP

NOBODY = 0.002  # rows that lost their patient
_CLASSES = {
    AMBULATORY: {AMBULATORY: 0.92, "VR": 0.04, "HH": 0.02, "FLD": 0.006, "PRENC": 0.006, None: 0.008},
    EMER: {EMER: 0.95, "OBSENC": 0.04, None: 0.01},
    IMP: {IMP: 0.93, "ACUTE": 0.025, "NONAC": 0.02, "SS": 0.02, None: 0.005},
}
_STATUS = {
    "finished": 0.965, "cancelled": 0.008, "planned": 0.004, "arrived": 0.004, "triaged": 0.004,
    "in-progress": 0.005, "onleave": 0.003, "unknown": 0.004, None: 0.003,
}  # fmt: skip
_SOURCES = {
    "emd": 0.42, "gp": 0.24, "outp": 0.12, "hosp-trans": 0.06, "nursing": 0.05, "mp": 0.03, "psych": 0.02,
    "rehab": 0.02, "born": 0.01, "other": 0.02, None: 0.01,
}  # fmt: skip
_TO = {
    "home": 0.70, "alt-home": 0.04, "long": 0.04, "snf": 0.07, "rehab": 0.05, "other-hcf": 0.03, "hosp": 0.03,
    "aadvice": 0.01, "psy": 0.01, None: 0.02,
}  # fmt: skip
_VERIFIED = {
    "confirmed": 0.93, "provisional": 0.025, "unconfirmed": 0.015, "differential": 0.01, "refuted": 0.01,
    None: 0.01,
}  # fmt: skip
_LASTING = {
    "active": 0.93,
    "recurrence": 0.02,
    "relapse": 0.015,
    "remission": 0.02,
    "inactive": 0.01,
    None: 0.005,
}


def encounter_row(draw: Random, who: Person, visit: Visit) -> dict[str, Value]:
    """One visit. Where it came from and led to is told of stays alone."""
    stay = visit.kind == IMP
    shown = pick(draw, _CLASSES[visit.kind])
    died = who.died is not None and stay and (who.died - visit.end).days <= 1
    return {
        "patient_id": perhaps(draw, who.id, NOBODY),
        "encounter_id": visit.id,
        "status": pick(draw, _STATUS),
        "class": shown,
        "type_system": SNOMED,
        "type_code": _type(visit, shown),
        "start_date": visit.start,
        "end_date": perhaps(draw, visit.end, 0.01),
        "reason_system": None if visit.reason is None else SNOMED,
        "reason_code": visit.reason,
        "admit_source": pick(draw, _SOURCES) if stay else None,
        "discharge": None if not stay else "exp" if died else pick(draw, _TO),
    }


def _type(visit: Visit, shown: str | None) -> str:
    if visit.kind != AMBULATORY:
        return INPATIENT if visit.kind == IMP else EMERGENCY
    if shown == "VR":
        return TELEMEDICINE
    if visit.reason is None:
        return CHECK_UP
    return FOLLOW_UP if visit.reason in DIAGNOSES else PROBLEM


def condition_rows(draw: Random, who: Person, visits: Sequence[Visit]) -> Iterator[dict[str, Value]]:
    """The problem list, of which a few stand twice, and a diagnosis for each visit with another reason."""
    number = 0
    for code, onset in who.ill.items():
        seen = next((visit for visit in visits if visit.start >= onset), None)
        for _ in range(2 if draw.random() < 0.05 else 1):
            yield _row(draw, who, code, onset, number, seen, lasting=True)
            number += 1
    for visit in visits:
        if visit.reason is not None and visit.reason not in who.ill:
            begun = visit.start - timedelta(days=draw.randrange(4))
            yield _row(draw, who, visit.reason, begun, number, visit, lasting=False)
            number += 1


def _row(
    draw: Random, who: Person, code: str, onset: date, number: int, seen: Visit | None, *, lasting: bool
) -> dict[str, Value]:
    """One diagnosis. Some were taken over from elsewhere, coded in ICD-10-CM alone."""
    foreign = draw.random() < 0.03
    recorded = onset if seen is None or (lasting and onset < seen.start) else seen.start
    over = onset + timedelta(days=draw.randint(3, 40))
    listed = "problem-list-item" if lasting else "encounter-diagnosis"
    ended = not lasting and over <= LAST_DAY
    return {
        "patient_id": perhaps(draw, who.id, NOBODY),
        "condition_id": key("C", who.id, number),
        "encounter_id": None if seen is None or lasting else seen.id,
        "category": perhaps(draw, listed, 0.01),
        "code_system": ICD10CM if foreign else SNOMED,
        "code": DIAGNOSES[code][1] if foreign else code,
        "clinical_status": "resolved" if ended else pick(draw, _LASTING),
        "verification_status": pick(draw, _VERIFIED),
        "onset_date": perhaps(draw, onset, 0.03),
        "abatement_date": over if ended else None,
        "recorded_date": recorded,
    }
