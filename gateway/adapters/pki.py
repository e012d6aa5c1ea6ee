"""X.509 for trying out and for enrolment: a site's private CA, server and client certificates, requests.

Law: a certificate is issued only for the name and the use that its caller states; nothing of a request
but its public key and its proven signature is believed. Time is an argument.
May import: cryptography, errors, jwk.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gateway.adapters.jwk import load_key, private_pem
from gateway.errors import ConfigInvalid

SKEW = timedelta(minutes=5)  # a new certificate is valid at once on a machine whose clock is behind
AUTHORITY_DAYS = 3650
SERVER_DAYS = 365

_PARSE_FAULTS = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A private key (PKCS 8 PEM) and the certificate (PEM) of its public half."""

    key_pem: bytes = field(repr=False)
    certificate_pem: bytes


def party_san(party: str) -> str:
    """The URI that a party's client certificate carries as subject alternative name."""
    return f"urn:concordat:party:{party}"


def new_authority(site: str, now: datetime) -> Issued:
    """A site's private CA for trying out: ECDSA P-256, issues leaves only, ten years."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Concordat site CA for trying out", site)
    certificate = (
        _builder(name, name, key.public_key(), now, now + timedelta(days=AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Issued(key_pem=private_pem(key), certificate_pem=_pem(certificate))


def issue_server(authority: Issued, site: str, names: Sequence[str], now: datetime) -> Issued:
    """A server key and certificate for host names and IP addresses (the SAN), one year.

    Raises ConfigInvalid where a name is neither.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _issue(
        authority,
        subject=_name("Concordat gateway", site),
        public=key.public_key(),
        san=[_host(name) for name in names],
        use=ExtendedKeyUsageOID.SERVER_AUTH,
        now=now,
        days=SERVER_DAYS,
    )
    return Issued(key_pem=private_pem(key), certificate_pem=certificate)


