"""The held-out notes share no name, place, template or phrase with the training text."""

import re
from collections.abc import Iterable, Iterator

import pytest

from gateway.demo.notes import held_out_words
from gateway.demo.notes.lists import cultures, listed, sections, template_texts
from training import corpus

RUN = 6  # words in a row
_SLOT = re.compile(r"\{[^}]*\}|<<[^>]*>>")


def runs(texts: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Every so many words in a row that no slot interrupts."""
    for text in texts:
        for part in _SLOT.split(text.casefold()):
            words = re.findall(r"\w+", part)
            yield from (tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1))


def entries(path: str) -> set[str]:
    """All entries of a list file, whole."""
    if "names" in path:
        found = {name for c in cultures(path) for name in (*c.family, *c.female, *c.male)}
    else:
        found = {
            entry for section in sections(path) if "kinds" not in section for entry in listed(path, section)
        }
    return {entry.casefold() for entry in found}


def test_no_word_is_in_both() -> None:
    shared = held_out_words() & corpus.training_words()
    assert not shared, sorted(shared)


@pytest.mark.parametrize("path", ["words/names.txt", "words/places.txt"])
def test_every_entry_is_held_out(path: str) -> None:
    assert entries(path) <= held_out_words()


def test_no_sentence_or_layout_shares_six_words_in_a_row() -> None:
    ours = set(runs(template_texts()))
    theirs = set(runs([*corpus.template_texts(), *corpus.training_words()]))
    assert len(ours) > 2000
    assert not ours & theirs, sorted(ours & theirs)


def test_a_shared_phrase_would_be_found() -> None:
    phrase = "Dear {x}, many thanks for sending over this patient <<y>>"
    assert set(runs([phrase])) & set(runs(["MANY thanks, for sending over this one or that"])) == {
        ("many", "thanks", "for", "sending", "over", "this")
    }
