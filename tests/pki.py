"""Certificates, keys and tokens for tests, made afresh with `cryptography` and PyJWT. Nothing is stored."""

from __future__ import annotations

import hmac
import ipaddress
import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID, ObjectIdentifier

from gateway.domain.identity import CertificateIdentity, Party, TokenKey

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


@dataclass(frozen=True, kw_only=True)
class Issued:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: PrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    @property
    def thumbprint(self) -> str:
        """x5t#S256 of RFC 8705."""
        return base64url(self.certificate.fingerprint(hashes.SHA256()))

    @property
    def key_digest(self) -> str:
        """SHA-256 of the SubjectPublicKeyInfo, as pinned."""
        spki = self.certificate.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        digest = hashes.Hash(hashes.SHA256())
        digest.update(spki)
        return digest.finalize().hex()


def issue(
    name: str,
    *,
    issuer: Issued | None = None,
    ca: bool = False,
    san: str = "",
    now: datetime | None = None,
    days: float = 30,
    key: PrivateKey | None = None,
    usages: tuple[ObjectIdentifier, ...] = (),
    key_cert_sign: bool | None = None,
) -> Issued:
    """A certificate; self-signed without an issuer. A SAN with a colon is a URI, an address is an IP."""
    now = now or datetime.now(UTC)
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if san:
        builder = builder.add_extension(x509.SubjectAlternativeName(_general_names(san)), critical=False)
    if usages:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    if key_cert_sign is not None:
        builder = builder.add_extension(_key_usage(key_cert_sign), critical=True)
    signer = issuer.key if issuer else key
    digest = None if isinstance(signer, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return Issued(certificate=builder.sign(signer, digest), key=key)


def party(
    name: str,
    *,
    ca: Issued | None = None,
    san: str = "",
    pinned: Issued | None = None,
    keys: tuple[TokenKey, ...] = (),
    persons: frozenset[str] = frozenset(),
) -> Party:
    """A party as registered, recognised by its CA and SAN or by a pinned key."""
    identity = CertificateIdentity(
        issuer_pem=ca.pem.decode() if ca else "",
        san=san,
        pinned_keys=frozenset({pinned.key_digest}) if pinned else frozenset(),
        pinned_pem=pinned.pem.decode() if pinned else "",
    )
    return Party(
        id=name,
        name=name,
        organisation=name,
        certificate=identity,
        token_keys={key.kid: key for key in keys},
        persons=persons,
    )


def new_key(algorithm: str = "ES256") -> PrivateKey:
    """A private key for a JWT algorithm."""
    if algorithm == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    if algorithm in ("ES256", "ES384"):
        return ec.generate_private_key(ec.SECP384R1() if algorithm == "ES384" else ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_token_key(kid: str, private: PrivateKey, algorithm: str = "ES256") -> TokenKey:
    """The public half as a party registers it."""
    jwk: dict[str, Any] = jwt.get_algorithm_by_name(algorithm).to_jwk(private.public_key(), as_dict=True)
    jwk.pop("key_ops", None)
    return TokenKey(kid=kid, algorithm=algorithm, jwk={**jwk, "kid": kid})


def public_pem(private: PrivateKey) -> bytes:
    return private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def claims(
    *, issuer: str, audience: str, thumbprint: str, now: datetime, jti: str = "token-1"
) -> dict[str, Any]:
    """Claims that are accepted, to be changed one at a time."""
    issued = int(now.timestamp())
    return {
        "iss": issuer,
        "aud": audience,
        "iat": issued,
        "exp": issued + 300,
        "jti": jti,
        "sub": "analyst-1",
        "purpose": "HRESCH",
        "cnf": {"x5t#S256": thumbprint},
    }


def sign(
    payload: dict[str, Any] | str,
    private: Any,
    *,
    kid: str = "key-1",
    algorithm: str = "ES256",
    header: dict[str, Any] | str | None = None,
) -> str:
    """A token. A header or payload given as text is signed as it is, however odd; None drops a field."""
    if not isinstance(header, str):
        fields = {"typ": "concordat+jwt", "alg": algorithm, "kid": kid, **(header or {})}
        header = json.dumps({name: value for name, value in fields.items() if value is not None})
    body = payload if isinstance(payload, str) else json.dumps(payload)
    signed = f"{base64url(header.encode())}.{base64url(body.encode())}"
    if algorithm == "none":
        return f"{signed}."
    return f"{signed}.{base64url(_signature(signed.encode(), private, algorithm))}"


def base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _signature(signed: bytes, private: Any, algorithm: str) -> bytes:
    if algorithm == "HS256":  # by hand: PyJWT refuses a public key as a secret, an attacker would not
        return hmac.digest(private, signed, "sha256")
    return jwt.get_algorithm_by_name(algorithm).sign(signed, private)


def _general_names(san: str) -> list[x509.GeneralName]:
    names: list[x509.GeneralName] = []
    for name in san.split(","):
        if name[0].isdigit():
            names.append(x509.IPAddress(ipaddress.ip_address(name)))
        else:
            names.append(x509.UniformResourceIdentifier(name) if ":" in name else x509.DNSName(name))
    return names


def _key_usage(key_cert_sign: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
