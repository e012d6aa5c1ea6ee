"""What is measured: vital signs, laboratory, findings. The observations table.

Law: a value follows from the patient's illness, age and treatment on that day, and some noise; a few values
are missing, beyond what can be, or in another spelling. Imports: codes, encounters, people, rows, visits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import count
from random import Random

from gateway.demo.hospital import codes as c
from gateway.demo.hospital.encounters import NOBODY
from gateway.demo.hospital.people import Person
from gateway.demo.hospital.rows import FIRST_DAY, LAST_DAY, Value, key, perhaps, pick
from gateway.demo.hospital.visits import EMERGENCY, INPATIENT, Visit

_STATUS = {
    "final": 0.955, "amended": 0.01, "corrected": 0.01, "preliminary": 0.012, "registered": 0.005,
    "unknown": 0.004, None: 0.004,
}  # fmt: skip
_LIMITS = {"<": 0.92, "<=": 0.08}
_BEYOND = {">": 0.7, ">=": 0.3}
Measured = tuple[str, date, str | None]  # LOINC code, day, encounter


def observation_rows(draw: Random, who: Person, visits: Sequence[Visit]) -> Iterator[dict[str, Value]]:
    """Every measurement of a patient; a blood pressure is two rows of one resource."""
    numbers = count()
    for visit in visits:
        for code in _at_visit(draw, who, visit):
            name = key("O", who.id, next(numbers))
            if code == c.PANEL:
                yield from _pressure(draw, who, visit, name)
            else:
                yield _row(draw, who, (code, visit.start, visit.id), name)
    for day in _sugar_days(draw, who):
        yield _row(draw, who, (c.HBA1C, day, None), key("O", who.id, next(numbers)))
    if who.band > 0 and draw.random() < 0.5:
        yield _smoking(draw, who, key("O", who.id, next(numbers)), visits)


def _at_visit(draw: Random, who: Person, visit: Visit) -> Iterator[str]:
    """What is measured at a visit: a share of the usual, and what the illness asks for."""
    chances = [(c.PANEL, 0.5), (c.BODY_MASS_INDEX, 0.35), (c.HEART_RATE, 0.25)]
    if visit.reason in (c.FLU, c.BRONCHITIS):
        chances += [(c.TEMPERATURE, 0.8), (c.CRP, 0.4)]
    if visit.kind == EMERGENCY:
        chances += [(c.COMA, 0.15)]
    if visit.kind == INPATIENT:
        chances += [(c.CREATININE, 0.7), (c.FILTRATION, 0.5), (c.OXYGEN, 0.1), (c.CRP, 0.4)]
    for code, illness, share in (
        (c.CREATININE, c.KIDNEY, 0.6),
        (c.LDL, c.LIPIDS, 0.4),
        (c.EJECTION, c.HEART_FAILURE, 0.3),
        (c.EXPIRED, c.ASTHMA, 0.3),
        (c.MOOD, c.DEPRESSION, 0.6),
        (c.STEPS, c.HYPERTENSION, 0.03),
    ):
        if who.has(illness, visit.start):
            chances.append((code, share))
    for code, share in chances:
        if draw.random() < share:
            yield code


def _sugar_days(draw: Random, who: Person) -> Iterator[date]:
    """Diabetics are measured every three to five months from the onset on, some others once."""
    last = LAST_DAY if who.died is None else who.died - timedelta(days=1)
    if who.glycaemia is None:
        if draw.random() < 0.12:
            yield FIRST_DAY + timedelta(days=draw.randrange(0, max(1, (last - FIRST_DAY).days)))
        return
    day = max(FIRST_DAY + timedelta(days=draw.randrange(100)), who.ill[c.DIABETES])
    while day <= last:
        yield day
        day += timedelta(days=draw.randint(90, 150))


def _pressure(draw: Random, who: Person, visit: Visit, name: str) -> Iterator[dict[str, Value]]:
    """The two rows of a blood pressure: what is not the value stands in the resource, and is the same."""
    upper = _row(draw, who, (c.SYSTOLIC, visit.start, visit.id), f"{name}#1")
    lower = _row(draw, who, (c.DIASTOLIC, visit.start, visit.id), f"{name}#2")
    yield upper
    yield upper | {name: lower[name] for name in ("observation_id", "code", "unit", "value")}


def _row(draw: Random, who: Person, measured: Measured, name: str) -> dict[str, Value]:
    code, day, visit = measured
    unit, category, _ = c.MEASURES[code]
    value: float | None = perhaps(draw, _value(draw, who, code, day), 0.01)
    comparator = None
    if code == c.CRP and value is not None and value < 5:
        value, comparator = 5.0, pick(draw, _LIMITS)
    elif code == c.FILTRATION and value is not None and value > 90:
        value, comparator = 90.0, pick(draw, _BEYOND)
    elif code == c.HBA1C and value is not None and draw.random() < 0.003:
        value *= 10  # a point that was lost in typing: beyond the declared bounds
    return {
        "patient_id": perhaps(draw, who.id, NOBODY),
        "observation_id": name,
        "encounter_id": visit,
        "category": perhaps(draw, category, 0.005),
        "status": pick(draw, _STATUS),
        "code_system": c.LOINC,
        "code": code,
        "effective_date": day,
        "comparator": comparator,
        "unit": None if value is None else unit,
        "value_system": None,
        "value_code": None,
        "value": None if value is None else round(value, 1),
    }


def _smoking(draw: Random, who: Person, name: str, visits: Sequence[Visit]) -> dict[str, Value]:
    """The smoking status, which is a code and no number."""
    weights = {c.NEVER_SMOKED: 0.58, c.FORMER_SMOKER: 0.26, c.SMOKER: 0.16 + 0.3 * who.has(c.COPD)}
    day = visits[0].start if visits else FIRST_DAY
    row = _row(draw, who, (c.SMOKING, day, visits[0].id if visits else None), name)
    return row | {"unit": None, "value": None, "value_system": c.SNOMED, "value_code": pick(draw, weights)}


def _value(draw: Random, who: Person, code: str, day: date) -> float:
    """The patient's usual value on that day, and noise; in the unit of the code."""
    usual, spread = _usual(who, code, day)
    low = {c.COMA: 3.0, c.OXYGEN: 1.0, c.MOOD: 0.0, c.CRP: 0.0}.get(code, usual / 3)
    value = max(low, draw.gauss(usual, spread))
    if code in (c.COMA, c.MOOD, c.STEPS, c.HEART_RATE, c.SYSTOLIC, c.DIASTOLIC, c.OXYGEN):
        value = float(round(value))
    return min(value, 15.0) if code == c.COMA else value


