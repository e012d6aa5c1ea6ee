"""Notes and texts as a partner reads them, and the stream that goes on where it was cut.

Law: a stream that ends early is asked for again with the token of the last batch that arrived, so that each
note comes once; what the site refuses is raised and not tried again.
May import: grpc, gateway.v1, wire, errors, client.answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway import wire
from gateway.client.answer import Receipt
from gateway.domain.query import Predicate
from gateway.errors import GatewayError, InvalidRequest
from gateway.v1 import common_pb2, record_pb2

Open = Callable[[record_pb2.StreamNotesRequest], Iterator[record_pb2.StreamNotesResponse]]
"""Opens one stream; raises a `GatewayError` wherever it fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A de-identified note. `identifiers` counts by type what was found in it."""

    id: str
    text: str
    language: str
    context: Mapping[str, str] = field(default_factory=dict)
    identifiers: Mapping[str, int] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "text": self.text,
            "language": self.language,
            "context": dict(sorted(self.context.items())),
            "identifiers": dict(sorted(self.identifiers.items())),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """A text that the site did not let out, and its stable reason."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteBatch:
    """What left together. `next_page_token` goes on after it; empty: there is nothing after it."""

    notes: tuple[Note, ...]
    withheld: tuple[Withheld, ...]
    next_page_token: str
    receipt: Receipt
    profile: str
    profile_digest: str
    snapshot: str
    obligations: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text of one's own to de-identify.

    `language` is BCP 47, empty where it must be found out. `subject` names the patient, where several texts
    should have the same surrogates and date shifts. `patient` is a FHIR R4 Patient resource, where known.
    """

    id: str
    text: str
    language: str = ""
    subject: str = ""
    patient: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """An identifier that was found: code points of the text as it was sent, the end excluded."""

    start: int
    end: int
    type: str
    score: float
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeidentifiedText:
    id: str
    text: str
    language: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deidentified:
    """What became of some texts, and where that is recorded."""

    texts: tuple[DeidentifiedText, ...]
    withheld: tuple[Withheld, ...]
    receipt: Receipt
    profile: str
    profile_digest: str
    obligations: tuple[str, ...]


def notes_request(
    agreement: str,
    dataset: str,
    where: str | Predicate | None,
    columns: Sequence[str] | None,
    page_size: int,
    page_token: str,
) -> record_pb2.StreamNotesRequest:
    """The message of a request. Raises InvalidRequest for what no message can hold."""
    try:
        request = record_pb2.StreamNotesRequest(
            agreement=agreement, dataset=dataset, page_size=page_size, page_token=page_token
        )
        if isinstance(where, str):
            request.sql = where
        elif where is not None:
            request.where.CopyFrom(wire.predicate_to_wire(where))
        if columns is not None:
            request.columns.names.extend(columns)
            request.columns.SetInParent()
    except ValueError:  # half a surrogate pair, a number out of range
        raise InvalidRequest("the request holds what cannot be sent", reason="REQUEST_INVALID") from None
    return request


def batches(
    request: record_pb2.StreamNotesRequest,
    open_stream: Open,
    again: Callable[[GatewayError, int], bool],
) -> Iterator[NoteBatch]:
    """Every batch to the last, over as many streams as it takes.

    `again` is told of an error and how many streams in a row brought nothing; it waits and says whether to
    go on.
    """
    fruitless = 0
    while True:
        try:
            for message in open_stream(request):
                batch = batch_of(message)
                fruitless = 0
                request.page_token = batch.next_page_token
                yield batch
                if not batch.next_page_token:
                    return
        except GatewayError as error:
            fruitless += 1
            if not again(error, fruitless):
                raise


def batch_of(message: record_pb2.StreamNotesResponse) -> NoteBatch:
    """One batch off the wire."""
    return NoteBatch(
        notes=tuple(
            Note(
                id=note.id,
                text=note.text,
                language=note.language,
                context=dict(note.context),
                identifiers=dict(note.identifiers),
            )
            for note in message.notes
        ),
        withheld=_withheld(message.withheld),
        next_page_token=message.next_page_token,
        receipt=_receipt(message.receipt),
        profile=message.profile,
        profile_digest=message.profile_digest,
        snapshot=message.snapshot,
        obligations=tuple(message.obligations),
    )


def text_request(agreement: str, texts: Iterable[Text]) -> record_pb2.DeidentifyTextRequest:
    """The message of some texts. Raises InvalidRequest for what no message can hold."""
    try:
        documents = [
            record_pb2.TextDocument(
                id=text.id,
                text=text.text,
                language=text.language,
                subject=text.subject,
                patient="" if text.patient is None else json.dumps(text.patient),
            )
            for text in texts
        ]
        return record_pb2.DeidentifyTextRequest(agreement=agreement, documents=documents)
    except (TypeError, ValueError):
        raise InvalidRequest("a text holds what cannot be sent", reason="TEXTS_INVALID") from None


def deidentified(message: record_pb2.DeidentifyTextResponse) -> Deidentified:
    """The outcomes off the wire."""
    return Deidentified(
        texts=tuple(
            DeidentifiedText(
                id=text.id,
                text=text.text,
                language=text.language,
                spans=tuple(
                    Span(start=s.start, end=s.end, type=s.type, score=s.score, source=s.source)
                    for s in text.spans
                ),
            )
            for text in message.texts
        ),
        withheld=_withheld(message.withheld),
        receipt=_receipt(message.receipt),
        profile=message.profile,
        profile_digest=message.profile_digest,
        obligations=tuple(message.obligations),
    )


def _withheld(messages: Iterable[record_pb2.WithheldText]) -> tuple[Withheld, ...]:
    return tuple(Withheld(id=one.id, reason=one.reason) for one in messages)


def _receipt(message: common_pb2.Receipt) -> Receipt:
    return Receipt(entry=message.entry, index=message.index, leaf_hash=message.leaf_hash)
