"""Private keys and their public halves as JWK (RFC 7517), named by RFC 7638 thumbprints.

Law: what is made public never contains a private member.
May import: cryptography, errors.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from gateway.errors import ConfigInvalid

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def new_key() -> bytes:
    """A fresh ECDSA P-256 private key, PKCS 8 PEM: for TLS and, apart from that, for ES256 tokens."""
    return private_pem(ec.generate_private_key(ec.SECP256R1()))


def new_person_key() -> tuple[bytes, dict[str, str]]:
    """A fresh Ed25519 key of a person of the site: PKCS 8 PEM and the public JWK (RFC 8037)."""
    key = ed25519.Ed25519PrivateKey.generate()
    raw = key.public_key().public_bytes_raw()
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": base64url(raw)}
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return pem, {**jwk, "kid": jwk_thumbprint(jwk)}


def token_jwk(key_pem: bytes) -> dict[str, str]:
    """The public JWK of an ES256 token key; its `kid` is the RFC 7638 thumbprint.

    Raises ConfigInvalid unless the key is ECDSA P-256.
    """
    public = load_key(key_pem).public_key()
    if not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(public.curve, ec.SECP256R1):
        raise ConfigInvalid("a token key must be ECDSA P-256")
    point = public.public_numbers()
    jwk = {
        "kty": "EC",
        "crv": "P-256",
        "x": base64url(point.x.to_bytes(32, "big")),
        "y": base64url(point.y.to_bytes(32, "big")),
    }
    return {**jwk, "kid": jwk_thumbprint(jwk), "alg": "ES256", "use": "sig"}


def on_curve(jwk: Mapping[str, str]) -> bool:
    """Whether x and y of an EC JWK are base64url of 32 bytes each and a point of P-256."""
    try:
        x, y = (base64.urlsafe_b64decode(jwk[axis] + "=") for axis in ("x", "y"))
        ec.EllipticCurvePublicNumbers(
            int.from_bytes(x, "big"), int.from_bytes(y, "big"), ec.SECP256R1()
        ).public_key()
    except (KeyError, ValueError):
        return False
    return len(x) == len(y) == 32 and jwk["x"] == base64url(x) and jwk["y"] == base64url(y)


def jwk_thumbprint(jwk: Mapping[str, str]) -> str:
    """The RFC 7638 thumbprint (SHA-256, base64url without padding) of an EC or OKP key."""
    members = ("crv", "kty", "x", "y") if jwk["kty"] == "EC" else ("crv", "kty", "x")
    canonical = json.dumps({name: jwk[name] for name in members}, sort_keys=True, separators=(",", ":"))
    return base64url(hashlib.sha256(canonical.encode()).digest())


def base64url(raw: bytes) -> str:
    """Base64url without padding (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def load_key(pem: bytes) -> PrivateKey:
    """Read an ECDSA or RSA key (PEM, no password). Raises ConfigInvalid."""
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ConfigInvalid("the private key cannot be read (PEM without a password is wanted)") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise ConfigInvalid("the private key must be ECDSA or RSA")
    return key


def private_pem(key: PrivateKey) -> bytes:
    """A private key as PKCS 8 PEM, not encrypted: the file's mode protects it."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
