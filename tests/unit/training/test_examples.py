"""Labelled windows: the labels of words that spans touch, batches of bounded size, noise of names alone."""

from random import Random

import numpy as np
import pytest

from gateway.adapters.word_pieces import pieces_of, tokenizer_of
from gateway.domain.deid import IdentifierType, Span
from training.examples import BATCH, batches, noised, recased, windows, word_labels
from training.labels import LABELS, LEARNT, TYPES, begin
from training.pretrained import checked

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789.,-"
TOKENIZER = tokenizer_of(["[UNK]", "[CLS]", "[SEP]", *LETTERS, *(f"##{sign}" for sign in LETTERS)])
TEXT = "seen by Bo Li-Ames, 3-4"


def span(part: str, kind: IdentifierType) -> Span:
    start = TEXT.index(part)
    return Span(start=start, end=start + len(part), type=kind, score=1.0, source="model")


SPANS = (span("Bo Li-Ames", IdentifierType.NAME), span("3-4", IdentifierType.DATE))
NAME, DATE = begin(IdentifierType.NAME), begin(IdentifierType.DATE)


def test_words_that_a_span_touches_have_its_label() -> None:
    (pieces,) = pieces_of(TOKENIZER, [TEXT])
    expected = [0, 0, NAME, NAME + 1, NAME + 1, NAME + 1, 0, DATE, DATE + 1, DATE + 1]
    assert word_labels(pieces, SPANS).tolist() == expected


def test_every_type_is_learnt_as_some_label() -> None:
    assert set(LEARNT) == set(IdentifierType)
    assert set(LEARNT.values()) == set(TYPES)
    assert {begin(kind) for kind in TYPES} == set(range(1, LABELS, 2))


def test_pieces_have_the_label_of_their_word() -> None:
    (window,) = windows(TOKENIZER, [TEXT], [SPANS])
    assert len(window.labels) == len(window.ids) == len(window.shapes) == len(window.words)
    for word in np.unique(window.words):
        assert len(set(window.labels[window.words == word])) == 1


def test_batches_hold_every_window_once_and_pad_unlearnt() -> None:
    texts = [TEXT * (1 + number % 3) for number in range(40)]
    made = windows(TOKENIZER, texts, [SPANS] * 40)
    held = list(batches(made, np.arange(40), (1, 2)))
    assert sum(len(batch.ids) for batch in held) == len(made)
    for batch in held:
        assert batch.ids.size <= BATCH
        sizes = batch.mask.sum(axis=1)
        assert (batch.ids[:, 0] == 1).all()
        assert (batch.ids[np.arange(len(sizes)), sizes - 1] == 2).all()
        assert (batch.labels[batch.mask == 0] == -1).all()


def test_noise_changes_pieces_and_nothing_else() -> None:
    (window,) = windows(TOKENIZER, [TEXT], [SPANS])
    draws = [noised(window, np.random.default_rng(seed), 5000) for seed in range(60)]
    changed = np.array([draw.ids != window.ids for draw in draws]).mean(axis=0)
    names = np.isin(window.labels, (NAME, NAME + 1))
    assert changed[names].mean() > 3 * changed[~names].mean() > 0
    assert all((draw.labels == window.labels).all() for draw in draws)
    assert all((draw.shapes == window.shapes).all() for draw in draws)


def test_recasing_keeps_length() -> None:
    for text in (TEXT, "İstanbul straße"):
        assert {len(recased(text, Random(seed))) for seed in range(40)} == {len(text)}


def test_other_weights_than_the_pinned_are_refused() -> None:
    digest = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"  # of b"foo"
    assert checked(b"foo", digest) == b"foo"
    with pytest.raises(ValueError, match="pinned"):
        checked(b"fop", digest)
