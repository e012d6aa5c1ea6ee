"""The columns of a dataset file -> catalogue words, with every check that one column's fields allow.

Law: bounds are the sensitivity. They lie on their grid, they are written by people with a source, and
they never come from the data of the site.
May import: domain words, yamlio, policy models and faults.
"""

from __future__ import annotations

import re
from fractions import Fraction

from gateway.domain.catalog import Bounds, BoundsBy, Categories, CodedBounds, Column, ColumnType
from gateway.policy.faults import Faults, closest
from gateway.policy.models import BoundsByModel, BoundsModel, ColumnModel, DatasetFile
from gateway.yamlio import Document, Path

LARGEST_STEP = 2**53  # beyond it an engine's double no longer holds every grid integer
MEASURABLE = (ColumnType.INTEGER, ColumnType.NUMBER)
FIXING = (ColumnType.CODE, ColumnType.CATEGORY)  # what a condition can pin to one value that is a text
_FROM_DATA = re.compile(r"\b(site|our|own|local)('s)?\s+(own\s+)?data\b", re.IGNORECASE)
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_INTEGER = re.compile(r"-?[0-9]+")
_CODE = re.compile(r"\S+( \S+)*")  # FHIR R4, datatype code: single spaces inside, none around


def column_word(name: str, model: ColumnModel) -> Column:
    """One column of the catalogue."""
    declared = model.categories
    return Column(
        name=name,
        type=model.type,
        description=model.description,
        unit=model.unit,
        code_system=model.code_system,
        bounds=_bounds(model.bounds) if model.bounds else None,
        bounds_by=_bounds_by(model.bounds_by) if model.bounds_by else None,
        categories=Categories(values=tuple(declared.values), other=declared.other, missing=declared.missing)
        if declared
        else None,
        source=model.source,
        identifies=model.identifies,
    )


def _bounds(model: BoundsModel) -> Bounds:
    return Bounds(low=model.low, high=model.high, resolution=model.resolution)


def _bounds_by(model: BoundsByModel) -> BoundsBy:
    return BoundsBy(
        columns=tuple(model.columns),
        entries=tuple(
            CodedBounds(values=tuple(entry.when), bounds=_bounds(entry), source=entry.source)
            for entry in model.entries
        ),
    )


def check_columns(document: Document, dataset: DatasetFile, faults: Faults) -> None:
    """Every fault of the columns goes to `faults`."""
    for name, column in dataset.columns.items():
        path: Path = ("columns", name)
        _check_text(document, path, column, faults)
        _check_categories(document, path, column, faults)
        _check_bounds(document, path, column, faults)
        _check_bounds_by(document, path, name, dataset, faults)
        _check_map(document, path, column, faults)
        _check_source(document, (*path, "source"), column.source, faults)


def _check_source(document: Document, path: Path, source: str, faults: Faults) -> None:
    if _FROM_DATA.search(source):
        faults.at(
            document,
            path,
            "bounds and categories never come from the site's data",
            "name a guideline or a code book",
        )


def _check_text(document: Document, path: Path, column: ColumnModel, faults: Faults) -> None:
    """Free text is stored as it is: nothing about it can be declared, since no question can name it."""
    if column.type is ColumnType.TEXT:
        for field, value in (("unit", column.unit), ("code_system", column.code_system)):
            if value:
                faults.at_key(document, (*path, field), f"a text column has no {field}")


def _check_categories(document: Document, path: Path, column: ColumnModel, faults: Faults) -> None:
    declared = column.categories
    if declared is None:
        if column.type is ColumnType.CATEGORY:
            advice = "add categories: {values: []}"
            faults.at(document, path, "a category column declares its categories", advice)
        return
    if column.type not in (ColumnType.CATEGORY, ColumnType.CODE):
        faults.at_key(document, (*path, "categories"), f"a {column.type} column has no categories")
        return
    labels = [(value, (*path, "categories", "values", i)) for i, value in enumerate(declared.values)]
    labels += [
        (label, (*path, "categories", role))
        for role, label in (("other", declared.other), ("missing", declared.missing))
        if label is not None
    ]
    seen: set[str] = set()
    for label, place in labels:
        if label in seen:
            faults.at(document, place, f"the label '{label}' is declared twice", "labels are unique")
        seen.add(label)


def _check_bounds(document: Document, path: Path, column: ColumnModel, faults: Faults) -> None:
    bounds = column.bounds
    if bounds is None:
        return
    place = (*path, "bounds")
    if column.type not in MEASURABLE:
        faults.at_key(document, place, f"a {column.type} column has no bounds")
    else:
        _check_range(document, place, column.type, bounds, faults)


def _check_range(
    document: Document, place: Path, kind: ColumnType, bounds: BoundsModel, faults: Faults
) -> None:
    if bounds.resolution <= 0:
        faults.at(document, (*place, "resolution"), "the resolution must be greater than 0")
        return
    if bounds.low >= bounds.high:
        faults.at(document, (*place, "low"), "low must be less than high")
    _check_grid(document, place, kind, bounds, faults)


