"""The tagger on the shipped model: only pinned bytes run; offsets, batches and long texts change nothing."""

import hashlib
import time
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from gateway.adapters.tagger import BESIDE, MODELS, Tagger, _places, _Window, shipped_tagger
from gateway.adapters.word_pieces import CHUNK, pieces_of, windows_of
from gateway.domain.deid import IdentifierType, Span
from gateway.errors import ConfigInvalid
from gateway.shipped import shipped

NOTE = "Seen by Dr. Harriet Lindqvist at Mercy Hospital in Duluth on 3/14/2021. Lisinopril 10 mg daily."
CLEAN = "Lisinopril 10 mg daily, recheck potassium in two weeks. No edema."


@cache
def tagger() -> Tagger:
    return shipped_tagger("en")


def model() -> bytes:
    return (shipped("models") / "en.zip").read_bytes()


def texts(text: str, spans: list[Span], kind: IdentifierType) -> list[str]:
    return [text[span.start : span.end] for span in spans if span.type is kind and span.score >= 0.5]


def test_names_places_organisations_and_dates_are_found() -> None:
    (spans,) = tagger().spans([NOTE])
    assert texts(NOTE, spans, IdentifierType.NAME) == ["Harriet Lindqvist"]
    assert texts(NOTE, spans, IdentifierType.ORGANIZATION) == ["Mercy Hospital"]
    assert texts(NOTE, spans, IdentifierType.LOCATION) == ["Duluth"]
    assert texts(NOTE, spans, IdentifierType.DATE) == ["3/14/2021"]
    assert {span.source for span in spans} == {"model"}


def test_clean_text_has_no_likely_span() -> None:
    (spans,) = tagger().spans([CLEAN])
    assert [span for span in spans if span.score >= 0.5] == []


def test_lower_case_and_capitals_are_read_too() -> None:
    for text in (NOTE.lower(), NOTE.upper()):
        (spans,) = tagger().spans([text])
        assert [name.lower() for name in texts(text, spans, IdentifierType.NAME)] == ["harriet lindqvist"]


@pytest.mark.parametrize("before", ["\U0001f600 ", "ﬁﬁ ", "e\u0301e\u0301 ", "İ\u200b ", "\uff11\uff12 "])
def test_offsets_hold_after_signs_that_normalise_to_other_lengths(before: str) -> None:
    text = before + NOTE
    (spans,) = tagger().spans([text])
    assert texts(text, spans, IdentifierType.NAME) == ["Harriet Lindqvist"]


def test_a_combining_mark_belongs_to_its_word() -> None:
    text = "Seen by Dr. Rene\u0301 today."
    (spans,) = tagger().spans([text])
    assert texts(text, spans, IdentifierType.NAME) == ["Rene\u0301"]


def test_texts_beside_a_text_change_nothing() -> None:
    others = ["", CLEAN, NOTE.upper(), f"{CLEAN} {NOTE}" * 4, NOTE[:20]]
    alone = tagger().spans([NOTE])[0]
    assert tagger().spans([*others, NOTE])[-1] == alone
    assert tagger().spans([NOTE, *others])[0] == alone


def test_one_identifier_beside_another_of_its_type_is_another() -> None:
    text = "Admitted 3/14/2021 4/2/2021 discharged"
    (spans,) = tagger().spans([text])
    assert texts(text, spans, IdentifierType.DATE) == ["3/14/2021", "4/2/2021"]


@pytest.mark.parametrize("graph", ["_first", "_second"])
def test_an_answer_that_is_no_number_is_no_answer(graph: str, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Tagger(model(), MODELS["en"])
    real = getattr(broken, graph)

    class Broken:
        def run(self, names: list[str], feeds: dict[str, object]) -> list[object]:
            *others, last = real.run(names, feeds)
            return [*others, np.full_like(last, np.nan)]

    assert broken.spans([NOTE])[0]
    monkeypatch.setattr(broken, graph, Broken())
    with pytest.raises(FloatingPointError):
        broken.spans([NOTE])


def test_the_gate_changes_little_but_what_is_computed() -> None:
    every = Tagger(model(), MODELS["en"])
    every.gate = 0.0
    text = f"{CLEAN} {NOTE} {CLEAN}"
    found, whole = tagger().spans([text])[0], every.spans([text])[0]
    assert [(span.start, span.end, span.type) for span in found if span.score >= 0.5] == [
        (span.start, span.end, span.type) for span in whole if span.score >= 0.5
    ]
    (pieces,) = pieces_of(every._tokenizer, [text])
    (window,) = windows_of(pieces)
    likely = np.zeros(window[1] + 2, bool)
    likely[40] = True
    places = _places(likely, pieces, _Window(0, *window)).tolist()
    assert places[0] == 0 and places[-1] == window[1] + 1
    assert {*range(40 - BESIDE, 41 + BESIDE)} <= {*places} and len(places) < len(likely) / 2


def test_empty_and_blank_texts_have_no_spans() -> None:
    assert tagger().spans([]) == []
    assert tagger().spans(["", " \n "]) == [[], []]


def test_spans_of_a_long_text_are_sorted_disjoint_and_found_throughout() -> None:
    times = 2 + CHUNK // len(f"{CLEAN}\n{NOTE}\n")
    text = f"{CLEAN}\n{NOTE}\n" * times
    (spans,) = tagger().spans([text])
    assert all(a.end <= b.start for a, b in pairwise(spans))
    assert texts(text, spans, IdentifierType.NAME) == ["Harriet Lindqvist"] * times


def test_a_line_without_end_is_read_in_linear_time() -> None:
    short, long = (f"{NOTE} " * times for times in (25, 100))
    seconds = []
    for text in (short, long):
        began = time.process_time()
        (spans,) = tagger().spans([text])
        seconds.append(time.process_time() - began)
        assert text.count("Harriet") == len(texts(text, spans, IdentifierType.NAME))
    assert seconds[1] < 12 * seconds[0]


def test_another_models_bytes_are_refused_and_the_pinned_ones_run() -> None:
    data = bytearray(model())
    data[len(data) // 2] ^= 1
    with pytest.raises(ConfigInvalid) as refused:
        Tagger(bytes(data), MODELS["en"])
    assert refused.value.reason == "MODEL_CHANGED"
    data[len(data) // 2] ^= 1
    assert Tagger(bytes(data), MODELS["en"]).spans([CLEAN]) == tagger().spans([CLEAN])


def test_bytes_that_are_pinned_but_no_model_are_refused() -> None:
    with pytest.raises(ConfigInvalid) as refused:
        Tagger(b"none", hashlib.sha256(b"none").hexdigest())
    assert refused.value.reason == "MODEL_UNREADABLE"


def test_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(ConfigInvalid) as refused:
        Tagger(shipped("models") / "none.zip", MODELS["en"])
    assert refused.value.reason == "MODEL_UNREADABLE"


def test_the_model_is_small_enough_to_ship() -> None:
    assert len(model()) < 30_000_000
