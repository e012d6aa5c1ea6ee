"""What was found once is found everywhere in the document, and no more than that."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.deid.propagate import propagated
from gateway.domain.deid import IdentifierType as T
from gateway.domain.deid import Span


def carried(text: str, part: str, kind: T, score: float = 0.9) -> list[str]:
    """What is found beside the first occurrence of a part."""
    start = text.index(part)
    one = Span(start=start, end=start + len(part), type=kind, score=score, source="model")
    after = propagated(text, [one])
    assert one in after
    assert all(span.type is kind and span.source == "propagated" for span in after if span != one)
    return [text[span.start : span.end] for span in after if span != one]


@pytest.mark.parametrize(
    ("text", "part", "kind", "others"),
    [
        ("Ana Ruiz came. ana ruiz left. ANA RUIZ", "Ana Ruiz", T.NAME, ["ana ruiz", "ANA RUIZ", "RUIZ"]),
        ("Ana Ruiz came. Ruiz left. RUIZ slept", "Ana Ruiz", T.NAME, ["Ruiz", "RUIZ"]),
        ("Okafor came, then Okafor-Lund and Okafor's son", "Okafor", T.NAME, ["Okafor", "Okafor"]),
        ("Ana Ruiz; Ana\nRuiz", "Ana Ruiz", T.NAME, ["Ana\nRuiz", "Ruiz"]),
        ("José Núñez saw Jose Nunez", "José Núñez", T.NAME, ["Jose Nunez"]),
        ("王小明来诊, 王小明走", "王小明", T.NAME, ["王小明"]),
        ("id AB-123456 and ab 123456", "AB-123456", T.MRN, ["ab 123456"]),
        (
            "call 555-010-1234 or 5550101234, 555.010.1234",
            "555-010-1234",
            T.PHONE,
            ["5550101234", "555.010.1234"],
        ),
        ("a@example.org, A@Example.org", "a@example.org", T.EMAIL, ["A@Example.org"]),
        ("Elm Foundry and ELM FOUNDRY", "Elm Foundry", T.ORGANIZATION, ["ELM FOUNDRY"]),
        ("at 12 Elm Street; 12 elm street", "12 Elm Street", T.STREET, ["12 elm street"]),
    ],
)
def test_the_same_again(text: str, part: str, kind: T, others: list[str]) -> None:
    assert carried(text, part, kind) == others


@pytest.mark.parametrize(
    ("text", "part", "kind"),
    [
        ("Ana Ruiz came; ruiz", "Ana Ruiz", T.NAME),
        ("Bo Lee came. Lee left", "Bo Lee", T.NAME),
        ("Grace Mills came. Grace period, Mills", "Grace Mills", T.NAME),
        ("Parkinson came. Parkinson disease", "Parkinson", T.NAME),
        ("Okafor came. okafor", "Okafor", T.NAME),
        ("Okafor came. Okaforian", "Okafor", T.NAME),
        ("Dr Doctor Okafor. Doctor", "Dr Doctor", T.NAME),
        ("no 12345; 12345", "12345", T.MRN),
        ("no 123456; 1234567 and 123.456", "123456", T.MRN),
        ("on 2024-03-05; 2024-03-05", "2024-03-05", T.DATE),
        ("aged 93; 93", "93", T.AGE),
        ("in Salem. Salem", "Salem", T.LOCATION),
        ("Mercy said mercy. Mercy", "Mercy", T.ORGANIZATION),
        ("Patient Care and patient care", "Patient Care", T.ORGANIZATION),
    ],
)
def test_no_more_than_that(text: str, part: str, kind: T) -> None:
    assert carried(text, part, kind) == []


def test_an_unsure_name_is_carried_whole_but_not_by_its_words() -> None:
    text = "Ana Ruiz; Ana Ruiz; Ruiz"
    assert carried(text, "Ana Ruiz", T.NAME, score=0.59) == ["Ana Ruiz"]
    assert carried(text, "Ana Ruiz", T.NAME, score=0.6) == ["Ana Ruiz", "Ruiz", "Ruiz"]


def test_what_is_covered_is_left_alone() -> None:
    text = "Ruiz and Ana Ruiz"
    given_spans = [
        Span(start=0, end=4, type=T.NAME, score=0.9, source="model"),
        Span(start=9, end=17, type=T.NAME, score=0.9, source="record"),
    ]
    assert propagated(text, given_spans) == given_spans
    assert propagated(text, []) == []


WORD = st.sampled_from(
    ["Ana", "Ruiz", "Okafor", "ruiz", "OKAFOR", "123456", "AB", "王小明", "at", "-", "\n", "."]
)


@st.composite
def texts_and_spans(draw: st.DrawFn) -> tuple[str, list[Span]]:
    text = " ".join(draw(st.lists(WORD, min_size=1, max_size=14)))
    place = st.integers(0, len(text))
    kind = st.sampled_from([T.NAME, T.MRN, T.ORGANIZATION])
    spans = st.builds(
        Span, start=place, end=place, type=kind, score=st.sampled_from([0.5, 0.9]), source=st.just("model")
    )
    return text, draw(st.lists(spans, max_size=4))


@given(texts_and_spans(), st.integers())
def test_given_spans_stay_and_their_order_plays_no_part(case: tuple[str, list[Span]], seed: int) -> None:
    text, spans = case
    after = propagated(text, spans)
    other = list(spans)
    random.Random(seed).shuffle(other)
    assert propagated(text, other) == after
    assert set(spans) <= set(after)
    for span in set(after) - set(spans):
        assert 0 <= span.start < span.end <= len(text)
        assert span.score < 0.9


@pytest.mark.parametrize("unit", ["Okafor ", "Ana Ruiz ", "123456 ", "a 1 ", "王小明", "A-"])
def test_long_texts_are_linear(unit: str) -> None:
    text = unit * (300_000 // len(unit))
    spans = [
        Span(start=at, end=at + 1 + at % 40, type=kind, score=0.9, source="model")
        for at in range(0, 60_000, 7)
        for kind in (T.NAME, T.MRN)
    ]
    begun = time.process_time()
    propagated(text, spans)
    assert time.process_time() - begun < 6
