"""Population and dataset files -> catalogue words, with every check that needs more than one field.

Law: a function of the files alone. A definition's digest changes with everything that it says, and the
digest of how its source is read changes with that alone.
May import: domain words, yamlio, policy columns, models, load and faults.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal

from gateway.domain.catalog import AGE, ColumnType, Dataset, Population
from gateway.policy.columns import check_columns, column_word
from gateway.policy.faults import Faults, closest
from gateway.policy.load import Loaded, Source
from gateway.policy.models import DatasetFile, FhirModel, PatientsModel, PopulationFile
from gateway.policy.texts import check_identities, check_texts, note_columns
from gateway.yamlio import Document, Path, Plain


def population_words(loaded: Loaded) -> dict[str, Population]:
    """Every population, by name."""
    return {name: _population(name, source.model) for name, source in sorted(loaded.populations.items())}


def _population(name: str, model: PopulationFile) -> Population:
    patients = model.patients
    return Population(
        name=name,
        maximum=model.maximum,
        patients=patients.dataset if patients else "",
        birth_date=(patients.birth_date or "") if patients else "",
    )


def dataset_words(
    loaded: Loaded, populations: Mapping[str, Population], faults: Faults
) -> dict[str, Dataset]:
    """Every dataset whose population is known, by name; what is wrong goes to `faults`."""
    for population_source in loaded.populations.values():
        _check_patients(population_source, loaded, faults)
    check_identities(loaded, faults)
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
        columns={name: column_word(name, column) for name, column in model.columns.items()},
        max_groups=model.max_groups,
        max_rows=model.max_rows,
        digest=definition_digest(source.document.value),
        source_digest=_source_digest(model),
        notes=note_columns(model.notes),
        identities=dict(model.identities or {}),
    )


def _source_digest(model: DatasetFile) -> str:
    """What an ingest depends on; texts for people, bounds and categories may change without a new one."""
    nulls: list[Plain] = [*sorted({"", *model.nulls})]  # an empty text is always missing
    columns: dict[str, Plain] = {
        name: [column.type.value, column.source_name or name, dict(column.source_map)]
        for name, column in model.columns.items()
    }
    read: dict[str, Plain] = {
        "patient": model.patient,
        "row_key": model.row_key,
        "nulls": nulls,
        "columns": columns,
    }
    if model.fhir is not None:
        read["fhir"] = model.fhir.model_dump()
    return definition_digest(read)


def _check_patients(source: Source[PopulationFile], loaded: Loaded, faults: Faults) -> None:
    """The patients' attributes stand in a dataset of this very population."""
    declared = source.model.patients
    if declared is None:
        return
    name, place = declared.dataset, ("patients", "dataset")
    found = loaded.datasets.get(name)
    if found is None:
        if not loaded.known("dataset", name):
            suggestion = closest(name, loaded.names.get("dataset", ()))
            faults.at(source.document, place, f"there is no dataset '{name}'", suggestion)
    elif found.model.population != source.model.population:
        description = f"dataset '{name}' belongs to the population '{found.model.population}'"
        faults.at(source.document, place, description)
    else:
        _check_birth_date(source, declared, found, faults)


def _check_birth_date(
    source: Source[PopulationFile],
    declared: PatientsModel,
    patients: Source[DatasetFile],
    faults: Faults,
) -> None:
    """Ages are counted from a date; what they are called must then be free."""
    if declared.birth_date is None:
        return
    columns = patients.model.columns
    dates = [name for name, column in columns.items() if column.type is ColumnType.DATE]
    if declared.birth_date not in dates:
        description = f"dataset '{declared.dataset}' has no date column '{declared.birth_date}'"
        suggestion = closest(declared.birth_date, dates)
        faults.at(source.document, ("patients", "birth_date"), description, suggestion)
    if AGE in columns:
        description = f"the name '{AGE}' is taken by the age that is counted from the birth date"
        faults.at_key(patients.document, ("columns", AGE), description, "name the column otherwise")


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
    check_columns(document, model, faults)
    check_texts(document, model, faults)
    if model.fhir is not None:
        _check_fhir(document, model, model.fhir, faults)


def _check_fhir(document: Document, model: DatasetFile, fhir: FhirModel, faults: Faults) -> None:
    """Every column but the row key has a place in the resource, either in all rows or in some form of row."""
    blocks: list[tuple[Path, Mapping[str, object]]] = [(("fhir", "columns"), fhir.columns)]
    blocks += [(("fhir", "rows", i, "columns"), form.columns) for i, form in enumerate(fhir.rows)]
    for path, columns in blocks:
        for name in columns:
            if name == model.row_key:
                faults.at_key(document, (*path, name), "the row key is made of the resource's id")
            elif name not in model.columns:
                suggestion = closest(name, model.columns)
                faults.at_key(document, (*path, name), f"there is no column '{name}'", suggestion)
            elif path[1] == "rows" and name in fhir.columns:
                faults.at_key(document, (*path, name), f"'{name}' is the same in every row already")
    mapped = {model.row_key}.union(*(columns for _, columns in blocks))
    for name in model.columns:
        if name not in mapped:
            faults.at_key(document, ("fhir",), f"the column '{name}' has no path")
    if model.patient in model.columns and model.patient not in fhir.columns and model.patient in mapped:
        faults.at_key(document, ("fhir",), "every row of a resource belongs to the same patient")
    plain = [i for i, form in enumerate(fhir.rows) if form.each is None]
    for number in plain[1:]:
        faults.at(document, ("fhir", "rows", number), "a second row of the resource itself", "use each")
