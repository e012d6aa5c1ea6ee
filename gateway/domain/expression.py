"""What an engine computes: a total, closed expression over one table, in exact integers.

Every literal is typed, every key has its full public domain, every bound is a grid integer; an engine
needs nothing else and decides nothing. Imports: the standard library and domain words.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gateway.domain.catalog import ColumnType
from gateway.domain.query import Operator


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A declared category column as a number from 0 to `size - 1`: its place in the labels.

    A value that equals `values[i]` is i; any other text is `other`, a null is `missing`; None there
    means that such a row lies outside the domain. A boolean column has the values 'false' and 'true'.
    """

    column: str
    values: tuple[str, ...]
    other: int | None = None
    missing: int | None = None
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyIn:
    """True where the key's index is one of `indexes`; unknown where the row is outside the domain."""

    key: Key
    indexes: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueCompare:
    """A number, date (as ISO text) or boolean column against a literal; NaN counts as missing."""

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
class AllOf:
    operands: tuple[Filter, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    operands: tuple[Filter, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoneOf:
    """Negation, three-valued: unknown stays unknown."""

    operand: Filter


Filter = KeyIn | ValueCompare | ValueIn | ValueMissing | AllOf | AnyOf | NoneOf


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


class VectorKind(StrEnum):
    PATIENTS = "patients"  # distinct patients of the cell
    ROWS = "rows"  # kept rows of the cell
    VALUES = "values"  # kept rows whose column has a value
    SUM = "sum"  # sum of grid steps over those rows
    CENTRED_SUM = "centred_sum"  # sum of (2 * steps - low_steps - high_steps), the doubled grid


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    """One exact integer per cell. All vectors of an expression see the same kept groups and rows."""

    kind: VectorKind
    column: GridColumn | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """Filter, map to the domain, keep at most `max_groups` groups a patient and `max_rows` rows a
    patient and group, then aggregate.

    Cell number: the keys' indexes in mixed radix, the first key most significant; no keys is one cell.
    Kept groups are the first in the order of SHA-256 over `K|population|g|<cell>|<patient>`, kept rows
    of SHA-256 over `K|population|r|<characters of patient>|<patient><row key>` (UTF-8, lower-case hex,
    K = `hash_epoch` secret given to the engine); ties: cell number, then row key, then measured steps.
    """

    population: str
    table: str
    patient_column: str
    row_key: str
    where: Filter | None
    keys: tuple[Key, ...]
    vectors: tuple[Vector, ...]
    max_groups: int
    max_rows: int

    @property
    def cells(self) -> int:
        """How many cells the public domain has."""
        count = 1
        for key in self.keys:
            count *= key.size
        return count


ExactVectors = tuple[tuple[int, ...], ...]
"""One tuple per vector of the expression, in order; each has `expression.cells` integers."""
