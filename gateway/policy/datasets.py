"""Population and dataset files -> catalogue words, with every check that needs more than one field.

Law: bounds are the sensitivity. They lie on their grid, they are written by people with a source, and
they never come from the data of the site.
May import: domain words, yamlio, policy models, load and faults.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from gateway.domain.catalog import Bounds, Categories, Column, ColumnType, Dataset, Population
from gateway.policy.faults import Faults, closest
from gateway.policy.load import Loaded, Source
from gateway.policy.models import BoundsModel, ColumnModel, DatasetFile
from gateway.yamlio import Document, Path, Plain

LARGEST_STEP = 2**53  # beyond it an engine's double no longer holds every grid integer
MEASURABLE = (ColumnType.INTEGER, ColumnType.NUMBER)
_FROM_DATA = re.compile(r"\b(site|our|own|local)('s)?\s+(own\s+)?data\b", re.IGNORECASE)
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_INTEGER = re.compile(r"-?[0-9]+")


def population_words(loaded: Loaded) -> dict[str, Population]:
    """Every population, by name."""
    return {
        name: Population(name=name, maximum=source.model.maximum)
        for name, source in sorted(loaded.populations.items())
    }


def dataset_words(
    loaded: Loaded, populations: Mapping[str, Population], faults: Faults
) -> dict[str, Dataset]:
    """Every dataset whose population is known, by name; what is wrong goes to `faults`."""
    datasets = {}
    for name, source in sorted(loaded.datasets.items()):
        _check_dataset(source, faults)
        population = populations.get(source.model.population)
        if population is not None:
            datasets[name] = _dataset(source, population)
        elif not loaded.known("population", source.model.population):
            faults.at(
                source.document,
                ("population",),
                f"there is no population '{source.model.population}'",
                closest(source.model.population, loaded.names.get("population", ())),
            )
    return datasets


def definition_digest(value: Plain) -> str:
    """SHA-256 (hex) of a parsed definition as canonical JSON; comments and layout do not count.

    Numbers that are not integers enter as their decimal digits, without trailing zeros.
    """
    text = json.dumps(_jsonable(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _jsonable(value: Plain) -> object:
    if isinstance(value, dict):
        return {key: _jsonable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_jsonable(item) for item in value]
    if isinstance(value, Decimal):
        return {"decimal": f"{value.normalize():f}"}
    return value


def _dataset(source: Source[DatasetFile], population: Population) -> Dataset:
    model = source.model
    return Dataset(
        name=model.dataset,
        title=model.title,
        description=model.description,
        population=population,
        patient_column=model.patient,
        row_key=model.row_key,
        columns={name: _column(name, column) for name, column in model.columns.items()},
        max_groups=model.max_groups,
        max_rows=model.max_rows,
        digest=definition_digest(source.document.value),
        source_digest=_source_digest(model),
    )


def _source_digest(model: DatasetFile) -> str:
    """What an ingest depends on; texts for people, bounds and categories may change without a new one."""
    nulls: list[Plain] = [*sorted({"", *model.nulls})]  # an empty text is always missing
    columns: dict[str, Plain] = {
        name: [column.type.value, column.source_name or name, dict(column.source_map)]
        for name, column in model.columns.items()
    }
    return definition_digest(
        {"patient": model.patient, "row_key": model.row_key, "nulls": nulls, "columns": columns}
    )


def _column(name: str, model: ColumnModel) -> Column:
    bounds, declared = model.bounds, model.categories
    return Column(
        name=name,
        type=model.type,
        description=model.description,
        unit=model.unit,
        code_system=model.code_system,
        bounds=Bounds(low=bounds.low, high=bounds.high, resolution=bounds.resolution) if bounds else None,
        categories=Categories(values=tuple(declared.values), other=declared.other, missing=declared.missing)
        if declared
        else None,
        source=model.source,
    )


def _check_dataset(source: Source[DatasetFile], faults: Faults) -> None:
    document, model = source.document, source.model
    for role, name in (("patient", model.patient), ("row_key", model.row_key)):
        column = model.columns.get(name)
        if column is None:
            faults.at(document, (role,), f"there is no column '{name}'", closest(name, model.columns))
        elif column.type is not ColumnType.IDENTIFIER:
            faults.at(document, (role,), f"column '{name}' must have the type identifier")
    if model.patient == model.row_key:
        faults.at(document, ("row_key",), "one column cannot name both the patient and the row")
    for name, column in model.columns.items():
        path: Path = ("columns", name)
        _check_categories(document, path, column, faults)
        _check_bounds(document, path, column, faults)
        _check_map(document, path, column, faults)
        if _FROM_DATA.search(column.source):
            faults.at(
                document,
                (*path, "source"),
                "bounds and categories never come from the site's data",
                "name a guideline or a code book",
            )


def _check_categories(document: Document, path: Path, column: ColumnModel, faults: Faults) -> None:
    declared = column.categories
    if column.type is not ColumnType.CATEGORY:
        if declared is not None:
            faults.at_key(document, (*path, "categories"), f"a {column.type} column has no categories")
        return
    if declared is None:
        faults.at(document, path, "a category column declares its categories", "add categories: {values: []}")
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
        return
    if bounds.resolution <= 0:
        faults.at(document, (*place, "resolution"), "the resolution must be greater than 0")
        return
    if bounds.low >= bounds.high:
        faults.at(document, (*place, "low"), "low must be less than high")
    _check_grid(document, place, column.type, bounds, faults)


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


def _check_map(document: Document, path: Path, column: ColumnModel, faults: Faults) -> None:
    """A source text may only become a value that the column can hold."""
    if column.source_map and column.type is ColumnType.IDENTIFIER:
        faults.at_key(
            document, (*path, "map"), "an identifier is never mapped", "two patients could become one"
        )
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
    return value in _declared(column)
