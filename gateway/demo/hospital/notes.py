"""Clinical notes in plain English: the notes table.

Law: a note says what the record says of the same visit; it identifies the patient and whoever is on record
with them, all of them invented. Imports: codes, encounters, identities, people, rows, visits, demo.notes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random

from gateway.demo.hospital import codes as c
from gateway.demo.hospital.encounters import NOBODY
from gateway.demo.hospital.identities import HOSPITAL, Identity
from gateway.demo.hospital.people import Person
from gateway.demo.hospital.rows import Row, Value, key, perhaps, pick
from gateway.demo.hospital.visits import EMERGENCY, INPATIENT, Visit
from gateway.demo.notes import dates, numbers

_OFTEN = {INPATIENT: 0.9, EMERGENCY: 0.5}
_STATUS = {"current": 0.96, "superseded": 0.03, None: 0.01}
_OPENINGS = (
    "{name}, {age} years, seen on {day}.",
    "Seen today ({day}): {name}, aged {age}.",
    "{day}. {name} ({age} y) presents.",
)
_HEADS = (
    "{hospital}\nPatient: {last_first}   MRN: {mrn}   DOB: {born}",
    "{hospital} - {last_first} - {mrn}",
    "Name {name}, born {born}, record {mrn}, SSN {ssn}",
    "Chart of {name}, {street}, {city} {zip}, tel. {phone}",
)
_TAILS = (
    "The {relation}, {relative}, was informed ({relative_phone}).",
    "Copy to Dr. {practitioner}, {practice}.",
    "Reached at {phone} or {email}; member number {member}.",
    "Lives at {street}, {city}; next of kin is the {relation}, {relative}, {relative_phone}.",
    "Dr. {practitioner} of {practice} will see the patient again.",
)
_BARE = 0.3  # of the notes have no head
_CLOSINGS = ("Follow-up as usual.", "To return if it gets worse.", "Results will be sent to the practice.")


def note_rows(
    draw: Random,
    who: Person,
    known: Identity,
    visits: Sequence[Visit],
    measured: Sequence[Row],
    prescribed: Sequence[Row],
) -> Iterator[dict[str, Value]]:
    """Notes of most stays and many other visits; `measured` and `prescribed` are the patient's own rows."""
    # What identifies comes from chance of its own, so that it changes nothing else of a note.
    apart = Random(f"{known.social_security}/notes")  # noqa: S311 - a repeatable world; nothing is secret
    number = 0
    for visit in visits:
        if draw.random() < _OFTEN.get(visit.kind, 0.25):
            yield {
                "patient_id": perhaps(draw, who.id, NOBODY),
                "note_id": f"{key('N', who.id, number)}#1",
                "encounter_id": visit.id,
                "type_system": c.LOINC,
                "type_code": _type(draw, visit),
                "status": pick(draw, _STATUS),
                "written_date": perhaps(draw, visit.end, 0.01),
                "text": _text(
                    draw, _facts(apart, who, known, visit), apart, who, visit, measured, prescribed
                ),
            }
            number += 1


def _type(draw: Random, visit: Visit) -> str:
    if visit.kind == INPATIENT:
        return c.DISCHARGE_NOTE if draw.random() < 0.8 else c.ADMISSION_NOTE
    return c.EMERGENCY_NOTE if visit.kind == EMERGENCY else c.PROGRESS_NOTE


def _text(
    draw: Random,
    facts: Mapping[str, str | int],
    apart: Random,
    who: Person,
    visit: Visit,
    measured: Sequence[Row],
    prescribed: Sequence[Row],
) -> str:
    reason = "check-up" if visit.reason is None else c.DIAGNOSES[visit.reason][0]
    lines = [] if apart.random() < _BARE else [apart.choice(_HEADS).format(**facts)]
    lines += [draw.choice(_OPENINGS).format(**facts), f"Reason: {reason}."]
    lasting = [
        c.DIAGNOSES[code][0] for code in who.ill if who.has(code, visit.start) and code != visit.reason
    ]
    lines.append(f"Known: {', '.join(lasting)}." if lasting else "No lasting illness is known.")
    lines += _results(visit, measured)
    drugs = sorted({name for row in prescribed if (name := _drug(row, visit)) is not None})
    if drugs:
        lines.append(f"Takes {', '.join(drugs)}.")
    if visit.kind == INPATIENT:
        again = " after an earlier discharge" if visit.returned else ""
        lines.append(f"Nights in hospital: {visit.nights}{again}.")
    tails = [tail.format(**facts) for tail in apart.sample(_TAILS, apart.choice((0, 1, 2)))]
    return "\n".join([*lines, *tails, draw.choice(_CLOSINGS)])


def _facts(draw: Random, who: Person, known: Identity, visit: Visit) -> Mapping[str, str | int]:
    """What identifies, as it is written down: telephones and numbers in some form, the rest as on record."""

    def phone(number: str) -> str:
        return numbers.us_phone_written(draw, number)

    return {
        "name": f"{who.given} {who.family}",
        "last_first": f"{who.family}, {who.given}",
        "age": who.age(visit.start),
        "day": visit.start.isoformat(),
        "born": draw.choice(dates.NUMERIC)(who.birth),
        "hospital": HOSPITAL,
        "mrn": known.record_number,
        "ssn": numbers.ssn_written(draw, known.social_security),
        "member": known.member,
        "street": known.street,
        "city": known.city,
        "zip": known.zip,
        "phone": phone(known.phone),
        "email": known.email,
        "relation": known.relation,
        "relative": known.relative.text,
        "relative_phone": phone(known.relative_phone),
        "practitioner": known.practitioner.text,
        "practice": known.practice,
    }


def _results(visit: Visit, measured: Sequence[Row]) -> Iterator[str]:
    for row in measured:
        if row["encounter_id"] == visit.id and row["value"] is not None:
            unit, _, name = c.MEASURES[str(row["code"])]
            yield f"{name.capitalize() if name.islower() else name}: {_sign(row)}{row['value']} {unit}."


def _sign(row: Mapping[str, Value]) -> str:
    return "" if row["comparator"] is None else f"{row['comparator']} "


def _drug(row: Row, visit: Visit) -> str | None:
    """The name of what was prescribed within the half year before, and is not foreign."""
    day = row["authored_date"]
    known = c.DRUGS.get(str(row["code"]))
    if known is None or isinstance(day, str | int | float) or day is None:
        return None
    return known[0] if 0 <= (visit.start - day).days <= 182 else None
