"""The columns of an answer that the asker gave no title.

Law: a title that is made never meets one that was given, and both forms of a question make the same.
Imports: domain words, the standard library.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from gateway.domain.query import (
    Age,
    Attribute,
    Band,
    Grouping,
    Measure,
    MeasureKind,
    Reference,
    Truncated,
    grouping_name,
)

_LONGEST = 120  # leaves room for a number within the 128 characters of a name


def titled(
    keys: Iterable[Grouping], measures: Iterable[Measure]
) -> tuple[tuple[Grouping, ...], tuple[Measure, ...]]:
    """Keys and measures with a title wherever the name is empty.

    `band_<column>`, `<unit>_<column>`; `patients`, `rows`, `sum_<column>`, `mean_<column>`, `proportion`;
    a title that is taken gets _2, _3 and so on.
    """
    keys, measures = tuple(keys), tuple(measures)
    taken = {grouping_name(key) for key in keys} | {measure.name for measure in measures}
    named: list[Grouping] = []
    for key in keys:
        if isinstance(key, Band | Truncated) and not key.name:
            key = replace(key, name=_free(_key_title(key), taken))
        named.append(key)
    figures = [m if m.name else replace(m, name=_free(_measure_title(m), taken)) for m in measures]
    return tuple(named), tuple(figures)


def _free(base: str, taken: set[str]) -> str:
    """The first of base, base_2, base_3 ... that is not taken; from then on it is."""
    base = base[:_LONGEST]
    title, number = base, 2
    while title in taken:
        title, number = f"{base}_{number}", number + 1
    taken.add(title)
    return title


def _key_title(key: Band | Truncated) -> str:
    word = "band" if isinstance(key, Band) else str(key.unit)
    return f"{word}_{_subject(key.of)}"


def _subject(of: Reference) -> str:
    match of:
        case Age():
            return "age"
        case Attribute():
            return of.name
        case _:
            return of


def _measure_title(measure: Measure) -> str:
    match measure.kind:
        case MeasureKind.COUNT_PATIENTS:
            return "patients"
        case MeasureKind.COUNT_ROWS:
            return "rows"
        case MeasureKind.PROPORTION:
            return "proportion"
        case MeasureKind.SUM | MeasureKind.MEAN:
            return f"{measure.kind}_{measure.column}"
