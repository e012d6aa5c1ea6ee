"""The frames of text workers: what goes in comes out, and an answer that does not fit is refused."""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters import text_codec as codec
from gateway.domain.deid import (
    Address,
    Deidentified,
    Document,
    HumanName,
    Identifier,
    IdentifierType,
    Method,
    PatientRecord,
    Profile,
    Span,
    Withheld,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
WORDS = st.lists(TEXT, max_size=3).map(tuple)
NAMES = st.lists(st.builds(HumanName, given=WORDS, family=WORDS), max_size=2).map(tuple)
TYPE = st.sampled_from(IdentifierType)
RECORDS = st.builds(
    PatientRecord,
    names=NAMES,
    others=NAMES,
    gender=TEXT,
    birth_date=st.none() | st.dates(),
    dates=st.lists(st.dates(), max_size=2).map(tuple),
    phones=WORDS,
    emails=WORDS,
    urls=WORDS,
    addresses=st.lists(
        st.builds(Address, line=WORDS, city=TEXT, district=TEXT, state=TEXT, postal_code=TEXT, country=TEXT),
        max_size=2,
    ).map(tuple),
    organizations=WORDS,
    identifiers=st.lists(st.builds(Identifier, type=TYPE, value=TEXT), max_size=2).map(tuple),
)
DOCUMENTS = st.builds(
    Document,
    id=TEXT,
    text=TEXT,
    language=TEXT,
    subject=TEXT,
    record=st.none() | RECORDS,
    context=st.dictionaries(TEXT, st.tuples(st.none() | TYPE, TEXT), max_size=2),
)
SCORES = st.decimals(0, 1, places=3)
PROFILES = st.builds(
    Profile,
    name=TEXT,
    title=TEXT,
    languages=st.frozensets(TEXT, max_size=3),
    methods=st.dictionaries(TYPE, st.sampled_from(Method)),
    per_patient=st.booleans(),
    threshold=SCORES,
    thresholds=st.dictionaries(TYPE, SCORES),
    digest=TEXT,
)

DOCUMENT = Document(id="n1", text="seen by Rosalind", context={"ward": (None, "B2")})
GOOD: dict[str, Any] = {
    "id": "n1",
    "text": "seen by [NAME]",
    "spans": [[8, 16, "NAME", 0.9, "model"]],
    "language": "en",
    "context": {"ward": "B2"},
}


@given(DOCUMENTS)
def test_a_document_is_the_same_on_the_other_side(document: Document) -> None:
    assert codec.decoded_document(json.loads(codec.encoded_document(document))) == document


@given(PROFILES)
def test_a_profile_is_the_same_on_the_other_side(profile: Profile) -> None:
    assert codec.decoded_profile(json.loads(codec.encoded_profile(profile))) == profile


def test_equal_profiles_are_equal_bytes() -> None:
    methods = {IdentifierType.NAME: Method.KEEP, IdentifierType.DATE: Method.YEAR}

    def encoded(order: list[IdentifierType]) -> bytes:
        return codec.encoded_profile(
            Profile(
                name="p",
                title="",
                languages=frozenset({"en", "es", "zh"}),
                methods={kind: methods[kind] for kind in order},
                per_patient=False,
                threshold=Decimal("0.5"),
            )
        )

    assert encoded([IdentifierType.NAME, IdentifierType.DATE]) == encoded(
        [IdentifierType.DATE, IdentifierType.NAME]
    )


def outcomes(content: object) -> list[Any]:
    return list(codec.decoded_outcomes(content, [DOCUMENT]))


def test_a_good_answer_is_taken() -> None:
    span = Span(start=8, end=16, type=IdentifierType.NAME, score=0.9, source="model")
    found = Deidentified(id="n1", text="seen by [NAME]", spans=(span,), language="en", context={"ward": "B2"})
    assert outcomes([GOOD]) == [found]
    assert codec.encoded_outcomes([found]) == [GOOD]
    withheld = {"id": "n1", "withheld": "LANGUAGE_UNSUPPORTED"}
    assert outcomes([withheld]) == [Withheld(id="n1", reason="LANGUAGE_UNSUPPORTED")]


def _set(*path: Any, to: Any) -> Callable[[dict[str, Any]], None]:
    def change(content: dict[str, Any]) -> None:
        place: Any = content
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = to

    return change


def _withheld(content: dict[str, Any], reason: str) -> None:
    content.clear()
    content.update(id="n1", withheld=reason)


BAD = {
    "another id": _set("id", to="n2"),
    "an id that is no text": _set("id", to=1),
    "text that is none": _set("text", to=None),
    "a lone surrogate": _set("text", to="\ud800"),
    "one field more": _set("more", to=1),
    "spans that are no list": _set("spans", to={"0": 1}),
    "a span too short": _set("spans", 0, to=[8, 16, "NAME", 0.9]),
    "a span past the end": _set("spans", 0, 1, to=17),
    "a span before the start": _set("spans", 0, 0, to=-1),
    "an empty span": _set("spans", 0, 1, to=8),
    "a start that is a truth value": _set("spans", 0, 0, to=True),
    "a start that is no whole number": _set("spans", 0, 0, to=8.0),
    "an unknown type": _set("spans", 0, 2, to="Rosalind"),
    "a type that cannot be hashed": _set("spans", 0, 2, to=["NAME"]),
    "a score above one": _set("spans", 0, 3, to=1.1),
    "a score that is a text": _set("spans", 0, 3, to="0.9"),
    "an unknown detector": _set("spans", 0, 4, to="Rosalind"),
    "a language that is none": _set("language", to="Rosalind Ortiz"),
    "a context of other columns": _set("context", to={"bed": "B2"}),
    "a context that is no text": _set("context", "ward", to=2),
    "a reason that is none": lambda content: _withheld(content, "so it is"),
    "a word of the text for a reason": lambda content: _withheld(content, "OKONJO"),
}


@pytest.mark.parametrize("change", BAD.values(), ids=BAD.keys())
def test_an_answer_that_does_not_fit_is_refused(change: Callable[[dict[str, Any]], None]) -> None:
    content = copy.deepcopy(GOOD)
    assert outcomes([content])
    change(content)
    with pytest.raises(codec.MalformedAnswer):
        outcomes([content])


@pytest.mark.parametrize("content", [None, {}, [], [GOOD, GOOD], [None], ["x"]])
def test_an_answer_for_other_than_the_documents_is_refused(content: object) -> None:
    with pytest.raises(codec.MalformedAnswer):
        outcomes(content)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xff",
        b"nul",
        b"[]",
        b'{"n":8}',
        b'{"n":7,"outcomes":NaN}',
        b'{"n":7,"outcomes":' + b"9" * 5000 + b"}",
        b'{"n":7,"outcomes":' + b"[" * 100_000,
        b"\x80\x04\x95",
    ],
)
def test_bytes_that_answer_nothing_are_refused(payload: bytes) -> None:
    assert codec.decoded_answer(b'{"n":7,"outcomes":[]}', 7) == {"n": 7, "outcomes": []}
    with pytest.raises(codec.MalformedAnswer):
        codec.decoded_answer(payload, 7)


def test_frames_end_between_them_and_nowhere_else() -> None:
    both = codec.framed(b"one") + codec.framed(b"")
    stream = io.BytesIO(both)
    assert [codec.read_frame(stream) for _ in range(3)] == [b"one", b"", None]
    for cut in (1, 3, 4, 6):
        with pytest.raises(EOFError):
            codec.read_frame(io.BytesIO(both[:cut]))


def test_a_request_is_what_a_worker_reads() -> None:
    frame = codec.request(3, b'{"p":1}', [codec.encoded_document(DOCUMENT)] * 2)
    content = json.loads(frame)
    assert (content["n"], content["profile"], len(content["documents"])) == (3, {"p": 1}, 2)
    assert json.loads(codec.request(4, b"{}", []))["documents"] == []


def test_only_days_and_decimals_are_made_text() -> None:
    assert codec.dumps([date(2026, 1, 2), Decimal("0.50")]) == b'["2026-01-02","0.50"]'
    with pytest.raises(TypeError):
        codec.dumps([object()])
