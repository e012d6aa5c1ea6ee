"""The demo's questions, in the order in which they are asked.

Law: what the SQL says, the fields beside it say in plain Python. Imports: demo.asked, demo.hospital,
demo.truth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.demo.asked import MOST_ROWS, DemoQuestion, Figures
from gateway.demo.hospital.codes import DIABETES, FLU, HBA1C, HUNTINGTON, STATIN
from gateway.demo.hospital.rows import LAST_DAY, Hospital, Row
from gateway.demo.truth import age, as_text, band, mean_by, patients_by, quarter, share_of_last

EDGES = (18, 50, 65, 80)


def _sex(patient: Row) -> str:
    return as_text(patient["sex"]) or "missing"


def _by_sex(row: Row, patient: Row) -> Sequence[str]:
    return (_sex(patient),)


def _by_sex_and_age(row: Row, patient: Row) -> Sequence[str]:
    return _sex(patient), *_by_age_at_the_end(row, patient)


def _by_age_at_the_end(row: Row, patient: Row) -> Sequence[str]:
    return (band(age(patient["birth_date"], LAST_DAY), *EDGES),)


def _by_quarter(row: Row, patient: Row) -> Sequence[str]:
    return (quarter(row["start_date"]),)


def _with(hospital: Hospital, table: str, code: str) -> frozenset[object]:
    """The patients who have a row with a code."""
    return frozenset(row["patient_id"] for row in hospital.tables[table] if row["code"] == code)


def _diabetic(hospital: Hospital) -> Callable[[Row], bool]:
    has = _with(hospital, "conditions", DIABETES)
    return lambda row: row["patient_id"] in has


def _untreated(hospital: Hospital) -> Callable[[Row], bool]:
    has = _with(hospital, "conditions", DIABETES)
    takes = _with(hospital, "medications", STATIN)
    return lambda row: row["patient_id"] in has and row["patient_id"] not in takes


def _mean_value(rows: list[Row], key: str) -> Figures:
    return mean_by(rows, key, "value")


def _well(row: Row) -> bool:
    value = row["value"]
    return isinstance(value, int | float) and value < 7.5


def _last_well(rows: list[Row], key: str) -> Figures:
    return share_of_last(rows, key, "effective_date", _well)


def _in_last_winter(row: Row) -> bool:
    return row["reason_code"] == FLU and quarter(row["start_date"]) == "2025-Q1"


def _measured(row: Row) -> bool:
    return row["code"] == HBA1C and row["unit"] == "%" and row["value"] is not None


QUESTIONS = (
    DemoQuestion(
        words="Patients with an inpatient stay, by sex and by age at the end of 2025",
        sql=(
            "SELECT patient.sex, BAND(AGE(DATE '2025-12-31'), 18, 50, 65, 80) AS age, "
            "COUNT(DISTINCT patient) AS patients FROM encounters WHERE class = 'IMP' "
            "GROUP BY patient.sex, age OPTION (max_groups = 1, max_rows = 1)"
        ),
        share=15,
        table="encounters",
        row_key="encounter_id",
        title="sex, age",
        where=lambda row: row["class"] == "IMP",
        keys=_by_sex_and_age,
        measure=patients_by,
        max_groups=1,
        max_rows=1,
        counts_patients=True,
    ),
    DemoQuestion(
        words="Mean HbA1c of patients with type 2 diabetes, by sex",
        sql=(
            "SELECT patient.sex, AVG(CLAMP(value, 4, 12)) AS percent FROM observations "
            "WHERE code = '4548-4' AND unit = '%' "
            "AND patient IN (SELECT patient FROM conditions WHERE code = '44054006') "
            "GROUP BY patient.sex OPTION (max_groups = 1, max_rows = 2)"
        ),
        share=10,
        table="observations",
        row_key="observation_id",
        title="sex",
        where=_measured,
        cohort=_diabetic,
        keys=_by_sex,
        measure=_mean_value,
        bounds={"value": (4, 12)},
        max_groups=1,
        max_rows=2,
    ),
    DemoQuestion(
        words="Patients with type 2 diabetes who were never prescribed a statin, by age",
        sql=(
            "SELECT BAND(AGE(DATE '2025-12-31'), 18, 50, 65, 80) AS age, COUNT(DISTINCT patient) AS patients "
            "FROM patients "
            "WHERE patient IN (SELECT patient FROM conditions WHERE code = '44054006') "
            "AND patient NOT IN (SELECT patient FROM medications WHERE code = '312961') GROUP BY age"
        ),
        share=15,
        table="patients",
        row_key="record_id",
        title="age",
        where=lambda row: True,
        cohort=_untreated,
        keys=_by_age_at_the_end,
        measure=patients_by,
        max_groups=1,
        max_rows=1,
        counts_patients=True,
    ),
    DemoQuestion(
        words="Of the patients with type 2 diabetes, whose last HbA1c was below 7.5 %, by sex",
        sql=(
            "SELECT patient.sex, PROPORTION(value < 7.5, LAST(effective_date)) AS controlled "
            "FROM observations WHERE code = '4548-4' AND unit = '%' AND value IS NOT NULL "
            "AND patient IN (SELECT patient FROM conditions WHERE code = '44054006') "
            "GROUP BY patient.sex OPTION (max_groups = 1)"
        ),
        share=10,
        table="observations",
        row_key="observation_id",
        title="sex",
        where=_measured,
        cohort=_diabetic,
        keys=_by_sex,
        measure=_last_well,
        max_groups=1,
        max_rows=MOST_ROWS,
        percent=True,
    ),
    DemoQuestion(
        words="Patients who came with influenza-like illness, by quarter, one quarter of each patient",
        sql=(
            "SELECT DATE_TRUNC('quarter', start_date, DATE '2024-01-01', DATE '2025-12-31') AS quarter, "
            "COUNT(DISTINCT patient) AS patients FROM encounters WHERE reason_code = '95891005' "
            "GROUP BY quarter OPTION (max_groups = 1, max_rows = 1)"
        ),
        share=12,
        table="encounters",
        row_key="encounter_id",
        title="quarter",
        where=lambda row: row["reason_code"] == FLU,
        keys=_by_quarter,
        measure=patients_by,
        max_groups=1,
        max_rows=1,
        biased=True,
        lesson="Who was ill in several quarters counts in one of them. So the bounded truth lies below the "
        "truth, and no interval covers that.",
    ),
    DemoQuestion(
        words="The remedy, a short range: patients with influenza-like illness in the first quarter of 2025",
        sql=(
            "SELECT COUNT(DISTINCT patient) AS patients FROM encounters "
            "WHERE reason_code = '95891005' "
            "AND start_date BETWEEN DATE '2025-01-01' AND DATE '2025-03-31'"
        ),
        share=5,
        table="encounters",
        row_key="encounter_id",
        title="",
        where=_in_last_winter,
        measure=patients_by,
        max_groups=1,
        max_rows=1,
    ),
    DemoQuestion(
        words="Patients with Huntington's disease",
        sql=("SELECT COUNT(DISTINCT patient) AS patients FROM conditions WHERE code = '58756001'"),
        share=3,
        table="conditions",
        row_key="condition_id",
        title="",
        where=lambda row: row["code"] == HUNTINGTON,
        measure=patients_by,
        max_groups=1,
        max_rows=1,
        lesson="So few that the answer is suppressed; that it is, says no more than this.",
    ),
)

# A column that no grant names, and one question more than the budget covers.
FORBIDDEN_SQL = (
    "SELECT patient.race, COUNT(DISTINCT patient) AS patients FROM conditions GROUP BY patient.race"
)
SPENDING_SQL = "SELECT class, COUNT(DISTINCT patient) AS patients FROM encounters GROUP BY class"
SPENDING_SHARE = 20
ONE_TOO_MANY_SQL = "SELECT status, COUNT(DISTINCT patient) AS patients FROM medications GROUP BY status"
ONE_TOO_MANY_SHARE = 25
