"""Write the published tables once more, each row with its hospital and a number of its own.

Only the table of patients says which hospital a row is from (`set`); the others follow their patient. Run
before the walkthrough: `python docs/walkthroughs/two-hospitals/prepare.py FOLDER_OF_THE_DATA NEW_FOLDER`.
Imports: the standard library only.
"""

from __future__ import annotations

import csv
import gzip
import sys
from pathlib import Path

TABLES = ("conditions", "observations")


def prepare(source: Path, target: Path) -> None:
    """Patients as they are; conditions and observations with the columns `set` and `number` added."""
    target.mkdir()
    with gzip.open(source / "patients.csv.gz", "rt", encoding="utf-8", newline="") as file:
        people = list(csv.DictReader(file))
    _write(target / "patients.csv.gz", people)
    hospital = {person["id"]: person["set"] for person in people}
    for table in TABLES:
        with gzip.open(source / f"{table}.csv.gz", "rt", encoding="utf-8", newline="") as file:
            rows = [
                {**row, "set": hospital[row["patient"]], "number": str(number)}
                for number, row in enumerate(csv.DictReader(file))
            ]
        _write(target / f"{table}.csv.gz", rows)


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with gzip.open(path, "wt", compresslevel=1, encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    prepare(Path(sys.argv[1]), Path(sys.argv[2]))
