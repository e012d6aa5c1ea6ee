"""A disclosure inside the writer's transaction: the day's rows are checked where they are recorded.

Law: two streams of one recipient cannot get more together than the agreement says, for the one writer adds
the rows of a batch and the entry that records them at once. It appends its entry, or raises and appends none.
Imports: errors, domain, audit, adapters.
"""

from __future__ import annotations

from datetime import datetime

from gateway.adapters.journal_chain import JournalChain
from gateway.audit.entry import stored_digest
from gateway.domain.entry import Disclosure, EntryKind, Json, Note, Receipt
from gateway.errors import AuditUnavailable, ClockUntrusted
from gateway.flows.texts import day_is_full


def disclose(chain: JournalChain, disclosure: Disclosure, now: datetime) -> Receipt:
    """Append `Disclosed`. Raises `LimitExceeded` (ROWS_PER_DAY), `ClockUntrusted`, or `AuditUnavailable`
    (CAPS_CHANGED) where the policies changed since the decision.
    """
    if not chain.clock.trusted:
        raise ClockUntrusted("the site's clock jumped; nothing leaves until people confirm it")
    subject, disclosed = disclosure.subject, chain.ledger.disclosed
    if not disclosed.agrees(subject.agreement, disclosure.grant, disclosure.limit):
        raise AuditUnavailable("the limits changed meanwhile, ask again", reason="CAPS_CHANGED")
    party = subject.principal.party if subject.principal else ""
    rows = disclosed.of((subject.agreement, disclosure.grant, party), now.date()) + disclosure.rows
    if rows > disclosure.limit or not disclosed.open_on(now.date()):
        raise day_is_full()
    salt = chain.entropy(16).hex()
    reasons: dict[str, Json] = {**disclosure.withheld}
    types: dict[str, Json] = {**disclosure.types}
    body: dict[str, Json] = {
        "grant": disclosure.grant,
        "rows": disclosure.rows,
        "withheld": sum(disclosure.withheld.values()),
        "reasons": reasons,
        "types": types,
        "limit": disclosure.limit,
        "profile": disclosure.profile,
        "profile_digest": disclosure.profile_digest,
        "digest": stored_digest(salt, disclosure.content),
        "salt": salt,
    }
    note = Note(kind=EntryKind.DISCLOSED, subject=subject, cells=disclosure.sent, body=body)
    return chain.write(note, now)