def _usual(who: Person, code: str, day: date) -> tuple[float, float]:
    age = who.age(day)
    pressed, failing = who.has(c.HYPERTENSION, day), who.has(c.KIDNEY, day)
    sugar = (5.4, 0.3) if who.glycaemia is None else (who.glycaemia.at(day), 0.35)
    table = {
        c.SYSTOLIC: (104 + 0.28 * age + 14 * pressed, 12.0),
        c.DIASTOLIC: (66 + 0.1 * age + 7 * pressed, 8.0),
        c.BODY_MASS_INDEX: (17.5 if who.band == 0 else 26.2 + 2.8 * who.has(c.DIABETES), 4.2),
        c.HEART_RATE: (92.0 - min(age, 20), 10.0),
        c.TEMPERATURE: (38.4, 0.6),
        c.HBA1C: sugar,
        c.CREATININE: (0.9 + 1.1 * failing, 0.2),
        c.FILTRATION: (105 - 0.55 * age - 30 * failing, 9.0),
        c.LDL: (118.0 + 22 * who.has(c.LIPIDS), 28.0),
        c.CRP: (28.0, 26.0),
        c.EJECTION: (42.0, 9.0),
        c.EXPIRED: (2.9 - 0.012 * age, 0.5),
        c.MOOD: (11.0, 4.5),
        c.COMA: (14.6, 1.2),
        c.OXYGEN: (3.0, 1.5),
        c.STEPS: (5600.0, 1800.0),
        c.SMOKING: (0.0, 0.0),
    }
    return table[code]
