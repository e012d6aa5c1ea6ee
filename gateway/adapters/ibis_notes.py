"""Notes by pages on DuckDB: the filter is compiled as every other, the page is cut by bound parameters.

Law: at most a page is in memory: its keys first, then as many of its notes as fit. The text of other notes
is never read. A key is a parameter, never SQL text. Imports: ibis, domain words, notes,
ibis_rows, ibis_filter, note_page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import ibis

from gateway.adapters.ibis_filter import Table, condition, value
from gateway.adapters.ibis_rows import Tables, extended
from gateway.adapters.note_page import positions, text_of
from gateway.adapters.source_file import name_sql
from gateway.domain.catalog import Dataset
from gateway.domain.deid import PatientRecord
from gateway.domain.notes import MOST_NOTE, MOST_PAGE_TEXT, NoteRow, Position
from gateway.notes import NotesPlan, NotesShape, record_of_rows


def notes_relation(shape: NotesShape, tables: Tables) -> Table:
    """The notes that meet the filter, under our own names: key, patient, language, text, and c<i>."""
    expression = shape.expression
    rows, flags = extended(
        tables[expression.table],
        expression.patient_column,
        expression.derived,
        [] if expression.where is None else [expression.where],
        patients=expression.patients,
        tables=tables,
    )
    if expression.where is not None:
        rows = rows.filter(condition(expression.where, rows, flags))
    columns = {
        "note_key": rows[expression.row_key].fill_null(""),
        "note_patient": rows[expression.patient_column],
        "note_language": rows[shape.language].fill_null("") if shape.language else ibis.literal(""),
        "note_text": rows[shape.text],
    }
    columns |= {f"c{i}": value(rows[name]) for i, name in enumerate(shape.columns)}
    return rows.select(**columns)


def read_notes(cursor: Any, sql: str, plan: NotesPlan, after: Position, most: int) -> tuple[NoteRow, ...]:
    """The next page after a position; empty at the end."""
    keys = cursor.execute(
        f"SELECT note_key FROM ({sql}) AS n WHERE note_key >= ? ORDER BY note_key LIMIT ? OFFSET ?",  # noqa: S608
        [after.key, most, after.seen],
    ).fetchall()
    if not keys:
        return ()
    span = [after.key, keys[-1][0]]
    rows = cursor.execute(_page_sql(sql, len(plan.columns)), [*span, len(keys), after.seen]).fetchall()
    records = _records(cursor, plan.identities, sorted({row[1] for row in rows}))
    found = zip(rows, positions(after, [row[0] for row in rows]), strict=True)
    return tuple(_note(plan, row, position, records) for row, position in found)


def _page_sql(sql: str, columns: int) -> str:
    """The notes of a span of keys as far as they make one page: parameters are the span, limit and offset.

    The order is whole but for rows that are alike. `so_far` adds up the lengths of texts that are not too
    long, so that the first notes that fit are a prefix; the very first always is.
    """
    names = ["note_key", "note_patient", "note_language", "note_text", *(f"c{i}" for i in range(columns))]
    order = ", ".join(f"{name} NULLS LAST" for name in names)
    others = ", ".join(name for name in names if name != "note_text")
    return (
        f"SELECT {', '.join(names)}, too_long FROM ("  # noqa: S608
        f"SELECT *, row_number() OVER w AS place, sum(coalesce(length(note_text), 0)) OVER w AS so_far FROM ("
        f"SELECT * FROM (SELECT {others}, length(note_text) > {MOST_NOTE} AS too_long, "
        f"CASE WHEN length(note_text) <= {MOST_NOTE} THEN note_text END AS note_text "
        f"FROM ({sql}) AS n WHERE note_key >= ? AND note_key <= ?) AS shortened "
        f"ORDER BY {order} LIMIT ? OFFSET ?) AS page "
        f"WINDOW w AS (ORDER BY {order} ROWS UNBOUNDED PRECEDING)) AS counted "
        f"WHERE place = 1 OR so_far <= {MOST_PAGE_TEXT} ORDER BY {order}"
    )


def _note(
    plan: NotesPlan,
    row: Sequence[Any],
    position: Position,
    records: Mapping[str, PatientRecord | None],
) -> NoteRow:
    _key, patient, language, text, *values, too_long = row
    named = zip(plan.columns, values, strict=True)
    return NoteRow(
        position=position,
        patient=patient,
        text=text,
        too_long=bool(too_long),
        language=language,
        context={name: text_of(held) for name, held in named if held is not None},
        record=records.get(patient),
    )


def _records(
    cursor: Any, identities: Dataset | None, patients: Sequence[str]
) -> Mapping[str, PatientRecord | None]:
    """What the table of identities says of some patients."""
    if identities is None:
        return {}
    names = list(dict.fromkeys([identities.row_key, *identities.identities]))
    listed = ", ".join(name_sql(name) for name in names)
    whose = name_sql(identities.patient_column)
    found = cursor.execute(
        f"SELECT {whose}, {listed} FROM {name_sql(identities.name)} "  # noqa: S608
        f"WHERE {whose} IN (SELECT unnest(?)) ORDER BY {listed}",
        [list(patients)],
    ).fetchall()
    rows = defaultdict(list)
    for patient, *values in found:
        rows[patient].append(dict(zip(names, values, strict=True)))
    return {patient: record_of_rows(identities, held) for patient, held in rows.items()}
