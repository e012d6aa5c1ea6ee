"""What an engine computes: a total, closed expression over a population's tables, in exact integers.

Every literal is typed, every key has its full public domain, every bound is a grid integer; an engine
needs nothing else and decides nothing. Everything before the last aggregation happens within one patient.
Imports: the standard library and domain words.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import prod

from gateway.domain.catalog import ColumnType
from gateway.domain.query import DateUnit, Operator, Predicate, ReducerKind

# --- what is added to each row


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeColumn:
    """A column of the patients table under a name of its own, one value for each patient.

    Of several rows of one patient the least value that is not missing counts.
    """

    name: str
    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeColumn:
    """Completed years from the birth date to a date column of the row, or to a fixed ISO date.

    Counted by date parts. Missing where a date is, or where the birth lies after the day.
    """

    name: str
    column: str | None
    day: str | None


Derived = AttributeColumn | AgeColumn


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientTable:
    """Where attributes and birth dates come from; the engine reduces it to one row for each patient.

    Only rows that meet `where` count, which names the table's own columns and cohorts without attributes.
    """

    table: str
    patient_column: str
    birth_date: str
    where: Filter | None = None


# --- keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A declared category column as a number from 0 to `size - 1`: its place in the labels.

    A value that equals `values[i]` is i; any other text is `other`, a null is `missing`; None there
    means that such a row lies outside the domain. A boolean column has the values 'false' and 'true'.
    `per_patient`: the same in all rows of a patient.
    """

    column: str
    values: tuple[str, ...]
    other: int | None = None
    missing: int | None = None
    size: int
    per_patient: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BandKey:
    """How many of the ascending `edges` a number has reached; `len(edges) + 1` where it is missing."""

    column: str
    type: ColumnType
    edges: tuple[int | float, ...]
    per_patient: bool = False

    @property
    def size(self) -> int:
        return len(self.edges) + 2


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodKey:
    """A date's period counted from the one that begins on `start` (ISO); outside the domain beyond `size`."""

    column: str
    unit: DateUnit
    start: str
    size: int
    per_patient: bool = False


AnyKey = Key | BandKey | PeriodKey


# --- conditions


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyIn:
    """True where the key's index is one of `indexes`; unknown where the row is outside the domain."""

    key: Key
    indexes: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueCompare:
    """A number, date (as ISO text), code or boolean column against a literal; NaN counts as missing."""

    column: str
    type: ColumnType
    operator: Operator
    value: int | float | str


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueIn:
    column: str
    type: ColumnType
    values: tuple[int | float | str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueMissing:
    """True where the column is null (or NaN). Never unknown."""

    column: str
    type: ColumnType


@dataclass(frozen=True, slots=True, kw_only=True)
class DayWindow:
    """Days from the asked row's date `anchor` to the cohort row's date `column`; None: open."""

    column: str
    anchor: str
    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """True where the same patient has at least so many rows in a table. Never unknown."""

    table: str
    patient_column: str
    derived: tuple[Derived, ...]
    where: Filter | None
    at_least: int
    window: DayWindow | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf:
    operands: tuple[Filter, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    operands: tuple[Filter, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoneOf:
    """Negation, three-valued: unknown stays unknown."""

    operand: Filter


Filter = KeyIn | ValueCompare | ValueIn | ValueMissing | Cohort | AllOf | AnyOf | NoneOf


# --- what is measured


@dataclass(frozen=True, slots=True, kw_only=True)
class GridColumn:
    """A measured column and its integer grid.

    A value is clamped to [low, high] as a double, multiplied by `multiplier`, rounded with ties away
    from zero and clamped again to [low_steps, high_steps]. Null and NaN contribute nothing.
    """

    column: str
    low: float
    high: float
    multiplier: float
    low_steps: int
    high_steps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Which patients of a cell meet a condition: in some row, or in the first or last by a date column.

    `members`: patients who are not in the patients table count neither way. `asked` is the condition in the
    question's own words, for an engine that does not trust what was compiled.
    """

    condition: Filter
    asked: Predicate
    reducer: ReducerKind | None
    by: str | None
    members: bool


class VectorKind(StrEnum):
    PATIENTS = "patients"  # distinct patients of the cell
    ROWS = "rows"  # kept rows of the cell
    VALUES = "values"  # kept rows whose column has a value
    SUM = "sum"  # sum of grid steps over those rows
    CENTRED_SUM = "centred_sum"  # sum of (2 * steps - low_steps - high_steps), the doubled grid
    SPLIT = "split"  # patients of the cell who meet a condition; then, for every cell, those who do not


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    """One exact integer per cell, two for a split. All see the same kept groups and rows."""

    kind: VectorKind
    column: GridColumn | None = None
    split: Split | None = None

    @property
    def width(self) -> int:
        """Integers per cell."""
        return 2 if self.kind is VectorKind.SPLIT else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """Filter, map to the domain, keep at most `max_groups` groups a patient and `max_rows` rows a
    patient and group, then aggregate.

    Cell number: the keys' indexes in mixed radix, the first key most significant; no keys is one cell.
    Kept groups are the first in the order of SHA-256 over `K|population|g|<cell>|<patient>`, kept rows
    of SHA-256 over `K|population|r|<characters of patient>|<patient><row key>` (UTF-8, lower-case hex,
    K = `hash_epoch` secret given to the engine); ties: cell number, then row key, then measured steps.
    A split sees all rows of a kept group.
    """

    population: str
    table: str
    patient_column: str
    row_key: str
    where: Filter | None
    keys: tuple[AnyKey, ...]
    vectors: tuple[Vector, ...]
    max_groups: int
    max_rows: int
    derived: tuple[Derived, ...] = ()
    patients: PatientTable | None = None

    @property
    def cells(self) -> int:
        """How many cells the public domain has."""
        return prod(key.size for key in self.keys)

    @property
    def reach(self) -> int:
        """In how many cells the rows of one patient can lie, before bounding."""
        return prod(key.size for key in self.keys if not key.per_patient)

    @property
    def groups(self) -> int:
        """In how many cells one patient can count: the smaller of reach and `max_groups`."""
        return min(self.max_groups, self.reach)


ExactVectors = tuple[tuple[int, ...], ...]
"""One tuple per vector of the expression, in order; each has `cells` integers, a split twice as many."""
