"""The training text: labels cover what the slots gave, the same on every machine, clean text among it."""

from __future__ import annotations

from random import Random

import pytest

from gateway.domain.deid import IdentifierType
from training.corpus import compose, corpus_digest, snippets, template_texts, training_words
from training.corpus.augment import augmented
from training.corpus.grammar import BadTemplateError, Choice, Pool, Slot, parsed, slots_of
from training.corpus.people import FORMS
from training.corpus.scene import Scene
from training.corpus.spoken import spelled, spelled_ordinal, spelled_year
from training.corpus.templates import FILLERS, IDENTIFYING, SHELVES, identifies, pools, shelves

LABELS = {
    "NAME", "DATE", "AGE", "LOCATION", "STREET", "ZIP", "ORGANIZATION", "PHONE", "FAX", "EMAIL", "URL",
    "MRN", "HEALTH_PLAN", "SSN", "ACCOUNT", "LICENSE", "DEVICE", "VEHICLE", "ID",
}  # fmt: skip


def test_the_digest_of_a_small_corpus_is_known() -> None:
    assert corpus_digest(7, 300) == "efa92d572a324f469bdf866d042f09fc849286098133332ec8a7c399dda77851"
    assert corpus_digest(8, 300) != corpus_digest(7, 300)


def test_a_longer_corpus_begins_with_the_shorter() -> None:
    assert list(snippets(5, 20)) == list(snippets(5, 40))[:20]


def test_every_label_occurs_and_no_other() -> None:
    found = {span.type.value for made in snippets(1, 3000) for span in made.spans}
    assert found == LABELS


def test_spans_are_in_order_apart_and_hold_no_white_space_at_their_ends() -> None:
    for made in snippets(2, 1500):
        at = 0
        for span in made.spans:
            assert at <= span.start < span.end <= len(made.text)
            covered = made.text[span.start : span.end]
            assert covered == covered.strip()
            at = span.end


def test_offsets_cover_what_the_pieces_gave() -> None:
    for seed in range(400):
        rng = Random(seed)
        template = rng.choice(shelves()["short", True])
        pieces = augmented(compose.rendered(template, Scene(rng)), rng)
        made = compose.assembled(pieces)
        assert made.text == "".join(text for text, _ in pieces)
        given = [(text.strip(), kind) for text, kind in pieces if kind is not None and text.strip()]
        assert [(made.text[span.start : span.end], span.type) for span in made.spans] == given


def test_white_space_at_the_ends_of_a_piece_is_not_labelled() -> None:
    name = IdentifierType.NAME
    made = compose.assembled(
        [("See ", None), (" Marion Kestrel\n", name), ("", name), (" ", name), ("now", None)]
    )
    assert made.text == "See  Marion Kestrel\n now"
    assert [(span.start, span.end) for span in made.spans] == [(5, 19)]


def test_a_third_and_more_holds_no_identifier() -> None:
    made = list(snippets(3, 3000))
    clean = sum(not one.spans for one in made) / len(made)
    assert 0.3 < clean < 0.45


def test_short_ones_outnumber_long_ones_a_little() -> None:
    sizes = [len(made.text.split()) for made in snippets(4, 2000)]
    assert 0.45 < sum(size < 60 for size in sizes) / len(sizes) < 0.75
    assert max(sizes) < 900


def test_there_are_many_templates() -> None:
    counts = {shelf: len(templates) for shelf, templates in shelves().items()}
    assert sum(counts[folder, True] for folder in SHELVES) >= 500
    assert sum(counts[folder, False] for folder in SHELVES) >= 450
    assert all(len(set(templates)) == len(templates) for templates in shelves().values())


def test_every_template_parses_and_its_slots_can_be_filled() -> None:
    for text in template_texts():
        template = parsed(text)
        for slot in slots_of(template):
            assert slot.name in (pools() if isinstance(slot, Pool) else FILLERS), text
        rng = Random(text)
        made = compose.assembled(compose.rendered(template, Scene(rng)))
        assert made.text.strip(), text
        assert "{" not in made.text or r"\{" in text, text
        assert identifies(template) or {span.type for span in made.spans} <= {IdentifierType.AGE}, text


