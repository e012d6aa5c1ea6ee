"""The true answers to the questions, at each hospital and at both, in plain Python from the files.

Law: independent of the gateway, of which nothing is imported. Run where both hospitals' data may be seen,
which nobody in earnest could: `python docs/walkthroughs/two-hospitals/truth.py FOLDER_OF_THE_DATA`. All
questions count patients, each in one group, so that bounding takes nothing away and the bounded truth is the
truth. Imports: the standard library only.
"""

from __future__ import annotations

import csv
import gzip
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

HYPERTENSION, PREDIABETES, DIABETES = "38341003", "15777000", "44054006"  # SNOMED CT
SYSTOLIC = "8480-6"  # LOINC
HOSPITALS = {"north-hospital": "R4", "south-hospital": "STU3"}
DAY = "2020-01-01"


@dataclass(slots=True, kw_only=True)
class Person:
    """A patient of one hospital: what the questions ask about."""

    hospital: str
    sex: str
    born: str
    died: str
    diagnoses: set[str] = field(default_factory=set)
    highest: float = 0.0  # systolic pressure, mm[Hg]

    @property
    def age(self) -> int:
        """In completed years on the day of the question."""
        return int(DAY[:4]) - int(self.born[:4]) - (DAY[5:] < self.born[5:10])


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question: its SQL, and the same thing said in Python."""

    name: str
    sql: str
    share: str
    cell: Callable[[Person], str]
    where: Callable[[Person], bool]


def _band(person: Person) -> str:
    return "< 45" if person.age < 45 else "[45, 65)" if person.age < 65 else ">= 65"


QUESTIONS = (
    Question(
        name="people living with hypertension, by age on 1 January 2020",
        sql=(
            "SELECT BAND(AGE(DATE '2020-01-01'), 45, 65) AS age, COUNT(DISTINCT patient) AS patients "
            "FROM patients WHERE death_date IS NULL "
            "AND patient IN (SELECT patient FROM conditions WHERE code = '38341003') GROUP BY age"
        ),
        share="10",
        cell=_band,
        where=lambda person: not person.died and HYPERTENSION in person.diagnoses,
    ),
    Question(
        name="people with prediabetes and no diabetes, by sex",
        sql=(
            "SELECT sex, COUNT(DISTINCT patient) AS patients FROM patients "
            "WHERE patient IN (SELECT patient FROM conditions WHERE code = '15777000') "
            "AND patient NOT IN (SELECT patient FROM conditions WHERE code = '44054006') GROUP BY sex"
        ),
        share="10",
        cell=lambda person: person.sex,
        where=lambda person: PREDIABETES in person.diagnoses and DIABETES not in person.diagnoses,
    ),
    Question(
        name="people with hypertension who ever had a systolic pressure of 160 or more, by sex",
        sql=(
            "SELECT patient.sex, COUNT(DISTINCT patient) AS patients FROM observations "
            "WHERE code = '8480-6' AND unit = 'mm[Hg]' AND value >= 160 "
            "AND patient IN (SELECT patient FROM conditions WHERE code = '38341003') GROUP BY patient.sex"
        ),
        share="10",
        cell=lambda person: person.sex,
        where=lambda person: HYPERTENSION in person.diagnoses and person.highest >= 160,
    ),
)


def read(folder: Path) -> list[Person]:
    """The published files, as people."""
    people = {
        row["id"]: Person(
            hospital=row["set"], sex=row["gender"], born=row["birthDate"], died=row["deathDate"]
        )
        for row in _rows(folder, "patients")
    }
    for row in _rows(folder, "conditions"):
        people[row["patient"]].diagnoses.add(row["code"])
    for row in _rows(folder, "observations"):
        if row["code"] == SYSTOLIC and row["unit"] in ("mmHg", "mm[Hg]"):
            person = people[row["patient"]]
            person.highest = max(person.highest, float(row["value"]))
    return list(people.values())


def _rows(folder: Path, table: str) -> list[dict[str, str]]:
    with gzip.open(folder / f"{table}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def true_answers(people: list[Person], question: Question) -> Mapping[str, Mapping[str, int]]:
    """Cell to hospital to figure; the third hospital is `both`."""
    names = {name: site for site, name in HOSPITALS.items()}
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for person in people:
        if question.where(person):
            found[question.cell(person)].update([names[person.hospital], "both"])
    return found


def main() -> None:
    """Print a Markdown table per question."""
    people = read(Path(sys.argv[1]))
    columns = (*HOSPITALS, "both")
    for question in QUESTIONS:
        answer = true_answers(people, question)
        sys.stdout.write(f"\n**{question.name}**\n\n| cell | {' | '.join(columns)} |\n|---|--:|--:|--:|\n")
        for cell in sorted(answer):
            sys.stdout.write(f"| {cell} | {' | '.join(str(answer[cell][name]) for name in columns)} |\n")


if __name__ == "__main__":
    main()
