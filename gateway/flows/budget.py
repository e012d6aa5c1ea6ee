"""What is left to spend: the caller's own accounts, never the site's.

Imports: domain words, flows.site, errors.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.domain.agreement import Agreement
from gateway.domain.identity import Principal
from gateway.domain.privacy import Account, AccountKind, Balance, Budget
from gateway.errors import NotFound
from gateway.flows.site import Site
from gateway.policy.catalogue import visible_agreements


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetLine:
    """One account and the budget that caps it."""

    balance: Balance
    budget: Budget


def budgets(site: Site, principal: Principal, agreement: str) -> tuple[BudgetLine, ...]:
    """The agreement's account, then the party's, for each population the agreement reaches.

    Raises `NotFound`, alike for an unknown agreement and for one of other parties.
    """
    compiled = site.compiled
    found = next((a for a in visible_agreements(compiled, principal.party) if a.id == agreement), None)
    if found is None:
        raise NotFound("no such agreement", reason="NO_AGREEMENT")
    party = compiled.party_budgets[principal.party]
    lines = []
    for population in _populations(site, found):
        own = (AccountKind.AGREEMENT, found.id, found.privacy.budget)
        for kind, holder, budget in (own, (AccountKind.PARTY, principal.party, party)):
            account = Account(kind=kind, holder=holder, population=population, period=budget.period)
            lines.append(BudgetLine(balance=site.journal.balance(account, budget.cap), budget=budget))
    return tuple(lines)


def _populations(site: Site, agreement: Agreement) -> list[str]:
    datasets = (site.compiled.datasets[grant.dataset] for grant in agreement.grants)
    return sorted({dataset.population.name for dataset in datasets})
