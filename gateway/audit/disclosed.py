"""How many texts left today, by recipient and grant: a fold over entries, like a balance.

Law: on no day (UTC, of the journal's time) does a recipient get more under a grant than the agreement says,
and what it says is what was last declared when a set of policies was loaded. A recovery that counts what is
open as spent leaves nothing of its day. Texts that were withheld count as those that left.
Imports: the standard library, domain words and audit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from gateway.audit.bodies import SPENT, declared_limits
from gateway.audit.entry import Entry
from gateway.domain.entry import EntryKind

Account = tuple[str, str, str]
"""Agreement, grant and party."""


@dataclass(slots=True)
class Disclosed:
    """What the entries of one day add up to; an older day is forgotten."""

    day: date = date.min
    rows: dict[Account, int] = field(default_factory=dict)
    spent: date = date.min  # the day of which a recovery left nothing
    _declared: dict[tuple[str, str], int] = field(default_factory=dict)
    _known: bool = False  # a set of policies was activated

    def of(self, account: Account, day: date) -> int:
        """How many rows count against an account on a day that is not before the last entry's."""
        return self.rows.get(account, 0) if day == self.day else 0

    def open_on(self, day: date) -> bool:
        """Whether anything may leave on a day."""
        return day != self.spent

    def agrees(self, agreement: str, grant: str, limit: int) -> bool:
        """Whether a limit is the declared one; before the first set of policies there may be none."""
        return self._declared.get((agreement, grant)) == limit or not self._known

    def apply(self, entry: Entry, *, jumped: bool = False) -> tuple[str, ...]:
        """Take one more entry in, of any kind. Returns what is wrong with it, in words.

        `jumped`: a jump of the clock waits to be confirmed, so that nobody knows which day it is.
        """
        if entry.time.date() != self.day:
            self.day = entry.time.date()
            self.rows.clear()
        match entry.kind:
            case EntryKind.ACTIVATED if entry.body.get("part") == 1:
                self._known = True
                self._declared.clear()
            case EntryKind.AGREEMENT_LOADED:
                for grant, most in declared_limits(entry.body).items():
                    self._declared[entry.text("agreement"), grant] = most
            case EntryKind.RECOVERED if entry.text("claim") == SPENT:
                self.spent = self.day
            case EntryKind.DISCLOSED:
                return self._disclosed(entry, jumped)
            case _:
                pass
        return ()

    def _disclosed(self, entry: Entry, jumped: bool) -> tuple[str, ...]:
        rows, limit, withheld = (_number(entry, name) for name in ("rows", "limit", "withheld"))
        agreement, grant = entry.note.subject.agreement, entry.text("grant")
        account = (agreement, grant, entry.party)
        self.rows[account] = self.rows.get(account, 0) + rows
        faults = []
        if rows != entry.note.cells + withheld or withheld < 0:
            faults.append("the texts that left and those withheld are not the rows of a disclosure")
        if self.rows[account] > limit:
            faults.append(f"{entry.party} got more under {agreement}/{grant} than its rows of a day")
        if rows and not self.open_on(self.day):
            faults.append("something was disclosed on a day of which a recovery left nothing")
        if jumped:
            faults.append("something was disclosed while a jump of the clock was not confirmed")
        if not self.agrees(agreement, grant, limit):
            faults.append("something was disclosed under a limit that was not declared")
        return tuple(faults)


def _number(entry: Entry, name: str) -> int:
    value = entry.body.get(name)
    return value if isinstance(value, int) else 0
