"""One question of the demo, and how its truth is counted in plain Python.

Law: a truth is computed from the planted rows, by `truth`, never by asking an engine.
Imports: demo.hospital, demo.truth.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from gateway.demo.hospital.rows import Hospital, Row, Value
from gateway.demo.truth import bounded

CELL = "cell"
MOST_ROWS = 1_000_000  # where a patient gives one value, whatever the number of rows
Figures = Mapping[str, float]
People = Mapping[Value, Row]
Keys = Callable[[Row, Row], Sequence[str]]  # of a row and its patient's row


def every_one(row: Row, patient: Row) -> Sequence[str]:
    """No keys: one cell, which is called `all`."""
    return ("all",)


def cell(labels: Sequence[str]) -> str:
    """The name of a cell with several keys."""
    return ", ".join(labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoQuestion:
    """One question: in words, in SQL, what it may cost, and how its truth is counted.

    `share` is percent of the agreement's cap; `title` names the keys. A row counts where `where` holds, and
    `cohort` too, which looks at the whole hospital first. `max_groups` and `max_rows` say to the bounded
    truth what the SQL's OPTION says. `lesson` is shown below the answer. `counts_patients` marks figures that
    noise must move, so that its absence can be noticed; `biased` a question whose intervals need not hold
    the truth.
    """

    words: str
    sql: str
    share: int
    table: str
    row_key: str
    title: str
    where: Callable[[Row], bool]
    measure: Callable[[list[Row], str], Figures]
    keys: Keys = every_one
    cohort: Callable[[Hospital], Callable[[Row], bool]] | None = None
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    max_groups: int
    max_rows: int
    counts_patients: bool = False
    biased: bool = False
    percent: bool = False
    lesson: str = ""

    def truth(self, hospital: Hospital) -> Figures:
        """The plain truth, as a statistician with all the data would tell it."""
        return self.measure(self._rows(hospital), CELL)

    def bounded_truth(self, hospital: Hospital) -> Figures:
        """The figure that the release is drawn around: contributions bounded, values clamped."""
        kept = bounded(
            self._rows(hospital),
            CELL,
            row_key=self.row_key,
            max_groups=self.max_groups,
            max_rows=self.max_rows,
            bounds=self.bounds,
        )
        return self.measure(kept, CELL)

    def _rows(self, hospital: Hospital) -> list[Row]:
        """The rows that the question is about, each with the name of its cell."""
        people: People = {row["patient_id"]: row for row in hospital.tables["patients"]}
        chosen = self.cohort(hospital) if self.cohort is not None else None
        return [
            {**row, CELL: cell(self.keys(row, people[row["patient_id"]]))}
            for row in hospital.tables[self.table]
            if row["patient_id"] is not None and self.where(row) and (chosen is None or chosen(row))
        ]
