"""The true and the bounded answers to the walkthrough's questions, in plain Python from the FHIR export.

Law: independent of the gateway, of which nothing is imported. Run at the hospital, never for a partner:
`python docs/walkthroughs/fhir/truth.py FOLDER_OF_THE_EXPORT`. Imports: the standard library only.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HYPERTENSION, PREDIABETES = "38341003", "15777000"  # SNOMED CT
BODY_MASS_INDEX, SYSTOLIC = "39156-5", "8480-6"  # LOINC
CLASSES = ("AMB", "EMER", "IMP")

HEADER = ("| cell | truth | bounded truth | bias |", "|---|--:|--:|--:|")

Cell = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A condition, a measured value or an encounter, with what is known of its patient."""

    patient: str
    key: str
    sex: str
    age: int
    day: str
    code: str
    unit: str = ""
    value: float = 0.0


Tables = Mapping[str, list[Row]]


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question: its SQL, and the same thing said in Python.

    `figure` is patients, rows, mean or shares; `cohort` is a diagnosis that the patient must have; `shares`
    are the conditions on the last value, which then take the place of the cells.
    """

    name: str
    sql: str
    share: str
    figure: str
    table: str
    where: Callable[[Row], bool]
    cell: Callable[[Row], Cell] = lambda _row: ()
    max_groups: int = 3
    max_rows: int = 10
    bounds: tuple[float, float] = (0.0, 0.0)
    cohort: str = ""
    shares: Mapping[str, Callable[[float], bool]] | None = None


def _quarter(row: Row) -> str:
    return f"{row.day[:4]}-Q{(int(row.day[5:7]) + 2) // 3}"


def _people(name: str, code: str, sql: str) -> Question:
    return Question(
        name=f"people with {name}, by sex",
        sql=sql,
        share="5",
        figure="patients",
        table="conditions",
        where=lambda row: row.code == code,
        cell=lambda row: (row.sex,),
    )


def _encounters(first: str, last: str, share: str, sql: str, groups: int = 4, rows: int = 2) -> Question:
    return Question(
        name=f"encounters from {first} to {last}, by quarter and class",
        sql=sql,
        share=share,
        figure="rows",
        table="encounters",
        where=lambda row: first <= row.day <= last,
        cell=lambda row: (_quarter(row), row.code if row.code in CLASSES else "other"),
        max_groups=groups,
        max_rows=rows,
    )


# Only its estimate is asked for: the gateway warns that most people would be left out in part.
WARNED = _encounters(
    "2019-04-01",
    "2021-03-31",
    "24",
    "SELECT DATE_TRUNC('quarter', start_date, DATE '2019-04-01', DATE '2021-03-31') AS quarter, class, "
    "COUNT(*) AS encounters FROM encounters GROUP BY quarter, class",
    groups=3,
    rows=10,
)
QUESTIONS = (
    _people(
        "hypertension",
        HYPERTENSION,
        "SELECT patient.sex, COUNT(DISTINCT patient) AS patients FROM conditions "
        "WHERE code = '38341003' GROUP BY patient.sex",
    ),
    _people(
        "prediabetes",
        PREDIABETES,
        "SELECT patient.sex, COUNT(DISTINCT patient) AS patients FROM conditions "
        "WHERE code = '15777000' GROUP BY patient.sex",
    ),
    Question(
        name="mean body-mass index of adults in ten years, by sex and age",
        sql=(
            "SELECT patient.sex, BAND(AGE(effective_date), 45) AS age, AVG(CLAMP(value, 15, 45)) AS bmi "
            "FROM observations WHERE code = '39156-5' AND unit = 'kg/m2' "
            "AND effective_date >= DATE '2011-04-01' AND AGE(effective_date) >= 18 "
            "GROUP BY patient.sex, age OPTION (max_groups = 1, max_rows = 1)"
        ),
        share="20",
        figure="mean",
        table="observations",
        where=lambda row: (
            (row.code, row.unit) == (BODY_MASS_INDEX, "kg/m2") and row.day >= "2011-04-01" and row.age >= 18
        ),
        cell=lambda row: (row.sex, ">= 45" if row.age >= 45 else "< 45"),
        max_groups=1,
        max_rows=1,
        bounds=(15.0, 45.0),
    ),
    Question(
        name="share of people with hypertension by their last systolic pressure",
        sql=(
            "SELECT PROPORTION(value > 140, LAST(effective_date)) AS above_140, "
            "PROPORTION(value >= 160, LAST(effective_date)) AS from_160 "
            "FROM observations WHERE code = '8480-6' AND unit = 'mm[Hg]' "
            "AND patient IN (SELECT patient FROM conditions WHERE code = '38341003')"
        ),
        share="10",
        figure="shares",
        table="observations",
        where=lambda row: (row.code, row.unit) == (SYSTOLIC, "mm[Hg]"),
        cohort=HYPERTENSION,
        shares={"above_140": lambda value: value > 140, "from_160": lambda value: value >= 160},
    ),
    _encounters(
        "2019-04-01",
        "2020-03-31",
        "12",
        "SELECT DATE_TRUNC('quarter', start_date, DATE '2019-04-01', DATE '2020-03-31') AS quarter, class, "
        "COUNT(*) AS encounters FROM encounters "
        "GROUP BY quarter, class OPTION (max_groups = 4, max_rows = 2)",
    ),
    _encounters(
        "2020-04-01",
        "2021-03-31",
        "12",
        "SELECT DATE_TRUNC('quarter', start_date, DATE '2020-04-01', DATE '2021-03-31') AS quarter, class, "
        "COUNT(*) AS encounters FROM encounters "
        "GROUP BY quarter, class OPTION (max_groups = 4, max_rows = 2)",
    ),
)


def read(folder: Path) -> Tables:
    """The export: conditions, single measured values, and encounters."""
    people = {each["id"]: each for each in _resources(folder, "Patient")}

    def row(resource: Mapping[str, Any], key: str, day: str, code: str, **more: Any) -> Row:
        patient = resource["subject"]["reference"].removeprefix("Patient/")
        born = people[patient]["birthDate"]
        age = int(day[:4]) - int(born[:4]) - (day[5:10] < born[5:10])
        sex = people[patient]["gender"]
        return Row(patient=patient, key=key, sex=sex, age=age, day=day[:10], code=code, **more)

    return {
        "conditions": [
            row(each, each["id"], each["onsetDateTime"], each["code"]["coding"][0]["code"])
            for each in _resources(folder, "Condition")
        ],
        "observations": [
            row(
                each,
                key,
                each["effectiveDateTime"],
                part["code"]["coding"][0]["code"],
                unit=part["valueQuantity"].get("code", ""),
                value=float(part["valueQuantity"]["value"]),
            )
            for each in _resources(folder, "Observation")
            for key, part in _parts(each)
            if "value" in part.get("valueQuantity", {})
        ],
        "encounters": [
            row(each, each["id"], each["period"]["start"], each["class"]["code"])
            for each in _resources(folder, "Encounter")
        ],
    }


def _resources(folder: Path, kind: str) -> Iterator[Mapping[str, Any]]:
    with gzip.open(folder / f"{kind}.ndjson.gz", "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def _parts(observation: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The observation itself, and each of its components: a blood pressure has two."""
    yield observation["id"], observation
    for place, component in enumerate(observation.get("component", ())):
        yield f"{observation['id']}#{place}", component


