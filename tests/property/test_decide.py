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
from gateway.domain.catalog import Dataset, Population
from gateway.domain.identity import CertificateIdentity, Party, Principal
from gateway.domain.privacy import Budget, Period, PrivacyLoss
from gateway.domain.query import (
    Age,
    And,
    Attribute,
    Band,
    Compare,
    DateUnit,
    Grouping,
    InCohort,
    IsMissing,
    Measure,
    MeasureKind,
    Not,
    OneOf,
    Operator,
    Or,
    Predicate,
    Query,
    Reducer,
    ReducerKind,
    Reference,
    Truncated,
    Window,
)
from gateway.domain.release import Suppression
from gateway.policy.decide import decide
from tests.unit.policy.sets import FILES, SITE, as_bytes

COLUMNS = ("a", "b", "c")
GRANTABLE = (*COLUMNS, "age")  # of the patients, whose ages are counted from `b`
DATASETS = ("one", "two", "folk")
POPULATION = Population(name="all", maximum=100, patients="folk", birth_date="b")
CATALOGUE = {
    name: Dataset(
        name=name,
        title="",
        description="",
        population=POPULATION,
        patient_column="p",
        row_key="r",
        columns={},
        max_groups=1,
        max_rows=1,
        digest="",
        source_digest="",
    )
    for name in DATASETS
}
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
    name=st.sampled_from(("g", "h", "i", "j", "k", "l", "m")),
    operation=st.just(Operation.AGGREGATE),
    dataset=st.sampled_from(DATASETS),
    filter_columns=_most(GRANTABLE),
    group_columns=_most(GRANTABLE),
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
    columns=_some(GRANTABLE),
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
    grants=st.lists(GRANTS, max_size=6, unique_by=lambda grant: grant.name).map(tuple),
    prohibitions=st.lists(PROHIBITIONS, max_size=2).map(tuple),
    obligations=st.just(()),
    privacy=st.just(TERMS),
    limits=st.just(Limits(requests_per_minute=1, concurrent=1)),
    digest=st.just(""),
)


REFERENCES: st.SearchStrategy[Reference] = st.one_of(
    st.sampled_from(COLUMNS),
    st.sampled_from(COLUMNS),
    st.builds(Attribute, name=st.sampled_from(COLUMNS)),
    st.builds(Age, at=st.sampled_from(("a", date(2026, 1, 1)))),
)


def _column(name: Reference) -> st.SearchStrategy[Predicate]:
    return st.sampled_from(
        (
            Compare(column=name, operator=Operator.EQ, value=1),
            OneOf(column=name, values=(1, 2)),
            IsMissing(column=name),
        )
    )


WINDOWS = st.none() | st.builds(
    Window,
    column=st.sampled_from(COLUMNS),
    anchor=st.sampled_from(COLUMNS),
    first=st.just(0),
    last=st.none(),
)
PREDICATES: st.SearchStrategy[Predicate] = st.recursive(
    REFERENCES.flatmap(_column),
    lambda inner: st.one_of(
        st.builds(InCohort, dataset=st.sampled_from(DATASETS), where=st.none() | inner, window=WINDOWS),
        st.builds(Not, operand=inner),
        st.builds(And, operands=st.lists(inner, min_size=1, max_size=2).map(tuple)),
        st.builds(Or, operands=st.lists(inner, min_size=1, max_size=2).map(tuple)),
    ),
    max_leaves=3,
)
GROUPINGS: st.SearchStrategy[Grouping] = st.one_of(
    st.sampled_from(COLUMNS),
    st.sampled_from(COLUMNS),
    st.builds(Attribute, name=st.sampled_from(COLUMNS)),
    st.builds(Band, name=st.just("band"), of=REFERENCES, edges=st.just((Decimal(1),))),
    st.builds(
        Truncated,
        name=st.just("when"),
        of=REFERENCES,
        unit=st.just(DateUnit.YEAR),
        first=st.just(FIRST),
        last=st.just(LAST),
    ),
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
            condition=st.one_of(st.none(), st.none(), PREDICATES),
            reducer=st.one_of(
                st.none(), st.builds(Reducer, kind=st.just(ReducerKind.LAST), by=st.sampled_from(COLUMNS))
            ),
        ),
        min_size=1,
        max_size=2,
    ).map(tuple),
    where=st.one_of(st.none(), PREDICATES),
    group_by=st.lists(GROUPINGS, max_size=2, unique=True).map(tuple),
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
        datasets=CATALOGUE,
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


