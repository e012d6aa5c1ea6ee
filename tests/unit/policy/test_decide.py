"""Every reason to deny, beside a twin that differs in one thing and is allowed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from gateway.compile import compile_policies
from gateway.domain.agreement import Agreement, AgreementStatus, Compiled, Decision, Deny, Permit, Prohibition
from gateway.domain.identity import Principal
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
    Query,
)
from gateway.errors import Internal
from gateway.policy.decide import decide
from tests.unit.policy.sets import FILES, SITE, as_bytes

NOON = datetime(2027, 3, 4, 12, tzinfo=UTC)
COUNT = Measure(kind=MeasureKind.COUNT_PATIENTS, name="patients")
SUM = Measure(kind=MeasureKind.SUM, name="days", column="days")
FEMALE = Compare(column="sex", operator=Operator.EQ, value="female")
ASKED = Query(dataset="visits", measures=(COUNT,), where=FEMALE, group_by=("sex",))
CALLER = Principal(party="university", person="somebody", purpose="HRESCH", thumbprint="t", jti="j")


@pytest.fixture(scope="module")
def compiled() -> Compiled:
    return compile_policies(as_bytes(FILES), site=SITE, generation=1)


def _with(compiled: Compiled, **changes: Any) -> Compiled:
    agreement = replace(compiled.agreements["research"], **changes)
    return replace(compiled, agreements={"research": agreement})


def _ask(
    compiled: Compiled,
    *,
    caller: Principal = CALLER,
    agreement: str = "research",
    query: Query = ASKED,
    now: datetime = NOON,
) -> Decision:
    return decide(compiled, caller, agreement=agreement, query=query, now=now)


def _reason(decision: Decision) -> str:
    return decision.reason if isinstance(decision, Deny) else "PERMIT"


def test_a_permit_carries_the_agreement_and_the_grant(compiled: Compiled) -> None:
    permit = _ask(compiled)
    assert isinstance(permit, Permit)
    assert (permit.agreement.id, permit.grant.name) == ("research", "all")
    assert permit.grant.row_filter is not None and permit.grant.consent is not None


def test_unknown_draft_and_foreign_agreements_look_alike(compiled: Compiled) -> None:
    draft = _ask(_with(compiled, status=AgreementStatus.DRAFT))
    unknown = _ask(compiled, agreement="nothing")
    foreign = _ask(compiled, caller=replace(CALLER, party="stranger"))
    unrecipient = _ask(_with(compiled, recipients=frozenset({"another"})))
    unenrolled = _ask(replace(compiled, parties={}))
    assert isinstance(draft, Deny) and draft.reason == "NO_AGREEMENT"
    assert draft == unknown == foreign == unrecipient == unenrolled
    assert _reason(_ask(compiled)) == "PERMIT"


@pytest.mark.parametrize("status", [AgreementStatus.SUSPENDED, AgreementStatus.ENDED])
def test_only_an_active_agreement_allows(compiled: Compiled, status: AgreementStatus) -> None:
    assert _reason(_ask(_with(compiled, status=status))) == "AGREEMENT_NOT_ACTIVE"
    assert _reason(_ask(_with(compiled, status=AgreementStatus.ACTIVE))) == "PERMIT"


def test_the_days_are_utc_and_the_last_is_included(compiled: Compiled) -> None:
    last = datetime(2028, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
    first = datetime(2026, 1, 1, tzinfo=UTC)
    instant = timedelta(microseconds=1)
    assert _reason(_ask(compiled, now=last)) == "PERMIT"
    assert _reason(_ask(compiled, now=last + instant)) == "AGREEMENT_NOT_IN_FORCE"
    assert _reason(_ask(compiled, now=first)) == "PERMIT"
    assert _reason(_ask(compiled, now=first - instant)) == "AGREEMENT_NOT_IN_FORCE"
    east = timezone(timedelta(hours=9))
    assert _reason(_ask(compiled, now=datetime(2029, 1, 1, 8, 59, tzinfo=east))) == "PERMIT"
    assert _reason(_ask(compiled, now=datetime(2029, 1, 1, 9, 0, tzinfo=east))) == "AGREEMENT_NOT_IN_FORCE"


def test_a_time_without_a_zone_is_a_defect(compiled: Compiled) -> None:
    with pytest.raises(Internal):
        _ask(compiled, now=NOON.replace(tzinfo=None))


def test_the_purpose_is_that_of_the_token(compiled: Compiled) -> None:
    assert _reason(_ask(compiled, caller=replace(CALLER, purpose="TREAT"))) == "PURPOSE_NOT_ALLOWED"
    assert _reason(_ask(compiled, caller=replace(CALLER, purpose="PUBHLTH"))) == "PERMIT"


def test_registered_persons_only_where_any_is_registered(compiled: Compiled) -> None:
    party = replace(compiled.parties["university"], persons=frozenset({"somebody"}))
    listed = replace(compiled, parties={"university": party})
    assert _reason(_ask(listed, caller=replace(CALLER, person="another"))) == "PERSON_NOT_ALLOWED"
    assert _reason(_ask(listed)) == "PERMIT"
    assert _reason(_ask(compiled, caller=replace(CALLER, person="another"))) == "PERMIT"


def test_roles_where_a_grant_names_any(compiled: Compiled) -> None:
    grant = replace(compiled.agreements["research"].grants[0], roles=frozenset({"analyst"}))
    restricted = _with(compiled, grants=(grant,))
    assert _reason(_ask(restricted)) == "NOT_GRANTED"
    analyst = replace(CALLER, roles=frozenset({"analyst", "lead"}))
    assert _reason(_ask(restricted, caller=analyst)) == "PERMIT"


BIRTH = IsMissing(column="birth")
GRANTED = IsMissing(column="start")


@pytest.mark.parametrize(
    ("refused", "twin"),
    [
        (replace(ASKED, dataset="visit"), ASKED),
        (replace(ASKED, where=BIRTH), replace(ASKED, where=GRANTED)),
        (replace(ASKED, where=Not(operand=BIRTH)), replace(ASKED, where=Not(operand=GRANTED))),
        (
            replace(ASKED, where=And(operands=(FEMALE, BIRTH))),
            replace(ASKED, where=And(operands=(FEMALE, GRANTED))),
        ),
        (
            replace(ASKED, where=Or(operands=(FEMALE, BIRTH))),
            replace(ASKED, where=Or(operands=(FEMALE, GRANTED))),
        ),
        (
            replace(ASKED, where=OneOf(column="ward", values=("east",))),
            replace(ASKED, where=OneOf(column="sex", values=("male",))),
        ),
        (replace(ASKED, group_by=("sex", "ward")), replace(ASKED, group_by=("sex", "urgent"))),
        (replace(ASKED, group_by=("days",)), replace(ASKED, group_by=("urgent",))),
        (replace(ASKED, measures=(COUNT, replace(SUM, column="bmi"))), replace(ASKED, measures=(COUNT, SUM))),
        (
            replace(ASKED, measures=(replace(SUM, kind=MeasureKind.MEAN),)),
            replace(ASKED, measures=(SUM,)),
        ),
        (replace(ASKED, measures=(replace(COUNT, column="sex"),)), replace(ASKED, measures=(COUNT,))),
    ],
)  # fmt: skip
def test_whatever_no_grant_names_is_refused(compiled: Compiled, refused: Query, twin: Query) -> None:
    assert _reason(_ask(compiled, query=refused)) == "NOT_GRANTED"
    assert _reason(_ask(compiled, query=twin)) == "PERMIT"


def test_two_grants_are_never_added_up(compiled: Compiled) -> None:
    (grant,) = compiled.agreements["research"].grants
    halves = (
        replace(grant, name="a", filter_columns=frozenset({"start"})),
        replace(grant, name="b", group_columns=frozenset()),
    )
    split = _with(compiled, grants=halves)
    decision = _ask(split)
    assert isinstance(decision, Deny) and decision.reason == "NOT_GRANTED"
    assert "in one question" in decision.message
    assert _reason(_ask(split, query=replace(ASKED, group_by=()))) == "PERMIT"


def test_the_smallest_name_decides_among_matching_grants(compiled: Compiled) -> None:
    (grant,) = compiled.agreements["research"].grants
    grants = (replace(grant, name="b"), replace(grant, name="a"), replace(grant, name="c"))
    permit = _ask(_with(compiled, grants=grants))
    assert isinstance(permit, Permit) and permit.grant.name == "a"


def test_a_prohibition_beats_a_grant(compiled: Compiled) -> None:
    health = replace(CALLER, purpose="PUBHLTH")
    days = replace(ASKED, measures=(SUM,))
    refused = _ask(compiled, caller=health, query=days)
    assert isinstance(refused, Deny) and refused.reason == "PROHIBITED"
    assert "not for public health" in refused.message
    assert _reason(_ask(compiled, caller=health, query=ASKED)) == "PERMIT"  # another column
    assert _reason(_ask(compiled, query=days)) == "PERMIT"  # another purpose


@pytest.mark.parametrize(
    ("rule", "matches"),
    [
        ({"parties": {"university"}}, True),
        ({"parties": {"another"}}, False),
        ({"datasets": {"visits"}}, True),
        ({"datasets": {"others"}}, False),
        ({"purposes": {"HRESCH"}}, True),
        ({"measures": {MeasureKind.COUNT_PATIENTS}}, True),
        ({"measures": {MeasureKind.MEAN}}, False),
        ({"columns": {"sex"}}, True),
        ({"columns": {"start"}, "datasets": {"visits"}}, False),
        ({"columns": {"start", "sex"}, "datasets": {"visits"}}, True),
        ({}, True),
    ],
)
def test_every_field_of_a_prohibition_must_meet(
    compiled: Compiled, rule: dict[str, Any], matches: bool
) -> None:
    prohibition = Prohibition(reason="r", **{name: frozenset(values) for name, values in rule.items()})
    expected = "PROHIBITED" if matches else "PERMIT"
    assert _reason(_ask(_with(compiled, prohibitions=(prohibition,)))) == expected


def test_a_hidden_column_answers_as_one_that_does_not_exist(compiled: Compiled) -> None:
    """The same questions, where `ward` exists, ungranted and even prohibited, and where it does not."""
    rule = Prohibition(reason="wards are hidden", columns=frozenset({"ward"}))
    hiding = _with(compiled, prohibitions=(rule,))
    without = replace(compiled, datasets={})
    assert "ward" in hiding.datasets["visits"].columns
    for query in (
        replace(ASKED, group_by=("ward",)),
        replace(ASKED, where=IsMissing(column="ward")),
        replace(ASKED, measures=(replace(SUM, column="ward"),)),
    ):
        hidden = _ask(hiding, query=query)
        assert isinstance(hidden, Deny) and hidden.reason == "NOT_GRANTED"
        assert hidden == _ask(without, query=query)
        assert "hidden" not in hidden.message
    (grant,) = compiled.agreements["research"].grants
    granting = replace(grant, group_columns=grant.group_columns | {"ward"})
    granted = _with(compiled, prohibitions=(rule,), grants=(granting,))
    assert _reason(_ask(granted, query=replace(ASKED, group_by=("ward",)))) == "PROHIBITED"


def test_only_granted_names_are_suggested(compiled: Compiled) -> None:
    near = _ask(compiled, query=replace(ASKED, group_by=("urgnt",)))
    assert isinstance(near, Deny)
    assert near.message == "this agreement does not grant: group by column 'urgnt' (did you mean 'urgent'?)"
    hidden = _ask(compiled, query=replace(ASKED, group_by=("war",)))
    assert isinstance(hidden, Deny) and "ward" not in hidden.message
    dataset = _ask(compiled, query=replace(ASKED, dataset="visit"))
    assert isinstance(dataset, Deny)
    assert dataset.message == "this agreement does not grant: dataset 'visit' (did you mean 'visits'?)"


def test_long_names_are_cut(compiled: Compiled) -> None:
    decision = _ask(compiled, query=replace(ASKED, group_by=tuple(f"{i}{'x' * 5000}" for i in range(50))))
    assert isinstance(decision, Deny) and len(decision.message) < 1500


def test_the_agreement_decides_not_its_neighbours(compiled: Compiled) -> None:
    other: Agreement = replace(compiled.agreements["research"], id="other", grants=())
    both = replace(compiled, agreements={"other": other, **compiled.agreements})
    assert _reason(_ask(both, agreement="other")) == "NOT_GRANTED"
    assert _reason(_ask(both)) == "PERMIT"