def true_answers(tables: Tables, question: Question) -> Mapping[Cell, float]:
    """The exact answer from every row: cell to figure."""
    return _figures(question, _per_patient(tables, question))


def bounded_answers(tables: Tables, question: Question, salt: str = "") -> Mapping[Cell, float]:
    """The answer after bounding: what a release is drawn around.

    A patient's cells and rows are kept in the order of a digest. The gateway's digest is keyed with a
    secret of the site, so the kept rows differ, and each figure by a little; the bias is the same. Another
    `salt` keeps others.
    """
    low, high = question.bounds
    kept: dict[str, dict[Cell, list[Row]]] = {}
    for patient, cells in _per_patient(tables, question).items():
        first = sorted(cells, key=lambda cell: _order(salt, patient, cell))[: question.max_groups]
        # A proportion takes the last row itself, so that no rows are drawn.
        most = None if question.shares else question.max_rows
        kept[patient] = {
            cell: sorted(cells[cell], key=lambda row: _order(salt, patient, row.key))[:most] for cell in first
        }
    return _figures(question, kept, (lambda value: min(max(value, low), high)) if low < high else float)


def _per_patient(tables: Tables, question: Question) -> Mapping[str, Mapping[Cell, list[Row]]]:
    cohort = {row.patient for row in tables["conditions"] if row.code == question.cohort}
    grouped: dict[str, dict[Cell, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in tables[question.table]:
        if question.where(row) and (not question.cohort or row.patient in cohort):
            grouped[row.patient][question.cell(row)].append(row)
    return grouped


def _order(salt: str, *names: object) -> bytes:
    return hashlib.sha256(repr((salt, *names)).encode()).digest()


def _figures(
    question: Question,
    patients: Mapping[str, Mapping[Cell, list[Row]]],
    clamped: Callable[[float], float] = float,
) -> Mapping[Cell, float]:
    members: dict[Cell, list[list[Row]]] = defaultdict(list)
    for cells in patients.values():
        for cell, kept in cells.items():
            members[cell].append(kept)
    if question.shares is not None:
        last = [max(kept, key=lambda row: row.day).value for kept in members[()]]
        return {(name,): _mean(map(met, last)) for name, met in question.shares.items()}
    if question.figure == "patients":
        return {cell: len(kept) for cell, kept in members.items()}
    rows = {cell: [row for part in kept for row in part] for cell, kept in members.items()}
    if question.figure == "rows":
        return {cell: len(part) for cell, part in rows.items()}
    return {cell: _mean(clamped(row.value) for row in part) for cell, part in rows.items()}


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed)


def shown(question: Question, figure: float) -> str:
    """A figure as the page shows it."""
    if question.figure == "shares":
        return f"{100 * figure:.1f} %"
    return f"{figure:.1f}" if question.figure == "mean" else f"{figure:.0f}"


def main() -> None:
    """Print a Markdown table per question."""
    tables = read(Path(sys.argv[1]))
    for question in (*QUESTIONS, WARNED):
        truth, bounded = true_answers(tables, question), bounded_answers(tables, question)
        lines = ["", f"**{question.name}**", "", *HEADER]
        for cell in sorted(truth):
            kept = bounded.get(cell, 0.0)
            bias = 100 * (kept / truth[cell] - 1)
            figures = f"{shown(question, truth[cell])} | {shown(question, kept)}"
            lines.append(f"| {', '.join(cell)} | {figures} | {bias:+.1f} % |")
        if question.figure == "rows":
            all_rows, left = sum(truth.values()), sum(bounded.values())
            lines.append(f"| together | {all_rows} | {left} | {100 * (left / all_rows - 1):+.1f} % |")
        sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
