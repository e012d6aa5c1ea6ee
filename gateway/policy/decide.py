"""May this be asked? One pure function from a compiled set, a principal, a question and a time.

Law: deny by default; a prohibition beats every grant; a grant must match operation, dataset, role, every
column and every measure, and for each dataset of a cohort or of attributes some
grant must match likewise; the order of rules and files never matters; a partner learns a stable reason and
never whether something hidden exists. Purpose and party come from the principal alone.
May import: domain words, errors, policy uses, policy faults (for suggestions).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
from gateway.domain.catalog import AGE, Dataset
from gateway.domain.identity import Principal
from gateway.domain.query import Measure, Query
from gateway.errors import Internal
from gateway.policy.faults import closest
from gateway.policy.uses import Role, Uses, datasets_named, uses_of

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
    found = in_force(compiled, principal, agreement, now)
    return found if isinstance(found, Deny) else _decide_question(compiled, principal, found, query)


def in_force(compiled: Compiled, principal: Principal, name: str, now: datetime) -> Agreement | Deny:
    """The agreement of that name, if this principal may ask anything under it now. Raises `Internal`."""
    if now.tzinfo is None:
        raise Internal("a decision needs a time with a time zone")
    found = compiled.agreements.get(name)
    if found is None or not _may_know(compiled, principal, found):
        return Deny(reason=NO_AGREEMENT, message="there is no such agreement for this party")
    denied = _out_of_force(found, now.astimezone(UTC).date()) or _out_of_bounds(compiled, principal, found)
    return denied or found


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


def _decide_question(
    compiled: Compiled, principal: Principal, agreement: Agreement, query: Query
) -> Decision:
    """Grants come first: were a prohibition of an ungranted column named, it would show that it exists."""
    dataset = compiled.datasets.get(query.dataset)
    used = uses_of(query, "" if dataset is None else dataset.population.patients)
    grants = [grant for grant in agreement.grants if grant.operation is Operation.AGGREGATE]
    permit = permitted(agreement, principal, query, used, grants)
    if isinstance(permit, Deny):
        return permit
    return prohibited(agreement, principal, Operation.AGGREGATE, query, used, dataset) or permit


def permitted(
    agreement: Agreement,
    principal: Principal,
    query: Query,
    used: Mapping[str, Uses],
    grants: Sequence[Grant],
) -> Permit | Deny:
    """For each dataset that is used the smallest of the grants that cover its uses; or what none covers."""
    chosen: dict[str, Grant] = {}
    for name, uses in used.items():
        measures = query.measures if name == query.dataset else ()
        here = [grant for grant in grants if grant.dataset == name]
        fitting = [
            grant
            for grant in here
            if open_to(grant.roles, principal) and not any(_uncovered(grant, uses, measures))
        ]
        if not fitting:
            known = {grant.dataset for grant in grants}
            message = _not_granted(known, query, name, uses, measures, here)
            return Deny(reason=NOT_GRANTED, message=message)
        chosen[name] = min(fitting, key=lambda grant: grant.name)
    return Permit(
        agreement=agreement,
        grant=chosen.pop(query.dataset),
        others=chosen,
        attributes=any(use.attribute for uses in used.values() for use in uses),
    )


def prohibited(
    agreement: Agreement,
    principal: Principal,
    operation: Operation,
    query: Query,
    used: Mapping[str, Uses],
    dataset: Dataset | None,
) -> Deny | None:
    """The denial of the smallest reason among the prohibitions that are met; None where none is."""
    rules = [
        rule
        for rule in agreement.prohibitions
        if concerns(rule, principal, operation) and _prohibits(rule, query, used, dataset)
    ]
    return prohibition(rules) if rules else None


def prohibition(rules: Sequence[Prohibition]) -> Deny:
    """The denial by one or more prohibitions."""
    reason = min(rule.reason for rule in rules)
    return Deny(reason=PROHIBITED, message=f"this agreement prohibits it: {reason}")


def open_to(roles: frozenset[str], principal: Principal) -> bool:
    """Whether a grant to some roles, or to any where none is named, is this principal's."""
    return not roles or bool(roles & principal.roles)


