"""A resource -> the rows of a table.

Law: total and pure: any JSON object gives rows of texts and missing values, in the order of the columns;
the rows of one resource never share a row key.
May import: sources.words and evaluate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from gateway.sources.evaluate import Find, finder, holder, plain
from gateway.sources.words import FhirTable, Path, RowForm

LONGEST = 2000
Row = tuple[str | None, ...]
Rows = Callable[[str, Any], Iterator[Row]]
"""The rows of a resource: its id, and itself."""

_Value = Callable[[Any], str | None]
_Cells = Callable[[Any, Row], Row]


def rows_of(table: FhirTable, columns: Sequence[str], long: frozenset[str] = frozenset()) -> Rows:
    """How a resource becomes rows with these columns; a column that the table does not map is missing.

    So is a text of more than `LONGEST` characters, but in the `long` columns.
    """
    wanted = holder(table.where) if table.where is not None else None
    shared = _cells(table.columns, columns, long)
    nothing: Row = (None,) * len(columns)
    forms = tuple(_rows(form, columns, long, columns.index(table.row_key)) for form in table.forms)

    def rows(key: str, resource: Any) -> Iterator[Row]:
        if wanted is not None and not wanted(resource):
            return
        same = shared(resource, nothing)
        number = 0
        for form in forms:
            number = yield from form(key, number, resource, same)

    return rows


def _rows(form: RowForm, columns: Sequence[str], long: frozenset[str], place: int) -> Any:
    """The rows of one kind: a generator that returns how many items were numbered so far."""
    each: Find | None = finder(form.each) if form.each is not None else None
    wanted = holder(form.where) if form.where is not None else None
    own = _cells(form.columns, columns, long)

    def rows(key: str, number: int, resource: Any, same: Row) -> Any:
        for item in (resource,) if each is None else each(resource):
            number += each is not None
            if wanted is None or wanted(item):
                cells = own(item, same)
                row_key = key if each is None else f"{key}#{number}"
                yield (*cells[:place], row_key, *cells[place + 1 :])
        return number

    return rows


def _cells(mapped: Mapping[str, tuple[Path, ...]], columns: Sequence[str], long: frozenset[str]) -> _Cells:
    """How an item fills the mapped columns of a row; the others stay as they are."""
    values = [
        (columns.index(name), _value(paths, name in long))
        for name, paths in mapped.items()
        if name in columns
    ]

    def cells(item: Any, before: Row) -> Row:
        row = list(before)
        for place, value in values:
            row[place] = value(item)
        return tuple(row)

    return cells


def _value(paths: tuple[Path, ...], long: bool) -> _Value:
    """The first plain value that a path finds first."""
    finds = tuple(finder(path) for path in paths)

    def value(item: Any) -> str | None:
        for find in finds:
            found = find(item)
            text = plain(found[0]) if found else None
            if text is not None:
                return text if long or len(text) <= LONGEST else None
        return None

    return value