def new_request(key_pem: bytes, party: str) -> bytes:
    """A certificate request (PKCS 10, PEM) with the party's URI as SAN, signed by the key."""
    key = load_key(key_pem)
    request = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(_name("Concordat partner", party))
        .add_extension(
            x509.SubjectAlternativeName([x509.UniformResourceIdentifier(party_san(party))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    return request.public_bytes(serialization.Encoding.PEM)


def check_request(request_pem: bytes, party: str) -> x509.CertificateSigningRequest:
    """Read a request whose signature proves its key and whose SAN is exactly the party's URI.

    Raises ConfigInvalid: BUNDLE_INVALID, REQUEST_SIGNATURE.
    """
    try:
        request = x509.load_pem_x509_csr(request_pem)
        proven = request.is_signature_valid
        san = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (*_PARSE_FAULTS, x509.ExtensionNotFound):
        raise ConfigInvalid("the certificate request cannot be read", reason="BUNDLE_INVALID") from None
    if not proven:
        raise ConfigInvalid(
            "the certificate request is not signed by the key it names", reason="REQUEST_SIGNATURE"
        )
    if list(san) != [x509.UniformResourceIdentifier(party_san(party))]:
        raise ConfigInvalid(f"the certificate request is not for {party_san(party)}", reason="BUNDLE_INVALID")
    _require_strong(request.public_key())
    return request


def issue_client(authority: Issued, request_pem: bytes, party: str, now: datetime, days: int) -> bytes:
    """Sign a partner's request: TLS client use only, the party's URI as SAN. Returns PEM.

    Raises ConfigInvalid: BUNDLE_INVALID, REQUEST_SIGNATURE.
    """
    request = check_request(request_pem, party)
    return _issue(
        authority,
        subject=_name("Concordat partner", party),
        public=request.public_key(),
        san=[x509.UniformResourceIdentifier(party_san(party))],
        use=ExtendedKeyUsageOID.CLIENT_AUTH,
        now=now,
        days=days,
    )


def check_client(certificate_pem: bytes, now: datetime) -> bytes:
    """One leaf certificate that may be pinned, as clean PEM: valid now, no CA, a strong key.

    Raises ConfigInvalid BUNDLE_INVALID.
    """
    certificate = load_certificate(certificate_pem)
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise ConfigInvalid("the certificate is not valid at this time", reason="BUNDLE_INVALID")
    if is_authority(certificate):
        raise ConfigInvalid("the certificate is a CA's, not a client's", reason="BUNDLE_INVALID")
    _require_strong(certificate.public_key())
    return _pem(certificate)


def load_certificate(pem: bytes) -> x509.Certificate:
    """The first certificate of a PEM text. Raises ConfigInvalid BUNDLE_INVALID."""
    try:
        certificate = x509.load_pem_x509_certificate(pem)
        # Extensions are parsed late; ask now, so that a malformed one is found here.
        _ = certificate.extensions, certificate.public_key()
    except _PARSE_FAULTS:
        raise ConfigInvalid("the certificate cannot be read", reason="BUNDLE_INVALID") from None
    return certificate


def load_certificates(pem: bytes) -> list[x509.Certificate]:
    """Every certificate of a PEM text; none of an empty one. Raises ConfigInvalid BUNDLE_INVALID."""
    try:
        return x509.load_pem_x509_certificates(pem) if pem.strip() else []
    except _PARSE_FAULTS:
        raise ConfigInvalid("a certificate cannot be read", reason="BUNDLE_INVALID") from None


def is_authority(certificate: x509.Certificate) -> bool:
    """Whether a certificate may issue others (basic constraints, RFC 5280 4.2.1.9)."""
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def issued_by(certificate_pem: bytes, authority_pem: bytes) -> bool:
    """Whether a certificate carries the name and the signature of this very CA."""
    certificate, authority = load_certificate(certificate_pem), load_certificate(authority_pem)
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return is_authority(authority)


def key_digest(certificate_pem: bytes) -> str:
    """SHA-256 (lower-case hex) of a certificate's SubjectPublicKeyInfo (DER): what a pin compares."""
    return hashlib.sha256(_spki(load_certificate(certificate_pem).public_key())).hexdigest()


def is_pair(certificate_pem: bytes, key_pem: bytes) -> bool:
    """Whether a certificate is for this private key. Raises ConfigInvalid where one is unreadable."""
    return _spki(load_certificate(certificate_pem).public_key()) == _spki(load_key(key_pem).public_key())


def _issue(
    authority: Issued,
    *,
    subject: x509.Name,
    public: object,
    san: Sequence[x509.GeneralName],
    use: x509.ObjectIdentifier,
    now: datetime,
    days: int,
) -> bytes:
    issuer, issuer_key = load_certificate(authority.certificate_pem), load_key(authority.key_pem)
    # A leaf never outlives its CA: chains of unequal length fail late and confusingly.
    until = min(now + timedelta(days=days), issuer.not_valid_after_utc)
    certificate = (
        _builder(subject, issuer.subject, public, now, until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([use]), critical=False)
        .add_extension(x509.SubjectAlternativeName(san), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
        .sign(issuer_key, hashes.SHA256())
    )
    return _pem(certificate)


def _builder(
    subject: x509.Name, issuer: x509.Name, public: object, now: datetime, until: datetime
) -> x509.CertificateBuilder:
    if not isinstance(public, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
        raise ConfigInvalid("the key is of an unsupported kind", reason="BUNDLE_INVALID")
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _require_strong(public: object) -> None:
    if isinstance(public, ec.EllipticCurvePublicKey) and public.curve.key_size in (256, 384):
        return
    if isinstance(public, rsa.RSAPublicKey) and public.key_size >= 2048:
        return
    raise ConfigInvalid(
        "the TLS key must be ECDSA P-256 or P-384, or RSA of at least 2048 bits", reason="BUNDLE_INVALID"
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _spki(public: object) -> bytes:
    if not isinstance(public, ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey):
        raise ConfigInvalid("the key is of an unsupported kind", reason="BUNDLE_INVALID")
    return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _name(organisation: str, common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _host(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        pass
    labels = name.split(".")
    fits = len(name) <= 253 and all(
        0 < len(label) <= 63 and label.isascii() and label.replace("-", "").isalnum() for label in labels
    )
    if not fits:
        raise ConfigInvalid(f"{name!r} is neither a host name nor an IP address", reason="NAME_INVALID")
    return x509.DNSName(name)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
