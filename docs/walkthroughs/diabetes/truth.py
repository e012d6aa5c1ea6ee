"""The true and the bounded answers to the walkthrough's questions, in plain Python from the CSV file.

Law: independent of the gateway, of which nothing is imported. Run at the hospital, never for a partner:
`python docs/walkthroughs/diabetes/truth.py FOLDER_OF_THE_DATA`. Imports: the standard library only.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

Row = Mapping[str, str]
MAX_GROUPS, MAX_ROWS = 2, 3  # as in policies/datasets/encounters.yaml

RACES = ("AfricanAmerican", "Asian", "Caucasian", "Hispanic")
DISCHARGES = ("1", "2", "3", "4", "5", "6", "7", "11", "13", "14", "18", "22", "23")


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question: its SQL, and the same thing said in Python. `figure` is patients, rows or mean."""

    name: str
    sql: str
    share: str
    figure: str
    cell: Callable[[Row], str]
    where: Callable[[Row], bool] = lambda row: True


def _sex(row: Row) -> str:
    return {"Female": "female", "Male": "male"}.get(row["gender"], "other")


def _race(row: Row) -> str:
    value = row["race"]
    return "missing" if value in ("", "?") else value if value in RACES else "Other"


def _discharge(row: Row) -> str:
    value = row["discharge_disposition_id"]
    return value if value in DISCHARGES else "other"


QUESTIONS = (
    Question(
        name="patients readmitted within 30 days, by age band",
        sql=(
            "SELECT age, COUNT(DISTINCT patient_id) AS patients FROM encounters "
            "WHERE readmitted = '<30' GROUP BY age"
        ),
        share="5",
        figure="patients",
        cell=lambda row: row["age"],
        where=lambda row: row["readmitted"] == "<30",
    ),
    Question(
        name="mean time in hospital, by sex",
        sql="SELECT sex, AVG(time_in_hospital) AS days FROM encounters GROUP BY sex",
        share="3",
        figure="mean",
        cell=_sex,
    ),
    Question(
        name="mean time in hospital, by discharge disposition",
        sql="SELECT discharge, AVG(time_in_hospital) AS days FROM encounters GROUP BY discharge",
        share="20",
        figure="mean",
        cell=_discharge,
    ),
    Question(
        name="encounters with a change of insulin, by race",
        sql=(
            "SELECT race, COUNT(*) AS encounters FROM encounters "
            "WHERE insulin IN ('Up', 'Down') GROUP BY race"
        ),
        share="25",
        figure="rows",
        cell=_race,
        where=lambda row: row["insulin"] in ("Up", "Down"),
    ),
)


def read(folder: Path) -> list[Row]:
    """The published file, one mapping per encounter."""
    with gzip.open(folder / "diabetic_data.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def true_answers(rows: list[Row], question: Question) -> Mapping[str, float]:
    """The exact answer from every row: cell to figure."""
    return _figures(question, _per_patient(rows, question))


def bounded_answers(rows: list[Row], question: Question) -> Mapping[str, float]:
    """The answer after bounding: what a release is drawn around.

    A patient's cells and rows are kept in the order of a digest. The gateway's digest is keyed with a
    secret of the site, so the kept rows differ, and each figure by a little; the bias is the same.
    """
    kept = {
        patient: {
            cell: sorted(cells[cell], key=lambda row: _order(patient, row["encounter_id"]))[:MAX_ROWS]
            for cell in sorted(cells, key=lambda cell: _order(patient, cell))[:MAX_GROUPS]
        }
        for patient, cells in _per_patient(rows, question).items()
    }
    return _figures(question, kept)


Cells = Mapping[str, list[Row]]


def _per_patient(rows: list[Row], question: Question) -> Mapping[str, Cells]:
    grouped: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if question.where(row):
            grouped[row["patient_nbr"]][question.cell(row)].append(row)
    return grouped


def _order(patient: str, name: str) -> bytes:
    return hashlib.sha256(f"{patient}|{name}".encode()).digest()


def _figures(question: Question, patients: Mapping[str, Cells]) -> Mapping[str, float]:
    members: dict[str, list[list[Row]]] = defaultdict(list)
    for cells in patients.values():
        for cell, kept in cells.items():
            members[cell].append(kept)
    if question.figure == "patients":
        return {cell: len(kept) for cell, kept in members.items()}
    rows = {cell: [row for part in kept for row in part] for cell, kept in members.items()}
    if question.figure == "rows":
        return {cell: len(part) for cell, part in rows.items()}
    return {
        cell: sum(int(row["time_in_hospital"]) for row in part) / len(part) for cell, part in rows.items()
    }


def main() -> None:
    """Print a Markdown table per question."""
    rows = read(Path(sys.argv[1]))
    for question in QUESTIONS:
        truth, bounded = true_answers(rows, question), bounded_answers(rows, question)
        digits = 2 if question.figure == "mean" else 0
        lines = [
            "",
            f"**{question.name}**",
            "",
            "| cell | truth | bounded truth | bias |",
            "|---|--:|--:|--:|",
        ]
        for cell in sorted(truth, key=lambda name: (name.isalpha(), len(name), name)):
            bias = 100 * (bounded[cell] / truth[cell] - 1)
            lines.append(
                f"| {cell} | {truth[cell]:.{digits}f} | {bounded[cell]:.{digits}f} | {bias:+.1f} % |"
            )
        sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
