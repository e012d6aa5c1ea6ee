"""The whole hospital from one seed: patient after patient, each from a stream of chance of its own.

Law: a patient's rows depend on the seed and the patient's number alone, so that a larger hospital holds the
smaller one. Imports: the other files of this package.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from gateway.demo.hospital.encounters import condition_rows, encounter_row
from gateway.demo.hospital.identities import Identity, identity
from gateway.demo.hospital.measurements import observation_rows
from gateway.demo.hospital.notes import note_rows
from gateway.demo.hospital.people import Person, patient_row, person
from gateway.demo.hospital.reports import report_rows
from gateway.demo.hospital.rows import Hospital, Row
from gateway.demo.hospital.treatment import immunization_rows, medication_rows, procedure_rows
from gateway.demo.hospital.visits import visits

DEFAULT_PATIENTS = 3000
TABLES = (
    "patients", "encounters", "conditions", "observations", "medications", "procedures", "immunizations",
    "diagnostic_reports", "notes",
)  # fmt: skip


def build(seed: int, *, patients: int = DEFAULT_PATIENTS) -> Hospital:
    """Draw a hospital of so many patients, who are followed from 2024-01-01 to 2025-12-31.

    A few per cent of the rows are as untidy as real ones: missing values, codes of other systems, values
    beyond the declared bounds, rows without a patient.
    """
    tables: dict[str, list[Row]] = {name: [] for name in TABLES}
    names, born, identities = {}, {}, {}
    for number in range(1, patients + 1):
        draw = Random(f"{seed}/{number}")  # noqa: S311 - a repeatable world is the purpose; nothing is secret
        who = person(draw, seed, number)
        names[who.id], born[who.id] = (who.given, who.family), who.birth
        identities[who.id] = identity(seed, number, who)
        for name, rows in _chart(draw, who, identities[who.id]).items():
            tables[name] += rows
    return Hospital(seed=seed, tables=tables, names=names, born=born, identities=identities)


def _chart(draw: Random, who: Person, known: Identity) -> Mapping[str, list[Row]]:
    """All rows of one patient, in the order in which they follow from one another."""
    stays = visits(draw, who)
    chart: dict[str, list[Row]] = {
        "patients": [patient_row(draw, who)],
        "encounters": [encounter_row(draw, who, visit) for visit in stays],
        "conditions": [*condition_rows(draw, who, stays)],
        "observations": [*observation_rows(draw, who, stays)],
        "medications": [*medication_rows(draw, who, stays)],
        "procedures": [*procedure_rows(draw, who, stays)],
        "immunizations": [*immunization_rows(draw, who, stays)],
        "diagnostic_reports": [*report_rows(draw, who, stays)],
    }
    chart["notes"] = [*note_rows(draw, who, known, stays, chart["observations"], chart["medications"])]
    return chart
