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
class Compare:
    column: str
    operator: Operator
    value: Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOf:
    column: str
    values: tuple[Literal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IsMissing:
    """True where the column has no value. Never unknown."""

    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    operand: Predicate


@dataclass(frozen=True, slots=True, kw_only=True)
class And:
    operands: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Or:
    operands: tuple[Predicate, ...]


Predicate = Compare | OneOf | IsMissing | Not | And | Or


class MeasureKind(StrEnum):
    COUNT_PATIENTS = "count_patients"
    COUNT_ROWS = "count_rows"
    SUM = "sum"
    MEAN = "mean"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One figure per cell. `name` is its column title in the answer; sum and mean name a bounded column."""

    kind: MeasureKind
    name: str
    column: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One aggregate question to one dataset. `max_groups`, `max_rows` override the dataset's own."""

    dataset: str
    measures: tuple[Measure, ...]
    where: Predicate | None = None
    group_by: tuple[str, ...] = ()
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


def predicate_columns(predicate: Predicate | None) -> Iterator[str]:
    """The columns a predicate reads, in order, with repeats."""
    if predicate is None:
        return
    if isinstance(predicate, Compare | OneOf | IsMissing):
        yield predicate.column
    elif isinstance(predicate, Not):
        yield from predicate_columns(predicate.operand)
    else:
        for operand in predicate.operands:
            yield from predicate_columns(operand)