def concerns(rule: Prohibition, principal: Principal, operation: Operation) -> bool:
    """Whether what a rule says of callers and operations meets them."""
    return (
        (not rule.parties or principal.party in rule.parties)
        and (not rule.purposes or principal.purpose in rule.purposes)
        and (not rule.operations or operation in rule.operations)
    )


def _uncovered(
    grant: Grant, uses: Uses, measures: Sequence[Measure]
) -> Iterator[tuple[str, str, frozenset[str]]]:
    """What a question uses and a grant does not cover: (use, name, names that it would cover)."""
    for use in uses:
        covered = _columns(grant, use.role)
        if use.column not in covered:
            yield f"{use.role} column", use.column, covered
    for measure in measures:
        if measure.kind not in grant.measures:
            yield "measure", str(measure.kind), frozenset(str(kind) for kind in grant.measures)


def _columns(grant: Grant, role: Role) -> frozenset[str]:
    match role:
        case Role.FILTER:
            return grant.filter_columns
        case Role.GROUP:
            return grant.group_columns
        case Role.MEASURE:
            return grant.measure_columns
        case Role.CONTEXT:
            return frozenset() if grant.notes is None else grant.notes.context_columns


def _prohibits(
    rule: Prohibition,
    query: Query,
    used: Mapping[str, Uses],
    dataset: Dataset | None,
) -> bool:
    """Every field that says something must meet the question; a rule without fields meets every one.

    Datasets and columns meet together: a column counts where the rule's datasets are used. An age is made of
    the birth date and gives it away, so that whoever prohibits the one prohibits the other.
    """
    reached = {name: uses for name, uses in used.items() if not rule.datasets or name in rule.datasets}
    columns = {use.column for uses in reached.values() for use in uses}
    if dataset is not None and (population := dataset.population).birth_date:
        of_patients = {use.column for use in reached.get(population.patients, ())}
        if of_patients & {AGE, population.birth_date}:
            columns |= {AGE, population.birth_date}
    return (
        bool(reached)
        and (not rule.columns or bool(rule.columns & columns))
        and (not rule.measures or any(measure.kind in rule.measures for measure in query.measures))
    )


def _not_granted(
    known: set[str],
    query: Query,
    name: str,
    uses: Uses,
    measures: Sequence[Measure],
    here: Sequence[Grant],
) -> str:
    """Made of the question's own words and of names that the agreement grants, and of nothing else.

    The catalogue is not consulted, so that what exists and is hidden answers as what does not exist.
    """
    if not here:
        if name not in datasets_named(query):  # a place that only the site knows
            return _sentence([_words(use.role.value + " column", use.shown) for use in uses], "")
        hint = closest(name, known)
        cohort = "" if name == query.dataset else "cohorts of "
        return _sentence([f"{cohort}dataset '{name[:LONGEST_SHOWN]}'"], hint)
    missing = [{(use, what): covered for use, what, covered in _uncovered(g, uses, measures)} for g in here]
    nowhere = sorted(key for key in missing[0] if all(key in found for found in missing))
    if not nowhere:
        return "this agreement does not grant all of this in one question, or not to this role"
    options = frozenset[str]().union(*(found[nowhere[0]] for found in missing))
    shown = {(f"{use.role} column", use.column): use.shown for use in uses}
    return _sentence(
        [_words(use, shown.get((use, what), what)) for use, what in nowhere], closest(nowhere[0][1], options)
    )


def _words(use: str, name: str) -> str:
    words = {
        "filter column": "filter by column",
        "group column": "group by column",
        "context column": "with the notes column",
    }
    use = words.get(use, use)
    return f"{use} '{name[:LONGEST_SHOWN]}'"


def _sentence(refused: list[str], hint: str) -> str:
    text = f"this agreement does not grant: {', '.join(refused[:8])}"
    return f"{text} ({hint})" if hint else text
