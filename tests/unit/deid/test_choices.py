"""Who became whom: what a surrogate may never be, and that a used-up choice ends."""

from __future__ import annotations

from gateway.deid.choices import MOST_ATTEMPTS, MOST_FAILURES, Choices, canonical
from gateway.deid.draws import Draws
from gateway.deid.surrogate_words import ES_PLACE_HEADS
from gateway.domain.deid import NO_RECORD, IdentifierType
from tests.unit.deid.scopes import scope_of


def choices(*mentions: tuple[IdentifierType, str]) -> Choices:
    return Choices(key=b"\x01" * 32, language="en", record=NO_RECORD, mentions=mentions)


def test_a_surrogate_holds_no_word_of_another_identifier() -> None:
    people = [(IdentifierType.NAME, f"Ana {family}") for family in ES_PLACE_HEADS[:20]]
    for subject in map(str, range(30)):
        crowded = scope_of([*people, (IdentifierType.LOCATION, "Toledo")], language="es", subject=subject)
        new = crowded.surrogates.of("Toledo", IdentifierType.LOCATION)
        assert new is None or new.split()[0] in ES_PLACE_HEADS[20:]


def test_an_original_is_never_the_surrogate_of_another() -> None:
    made = choices((IdentifierType.MRN, "AB-12")).chosen(
        "code", "x", lambda draws: draws.of(("ab12", "cd34"))
    )
    assert made == "cd34"


def test_a_used_up_choice_is_not_tried_for_ever() -> None:
    tried = []

    def make(draws: Draws) -> str:
        tried.append(draws)
        return "only one"

    one = choices()
    assert one.chosen("group", "first", make) == "only one"
    assert [one.chosen("group", str(n), make) for n in range(1000)] == [None] * 1000
    assert len(tried) <= 1 + MOST_FAILURES * MOST_ATTEMPTS
    assert one.chosen("group", "first", make) == "only one"
    assert one.chosen("another", "first", lambda draws: "two") == "two"


def test_a_value_is_the_same_in_whatever_form() -> None:
    assert canonical(" MRN: 00-47 ") == canonical("mrn0047") == "mrn0047"
    assert canonical("--") == "--"
