"""Varied texts: labels stay on their words, the rest of the text stays, and every seed is its own."""

from random import Random

from gateway.domain.deid import IdentifierType, Span
from training.varied import names_of, varied

TEXT = "Seen by Dr. Ames. The patient is well. She walks; he said on 3/4. Pt denies pain.\nSo does she now."
NAME = "Bo Lindqvist"


def span(part: str, kind: IdentifierType) -> Span:
    start = TEXT.index(part)
    return Span(start=start, end=start + len(part), type=kind, score=1.0, source="model")


SPANS = (span("Ames", IdentifierType.NAME), span("3/4", IdentifierType.DATE))


def made(seed: int) -> tuple[str, list[str]]:
    text, spans = varied(TEXT, SPANS, (NAME,), Random(seed))
    assert list(spans) == sorted(spans, key=lambda span: span.start)
    return text, [text[span.start : span.end] for span in spans]


def test_labels_stay_on_their_words_and_every_new_name_has_one() -> None:
    for seed in range(80):
        text, said = made(seed)
        assert [word for word in said if word != NAME] == ["Ames", "3/4"]
        assert said.count(NAME) == text.count(NAME)


def test_what_is_not_changed_stays() -> None:
    for seed in range(80):
        words = iter(made(seed)[0].replace(NAME, " ").split())
        kept = [
            word
            for word in TEXT.split()
            if word.lower() not in ("the", "patient", "she", "he", "pt", "pain.")
        ]
        assert all(any(word.strip(".;") == one.strip(".;") for one in words) for word in kept)


def test_some_texts_get_names_some_get_figures_and_some_stay() -> None:
    texts = {made(seed)[0] for seed in range(80)}
    assert TEXT in texts
    assert any(NAME in text for text in texts)
    assert any(NAME not in text and text != TEXT for text in texts)


def test_texts_without_identifiers_are_named_less_often() -> None:
    spans = [varied(TEXT, (), (NAME,), Random(seed))[1] for seed in range(200)]
    assert 5 < sum(bool(found) for found in spans) < 60


def test_names_follow_the_texts_case() -> None:
    texts = {varied(TEXT.lower(), SPANS, (NAME,), Random(seed))[0] for seed in range(80)}
    assert all(text.islower() for text in texts) and len(texts) > 10


def test_names_are_those_of_the_texts() -> None:
    assert names_of([(TEXT, SPANS)]) == ("Ames",)
    assert varied("she is well", (), (), Random(0))[1] == []
