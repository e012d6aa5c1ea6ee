"""Keys of a patient's transforms: who shares one with whom, and who never does."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.deid.keys import SubjectKeys, keyed_digest, subject_keys
from gateway.domain.deid import IdentifierType, Method, Profile
from gateway.errors import ConfigInvalid

SITE, OTHER = b"\x01" * 32, b"\x02" * 32
PROFILE = Profile(
    name="p",
    title="P",
    languages=frozenset({"en"}),
    methods={IdentifierType.NAME: Method.SURROGATE},
    per_patient=True,
    threshold=Decimal("0.5"),
)
FRESH = replace(PROFILE, per_patient=False)
KEYLESS = replace(PROFILE, methods={IdentifierType.DATE: Method.YEAR})


def of(keys: SubjectKeys) -> set[bytes]:
    return {keys.surrogate, keys.shift, keys.pseudonym, keys.token}


def test_every_use_has_its_own_key() -> None:
    keys = subject_keys(SITE, PROFILE, subject="a", document="1")
    assert len(of(keys)) == 4
    assert {len(key) for key in of(keys)} == {32}


def test_a_patients_documents_share_keys_when_the_profile_says_so() -> None:
    one, two = (subject_keys(SITE, PROFILE, subject="a", document=d) for d in "12")
    assert one == two
    one, two = (subject_keys(SITE, FRESH, subject="a", document=d) for d in "12")
    assert one.surrogate != two.surrogate
    assert one.shift != two.shift
    assert one == subject_keys(SITE, FRESH, subject="b", document="1")


def test_patients_sites_and_profiles_share_nothing_of_a_patients() -> None:
    keys = subject_keys(SITE, PROFILE, subject="a", document="1")
    patient = subject_keys(SITE, PROFILE, subject="b", document="1")
    assert not {keys.surrogate, keys.shift} & of(patient)
    assert (keys.pseudonym, keys.token) == (patient.pseudonym, patient.token)
    assert not of(keys) & of(subject_keys(OTHER, PROFILE, subject="a", document="1"))
    assert not of(keys) & of(subject_keys(SITE, replace(PROFILE, name="q"), subject="a", document="1"))


def test_realms_share_nothing_but_the_key_that_opens_tokens() -> None:
    one, two, none = (
        subject_keys(SITE, PROFILE, subject="a", document="1", realm=realm) for realm in ("one", "two", "")
    )
    assert one.token == two.token == none.token
    for keys, other in ((one, two), (one, none)):
        assert of(keys) & of(other) == {one.token}
    assert one == subject_keys(SITE, PROFILE, subject="a", document="2", realm="one")


def test_a_document_that_is_named_as_a_patient_is_another() -> None:
    patient = subject_keys(SITE, PROFILE, subject="a", document="")
    document = subject_keys(SITE, PROFILE, subject="", document="a")
    assert patient.surrogate != document.surrogate
    assert document == subject_keys(SITE, PROFILE, subject="", document="a")


def test_what_has_no_name_is_linked_to_nothing() -> None:
    one, two = (subject_keys(SITE, PROFILE, subject="", document="") for _ in range(2))
    assert one.surrogate != two.surrogate
    assert one.pseudonym == two.pseudonym


@pytest.mark.parametrize("key", [b"", b"\x01" * 31])
def test_a_keyed_profile_needs_a_whole_key(key: bytes) -> None:
    with pytest.raises(ConfigInvalid) as refused:
        subject_keys(key, PROFILE, subject="a", document="1")
    assert refused.value.reason == "DEID_KEY_MISSING"
    assert subject_keys(key, KEYLESS, subject="a", document="1") == SubjectKeys()


def test_keys_do_not_show_in_a_repr() -> None:
    assert repr(subject_keys(SITE, PROFILE, subject="a", document="1")) == "SubjectKeys()"


def test_the_derivation_is_hkdf() -> None:
    root = hmac.new(b"concordat de-identification 1", SITE, hashlib.sha256).digest()
    info = b"".join(len(part).to_bytes(8, "big") + part for part in (b"shift", b"p", b"patient", b"a"))
    expected = hmac.new(root, info + b"\x01", hashlib.sha256).digest()
    assert subject_keys(SITE, PROFILE, subject="a", document="1").shift == expected


@given(st.lists(st.text()), st.lists(st.text()))
def test_no_two_lists_of_parts_share_a_digest(one: list[str], two: list[str]) -> None:
    assert (keyed_digest(SITE, one) == keyed_digest(SITE, two)) == (one == two)
