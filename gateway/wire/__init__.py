"""Protobuf <-> domain words, nothing else.

Law: whatever bytes a message was read from, reading it gives domain words or a GatewayError that names the
field; message -> domain -> message is the identity. Depth and size are checked before anything recurses.
Imports: gateway.v1, domain words, errors.
"""

from gateway.wire.answers import balance_to_wire, loss_to_wire, receipt_to_wire, rows_to_wire
from gateway.wire.questions import query_from_wire
from gateway.wire.records import (
    agreement_from_wire,
    note_to_wire,
    notes_from_wire,
    text_to_wire,
    withheld_to_wire,
)
from gateway.wire.requests import (
    assumed_from_wire,
    assumed_to_wire,
    is_request_id,
    question_from_wire,
    spend_to_wire,
)
from gateway.wire.words import kind_from_wire
from gateway.wire.writing import kind_to_wire, predicate_to_wire, query_to_wire

__all__ = [
    "agreement_from_wire",
    "assumed_from_wire",
    "assumed_to_wire",
    "balance_to_wire",
    "is_request_id",
    "kind_from_wire",
    "kind_to_wire",
    "loss_to_wire",
    "note_to_wire",
    "notes_from_wire",
    "predicate_to_wire",
    "query_from_wire",
    "query_to_wire",
    "question_from_wire",
    "receipt_to_wire",
    "rows_to_wire",
    "spend_to_wire",
    "text_to_wire",
    "withheld_to_wire",
]
