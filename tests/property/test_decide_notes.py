"""Laws of the decision about notes, beside a second, naive evaluator that shares no code with it.

The vocabulary is that of the decision about questions, with grants of both operations mixed: neither may ever
open anything to the other.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from hypothesis import Phase, event, given, settings
from hypothesis import strategies as st

from gateway.domain.agreement import (
    AgreementStatus,
    Deny,
    Grant,
    NotesPermit,
    NotesTerms,
    Operation,
    Prohibition,
)
from gateway.domain.catalog import NoteColumns
from gateway.domain.notes import NotesQuestion
from gateway.policy.disclose import decide_notes
from tests.property.test_decide import (
    CATALOGUE,
    COLUMNS,
    DATASETS,
    GRANTS,
    PARTIES,
    PREDICATES,
    PROHIBITIONS,
    PURPOSES,
    Case,
    _mentions,
    cases,
    naive,
)
from tests.unit.policy.test_disclose import COMPILED

PROFILE = COMPILED.profiles["careful"]
USUAL = datetime(2026, 6, 1, tzinfo=UTC)
TEXT = "t"  # of every dataset here
TERMS = st.builds(
    NotesTerms,
    profile=st.just("careful"),
    context_columns=st.one_of(st.just(frozenset(COLUMNS)), st.frozensets(st.sampled_from(COLUMNS))),
    rows_per_day=st.just(1),
    rows_per_minute=st.just(1),
)
NOTES_GRANTS = st.builds(
    lambda grant, terms: replace(grant, operation=Operation.NOTES, notes=terms),
    GRANTS,
    st.none() | TERMS | TERMS,
)
MIXED = st.lists(
    NOTES_GRANTS | NOTES_GRANTS | GRANTS, min_size=2, max_size=8, unique_by=lambda grant: grant.name
).map(tuple)
RULES = st.lists(
    st.builds(
        lambda rule, columns, operations: replace(
            rule, columns=rule.columns | columns, operations=operations, measures=frozenset()
        ),
        PROHIBITIONS,
        st.frozensets(st.just(TEXT)),
        st.frozensets(st.sampled_from(Operation)),
    ),
    max_size=1,
).map(tuple)
QUESTIONS = st.builds(
    NotesQuestion,
    dataset=st.sampled_from(DATASETS),
    where=st.none() | st.none() | PREDICATES,
    columns=st.none() | st.lists(st.sampled_from(COLUMNS), max_size=2).map(tuple),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    case: Case
    question: NotesQuestion

    def decide(self) -> NotesPermit | Deny:
        case = self.case
        return decide_notes(
            case.compiled, case.principal, agreement=case.agreement, question=self.question, now=case.now
        )

    def having(self, **changes: object) -> Asked:
        return replace(self, case=self.case.having(**changes))


@st.composite
def asked(draw: st.DrawFn) -> Asked:
    case: Case = draw(cases())
    datasets = {name: replace(d, notes=NoteColumns(text=TEXT)) for name, d in CATALOGUE.items()}
    compiled = replace(case.compiled, datasets=datasets, profiles={"careful": PROFILE})
    case = replace(case, compiled=compiled).having(grants=draw(MIXED), prohibitions=draw(RULES))
    if draw(st.integers(0, 4)):  # mostly in force, so that grants decide
        everybody = {"recipients": frozenset(PARTIES), "purposes": frozenset(PURPOSES)}
        case = replace(case, now=USUAL).having(status=AgreementStatus.ACTIVE, **everybody)
    return Asked(case=case, question=draw(QUESTIONS))


def expected(asked: Asked) -> tuple[str, str]:
    """(reason, ""), or ("PERMIT", the grants and the columns that leave)."""
    before = naive(asked.case.having(grants=(), prohibitions=()))[0]
    if before != "NOT_GRANTED":  # who, when and why are those of every question
        return before, ""
    question, agreement = asked.question, asked.case.compiled.agreements[asked.case.agreement]
    filtered = _mentions(question.where, question.dataset) | {(question.dataset, "", "")}
    demands = filtered | {(question.dataset, "context", name) for name in question.columns or ()}
    chosen: dict[str, Grant] = {}
    for dataset in {demand[0] for demand in demands}:
        wanted = {(use, name) for where, use, name in demands if where == dataset}
        fitting = [
            grant
            for grant in agreement.grants
            if grant.operation.value == "notes"
            and grant.dataset == dataset
            and (not grant.roles or grant.roles & asked.case.principal.roles)
            and (grant.notes is not None or dataset != question.dataset)
            and wanted <= _offers(grant)
        ]
        if not fitting:
            return "NOT_GRANTED", ""
        chosen[dataset] = sorted(fitting, key=lambda grant: grant.name)[0]
    terms = chosen[question.dataset].notes
    assert terms is not None
    columns = set(terms.context_columns if question.columns is None else question.columns)
    leaving = {(question.dataset, "context", name) for name in columns | {TEXT}}
    if any(_forbids(rule, asked, filtered | leaving) for rule in agreement.prohibitions):
        return "PROHIBITED", ""
    names = " ".join(f"{dataset}:{grant.name}" for dataset, grant in sorted(chosen.items()))
    return "PERMIT", f"{names} {sorted(columns)}"


def _offers(grant: Grant) -> set[tuple[str, str]]:
    context = grant.notes.context_columns if grant.notes else frozenset[str]()
    return (
        {("", "")}
        | {("filter", name) for name in grant.filter_columns}
        | {("context", name) for name in context}
    )


def _forbids(rule: Prohibition, asked: Asked, demands: set[tuple[str, str, str]]) -> bool:
    reached = {demand for demand in demands if not rule.datasets or demand[0] in rule.datasets}
    used = {name for _, use, name in reached if use}
    if {name for dataset, use, name in reached if dataset == "folk" and use} & {"age", "b"}:
        used |= {"age", "b"}
    caller = asked.case.principal
    facets: list[tuple[set[str], set[str]]] = [
        (set(rule.parties), {caller.party}),
        (set(rule.purposes), {caller.purpose}),
        ({operation.value for operation in rule.operations}, {"notes"}),
        (set(rule.datasets), {dataset for dataset, _, _ in reached}),
        (set(rule.columns), used),
    ]
    return all(not wanted or bool(wanted & given) for wanted, given in facets)


def outcome(decision: NotesPermit | Deny) -> tuple[str, str]:
    if isinstance(decision, Deny):
        return decision.reason, ""
    grants = [decision.grants.grant, *decision.grants.others.values()]
    names = " ".join(f"{dataset}:{name}" for dataset, name in sorted((g.dataset, g.name) for g in grants))
    return "PERMIT", f"{names} {sorted(decision.columns)}"


@settings(max_examples=500, deadline=None)
@given(asked())
def test_two_evaluators_agree(one: Asked) -> None:
    wanted = expected(one)
    event(wanted[0])
    assert outcome(one.decide()) == wanted


def test_the_cases_reach_every_outcome() -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=600, derandomize=True, database=None, phases=[Phase.generate], deadline=None)
    @given(asked())
    def look(one: Asked) -> None:
        seen[expected(one)[0]] += 1

    look()
    assert {"NOT_GRANTED", "PROHIBITED", "PERMIT"} <= set(seen)
    assert seen["PERMIT"] >= 20


@settings(max_examples=150, deadline=None)
@given(asked(), st.lists(GRANTS, max_size=3, unique_by=lambda grant: grant.name))
def test_grants_of_questions_open_no_notes(one: Asked, more: list[Grant]) -> None:
    agreement = one.case.compiled.agreements[one.case.agreement]
    of_notes = tuple(grant for grant in agreement.grants if grant.operation is Operation.NOTES)
    renamed = tuple(replace(grant, name=f"q{grant.name}") for grant in more)
    assert outcome(one.decide()) == outcome(one.having(grants=(*of_notes, *renamed)).decide())


@settings(max_examples=150, deadline=None)
@given(cases(), st.lists(NOTES_GRANTS, max_size=3, unique_by=lambda grant: grant.name))
def test_grants_of_notes_open_no_questions(case: Case, more: list[Grant]) -> None:
    grants = case.compiled.agreements[case.agreement].grants
    renamed = tuple(replace(grant, name=f"a{grant.name}") for grant in more)
    assert case.having(grants=(*renamed, *grants)).decide() == case.having(grants=grants).decide() or (
        # The whole agreement is part of a permit; what is permitted is the same.
        naive(case)[0] == "PERMIT" and not isinstance(case.having(grants=(*renamed, *grants)).decide(), Deny)
    )


@settings(max_examples=150, deadline=None)
@given(asked(), PROHIBITIONS)
def test_a_prohibition_never_widens(one: Asked, rule: Prohibition) -> None:
    rules = one.case.compiled.agreements[one.case.agreement].prohibitions
    before, after = one.decide(), one.having(prohibitions=(*rules, rule)).decide()
    if isinstance(after, NotesPermit):
        assert outcome(after) == outcome(before)
