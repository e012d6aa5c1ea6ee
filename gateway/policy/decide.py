"""May this be asked? One pure function from a compiled set, a principal, a question and a time.

Law: deny by default; a prohibition beats every grant; a grant must match operation, dataset, role, every
column and every measure; the order of rules and files never matters; a partner learns a stable reason and
never whether something hidden exists. Purpose and party come from the principal alone.
May import: domain words, errors, policy faults (for suggestions).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

from gateway.domain.agreement import (
    Agreement,
    AgreementStatus,
    Compiled,
    Decision,
    Deny,
    Grant,
    Operation,
    Permit,
    Prohibition,
)
from gateway.domain.identity import Principal
from gateway.domain.query import Query, predicate_columns
from gateway.errors import Internal
from gateway.policy.faults import closest

NO_AGREEMENT = "NO_AGREEMENT"
AGREEMENT_NOT_ACTIVE = "AGREEMENT_NOT_ACTIVE"
AGREEMENT_NOT_IN_FORCE = "AGREEMENT_NOT_IN_FORCE"
PURPOSE_NOT_ALLOWED = "PURPOSE_NOT_ALLOWED"
PERSON_NOT_ALLOWED = "PERSON_NOT_ALLOWED"
PROHIBITED = "PROHIBITED"
NOT_GRANTED = "NOT_GRANTED"

LONGEST_SHOWN = 64


def decide(
    compiled: Compiled, principal: Principal, *, agreement: str, query: Query, now: datetime
) -> Decision:
    """Whether an agreement lets a principal ask a question at a time.

    `query` is the question as asked: a grant's row filter and consent rule are merged in later and need
    no grant. `now` must carry a time zone; days of an agreement are UTC days, first and last included.
    Among several matching grants the one with the smallest name decides. Raises `Internal` for a time
    without a zone, which is a defect of the caller.
    """
    if now.tzinfo is None:
        raise Internal("a decision needs a time with a time zone")
    found = compiled.agreements.get(agreement)
    if found is None or not _may_know(compiled, principal, found):
        return Deny(reason=NO_AGREEMENT, message="there is no such agreement for this party")
    return (
        _out_of_force(found, now.astimezone(UTC).date())
        or _out_of_bounds(compiled, principal, found)
        or _decide_question(principal, found, query)
    )


def _may_know(compiled: Compiled, principal: Principal, agreement: Agreement) -> bool:
    """A draft, another party's agreement and no agreement at all must look alike."""
    return (
        agreement.status is not AgreementStatus.DRAFT
        and principal.party in agreement.recipients
        and principal.party in compiled.parties
    )


def _out_of_force(agreement: Agreement, today: date) -> Deny | None:
    if agreement.status is not AgreementStatus.ACTIVE:
        return Deny(reason=AGREEMENT_NOT_ACTIVE, message=f"this agreement is {agreement.status}")
    if not agreement.valid_from <= today <= agreement.valid_until:
        message = (
            f"this agreement is in force from {agreement.valid_from} until {agreement.valid_until} (UTC)"
        )
        return Deny(reason=AGREEMENT_NOT_IN_FORCE, message=message)
    return None


def _out_of_bounds(compiled: Compiled, principal: Principal, agreement: Agreement) -> Deny | None:
    if principal.purpose not in agreement.purposes:
        allowed = ", ".join(sorted(agreement.purposes))
        message = f"this agreement does not allow the purpose of the token; it allows: {allowed}"
        return Deny(reason=PURPOSE_NOT_ALLOWED, message=message)
    persons = compiled.parties[principal.party].persons
    if persons and principal.person not in persons:
        message = "the person of the token is not among those whom this party has registered"
        return Deny(reason=PERSON_NOT_ALLOWED, message=message)
    return None


def _decide_question(principal: Principal, agreement: Agreement, query: Query) -> Decision:
    """Grants come first: were a prohibition of an ungranted column named, it would show that it exists."""
    grants = [grant for grant in agreement.grants if _grants(grant, principal, query)]
    if not grants:
        return Deny(reason=NOT_GRANTED, message=_not_granted(agreement, query))
    rules = [rule for rule in agreement.prohibitions if _prohibits(rule, principal, query)]
    if rules:
        reason = min(rule.reason for rule in rules)
        return Deny(reason=PROHIBITED, message=f"this agreement prohibits it: {reason}")
    return Permit(agreement=agreement, grant=min(grants, key=lambda grant: grant.name))


def _grants(grant: Grant, principal: Principal, query: Query) -> bool:
    return (
        grant.operation is Operation.AGGREGATE
        and grant.dataset == query.dataset
        and (not grant.roles or bool(grant.roles & principal.roles))
        and not any(_uncovered(grant, query))
    )


def _uncovered(grant: Grant, query: Query) -> Iterator[tuple[str, str, frozenset[str]]]:
    """What a question uses and a grant does not cover: (use, name, names that it would cover)."""
    for column in predicate_columns(query.where):
        if column not in grant.filter_columns:
            yield "filter by column", column, grant.filter_columns
    for column in query.group_by:
        if column not in grant.group_columns:
            yield "group by column", column, grant.group_columns
    for measure in query.measures:
        if measure.kind not in grant.measures:
            yield "measure", str(measure.kind), frozenset(str(kind) for kind in grant.measures)
        if measure.column is not None and measure.column not in grant.measure_columns:
            yield "measure column", measure.column, grant.measure_columns


def _prohibits(rule: Prohibition, principal: Principal, query: Query) -> bool:
    """Every field that says something must meet the question; a rule without fields meets every one."""
    used = {*predicate_columns(query.where), *query.group_by}
    used.update(measure.column for measure in query.measures if measure.column is not None)
    return (
        (not rule.parties or principal.party in rule.parties)
        and (not rule.purposes or principal.purpose in rule.purposes)
        and (not rule.datasets or query.dataset in rule.datasets)
        and (not rule.columns or bool(rule.columns & used))
        and (not rule.measures or any(measure.kind in rule.measures for measure in query.measures))
    )


def _not_granted(agreement: Agreement, query: Query) -> str:
    """Made of the question's own words and of names that the agreement grants, and of nothing else.

    The catalogue is not consulted, so that what exists and is hidden answers as what does not exist.
    """
    here = [grant for grant in agreement.grants if grant.dataset == query.dataset]
    if not here:
        hint = closest(query.dataset, {grant.dataset for grant in agreement.grants})
        return _sentence([f"dataset '{query.dataset[:LONGEST_SHOWN]}'"], hint)
    options: dict[tuple[str, str], set[str]] = {}
    for grant in here:
        for use, name, covered in _uncovered(grant, query):
            options.setdefault((use, name), set()).update(covered)
    nowhere = [
        (use, name, covered)
        for (use, name), covered in sorted(options.items())
        if all((use, name) in {(u, n) for u, n, _ in _uncovered(grant, query)} for grant in here)
    ]
    if not nowhere:
        return "this agreement does not grant all of this in one question, or not to this role"
    hint = closest(nowhere[0][1], nowhere[0][2])
    return _sentence([f"{use} '{name[:LONGEST_SHOWN]}'" for use, name, _ in nowhere], hint)


def _sentence(refused: list[str], hint: str) -> str:
    text = f"this agreement does not grant: {', '.join(refused[:8])}"
    return f"{text} ({hint})" if hint else text
