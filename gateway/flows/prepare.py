"""From a principal's question to a permitted plan: the steps that release and estimate share.

Law: nothing here opens the database; a denial and a faulty query are decided on public text alone.
Imports: domain, query, policy, plan, flows.site.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from gateway.domain.agreement import Compiled, Deny, Permit
from gateway.domain.entry import EntryKind, Note, Receipt, Subject
from gateway.domain.identity import Principal
from gateway.domain.privacy import Account, AccountKind, Charge, Period, PrivacyLoss
from gateway.domain.query import Query, Spend
from gateway.errors import AuditUnavailable, GatewayError, InvalidQuery, PermissionDenied
from gateway.flows.site import Site
from gateway.lower.scope import check_patient_columns
from gateway.plan import Plan, PlanTerms, make_plan, query_digest
from gateway.policy.decide import decide
from gateway.ports import Engine
from gateway.query.sql import Parsed, parse_query


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a partner sends: a query, or SQL text of one, and how much to spend on it."""

    agreement: str
    query: Query | str
    spend: Spend
    request_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A permitted and priced question; everything below serves from this one set and engine."""

    compiled: Compiled
    engine: Engine
    query: Query
    query_digest: str
    permit: Permit
    plan: Plan


async def prepare(site: Site, principal: Principal, question: Question) -> Prepared:
    """Parse, decide, plan. Raises `InvalidQuery` or `PermissionDenied`."""
    compiled, engine = site.compiled, site.engine
    parsed = await _parsed(site, principal.party, question.query)
    decision = decide(
        compiled, principal, agreement=question.agreement, query=parsed.query, now=site.clock.now()
    )
    if isinstance(decision, Deny):
        raise PermissionDenied(decision.message, reason=decision.reason)
    plan, digest = _planned(site, compiled, engine, principal.party, decision, parsed, question)
    return Prepared(
        compiled=compiled,
        engine=engine,
        query=parsed.query,
        query_digest=digest,
        permit=decision,
        plan=plan,
    )


def _planned(
    site: Site,
    compiled: Compiled,
    engine: Engine,
    party: str,
    permit: Permit,
    parsed: Parsed,
    question: Question,
) -> tuple[Plan, str]:
    """The plan and the query's digest, kept for each party by everything that they are a function of."""
    # Text stands for itself. A query does not: to Python TRUE, 1 and 1.0 are equal, and so would two be.
    asked = question.query if isinstance(question.query, str) else repr(question.query)
    spend = f"{question.spend.kind} {question.spend.amount}"
    grants = (permit.grant.name, *sorted((name, grant.name) for name, grant in permit.others.items()))
    key = (party, compiled.digest, engine.snapshot, permit.agreement.id, grants, asked, spend)
    kept: tuple[Plan, str] | None = site.plans.get(key)
    if kept is None:
        check_patient_columns(parsed.patient_columns, compiled.datasets)
        terms = PlanTerms(
            snapshot=engine.snapshot,
            digest_key=site.digest_key,
            hash_epoch=site.hash_epoch,
            max_cells=site.max_cells,
        )
        plan = make_plan(parsed.query, question.spend, permit, compiled.datasets, terms, parsed.positions)
        digest = query_digest(question.agreement, parsed.query, question.spend, site.digest_key)
        kept = (plan, digest)
        site.remember(key, kept)
    return kept


async def _parsed(site: Site, party: str, query: Query | str) -> Parsed:
    """SQL is parsed off the event loop the first time a party sends it; a query is already parsed.

    What is kept is kept for one party: that a text was known would tell another what had been asked.
    """
    if isinstance(query, Query):
        return Parsed(query=query, positions={}, patient_columns=())
    if len(query) > 16 * 1024:
        raise InvalidQuery("the SQL text is longer than 16 KiB", reason="SQL_TOO_LARGE")
    key = ("sql", party, query)
    parsed: Parsed | None = site.plans.get(key)
    if parsed is None:
        parsed = await asyncio.to_thread(parse_query, query)  # not where reads of data may fill the queue
        site.remember(key, parsed)
    return parsed


def subject_of(principal: Principal, question: Question, prepared: Prepared) -> Subject:
    """What the journal says this request is about."""
    return Subject(
        principal=principal,
        agreement=prepared.permit.agreement.id,
        generation=prepared.compiled.generation,
        operation=prepared.permit.grant.operation.value,
        dataset=prepared.plan.dataset.name,
        snapshot=prepared.plan.snapshot,
        request_id=question.request_id,
    )


def charges_of(principal: Principal, prepared: Prepared) -> tuple[Charge, ...]:
    """Every account that a fresh draw charges: the agreement, the party, the site, its lifetime."""
    compiled, loss = prepared.compiled, prepared.plan.loss
    population = prepared.plan.dataset.population.name
    site = compiled.populations[population]
    lifetime = None if site.lifetime is None else site.lifetime.cap
    agreement = prepared.permit.agreement

    def charge(kind: AccountKind, holder: str, period: Period, cap: PrivacyLoss | None) -> Charge:
        account = Account(kind=kind, holder=holder, population=population, period=period)
        return Charge(account=account, loss=loss, cap=cap)

    own = agreement.privacy.budget
    party = compiled.party_budgets[principal.party]
    return (
        charge(AccountKind.AGREEMENT, agreement.id, own.period, own.cap),
        charge(AccountKind.PARTY, principal.party, party.period, party.cap),
        charge(AccountKind.SITE, compiled.site, site.budget.period, site.budget.cap),
        charge(AccountKind.SITE, compiled.site, Period.LIFETIME, lifetime),
    )


async def record_refusal(
    site: Site, principal: Principal, error: GatewayError, *, agreement: str = "", request_id: str = ""
) -> None:
    """Journal a refusal of a known principal, once, and put the entry's id on the error.

    There is none where the party has had so many that the journal only counts them.
    Only names that the site itself wrote enter the journal: an unknown agreement is left out.
    """
    if error.entry or error.counted or isinstance(error, AuditUnavailable):
        return
    subject = Subject(
        principal=principal,
        agreement=agreement if agreement in site.compiled.agreements else "",
        generation=site.compiled.generation,
        request_id=request_id,
    )
    note = Note(kind=EntryKind.REFUSED, subject=subject, outcome=error.reason)
    settle(error, await site.journal.refuse(note))


def settle(error: GatewayError, receipt: Receipt | None) -> GatewayError:
    """The error, with what the journal knows of it: the entry of its own, or that it was counted."""
    error.entry, error.counted = receipt.entry if receipt else "", receipt is None
    return error
