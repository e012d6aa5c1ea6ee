"""Notes leave, batch by batch: decide, look at the day, read a page, de-identify it, record it, send it.

Laws, in the order of the steps: nothing is read that the grants do not let out today; a note that cannot be
de-identified is withheld; nothing of a batch leaves before its entry is durable, and that entry is refused
where the recipient's day is full, so that streams side by side cannot exceed it. The decision is made again
before each batch leaves. At most one batch is made ahead of the one that is being sent.
Imports: domain, laws, joints, flows.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from gateway.domain.agreement import NotesPermit
from gateway.domain.deid import Deidentified, Document, Outcome, Withheld
from gateway.domain.entry import Disclosure, Json, Receipt
from gateway.domain.identity import Principal
from gateway.domain.notes import NoteRow, Position
from gateway.errors import DisclosureFailed
from gateway.flows.prepare_notes import Asked, NotesRequest, Permitted, other_request
from gateway.flows.site import Site
from gateway.flows.texts import (
    content_of,
    day_is_full,
    deidentified,
    primary_language,
    reasons_of,
    sent_of,
    types_of,
    withheld_of,
)
from gateway.notes import NotesPlan
from gateway.plan import keyed_digest

T = TypeVar("T")
GRACE_SECONDS = 5.0  # beyond the engine's own limit on a read
NO_TEXT, TOO_LARGE, NO_RECORD = "NO_TEXT", "TOO_LARGE", "RECORD_MISSING"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What leaves together. An empty `next_page_token`: there is nothing after it."""

    notes: tuple[Deidentified, ...]
    withheld: tuple[Withheld, ...]
    next_page_token: str
    receipt: Receipt
    snapshot: str
    permit: NotesPermit


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page that was read and de-identified, and is not recorded yet; `end` is where it ends."""

    outcomes: list[Outcome]
    end: Position
    snapshot: str


async def stream_notes(
    site: Site, principal: Principal, request: NotesRequest, *, until: float
) -> AsyncGenerator[Batch, None]:
    """Every batch from the page token on, the last one empty; or as many as there is time for.

    `until` is a moment of the site's ticker after which no further batch is begun. Raises
    `DeidentifierUnavailable`, `InvalidRequest` (PAGE_TOKEN_INVALID, PAGE_TOKEN_EXPIRED, PAGE_SIZE_INVALID),
    `InvalidQuery`, `PermissionDenied`, `LimitExceeded`, `SourceUnavailable`, `DisclosureFailed` or
    `AuditUnavailable`.
    """
    asked = Asked(site, principal, request)
    permitted = await asked.permitted()  # 1. decided and planned, nothing touched
    after = asked.position(permitted.plan)
    making = asyncio.create_task(_made(asked, permitted, after, 0))
    try:
        while True:
            page = await making
            if page.snapshot != site.engine.snapshot:  # there, a consent may have been withdrawn
                page = await _made(asked, permitted, after, 0)
            after = page.end
            if page.outcomes and site.grid.now() < until:  # one batch ahead, never two
                making = asyncio.create_task(_made(asked, permitted, page.end, len(page.outcomes)))
            batch = await site.shielded(_disclosed(asked, permitted, page), principal.party)
            yield batch  # 6. not before its entry
            if not batch.next_page_token or site.grid.now() >= until:
                return
    finally:
        making.cancel()
        await asyncio.gather(making, return_exceptions=True)


async def _made(asked: Asked, permitted: Permitted, after: Position, pending: int) -> Page:
    """Steps 2 to 4 for the page after a position; `pending` rows were read and are not recorded yet."""
    site, terms = asked.site, permitted.permit.terms
    left = site.journal.rows_left(*permitted.account, terms.rows_per_day) - pending
    if left <= 0:  # 2. nothing is read for a day that is full; what counts is the check in step 5
        raise day_is_full()
    most = min(asked.page_size, left, terms.rows_per_minute)
    await asked.disclosing.pace.wait(permitted.account, most, terms.rows_per_minute)
    return await site.shielded(_page(asked, permitted, after, most), asked.principal.party)


async def _page(asked: Asked, permitted: Permitted, after: Position, most: int) -> Page:
    site, plan = asked.site, permitted.plan
    engine = site.engine
    await _read(site, lambda: engine.ready_notes(plan))
    rows = await _read(site, lambda: engine.notes(plan, after, most))  # 3. the only touch of patient data
    per_minute = permitted.permit.terms.rows_per_minute
    asked.disclosing.pace.give_back(permitted.account, most - len(rows), per_minute)
    return Page(
        outcomes=await _outcomes(asked, permitted, rows),  # 4. withheld, where that fails
        end=rows[-1].position if rows else after,
        snapshot=engine.snapshot,
    )


async def _read(site: Site, work: Callable[[], T]) -> T:
    """Off the event loop, as few at a time as other reads."""
    loop = asyncio.get_running_loop()
    async with site.reading:
        reading = loop.run_in_executor(site.threads, work)
        try:
            return await asyncio.wait_for(reading, site.longest_read + GRACE_SECONDS)
        except TimeoutError:
            raise DisclosureFailed from None


async def _outcomes(asked: Asked, permitted: Permitted, rows: Sequence[NoteRow]) -> list[Outcome]:
    """One outcome for each note, in order."""
    documents, unread = [], {}
    for place, row in enumerate(rows):
        name = _note_id(asked, permitted, row.position)
        if reason := _unreadable(row, permitted.plan):
            unread[place] = Withheld(id=name, reason=reason)
        else:
            documents.append(_document(permitted, row, name))
    found = iter(await deidentified(asked.disclosing, documents, permitted.permit.profile))
    return [unread[place] if place in unread else next(found) for place in range(len(rows))]


def _unreadable(row: NoteRow, plan: NotesPlan) -> str:
    """Why a note is withheld before anything looks for identifiers in it; empty where it is not."""
    if row.too_long:
        return TOO_LARGE
    if row.text is None:
        return NO_TEXT
    if plan.identities is not None and row.record is None:
        return NO_RECORD  # what the site promised to look for cannot be looked for
    return ""


def _document(permitted: Permitted, row: NoteRow, name: str) -> Document:
    """A note for the detectors. Keys of its patient and pseudonyms are the agreement's, as its id is."""
    dataset = permitted.plan.dataset
    spoken = dataset.notes.spoken if dataset.notes else ""
    return Document(
        id=name,
        text=row.text or "",
        language=primary_language(row.language) or spoken,
        subject=f"{dataset.population.name}/{row.patient}",
        realm=f"notes of {permitted.permit.grants.agreement.id}",
        record=row.record,
        context={
            column: (dataset.columns[column].identifier_kind, value) for column, value in row.context.items()
        },
    )


