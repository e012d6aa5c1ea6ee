"""What can be asked about: populations, datasets and their columns. Bounds are the sensitivity.

Everything here is public text written by people; nothing is ever derived from patient data.
Imports: the standard library and domain words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from gateway.domain.deid import IdentifierType


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
    """One declared column. A measured one has `bounds`, or `bounds_by` where they depend on a code.

    `identifies` is what its values identify a patient by, where that is declared.
    """

    name: str
    type: ColumnType
    description: str = ""
    unit: str = ""  # UCUM
    code_system: str = ""
    bounds: Bounds | None = None
    bounds_by: BoundsBy | None = None
    categories: Categories | None = None
    source: str = ""  # where bounds and categories come from: a guideline, a data dictionary
    identifies: IdentifierType | None = None

    @property
    def identifier_kind(self) -> IdentifierType | None:
        """What a de-identification profile treats the values as; None: as values that identify nobody.

        A date is a date and a key an identifier, whether or not anybody declared it.
        """
        if self.identifies is not None:
            return self.identifies
        kinds = {ColumnType.DATE: IdentifierType.DATE, ColumnType.IDENTIFIER: IdentifierType.ID}
        return kinds.get(self.type)


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
class NoteColumns:
    """Which columns of a dataset make it one of notes. Patient and row key are those of the dataset.

    `language` is a column of BCP 47 tags, empty where there is none; `spoken` is the language of notes
    without a tag, empty where it must be found out.
    """

    text: str
    language: str = ""
    spoken: str = ""


class IdentityRole(StrEnum):
    """What a column of an identities table holds of its patient; after FHIR R4 Patient."""

    NAME = "name"  # a whole name as written: "Given Family", "Family, Given", with or without a title
    GIVEN = "given"
    FAMILY = "family"
    OTHER_NAME = "other_name"  # of relatives, contacts and the care team
    OTHER_GIVEN = "other_given"
    OTHER_FAMILY = "other_family"
    GENDER = "gender"
    BIRTH_DATE = "birth_date"
    DATE = "date"  # another day of the record: death, admission
    PHONE = "phone"
    FAX = "fax"
    EMAIL = "email"
    URL = "url"
    STREET = "street"
    CITY = "city"
    DISTRICT = "district"
    STATE = "state"
    POSTAL_CODE = "postal_code"
    COUNTRY = "country"
    ORGANIZATION = "organization"
    IDENTIFIER = "identifier"  # what it is stands in the column's `identifies`, else it is an ID


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """One table of a population. `digest` is SHA-256 (hex) over the canonical definition.

    `source_digest` covers what decides how a source file is read in: patient, row key, nulls, and each
    column's type, source name and map. Data that was read in under another one is not this dataset's.
    `max_groups` and `max_rows` are the default contribution bounds: groups kept per patient, rows kept
    per patient and group. `identities` makes it the population's table of what stands in notes and
    identifies: column -> what it holds. Nothing of such a table is ever granted, asked or sent.
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
    notes: NoteColumns | None = None
    identities: Mapping[str, IdentityRole] = field(default_factory=dict)
