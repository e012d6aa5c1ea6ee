"""Literals in the type of what they are compared with.

Law: a literal that a type cannot hold exactly is refused, before any engine sees it.
Imports: domain words, lower.scope.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from gateway.domain.catalog import ColumnType
from gateway.domain.query import Literal
from gateway.lower.scope import Named, Positions, fault

LARGEST_INTEGER = 2**53  # the largest magnitude that a double still holds exactly
BOOLEAN_LABELS = ("false", "true")


def typed(named: Named, value: Literal, positions: Positions) -> int | float | str:
    """A literal in the column's own type; text of a date is accepted for a date column."""
    read: int | float | str | None
    match named.column.type:
        case ColumnType.BOOLEAN:
            read = _truth(value)
        case ColumnType.DATE:
            read = _iso_date(value)
        case ColumnType.INTEGER | ColumnType.NUMBER:
            read = number(value)
        case ColumnType.CODE:
            read = _code(value)
        case _:
            read = None
    if read is None:
        raise fault(
            named.column.name,
            f"the value compared with {named.shown} is not a usable {named.column.type.value}",
            "VALUE_UNSUITABLE",
            positions,
        )
    return read


def number(value: Literal) -> int | float | None:
    """A number as an engine compares it: whole numbers exactly, others as the nearest double."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if abs(value) <= LARGEST_INTEGER else None
    if isinstance(value, Decimal) and value.is_finite() and abs(value) <= LARGEST_INTEGER:
        return float(value)
    return None


def _truth(value: Literal) -> int | None:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and value in BOOLEAN_LABELS:
        return BOOLEAN_LABELS.index(value)
    return None


def _iso_date(value: Literal) -> str | None:
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        return None


def _code(value: Literal) -> str | None:
    """A code has no spaces at its ends (FHIR R4, code); any other text is one."""
    return value if isinstance(value, str) and value and value == value.strip() else None
