"""FHIR resources and files for the tests of the ingest; the standard tables as they are shipped."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from gateway.adapters.fhir_ingest import USUAL, Allowed, ingest_fhir
from gateway.adapters.fhir_report import Counts, FhirReport
from gateway.adapters.fhir_stage import FhirSource
from gateway.adapters.ndjson import source_files
from gateway.mapping import fhir_tables
from gateway.policy.datasets import dataset_words, population_words
from gateway.policy.faults import Faults
from gateway.policy.load import load
from gateway.policy.sources import source_mappings
from gateway.shipped import shipped

Content = dict[str, Any]
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"


@cache
def standard_files() -> Mapping[str, bytes]:
    root = shipped("policies")
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*.yaml"))}


@cache
def sources() -> Mapping[str, FhirSource]:
    files, faults = standard_files(), Faults()
    loaded = load(files, faults)
    datasets = dataset_words(loaded, population_words(loaded), faults)
    tables, mappings = fhir_tables(files), source_mappings(files)
    return {
        name: FhirSource(dataset=datasets[name], table=tables[name], mapping=mappings[name])
        for name in tables
    }


def patient(key: str = "p1", **more: Any) -> Content:
    return {"resourceType": "Patient", "id": key, "gender": "female", "birthDate": "1980-02-29", **more}


def observation(key: str = "o1", subject: str = "Patient/p1", value: Any = 23.5, **more: Any) -> Content:
    return {
        "resourceType": "Observation",
        "id": key,
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": "39156-5"}]},
        "subject": {"reference": subject},
        "effectiveDateTime": "2024-03-01T23:30:00-05:00",
        "valueQuantity": {"value": value, "system": UCUM, "code": "kg/m2"},
        **more,
    }


def condition(key: str = "c1", **more: Any) -> Content:
    return {
        "resourceType": "Condition",
        "id": key,
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "44054006"}]},
        "subject": {"reference": "Patient/p1"},
        **more,
    }


def line(resource: Content | bytes) -> bytes:
    return resource if isinstance(resource, bytes) else json.dumps(resource).encode()


def write(path: Path, resources: Iterable[Content | bytes], *, pack: bool = False) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = b"".join(line(each) + b"\n" for each in resources)
    path.write_bytes(gzip.compress(content) if pack else content)
    return path


def read(folder: Path, source: Path, counts: Counts | None = None, *, allowed: Allowed = USUAL) -> FhirReport:
    found = counts if counts is not None else Counts()
    return ingest_fhir(source_files(source), sources(), folder, found, allowed=allowed)


def rows(path: Path, table: str, columns: str = "*") -> list[tuple[Any, ...]]:
    with duckdb.connect(path, read_only=True) as connection:
        found: list[tuple[Any, ...]] = connection.execute(
            f"SELECT {columns} FROM {table} ORDER BY ALL"
        ).fetchall()
        return found


def everything(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    return {name: rows(path, name) for name in sources()}
