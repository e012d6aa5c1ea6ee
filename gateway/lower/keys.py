"""Grouping keys with their whole public domain, and the labels of their cells.

Law: the domain is a function of the dataset files and of the question's text; nobody has to look at data
to know which cells there are. Imports: domain words, lower.scope, lower.literals.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from gateway.domain.catalog import Column, ColumnType
from gateway.domain.expression import AnyKey, BandKey, Key, PeriodKey
from gateway.domain.limits import MAX_EDGES
from gateway.domain.query import Band, DateUnit, Grouping, Truncated, grouping_name
from gateway.domain.release import KeyLabels
from gateway.errors import InvalidQuery
from gateway.lower.literals import BOOLEAN_LABELS, LARGEST_INTEGER, number
from gateway.lower.scope import Named, Positions, Scope, fault

MOST_PERIODS = 100_000
MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """A key as engines read it, and its labels in cell order."""

    key: AnyKey
    labels: KeyLabels


def domain_of(grouping: Grouping, scope: Scope) -> Domain:
    """The whole public domain of one key. Raises `InvalidQuery`."""
    key: AnyKey
    match grouping:
        case Band():
            key, labels = _band(grouping, scope)
        case Truncated():
            key, labels = _periods(grouping, scope)
        case _:
            named = scope.resolve(grouping)
            key, labels = key_of(named, scope.positions), labels_of(named.column)
    return Domain(key=key, labels=KeyLabels(column=grouping_name(grouping), labels=labels))


def labels_of(column: Column) -> tuple[str, ...]:
    """The labels of a grouping column in cell order."""
    if column.categories is not None:
        return column.categories.labels
    return BOOLEAN_LABELS


def key_of(named: Named, positions: Positions) -> Key:
    """A declared category or boolean column as a key over its whole public domain."""
    column = named.column
    if column.categories is not None:
        declared = column.categories
        size = len(declared.values)
        other = missing = None
        if declared.other is not None:
            other, size = size, size + 1
        if declared.missing is not None:
            missing, size = size, size + 1
        return Key(
            column=named.name,
            values=declared.values,
            other=other,
            missing=missing,
            size=size,
            per_patient=named.per_patient,
        )
    if column.type is ColumnType.BOOLEAN:
        return Key(column=named.name, values=BOOLEAN_LABELS, size=2, per_patient=named.per_patient)
    hint = ""
    if column.type in (ColumnType.INTEGER, ColumnType.NUMBER):
        hint = "cut it at public edges: BAND(column, 10, 20) AS name"
    elif column.type is ColumnType.DATE:
        hint = "write DATE_TRUNC('month', column, first day, last day) AS name"
    raise fault(
        column.name,
        f"{named.shown} has no declared categories to group by",
        "COLUMN_NOT_GROUPABLE",
        positions,
        hint,
    )


def _band(band: Band, scope: Scope) -> tuple[BandKey, tuple[str, ...]]:
    named = scope.resolve(band.of)
    if named.column.type not in (ColumnType.INTEGER, ColumnType.NUMBER):
        raise _unsuitable(band.name, f"{named.shown} is no number, so it has no bands", scope)
    read = tuple(number(edge) for edge in band.edges)
    ascending = all(one < other for one, other in pairwise(band.edges))
    if not 1 <= len(read) <= MAX_EDGES or not ascending:
        raise _unsuitable(band.name, f"a band has 1 to {MAX_EDGES} edges, each above the one before", scope)
    edges = tuple(edge for edge in read if edge is not None and abs(edge) < LARGEST_INTEGER)
    if len(edges) < len(read) or len(set(edges)) < len(edges):
        raise _unsuitable(band.name, "an edge of the band is not a usable number", scope)
    key = BandKey(column=named.name, type=named.column.type, edges=edges, per_patient=named.per_patient)
    return key, band_labels(band.edges)


def band_labels(edges: tuple[Decimal, ...]) -> tuple[str, ...]:
    """`< 18`, `[18, 40)`, `>= 40`, `missing`."""
    texts = [format(edge, "f") for edge in edges]
    between = [f"[{low}, {high})" for low, high in pairwise(texts)]
    return (f"< {texts[0]}", *between, f">= {texts[-1]}", MISSING)


def _periods(truncated: Truncated, scope: Scope) -> tuple[PeriodKey, tuple[str, ...]]:
    named = scope.resolve(truncated.of)
    if named.column.type is not ColumnType.DATE:
        raise _unsuitable(truncated.name, f"{named.shown} is not a date, so it has no periods", scope)
    if truncated.first > truncated.last:
        raise _unsuitable(truncated.name, "the first day lies after the last one", scope)
    start = first_day(truncated.first, truncated.unit)
    size = index_of(truncated.last, truncated.unit) - index_of(start, truncated.unit) + 1
    if size > MOST_PERIODS:
        raise _unsuitable(truncated.name, f"more than {MOST_PERIODS} periods", scope)
    key = PeriodKey(
        column=named.name,
        unit=truncated.unit,
        start=start.isoformat(),
        size=size,
        per_patient=named.per_patient,
    )
    return key, tuple(_label(start, truncated.unit, i) for i in range(size))


def first_day(day: date, unit: DateUnit) -> date:
    """The first day of the period that holds a day; a week begins on Monday (ISO 8601)."""
    match unit:
        case DateUnit.DAY:
            return day
        case DateUnit.WEEK:
            return date.fromordinal(max(1, day.toordinal() - day.weekday()))
        case DateUnit.MONTH:
            return day.replace(day=1)
        case DateUnit.QUARTER:
            return day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1)
        case DateUnit.YEAR:
            return day.replace(month=1, day=1)


def index_of(day: date, unit: DateUnit) -> int:
    """The number of the period that holds a day, counted from one fixed period."""
    match unit:
        case DateUnit.DAY:
            return day.toordinal()
        case DateUnit.WEEK:
            return (day.toordinal() - 1) // 7  # 0001-01-01 is a Monday
        case DateUnit.MONTH:
            return 12 * day.year + day.month
        case DateUnit.QUARTER:
            return 4 * day.year + (day.month + 2) // 3
        case DateUnit.YEAR:
            return day.year


def _label(start: date, unit: DateUnit, index: int) -> str:
    match unit:
        case DateUnit.DAY:
            return (start + timedelta(days=index)).isoformat()
        case DateUnit.WEEK:
            week = (start + timedelta(weeks=index)).isocalendar()
            return f"{week.year:04d}-W{week.week:02d}"
        case DateUnit.MONTH:
            months = start.month - 1 + index
            return f"{start.year + months // 12:04d}-{months % 12 + 1:02d}"
        case DateUnit.QUARTER:
            quarters = (start.month - 1) // 3 + index
            return f"{start.year + quarters // 4:04d}-Q{quarters % 4 + 1}"
        case DateUnit.YEAR:
            return f"{start.year + index:04d}"


def _unsuitable(name: str, description: str, scope: Scope) -> InvalidQuery:
    return fault(name, description, "KEY_UNSUITABLE", scope.positions)
