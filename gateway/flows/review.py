"""Reading the journal by the site's own people; each read is itself an entry, written before the answer.

Imports: domain words, ports, flows.site, errors.
"""

from __future__ import annotations

from gateway.domain.entry import EntryKind, Note, Subject
from gateway.domain.identity import Principal
from gateway.errors import InvalidRequest, NotFound
from gateway.flows.site import Site

MOST_ENTRIES = 1000
USUAL_ENTRIES = 100


async def list_entries(
    site: Site, principal: Principal, *, size: int, start: int | None, newest: bool
) -> list[tuple[int, bytes]]:
    """Up to `size` entries in ascending order, from `start`, or the newest ones."""
    if size < 0:
        raise InvalidRequest("page_size is negative", reason="PAGE_SIZE_INVALID")
    limit = min(size or USUAL_ENTRIES, MOST_ENTRIES)
    head, _ = site.journal.head()
    first = max(0, head + 1 - limit) if newest and start is None else start or 0
    await _reviewed(site, principal, first, first + limit - 1)
    return site.journal.entries(first, limit)


async def get_entry(site: Site, principal: Principal, entry_id: str) -> tuple[int, bytes]:
    """One entry by id. Raises `NotFound`."""
    found = site.journal.find(entry_id)
    if found is None:
        raise NotFound("no such entry", reason="ENTRY_UNKNOWN")
    await _reviewed(site, principal, found[0], found[0])
    return found


async def _reviewed(site: Site, principal: Principal, first: int, last: int) -> None:
    note = Note(
        kind=EntryKind.REVIEWED,
        subject=Subject(principal=principal, generation=site.compiled.generation),
        body={"from": first, "to": last},
    )
    await site.journal.record([note])
