"""Canonical JSON: one text per value, and nothing else is read back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.canonical import MAX_BYTES, decode, encode
from gateway.errors import JournalInvalid

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
keys = st.text(st.characters(max_codepoint=127), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(keys, values, max_size=5))
def test_round_trip(value: dict[str, Any]) -> None:
    assert decode(encode(value)) == value


@given(st.dictionaries(keys, values, min_size=1, max_size=4), st.data())
def test_no_other_text_of_the_same_value_is_read(value: dict[str, Any], data: st.DataObject) -> None:
    text = encode(value)
    at = data.draw(st.integers(0, len(text)))
    changed = text[:at] + data.draw(st.sampled_from([b" ", b"\n", b"\t", b"\xff", b"0"])) + text[at:]
    try:
        read = decode(changed)
    except JournalInvalid:
        return
    assert read != value


def test_escapes_and_order_of_rfc_8785() -> None:
    # RFC 8785 section 3.2.2.2 and 3.2.3: short escapes, lower-case \u00xx, everything else literal.
    value = {"b": '\b\t\n\f\r"\\/', "a": "\x00\x1f\x7f\u2028€😀", "": [True, False, None, -1], "B": {}}
    expected = (
        b'{"":[true,false,null,-1],"B":{},"a":"\\u0000\\u001f\x7f'
        + "\u2028€😀".encode()
        + b'","b":"\\b\\t\\n\\f\\r\\"\\\\/"}'
    )
    assert encode(value) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "value",
    [
        {"a": 1.0},
        {"a": float("nan")},
        {"ä": 1},
        {1: 1},
        {"a": 2**53 + 1},
        {"a": -(2**53) - 1},
        {"a": "\ud800"},
        {"a": (1,)},
        {"a": b"x"},
        {"a": "x" * MAX_BYTES},
    ],
)
def test_values_without_a_canonical_form(value: dict[Any, Any]) -> None:
    with pytest.raises(JournalInvalid) as caught:
        encode(value)
    assert caught.value.reason == "JOURNAL_INVALID"
    assert encode({"a": [1, 2**53, -(2**53), "x"]})  # the twin


def test_depth() -> None:
    def nested(levels: int) -> Any:
        value: Any = 1
        for _ in range(levels - 1):
            value = [value]
        return {"a": value}

    assert decode(encode(nested(32)))
    with pytest.raises(JournalInvalid):
        encode(nested(33))


@pytest.mark.parametrize(
    "text",
    [
        b'{"a":1,"a":1}',
        b'{"b":1,"a":1}',
        b'{"a": 1}',
        b'{"a":1}\n',
        b'{"a":1.0}',
        b'{"a":-0}',
        b'{"a":1e2}',
        b'{"a":NaN}',
        b'{"a":"\\u0041"}',
        b'{"a":"\\/"}',
        b'{"a":"\\ud800"}',
        b'{"a":"\\u001F"}',
        b'{"a":"\xff"}',
        b'\xef\xbb\xbf{"a":1}',
        b'{"a":9007199254740993}',
        b'{"a":' + b"9" * 5000 + b"}",
        b"[" * 60_000,
        b"[1]",
        b"",
        b'{"a":"' + b"x" * MAX_BYTES + b'"}',
    ],
)
def test_texts_that_are_not_read(text: bytes) -> None:
    with pytest.raises(JournalInvalid) as caught:
        decode(text)
    assert caught.value.reason == "JOURNAL_INVALID"
    assert decode(b'{"a":1,"b":"A"}') == {"a": 1, "b": "A"}  # the twin
