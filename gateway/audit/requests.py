"""Request ids: where one is unique, and which entries bind one.

Law: an id is unique within (party, agreement, person); it is bound by each fresh draw and each replay that
carries it, and the newest of these says what it is bound to. Imports: the standard library, domain, audit.
"""

from __future__ import annotations

import hashlib

from gateway.audit.entry import Entry
from gateway.domain.entry import EntryKind, Subject


def scope_of(subject: Subject) -> bytes | None:
    """A request id with all that it is unique within, as one digest; None where there is no id."""
    who = subject.principal
    if not subject.request_id:
        return None
    parts = (who.party if who else "", subject.agreement, who.person if who else "", subject.request_id)
    return hashlib.sha256("".join(f"{len(part)}:{part}" for part in parts).encode()).digest()


def bound_scope(entry: Entry) -> bytes | None:
    """The request id that an entry binds, if it binds one."""
    draw = entry.kind is EntryKind.CHARGED and not entry.text("release")
    return scope_of(entry.note.subject) if draw or entry.kind is EntryKind.REPLAYED else None
