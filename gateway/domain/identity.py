"""Who asks: parties as registered, and the principal a call was proven to come from.

Imports: the standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Purpose(StrEnum):
    """HL7 v3 PurposeOfUse codes (http://terminology.hl7.org/ValueSet/v3-PurposeOfUse)."""

    TREAT = "TREAT"
    HPAYMT = "HPAYMT"
    HOPERAT = "HOPERAT"
    HRESCH = "HRESCH"
    CLINTRCH = "CLINTRCH"
    PUBHLTH = "PUBHLTH"
    ETREAT = "ETREAT"
    HSYSADMIN = "HSYSADMIN"


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateIdentity:
    """How a party's TLS client certificate is recognised: an issuing CA with a SAN, or pinned leaf keys.

    `issuer_pem` is the PEM of that party's own CA; `san` is a URI or DNS name the leaf must carry.
    `pinned_keys` are SHA-256 digests (lower-case hex) of the leaf's SubjectPublicKeyInfo.
    """

    issuer_pem: str = ""
    san: str = ""
    pinned_keys: frozenset[str] = frozenset()
    pinned_pem: str = ""  # certificates of pinned keys, offered to the TLS layer as trust anchors


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenKey:
    """One public key of a party's JWKS (RFC 7517): exactly one algorithm."""

    kid: str
    algorithm: str
    jwk: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A partner institution. `persons`, if not empty, lists the only `sub` values it may assert."""

    id: str
    name: str
    organisation: str
    certificate: CertificateIdentity
    token_keys: Mapping[str, TokenKey]
    persons: frozenset[str] = frozenset()
    contacts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who a call comes from: the party is proven, person and roles are as the party asserts them."""

    party: str
    person: str
    purpose: str
    thumbprint: str  # x5t#S256 of the client certificate, base64url (RFC 8705)
    jti: str
    roles: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """What was switched off, whatever the agreements say. Pairs begin with the party's id."""

    parties: frozenset[str] = frozenset()
    certificates: frozenset[str] = frozenset()  # x5t#S256
    persons: frozenset[tuple[str, str]] = frozenset()
    keys: frozenset[tuple[str, str]] = frozenset()  # by kid
    tokens: frozenset[tuple[str, str]] = frozenset()  # by jti


NOTHING_DENIED = Denied()
