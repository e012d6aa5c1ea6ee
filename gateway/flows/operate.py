"""What only the site's operators can decide about the journal; each decision is an entry that names them.

Law: nothing here is done unseen: the entry is written with the deed. Confirmation by two approvers, signed,
comes later; until then it is one operator, on the site's own socket.
Imports: domain words, flows.site.
"""

from __future__ import annotations

from gateway.domain.entry import JournalState, Receipt
from gateway.domain.identity import Principal
from gateway.flows.site import Site


def state(site: Site) -> JournalState:
    """What an operator looks at before deciding. Writes nothing."""
    return site.journal.state()


async def confirm_clock(site: Site, principal: Principal) -> Receipt:
    """Believe the clock again. Raises `NothingToDo` (CLOCK_TRUSTED)."""
    return await site.journal.confirm_clock(principal)


async def make_room(site: Site, principal: Principal) -> Receipt:
    """Release the disk reserve. Raises `NothingToDo` (RESERVE_ABSENT)."""
    return await site.journal.make_room(principal)
