"""Keys, requests and certificates: what is issued is what was asked for, and nothing else is believed."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters import jwk, pki
from gateway.adapters.file_keys import (
    SiteKeys,
    read_hex_secret,
    read_secret,
    replace_public,
    write_public,
    write_secret,
)
from gateway.errors import ConfigInvalid

NOW = datetime(2026, 6, 1, tzinfo=UTC)
AUTHORITY = pki.new_authority("north", NOW)


def pem_of(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    return jwk.private_pem(key)


def flipped(pem: bytes, place: int) -> bytes:
    """The PEM with one bit of its content changed."""
    head, body, tail = (
        pem.decode().partition("-----\n")[0],
        pem.decode().split("\n")[1:-2],
        pem.decode().split("\n")[-2],
    )
    raw = bytearray(base64.b64decode("".join(body)))
    raw[place] ^= 1
    return f"{head}-----\n{base64.encodebytes(bytes(raw)).decode()}{tail}\n".encode()


def test_a_thumbprint_is_that_of_rfc_8037() -> None:
    # RFC 8037, appendix A.3.
    key = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    assert jwk.jwk_thumbprint(key) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_a_token_jwk_is_public_and_on_the_curve() -> None:
    public = jwk.token_jwk(jwk.new_key())
    assert set(public) == {"kty", "crv", "x", "y", "kid", "alg", "use"}
    assert jwk.on_curve(public)
    assert not jwk.on_curve({**public, "y": public["x"]})
    assert not jwk.on_curve({**public, "x": public["x"] + "A"})


def test_a_token_key_is_p256_only() -> None:
    with pytest.raises(ConfigInvalid):
        jwk.token_jwk(pem_of(ec.generate_private_key(ec.SECP384R1())))
    assert jwk.token_jwk(pem_of(ec.generate_private_key(ec.SECP256R1())))["alg"] == "ES256"


def test_a_person_key_is_ed25519_and_its_jwk_public() -> None:
    pem, public = jwk.new_person_key()
    assert (public["kty"], public["crv"], set(public)) == ("OKP", "Ed25519", {"kty", "crv", "x", "kid"})
    assert b"PRIVATE KEY" in pem


def test_the_ca_issues_leaves_only() -> None:
    authority = pki.load_certificate(AUTHORITY.certificate_pem)
    basic = authority.extensions.get_extension_for_class(x509.BasicConstraints)
    assert basic.critical and basic.value == x509.BasicConstraints(ca=True, path_length=0)
    assert pki.is_authority(authority)


def test_a_server_certificate_names_hosts_and_addresses() -> None:
    issued = pki.issue_server(AUTHORITY, "north", ["gateway.example", "127.0.0.1", "::1"], NOW)
    leaf = pki.load_certificate(issued.certificate_pem)
    san = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert san.get_values_for_type(x509.DNSName) == ["gateway.example"]
    assert [str(a) for a in san.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]
    assert list(leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [
        ExtendedKeyUsageOID.SERVER_AUTH
    ]
    assert pki.issued_by(issued.certificate_pem, AUTHORITY.certificate_pem)
    assert pki.is_pair(issued.certificate_pem, issued.key_pem)


@pytest.mark.parametrize(
    "name", ["", "a b", "a..b", "ex\u00e4mple", "x" * 64 + ".example", "a\n", "*.example"]
)
def test_what_is_no_host_name_is_refused(name: str) -> None:
    with pytest.raises(ConfigInvalid) as caught:
        pki.issue_server(AUTHORITY, "north", [name], NOW)
    assert caught.value.reason == "NAME_INVALID"
    assert pki.issue_server(AUTHORITY, "north", ["a-b.example"], NOW).certificate_pem


def test_a_client_certificate_is_for_the_party_and_for_clients() -> None:
    key = jwk.new_key()
    issued = pki.issue_client(AUTHORITY, pki.new_request(key, "university"), "university", NOW, 30)
    leaf = pki.load_certificate(issued)
    san = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert list(san) == [x509.UniformResourceIdentifier("urn:concordat:party:university")]
    assert list(leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [
        ExtendedKeyUsageOID.CLIENT_AUTH
    ]
    assert not pki.is_authority(leaf)
    assert leaf.not_valid_after_utc == NOW + timedelta(days=30)
    assert pki.is_pair(issued, key) and not pki.is_pair(issued, jwk.new_key())


def test_a_leaf_never_outlives_its_ca() -> None:
    late = NOW + timedelta(days=pki.AUTHORITY_DAYS - 5)
    issued = pki.issue_client(AUTHORITY, pki.new_request(jwk.new_key(), "p"), "p", late, 365)
    assert pki.load_certificate(issued).not_valid_after_utc == NOW + timedelta(days=pki.AUTHORITY_DAYS)


def test_another_ca_of_the_same_name_issued_nothing() -> None:
    issued = pki.issue_server(AUTHORITY, "north", ["localhost"], NOW).certificate_pem
    assert pki.issued_by(issued, AUTHORITY.certificate_pem)
    assert not pki.issued_by(issued, pki.new_authority("north", NOW).certificate_pem)
    assert not pki.issued_by(issued, issued)


def test_a_tampered_request_is_refused() -> None:
    request = pki.new_request(jwk.new_key(), "university")
    pki.check_request(request, "university")
    with pytest.raises(ConfigInvalid) as caught:
        pki.check_request(flipped(request, -1), "university")
    assert caught.value.reason == "REQUEST_SIGNATURE"


@given(place=st.integers(0, 200))
def test_every_changed_byte_of_a_request_is_found(place: int) -> None:
    with pytest.raises(ConfigInvalid) as caught:
        pki.check_request(flipped(REQUEST, place), "university")
    assert caught.value.reason in ("REQUEST_SIGNATURE", "BUNDLE_INVALID")


REQUEST = pki.new_request(jwk.new_key(), "university")


def test_a_request_for_another_party_is_refused() -> None:
    with pytest.raises(ConfigInvalid) as caught:
        pki.check_request(REQUEST, "clinic")
    assert caught.value.reason == "BUNDLE_INVALID"
    assert pki.check_request(REQUEST, "university").is_signature_valid


def test_a_weak_tls_key_is_refused() -> None:
    for bits, fits in ((1024, False), (2048, True)):
        request = pki.new_request(pem_of(rsa.generate_private_key(65537, bits)), "p")
        if fits:
            pki.check_request(request, "p")
        else:
            with pytest.raises(ConfigInvalid) as caught:
                pki.check_request(request, "p")
            assert caught.value.reason == "BUNDLE_INVALID"


def test_only_a_leaf_that_is_valid_now_can_be_pinned() -> None:
    leaf = pki.issue_client(AUTHORITY, pki.new_request(jwk.new_key(), "p"), "p", NOW, 30)
    assert pki.check_client(b"words before\n" + leaf, NOW) == leaf
    for certificate, when in (
        (leaf, NOW + timedelta(days=31)),
        (leaf, NOW - timedelta(days=1)),
        (AUTHORITY.certificate_pem, NOW),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", NOW),
    ):
        with pytest.raises(ConfigInvalid) as caught:
            pki.check_client(certificate, when)
        assert caught.value.reason == "BUNDLE_INVALID"


def test_a_pin_is_the_digest_of_the_public_key() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = pki.issue_client(AUTHORITY, pki.new_request(pem_of(key), "p"), "p", NOW, 30)
    spki = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    digest = hashes.Hash(hashes.SHA256())
    digest.update(spki)
    assert pki.key_digest(leaf) == digest.finalize().hex()


@given(st.binary(max_size=300))
def test_garbage_is_one_of_our_errors(garbage: bytes) -> None:
    for read in (jwk.load_key, pki.load_certificate, lambda pem: pki.check_request(pem, "p")):
        with pytest.raises(ConfigInvalid):
            read(garbage)


# --- key files


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "a.key"
    write_secret(path, b"secret")
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_secret(path) == b"secret"
    path.chmod(mode)
    with pytest.raises(ConfigInvalid) as caught:
        read_secret(path)
    assert caught.value.reason == "CONFIG_INVALID"
    assert "chmod 600" in caught.value.message


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    write_secret(tmp_path / "a.key", b"first")
    with pytest.raises(ConfigInvalid):
        write_secret(tmp_path / "a.key", b"second")
    write_secret(tmp_path / "b.key", b"second")
    assert (tmp_path / "a.key").read_bytes() == b"first"


def test_a_public_file_is_replaced_whole(tmp_path: Path) -> None:
    replace_public(tmp_path / "a", b"first")
    replace_public(tmp_path / "a", b"second")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a", b"second")]
    with pytest.raises(ConfigInvalid):
        replace_public(tmp_path / "absent" / "a", b"first")


@pytest.mark.parametrize("content", [b"", b"00" * 31, b"00" * 33, b"zz" * 32, b"\xff" * 64])
def test_a_secret_is_32_bytes_in_hexadecimal(tmp_path: Path, content: bytes) -> None:
    write_secret(tmp_path / "good.key", b"ab" * 32 + b"\n")
    assert read_hex_secret(tmp_path / "good.key") == b"\xab" * 32
    write_secret(tmp_path / "bad.key", content)
    with pytest.raises(ConfigInvalid):
        read_hex_secret(tmp_path / "bad.key")


def test_secrets_do_not_show_in_a_repr(tmp_path: Path) -> None:
    issued = pki.issue_server(AUTHORITY, "north", ["localhost"], NOW)
    write_secret(tmp_path / "server.key", issued.key_pem)
    write_public(tmp_path / "server.crt", issued.certificate_pem)
    write_public(tmp_path / "ca.crt", AUTHORITY.certificate_pem)
    write_secret(tmp_path / "site.key", b"ab" * 32)
    write_secret(tmp_path / "bounding.key", b"cd" * 32)
    keys = SiteKeys.load(tmp_path)
    assert (keys.site_key, keys.bounding_key) == (b"\xab" * 32, b"\xcd" * 32)
    assert "PRIVATE" not in repr(keys) and "\\xab" not in repr(keys) and "PRIVATE" not in repr(issued)
    (tmp_path / "site.key").unlink()
    with pytest.raises(ConfigInvalid):
        SiteKeys.load(tmp_path)


def test_the_key_of_deidentification_may_be_absent_but_not_wrong(tmp_path: Path) -> None:
    issued = pki.issue_server(AUTHORITY, "north", ["localhost"], NOW)
    write_secret(tmp_path / "server.key", issued.key_pem)
    write_public(tmp_path / "server.crt", issued.certificate_pem)
    write_public(tmp_path / "ca.crt", AUTHORITY.certificate_pem)
    write_secret(tmp_path / "site.key", b"ab" * 32)
    write_secret(tmp_path / "bounding.key", b"cd" * 32)
    assert SiteKeys.load(tmp_path).deid_key == b""
    write_secret(tmp_path / "deid.key", b"ef" * 32)
    keys = SiteKeys.load(tmp_path)
    assert keys.deid_key == b"\xef" * 32
    assert "\\xef" not in repr(keys)
    (tmp_path / "deid.key").chmod(0o644)
    with pytest.raises(ConfigInvalid):
        SiteKeys.load(tmp_path)
    (tmp_path / "deid.key").unlink()
    (tmp_path / "deid.key").symlink_to(tmp_path / "gone")
    with pytest.raises(ConfigInvalid):
        SiteKeys.load(tmp_path)
