"""Spans merge into disjoint ones; nothing covered is lost, and the order of what is given plays no part."""

from __future__ import annotations

import itertools
import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.deid.merge import merged
from gateway.domain.deid import IdentifierType as T
from gateway.domain.deid import Span


def span(text: str, part: str, kind: T, source: str = "pattern", score: float = 0.9) -> Span:
    start = text.index(part)
    return Span(start=start, end=start + len(part), type=kind, score=score, source=source)


def seen(text: str, spans: list[Span]) -> list[tuple[str, str]]:
    return [(text[each.start : each.end], each.type.value) for each in merged(text, spans)]


def test_one_of_two_equal_spans_stays_with_the_better_source() -> None:
    text = "on 2024-03-05 again"
    both = [span(text, "2024-03-05", T.ID, "model", 0.99), span(text, "2024-03-05", T.DATE, "record", 0.7)]
    (one,) = merged(text, both)
    assert (one.type, one.source, one.score) == (T.DATE, "record", 0.7)


@pytest.mark.parametrize(
    ("strong", "weak"), [("record", "pattern"), ("pattern", "model"), ("model", "propagated")]
)
def test_the_stronger_source_names_the_type(strong: str, weak: str) -> None:
    text = "call 555-0132 now"
    assert seen(text, [span(text, "555-0132", T.ID, strong), span(text, "555-0132", T.PHONE, weak)]) == [
        ("555-0132", "ID")
    ]


def test_the_specific_type_beats_the_general_one() -> None:
    text = "no 123-45-6789."
    assert seen(text, [span(text, "123-45-6789", T.ID), span(text, "123-45-6789", T.SSN)]) == [
        ("123-45-6789", "SSN")
    ]


def test_a_longer_span_of_the_same_type_takes_the_shorter_in() -> None:
    text = "on Mar 5, 2024 he"
    assert seen(text, [span(text, "Mar 5", T.DATE, "record"), span(text, "Mar 5, 2024", T.DATE)]) == [
        ("Mar 5, 2024", "DATE")
    ]


@pytest.mark.parametrize(("weak", "type_of_all"), [(0.6, None), (0.9, "NAME")])
def test_a_longer_pattern_gives_way_to_what_is_believed_more(weak: float, type_of_all: str | None) -> None:
    text = "Novak Osei 123-45-6789 seen"
    spans = [
        span(text, "Novak Osei 123-45-6789", T.NAME, score=weak),
        span(text, "123-45-6789", T.SSN, score=0.93),
    ]
    alone = [("Novak Osei 123-45-6789", type_of_all)]
    assert seen(text, spans) == (alone if type_of_all else [("Novak Osei", "NAME"), ("123-45-6789", "SSN")])


def test_a_name_inside_an_address_is_part_of_the_address() -> None:
    text = "write john.smith@example.org or"
    spans = [span(text, "john", T.NAME, "record"), span(text, "john.smith@example.org", T.EMAIL)]
    assert seen(text, spans) == [("john.smith@example.org", "EMAIL")]


@pytest.mark.parametrize(("gap", "kinds"), [(" ", ["ORGANIZATION"]), ("\n", ["ORGANIZATION", "NAME"])])
def test_an_organisation_holds_a_name_on_its_own_line_only(gap: str, kinds: list[str]) -> None:
    text = f"at Elm Clinic{gap}Ruiz came"
    spans = [span(text, f"Elm Clinic{gap}Ruiz", T.ORGANIZATION), span(text, "Ruiz", T.NAME, "record")]
    assert [kind for _, kind in seen(text, spans)] == kinds


def test_a_wide_guess_of_the_model_does_not_swallow_what_is_known() -> None:
    text = "Smith 03/05/2024"
    spans = [
        span(text, text, T.NAME, "model"),
        span(text, "03/05/2024", T.DATE),
        span(text, "Smith", T.NAME, "record"),
    ]
    assert seen(text, spans) == [("Smith", "NAME"), ("03/05/2024", "DATE")]


def test_a_word_is_never_cut() -> None:
    text = "Ref Smithson here"
    spans = [span(text, "Smith", T.NAME, "record"), span(text, "Smithson", T.LOCATION, "model")]
    assert seen(text, spans) == [("Smithson", "NAME")]


@pytest.mark.parametrize(
    ("text", "part", "left"),
    [
        ("at  Boston , he", "  Boston ,", "Boston"),
        ("(Boston)", "(Boston)", "Boston"),
        ("call (415) 555-0132.", "(415) 555-0132.", "(415) 555-0132"),
        ("call +44 20 7946 0018;", "+44 20 7946 0018;", "+44 20 7946 0018"),
        ("'Boston'", "'Boston'", "Boston"),
    ],
)
def test_outer_punctuation_goes(text: str, part: str, left: str) -> None:
    assert seen(text, [span(text, part, T.LOCATION)]) == [(left, "LOCATION")]


