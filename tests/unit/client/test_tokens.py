"""Minted tokens, as the gateway's own verifier judges them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
import pytest

from gateway.client import PartnerFolder, TokenMint
from gateway.errors import ConfigInvalid


class Hand:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.time = 1_800_000_000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def mint(pair: tuple[Path, Path], hand: Hand) -> TokenMint:
    folder = PartnerFolder.load(pair[1])
    trust = folder.trust("localhost:8443")
    return TokenMint(
        key_pem=folder.token_key_pem,
        kid=folder.kid,
        party=folder.party,
        site=trust.site,
        person=folder.person,
        purpose="HRESCH",
        thumbprint=trust.thumbprint,
        clock=hand,
    )


def test_a_token_says_what_the_gateway_requires(mint: TokenMint) -> None:
    token = mint.token()
    assert jwt.get_unverified_header(token) == {"alg": "ES256", "typ": "concordat+jwt", "kid": mint.kid}
    claims = jwt.decode(token, options={"verify_signature": False})
    jti = claims.pop("jti")
    assert len(jti) >= 22  # 128 random bits
    assert claims == {
        "iss": "university",
        "aud": "north",
        "sub": "analyst",
        "purpose": "HRESCH",
        "iat": 1_800_000_000,
        "exp": 1_800_000_300,
        "cnf": {"x5t#S256": mint.thumbprint},
    }


def test_a_token_is_renewed_thirty_seconds_before_its_end(mint: TokenMint, hand: Hand) -> None:
    first = mint.token()
    hand.time += 270
    assert mint.token() == first
    hand.time += 1
    assert mint.token() != first


def test_a_clock_that_was_set_back_brings_a_new_token(mint: TokenMint, hand: Hand) -> None:
    first = mint.token()
    hand.time -= 3600
    second = mint.token()
    assert second != first
    assert jwt.decode(second, options={"verify_signature": False})["iat"] == int(hand.time)


def test_the_gateways_verifier_accepts_it(pair: tuple[Path, Path], mint: TokenMint, hand: Hand) -> None:
    from gateway.domain.identity import CertificateIdentity, Party, TokenKey
    from gateway.rpc.certificates import match_party
    from gateway.rpc.tokens import TokenVerifier
    from gateway.yamlio import read

    site, partner = pair
    document: Any = read((site / "policies/parties/university.yaml").read_bytes(), "university.yaml").value
    certificate, (key,) = document["certificate"], document["jwks"]["keys"]
    party = Party(
        id="university",
        name="The University",
        organisation="urn:oid:1.2.3",
        certificate=CertificateIdentity(issuer_pem=certificate["issuer"], san=certificate["san"]),
        token_keys={key["kid"]: TokenKey(kid=key["kid"], algorithm=key["alg"], jwk=key)},
    )
    leaf = (partner / "sites/north/tls.crt").read_bytes()
    assert match_party(leaf, {party.id: party}, datetime.now(UTC)) == ("university", mint.thumbprint)
    now = datetime.fromtimestamp(hand.time, UTC)
    claims = TokenVerifier("north").verify(mint.token(), party, mint.thumbprint, now)
    assert (claims.person, claims.purpose) == ("analyst", "HRESCH")


def test_an_unusable_key_is_refused(mint: TokenMint) -> None:
    mint.key_pem = b"no key"
    with pytest.raises(ConfigInvalid) as caught:
        mint.token()
    assert caught.value.reason == "CONFIG_INVALID"
