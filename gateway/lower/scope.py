"""What the names of a question mean: columns of the row, attributes of its patient, ages.

Law: what does not exist, what belongs to another population and what can never be named answer alike.
Imports: domain words, errors, and what the query room reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from gateway.domain.catalog import UNNAMEABLE, Column, ColumnType, Dataset
from gateway.domain.expression import AgeColumn, AttributeColumn, Derived
from gateway.domain.query import Age, Attribute, Reference
from gateway.errors import InvalidQuery, Violation
from gateway.query.reading import PatientColumn

Positions = Mapping[str, tuple[int, int]]
"""First mention of a name in SQL text: line and column, from 1."""

Catalogue = Mapping[str, Dataset]
"""The datasets of a site, by name."""

NOWHERE: Positions = {}


def fault(name: str, description: str, reason: str, positions: Positions, hint: str = "") -> InvalidQuery:
    """An `InvalidQuery` about one name, positioned where the SQL text mentions it."""
    line, column = positions.get(name, (0, 0))
    place = Violation(description=description, field=name, line=line, column=column, suggestion=hint)
    return InvalidQuery(reason=reason, violations=[place])


def column_of(dataset: Dataset, name: str, positions: Positions = NOWHERE) -> Column:
    """A column that a query may name; identifiers, free text and unknown names answer alike."""
    column = dataset.columns.get(name)
    if column is None or column.type in UNNAMEABLE:
        raise fault(name, f"column '{name}' is not available", "COLUMN_UNAVAILABLE", positions)
    return column


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A reference resolved: its name in the row, what it is called in messages, and its declaration.

    `per_patient`: it is the same in all rows of a patient, by construction.
    """

    name: str
    shown: str
    column: Column
    per_patient: bool


@dataclass(slots=True)
class Scope:
    """The names that one table's rows have, and what must be added to the rows for those in use."""

    dataset: Dataset
    catalogue: Catalogue
    positions: Positions
    derived: dict[str, Derived] = field(default_factory=dict)

    def inside(self, dataset: Dataset) -> Scope:
        """The scope of another dataset's rows, within the same question."""
        return Scope(dataset, self.catalogue, self.positions)

    def resolve(self, reference: Reference) -> Named:
        """What a reference names. Raises `InvalidQuery`."""
        match reference:
            case str():
                column = column_of(self.dataset, reference, self.positions)
                return Named(name=reference, shown=f"column '{reference}'", column=column, per_patient=False)
            case Attribute(name=name):
                return self._attribute(name)
            case Age(at=at):
                return self._age(at)

    def _attribute(self, name: str) -> Named:
        shown = f"patient.{name}"
        patients = self.patients_of(shown)
        column = patients.columns.get(name)
        if column is None or column.type in UNNAMEABLE:
            raise self.unavailable(shown)
        # A point is in no column's name, and in none that an engine makes for itself.
        self.derived[shown] = AttributeColumn(name=shown, column=name)
        return Named(name=shown, shown=f"'{shown}'", column=column, per_patient=True)

    def _age(self, at: str | date) -> Named:
        population = self.dataset.population
        self.patients_of("age")
        if not population.birth_date:
            raise self.unavailable("age")
        fixed = isinstance(at, date)
        name = f"age.{at.isoformat() if isinstance(at, date) else at}"
        if isinstance(at, str):
            self.date_column(at)
        self.derived[name] = AgeColumn(
            name=name,
            column=at if isinstance(at, str) else None,
            day=at.isoformat() if isinstance(at, date) else None,
        )
        column = Column(name="age", type=ColumnType.INTEGER, unit="a")
        return Named(name=name, shown="the age", column=column, per_patient=fixed)

    def date_column(self, name: str) -> str:
        """The name of a date column of the row. Raises `InvalidQuery` (COLUMN_NOT_A_DATE)."""
        if column_of(self.dataset, name, self.positions).type is not ColumnType.DATE:
            raise fault(name, f"column '{name}' is not a date", "COLUMN_NOT_A_DATE", self.positions)
        return name

    def patients_of(self, shown: str) -> Dataset:
        """The dataset of the patients' attributes. Raises `InvalidQuery` where the site declares none."""
        patients = self.catalogue.get(self.dataset.population.patients)
        if patients is None:
            raise self.unavailable(shown)
        return patients

    def unavailable(self, shown: str) -> InvalidQuery:
        return fault(shown, f"'{shown}' is not available", "COLUMN_UNAVAILABLE", self.positions)


def check_patient_columns(named: Iterable[PatientColumn], catalogue: Catalogue) -> None:
    """Only patients are counted distinct or make a cohort: each name is a patient column, or `patient`.

    Raises `InvalidQuery` (DISTINCT_UNSUPPORTED). A dataset that is not in the catalogue is left to others.
    """
    for one in named:
        dataset = catalogue.get(one.dataset)
        if dataset is not None and one.name not in ("patient", dataset.patient_column):
            place = Violation(
                description="only patients can be counted distinct, or be in a cohort",
                field=one.name,
                line=one.line,
                column=one.column,
                suggestion=f"write {dataset.patient_column}",
            )
            raise InvalidQuery(reason="DISTINCT_UNSUPPORTED", violations=[place])
