"""A small hospital for the policies beside, whose tables repeat the patient's attributes in each row.

Law: the same seed gives the same rows, whatever the machine, the day or the order of calls; nothing
here stems from a real person or from any data set. The rates below are invented round figures, shaped
like a general hospital's so that answers read plausibly; they are not findings.
Imports: the standard library only.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

Value = str | int | float | bool | date | None
Row = Mapping[str, Value]

SEXES = ("female", "male", "other", "unknown")
AGE_BANDS = ("0-17", "18-34", "35-49", "50-64", "65-79", "80+")
REGIONS = ("north", "south", "east", "west")
CLASSES = ("AMB", "EMER", "IMP")  # HL7 v3 ActCode

HYPERTENSION, DIABETES, ASTHMA = "38341003", "44054006", "195967001"  # SNOMED CT
COPD, HEART_FAILURE = "13645005", "84114007"
OTHER_CONDITIONS = ("279039007", "396275006", "35489007", "40055000")  # outside the declared domain

BODY_MASS_INDEX, SYSTOLIC, HBA1C = "39156-5", "8480-6", "4548-4"  # LOINC
BODY_WEIGHT = "29463-7"  # outside the declared domain
COLUMN_OF = {SYSTOLIC: "systolic_bp", BODY_MASS_INDEX: "body_mass_index", HBA1C: "hba1c"}

FIRST_DAY = date(2024, 1, 1)
DAYS = 730
READMISSION_DAYS = 30
DEFAULT_PATIENTS = 6000

_SEX_WEIGHTS = (0.505, 0.470, 0.010, 0.015)
_BAND_WEIGHTS = (0.17, 0.22, 0.19, 0.19, 0.16, 0.07)
_BAND_AGES = ((0, 17), (18, 34), (35, 49), (50, 64), (65, 79), (80, 97))
_REGION_WEIGHTS = (0.30, 0.25, 0.20, 0.25)
# Prevalence per age band, in the order of AGE_BANDS.
_PREVALENCE = {
    HYPERTENSION: (0.002, 0.04, 0.16, 0.36, 0.56, 0.64),
    DIABETES: (0.002, 0.012, 0.045, 0.12, 0.20, 0.19),
    ASTHMA: (0.09, 0.08, 0.07, 0.06, 0.06, 0.05),
    COPD: (0.0, 0.002, 0.01, 0.05, 0.11, 0.13),
    HEART_FAILURE: (0.0, 0.001, 0.006, 0.02, 0.07, 0.16),
}
_VISITS = (1.5, 1.4, 1.7, 2.3, 3.2, 3.8)  # encounters in the two years, before illness adds to them


@dataclass(frozen=True, slots=True, kw_only=True)
class Hospital:
    """Everything planted, as plain rows: one mapping per row, column name to value, None for missing."""

    seed: int
    encounters: Sequence[Row]
    conditions: Sequence[Row]
    observations: Sequence[Row]

    @property
    def tables(self) -> Mapping[str, Sequence[Row]]:
        """The rows of each dataset, by the dataset's name."""
        return {
            "encounters": self.encounters,
            "conditions": self.conditions,
            "observations": self.observations,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Patient:
    id: str
    sex: str
    band: int
    age: int
    region: str
    conditions: frozenset[str]

    def has(self, code: str) -> bool:
        return code in self.conditions

    def attributes(self, draw: random.Random) -> dict[str, Value]:
        """The columns that every table repeats. A few rows lost their patient or a region."""
        return {
            "patient_id": None if draw.random() < 0.002 else self.id,
            "sex": self.sex,
            "age_band": AGE_BANDS[self.band],
            "region": None if draw.random() < 0.01 else self.region,
        }


def build(seed: int, *, patients: int = DEFAULT_PATIENTS) -> Hospital:
    """Draw a hospital of so many patients; two years from 2024-01-01, about 2.5 encounters a patient.

    A few per cent of the rows are as untidy as real ones: missing values, codes outside the declared
    categories, values outside the declared bounds, rows without a patient.
    """
    draw = random.Random(seed)
    people = [_patient(draw, number) for number in range(1, patients + 1)]
    return Hospital(
        seed=seed,
        encounters=_numbered("encounter_id", "E", (row for p in people for row in _encounters(draw, p))),
        conditions=_numbered("condition_id", "C", (row for p in people for row in _conditions(draw, p))),
        observations=_numbered(
            "observation_id", "O", (row for p in people for row in _observations(draw, p))
        ),
    )


def write_csv(hospital: Hospital, folder: Path) -> tuple[Path, ...]:
    """Write `encounters.csv`, `conditions.csv` and `observations.csv` (UTF-8, header, missing is empty)."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, rows in hospital.tables.items():
        path = folder / f"{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows({column: as_text(value) for column, value in row.items()} for row in rows)
        written.append(path)
    return tuple(written)


def as_text(value: Value) -> str:
    """A value as the source files spell it: empty for missing, `true`/`false`, ISO dates."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


def _numbered(key: str, letter: str, rows: Iterator[dict[str, Value]]) -> tuple[Row, ...]:
    """Give each row its own key, as second column after the patient."""
    numbered = []
    for number, row in enumerate(rows, start=1):
        patient = row.pop("patient_id")
        numbered.append({"patient_id": patient, key: f"{letter}{number:07d}", **row})
    return tuple(numbered)


def _patient(draw: random.Random, number: int) -> _Patient:
    band = draw.choices(range(len(AGE_BANDS)), _BAND_WEIGHTS)[0]
    return _Patient(
        id=f"P{number:06d}",
        sex=draw.choices(SEXES, _SEX_WEIGHTS)[0],
        band=band,
        age=draw.randint(*_BAND_AGES[band]),
        region=draw.choices(REGIONS, _REGION_WEIGHTS)[0],
        conditions=_chronic(draw, band),
    )


def _chronic(draw: random.Random, band: int) -> frozenset[str]:
    """Chronic illness by age; hypertension makes diabetes likelier, and both make heart failure likelier."""
    ill: set[str] = set()
    for code, rates in _PREVALENCE.items():
        rate = rates[band]
        if code == DIABETES and HYPERTENSION in ill:
            rate *= 1.7
        if code == HEART_FAILURE:
            rate *= 1.0 + 0.5 * (HYPERTENSION in ill) + 0.6 * (DIABETES in ill)
        if draw.random() < rate:
            ill.add(code)
    return frozenset(ill)


def _encounters(draw: random.Random, patient: _Patient) -> Iterator[dict[str, Value]]:
    """The patient's encounters in order of time; what follows a stay starts after its discharge."""
    stays = _stays(draw, patient)
    for index, (day, kind, nights) in enumerate(stays):
        # A readmission is an inpatient stay that starts within 30 days of an inpatient discharge.
        readmitted = kind == "IMP" and any(
            later_kind == "IMP" and 0 <= later - (day + nights) <= READMISSION_DAYS
            for later, later_kind, _ in stays[index + 1 :]
        )
        yield patient.attributes(draw) | {
            "class": _untidy_class(draw, kind),
            "start": FIRST_DAY + timedelta(days=day),
            "length_of_stay": None if draw.random() < 0.015 else nights,
            "readmitted_30d": readmitted,
            "charge": None if draw.random() < 0.02 else _charge(draw, kind, nights),
        }


def _stays(draw: random.Random, patient: _Patient) -> list[tuple[int, str, int]]:
    """(day, class, nights) of each encounter: ordinary ones at exponential gaps, and returns after stays."""
    rate = (_VISITS[patient.band] + 0.7 * len(patient.conditions)) / DAYS
    frail = 0.07 + 0.10 * patient.has(HEART_FAILURE) + 0.06 * patient.has(COPD) + 0.02 * (patient.band >= 4)
    stays: list[tuple[int, str, int]] = []
    day = int(draw.expovariate(rate))
    while day < DAYS:
        kind = _class(draw, patient)
        nights = _nights(draw, patient, kind)
        stays.append((day, kind, nights))
        end = day + nights
        if kind == "IMP" and draw.random() < frail:
            back = end + draw.randint(1, READMISSION_DAYS)
            nights = _nights(draw, patient, "IMP")
            stays.append((back, "IMP", nights))
            end = back + nights
        day = end + 1 + int(draw.expovariate(rate))
    return [stay for stay in stays if stay[0] < DAYS]


def _class(draw: random.Random, patient: _Patient) -> str:
    inpatient = 0.10 + 0.05 * len(patient.conditions) + 0.02 * patient.band
    emergency = 0.20 - 0.01 * patient.band
    return draw.choices(CLASSES, (1 - inpatient - emergency, emergency, inpatient))[0]


def _untidy_class(draw: random.Random, kind: str) -> str | None:
    """Some ambulatory encounters carry a code outside the declared three; some rows carry none."""
    if kind == "AMB" and draw.random() < 0.03:
        return draw.choice(("VR", "HH"))
    return None if draw.random() < 0.01 else kind


def _nights(draw: random.Random, patient: _Patient, kind: str) -> int:
    """Days in hospital; inpatient stays are log-normal, longer with age and illness, a few beyond 30."""
    if kind == "AMB":
        return 0
    if kind == "EMER":
        return int(draw.random() < 0.15)
    burden = 1.0 + 0.08 * patient.band + 0.35 * patient.has(HEART_FAILURE) + 0.2 * patient.has(COPD)
    return max(1, min(90, round(burden * draw.lognormvariate(0.95, 0.75))))


def _charge(draw: random.Random, kind: str, nights: int) -> float:
    """US dollars, to the cent; long stays pass the declared bound of 20,000."""
    if kind == "AMB":
        return round(draw.lognormvariate(5.1, 0.5), 2)
    if kind == "EMER":
        return round(draw.lognormvariate(6.6, 0.5) + 600 * nights, 2)
    return round(draw.lognormvariate(7.6, 0.4) + nights * draw.uniform(700, 1500), 2)


def _conditions(draw: random.Random, patient: _Patient) -> Iterator[dict[str, Value]]:
    """One row per chronic condition, some recorded twice, and passing complaints beside them."""
    codes: list[str] = []
    for code in sorted(patient.conditions):
        codes += [code] * (2 if draw.random() < 0.06 else 1)
    codes += [code for code in OTHER_CONDITIONS if draw.random() < 0.05]
    for recorded in codes:
        yield patient.attributes(draw) | {
            "code": None if draw.random() < 0.01 else recorded,
            "onset": None
            if draw.random() < 0.03
            else FIRST_DAY + timedelta(days=draw.randint(-3650, DAYS - 1)),
            "active": None if draw.random() < 0.01 else draw.random() < (0.45 if recorded == ASTHMA else 0.9),
        }


def _observations(draw: random.Random, patient: _Patient) -> Iterator[dict[str, Value]]:
    """Zero to several measurements of each kind; the ill are measured more often."""
    for code, rate in (
        (BODY_MASS_INDEX, 0.8),
        (SYSTOLIC, 0.9 + 1.2 * patient.has(HYPERTENSION)),
        (HBA1C, 0.25 + 1.9 * patient.has(DIABETES)),
    ):
        day = draw.expovariate(rate / DAYS)
        while day < DAYS:
            yield _observation(draw, patient, code, FIRST_DAY + timedelta(days=int(day)))
            day += draw.expovariate(rate / DAYS)


def _observation(draw: random.Random, patient: _Patient, code: str, when: date) -> dict[str, Value]:
    """One measurement: its own column filled, the two others empty."""
    row: dict[str, Value] = patient.attributes(draw) | {"code": code}
    row |= dict.fromkeys(COLUMN_OF.values())
    if draw.random() < 0.02:
        row["code"] = BODY_WEIGHT  # measured, but not a figure that this table has a column for
    elif draw.random() >= 0.015:
        row[COLUMN_OF[code]] = _measured(draw, patient, code)
    return row | {"effective": when}


def _measured(draw: random.Random, patient: _Patient, code: str) -> float:
    """kg/m2, mm[Hg] or per cent, with one decimal place."""
    if code == BODY_MASS_INDEX:
        usual = 18.0 if patient.band == 0 else 26.3 + 2.8 * patient.has(DIABETES)
        return round(max(10.0, draw.gauss(usual, 4.3)), 1)
    if code == SYSTOLIC:
        usual = 108 + 0.25 * patient.age + 14 * patient.has(HYPERTENSION)
        return round(max(60.0, draw.gauss(usual, 13)), 1)
    usual, spread = (7.5, 1.2) if patient.has(DIABETES) else (5.4, 0.35)
    return round(max(3.5, draw.gauss(usual, spread)), 1)
