"""What can be asked about: populations, datasets and their columns. Bounds are the sensitivity.

Everything here is public text written by people; nothing is ever derived from patient data.
Imports: the standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class ColumnType(StrEnum):
    CATEGORY = "category"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    CODE = (
        "code"  # a code of a code system: compared with any code, grouped only where categories are declared
    )
    IDENTIFIER = "identifier"  # patient and row keys: stored, never filtered, grouped or measured
    TEXT = "text"  # clinical free text: stored, never filtered, grouped or measured


UNNAMEABLE = (ColumnType.IDENTIFIER, ColumnType.TEXT)
"""Types of columns that no aggregate question can name."""

AGE = "age"
"""What a grant on a population's patients table calls the age in completed years, made of the birth date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Declared range of a summed column: `low`, `high` and `resolution` in the column's unit.

    Low and high are multiples of the resolution, so that every bounded value is an exact grid integer.
    """

    low: Decimal
    high: Decimal
    resolution: Decimal

    @property
    def low_steps(self) -> int:
        return int(self.low / self.resolution)

    @property
    def high_steps(self) -> int:
        return int(self.high / self.resolution)


@dataclass(frozen=True, slots=True, kw_only=True)
class Categories:
    """The declared values of a column, in order. `other` and `missing` are labels, where declared.

    A value outside the list is `other`, a null is `missing`; where the label is not declared the row
    lies outside the domain and is dropped within its patient.
    """

    values: tuple[str, ...]
    other: str | None = None
    missing: str | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label in cell order: the values, then other, then missing."""
        extra = tuple(label for label in (self.other, self.missing) if label is not None)
        return self.values + extra


@dataclass(frozen=True, slots=True, kw_only=True)
class CodedBounds:
    """The bounds of one kind of measurement: of the rows whose `columns` hold exactly these `values`."""

    values: tuple[str, ...]
    bounds: Bounds
    source: str  # the guideline or publication they come from


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundsBy:
    """Bounds that depend on what is measured: a sum needs a condition that fixes each of `columns`.

    `columns` are a code column and, where the unit can vary, a unit column of the same table.
    """

    columns: tuple[str, ...]
    entries: tuple[CodedBounds, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One declared column. A measured one has `bounds`, or `bounds_by` where they depend on a code."""

    name: str
    type: ColumnType
    description: str = ""
    unit: str = ""  # UCUM
    code_system: str = ""
    bounds: Bounds | None = None
    bounds_by: BoundsBy | None = None
    categories: Categories | None = None
    source: str = ""  # where bounds and categories come from: a guideline, a data dictionary


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """A set of patients. `maximum` is a public upper limit of its size.

    `patients` names the dataset whose columns are the patients' attributes, and `birth_date` its date
    column that ages are counted from; empty where the site declares none.
    """

    name: str
    maximum: int
    patients: str = ""
    birth_date: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """One table of a population. `digest` is SHA-256 (hex) over the canonical definition.

    `source_digest` covers what decides how a source file is read in: patient, row key, nulls, and each
    column's type, source name and map. Data that was read in under another one is not this dataset's.
    `max_groups` and `max_rows` are the default contribution bounds: groups kept per patient, rows kept
    per patient and group.
    """

    name: str
    title: str
    description: str
    population: Population
    patient_column: str
    row_key: str
    columns: Mapping[str, Column]
    max_groups: int
    max_rows: int
    digest: str
    source_digest: str
