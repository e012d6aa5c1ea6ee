"""Which party a client certificate belongs to.

Law: a leaf names a party only through *that party's own* registered CA and SAN, or its pinned key;
that some other trusted CA signed the same SAN counts for nothing. Exactly one party may match.
Imports: cryptography, domain words, errors.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from gateway.domain.identity import CertificateIdentity, Party
from gateway.errors import Unauthenticated

_MOST_CACHED = 4096
_FAULTS = (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm, x509.DuplicateExtension)
_STRONG_HASHES = (hashes.SHA256, hashes.SHA384, hashes.SHA512)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyMatch:
    """A leaf's party, its x5t#S256 (RFC 8705, base64url without padding) and when both certificates hold."""

    party: str
    thumbprint: str
    not_before: datetime
    not_after: datetime

    def require_valid(self, now: datetime) -> None:
        """Raise `Unauthenticated` (CERTIFICATE_EXPIRED) outside the period of the leaf or its CA."""
        if not self.not_before <= now <= self.not_after:
            raise Unauthenticated(
                "the client certificate, or its CA's, is outside its period of validity",
                reason="CERTIFICATE_EXPIRED",
            )


def match_party(leaf_pem: bytes, parties: Mapping[str, Party], now: datetime) -> tuple[str, str]:
    """(party id, thumbprint) of a leaf certificate in PEM.

    Raises `Unauthenticated`: CERTIFICATE_UNKNOWN, CERTIFICATE_EXPIRED.
    """
    match = find_party(leaf_pem, parties)
    match.require_valid(now)
    return match.party, match.thumbprint


class CertificateMatcher:
    """`match_party` with a memory: results are kept for one set of parties, validity is not.

    The memory is keyed by SHA-256 of the PEM and emptied when another set of parties serves.
    """

    def __init__(self) -> None:
        self._parties: Mapping[str, Party] | None = None
        self._matches: dict[bytes, PartyMatch] = {}

    def match(self, leaf_pem: bytes, parties: Mapping[str, Party], now: datetime) -> tuple[str, str]:
        """As `match_party`; `parties` of one policy generation must be one object."""
        if parties is not self._parties or len(self._matches) >= _MOST_CACHED:
            self._parties, self._matches = parties, {}
        digest = hashlib.sha256(leaf_pem).digest()
        match = self._matches.get(digest)
        if match is None:
            match = self._matches[digest] = find_party(leaf_pem, parties)
        match.require_valid(now)
        return match.party, match.thumbprint


def find_party(leaf_pem: bytes, parties: Mapping[str, Party]) -> PartyMatch:
    """The one party that recognises the leaf, whatever the time. Raises CERTIFICATE_UNKNOWN."""
    try:
        leaf = x509.load_pem_x509_certificate(leaf_pem)
        usable = _for_clients(leaf)
    except _FAULTS:
        raise _unknown() from None
    if not usable:
        raise _unknown()
    found = [match for party in parties.values() if (match := _match(leaf, party)) is not None]
    if len(found) != 1:  # two parties that share an identity are told apart by nobody
        raise _unknown()
    return found[0]


def _match(leaf: x509.Certificate, party: Party) -> PartyMatch | None:
    identity = party.certificate
    try:
        issuers = [] if not identity.issuer_pem else _issuers(leaf, identity)
        pinned = bool(identity.pinned_keys) and _key_digest(leaf) in identity.pinned_keys
    except _FAULTS:
        return None
    if not issuers and not pinned:
        return None
    # A pinned key stands for itself. Of several CA certificates that signed it, the longest-lived counts.
    starts, ends = leaf.not_valid_before_utc, leaf.not_valid_after_utc
    if not pinned:
        issuer = max(issuers, key=lambda ca: ca.not_valid_after_utc)
        starts, ends = max(starts, issuer.not_valid_before_utc), min(ends, issuer.not_valid_after_utc)
    thumbprint = urlsafe_b64encode(leaf.fingerprint(hashes.SHA256())).rstrip(b"=").decode()
    return PartyMatch(party=party.id, thumbprint=thumbprint, not_before=starts, not_after=ends)


def _issuers(leaf: x509.Certificate, identity: CertificateIdentity) -> list[x509.Certificate]:
    """The party's CA certificates that signed the leaf, if the leaf is no CA and carries the SAN."""
    if not identity.san or identity.san not in _names(leaf) or _may_sign(leaf):
        return []
    return [ca for ca in x509.load_pem_x509_certificates(identity.issuer_pem.encode()) if _signed(leaf, ca)]


def _signed(leaf: x509.Certificate, ca: x509.Certificate) -> bool:
    if not _may_sign(ca) or not _strong(leaf):
        return False
    try:
        leaf.verify_directly_issued_by(ca)
    except _FAULTS:
        return False
    return True


def _may_sign(certificate: x509.Certificate) -> bool:
    """Basic constraints say CA, and the key usage, if present, lets it sign certificates (RFC 5280 4.2.1)."""
    extensions = certificate.extensions
    try:
        if not extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            return False
    except x509.ExtensionNotFound:
        return False
    try:
        return extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    except x509.ExtensionNotFound:
        return True


def _for_clients(leaf: x509.Certificate) -> bool:
    """The extended key usage, if present, names TLS clients."""
    try:
        usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return ExtendedKeyUsageOID.CLIENT_AUTH in usage


def _strong(leaf: x509.Certificate) -> bool:
    algorithm = leaf.signature_hash_algorithm
    return algorithm is None or isinstance(algorithm, _STRONG_HASHES)  # None: Ed25519 hashes by itself


def _names(leaf: x509.Certificate) -> list[str]:
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return names.get_values_for_type(x509.UniformResourceIdentifier) + names.get_values_for_type(x509.DNSName)


def _key_digest(leaf: x509.Certificate) -> str:
    spki = leaf.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(spki).hexdigest()


def _unknown() -> Unauthenticated:
    return Unauthenticated(
        "no party is registered with this client certificate", reason="CERTIFICATE_UNKNOWN"
    )
