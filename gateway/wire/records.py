"""Notes and texts: message <-> domain.

Law: what leaves is what the outcome holds; spans of notes are counted by type, never sent.
Imports: gateway.v1, domain words, errors, and this room's conditions and values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from gateway.domain.deid import Deidentified, Withheld
from gateway.domain.limits import MAX_NAME, is_name
from gateway.domain.query import Predicate
from gateway.errors import InvalidRequest, Violation
from gateway.v1 import record_pb2
from gateway.wire.conditions import check_size, read_predicate
from gateway.wire.values import read_name

MOST_COLUMNS = 100
Columns = tuple[str, ...] | None


def notes_from_wire(
    message: record_pb2.StreamNotesRequest,
) -> tuple[str, str, Predicate | str | None, Columns]:
    """Agreement, dataset, filter (SQL stays text) and columns, None where all are asked for.

    Raises InvalidRequest for the call's own fields and InvalidQuery for the condition, each with its path.
    """
    agreement = agreement_from_wire(message.agreement)
    dataset = read_name(message.dataset, "dataset")
    where: Predicate | str | None = None
    match message.WhichOneof("filter"):
        case "where":
            check_size([("where", message.where)])
            where = read_predicate(message.where, "where")
        case "sql":
            where = message.sql
    columns: Columns = None
    if message.HasField("columns"):
        if len(message.columns.names) > MOST_COLUMNS:
            raise _fault("columns.names", f"at most {MOST_COLUMNS} columns")
        names = enumerate(message.columns.names)
        columns = tuple(read_name(name, f"columns.names[{i}]") for i, name in names)
    return agreement, dataset, where, columns


def agreement_from_wire(name: str) -> str:
    """The agreement's id. Raises InvalidRequest."""
    if not is_name(name):
        raise _fault("agreement", f"must be 1 to {MAX_NAME} printable characters")
    return name


def note_to_wire(note: Deidentified) -> record_pb2.Note:
    """A note that leaves."""
    return record_pb2.Note(
        id=note.id,
        text=note.text,
        language=note.language,
        context=note.context,
        identifiers=Counter(span.type.value for span in note.spans),
    )


def text_to_wire(text: Deidentified) -> record_pb2.DeidentifiedText:
    """A caller's own text, with the places of what was found in it."""
    spans = [
        record_pb2.TextSpan(
            start=span.start, end=span.end, type=span.type.value, score=span.score, source=span.source
        )
        for span in text.spans
    ]
    return record_pb2.DeidentifiedText(id=text.id, text=text.text, language=text.language, spans=spans)


def withheld_to_wire(withheld: Sequence[Withheld]) -> list[record_pb2.WithheldText]:
    """Texts that do not leave."""
    return [record_pb2.WithheldText(id=one.id, reason=one.reason) for one in withheld]


def _fault(path: str, description: str) -> InvalidRequest:
    return InvalidRequest(violations=[Violation(field=path, description=description)])
