"""Plans of random questions: proven prices, public cells, and a digest that means one law of noise."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gateway.adapters.memory_engine import evaluate
from gateway.compile import compile_policies
from gateway.domain.agreement import Permit
from gateway.domain.query import And, MeasureKind, Not, Or, Predicate, Query, Spend, SpendKind
from gateway.errors import InvalidQuery
from gateway.plan import Plan, PlanTerms, make_plan
from gateway.privacy.intervals import half_width
from gateway.privacy.mechanisms import price
from tests.flows.kit import FILES
from tests.property.generators import GROUPABLE, KEY, Case, cases, predicates

COMPILED = compile_policies({p: t.encode() for p, t in FILES.items()}, site="north", generation=1)
TERMS = PlanTerms(snapshot="s-1", digest_key=b"k", hash_epoch="e-1")


def permit(agreement: str) -> Permit:
    """Terms of an agreement on another dataset, whose row filter does not apply here."""
    found = COMPILED.agreements[agreement]
    grant = replace(found.grants[0], row_filter=None, consent=None)
    others = {name: replace(grant, dataset=name) for name in ("events", "people")}
    return Permit(
        agreement=replace(found, privacy=replace(found.privacy, most_per_query=None)),
        grant=grant,
        others=others,
    )


def questions() -> st.SearchStrategy[tuple[Case, Query]]:
    return cases().map(lambda case: (case, case.query))


SPENDS = st.builds(
    Spend,
    kind=st.just(SpendKind.RHO),
    amount=st.decimals("0.000001", "10", allow_nan=False, allow_infinity=False, places=12),
) | st.builds(Spend, kind=st.just(SpendKind.SHARE), amount=st.decimals("0.01", "100", places=3))
AGREEMENTS = st.sampled_from(["shared", "cautious"])


def planned(case: Case, query: Query, spend: Spend, agreement: str = "shared") -> Plan:
    return make_plan(query, spend, permit(agreement), case.catalogue, TERMS)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(questions(), SPENDS, AGREEMENTS)
def test_every_plan_is_proven_and_lists_every_cell(
    asked: tuple[Case, Query], spend: Spend, agreement: str
) -> None:
    case, query = asked
    plan = planned(case, query, spend, agreement)
    assert sum(part.rho for part in plan.priced) <= plan.loss.rho
    assert all(price(part.l2_squared, part.sigma) <= part.rho for part in plan.priced)
    cells = 1
    for key in plan.keys:
        cells *= len(key.labels)
    assert plan.expression.cells == cells
    assert [figure.name for figure in plan.figures] == [measure.name for measure in query.measures]
    # One draw: the same shape on the table, on a neighbour of it and on none.
    for tables in (case.tables, case.without("p1"), case.empty()):
        exact = evaluate(tables, plan.query, case.catalogue, plan.expression.vectors, KEY)
        noisy = plan.release_of(plan.measurement(exact)).vectors
        widths = [part.vector.width for part in plan.priced]
        assert [len(vector.values) for vector in noisy] == [cells * width for width in widths]


def shuffled(predicate: Predicate, draw: st.DataObject) -> Predicate:
    """The same condition with the operands of every And and Or in another order, one of them twice."""
    match predicate:
        case And(operands=operands) | Or(operands=operands):
            parts = [shuffled(part, draw) for part in operands]
            parts.append(draw.draw(st.sampled_from(parts)))
            return type(predicate)(operands=tuple(draw.draw(st.permutations(parts))))
        case Not(operand=operand):
            return Not(operand=shuffled(operand, draw))
        case _:
            return predicate


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(questions(), SPENDS, st.data())
def test_the_form_of_a_question_does_not_change_its_digest(
    asked: tuple[Case, Query], spend: Spend, data: st.DataObject
) -> None:
    case, query = asked
    measures = [replace(m, name=f"other{i}") for i, m in enumerate(query.measures)]
    measures.append(replace(measures[0], name="twice"))
    where = None if query.where is None else shuffled(query.where, data)
    other = replace(query, where=where, measures=tuple(data.draw(st.permutations(measures))))
    one, same = planned(case, query, spend), planned(case, other, spend)
    assert one.digest == same.digest
    assert (one.priced, one.loss, one.keys) == (same.priced, same.loss, same.keys)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(questions(), SPENDS, predicates(), st.data())
def test_what_changes_the_exact_vectors_or_the_noise_changes_the_digest(
    asked: tuple[Case, Query], spend: Spend, where: Predicate, data: st.DataObject
) -> None:
    case, query = asked
    assume(all(m.column != "value" for m in query.measures))  # its bounds would be lost with the condition
    other = data.draw(
        st.sampled_from(
            [
                replace(query, where=where),
                replace(query, max_groups=(query.max_groups or 1) + 1),
                replace(query, max_rows=(query.max_rows or 1) + 1),
                replace(query, group_by=tuple(data.draw(st.permutations(GROUPABLE)))[:2]),
            ]
        )
    )
    one, two = planned(case, query, spend), planned(case, other, spend)
    if one.digest == two.digest:
        exact = [
            evaluate(case.tables, p.query, case.catalogue, p.expression.vectors, KEY) for p in (one, two)
        ]
        assert exact[0] == exact[1] and one.priced == two.priced and one.keys == two.keys
        assert one.expression.max_rows == two.expression.max_rows


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(questions(), st.decimals("1", "5000", places=1), AGREEMENTS)
def test_within_is_kept_by_every_asked_count_and_sum(
    asked: tuple[Case, Query], width: Decimal, agreement: str
) -> None:
    case, query = asked
    spend = Spend(kind=SpendKind.WITHIN, amount=width)
    assume(all(m.kind not in (MeasureKind.MEAN, MeasureKind.PROPORTION) for m in query.measures))
    try:
        plan = planned(case, query, spend, agreement)
    except InvalidQuery as refused:
        assert refused.reason == "WITHIN_TOO_FINE"
        return
    for figure in plan.figures:
        sigma = plan.priced[figure.numerator].sigma
        assert Decimal(half_width(sigma)) * Decimal(repr(figure.unit)) <= width
    assert plan.loss.rho == sum(part.rho for part in plan.priced)
