"""Laws of the decision, on random agreements and questions, beside a second, naive evaluator.

The naive evaluator lists every elementary demand of a question and looks each up, sharing no code with
`decide`. The vocabulary is tiny, so that permits, prohibitions and near misses all happen often.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import Phase, event, given, settings
from hypothesis import strategies as st

from gateway.compile import compile_policies
from gateway.domain.agreement import (
    Agreement,
    AgreementStatus,
    Compiled,
    Decision,
    Deny,
    Grant,
    Limits,
    Operation,
    Permit,
    PrivacyTerms,
    Prohibition,
)
from gateway.domain.identity import CertificateIdentity, Party, Principal
from gateway.domain.privacy import Budget, Period, PrivacyLoss
from gateway.domain.query import (
    And,
    Compare,
    IsMissing,
    Measure,
    MeasureKind,
    Not,
    OneOf,
    Operator,
    Or,
    Predicate,
    Query,
)
from gateway.domain.release import Suppression
from gateway.policy.decide import decide
from tests.unit.policy.sets import FILES, SITE, as_bytes

COLUMNS = ("a", "b", "c")
DATASETS = ("one", "two")
PARTIES = ("p", "q")
PURPOSES = ("HRESCH", "PUBHLTH")
ROLES = ("r", "s")
IDS = ("x", "y")
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
TERMS = PrivacyTerms(
    budget=Budget(epsilon=Decimal(1), delta=Decimal("1e-7"), period=Period.YEAR, cap=PrivacyLoss(rho=1)),
    most_per_query=None,
    suppression=Suppression(min_cell=11, z=1.64),
)


def _some(options: tuple[str, ...], least: int = 0) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(options), min_size=least)


def _most(options: tuple[str, ...]) -> st.SearchStrategy[frozenset[str]]:
    """Often all of them, so that a permit is not a rarity."""
    return st.one_of(st.just(frozenset(options)), _some(options))


KINDS = st.frozensets(st.sampled_from(MeasureKind))
GRANTS = st.builds(
    Grant,
    name=st.sampled_from(("g", "h", "i", "j")),
    operation=st.just(Operation.AGGREGATE),
    dataset=st.sampled_from(DATASETS),
    filter_columns=_most(COLUMNS),
    group_columns=_most(COLUMNS),
    measure_columns=_most(COLUMNS),
    measures=st.one_of(st.just(frozenset(MeasureKind)), KINDS),
    roles=st.one_of(st.just(frozenset[str]()), _some(ROLES)),
)
PROHIBITIONS = st.builds(
    Prohibition,
    reason=st.sampled_from(("because", "since", "for")),
    parties=_some(PARTIES),
    purposes=_some(PURPOSES),
    datasets=_some(DATASETS),
    columns=_some(COLUMNS),
    measures=st.frozensets(st.sampled_from(MeasureKind), max_size=2),
)
AGREEMENTS = st.builds(
    Agreement,
    id=st.just(""),
    version=st.just(1),
    title=st.just("t"),
    status=st.one_of(st.just(AgreementStatus.ACTIVE), st.sampled_from(AgreementStatus)),
    provider=st.just("site"),
    recipients=_most(PARTIES),
    purposes=_most(PURPOSES),
    legal_basis=st.just({}),
    valid_from=st.just(FIRST),
    valid_until=st.just(LAST),
    review_by=st.none(),
    grants=st.lists(GRANTS, max_size=4, unique_by=lambda grant: grant.name).map(tuple),
    prohibitions=st.lists(PROHIBITIONS, max_size=2).map(tuple),
    obligations=st.just(()),
    privacy=st.just(TERMS),
    limits=st.just(Limits(requests_per_minute=1, concurrent=1)),
    digest=st.just(""),
)


def _column(name: str) -> st.SearchStrategy[Predicate]:
    return st.sampled_from(
        (
            Compare(column=name, operator=Operator.EQ, value=1),
            OneOf(column=name, values=(1, 2)),
            IsMissing(column=name),
        )
    )


PREDICATES: st.SearchStrategy[Predicate] = st.recursive(
    st.sampled_from(COLUMNS).flatmap(_column),
    lambda inner: st.one_of(
        st.builds(Not, operand=inner),
        st.builds(And, operands=st.lists(inner, min_size=1, max_size=2).map(tuple)),
        st.builds(Or, operands=st.lists(inner, min_size=1, max_size=2).map(tuple)),
    ),
    max_leaves=3,
)
QUERIES = st.builds(
    Query,
    dataset=st.sampled_from(DATASETS),
    measures=st.lists(
        st.builds(
            Measure,
            kind=st.sampled_from(MeasureKind),
            name=st.just("m"),
            column=st.one_of(st.none(), st.sampled_from(COLUMNS)),
        ),
        min_size=1,
        max_size=2,
    ).map(tuple),
    where=st.one_of(st.none(), PREDICATES),
    group_by=st.lists(st.sampled_from(COLUMNS), max_size=2, unique=True).map(tuple),
)
PRINCIPALS = st.builds(
    Principal,
    party=st.sampled_from(PARTIES),
    person=st.sampled_from(("someone", "another")),
    purpose=st.sampled_from(PURPOSES),
    thumbprint=st.just("t"),
    jti=st.just("j"),
    roles=_some(ROLES),
)
TIMES = st.one_of(
    st.just(datetime(2026, 6, 1, tzinfo=UTC)),
    st.sampled_from((FIRST, LAST)).flatmap(
        lambda day: st.integers(-30, 54).map(
            lambda hours: datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hours)
        )
    ),
)


def _party(name: str, persons: frozenset[str]) -> Party:
    identity = CertificateIdentity()
    return Party(id=name, name=name, organisation="o", certificate=identity, token_keys={}, persons=persons)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    compiled: Compiled
    principal: Principal
    agreement: str
    query: Query
    now: datetime

    def decide(self) -> Decision:
        return decide(self.compiled, self.principal, agreement=self.agreement, query=self.query, now=self.now)

    def having(self, **changes: object) -> Case:
        """The same case, where the agreement that is asked about has other parts."""
        agreement = replace(self.compiled.agreements[self.agreement], **changes)  # type: ignore[arg-type]
        agreements = {**self.compiled.agreements, self.agreement: agreement}
        return replace(self, compiled=replace(self.compiled, agreements=agreements))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    agreements = {name: replace(draw(AGREEMENTS), id=name) for name in IDS}
    persons = draw(st.sampled_from((frozenset[str](), frozenset({"someone"}))))
    compiled = Compiled(
        site="site",
        generation=1,
        digest="",
        parties={name: _party(name, persons) for name in PARTIES},
        party_budgets={},
        agreements=agreements,
        datasets={},
        populations={},
    )
    return Case(
        compiled=compiled,
        principal=draw(PRINCIPALS),
        agreement=draw(st.sampled_from(IDS)),
        query=draw(QUERIES),
        now=draw(TIMES),
    )


# --- the second evaluator: every demand is spelled out, then ticked off


def _mentions(predicate: object) -> list[str]:
    if predicate is None:
        return []
    if isinstance(predicate, And | Or):
        return [name for part in predicate.operands for name in _mentions(part)]
    if isinstance(predicate, Not):
        return _mentions(predicate.operand)
    return [predicate.column]  # type: ignore[attr-defined]


def _demands(query: Query) -> set[tuple[str, str]]:
    found = {("filter", name) for name in _mentions(query.where)}
    found |= {("group", name) for name in query.group_by}
    for measure in query.measures:
        found.add(("kind", measure.kind.value))
        if measure.column:
            found.add(("measure", measure.column))
    return found


def _offers(grant: Grant) -> set[tuple[str, str]]:
    return (
        {("filter", name) for name in grant.filter_columns}
        | {("group", name) for name in grant.group_columns}
        | {("measure", name) for name in grant.measure_columns}
        | {("kind", kind.value) for kind in grant.measures}
    )


def naive(case: Case) -> tuple[str, str]:
    """(reason, ""), or ("PERMIT", name of the grant)."""
    agreement = case.compiled.agreements[case.agreement]
    caller, query = case.principal, case.query
    if agreement.status.value == "draft" or caller.party not in agreement.recipients:
        return "NO_AGREEMENT", ""
    if agreement.status.value in ("suspended", "ended"):
        return "AGREEMENT_NOT_ACTIVE", ""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    if case.now < start or case.now >= datetime(2027, 1, 1, tzinfo=UTC):
        return "AGREEMENT_NOT_IN_FORCE", ""
    if caller.purpose not in agreement.purposes:
        return "PURPOSE_NOT_ALLOWED", ""
    registered = case.compiled.parties[caller.party].persons
    if registered and caller.person not in registered:
        return "PERSON_NOT_ALLOWED", ""
    names = sorted(grant.name for grant in agreement.grants if _covers(grant, caller, query))
    if not names:
        return "NOT_GRANTED", ""
    if any(_forbids(rule, caller, query) for rule in agreement.prohibitions):
        return "PROHIBITED", ""
    return "PERMIT", names[0]


def _covers(grant: Grant, caller: Principal, query: Query) -> bool:
    role = not grant.roles or len(grant.roles & caller.roles) > 0
    return role and grant.dataset == query.dataset and _demands(query) <= _offers(grant)


def _forbids(rule: Prohibition, caller: Principal, query: Query) -> bool:
    demands = _demands(query)
    facets: list[tuple[set[str], set[str]]] = [
        (set(rule.parties), {caller.party}),
        (set(rule.purposes), {caller.purpose}),
        (set(rule.datasets), {query.dataset}),
        (set(rule.columns), {name for use, name in demands if use != "kind"}),
        ({kind.value for kind in rule.measures}, {name for use, name in demands if use == "kind"}),
    ]
    return all(not wanted or bool(wanted & given) for wanted, given in facets)


def _outcome(decision: Decision) -> tuple[str, str]:
    return ("PERMIT", decision.grant.name) if isinstance(decision, Permit) else (decision.reason, "")


# --- the laws


@settings(max_examples=500, deadline=None)
@given(cases())
def test_two_evaluators_agree(case: Case) -> None:
    expected = naive(case)
    event(expected[0])
    assert _outcome(case.decide()) == expected


def test_the_cases_reach_every_outcome() -> None:
    """A generator that never permits, or never prohibits, would prove nothing."""
    seen: Counter[str] = Counter()

    @settings(max_examples=400, derandomize=True, database=None, phases=[Phase.generate], deadline=None)
    @given(cases())
    def look(case: Case) -> None:
        seen[naive(case)[0]] += 1

    look()
    reasons = {
        "NO_AGREEMENT", "AGREEMENT_NOT_ACTIVE", "AGREEMENT_NOT_IN_FORCE", "PURPOSE_NOT_ALLOWED",
        "PERSON_NOT_ALLOWED", "NOT_GRANTED", "PROHIBITED", "PERMIT",
    }  # fmt: skip
    assert set(seen) == reasons


@settings(max_examples=120, deadline=None)
@given(cases(), st.randoms(use_true_random=False))
def test_order_never_matters(case: Case, chance: random.Random) -> None:
    """Of grants, of prohibitions, of agreements and of parties; messages included."""
    agreement = case.compiled.agreements[case.agreement]
    grants, rules = list(agreement.grants), list(agreement.prohibitions)
    chance.shuffle(grants)
    chance.shuffle(rules)
    shuffled = case.having(grants=tuple(grants), prohibitions=tuple(rules))
    backwards = replace(
        shuffled.compiled,
        agreements=dict(reversed(list(shuffled.compiled.agreements.items()))),
        parties=dict(reversed(list(shuffled.compiled.parties.items()))),
    )
    one, two = case.decide(), replace(shuffled, compiled=backwards).decide()
    assert _outcome(one) == _outcome(two)
    if isinstance(one, Deny):
        assert one == two


@settings(max_examples=120, deadline=None)
@given(cases(), PROHIBITIONS)
def test_a_prohibition_never_widens(case: Case, rule: Prohibition) -> None:
    rules = case.compiled.agreements[case.agreement].prohibitions
    before, after = case.decide(), case.having(prohibitions=(*rules, rule)).decide()
    if isinstance(after, Permit):
        assert isinstance(before, Permit) and after.grant == before.grant


@settings(max_examples=120, deadline=None)
@given(cases(), GRANTS)
def test_a_grant_never_lifts_a_prohibition(case: Case, grant: Grant) -> None:
    """A grant may open what was not granted, and nothing else."""
    grants = case.compiled.agreements[case.agreement].grants
    if any(other.name == grant.name for other in grants):
        return
    before, after = case.decide(), case.having(grants=(*grants, grant)).decide()
    if isinstance(before, Deny) and before.reason != "NOT_GRANTED":
        assert after == before


@settings(max_examples=120, deadline=None)
@given(cases())
def test_without_a_grant_nothing_is_allowed(case: Case) -> None:
    assert isinstance(case.having(grants=()).decide(), Deny)


@settings(max_examples=20, deadline=None)
@given(st.permutations(sorted(FILES)))
def test_the_order_of_files_never_matters(order: list[str]) -> None:
    files = as_bytes(FILES)
    shuffled = compile_policies({path: files[path] for path in order}, site=SITE, generation=1)
    assert shuffled == compile_policies(files, site=SITE, generation=1)