def _check_grid(
    document: Document, place: Path, kind: ColumnType, bounds: BoundsModel, faults: Faults
) -> None:
    resolution = Fraction(bounds.resolution)
    if kind is ColumnType.INTEGER and resolution.denominator != 1:
        faults.at(document, (*place, "resolution"), "the resolution of an integer column is a whole number")
    for side, bound in (("low", bounds.low), ("high", bounds.high)):
        steps = Fraction(bound) / resolution
        if steps.denominator != 1:
            faults.at(document, (*place, side), f"{side} must be a multiple of the resolution")
        elif abs(steps) > LARGEST_STEP:
            faults.at(document, (*place, side), f"{side} is too many steps of the resolution from 0")


def _check_bounds_by(document: Document, path: Path, name: str, dataset: DatasetFile, faults: Faults) -> None:
    column = dataset.columns[name]
    declared = column.bounds_by
    if declared is None:
        return
    place = (*path, "bounds_by")
    if column.type not in MEASURABLE:
        faults.at_key(document, place, f"a {column.type} column has no bounds")
        return
    if column.bounds is not None:
        faults.at_key(document, place, "a column has bounds or bounds_by, not both", "keep one of them")
    _check_fixing(document, (*place, "columns"), declared, dataset, faults)
    seen: set[tuple[str, ...]] = set()
    for number, entry in enumerate(declared.entries):
        at: Path = (*place, "entries", number)
        _check_when(document, (*at, "when"), declared, number, dataset, faults)
        if tuple(entry.when) in seen:
            faults.at(document, (*at, "when"), "these values have bounds already", "keep one of them")
        seen.add(tuple(entry.when))
        _check_range(document, at, column.type, entry, faults)
        _check_source(document, (*at, "source"), entry.source, faults)


def _check_fixing(
    document: Document, path: Path, declared: BoundsByModel, dataset: DatasetFile, faults: Faults
) -> None:
    """The columns that tell which bounds apply: each named once, each a code or a category."""
    known = [name for name, column in dataset.columns.items() if column.type in FIXING]
    for number, name in enumerate(declared.columns):
        place = (*path, number)
        if name in declared.columns[:number]:
            faults.at(document, place, f"'{name}' is written twice", "keep one of them")
        elif name not in dataset.columns:
            faults.at(document, place, f"there is no column '{name}'", closest(name, known))
        elif name not in known:
            faults.at(document, place, f"column '{name}' must have the type code or category")


def _check_when(
    document: Document,
    path: Path,
    declared: BoundsByModel,
    number: int,
    dataset: DatasetFile,
    faults: Faults,
) -> None:
    """As many values as columns, each one that its column can hold."""
    values = declared.entries[number].when
    if len(values) != len(declared.columns):
        faults.at(document, path, f"must hold one value for each of: {', '.join(declared.columns)}")
        return
    for place, (name, value) in enumerate(zip(declared.columns, values, strict=True)):
        column = dataset.columns.get(name)
        if column is None or column.type not in FIXING:
            continue
        options = column.categories.values if column.categories else []
        if column.type is ColumnType.CODE and not _CODE.fullmatch(value):
            faults.at(document, (*path, place), f"'{value[:60]}' is not a code")
        elif column.type is ColumnType.CATEGORY and value not in options:
            description = f"'{value[:60]}' is not a declared value of column '{name}'"
            faults.at(document, (*path, place), description, closest(value, options))


def _check_map(document: Document, path: Path, column: ColumnModel, faults: Faults) -> None:
    """A source text may only become a value that the column can hold."""
    if column.source_map and column.type is ColumnType.IDENTIFIER:
        faults.at_key(
            document, (*path, "map"), "an identifier is never mapped", "two patients could become one"
        )
        return
    if column.source_map and column.type is ColumnType.TEXT:
        faults.at_key(document, (*path, "map"), "a text column is never mapped")
        return
    for text, value in column.source_map.items():
        if not _holds(column, value):
            options = _declared(column)
            faults.at(
                document,
                (*path, "map", text),
                f"'{value[:60]}' is not a value of this {column.type} column",
                closest(value, options) if options else "",
            )


def _declared(column: ColumnModel) -> list[str]:
    """What a map may lead to: `missing` is not among it, since a null comes from `nulls` alone."""
    if column.type is ColumnType.BOOLEAN:
        return ["false", "true"]
    declared = column.categories
    if declared is None:
        return []
    return declared.values + ([declared.other] if declared.other is not None else [])


def _holds(column: ColumnModel, value: str) -> bool:
    if column.type is ColumnType.INTEGER:
        return bool(_INTEGER.fullmatch(value))
    if column.type is ColumnType.NUMBER:
        return bool(_NUMBER.fullmatch(value))
    if column.type is ColumnType.DATE:
        return bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", value))
    if column.type is ColumnType.CODE:
        return bool(_CODE.fullmatch(value))
    return value in _declared(column)
