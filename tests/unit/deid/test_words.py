"""Words keep their places; folding and edit distance one do what they say."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.deid.words import Neighbourhood, fold, has_cjk, near, tokens, words_of


def test_words_and_numbers_keep_their_places() -> None:
    text = "Mrs. José Núñez-O'Brien,12Mar"
    words = words_of(text)
    assert words.folded == ["mrs", "jose", "nunez", "o", "brien", "12", "mar"]
    assert [words.raw(i) for i in range(7)] == ["Mrs", "José", "Núñez", "O", "Brien", "12", "Mar"]
    assert words.gap(0) == ". " and words.gap(5) == "" and words.gap(6) == " "
    assert words.capital(1) and not words.capital(5)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("JOSE\u0301", ["jose"]),
        ("Łukasz Straße", ["lukasz", "strasse"]),
        ("\uff11\uff12\uff13", ["123"]),
        ("\u0661\u0662", ["12"]),
        ("患者John今天", ["john"]),
        ("Игорь", ["игорь"]),
    ],
)
def test_folding(text: str, folded: list[str]) -> None:
    assert tokens(text) == folded


def test_cjk_is_known() -> None:
    assert has_cjk("王伟") and has_cjk("김") and has_cjk("たろう")
    assert not has_cjk("Wang Wei") and not has_cjk("Игорь")


@pytest.mark.parametrize(
    "other", ["martinez", "martines", "matinez", "marttinez", "amrtinez", "martinze", "artinez"]
)
def test_one_edit_is_near(other: str) -> None:
    assert near("martinez", other) and near(other, "martinez")


@pytest.mark.parametrize("other", ["martin", "marinze", "mratines", "tinezmar", ""])
def test_two_edits_are_not(other: str) -> None:
    assert not near("martinez", other) and not near(other, "martinez")


WORD = st.text("abc", min_size=5, max_size=9)


@given(st.sets(WORD, max_size=6), WORD)
def test_a_neighbourhood_knows_exactly_what_is_near(known: set[str], word: str) -> None:
    found = Neighbourhood(known).of(word)
    assert (found is not None) == any(near(word, each) for each in known)
    assert found is None or near(word, found)


@pytest.mark.parametrize("word", ["martinez", "garza"])
def test_every_edit_of_a_word_leads_back_to_it(word: str) -> None:
    known = Neighbourhood({word, "zzzzzzz"})
    edits = {word[:at] + word[at + 1 :] for at in range(len(word))}
    edits |= {word[:at] + "q" + word[at:] for at in range(len(word) + 1)}
    edits |= {word[:at] + "q" + word[at + 1 :] for at in range(len(word))}
    edits |= {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1)}
    assert {known.of(edit) for edit in edits} == {word}
    assert known.of("qq" + word) is None and known.of("") is None


@given(st.text(max_size=60))
def test_offsets_hold_for_any_text(text: str) -> None:
    words = words_of(text)
    assert words.starts == sorted(words.starts)
    for index, folded in enumerate(words.folded):
        assert fold(words.raw(index)) == folded
        assert words.ends[index - 1] <= words.starts[index] or index == 0


@pytest.mark.parametrize("unit", ["a", "e\u0301", "\u0301", "1", "a1", "王a", " ."])
def test_a_megabyte_is_linear(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    begun = time.process_time()
    words_of(text)
    assert time.process_time() - begun < 5
