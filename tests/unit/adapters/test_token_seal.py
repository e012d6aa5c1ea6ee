"""Reversible tokens: they open whole, with their own key, as their own type, and not otherwise."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters.token_seal import open_token, sealing
from gateway.domain.deid import IdentifierType
from gateway.errors import ConfigInvalid, InvalidRequest

KEY, OTHER = b"\x07" * 32, b"\x08" * 32


@given(st.sampled_from(IdentifierType), st.text())
def test_a_token_opens_to_what_was_sealed(kind: IdentifierType, value: str) -> None:
    token = sealing(KEY)(kind, value)
    assert re.fullmatch(rf"tok1\.{kind}\.[A-Za-z0-9_-]+", token)
    assert open_token(KEY, token) == (kind, value)


def test_tokens_of_one_value_differ() -> None:
    seal = sealing(KEY)
    assert len({seal(IdentifierType.MRN, "00471234") for _ in range(50)}) == 50


def test_the_length_tells_blocks_of_16_bytes_alone() -> None:
    seal = sealing(KEY)
    assert len({len(seal(IdentifierType.SSN, "9" * n)) for n in range(16)}) == 1
    assert len(seal(IdentifierType.SSN, "9" * 16)) > len(seal(IdentifierType.SSN, "9" * 15))


def test_a_changed_token_does_not_open() -> None:
    token = sealing(KEY)(IdentifierType.SSN, "912-34-5678")
    head, kind, text = token.split(".")
    changed = [
        f"{head}.{kind}.{text[:i]}{'A' if c != 'A' else 'B'}{text[i + 1 :]}" for i, c in enumerate(text)
    ]
    changed += [token[:-1], token + "A", token + "=", f"{head}.MRN.{text}", f"tok2.{kind}.{text}"]
    changed += ["", "tok1", "tok1.SSN.", "tok1.SSN.é", f"tok1.NONE.{text}", f"{token}.x", " " + token]
    for wrong in changed:
        with pytest.raises(InvalidRequest) as refused:
            open_token(KEY, wrong)
        assert refused.value.reason == "TOKEN_INVALID"
        assert "5678" not in str(refused.value)
    with pytest.raises(InvalidRequest):
        open_token(OTHER, token)
    assert open_token(KEY, token)[1] == "912-34-5678"


@pytest.mark.parametrize("key", [b"", b"\x07" * 16])
def test_there_is_no_token_without_the_sites_key(key: bytes) -> None:
    with pytest.raises(ConfigInvalid) as refused:
        sealing(key)
    assert refused.value.reason == "DEID_KEY_MISSING"
    with pytest.raises(ConfigInvalid):
        open_token(key, "tok1.SSN.AAAA")
