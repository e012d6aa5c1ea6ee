"""The training text shares no name, town, street or template with the held-out notes."""

from __future__ import annotations

from random import Random

import pytest

from gateway.demo.notes import held_out_words
from gateway.demo.notes.lists import template_texts as held_out_templates
from training.corpus import template_texts, training_words
from training.corpus.people import family_name, given_name
from training.corpus.places import city, county, street_name
from training.held_out import allowed, permitted


def test_no_entry_of_the_lists_is_held_out() -> None:
    assert held_out_words()
    assert training_words().isdisjoint(held_out_words())


def test_no_template_is_held_out() -> None:
    ours = {text.casefold().strip() for text in template_texts()}
    theirs = {text.casefold().strip() for text in held_out_templates(("en",)) if len(text.split()) > 3}
    assert theirs
    assert ours.isdisjoint(theirs)


@pytest.mark.parametrize("make", [family_name, given_name, city, county, street_name])
def test_what_is_composed_is_not_held_out(make: object) -> None:
    assert callable(make)
    rng = Random(11)
    assert not [made for made in (make(rng) for _ in range(4000)) if made.casefold() in held_out_words()]


def test_a_held_out_word_is_not_allowed_and_its_neighbour_is() -> None:
    word = min(word for word in held_out_words() if word.isascii() and word.isalpha() and len(word) > 6)
    assert not permitted(word)
    assert not permitted(word.upper())
    assert not permitted(f"{word} Falls")
    assert permitted(f"{word}zqx")
    assert allowed([word, f"{word}zqx"]) == (f"{word}zqx",)
