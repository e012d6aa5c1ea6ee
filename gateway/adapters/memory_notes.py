"""Notes by pages over rows held in memory: the reference, in plain Python, one row at a time.

Law: made of the plan's condition in the question's own words, never of the compiled expression.
Imports: the standard library, domain words, notes, memory_values, note_page.
"""

from __future__ import annotations

from typing import Any

from gateway.adapters.memory_values import Place, Row, World, known
from gateway.adapters.note_page import fitting, positions, text_of
from gateway.domain.deid import PatientRecord
from gateway.domain.notes import MOST_NOTE, NoteRow, Position
from gateway.notes import NotesPlan, record_of_rows


def page_of(world: World, plan: NotesPlan, after: Position, most: int) -> tuple[NoteRow, ...]:
    """The next page after a position; empty at the end."""
    rows = sorted(
        (row for row in world.tables[plan.dataset.name] if _asked(world, plan, row)), key=_order(plan)
    )
    rows = [row for row in rows if _key(plan, row) >= after.key][after.seen :][:most]
    texts = [row[plan.shape.text] for row in rows]
    lengths = [len(str(text)) if text is not None else 0 for text in texts]
    rows = rows[: fitting([0 if length > MOST_NOTE else length for length in lengths])]
    found = zip(rows, positions(after, [_key(plan, row) for row in rows]), lengths[: len(rows)], strict=True)
    return tuple(_note(world, plan, row, position, length) for row, position, length in found)


def _asked(world: World, plan: NotesPlan, row: Row) -> bool:
    patient = row[plan.dataset.patient_column]
    if patient is None:
        return False
    place = Place(world=world, dataset=plan.dataset, patient=str(patient), row=row)
    return plan.where is None or place.truth(plan.where) is True


def _key(plan: NotesPlan, row: Row) -> str:
    return str(row[plan.dataset.row_key] or "")


def _language(plan: NotesPlan, row: Row) -> str:
    return str(row[plan.shape.language] or "") if plan.shape.language else ""


def _order(plan: NotesPlan) -> Any:
    """By row key; what else is read makes the order whole, missing values last."""

    def order(row: Row) -> tuple[object, ...]:
        patient = str(row[plan.dataset.patient_column])
        text = row[plan.shape.text]
        read = [None if len(str(text)) > MOST_NOTE else text, *(known(row[name]) for name in plan.columns)]
        rest = [(value is None, "" if value is None else value) for value in read]
        return _key(plan, row), patient, _language(plan, row), *rest

    return order


def _note(world: World, plan: NotesPlan, row: Row, position: Position, length: int) -> NoteRow:
    text, patient = row[plan.shape.text], str(row[plan.dataset.patient_column])
    held = {name: known(row[name]) for name in plan.columns}
    return NoteRow(
        position=position,
        patient=patient,
        text=None if text is None or length > MOST_NOTE else str(text),
        too_long=length > MOST_NOTE,
        language=_language(plan, row),
        context={name: text_of(value) for name, value in held.items() if value is not None},
        record=_record(world, plan, patient),
    )


def _record(world: World, plan: NotesPlan, patient: str) -> PatientRecord | None:
    identities = plan.identities
    if identities is None:
        return None
    names = dict.fromkeys([identities.row_key, *identities.identities])

    def order(row: Row) -> list[tuple[bool, object]]:
        return [(row[name] is None, "" if row[name] is None else row[name]) for name in names]

    rows: list[Any] = sorted(world.rows_of(identities, patient), key=order)
    return record_of_rows(identities, rows)
