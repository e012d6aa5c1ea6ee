"""Which accounts a `Charged` entry must name, and how: so that nothing is left out and nothing named apart.

Law: a fresh draw is charged to its agreement, its party, the site in its period and the site's lifetime; a
first sight of a release to the agreement and the party. All of one population, each once, with one and the
same loss above zero, in the entry's own period. Imports: the standard library, domain words, audit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.audit.bodies import ChargeLine
from gateway.audit.entry import Entry
from gateway.domain.privacy import AccountKind, Period

_Named = tuple[str, str, bool]  # kind, holder, and whether it is the site's lifetime


def charge_faults(entry: Entry, lines: Sequence[ChargeLine], site: str) -> list[str]:
    """What is wrong with a charge's lines, in words, whatever was spent before."""
    faults = [
        f"{line.account} was charged in a period that is not the entry's own"
        for line in lines
        if line.period != _period_key(line, entry.time)
    ]
    if sorted(map(_named, lines)) != _due(entry, site):
        faults.append("a charge does not name its agreement, its party and, for a draw, the site, each once")
    if len({line.population for line in lines}) > 1:
        faults.append("a charge names more than one population")
    if len({line.loss for line in lines}) > 1 or any(line.loss.rho == 0 for line in lines):
        faults.append("a charge is not one loss above zero, the same for every account")
    return faults


def _due(entry: Entry, site: str) -> list[_Named]:
    """Sorted, as the kinds happen to be."""
    due: list[_Named] = [
        (AccountKind.AGREEMENT.value, entry.note.subject.agreement, False),
        (AccountKind.PARTY.value, entry.party, False),
    ]
    if not entry.text("release"):
        due += [(AccountKind.SITE.value, site, False), (AccountKind.SITE.value, site, True)]
    return due


def _named(line: ChargeLine) -> _Named:
    kind, holder, _population, period = line.parts
    return kind, holder, kind == AccountKind.SITE and period == Period.LIFETIME


def _period_key(line: ChargeLine, when: datetime) -> str:
    period = line.parts[3]
    return Period(period).key(when) if period in list(Period) else ""
