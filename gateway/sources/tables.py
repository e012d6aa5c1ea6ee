"""A resource -> the rows of a table.

Law: total and pure: any JSON object gives rows of texts and missing values, in the order of the columns;
the rows of one resource never share a row key.
May import: sources.words and evaluate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from gateway.sources.evaluate import find, holds, text_of
from gateway.sources.words import FhirTable, Path, RowForm

LONGEST = 2000
Row = tuple[str | None, ...]
Rows = Callable[[str, Any], Iterator[Row]]
"""The rows of a resource: its id, and itself."""


def rows_of(table: FhirTable, columns: Sequence[str], long: frozenset[str] = frozenset()) -> Rows:
    """How a resource becomes rows with these columns; a column that the table does not map is missing.

    So is a text of more than `LONGEST` characters, but in the `long` columns.
    """
    forms = tuple((form, _cells(form, table, columns)) for form in table.forms)

    def value(name: str, paths: tuple[Path, ...], item: Any) -> str | None:
        text = _value(paths, item)
        return None if text is not None and len(text) > LONGEST and name not in long else text

    def rows(key: str, resource: Any) -> Iterator[Row]:
        if table.where is not None and not holds(table.where, resource):
            return
        shared = {name: value(name, paths, resource) for name, paths in table.columns.items()}
        number = 0
        for form, cells in forms:
            for item in find(form.each, resource) if form.each is not None else (resource,):
                number += form.each is not None
                if form.where is not None and not holds(form.where, item):
                    continue
                shared[table.row_key] = f"{key}#{number}" if form.each is not None else key
                yield tuple(
                    shared.get(name) if paths is None else value(name, paths, item) for name, paths in cells
                )

    return rows


def _cells(
    form: RowForm, table: FhirTable, columns: Sequence[str]
) -> tuple[tuple[str, tuple[Path, ...] | None], ...]:
    """Each column with its paths from the item; None for what is the same in all rows of the resource."""
    return tuple((name, form.columns.get(name)) for name in columns)


def _value(paths: tuple[Path, ...], item: Any) -> str | None:
    for path in paths:
        text = text_of(path, item)
        if text is not None:
            return text
    return None