def test_blanks_alone_are_nothing() -> None:
    assert merged("a  , b", [Span(start=1, end=5, type=T.NAME, score=1, source="model")]) == []


@pytest.mark.parametrize("title", ["Dr. ", "Dr ", "Mrs. ", "PROF. ", "Sr. "])
def test_titles_stay_outside(title: str) -> None:
    text = f"by {title}Ann Lee today"
    assert seen(text, [span(text, f"{title}Ann Lee", T.NAME)]) == [("Ann Lee", "NAME")]


def test_a_name_that_begins_like_a_title_is_whole() -> None:
    text = "by Drake Lee today"
    assert seen(text, [span(text, "Drake Lee", T.NAME)]) == [("Drake Lee", "NAME")]


@pytest.mark.parametrize("joint", [" ", "-", "'", " Q. ", " Q ", "\u00a0", " - "])
def test_pieces_of_a_name_are_joined(joint: str) -> None:
    text = f"saw Ana{joint}Ruiz today"
    assert seen(text, [span(text, "Ana", T.NAME), span(text, "Ruiz", T.NAME)]) == [
        (f"Ana{joint}Ruiz", "NAME")
    ]


def test_an_initial_joins_by_its_period() -> None:
    text = "saw A. Ruiz today"
    assert seen(text, [span(text, "A", T.NAME), span(text, "Ruiz", T.NAME)]) == [("A. Ruiz", "NAME")]


@pytest.mark.parametrize("joint", ["\n", ", ", ". ", " and ", "; ", " x", " 3 "])
def test_other_names_are_not(joint: str) -> None:
    text = f"saw Ana{joint}Ruiz today"
    assert len(merged(text, [span(text, "Ana", T.NAME), span(text, "Ruiz", T.NAME)])) == 2


def test_only_names_are_joined() -> None:
    text = "in Boston Salem now"
    assert len(merged(text, [span(text, "Boston", T.LOCATION), span(text, "Salem", T.LOCATION)])) == 2


def test_offsets_outside_the_text_are_cut() -> None:
    spans = [
        Span(start=-3, end=99, type=T.ID, score=1, source="model"),
        Span(start=5, end=2, type=T.ID, score=1, source="model"),
    ]
    assert [(each.start, each.end) for each in merged("abc", spans)] == [(0, 3)]


TEXT = st.text("aB1 .,-'(王)\nDr", max_size=40)


@st.composite
def texts_and_spans(draw: st.DrawFn) -> tuple[str, list[Span]]:
    text = draw(TEXT)
    place = st.integers(0, len(text))
    spans = st.builds(
        Span,
        start=place,
        end=place,
        type=st.sampled_from([T.NAME, T.DATE, T.ID, T.EMAIL, T.STREET]),
        score=st.sampled_from([0.5, 0.9]),
        source=st.sampled_from(["record", "pattern", "model", "propagated"]),
    )
    return text, draw(st.lists(spans, max_size=7))


@given(texts_and_spans(), st.integers())
def test_the_order_given_plays_no_part(case: tuple[str, list[Span]], seed: int) -> None:
    text, spans = case
    other = list(spans)
    random.Random(seed).shuffle(other)
    assert merged(text, spans) == merged(text, other)


@given(texts_and_spans())
def test_merging_twice_is_merging_once(case: tuple[str, list[Span]]) -> None:
    text, spans = case
    once = merged(text, spans)
    assert merged(text, once) == once


@given(texts_and_spans())
def test_spans_are_disjoint_sorted_and_cover_what_was_covered(case: tuple[str, list[Span]]) -> None:
    text, spans = case
    after = merged(text, spans)
    for left, right in itertools.pairwise(after):
        assert left.end <= right.start
    assert all(0 <= each.start < each.end <= len(text) for each in after)
    covered = {at for each in after for at in range(each.start, each.end)}
    for each in spans:
        for at in range(each.start, each.end):
            assert at in covered or not text[at].isalnum() or text[at] in "Dr"


@pytest.mark.parametrize("width", [10, 60_000])
def test_many_spans_are_linear(width: int) -> None:
    text = "ab " * 200_000
    spans = [
        Span(start=at, end=min(len(text), at + width), type=kind, score=0.9, source=source)
        for at in range(0, 60_000, 3)
        for kind, source in ((T.NAME, "record"), (T.ID, "model"))
    ]
    begun = time.process_time()
    assert merged(text, spans)
    assert time.process_time() - begun < 5
