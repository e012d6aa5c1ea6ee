"""The question: a small patient-partitioned algebra. SQL text and protobuf are two forms of this.

Comparisons follow SQL's three-valued logic: a comparison with a missing value is unknown, and a row
is kept only where the whole predicate is true. Imports: the standard library only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

Literal = str | bool | int | Decimal | date


class Operator(StrEnum):
    EQ = "="
    NE = "<>"
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """A column of the population's patients table: one value for each patient, the same in every row."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Age:
    """The patient's age in completed years: at a date column of the row, or on a fixed day.

    Missing where either date is, or where the birth lies after the day.
    """

    at: str | date


Reference = str | Attribute | Age
"""What is compared or grouped: a column of the row by its name, or something of the row's patient."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare:
    column: Reference
    operator: Operator
    value: Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOf:
    column: Reference
    values: tuple[Literal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IsMissing:
    """True where there is no value. Never unknown."""

    column: Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Days from a date of the row asked about (`anchor`) to a date of the cohort's row (`column`).

    Both ends are included; None is open; negative days lie before the anchor. A row without one of the
    two dates lies outside every window.
    """

    column: str
    anchor: str
    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InCohort:
    """True where the same patient has at least `at_least` rows in a dataset of the population.

    Only rows that meet `where` and lie within the window count. Never unknown; "has not" is `Not` of it.
    """

    dataset: str
    where: Predicate | None = None
    at_least: int = 1
    window: Window | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    operand: Predicate


@dataclass(frozen=True, slots=True, kw_only=True)
class And:
    operands: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Or:
    operands: tuple[Predicate, ...]


Predicate = Compare | OneOf | IsMissing | InCohort | Not | And | Or


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A number cut at public edges, which ascend: below the first, between each two, from the last on.

    An edge belongs to the band above it. k edges make k + 1 bands, and one for missing values.
    """

    name: str  # the column's title in the answer
    of: Reference
    edges: tuple[Decimal, ...]


class DateUnit(StrEnum):
    """What a date is truncated to. Weeks are ISO 8601's."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True, kw_only=True)
class Truncated:
    """A date truncated over a public range: the periods that hold `first` and `last`, and all between.

    Rows outside these periods, or without a date, lie outside the domain.
    """

    name: str  # the column's title in the answer
    of: Reference
    unit: DateUnit
    first: date
    last: date


Grouping = str | Attribute | Band | Truncated
"""One key: a declared category or boolean column by its name, such an attribute, a band, a period."""


def grouping_name(key: Grouping) -> str:
    """The key's column title in the answer."""
    return key if isinstance(key, str) else key.name


class MeasureKind(StrEnum):
    COUNT_PATIENTS = "count_patients"
    COUNT_ROWS = "count_rows"
    SUM = "sum"
    MEAN = "mean"
    PROPORTION = "proportion"


class ReducerKind(StrEnum):
    FIRST = "first"
    LAST = "last"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reducer:
    """Which row stands for a patient in a group: the first or the last by a date column.

    A row without a date stands for a patient only where none has one. Among rows of one date the row key
    decides, and among those of one row key a row that meets the condition.
    """

    kind: ReducerKind
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One figure per cell. `name` is its column title in the answer.

    Sum and mean name a bounded column, whose declared bounds `bounds` (low, high) may narrow. A
    proportion has a condition: of the patients with a row in the group, the share for whom it is true
    in some row, or in the one that `reducer` chooses.
    """

    kind: MeasureKind
    name: str
    column: str | None = None
    bounds: tuple[Decimal, Decimal] | None = None
    condition: Predicate | None = None
    reducer: Reducer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One aggregate question to one dataset. `max_groups`, `max_rows` override the dataset's own."""

    dataset: str
    measures: tuple[Measure, ...]
    where: Predicate | None = None
    group_by: tuple[Grouping, ...] = ()
    max_groups: int | None = None
    max_rows: int | None = None


class SpendKind(StrEnum):
    SHARE = "share"  # percent of the agreement's cap for the period
    RHO = "rho"  # zero-concentrated DP
    EPSILON = "epsilon"  # (epsilon, the agreement's delta)
    WITHIN = "within"  # half-width of the interval of every count and sum


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend:
    kind: SpendKind
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """What an asker expects of one cell: `n` values or patients, `at` as the mean or proportion itself."""

    n: int | None = None
    at: Decimal | None = None


def parts_of(predicate: Predicate | None) -> Iterator[Predicate]:
    """A condition and everything in it, the conditions of cohorts included, outermost first."""
    if predicate is None:
        return
    yield predicate
    match predicate:
        case Not(operand=operand):
            yield from parts_of(operand)
        case And(operands=operands) | Or(operands=operands):
            for operand in operands:
                yield from parts_of(operand)
        case InCohort(where=where):
            yield from parts_of(where)
        case _:
            pass