def test_a_template_without_identifying_slots_gives_none_but_ages() -> None:
    rng = Random(9)
    for folder in SHELVES:
        for template in shelves()[folder, False]:
            spans = compose.assembled(compose.rendered(template, Scene(rng))).spans
            assert {span.type for span in spans} <= {IdentifierType.AGE}


@pytest.mark.parametrize("slot", sorted(FILLERS))
def test_a_slot_is_labelled_exactly_if_it_identifies(slot: str) -> None:
    kinds = {kind for seed in range(200) for _, kind in FILLERS[slot](Scene(Random(seed)), "")}
    if slot in IDENTIFYING:
        assert kinds - {None}
    else:
        assert kinds <= {None, IdentifierType.AGE}


@pytest.mark.parametrize("form", FORMS)
def test_titles_and_letters_after_a_name_are_no_part_of_it(form: str) -> None:
    for seed in range(50):
        for text, kind in FILLERS["doctor"](Scene(Random(seed)), form):
            if kind is not None:
                assert kind == IdentifierType.NAME
                assert not text.startswith(("Dr", "Mr. ", "Ms. ", "Prof. "))
                assert ", MD" not in text


def test_a_scene_keeps_its_people() -> None:
    template = parsed("{patient.full}; {patient.last}; {patient.lf}; {rel.full}")
    scene = Scene(Random(3))
    spans = [text for text, kind in compose.rendered(template, scene) if kind is not None]
    full, last, reverse, relative = spans
    assert full.endswith(last)
    assert reverse.startswith(last)
    assert relative != full


def test_ages_are_labelled_over_89_only() -> None:
    for seed in range(300):
        for text, kind in FILLERS["yo"](Scene(Random(seed)), ""):
            if text.isdigit():
                assert (kind == IdentifierType.AGE) == (int(text) > 89)


def test_the_grammar() -> None:
    assert parsed("a <b|{patient.last}|> c") == (
        "a ",
        Choice(options=(("b",), (Slot(name="patient", form="last"),), ())),
        " c",
    )
    assert parsed("{>plan 2-4 dash}") == (Pool(name="plan", least=2, most=4, joint="dash"),)
    assert parsed(r"a\nb \< 5 | x") == ("a\nb < 5 | x",)


@pytest.mark.parametrize("text", ["{no slot}", "<a|b", "a\\", "{>plan 2-4 tabs}"])
def test_what_is_no_template_is_refused(text: str) -> None:
    with pytest.raises(BadTemplateError):
        parsed(text)


def test_words_are_case_folded() -> None:
    assert "metformin" in training_words()
    assert all(word == word.casefold() for word in training_words())


def test_a_full_name_is_labelled_wherever_it_stands() -> None:
    for made in snippets(6, 1200):
        covered = {at for span in made.spans for at in range(span.start, span.end)}
        for span in made.spans:
            name = made.text[span.start : span.end]
            if span.type == IdentifierType.NAME and " " in name:
                found = made.text.find(name)
                while found >= 0:
                    assert covered.issuperset(range(found, found + len(name))), name
                    found = made.text.find(name, found + 1)


def test_numbers_as_they_are_said() -> None:
    assert [spelled(number) for number in (7, 12, 20, 54, 91)] == [
        "seven",
        "twelve",
        "twenty",
        "fifty-four",
        "ninety-one",
    ]
    assert [spelled_ordinal(day) for day in (1, 5, 12, 20, 23)] == [
        "first",
        "fifth",
        "twelfth",
        "twentieth",
        "twenty-third",
    ]
    assert [spelled_year(year) for year in (1952, 2000, 2007, 2021)] == [
        "nineteen fifty-two",
        "two thousand",
        "two thousand seven",
        "twenty twenty-one",
    ]