Demand = tuple[str, str, str]
"""Dataset, use and name. A dataset that only has to be open is demanded as ("d", "", "")."""


def _mentions(predicate: object, here: str) -> set[Demand]:
    if predicate is None:
        return set()
    if isinstance(predicate, And | Or):
        return {demand for part in predicate.operands for demand in _mentions(part, here)}
    if isinstance(predicate, Not):
        return _mentions(predicate.operand, here)
    if isinstance(predicate, InCohort):
        found = {(predicate.dataset, "", "")} | _mentions(predicate.where, predicate.dataset)
        if predicate.window is not None:
            found |= {(predicate.dataset, "filter", predicate.window.column)}
            found |= {(here, "filter", predicate.window.anchor)}
        return found
    return _reads(predicate.column, here, "filter")  # type: ignore[attr-defined]


def _reads(reference: object, here: str, use: str) -> set[Demand]:
    if isinstance(reference, str):
        return {(here, use, reference)}
    if isinstance(reference, Attribute):
        return {("folk", use, reference.name)}
    assert isinstance(reference, Age)
    day = {(here, use, reference.at)} if isinstance(reference.at, str) else set()
    return {("folk", use, "age")} | day


def _demands(query: Query) -> set[Demand]:
    here = query.dataset
    found = {(here, "", "")} | _mentions(query.where, here)
    for key in query.group_by:
        found |= _reads(getattr(key, "of", key), here, "group")
    for measure in query.measures:
        found.add((here, "kind", measure.kind.value))
        if measure.column:
            found.add((here, "measure", measure.column))
        if measure.reducer:
            found.add((here, "filter", measure.reducer.by))
        found |= _mentions(measure.condition, here)
    return found


def _offers(grant: Grant) -> set[tuple[str, str]]:
    return (
        {("", "")}
        | {("filter", name) for name in grant.filter_columns}
        | {("group", name) for name in grant.group_columns}
        | {("measure", name) for name in grant.measure_columns}
        | {("kind", kind.value) for kind in grant.measures}
    )


def naive(case: Case) -> tuple[str, str]:
    """(reason, ""), or ("PERMIT", the grant of each dataset)."""
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
    chosen = {}
    for dataset in {dataset for dataset, _, _ in _demands(query)}:
        names = sorted(grant.name for grant in agreement.grants if _covers(grant, caller, query, dataset))
        if not names:
            return "NOT_GRANTED", ""
        chosen[dataset] = names[0]
    if any(_forbids(rule, caller, query) for rule in agreement.prohibitions):
        return "PROHIBITED", ""
    return "PERMIT", " ".join(f"{dataset}:{name}" for dataset, name in sorted(chosen.items()))


def _covers(grant: Grant, caller: Principal, query: Query, dataset: str) -> bool:
    role = not grant.roles or len(grant.roles & caller.roles) > 0
    wanted = {(use, name) for where, use, name in _demands(query) if where == dataset}
    return role and grant.dataset == dataset and wanted <= _offers(grant)


def _forbids(rule: Prohibition, caller: Principal, query: Query) -> bool:
    demands = {d for d in _demands(query) if not rule.datasets or d[0] in rule.datasets}
    used = {name for _, use, name in demands if use not in ("", "kind")}
    of_folk = {name for dataset, use, name in demands if dataset == "folk" and use not in ("", "kind")}
    if of_folk & {"age", "b"}:
        used |= {"age", "b"}
    kinds = {name for _, use, name in _demands(query) if use == "kind"}
    facets: list[tuple[set[str], set[str]]] = [
        (set(rule.parties), {caller.party}),
        (set(rule.purposes), {caller.purpose}),
        (set(rule.datasets), {dataset for dataset, _, _ in demands}),
        (set(rule.columns), used),
        ({kind.value for kind in rule.measures}, kinds),
    ]
    return all(not wanted or bool(wanted & given) for wanted, given in facets)


def _outcome(decision: Decision) -> tuple[str, str]:
    if isinstance(decision, Deny):
        return decision.reason, ""
    grants = [decision.grant, *decision.others.values()]
    return "PERMIT", " ".join(
        f"{dataset}:{name}" for dataset, name in sorted((g.dataset, g.name) for g in grants)
    )


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