def _note_id(asked: Asked, permitted: Permitted, position: Position) -> str:
    """A keyed pseudonym of a note: the same in every stream under one agreement, and in no other.

    A profile without keys puts nothing in the place of a number that is derived from it (45 CFR 164.514(c)),
    so that its notes are named by chance, anew each time.
    """
    if not permitted.permit.profile.keyed:
        return os.urandom(16).hex()
    named: dict[str, Json] = {
        "is": "note",
        "agreement": permitted.permit.grants.agreement.id,
        "dataset": permitted.plan.dataset.name,
        "key": position.key,
        "number": position.seen,
    }
    return keyed_digest(named, asked.site.digest_key)[:32]


async def _disclosed(asked: Asked, before: Permitted, page: Page) -> Batch:
    """Decide again and record; what this returns may leave."""
    permitted = await asked.permitted()
    if permitted.plan.digest != before.plan.digest:
        raise other_request()
    permit = permitted.permit
    notes, withheld = sent_of(page.outcomes), withheld_of(page.outcomes)
    disclosure = Disclosure(
        subject=permitted.subject(page.snapshot),
        grant=permit.grants.grant.name,
        limit=permit.terms.rows_per_day,
        profile=permit.profile.name,
        profile_digest=permit.profile.digest,
        sent=len(notes),
        content=content_of(page.outcomes),
        withheld=reasons_of(withheld),
        types=types_of(notes),
    )
    receipt = await asked.site.journal.disclose(disclosure)  # 5. durable before it leaves
    return Batch(
        notes=notes,
        withheld=withheld,
        next_page_token=asked.token(permitted.plan, page.end) if page.outcomes else "",
        receipt=receipt,
        snapshot=page.snapshot,
        permit=permit,
    )
