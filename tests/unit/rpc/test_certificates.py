from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from gateway.domain.identity import Party
from gateway.errors import Unauthenticated
from gateway.rpc.certificates import CertificateMatcher, match_party
from tests import pki

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
SAN = "urn:party:north"
CA = pki.issue("north CA", ca=True, now=NOW, days=365)
OTHER_CA = pki.issue("south CA", ca=True, now=NOW, days=365)
PINNED = pki.issue("pinned", now=NOW)
NORTH = pki.party("north", ca=CA, san=SAN)
SOUTH = pki.party("south", ca=OTHER_CA, san="south.example")
WEST = pki.party("west", pinned=PINNED)
PARTIES = {party.id: party for party in (NORTH, SOUTH, WEST)}


def leaf(**changes: object) -> pki.Issued:
    made: dict[str, object] = {"issuer": CA, "san": SAN, "now": NOW, **changes}
    return pki.issue("north gateway", **made)  # type: ignore[arg-type]


def reason(certificate: pki.Issued, parties: dict[str, Party] = PARTIES, now: datetime = NOW) -> str:
    with pytest.raises(Unauthenticated) as refused:
        match_party(certificate.pem, parties, now)
    return refused.value.reason


def test_a_leaf_of_the_party_s_ca_with_its_san() -> None:
    certificate = leaf()
    assert match_party(certificate.pem, PARTIES, NOW) == ("north", certificate.thumbprint)


def test_other_names_beside_the_registered_one_do_not_matter() -> None:
    assert match_party(leaf(san=f"north.example,{SAN}").pem, PARTIES, NOW)[0] == "north"


@pytest.mark.parametrize("key", [rsa.generate_private_key(65537, 2048), ed25519.Ed25519PrivateKey.generate()])
def test_other_kinds_of_ca_keys(key: pki.PrivateKey) -> None:
    ca = pki.issue("north CA", ca=True, now=NOW, key=key)
    parties = {"north": pki.party("north", ca=ca, san=SAN)}
    assert match_party(leaf(issuer=ca).pem, parties, NOW)[0] == "north"
    assert reason(leaf(), parties) == "CERTIFICATE_UNKNOWN"


@pytest.mark.parametrize(
    "stranger",
    [
        pytest.param(leaf(issuer=OTHER_CA), id="another party's CA with this party's SAN"),
        pytest.param(leaf(issuer=pki.issue("unknown CA", ca=True, now=NOW)), id="a CA of nobody"),
        pytest.param(leaf(issuer=pki.issue("north CA", ca=True, now=NOW)), id="a CA that has only the name"),
        pytest.param(leaf(issuer=None), id="self-signed"),
        pytest.param(leaf(san="urn:party:north2"), id="another name"),
        pytest.param(leaf(san="URN:party:north"), id="another case"),
        pytest.param(leaf(san=""), id="no name"),
        pytest.param(leaf(ca=True), id="itself a CA"),
        pytest.param(leaf(usages=(ExtendedKeyUsageOID.SERVER_AUTH,)), id="for servers only"),
        pytest.param(leaf(issuer=leaf()), id="signed by a leaf"),
    ],
)
def test_strangers(stranger: pki.Issued) -> None:
    assert reason(stranger) == "CERTIFICATE_UNKNOWN"
    assert match_party(leaf().pem, PARTIES, NOW)[0] == "north"


def test_extended_usage_with_clients_is_accepted() -> None:
    usages = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)
    assert match_party(leaf(usages=usages).pem, PARTIES, NOW)[0] == "north"


@pytest.mark.parametrize(
    ("ca", "key_cert_sign", "good"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_the_ca_must_be_one(ca: bool, key_cert_sign: bool, good: bool) -> None:
    issuer = pki.issue("north CA", ca=ca, now=NOW, key_cert_sign=key_cert_sign)
    parties = {"north": pki.party("north", ca=issuer, san=SAN)}
    if good:
        assert match_party(leaf(issuer=issuer).pem, parties, NOW)[0] == "north"
    else:
        assert reason(leaf(issuer=issuer), parties) == "CERTIFICATE_UNKNOWN"


def test_validity_of_the_leaf() -> None:
    certificate = leaf(days=2)
    assert match_party(certificate.pem, PARTIES, NOW + timedelta(days=1))[0] == "north"
    assert reason(certificate, now=NOW + timedelta(days=3)) == "CERTIFICATE_EXPIRED"
    assert reason(certificate, now=NOW - timedelta(days=1)) == "CERTIFICATE_EXPIRED"


def test_validity_of_the_ca() -> None:
    ca = pki.issue("north CA", ca=True, now=NOW, days=2)
    certificate, parties = leaf(issuer=ca, days=30), {"north": pki.party("north", ca=ca, san=SAN)}
    assert match_party(certificate.pem, parties, NOW + timedelta(days=1))[0] == "north"
    assert reason(certificate, parties, now=NOW + timedelta(days=3)) == "CERTIFICATE_EXPIRED"


def test_a_pinned_key_whatever_its_certificate() -> None:
    renewed = pki.issue("pinned again", now=NOW, key=PINNED.key)
    assert match_party(PINNED.pem, PARTIES, NOW)[0] == "west"
    assert match_party(renewed.pem, PARTIES, NOW) == ("west", renewed.thumbprint)
    assert reason(pki.issue("pinned", now=NOW)) == "CERTIFICATE_UNKNOWN"
    assert reason(PINNED, now=NOW + timedelta(days=40)) == "CERTIFICATE_EXPIRED"


def test_an_identity_that_two_parties_share_is_nobody_s() -> None:
    twin = replace(NORTH, id="north-twin")
    assert match_party(leaf().pem, {"north": NORTH}, NOW)[0] == "north"
    assert reason(leaf(), {"north": NORTH, "north-twin": twin}) == "CERTIFICATE_UNKNOWN"


def test_a_party_with_an_empty_identity_matches_nobody() -> None:
    assert reason(leaf(san=""), {"empty": pki.party("empty")}) == "CERTIFICATE_UNKNOWN"
    assert reason(leaf(san=""), {"no-san": pki.party("no-san", ca=CA)}) == "CERTIFICATE_UNKNOWN"


@pytest.mark.parametrize(
    "pem", [b"", b"\xff\x00", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_what_is_no_certificate(pem: bytes) -> None:
    with pytest.raises(Unauthenticated) as refused:
        match_party(pem, PARTIES, NOW)
    assert refused.value.reason == "CERTIFICATE_UNKNOWN"


def test_a_party_whose_registered_ca_is_broken_does_not_lock_out_the_others() -> None:
    broken = replace(SOUTH, certificate=replace(SOUTH.certificate, issuer_pem="nonsense", san=SAN))
    assert match_party(leaf().pem, {"south": broken, "north": NORTH}, NOW)[0] == "north"


def test_the_memory_ends_with_the_policy_set_and_never_covers_validity() -> None:
    matcher, certificate = CertificateMatcher(), leaf(days=2)
    assert matcher.match(certificate.pem, PARTIES, NOW)[0] == "north"
    assert matcher.match(certificate.pem, PARTIES, NOW)[0] == "north"
    with pytest.raises(Unauthenticated) as expired:
        matcher.match(certificate.pem, PARTIES, NOW + timedelta(days=3))
    assert expired.value.reason == "CERTIFICATE_EXPIRED"
    with pytest.raises(Unauthenticated) as removed:
        matcher.match(certificate.pem, {"south": SOUTH}, NOW)
    assert removed.value.reason == "CERTIFICATE_UNKNOWN"
