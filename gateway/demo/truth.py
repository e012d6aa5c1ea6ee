"""True answers to the demo's questions, from the planted rows in plain Python.

Law: independent of every engine. Nothing here imports the query language, the plan or a database, so
that an answer beside its truth is a test and not an echo. Rows without a patient belong to nobody and
are never counted. Imports: the standard library and `demo.hospital`.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date

from gateway.demo.hospital.rows import Row, Value

Where = Callable[[Row], bool]

MISSING = "missing"


def as_text(value: Value) -> str:
    """A value as labels spell it: `true`/`false`, ISO dates; empty for missing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


def band(value: float | None, *edges: int) -> str:
    """The label of the band that a number falls into, as the query language writes it."""
    if value is None:
        return MISSING
    below = sum(edge <= value for edge in edges)
    if below == 0:
        return f"< {edges[0]}"
    return f">= {edges[-1]}" if below == len(edges) else f"[{edges[below - 1]}, {edges[below]})"


def quarter(value: Value) -> str:
    """The label of the quarter that a day falls into."""
    return f"{value.year:04d}-Q{(value.month + 2) // 3}" if isinstance(value, date) else MISSING


def age(born: Value, on: Value) -> int | None:
    """Completed years on a day, from the parts of the two dates."""
    if not isinstance(born, date) or not isinstance(on, date):
        return None
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def everything(row: Row) -> bool:
    """The filter that keeps every row."""
    return True


def label(row: Row, key: str | None) -> str:
    """The row's cell: the text of its key, `missing` for no value, empty where nothing is grouped."""
    if key is None:
        return ""
    value = row[key]
    return MISSING if value is None else as_text(value)


def with_other(rows: Iterable[Row], column: str, values: Collection[str], other: str) -> list[Row]:
    """The rows with whatever a column holds beside its declared values renamed to the label of the rest.

    Missing values stay missing.
    """
    return [
        row if row[column] is None or label(row, column) in values else {**row, column: other} for row in rows
    ]


def rows_by(rows: Iterable[Row], key: str | None, where: Where = everything) -> Mapping[str, int]:
    """Number of rows per value of the key."""
    return {cell: len(members) for cell, members in _grouped(rows, key, where).items()}


def patients_by(rows: Iterable[Row], key: str | None, where: Where = everything) -> Mapping[str, int]:
    """Number of distinct patients per value of the key."""
    grouped = _grouped(rows, key, where)
    return {cell: len({row["patient_id"] for row in members}) for cell, members in grouped.items()}


def sum_by(
    rows: Iterable[Row], key: str | None, column: str, where: Where = everything
) -> Mapping[str, float]:
    """Sum of a numeric column per value of the key, in the column's unit; missing values add nothing."""
    return {cell: sum(_numbers(members, column)) for cell, members in _grouped(rows, key, where).items()}


def mean_by(
    rows: Iterable[Row], key: str | None, column: str, where: Where = everything
) -> Mapping[str, float]:
    """Mean of a numeric column per value of the key, over rows that have one; cells with none are absent."""
    means = {}
    for cell, members in _grouped(rows, key, where).items():
        numbers = _numbers(members, column)
        if numbers:
            means[cell] = sum(numbers) / len(numbers)
    return means


def share_of_last(rows: Iterable[Row], key: str | None, by: str, condition: Where) -> Mapping[str, float]:
    """Of the patients of a cell, the share whose last row by a date meets a condition, from 0 to 1."""
    shares = {}
    for cell, members in _grouped(rows, key, everything).items():
        last: dict[Value, Row] = {}
        for row in sorted(members, key=lambda row: as_text(row[by])):
            last[row["patient_id"]] = row
        shares[cell] = sum(map(condition, last.values())) / len(last)
    return shares


def bounded(
    rows: Iterable[Row],
    key: str | None,
    where: Where = everything,
    *,
    row_key: str,
    max_groups: int,
    max_rows: int,
    bounds: Mapping[str, tuple[float, float]] | None = None,
) -> list[Row]:
    """What is left once each patient keeps `max_groups` cells and `max_rows` rows in each, values clamped.

    Ask the functions above of the result (without `where`) for the bounded truth: the figure that a
    release is drawn around. Cells and rows are kept in the order of a SHA-256 digest, as the gateway
    does, but without the site's key, so that the kept rows differ while the bias is alike. `where`
    should leave out rows whose key lies outside the declared categories: they take no place.
    """
    per_patient: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for cell, members in _grouped(rows, key, where).items():
        for row in members:
            per_patient[str(row["patient_id"])][cell].append(row)
    kept: list[Row] = []
    for patient, cells in per_patient.items():
        for cell in sorted(cells, key=lambda name: _order(patient, name))[:max_groups]:
            order = sorted(cells[cell], key=lambda row: _order(patient, str(row[row_key])))
            kept += [_clamped(row, bounds or {}) for row in order[:max_rows]]
    return kept


def _grouped(rows: Iterable[Row], key: str | None, where: Where) -> Mapping[str, list[Row]]:
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["patient_id"] is not None and where(row):
            grouped[label(row, key)].append(row)
    return grouped


def _numbers(rows: Iterable[Row], column: str) -> list[float]:
    return [value for row in rows if isinstance(value := row[column], int | float)]


def _clamped(row: Row, bounds: Mapping[str, tuple[float, float]]) -> Row:
    changed = dict(row)
    for column, (low, high) in bounds.items():
        value = row[column]
        if isinstance(value, int | float):
            changed[column] = min(max(value, low), high)
    return changed


def _order(patient: str, name: str) -> bytes:
    return hashlib.sha256(f"{len(patient)}|{patient}|{name}".encode()).digest()
