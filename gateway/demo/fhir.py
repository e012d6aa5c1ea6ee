"""The hospital as a FHIR R4 bulk export: one NDJSON file for each type of resource.

Law: reading the export by the standard mapping gives the hospital's rows again. As in real exports some
resources were entered in error, some come in two versions, and one type is of no table.
Imports: demo.hospital, demo.fhir_resources, the standard library.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path

from gateway.demo import fhir_resources as made
from gateway.demo.fhir_words import HL7, Content, concept
from gateway.demo.hospital.identities import HOSPITAL
from gateway.demo.hospital.rows import Hospital, Row

ERROR_EVERY, TWICE_EVERY = 150, 130
_ERROR = "entered-in-error"
_EARLIER, _LATER = "2025-12-31T08:00:00Z", "2026-01-02T08:00:00+01:00"


def write_fhir(hospital: Hospital, folder: Path) -> tuple[Path, ...]:
    """Write `Patient.ndjson` and so on into a folder; returns the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for kind, resources in _export(hospital):
        path = folder / f"{kind}.ndjson"
        with path.open("w", encoding="utf-8", newline="\n") as file:
            for resource in resources:
                file.write(json.dumps(resource, separators=(",", ":")) + "\n")
        paths.append(path)
    return tuple(paths)


def _export(hospital: Hospital) -> Iterator[tuple[str, Iterable[Content]]]:
    tables = hospital.tables
    yield (
        "Organization",
        [{"resourceType": "Organization", "id": "hospital", "name": f"{HOSPITAL} (synthetic)"}],
    )
    yield "Patient", _untidy(made.patient(hospital, row) for row in tables["patients"])
    plain: tuple[tuple[str, str, Callable[[Row], Content]], ...] = (
        ("Encounter", "encounters", made.encounter),
        ("Condition", "conditions", made.condition),
        ("Procedure", "procedures", made.procedure),
        ("Immunization", "immunizations", made.immunization),
        ("DiagnosticReport", "diagnostic_reports", made.report),
        ("DocumentReference", "notes", made.note),
    )
    for kind, table, resource in plain:
        yield kind, _untidy(map(resource, tables[table]))
    numbered = enumerate(tables["medications"], start=1)
    yield "MedicationRequest", _untidy(made.medication(row, number) for number, row in numbered)
    yield "Observation", _untidy(_observations(hospital))


def _observations(hospital: Hospital) -> Iterator[Content]:
    grouped = groupby(
        hospital.tables["observations"], lambda row: str(row["observation_id"]).partition("#")[0]
    )
    for number, (_, rows) in enumerate(grouped, start=1):
        yield made.observation(list(rows), number)


def _untidy(resources: Iterable[Content]) -> Iterator[Content]:
    """Add what must not count: resources entered in error, and an earlier version after the later one."""
    for number, resource in enumerate(resources, start=1):
        if number % TWICE_EVERY:
            yield resource
        else:
            yield resource | {"meta": {"lastUpdated": _LATER}}
            yield {**_stripped(resource), "meta": {"lastUpdated": _EARLIER}}
        if number % ERROR_EVERY == 0 and resource["resourceType"] != "Patient":
            yield _in_error(resource)


def _stripped(resource: Content) -> Content:
    """An earlier version, in which less was known."""
    return {name: value for name, value in resource.items() if name not in ("status", "code", "gender")}


def _in_error(resource: Content) -> Content:
    mark = (
        {"verificationStatus": concept(HL7 + "condition-ver-status", _ERROR)}
        if resource["resourceType"] == "Condition"
        else {"status": _ERROR}
    )
    return {**resource, "id": f"{resource['id']}-error", **mark}
