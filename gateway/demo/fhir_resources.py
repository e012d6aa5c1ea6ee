"""Rows of the standard tables -> FHIR R4 resources, one function for each table.

Law: reading a resource by the standard mapping gives its row again. Names, addresses and numbers are written,
as hospitals do, and no table but the notes' text holds any of them. Imports: demo.hospital, demo.fhir_words.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence

from gateway.demo.fhir_words import HL7, Content, coded, concept, moment, quantity, reference, said, written
from gateway.demo.hospital.identities import HOSPITAL
from gateway.demo.hospital.rows import Hospital, Row, Value

_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"
_CENSUS = "urn:oid:2.16.840.1.113883.6.238"


def patient(hospital: Hospital, row: Row) -> Content:
    """Where the day of birth is not recorded, the year is."""
    key = str(row["patient_id"])
    given, family = hospital.names[key]
    known = hospital.identities[key]
    extensions = [
        {"url": _CORE + name, "extension": [{"url": "ombCategory", "valueCoding": _census(row[name])}]}
        for name in ("race", "ethnicity")
        if row[name] is not None
    ]
    return said(
        resourceType="Patient",
        id=key,
        extension=extensions or None,
        identifier=[
            _identifier("MR", "urn:oid:2.999.1.1", known.record_number),
            _identifier("SS", "http://hl7.org/fhir/sid/us-ssn", known.social_security),
            _identifier("MB", "urn:oid:2.999.1.2", known.member),
        ],
        name=[{"family": family, "given": [given]}],
        telecom=[_telecom("phone", known.phone), _telecom("email", known.email)],
        gender=row["sex"],
        birthDate=written(row["birth_date"]) or str(hospital.born[key].year),
        deceasedBoolean=row["deceased"],
        deceasedDateTime=written(row["deceased_date"]),
        address=[
            said(
                line=[known.street],
                city=known.city,
                state=row["state"],
                postalCode=known.zip,
                country=row["country"],
            )
        ],
        contact=[
            {
                "relationship": [{"text": known.relation}],
                "name": {"family": known.relative.family, "given": [known.relative.given]},
                "telecom": [_telecom("phone", known.relative_phone)],
            }
        ],
        generalPractitioner=[{"display": f"Dr. {known.practitioner.text}"}],
        managingOrganization={"reference": "Organization/hospital", "display": HOSPITAL},
    )


def _identifier(kind: str, system: str, value: str) -> Content:
    return {"type": {"coding": [{"system": HL7 + "v2-0203", "code": kind}]}, "system": system, "value": value}


def _telecom(system: str, value: str) -> Content:
    return {"system": system, "value": value}


def _census(code: Value) -> Content:
    return {"system": _CENSUS, "code": code}


def encounter(row: Row) -> Content:
    """A contact with its reason, where it came from and led to."""
    return said(
        resourceType="Encounter",
        id=row["encounter_id"],
        status=row["status"],
        **{"class": None if row["class"] is None else {"system": HL7 + "v3-ActCode", "code": row["class"]}},
        type=[concept(row["type_system"], row["type_code"])],
        subject=reference("Patient", row["patient_id"]),
        period=said(start=moment(row["start_date"]), end=moment(row["end_date"])),
        reasonCode=None
        if row["reason_code"] is None
        else [concept(row["reason_system"], row["reason_code"])],
        hospitalization=said(
            admitSource=concept(HL7 + "admit-source", row["admit_source"]),
            dischargeDisposition=concept(HL7 + "discharge-disposition", row["discharge"]),
        )
        or None,
    )


def condition(row: Row) -> Content:
    """A diagnosis. Where the onset is not recorded to the day, its year is."""
    recorded = written(row["recorded_date"])
    category = concept(HL7 + "condition-category", row["category"])
    return said(
        resourceType="Condition",
        id=row["condition_id"],
        clinicalStatus=concept(HL7 + "condition-clinical", row["clinical_status"]),
        verificationStatus=concept(HL7 + "condition-ver-status", row["verification_status"]),
        category=None if category is None else [category],
        code=coded(row),
        subject=reference("Patient", row["patient_id"]),
        encounter=reference("Encounter", row["encounter_id"]),
        onsetDateTime=written(row["onset_date"]) or (recorded or "")[:4],
        abatementDateTime=written(row["abatement_date"]),
        recordedDate=recorded,
    )


def observation(rows: Sequence[Row], number: int) -> Content:
    """A measurement; two rows are the components of one, such as a blood pressure."""
    row, spelled = rows[0], number % 20 == 0
    several = len(rows) > 1
    category = concept(HL7 + "observation-category", row["category"])
    return said(
        resourceType="Observation",
        id=str(row["observation_id"]).partition("#")[0],
        status=row["status"],
        category=None if category is None else [category],
        code=concept(row["code_system"], "85354-9") if several else coded(row),
        subject=reference("Patient", row["patient_id"]),
        encounter=reference("Encounter", row["encounter_id"]),
        effectiveDateTime=moment(row["effective_date"]),
        component=[said(code=coded(r), valueQuantity=quantity(r, spelled=spelled)) for r in rows]
        if several
        else None,
        valueQuantity=None if several else quantity(row, spelled=spelled),
        valueCodeableConcept=concept(row["value_system"], row["value_code"]),
    )


def medication(row: Row, number: int) -> Content:
    """A prescription; some name the medication by a resource that they contain."""
    inside = number % 40 == 0
    return said(
        resourceType="MedicationRequest",
        id=row["medication_id"],
        contained=[{"resourceType": "Medication", "id": "med", "code": coded(row)}] if inside else None,
        status=row["status"],
        intent=row["intent"],
        medicationReference={"reference": "#med"} if inside else None,
        medicationCodeableConcept=None if inside else coded(row),
        subject=reference("Patient", row["patient_id"]),
        encounter=reference("Encounter", row["encounter_id"]),
        authoredOn=moment(row["authored_date"]),
    )


def procedure(row: Row) -> Content:
    """Something done, on one day."""
    return said(
        resourceType="Procedure",
        id=row["procedure_id"],
        status=row["status"],
        code=coded(row),
        subject=reference("Patient", row["patient_id"]),
        encounter=reference("Encounter", row["encounter_id"]),
        performedDateTime=moment(row["start_date"]),
    )


def immunization(row: Row) -> Content:
    """A vaccination, given or not."""
    return said(
        resourceType="Immunization",
        id=row["immunization_id"],
        status=row["status"],
        vaccineCode=coded(row),
        patient=reference("Patient", row["patient_id"]),
        encounter=reference("Encounter", row["encounter_id"]),
        occurrenceDateTime=written(row["occurrence_date"]),
        primarySource=row["primary_source"],
    )


def report(row: Row) -> Content:
    """A report with its conclusion; the single results are observations."""
    category = concept(HL7 + "v2-0074", row["category"])
    return said(
        resourceType="DiagnosticReport",
        id=row["report_id"],
        status=row["status"],
        category=None if category is None else [category],
        code=coded(row),
        subject=reference("Patient", row["patient_id"]),
        encounter=reference("Encounter", row["encounter_id"]),
        effectiveDateTime=moment(row["effective_date"]),
        issued=moment(row["issued_date"]),
        conclusion=row["conclusion"],
    )


def note(row: Row) -> Content:
    """A document that holds its own text."""
    text = b64encode(str(row["text"]).encode()).decode()
    return said(
        resourceType="DocumentReference",
        id=str(row["note_id"]).partition("#")[0],
        status=row["status"],
        type=coded(row, "type_code", "type_system"),
        subject=reference("Patient", row["patient_id"]),
        date=moment(row["written_date"]),
        content=[{"attachment": {"contentType": "text/plain; charset=utf-8", "data": text}}],
        context={"encounter": [reference("Encounter", row["encounter_id"])]},
    )
