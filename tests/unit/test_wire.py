"""The wire: what a request must be, field by field, and how answers are written."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from gateway.domain.entry import Receipt
from gateway.domain.privacy import Account, AccountKind, Balance, Period, PrivacyLoss
from gateway.domain.query import (
    Assumed,
    Compare,
    MeasureKind,
    Operator,
    Query,
    Spend,
    SpendKind,
    grouping_name,
)
from gateway.domain.release import Cell, Row
from gateway.errors import GatewayError, Internal, InvalidQuery, InvalidRequest
from gateway.v1 import query_pb2
from gateway.wire import (
    assumed_from_wire,
    assumed_to_wire,
    balance_to_wire,
    kind_to_wire,
    loss_to_wire,
    query_from_wire,
    query_to_wire,
    question_from_wire,
    receipt_to_wire,
    rows_to_wire,
    spend_to_wire,
)

Request = query_pb2.RunQueryRequest
Predicate = query_pb2.Predicate
Grouping = query_pb2.Grouping
Reference = query_pb2.Reference
EQ = query_pb2.Comparison.OPERATOR_EQ


def compare(column: str = "c", operator: Any = EQ, **parts: Any) -> Predicate:
    subject: dict[str, Any] = {name: parts.pop(name) for name in ("attribute", "age") if name in parts} or {
        "column": column
    }
    value = query_pb2.Literal(**(parts or {"integer": 1}))
    return Predicate(compare=query_pb2.Comparison(**subject, operator=operator, value=value))


def cohort(**fields: Any) -> Predicate:
    return Predicate(in_cohort=query_pb2.Cohort(**{"dataset": "e"} | fields))


def cohorts(levels: int) -> Predicate:
    return cohort(where=cohorts(levels - 1)) if levels > 1 else cohort()


def days(**fields: Any) -> Predicate:
    return cohort(window=query_pb2.Window(**{"column": "on", "anchor": "start"} | fields))


def nested(form: str, value: Any) -> Predicate:
    fields: dict[str, Any] = {form: value}
    return Predicate(**fields)


def both(*operands: Predicate, form: str = "and") -> Predicate:
    return nested(form, query_pb2.Predicates(operands=operands))


def missing(column: str) -> Predicate:
    return Predicate(is_missing=query_pb2.Missing(column=column))


def deep(levels: int, innermost: Predicate | None = None) -> Predicate:
    predicate = innermost or compare()
    for _ in range(levels - 1):
        predicate = nested("not", predicate)
    return predicate


def request(where: Predicate | None = None) -> Request:
    message = Request(agreement="A-1", request_id="r:1", spend=query_pb2.Spend(share="2.5"))
    message.query.dataset = "d"
    message.query.group_by.add(column="sex")
    message.query.measures.add(kind=query_pb2.Measure.KIND_COUNT_PATIENTS)
    if where is not None:
        message.query.where.CopyFrom(where)
    return message


def test_reads_a_message() -> None:
    agreement, question, spend, request_id = question_from_wire(request(compare(text="x")))
    assert (agreement, request_id) == ("A-1", "r:1")
    assert spend == Spend(kind=SpendKind.SHARE, amount=Decimal("2.5"))
    assert isinstance(question, Query)
    assert question.where == Compare(column="c", operator=Operator.EQ, value="x")
    assert question.measures[0].kind is MeasureKind.COUNT_PATIENTS
    assert question.measures[0].name == "patients"
    assert (question.max_groups, question.max_rows) == (None, None)


def test_reads_sql_as_it_stands_and_an_estimate_without_a_request_id() -> None:
    message = query_pb2.EstimateQueryRequest(agreement="A-1", sql="SELECT", spend=query_pb2.Spend(rho="0.1"))
    assert question_from_wire(message) == (
        "A-1",
        "SELECT",
        Spend(kind=SpendKind.RHO, amount=Decimal("0.1")),
        "",
    )


def set_field(path: str, value: Any) -> Callable[[Request], None]:
    def change(message: Request) -> None:
        *owners, name = path.split(".")
        target: Any = message
        for owner in owners:
            target = getattr(target, owner)
        if isinstance(value, list):
            del getattr(target, name)[:]
            getattr(target, name).extend(value)
        else:
            setattr(target, name, value)

    return change


def set_where(where: Predicate) -> Callable[[Request], None]:
    return lambda message: message.query.where.CopyFrom(where)


def measure(**fields: Any) -> list[query_pb2.Measure]:
    return [query_pb2.Measure(**fields)]


def share(**fields: Any) -> list[query_pb2.Measure]:
    return measure(**{"kind": SHARE, "condition": compare()} | fields)


def keys(names: str) -> list[Grouping]:
    return [Grouping(column=name) for name in names]


def age(**fields: Any) -> Reference:
    return Reference(age=query_pb2.Age(**fields))


def band(**fields: Any) -> Grouping:
    usual: dict[str, Any] = {"of": Reference(column="c"), "edges": ["0", "1.5"]}
    return Grouping(band=query_pb2.Band(**usual | fields))


def period(**fields: Any) -> Grouping:
    usual: dict[str, Any] = {
        "of": Reference(column="c"),
        "unit": 3,
        "first": "2024-01-01",
        "last": "2024-12-31",
    }
    return Grouping(truncated=query_pb2.Truncation(**usual | fields))


def clear(name: str) -> Callable[[Request], None]:
    return lambda message: message.ClearField(name)


ROWS, SUM = query_pb2.Measure.KIND_COUNT_ROWS, query_pb2.Measure.KIND_SUM
MEAN, SHARE = query_pb2.Measure.KIND_MEAN, query_pb2.Measure.KIND_PROPORTION
RANGE, LEVEL = query_pb2.Range(low="1", high="2.5"), query_pb2.Range(low="1", high="1.0")
FIRST = query_pb2.Reducer(kind=query_pb2.Reducer.KIND_FIRST, by="c")
ATTRIBUTE, EDGES = Grouping(attribute="a"), [str(edge) for edge in range(201)]
OPERANDS = both(compare(), compare(), compare("ok", text="x"))
MISSING_COLUMN = both(compare(), compare(), compare(""))
EMPTY_LIST = Predicate(one_of=query_pb2.Membership(column="c"))
LIST = Predicate(one_of=query_pb2.Membership(column="c", values=[query_pb2.Literal(integer=1)]))
NO_VALUE = Predicate(one_of=query_pb2.Membership(column="c", values=[query_pb2.Literal()]))

Change = Callable[[Request], None]
Case = tuple[Change, str, str, Change]


def field(path: str, bad: Any, good: Any, reason: str = "QUERY_INVALID", at: str = "") -> Case:
    return set_field(path, bad), reason, at or path, set_field(path, good)


def one(bad: list[query_pb2.Measure], good: list[query_pb2.Measure], at: str) -> Case:
    return field("query.measures", bad, good, at=f"query.measures{at}")


def key(bad: Grouping, good: Grouping, at: str, reason: str = "QUERY_INVALID") -> Case:
    return field("query.group_by", [bad], [good], reason, f"query.group_by[0]{at}")


def where(bad: Predicate, good: Predicate, at: str, reason: str = "QUERY_INVALID") -> Case:
    return set_where(bad), reason, f"query.where{at}", set_where(good)


# A change that is refused, the reason, the field named, and the twin: a change that is read.
REFUSED: list[Case] = [
    field("agreement", "", "B", "REQUEST_INVALID"),
    field("agreement", "a" * 129, "a" * 128, "REQUEST_INVALID"),
    field("agreement", "a\n", "a b", "REQUEST_INVALID"),
    (clear("query"), "REQUEST_INVALID", "query", set_field("sql", "x")),
    (clear("request_id"), "REQUEST_ID_INVALID", "request_id", set_field("request_id", "r")),
    field("request_id", "r" * 65, "r" * 64, "REQUEST_ID_INVALID"),
    field("request_id", "r 1", "r.1_-:A", "REQUEST_ID_INVALID"),
    field("request_id", "r\n", "r", "REQUEST_ID_INVALID"),
    (clear("spend"), "SPEND_INVALID", "spend", set_field("spend.epsilon", "1")),
    field("spend.share", "100.1", "100", "SPEND_INVALID"),
    field("spend.share", "0", "0.001", "SPEND_INVALID"),
    field("spend.rho", "-1", "1", "SPEND_INVALID"),
    field("spend.rho", "NaN", "0.5", "SPEND_INVALID"),
    field("spend.epsilon", "Infinity", "101", "SPEND_INVALID"),
    field("spend.epsilon", "1e9", "19", "SPEND_INVALID"),
    field("spend.within", "\u0661", "1", "SPEND_INVALID"),
    field("spend.within", "1" * 41, "1" * 40, "SPEND_INVALID"),
    field("query.dataset", "", "e"),
    field("query.dataset", "\u202e", "\u00e9"),
    field("query.group_by", keys("aa"), keys("ab"), at="query.group_by[1]"),
    field("query.group_by", keys("abcde"), keys("abcd"), "QUERY_TOO_LARGE"),
    key(Grouping(), Grouping(column="a"), ""),
    key(Grouping(column=""), Grouping(column="a"), ".column"),
    key(Grouping(attribute=""), Grouping(attribute="a"), ".attribute"),
    field("query.group_by", [*keys("a"), band(name="a")], [*keys("a"), band()], at="query.group_by[1]"),
    field("query.group_by", [*keys("a"), ATTRIBUTE], [*keys("b"), ATTRIBUTE], at="query.group_by[1]"),
    key(band(name="\n"), band(name="n"), ".band.name"),
    key(band(of=None), band(), ".band.of.column"),
    key(band(of=Reference(attribute="")), band(of=Reference(attribute="a")), ".band.of.attribute"),
    key(band(of=age()), band(of=age(column="c")), ".band.of.age"),
    key(band(of=age(date="x")), band(of=age(date="2024-02-29")), ".band.of.age.date"),
    key(band(edges=[]), band(edges=["1"]), ".band.edges"),
    key(band(edges=["1", "x"]), band(edges=["1", "2"]), ".band.edges[1]"),
    key(band(edges=["1", "1.0"]), band(edges=["1", "1.1"]), ".band.edges[1]"),
    key(band(edges=["-1", "-2"]), band(edges=["-2", "-1"]), ".band.edges[1]"),
    key(band(edges=EDGES), band(edges=EDGES[:200]), ".band.edges", "QUERY_TOO_LARGE"),
    key(period(unit=0), period(), ".truncated.unit"),
    key(period(unit=99), period(unit=5), ".truncated.unit"),
    key(period(first="2024-02-30"), period(first="2024-01-01"), ".truncated.first"),
    key(period(last="2023-12-31"), period(last="2024-01-01"), ".truncated.last"),
    key(period(of=age(column="c")), period(of=Reference(attribute="born")), ".truncated.of.age"),
    field("query.measures", measure(kind=ROWS) * 17, measure(kind=ROWS) * 16, "QUERY_TOO_LARGE"),
    one([], measure(kind=ROWS), ""),
    one(measure(), measure(kind=ROWS), "[0].kind"),
    one(measure(kind=99), measure(kind=ROWS), "[0].kind"),
    one(measure(kind=SUM), measure(kind=SUM, column="c"), "[0].column"),
    one(measure(kind=ROWS, column="c"), measure(kind=ROWS), "[0].column"),
    one(measure(kind=ROWS, bounds=RANGE), measure(kind=SUM, column="c", bounds=RANGE), "[0].bounds"),
    one(measure(kind=SUM, column="c", bounds=LEVEL), measure(kind=MEAN, column="c"), "[0].bounds"),
    one(measure(kind=SUM, column="c", bounds={"low": "1"}), share(), "[0].bounds.high"),
    one(measure(kind=SUM, column="c", condition=compare()), share(), "[0].condition"),
    one(measure(kind=SUM, column="c", reducer=FIRST), share(reducer=FIRST), "[0].reducer"),
    one(measure(kind=SHARE), share(), "[0].condition"),
    one(share(condition=Predicate()), share(), "[0].condition"),
    one(share(column="c"), share(), "[0].column"),
    one(share(bounds=RANGE), share(), "[0].bounds"),
    one(share(reducer={"by": "c"}), share(reducer={"by": "c", "kind": 2}), "[0].reducer.kind"),
    one(share(reducer={"kind": 1}), share(reducer=FIRST), "[0].reducer.by"),
    one(measure(kind=ROWS, name="sex"), measure(kind=ROWS, name="n"), "[0].name"),
    one(measure(kind=ROWS, name="n") * 2, measure(kind=ROWS) * 2, "[1].name"),
    field("query.max_groups", -1, 1),
    field("query.max_rows", -1, 0),
    where(Predicate(), compare(), ""),
    where(both(compare()), both(compare(), compare()), ".and.operands"),
    where(both(form="or"), both(compare(), compare(), form="or"), ".or.operands"),
    where(MISSING_COLUMN, OPERANDS, ".and.operands[2].compare.column"),
    where(compare(operator=0), compare(), ".compare.operator"),
    where(compare(operator=77), compare(), ".compare.operator"),
    where(EMPTY_LIST, LIST, ".one_of.values"),
    where(NO_VALUE, LIST, ".one_of.values[0]"),
    where(nested("not", missing("")), nested("not", missing("c")), ".not.is_missing.column"),
    where(compare(text="\0"), compare(text=""), ".compare.value.text"),
    where(compare(text="é" * 513), compare(text="é" * 512), ".compare.value.text", "QUERY_TOO_LARGE"),
    where(compare(decimal="1E+9"), compare(decimal="-19.0"), ".compare.value.decimal"),
    where(compare(decimal="sNaN"), compare(decimal="0"), ".compare.value.decimal"),
    where(compare(decimal="1" * 41), compare(decimal="1" * 40), ".compare.value.decimal"),
    where(compare(date="2023-02-29"), compare(date="2024-02-29"), ".compare.value.date"),
    where(compare(date="20240229"), compare(date="0001-01-01"), ".compare.value.date"),
    where(compare(attribute=""), compare(attribute="sex"), ".compare.attribute"),
    where(compare(age={}), compare(age={"column": "c"}), ".compare.age"),
    where(compare(age={"date": "2024"}), compare(age={"date": "2024-01-01"}), ".compare.age.date"),
    where(cohort(dataset=""), cohort(), ".in_cohort.dataset"),
    where(cohort(at_least=-1), cohort(at_least=0), ".in_cohort.at_least"),
    where(cohort(at_least=10_001), cohort(at_least=10_000), ".in_cohort.at_least"),
    where(cohort(where=missing("")), cohort(where=missing("c")), ".in_cohort.where.is_missing.column"),
    where(days(), days(first=0), ".in_cohort.window"),
    where(days(column="", last=1), days(last=1), ".in_cohort.window.column"),
    where(days(anchor="", last=1), days(last=1), ".in_cohort.window.anchor"),
    where(days(first=2, last=1), days(first=1, last=1), ".in_cohort.window"),
    where(days(first=-40_001), days(first=-40_000), ".in_cohort.window.first"),
    where(days(last=40_001), days(last=40_000), ".in_cohort.window.last"),
    where(both(*[cohort()] * 9), both(*[cohort()] * 8), "", "QUERY_TOO_LARGE"),
    where(cohorts(3), cohorts(2), "", "QUERY_TOO_DEEP"),
    where(deep(20, cohort(where=compare())), deep(19, cohort(where=compare())), "", "QUERY_TOO_DEEP"),
    where(deep(21), deep(20), "", "QUERY_TOO_DEEP"),
    where(both(*[compare()] * 2_000), both(*[compare()] * 1_999), "", "QUERY_TOO_LARGE"),
    where(both(*[compare()] * 20_000), OPERANDS, "", "QUERY_TOO_LARGE"),
]


@pytest.mark.parametrize("case", range(len(REFUSED)))
def test_refusals_stand_beside_what_is_read(case: int) -> None:
    refuse, reason, field, allow = REFUSED[case]
    bad, good = request(), request()
    refuse(bad)
    allow(good)
    with pytest.raises(GatewayError) as refused:
        question_from_wire(bad)
    error = refused.value
    assert isinstance(error, InvalidQuery if reason.startswith("QUERY") else InvalidRequest)
    assert (error.reason, [v.field for v in error.violations]) == (reason, [field])
    assert error.__cause__ is None
    question_from_wire(good)


def test_values_of_lists_count_as_nodes() -> None:
    values = [query_pb2.Literal(integer=1)]
    question_from_wire(request(Predicate(one_of=query_pb2.Membership(column="c", values=values * 1_999))))
    with pytest.raises(InvalidQuery) as refused:
        question_from_wire(request(Predicate(one_of=query_pb2.Membership(column="c", values=values * 2_000))))
    assert refused.value.reason == "QUERY_TOO_LARGE"


def test_conditions_of_proportions_and_cohorts_count_together() -> None:
    many = both(*[compare()] * 998)  # 999 conditions, and one more for the cohort around them
    whole = request(cohort(where=many))
    whole.query.measures.extend(share(condition=many))
    question_from_wire(whole)
    whole.query.measures.extend(share(condition=compare()))
    question_from_wire(whole)
    whole.query.measures.extend(share(condition=compare()))
    with pytest.raises(InvalidQuery) as refused:
        question_from_wire(whole)
    assert refused.value.reason == "QUERY_TOO_LARGE"
    assert refused.value.violations[0].field == "query.measures[3].condition"


def test_cohorts_of_proportions_count_too() -> None:
    whole = request(both(*[cohort()] * 7))
    whole.query.measures.extend(share(condition=cohort()))
    question_from_wire(whole)
    whole.query.measures.extend(share(condition=cohort()))
    with pytest.raises(InvalidQuery) as refused:
        question_from_wire(whole)
    assert refused.value.reason == "QUERY_TOO_LARGE"


def test_titles_that_are_not_given_are_made() -> None:
    message = request()
    del message.query.group_by[:], message.query.measures[:]
    born = period(of=Reference(attribute="born"))
    message.query.group_by.extend([band(), band(), born, band(of=age(column="c"), name="proportion")])
    message.query.measures.extend(share() + measure(kind=MEAN, column="c" * 128) * 2)
    question = question_from_wire(message)[1]
    assert isinstance(question, Query)
    titles = [grouping_name(key) for key in question.group_by]
    assert titles == ["band_c", "band_c_2", "month_born", "proportion"]
    long = f"mean_{'c' * 115}"
    assert [m.name for m in question.measures] == ["proportion_2", long, f"{long}_2"]
    assert query_from_wire(query_to_wire(question)) == question


@pytest.mark.parametrize("fields", [{}, {"n": 500}, {"at": "0.25"}, {"n": 1, "at": "-3"}, {"n": 10**12}])
def test_assumed_numbers(fields: dict[str, Any]) -> None:
    message = query_pb2.EstimateQueryRequest(assuming=query_pb2.Assumed(**fields))
    assumed = assumed_from_wire(message)
    assert assumed == Assumed(n=fields.get("n"), at=Decimal(fields["at"]) if "at" in fields else None)
    assert assumed_to_wire(assumed) == message.assuming
    assert assumed_from_wire(query_pb2.EstimateQueryRequest()) == Assumed()


@pytest.mark.parametrize(
    ("at", "fields"),
    [("n", {"n": 0}), ("n", {"n": 10**12 + 1}), ("at", {"at": "1e3"}), ("at", {"at": "NaN"})],
)
def test_assumed_numbers_that_are_none(at: str, fields: dict[str, Any]) -> None:
    message = query_pb2.EstimateQueryRequest(assuming=query_pb2.Assumed(**fields))
    with pytest.raises(InvalidRequest) as refused:
        assumed_from_wire(message)
    assert (refused.value.reason, refused.value.violations[0].field) == ("REQUEST_INVALID", f"assuming.{at}")


@pytest.mark.parametrize("kind", MeasureKind)
def test_every_kind_has_its_number(kind: MeasureKind) -> None:
    assert query_pb2.Measure.Kind.Name(kind_to_wire(kind)) == f"KIND_{kind.upper()}"


def test_messages_never_echo_values() -> None:
    canary = "CANARY-7391"
    for where in (
        compare(decimal=canary),
        compare(date=canary),
        compare(text=canary * 100),
        compare(text=canary + "\0"),
    ):
        with pytest.raises(InvalidQuery) as refused:
            question_from_wire(request(where))
        assert canary not in f"{refused.value} {refused.value.violations}"


@pytest.mark.parametrize("kind", SpendKind)
def test_spends_are_the_same_both_ways(kind: SpendKind) -> None:
    for amount in ("1", "0.0000001", "99.50"):
        message = request()
        message.spend.CopyFrom(spend_to_wire(Spend(kind=kind, amount=Decimal(amount))))
        assert question_from_wire(message)[2] == Spend(kind=kind, amount=Decimal(amount))
        assert getattr(message.spend, kind) == amount
    assert spend_to_wire(Spend(kind=kind, amount=Decimal("1E+1"))).WhichOneof("form") == kind


def test_a_question_as_a_message_is_the_one_that_was_sent() -> None:
    message = request(OPERANDS)
    question = question_from_wire(message)[1]
    assert isinstance(question, Query)
    message.query.measures[0].name = "patients"
    assert query_to_wire(question) == message.query


def test_losses_are_exact() -> None:
    message = loss_to_wire(PrivacyLoss(rho=4_210_000_000, delta=1), 0.25)
    assert (message.rho, message.epsilon) == ("0.004210000000", 0.25)
    assert message.delta == "0.000000000000000001"
    whole = loss_to_wire(PrivacyLoss(rho=12 * 10**12 + 1), 9.0)
    assert (whole.rho, whole.delta) == ("12.000000000001", "0." + "0" * 18)


def balance(kind: AccountKind, spent: int, cap: int | None) -> Balance:
    account = Account(kind=kind, holder="h", population="adults", period=Period.QUARTER)
    limit = None if cap is None else PrivacyLoss(rho=cap)
    return Balance(account=account, period_key="2026-Q4", spent=PrivacyLoss(rho=spent), cap=limit)


def test_balances() -> None:
    rho = 10**12
    party = balance(AccountKind.PARTY, rho, 4 * rho)
    message = balance_to_wire(party, lambda loss: loss.rho / rho, "2027-01-01T00:00:00Z")
    assert (message.account, message.population, message.period) == ("party", "adults", "2026-Q4")
    assert [m.rho for m in (message.cap, message.spent, message.remaining)] == [
        f"{n}.{'0' * 12}" for n in (4, 1, 3)
    ]
    assert [m.epsilon for m in (message.cap, message.spent, message.remaining)] == [4.0, 1.0, 3.0]
    assert (message.spent_percent, message.refills_at) == (25.0, "2027-01-01T00:00:00Z")


def test_balances_without_a_cap_or_with_an_empty_one() -> None:
    unlimited = balance_to_wire(balance(AccountKind.AGREEMENT, 5, None), lambda _: 0.0, "")
    assert not unlimited.HasField("cap")
    assert not unlimited.HasField("remaining")
    assert unlimited.spent_percent == 0
    assert balance_to_wire(balance(AccountKind.AGREEMENT, 0, 0), lambda _: 0.0, "").spent_percent == 100


def test_the_site_balance_never_leaves() -> None:
    with pytest.raises(Internal):
        balance_to_wire(balance(AccountKind.SITE, 1, 2), lambda _: 0.0, "")
    balance_to_wire(balance(AccountKind.AGREEMENT, 1, 2), lambda _: 0.0, "")


def test_receipts() -> None:
    message = receipt_to_wire(Receipt(entry="e", seq=7, leaf_hash="ab" * 32))
    assert (message.entry, message.index, message.leaf_hash) == ("e", 7, "ab" * 32)


def test_rows_and_suppression() -> None:
    shown = Cell(value=0.0, low=-1.5, high=1.5, sigma=0.75, suppressed=False)
    kept_back = Cell(value=3.0, low=1.0, high=5.0, sigma=0.75, suppressed=True)
    (message,) = rows_to_wire((Row(keys=("a", "missing"), cells=(shown, kept_back)),))
    assert list(message.keys) == ["a", "missing"]
    first, second = message.figures
    assert (first.HasField("value"), first.value, first.low, first.high) == (True, 0.0, -1.5, 1.5)
    assert (first.sigma, first.suppressed) == (0.75, False)
    assert not any(second.HasField(name) for name in ("value", "low", "high"))
    assert (second.sigma, second.suppressed) == (0.75, True)
    assert rows_to_wire(()) == []
