"""Notes and callers' own texts: convert, call one flow, convert.

Imports: gateway.v1, wire, flows, rpc.guard.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from gateway import wire
from gateway.domain.identity import Principal
from gateway.flows.deidentify import OwnText, deidentify_text
from gateway.flows.disclose import Batch, stream_notes
from gateway.flows.prepare_notes import NotesRequest
from gateway.flows.site import Site
from gateway.flows.texts import sent_of, withheld_of
from gateway.rpc.guard import Method, Methods, StreamMethod
from gateway.v1 import record_pb2

RECORD = record_pb2.DESCRIPTOR.services_by_name["RecordService"]
LAST_SECONDS = 5.0  # before the deadline no batch is begun, so that the last one arrives


def record_methods(site: Site) -> Methods:
    """The methods of RecordService."""
    return {"StreamNotes": _stream_notes(site), "DeidentifyText": _deidentify_text(site)}


def _stream_notes(site: Site) -> StreamMethod:
    async def notes(
        request: record_pb2.StreamNotesRequest, principal: Principal, remaining: float
    ) -> AsyncGenerator[record_pb2.StreamNotesResponse, None]:
        agreement, dataset, where, columns = wire.notes_from_wire(request)
        asked = NotesRequest(
            agreement=agreement,
            dataset=dataset,
            where=where,
            columns=columns,
            page_size=request.page_size,
            page_token=request.page_token,
        )
        until = site.grid.now() + remaining - min(LAST_SECONDS, remaining / 2)
        async with aclosing(stream_notes(site, principal, asked, until=until)) as batches:
            async for batch in batches:
                yield _batch_to_wire(batch)

    return notes


def _batch_to_wire(batch: Batch) -> record_pb2.StreamNotesResponse:
    return record_pb2.StreamNotesResponse(
        notes=[wire.note_to_wire(note) for note in batch.notes],
        withheld=wire.withheld_to_wire(batch.withheld),
        next_page_token=batch.next_page_token,
        receipt=wire.receipt_to_wire(batch.receipt),
        profile=batch.permit.profile.name,
        profile_digest=batch.permit.profile.digest,
        snapshot=batch.snapshot,
        obligations=batch.permit.grants.agreement.obligations,
    )


def _deidentify_text(site: Site) -> Method:
    async def deidentify(
        request: record_pb2.DeidentifyTextRequest, principal: Principal
    ) -> record_pb2.DeidentifyTextResponse:
        agreement = wire.agreement_from_wire(request.agreement)
        texts = [
            OwnText(
                id=document.id,
                text=document.text,
                language=document.language,
                subject=document.subject,
                patient=document.patient,
            )
            for document in request.documents
        ]
        done = await deidentify_text(site, principal, agreement, texts)
        profile = done.permit.profile
        return record_pb2.DeidentifyTextResponse(
            texts=[wire.text_to_wire(text) for text in sent_of(done.outcomes)],
            withheld=wire.withheld_to_wire(withheld_of(done.outcomes)),
            receipt=wire.receipt_to_wire(done.receipt),
            profile=profile.name,
            profile_digest=profile.digest,
            obligations=done.permit.agreement.obligations,
        )

    return deidentify
