"""Scores of de-identification, against counts made by hand and against laws."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.deid.bootstrap import Bootstrap, Share
from gateway.deid.evaluate import Pair, evaluate
from gateway.domain.deid import DIRECT, IdentifierType, Span
from gateway.domain.deid import IdentifierType as T

TEXT = "Mr. Ivo Brand, seen 3 May 2024 in Ashby, has a cough."
NAME, DATE, TOWN = (4, 13), (20, 30), (34, 39)


def span(place: tuple[int, int], kind: T, source: str = "gold") -> Span:
    return Span(start=place[0], end=place[1], type=kind, score=1.0, source=source)


GOLD = (span(NAME, T.NAME), span(DATE, T.DATE), span(TOWN, T.LOCATION))


def pair(*found: Span, gold: tuple[Span, ...] = GOLD, text: str = TEXT) -> Pair:
    return Pair(text=text, gold=gold, found=found)


def counted(share: Share) -> tuple[int, int]:
    return share.part, share.whole


def test_letters_and_digits_of_gold_spans_are_counted_whatever_type_covers_them() -> None:
    scores = evaluate([pair(span((4, 7), T.ORGANIZATION), span(DATE, T.DATE))])
    assert counted(scores.overall.recall) == (3 + 8, 8 + 8 + 5)
    assert counted(scores.by_type[T.NAME].recall) == (3, 8)
    assert counted(scores.by_type[T.DATE].recall) == (8, 8)
    assert counted(scores.by_type[T.LOCATION].recall) == (0, 5)
    assert scores.by_type[T.LOCATION].recall.value == 0.0


def test_over_redaction_is_of_the_characters_that_identify_nobody() -> None:
    harmless = sum(map(str.isalnum, TEXT)) - 21
    scores = evaluate([pair(span((0, 13), T.NAME), span((46, 51), T.LOCATION))])
    assert counted(scores.overall.over) == (2 + 4, harmless)  # Mr, cough less its h
    assert counted(scores.by_type[T.NAME].over) == (2, harmless)
    assert counted(scores.by_type[T.LOCATION].over) == (4, harmless)
    assert counted(scores.by_type[T.DATE].over) == (0, harmless)


def test_spans_are_found_exactly_or_by_overlap_and_by_their_own_type() -> None:
    scores = evaluate([pair(span(NAME, T.NAME), span((22, 30), T.DATE), span(TOWN, T.NAME))])
    everything = scores.overall
    assert counted(everything.exact_recall) == (1, 3)
    assert counted(everything.overlap_recall) == (2, 3)
    assert counted(everything.exact_precision) == (1, 3)
    assert counted(everything.overlap_precision) == (2, 3)
    assert counted(scores.by_type[T.NAME].exact_precision) == (1, 2)
    assert counted(scores.by_type[T.DATE].overlap_recall) == (1, 1)
    assert counted(scores.by_type[T.DATE].exact_recall) == (0, 1)


@pytest.mark.parametrize(
    ("found", "leaked"),
    [
        ((span(NAME, T.NAME),), 0),
        ((span((4, 12), T.NAME),), 1),
        ((span((4, 7), T.NAME), span((8, 13), T.ID)), 0),  # the blank between identifies nobody
        ((), 1),
    ],
)
def test_a_letter_of_a_direct_identifier_is_a_leak_and_a_town_is_none(
    found: tuple[Span, ...], leaked: int
) -> None:
    assert counted(evaluate([pair(*found)]).leaked) == (leaked, 1)


@pytest.mark.parametrize("kind", IdentifierType)
def test_what_leaks_is_what_the_law_calls_direct(kind: T) -> None:
    assert counted(evaluate([pair(gold=(span(NAME, kind),))]).leaked) == (int(kind in DIRECT), 1)


def test_documents_that_identify_nobody_count_as_touched_by_one_letter() -> None:
    blank = span((3, 4), T.NAME)
    assert TEXT[3] == " "
    scores = evaluate([pair(gold=()), pair(span((5, 6), T.ID), gold=()), pair(blank, gold=()), pair()])
    assert counted(scores.clean_touched) == (1, 3)


def test_withheld_documents_are_counted_apart() -> None:
    withheld = Pair(text=TEXT, gold=GOLD, found=None)
    scores = evaluate([withheld, pair(*GOLD), withheld])
    assert (scores.documents, scores.withheld) == (3, 2)
    assert counted(scores.leaked) == (0, 1)
    assert scores.overall.recall.value == 1.0


def test_nothing_has_no_value() -> None:
    scores = evaluate([])
    assert scores.overall.recall.value is None and scores.overall.recall.low is None
    assert not scores.by_type


def test_only_types_that_occur_are_listed() -> None:
    assert set(evaluate([pair(span((0, 2), T.ID))]).by_type) == {T.NAME, T.DATE, T.LOCATION, T.ID}


def test_intervals_hold_the_share_and_are_always_the_same() -> None:
    pairs = [pair(*GOLD) if number % 4 else pair() for number in range(200)]
    first, again = evaluate(pairs), evaluate(iter(pairs))
    assert first == again
    leaked = first.leaked
    assert leaked.value == 0.25
    assert leaked.low is not None and leaked.high is not None
    # The normal approximation of a proportion's 95 % interval: 0.25 -+ 1.96 sqrt(0.25 * 0.75 / 200).
    assert leaked.low == pytest.approx(0.19, abs=0.015)
    assert leaked.high == pytest.approx(0.31, abs=0.015)


def test_documents_are_what_is_resampled() -> None:
    """Twenty mentions in each of ten texts tell no more than ten texts do."""
    bootstrap = Bootstrap(["few", "many"])
    for number in range(10):
        bootstrap.add({"few": (number % 2, 1), "many": (20 * (number % 2), 20)})
    few, many = bootstrap.shares()["few"], bootstrap.shares()["many"]
    assert (few.low, few.high) == (many.low, many.high)
    assert few.low is not None and few.low < 0.3


def test_one_document_has_no_interval() -> None:
    bootstrap = Bootstrap(["a"])
    bootstrap.add({"a": (1, 2)})
    assert bootstrap.shares()["a"] == Share(part=1, whole=2)


SPANS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 12), st.sampled_from([T.NAME, T.DATE, T.LOCATION])),
    max_size=6,
).map(lambda rows: tuple(span((start, min(40, start + length)), kind) for start, length, kind in rows))


@settings(max_examples=60, deadline=None)
@given(text=st.text("ab1 .", min_size=40, max_size=40), gold=SPANS, found=SPANS)
def test_counts_agree_with_counting_every_character(
    text: str, gold: tuple[Span, ...], found: tuple[Span, ...]
) -> None:
    scores = evaluate([pair(*found, gold=gold, text=text)], resamples=1)
    covered = {at for s in found for at in range(s.start, s.end)}
    labelled = {at for s in gold for at in range(s.start, s.end)}
    signs = {at for at, sign in enumerate(text) if sign.isalnum()}
    assert counted(scores.overall.over) == (len(signs & covered - labelled), len(signs - labelled))
    inside = [at for s in gold for at in range(s.start, s.end) if at in signs]
    assert counted(scores.overall.recall) == (sum(at in covered for at in inside), len(inside))
    near = [any(f.type == s.type and f.start < s.end and s.start < f.end for f in found) for s in gold]
    assert counted(scores.overall.overlap_recall) == (sum(near), len(gold))


def test_a_long_text_with_many_spans_takes_linear_time() -> None:
    many = tuple(span((at, at + 6), T.NAME) for at in range(0, 400_000, 8))
    begun = time.perf_counter()
    assert evaluate([pair(*many, gold=many, text="abcdefg " * 50_000)]).overall.recall.value == 1.0
    assert time.perf_counter() - begun < 10
