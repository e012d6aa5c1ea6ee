"""The plan of notes: what its digest covers, and the record that rows of identities make together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from gateway.domain.agreement import NotesPermit
from gateway.domain.deid import NO_RECORD, Address, HumanName, Identifier, IdentifierType
from gateway.domain.notes import NotesQuestion
from gateway.errors import InvalidQuery
from gateway.notes import make_notes_plan, record_of_rows
from gateway.policy.disclose import decide_notes
from tests.flows.notes_kit import ANN, COMPILED, NOW, identity, planned, question

PLAN = planned(question("kind = 'letter'"))


def permit(asked: NotesQuestion) -> NotesPermit:
    found = decide_notes(COMPILED, ANN, agreement="notes", question=asked, now=NOW)
    assert isinstance(found, NotesPermit)
    return found


def digest(change: Callable[[NotesPermit], NotesPermit] = lambda found: found, key: bytes = b"k" * 32) -> str:
    asked = question("kind = 'letter'")
    return make_notes_plan(asked, change(permit(asked)), COMPILED.datasets, digest_key=key).digest


@pytest.mark.parametrize(
    "change",
    [
        lambda found: replace(found, profile=replace(found.profile, digest="d" * 64)),
        lambda found: replace(found, columns=("kind",)),
        lambda found: replace(found, grants=replace(found.grants, agreement=other(found))),
        lambda found: replace(found, grants=replace(found.grants, grant=unfiltered(found))),
    ],
)
def test_the_digest_covers_what_leaves_and_under_what(change: Callable[[NotesPermit], NotesPermit]) -> None:
    assert digest() == PLAN.digest
    assert digest(change) != PLAN.digest
    assert digest(key=b"x" * 32) != PLAN.digest


def other(found: NotesPermit) -> Any:
    return replace(found.grants.agreement, id="another")


def unfiltered(found: NotesPermit) -> Any:
    return replace(found.grants.grant, row_filter=None)


def test_two_forms_of_one_filter_have_one_digest() -> None:
    assert planned(question("kind IN ('letter')")).digest == PLAN.digest
    assert planned(question("kind = 'report'")).digest != PLAN.digest


def test_the_rules_are_in_the_plan_and_the_identities_are_read() -> None:
    plan = planned(question())
    assert plan.where is not None
    assert {dataset.name for dataset in plan.datasets} == {"notes", "people", "identities"}
    assert plan.identities is COMPILED.datasets["identities"]
    none = {name: d for name, d in COMPILED.datasets.items() if name != "identities"}
    bare = make_notes_plan(question(), permit(question()), none, digest_key=b"k" * 32)
    assert bare.identities is None
    assert bare.digest != plan.digest


def test_a_filter_that_cannot_be_is_refused_by_its_column() -> None:
    with pytest.raises(InvalidQuery) as refused:
        planned(question("kind = 'lettre'"))
    assert refused.value.violations[0].field == "kind"
    planned(question("kind = 'letter'"))


def test_rows_of_identities_make_one_record() -> None:
    table = COMPILED.datasets["identities"]
    assert record_of_rows(table, []) is None
    first = identity("p1", given=" Ada  Mary ", family=None, mrn=None)
    second = identity("p1", given=None, family="Okafor", phone="", born=date(1951, 1, 2), town="Ashford")
    record = record_of_rows(table, [first, second, dict.fromkeys(first)])
    assert record is not None
    assert record.names == (HumanName(given=("Ada", "Mary")), HumanName(family=("Okafor",)))
    assert (record.birth_date, record.dates) == (date(1950, 6, 15), (date(1951, 1, 2),))
    assert record.phones == ("555 0142",)
    assert record.identifiers == (Identifier(type=IdentifierType.MRN, value="MRN-p1"),)
    assert record.addresses == (Address(city="Ashford"), Address(city="Ashford"))
    assert record_of_rows(table, [dict.fromkeys(first)]) == NO_RECORD
