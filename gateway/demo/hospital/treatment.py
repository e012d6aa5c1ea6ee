"""What is done about illness: medications, procedures and immunizations.

Law: a treatment follows from an illness that the patient has on that day, or from age. Imports: codes,
encounters, people, rows, visits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import count
from random import Random

from gateway.demo.hospital import codes as c
from gateway.demo.hospital.encounters import NOBODY
from gateway.demo.hospital.people import Person
from gateway.demo.hospital.rows import DAYS, FIRST_DAY, LAST_DAY, Value, key, perhaps, pick
from gateway.demo.hospital.visits import INPATIENT, Visit

# Illness -> what is prescribed for it, and to how many of those who have it.
LASTING = (
    (c.DIABETES, c.METFORMIN, 0.85), (c.DIABETES, c.STATIN, 0.45), (c.LIPIDS, c.STATIN, 0.65),
    (c.HYPERTENSION, c.LISINOPRIL, 0.55), (c.HYPERTENSION, c.AMLODIPINE, 0.35),
    (c.ASTHMA, c.SALBUTAMOL, 0.80), (c.ASTHMA, c.FLUTICASONE, 0.45), (c.COPD, c.SALBUTAMOL, 0.60),
    (c.HEART_FAILURE, c.FUROSEMIDE, 0.75), (c.HEART_FAILURE, c.METOPROLOL, 0.60),
    (c.FIBRILLATION, c.WARFARIN, 0.60), (c.DEPRESSION, c.SERTRALINE, 0.55),
)  # fmt: skip
PASSING = {
    c.BACK_PAIN: c.IBUPROFEN,
    c.ARTHROSIS: c.IBUPROFEN,
    c.FLU: c.PARACETAMOL,
    c.FRACTURE: c.PARACETAMOL,
}
# Reason of a visit -> what is done at it, and how often.
DONE = {
    c.FLU: (c.CHEST_FILM, 0.10), c.BRONCHITIS: (c.CHEST_FILM, 0.25), c.COPD: (c.SPIROMETRY, 0.35),
    c.ASTHMA: (c.SPIROMETRY, 0.45), c.ATTACK: (c.SPIROMETRY, 0.30), c.HEART_FAILURE: (c.ECHO, 0.50),
    c.FIBRILLATION: (c.ECG, 0.70), c.HYPERTENSION: (c.ECG, 0.15), c.DEPRESSION: (c.SCREENING, 0.50),
    c.KIDNEY: (c.DIALYSIS, 0.30), c.FRACTURE: (c.BONE_SETTING, 0.80),
}  # fmt: skip
_PRESCRIBED = {
    "active": 0.42, "completed": 0.46, "stopped": 0.07, "on-hold": 0.012, "cancelled": 0.015, "draft": 0.006,
    "unknown": 0.006, None: 0.006,
}  # fmt: skip
_INTENT = {
    "order": 0.90, "plan": 0.03, "proposal": 0.015, "original-order": 0.015, "reflex-order": 0.008,
    "filler-order": 0.01, "instance-order": 0.01, "option": 0.006, None: 0.006,
}  # fmt: skip
_PERFORMED = {
    "completed": 0.92, "not-done": 0.02, "in-progress": 0.015, "preparation": 0.012, "on-hold": 0.01,
    "stopped": 0.01, "unknown": 0.008, None: 0.008,
}  # fmt: skip
_GIVEN = {"completed": 0.96, "not-done": 0.03, None: 0.01}
# Vaccine, the bands that get it, and to how many of them it is given within the two years.
_BY_AGE = (
    (c.MEASLES, (0,), 0.12), (c.POLIO, (0,), 0.12), (c.TETANUS, (1, 2, 3, 4), 0.15),
    (c.PNEUMOCOCCAL, (4, 5), 0.25), (c.ZOSTER, (3, 4), 0.15),
)  # fmt: skip
_SHOTS = (0.35, 0.25, 0.35, 0.50, 0.70, 0.80)  # against influenza each autumn, by band


def medication_rows(draw: Random, who: Person, visits: Sequence[Visit]) -> Iterator[dict[str, Value]]:
    """Prescriptions for lasting illness, renewed about twice a year, and for passing complaints."""
    numbers = count()
    for illness, drug, share in LASTING:
        if who.has(illness) and draw.random() < share:
            for day in _renewals(draw, who, illness):
                yield _medication(draw, who, drug, day, None, next(numbers))
    for visit in visits:
        drug_for = PASSING.get(visit.reason or "")
        if drug_for is not None and draw.random() < 0.6:
            yield _medication(draw, who, drug_for, visit.start, visit.id, next(numbers))


def _renewals(draw: Random, who: Person, illness: str) -> Iterator[date]:
    """From the first treatment on, or from the first months that are told of."""
    begun = who.ill[illness] + timedelta(days=draw.randint(1, 14))
    if illness == c.DIABETES and who.glycaemia is not None:
        begun = who.glycaemia.treated
    day = max(begun, FIRST_DAY + timedelta(days=draw.randrange(120)))
    while day <= _last(who):
        yield day
        day += timedelta(days=draw.randint(160, 260))


def _last(who: Person) -> date:
    return LAST_DAY if who.died is None else who.died - timedelta(days=1)


def _medication(
    draw: Random, who: Person, drug: str, day: date, visit: str | None, number: int
) -> dict[str, Value]:
    """One prescription. Some came in from abroad, with ATC alone."""
    foreign = draw.random() < 0.02
    return {
        "patient_id": perhaps(draw, who.id, NOBODY),
        "medication_id": key("M", who.id, number),
        "encounter_id": visit,
        "code_system": c.ATC if foreign else c.RXNORM,
        "code": c.DRUGS[drug][1] if foreign else drug,
        "status": pick(draw, _PRESCRIBED),
        "intent": pick(draw, _INTENT),
        "authored_date": day,
    }


def procedure_rows(draw: Random, who: Person, visits: Sequence[Visit]) -> Iterator[dict[str, Value]]:
    """What is done at visits; for the older a colonoscopy, for the stays a look at the medications."""
    done: list[tuple[str, Visit]] = []
    for visit in visits:
        code, share = DONE.get(visit.reason or "", ("", 0.0))
        if draw.random() < share:
            done.append((code, visit))
        if visit.kind == INPATIENT and draw.random() < 0.5:
            done.append((c.RECONCILIATION, visit))
        if visit.kind == INPATIENT and visit.reason == c.FIBRILLATION and draw.random() < 0.3:
            done.append((c.ABLATION, visit))
        if visit.reason is None and who.band in (3, 4) and draw.random() < 0.15:
            done.append((c.COLONOSCOPY, visit))
    for number, (code, visit) in enumerate(done):
        yield {
            "patient_id": perhaps(draw, who.id, NOBODY),
            "procedure_id": key("R", who.id, number),
            "encounter_id": visit.id,
            "code_system": c.SNOMED,
            "code": code,
            "status": pick(draw, _PERFORMED),
            "start_date": visit.start,
            "end_date": visit.start,
        }


def immunization_rows(draw: Random, who: Person, visits: Sequence[Visit]) -> Iterator[dict[str, Value]]:
    """What was given until the patient's last day. Some is told of later, by the patient."""
    given = [(vaccine, day, None) for vaccine, day in _autumns(draw, who)]
    for number, (vaccine, day, visit) in enumerate([*given, *_once(draw, who, visits)]):
        if day <= _last(who):
            yield {
                "patient_id": perhaps(draw, who.id, NOBODY),
                "immunization_id": key("I", who.id, number),
                "encounter_id": visit,
                "code_system": c.CVX,
                "code": vaccine,
                "status": pick(draw, _GIVEN),
                "occurrence_date": day,
                "primary_source": perhaps(draw, draw.random() < 0.9, 0.01),
            }


def _autumns(draw: Random, who: Person) -> Iterator[tuple[str, date]]:
    """Against influenza, outside the hospital."""
    for year in (2024, 2025):
        if draw.random() < _SHOTS[who.band]:
            yield c.INFLUENZA, date(year, 10, 1) + timedelta(days=draw.randrange(60))


def _once(draw: Random, who: Person, visits: Sequence[Visit]) -> Iterator[tuple[str, date, str | None]]:
    """The others, by age: at a visit or outside the hospital."""
    for vaccine, bands, share in _BY_AGE:
        if who.band in bands and draw.random() < share:
            if visits and draw.random() < 0.5:
                visit = draw.choice(visits)
                yield vaccine, visit.start, visit.id
            else:
                yield vaccine, FIRST_DAY + timedelta(days=draw.randrange(DAYS)), None
