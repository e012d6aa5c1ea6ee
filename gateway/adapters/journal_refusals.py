"""Refusals as the writer records them: an entry each while they are few, a count once they are many.

Law: a party's refusals never fill the journal: beyond so many a minute of one reason, and beyond a day's
entries, they are counted. No refusal is written into the room that was promised to an open charge.
Imports: errors, domain, adapters.
"""

from __future__ import annotations

from datetime import datetime

from gateway.adapters.journal_chain import JournalChain
from gateway.adapters.journal_floods import Floods
from gateway.domain.entry import EntryKind, Note, Receipt, Subject
from gateway.errors import AuditUnavailable, LimitExceeded


class JournalRefusals:
    """`quota` is the number of entries of one party a day."""

    def __init__(self, chain: JournalChain, floods: Floods, quota: int) -> None:
        self._chain, self._floods, self._quota = chain, floods, quota

    def check_quota(self, subject: Subject, now: datetime) -> None:
        """Raise `LimitExceeded` where the subject's party has had its day's entries."""
        if self._spent(subject, now):
            raise LimitExceeded("your institution has had a day's share of the journal", reason="ENTRY_QUOTA")

    def refuse(self, note: Note) -> Receipt | None:
        """Append a refusal; None where it was counted."""
        if not self._chain.room.admits_note():
            raise full()
        now, subject = self._chain.now(), note.subject
        party = subject.principal.party if subject.principal else ""
        if self._spent(subject, now):
            self._floods.count(party, note.outcome)
            return None
        if not self._floods.admits(party, note.outcome):
            return None
        return self._chain.write(note, now)

    def of(self, subject: Subject, reason: str) -> Receipt | None:
        """`refuse` a subject for a reason."""
        return self.refuse(Note(kind=EntryKind.REFUSED, subject=subject, outcome=reason))

    def over(self) -> bool:
        """Whether a count is due."""
        return self._floods.over()

    def write_counts(self, *, all_of_them: bool = False) -> None:
        """Append the counts of the minutes that are over, or of all."""
        for note in self._floods.due(all_of_them=all_of_them):
            self._chain.write(note)

    def _spent(self, subject: Subject, now: datetime) -> bool:
        ledger = self._chain.ledger
        if subject.principal is None or ledger.today != now.date():
            return False
        return ledger.entries_today.get(subject.principal.party, 0) >= self._quota


def full() -> AuditUnavailable:
    return AuditUnavailable("the journal's disk is too full; nothing was answered")
