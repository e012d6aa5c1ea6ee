"""Which notes may leave and whose text is de-identified: each refusal beside the twin that is permitted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gateway.compile import compile_policies
from gateway.domain.agreement import (
    Agreement,
    Compiled,
    Deny,
    NotesPermit,
    Operation,
    Prohibition,
    TextPermit,
)
from gateway.domain.identity import Principal
from gateway.domain.notes import NotesQuestion
from gateway.policy.disclose import decide_notes, decide_text
from gateway.query.sql import parse_predicate
from tests.unit.policy.note_sets import FILES, SITE
from tests.unit.policy.sets import as_bytes

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ANN = Principal(party="university", person="ann", purpose="HRESCH", thumbprint="t", jti="j")
COMPILED = compile_policies(as_bytes(FILES), site=SITE, generation=1)
ALL = NotesQuestion(dataset="notes")


def where(text: str, **given: tuple[str, ...]) -> NotesQuestion:
    return NotesQuestion(dataset="notes", where=parse_predicate(text, "notes"), **given)


def asked(
    question: NotesQuestion = ALL,
    *,
    compiled: Compiled = COMPILED,
    principal: Principal = ANN,
    agreement: str = "notes",
    now: datetime = NOW,
) -> NotesPermit | Deny:
    return decide_notes(compiled, principal, agreement=agreement, question=question, now=now)


def changed(**given: object) -> Compiled:
    agreement: Agreement = replace(COMPILED.agreements["notes"], **given)  # type: ignore[arg-type]
    return replace(COMPILED, agreements={"notes": agreement})


def prohibiting(**given: object) -> Compiled:
    return changed(prohibitions=(Prohibition(reason="not that", **given),))  # type: ignore[arg-type]


def reason(decision: object) -> str:
    assert isinstance(decision, Deny)
    return decision.reason


def permit(decision: object) -> NotesPermit:
    assert isinstance(decision, NotesPermit), decision
    return decision


def test_what_a_grant_gives_comes_with_the_notes() -> None:
    found = permit(asked())
    assert found.columns == ("kind", "patient_id", "ward", "written")
    assert found.profile is COMPILED.profiles["careful"]
    assert (found.terms.rows_per_day, found.grants.grant.name) == (1000, "letters")
    assert permit(asked(NotesQuestion(dataset="notes", columns=("kind", "kind")))).columns == ("kind",)
    assert permit(asked(NotesQuestion(dataset="notes", columns=()))).columns == ()


@pytest.mark.parametrize(
    ("refused", "twin"),
    [
        # A column that is granted for questions only, and one granted for notes.
        (where("language = 'en'"), where("kind = 'letter'")),
        (where("draft = FALSE"), where("written >= DATE '2026-01-01'")),
        (
            where("patient_id IN (SELECT patient_id FROM conditions WHERE stage = 2)"),
            where("patient_id IN (SELECT patient_id FROM conditions WHERE code = 'E11')"),
        ),
        (where("patient.born < DATE '1950-01-01'"), where("patient.sex = 'female'")),
        (
            where("patient_id IN (SELECT patient_id FROM identities)"),
            where("patient_id IN (SELECT patient_id FROM conditions)"),
        ),
        (
            NotesQuestion(dataset="notes", columns=("kind", "language")),
            NotesQuestion(dataset="notes", columns=("kind", "ward")),
        ),
        (
            NotesQuestion(dataset="notes", columns=("body",)),
            NotesQuestion(dataset="notes", columns=("ward",)),
        ),
        # Granted for notes, but without a profile: it only serves cohorts.
        (NotesQuestion(dataset="conditions"), ALL),
        (NotesQuestion(dataset="identities"), ALL),
        (NotesQuestion(dataset="nothing"), ALL),
    ],
)
def test_a_filter_and_a_context_use_what_is_granted_for_notes(
    refused: NotesQuestion, twin: NotesQuestion
) -> None:
    assert reason(asked(refused)) == "NOT_GRANTED"
    permit(asked(twin))


def test_what_is_hidden_answers_as_what_is_not_there() -> None:
    hidden, absent = asked(NotesQuestion(dataset="identities")), asked(NotesQuestion(dataset="identitiez"))
    assert isinstance(hidden, Deny)
    assert isinstance(absent, Deny)
    assert hidden.message.replace("identities", "X") == absent.message.replace("identitiez", "X")


@pytest.mark.parametrize(
    ("given", "stable"),
    [
        ({"agreement": "other"}, "NO_AGREEMENT"),
        ({"principal": replace(ANN, party="clinic")}, "NO_AGREEMENT"),
        ({"principal": replace(ANN, purpose="TREAT")}, "PURPOSE_NOT_ALLOWED"),
        ({"now": datetime(2029, 1, 1, tzinfo=UTC)}, "AGREEMENT_NOT_IN_FORCE"),
    ],
)
def test_party_purpose_and_time_are_those_of_every_question(given: Mapping[str, object], stable: str) -> None:
    assert reason(asked(**given)) == stable  # type: ignore[arg-type]
    text = {"principal": ANN, "agreement": "notes", "now": NOW, **given}
    assert reason(decide_text(COMPILED, **text)) == stable  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "question", "hit"),
    [
        ({"columns": frozenset({"ward"})}, ALL, True),
        ({"columns": frozenset({"ward"})}, NotesQuestion(dataset="notes", columns=("kind",)), False),
        ({"columns": frozenset({"body"})}, NotesQuestion(dataset="notes", columns=()), True),
        ({"columns": frozenset({"draft"})}, ALL, False),  # the site's own rule is not the partner's use
        ({"columns": frozenset({"code"})}, where("patient_id IN (SELECT patient_id FROM conditions)"), False),
        (
            {"columns": frozenset({"code"})},
            where("patient_id IN (SELECT patient_id FROM conditions WHERE code = 'E11')"),
            True,
        ),
        (
            {"columns": frozenset({"born"})},
            where("AGE(written) > 60"),
            True,
        ),
        ({"operations": frozenset({Operation.NOTES})}, ALL, True),
        ({"operations": frozenset({Operation.AGGREGATE, Operation.DEIDENTIFY})}, ALL, False),
        ({"datasets": frozenset({"notes"})}, ALL, True),
        ({"datasets": frozenset({"conditions"})}, ALL, False),
        ({"purposes": frozenset({"HRESCH"})}, ALL, True),
        ({"parties": frozenset({"college"})}, ALL, False),
    ],
)
def test_a_prohibition_beats_the_grant(
    rule: Mapping[str, object], question: NotesQuestion, hit: bool
) -> None:
    permit(asked(question))
    decision = asked(question, compiled=prohibiting(**rule))
    assert isinstance(decision, Deny) is hit
    assert not hit or reason(decision) == "PROHIBITED"


@pytest.mark.parametrize(
    ("rule", "hit"),
    [
        ({"operations": frozenset({Operation.DEIDENTIFY})}, True),
        ({"operations": frozenset({Operation.NOTES})}, False),
        ({"parties": frozenset({"university"})}, True),
        ({"parties": frozenset({"college"})}, False),
        ({"datasets": frozenset({"notes"})}, False),
        ({"columns": frozenset({"body"})}, False),
    ],
)
def test_own_text_is_reached_by_prohibitions_that_name_no_data(rule: Mapping[str, object], hit: bool) -> None:
    found = decide_text(prohibiting(**rule), ANN, agreement="notes", now=NOW)
    assert isinstance(found, Deny) is hit


def test_own_text_needs_a_grant_and_its_role() -> None:
    found = decide_text(COMPILED, ANN, agreement="notes", now=NOW)
    assert isinstance(found, TextPermit)
    assert (found.grant.name, found.profile.name) == ("own", "careful")
    assert reason(decide_text(changed(text_grants=()), ANN, agreement="notes", now=NOW)) == "NOT_GRANTED"
    clerks = changed(text_grants=(replace(found.grant, roles=frozenset({"clerk"})),))
    assert reason(decide_text(clerks, ANN, agreement="notes", now=NOW)) == "NOT_GRANTED"
    clerk = replace(ANN, roles=frozenset({"clerk"}))
    assert isinstance(decide_text(clerks, clerk, agreement="notes", now=NOW), TextPermit)


def test_the_order_of_grants_and_rules_changes_nothing() -> None:
    agreement = COMPILED.agreements["notes"]
    rules = (
        Prohibition(reason="b", columns=frozenset({"ward"})),
        Prohibition(reason="a", operations=frozenset({Operation.NOTES})),
    )
    there, back = changed(prohibitions=rules), changed(prohibitions=rules[::-1])
    assert asked(compiled=there) == asked(compiled=back)
    wider = replace(
        agreement.grants[0],
        name="zeta",
        notes=replace(agreement.grants[0].notes, rows_per_day=9),  # type: ignore[type-var]
    )
    for grants in ((*agreement.grants, wider), (wider, *agreement.grants)):
        assert permit(asked(compiled=changed(grants=grants))).grants.grant.name == "letters"


def test_a_question_of_figures_never_uses_what_is_granted_for_notes() -> None:
    from gateway.domain.query import Measure, MeasureKind, Query
    from gateway.policy.decide import decide

    count = Measure(kind=MeasureKind.COUNT_PATIENTS, name="n")
    query = Query(dataset="notes", measures=(count,), where=parse_predicate("written IS NULL", "notes"))
    assert reason(decide(COMPILED, ANN, agreement="notes", query=query, now=NOW)) == "NOT_GRANTED"
    allowed = replace(query, where=parse_predicate("language IS NULL", "notes"))
    assert not isinstance(decide(COMPILED, ANN, agreement="notes", query=allowed, now=NOW), Deny)
