"""A stored release is read back bit for bit, and nothing else is read as one."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.expression import VectorKind
from gateway.domain.privacy import PrivacyLoss
from gateway.domain.query import MeasureKind
from gateway.domain.release import Figure, KeyLabels, NoisyVector, Release
from gateway.errors import JournalInvalid
from gateway.stored import decode_release, encode_release, most_bytes, ticks_of

INTEGERS = st.integers(-(2**63), 2**63 - 1)
DOUBLES = st.floats(allow_nan=False, allow_infinity=False)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NAMES = st.none() | TEXT
VECTORS = st.builds(
    NoisyVector,
    kind=st.sampled_from(VectorKind),
    column=NAMES,
    sigma=DOUBLES,
    rho=st.integers(0, 2**80),
    values=st.lists(INTEGERS, max_size=4).map(tuple),
)
FIGURES = st.builds(
    Figure,
    name=TEXT,
    kind=st.sampled_from(MeasureKind),
    column=NAMES,
    numerator=st.integers(0, 15),
    denominator=st.none() | st.integers(0, 15),
    unit=DOUBLES,
    centre=INTEGERS,
    low=DOUBLES,
    high=DOUBLES,
)
RELEASES = st.builds(
    Release,
    dataset=TEXT,
    population=TEXT,
    snapshot=TEXT,
    keys=st.lists(
        st.builds(KeyLabels, column=TEXT, labels=st.lists(TEXT, max_size=3).map(tuple)), max_size=2
    ).map(tuple),
    vectors=st.lists(VECTORS, max_size=3).map(tuple),
    figures=st.lists(FIGURES, max_size=3).map(tuple),
    loss=st.builds(PrivacyLoss, rho=st.integers(0, 2**80), delta=st.integers(0, 2**80)),
    max_groups=st.integers(1, 10_000),
    max_rows=st.integers(1, 10_000),
    patients=st.none() | st.integers(0, 15),
)


@given(RELEASES, st.text("0123456789abcdef", max_size=32))
def test_what_was_stored_is_read_back(release: Release, draw: str) -> None:
    stored = encode_release(release, draw)
    assert decode_release(stored) == (release, draw)
    assert encode_release(*decode_release(stored)) == stored


def example() -> Release:
    return Release(
        dataset="visits",
        population="adults",
        snapshot="s-1",
        keys=(KeyLabels(column="sex", labels=("female", "male")),),
        vectors=(NoisyVector(kind=VectorKind.PATIENTS, column=None, sigma=0.1, rho=7, values=(-3, 2**62)),),
        figures=(Figure(name="n", kind=MeasureKind.COUNT_PATIENTS, column=None, numerator=0),),
        loss=PrivacyLoss(rho=7),
        max_groups=1,
        max_rows=1,
        patients=0,
    )


def test_a_release_of_many_cells_can_be_stored() -> None:
    """Ten thousand cells of sixteen vectors, the most that a site allows by default: far beyond an entry."""
    (vector,) = example().vectors
    wide = NoisyVector(kind=vector.kind, column=None, sigma=0.1, rho=7, values=tuple(range(10_000)))
    release = Release(
        **{name: getattr(example(), name) for name in Release.__slots__} | {"vectors": (wide,) * 16}
    )
    assert decode_release(encode_release(release, "d"))[0] == release


def without(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(encode_release(example(), "d"))
    del content[name]
    return content


def changed(**values: Any) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(encode_release(example(), "d"))
    return content | values


SECRET = "4711"
BROKEN: list[bytes] = [
    b"",
    b"\xff",
    b"[]",
    b"null",
    b"[" * 50_000,
    *(
        json.dumps(without(name)).encode()
        for name in json.loads(encode_release(example(), "d"))
        if name != "ticks"  # which was not kept at first
    ),
    *(
        json.dumps(changed(**values)).encode()
        for values in (
            {"v": 2},
            {"v": "1"},
            {"vectors": [["patients", None, "0x1p-3", "7", f"1 {SECRET}x"]]},
            {"vectors": [[SECRET, None, "0x1p-3", "7", "1"]]},
            {"vectors": [["patients", None, SECRET * 999, "7", "1"]]},
            {"vectors": SECRET},
            {"figures": [["n"]]},
            {"keys": 1},
            {"loss": ["-1", "0"]},
            {"loss": None},
        )
    ),
]


@pytest.mark.parametrize("stored", BROKEN, ids=range(len(BROKEN)))
def test_what_is_no_release_is_refused_without_a_word_of_it(stored: bytes) -> None:
    with pytest.raises(JournalInvalid) as refused:
        decode_release(stored)
    assert refused.value.reason == "STORED_RELEASE_INVALID"
    assert SECRET not in refused.value.message and refused.value.__suppress_context__


def test_the_twin_of_the_broken_ones_is_read() -> None:
    assert decode_release(json.dumps(changed()).encode()) == (example(), "d")


def test_the_ticks_of_a_draw() -> None:
    assert ticks_of(encode_release(example(), "d", 8)) == 8
    assert ticks_of(json.dumps(without("ticks")).encode()) == 1
    for broken in ({"ticks": 0}, {"ticks": -1}, {"ticks": True}, {"ticks": "2"}, {"ticks": 2.0}):
        with pytest.raises(JournalInvalid):
            ticks_of(json.dumps(changed(**broken)).encode())
    for stored in (b"", b"[]", b"[" * 50_000):
        with pytest.raises(JournalInvalid):
            ticks_of(stored)


@pytest.mark.parametrize("cells", [1, 7, 1000])
def test_no_release_is_longer_than_the_most_that_is_promised_to_it(cells: int) -> None:
    """Labels that escapes make six times as long, and the widest values there are."""
    labels = tuple("\x01\u00e9" * 3 + str(number) for number in range(cells))
    key = KeyLabels(column="\x02", labels=labels)
    vector = replace(example().vectors[0], values=(-(2**63),) * cells, sigma=1e300 / 3, rho=10**30)
    release = replace(example(), keys=(key,), vectors=(vector,) * 4)
    most = most_bytes(keys=(key,), vectors=4, integers=4 * cells, figures=len(release.figures))
    assert len(encode_release(release, "d" * 32, 1 << 20)) <= most
    assert most <= 4096 * 3 + 200 * cells  # and no more than it may come to
