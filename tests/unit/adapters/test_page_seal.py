"""Page tokens: only what was sealed here for this very context opens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters.page_seal import LONGEST, PageSeal

SEAL = PageSeal(b"k" * 32)
CONTEXT = ("notes", "university", "a", "HRESCH", "d")


@given(st.binary(min_size=1, max_size=200), st.lists(st.text(max_size=20), min_size=1, max_size=5))
def test_what_is_sealed_opens_in_its_context_alone(content: bytes, context: list[str]) -> None:
    token = SEAL.seal(content, context)
    assert SEAL.open(token, context) == content
    assert SEAL.open(token, [*context, ""]) is None
    assert SEAL.open(token, [*context[:-1], context[-1] + "x"]) is None
    assert PageSeal(b"x" * 32).open(token, context) is None


def test_contexts_are_told_apart_part_by_part() -> None:
    token = SEAL.seal(b"here", ("ab", "c"))
    assert SEAL.open(token, ("a", "bc")) is None


def test_a_token_tells_nothing_and_any_change_is_seen() -> None:
    token = SEAL.seal(b"note-4711", CONTEXT)
    assert "4711" not in token
    assert token.isascii() and "=" not in token
    for place in range(len(token) - 1):  # the last character may hold bits that no byte needs
        other = "A" if token[place] != "A" else "B"
        assert SEAL.open(token[:place] + other + token[place + 1 :], CONTEXT) is None


@pytest.mark.parametrize("text", ["", "x", "é", "====", "\x00", "A" * 22, "A" * (LONGEST + 1), "!" * 40])
def test_what_is_no_token_does_not_open(text: str) -> None:
    assert SEAL.open(text, CONTEXT) is None
