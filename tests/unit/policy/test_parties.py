"""Keys and certificates of parties: each form that is allowed, and what is refused beside it."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from gateway.compile import compile_policies
from gateway.domain.identity import Party
from gateway.errors import PolicyInvalid
from gateway.policy.jwks import key_faults
from tests.unit.policy.sets import CERTIFICATE, FILES, SITE, as_bytes, broken

PARTY = "parties/university.yaml"


def _text(number: int, size: int = 0) -> str:
    size = size or (number.bit_length() + 7) // 8
    return base64.urlsafe_b64encode(number.to_bytes(size, "big")).rstrip(b"=").decode()


def _ec(algorithm: str) -> dict[str, str]:
    curve, name, size = {
        "ES256": (ec.SECP256R1(), "P-256", 32),
        "ES384": (ec.SECP384R1(), "P-384", 48),
    }[algorithm]
    point = ec.generate_private_key(curve).public_key().public_numbers()
    numbers = {"x": _text(point.x, size), "y": _text(point.y, size)}
    return {"kty": "EC", "crv": name, "kid": "k", "alg": algorithm, **numbers}


def _rsa(bits: int, algorithm: str = "PS256") -> dict[str, str]:
    numbers = rsa.generate_private_key(65537, bits).public_key().public_numbers()
    return {"kty": "RSA", "kid": "k", "alg": algorithm, "n": _text(numbers.n), "e": _text(numbers.e)}


def _okp() -> dict[str, str]:
    raw = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    x = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    return {"kty": "OKP", "crv": "Ed25519", "kid": "k", "alg": "EdDSA", "use": "sig", "x": x}


def _said(key: dict[str, str]) -> list[str]:
    return [description for _, description, _ in key_faults(key)]


def test_every_allowed_kind_of_key() -> None:
    for key in (_ec("ES256"), _ec("ES384"), _okp(), _rsa(2048), _rsa(2048, "RS256")):
        assert _said(key) == []


def test_a_short_rsa_key_is_refused() -> None:
    assert _said(_rsa(1024)) == ["an RSA key has 2048 to 8192 bits"]


def test_a_small_or_even_exponent_is_refused() -> None:
    key = _rsa(2048)
    for exponent in (1, 3, 65538):
        assert _said({**key, "e": _text(exponent)}) == [
            "the exponent of an RSA key is 65537 or a larger odd number"
        ]
    assert _said({**key, "e": "AQAB"}) == []


@pytest.mark.parametrize("algorithm", ["ES256", "ES384"])
def test_a_point_off_the_curve_is_refused(algorithm: str) -> None:
    key = _ec(algorithm)
    assert _said({**key, "x": key["y"], "y": key["x"]}) == [f"x and y are not a point of {key['crv']}"]
    assert _said(key) == []


def test_one_key_has_one_text() -> None:
    key = _okp()
    for x in (key["x"] + "=", key["x"] + "\n", "+" + key["x"][1:], "é" * 43, ""):
        assert _said({**key, "x": x}) == ["x must be base64url without padding"]
    assert _said(key) == []


@pytest.mark.parametrize("secret", ["d", "p", "q", "dp", "dq", "qi", "oth", "k"])
def test_nothing_secret_is_in_a_file(secret: str) -> None:
    assert _said({**_okp(), secret: "AAAA"}) == [f"'{secret}' is a part of a private or shared key"]


def test_algorithm_and_key_belong_together() -> None:
    key = _ec("ES256")
    assert "crv must be P-384 for ES384" in _said({**key, "alg": "ES384"})
    assert "kty must be OKP for EdDSA" in _said({**key, "alg": "EdDSA"})
    for algorithm in ("none", "HS256", "ES512", ""):
        assert _said({**key, "alg": algorithm}) == ["a key names one algorithm in alg"]
    assert _said({**key, "use": "enc"}) == ["use must be sig"]


def _party(files: dict[str, bytes]) -> Party:
    return compile_policies(files, site=SITE, generation=1).parties["university"]


def _refused(files: dict[str, bytes]) -> list[str]:
    with pytest.raises(PolicyInvalid) as refused:
        compile_policies(files, site=SITE, generation=1)
    return [str(violation) for violation in refused.value.violations]


def test_a_party_as_words() -> None:
    party = _party(as_bytes(FILES))
    assert party.certificate.san == "urn:concordat:party:university"
    assert party.certificate.issuer_pem.startswith("-----BEGIN CERTIFICATE-----\n")
    assert party.token_keys["first"].algorithm == "EdDSA"
    assert party.token_keys["first"].jwk["crv"] == "Ed25519"
    assert (party.persons, party.contacts) == (frozenset(), ())


def test_pinned_keys() -> None:
    old = f"  san: urn:concordat:party:university\n  issuer: |\n    {CERTIFICATE}\n"
    pin = f"  pinned:\n    - key: {{}}\n      certificate: |\n        {CERTIFICATE}\n".replace(
        "\n    MAMC", "\n        MAMC"
    ).replace("\n    -----END", "\n        -----END")
    digest = "ab" * 32
    certificate = _party(broken(PARTY, old, pin.format(digest))).certificate
    assert certificate.pinned_keys == {digest}
    assert certificate.pinned_pem.count("BEGIN CERTIFICATE") == 1
    assert (certificate.issuer_pem, certificate.san) == ("", "")
    (fault,) = _refused(broken(PARTY, old, pin.format(digest.upper())))
    assert fault == f"{PARTY}:6:12: 'key' is not well formed (64 lower-case hexadecimal digits)"


def test_one_certificate_identity_belongs_to_one_party() -> None:
    twin = FILES[PARTY].replace("party: university", "party: college")
    files = as_bytes({**FILES, "parties/college.yaml": twin})
    (fault,) = _refused(files)
    assert fault == f"{PARTY}:5:8: party 'college' has the same certificate identity"
    apart = twin.replace("urn:concordat:party:university", "urn:concordat:party:college")
    _party(as_bytes({**FILES, "parties/college.yaml": apart}))


def test_two_keys_of_a_party_have_two_names() -> None:
    line = next(line for line in FILES[PARTY].splitlines() if "kid:" in line)
    (fault,) = _refused(broken(PARTY, line, f"{line}\n{line}"))
    assert fault == f"{PARTY}:13:37: two keys have this kid (each key has its own kid)"
    _party(broken(PARTY, line, f"{line}\n{line.replace('first', 'second')}"))
