"""The safe list: what the model takes for somebody and is nobody; and what stays somebody."""

from __future__ import annotations

import time

import pytest

from gateway.deid.safe import safe
from gateway.domain.deid import IdentifierType, Span

T = IdentifierType


def judged(marked: str, kind: IdentifierType = T.NAME, score: float = 0.6) -> bool:
    """Whether what stands between < and > is safe."""
    start, end = marked.index("<"), marked.index(">") - 1
    text = marked.replace("<", "").replace(">", "")
    return safe(text, Span(start=start, end=end, type=kind, score=score, source="model"))


@pytest.mark.parametrize(
    "marked",
    [
        "dry and intact; <PERRLA>, EOMI.",
        "FEN/<PPx>/Code: regular",
        "QTc 422 ms by <Bazett>, no block",
        "history of <Huntington> chorea",
        "LVEF 55 % by <Simpson biplane>",
        "the <Hoffa>'s fat pad is clear",
        "a positive <Murphy> sign",
        "signo de <Murphy> positivo",
        "no improvement. <Menorrhagia> since May",
        "<Afebrile>, BP 120/80",
        "<chief complaint>: cough",
        "cc <sudden weakness> of the arm",
        "Allergies: <Penicillin> (hives)",
    ],
)
def test_words_of_medicine_are_nobody(marked: str) -> None:
    assert judged(marked)


@pytest.mark.parametrize(
    "marked",
    [
        "seen by Dr. <Bazett> today",
        "Mrs <Penicillin> came",
        "wound check with <Okonjo> at noon",
        "seen with Kelly <Okonjo Green> today",
        "<Simpson> came with her son",
        "a call from <Murphy> at noon",
        "result told to <Le> at noon",
        "seen by <do> and nurse",
        "per <Brown>, home today",  # a capital within a sentence
    ],
)
def test_names_stay_names(marked: str) -> None:
    assert not judged(marked)


def test_a_sure_model_is_believed_where_the_word_is_ordinary() -> None:
    assert judged("walked with <green> today", score=0.6)
    assert not judged("walked with <green> today", score=0.95)
    assert judged("QTc by <Bazett>, no block", score=0.99)  # of words that name nobody it is not


def test_institutions_are_dropped_only_where_nothing_is_named() -> None:
    assert judged("to the OR by <Drs>. Murong", T.ORGANIZATION)
    assert judged("N. Gethin, MD, <FACC>", T.ORGANIZATION)
    assert not judged("at <Mercy Clinic> today", T.ORGANIZATION)
    assert judged("at any <walk-in clinic> soon", T.ORGANIZATION)
    assert not judged("the <Larkmoor walk-in clinic> soon", T.ORGANIZATION)
    assert not judged("the Larkmoor\n<Health Center> sent him", T.ORGANIZATION)


@pytest.mark.parametrize("kind", sorted(set(T) - {T.NAME, T.ORGANIZATION}))
def test_no_other_type_is_ever_dropped(kind: IdentifierType) -> None:
    assert judged("dry; <PERRLA>, EOMI.")
    assert not judged("dry; <PERRLA>, EOMI.", kind)


def test_a_long_span_takes_linear_time() -> None:
    for text in ("a" * 500_000, "tion" * 100_000, "Dr. " * 100_000, "murphy " * 50_000):
        start = time.process_time()
        safe(text, Span(start=1, end=len(text), type=T.NAME, score=0.5, source="model"))
        assert time.process_time() - start < 2
