"""The demo's questions, each with its truth in plain Python.

Law: a truth is computed from the planted rows, by `truth`, never by asking an engine.
Imports: demo.hospital, demo.truth.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateway.demo.hospital import HYPERTENSION, Hospital, Row
from gateway.demo.truth import bounded, mean_by, patients_by, rows_by

Figures = Mapping[str, float]
Measured = Callable[[list[Row], str], Figures]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoQuestion:
    """One question: in words, in SQL, what it may cost, and how its truth is counted.

    `share` is percent of the agreement's cap; `key` the grouping column. The SQL's OPTION keeps one group a
    patient (who has one sex and one age band here): less noise, and the bias of it stands beside.
    `max_groups` and `max_rows` say the same to the bounded truth.
    `counts_patients` marks figures that noise must move, so that its absence can be noticed.
    """

    words: str
    sql: str
    share: int
    table: str
    key: str
    row_key: str
    where: Callable[[Row], bool]
    measure: Callable[[list[Row], str], Figures]
    bounds: Mapping[str, tuple[float, float]]
    max_groups: int
    max_rows: int
    counts_patients: bool = False

    def truth(self, hospital: Hospital) -> Figures:
        """The plain truth, as a statistician with all the data would tell it."""
        return self.measure(self._rows(hospital), self.key)

    def bounded_truth(self, hospital: Hospital) -> Figures:
        """The figure that the release is drawn around: contributions bounded, values clamped."""
        kept = bounded(
            self._rows(hospital),
            self.key,
            row_key=self.row_key,
            max_groups=self.max_groups,
            max_rows=self.max_rows,
            bounds=self.bounds,
        )
        return self.measure(kept, self.key)

    def _rows(self, hospital: Hospital) -> list[Row]:
        return [row for row in hospital.tables[self.table] if self.where(row)]


def _mean_stay(rows: list[Row], key: str) -> Figures:
    return mean_by(rows, key, "length_of_stay")


QUESTIONS = (
    DemoQuestion(
        words="Patients with an inpatient stay, by age band",
        sql="SELECT age_band, COUNT(DISTINCT patient_id) AS patients FROM encounters "
        "WHERE class = 'IMP' GROUP BY age_band OPTION (max_groups = 1, max_rows = 1)",
        share=15,
        table="encounters",
        key="age_band",
        row_key="encounter_id",
        where=lambda row: row["class"] == "IMP",
        measure=patients_by,
        bounds={},
        max_groups=1,
        max_rows=1,
        counts_patients=True,
    ),
    DemoQuestion(
        words="Mean length of an inpatient stay in days, by region",
        sql="SELECT region, AVG(length_of_stay) AS days FROM encounters WHERE class = 'IMP' GROUP BY region",
        share=20,
        table="encounters",
        key="region",
        row_key="encounter_id",
        where=lambda row: row["class"] == "IMP",
        measure=_mean_stay,
        bounds={"length_of_stay": (0, 30)},
        max_groups=1,
        max_rows=2,
    ),
    DemoQuestion(
        words="Adults with hypertension, by sex",
        sql=f"SELECT sex, COUNT(DISTINCT patient_id) AS patients FROM conditions "  # noqa: S608 - a constant
        f"WHERE code = '{HYPERTENSION}' GROUP BY sex OPTION (max_groups = 1, max_rows = 1)",
        share=15,
        table="conditions",
        key="sex",
        row_key="condition_id",
        where=lambda row: row["code"] == HYPERTENSION and row["age_band"] != "0-17",
        measure=patients_by,
        bounds={},
        max_groups=1,
        max_rows=1,
        counts_patients=True,
    ),
    DemoQuestion(
        words="Emergency encounters, by age band",
        sql="SELECT age_band, COUNT(*) AS encounters FROM encounters "
        "WHERE class = 'EMER' GROUP BY age_band OPTION (max_groups = 1, max_rows = 3)",
        share=20,
        table="encounters",
        key="age_band",
        row_key="encounter_id",
        where=lambda row: row["class"] == "EMER",
        measure=rows_by,
        bounds={},
        max_groups=1,
        max_rows=3,
    ),
)

# A column that no grant names, and one question more than the budget covers.
FORBIDDEN_SQL = "SELECT region, COUNT(DISTINCT patient_id) AS patients FROM observations GROUP BY region"
ONE_TOO_MANY_SQL = (
    "SELECT sex, COUNT(DISTINCT patient_id) AS patients FROM encounters WHERE class = 'AMB' GROUP BY sex"
)
ONE_TOO_MANY_SHARE = 25
SPENDING_SQL = (
    "SELECT region, COUNT(DISTINCT patient_id) AS patients FROM encounters "
    "WHERE class = 'EMER' GROUP BY region"
)
SPENDING_SHARE = 20
