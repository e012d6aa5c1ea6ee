"""Party files -> parties: who a partner is, how its certificate is known, and its public keys.

Law: one certificate identity belongs to one party, and no file holds anything secret.
May import: domain words, yamlio, policy models, load, jwks and faults.
"""

from __future__ import annotations

import base64
import binascii
import re

from gateway.domain.identity import CertificateIdentity, Party, TokenKey
from gateway.policy.faults import Faults
from gateway.policy.jwks import key_faults
from gateway.policy.load import Loaded, Source
from gateway.policy.models import CertificateModel, PartyFile
from gateway.yamlio import Document, Path

_PEM = re.compile(
    r"\s*(-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/=\n]+)\n-----END CERTIFICATE-----\s*)+", re.ASCII
)
_PEM_BODY = re.compile(r"-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/=\n]+)\n-----END")
_SAN = re.compile(r"urn:[a-z0-9][a-z0-9-]{0,31}:\S+|https?://\S+|[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)


def party_words(loaded: Loaded, faults: Faults) -> dict[str, Party]:
    """Every party, by id; what is wrong goes to `faults`."""
    parties = {}
    for name, source in sorted(loaded.parties.items()):
        _check_certificate(source.document, source.model.certificate, faults)
        _check_keys(source, faults)
        _check_repeats(source, "persons", source.model.persons, faults)
        parties[name] = _party(source)
    _check_identities(loaded, faults)
    return parties


def _party(source: Source[PartyFile]) -> Party:
    model = source.model
    keys = [key for key in model.jwks.keys if key.get("kid") and key.get("alg")]
    return Party(
        id=model.party,
        name=model.name,
        organisation=model.organisation,
        certificate=CertificateIdentity(
            issuer_pem=model.certificate.issuer or "",
            san=model.certificate.san or "",
            pinned_keys=frozenset(pin.key for pin in model.certificate.pinned),
            pinned_pem="".join(pin.certificate.strip() + "\n" for pin in model.certificate.pinned),
        ),
        token_keys={
            key["kid"]: TokenKey(kid=key["kid"], algorithm=key["alg"], jwk=dict(key)) for key in keys
        },
        persons=frozenset(model.persons),
        contacts=tuple(model.contacts),
    )


def _check_certificate(document: Document, model: CertificateModel, faults: Faults) -> None:
    path: Path = ("certificate",)
    if bool(model.issuer or model.san) == bool(model.pinned):
        faults.at(
            document, path, "a certificate is known in exactly one way", "issuer and san, or a list of pinned"
        )
        return
    if model.pinned:
        for i, pin in enumerate(model.pinned):
            _check_pem(document, (*path, "pinned", i, "certificate"), pin.certificate, faults)
        return
    if model.issuer is None:
        faults.at(document, path, "the field 'issuer' is missing", "the certificate of the party's own CA")
    else:
        _check_pem(document, (*path, "issuer"), model.issuer, faults)
    if model.san is None:
        faults.at(document, path, "the field 'san' is missing", "a URI or DNS name of the leaf certificate")
    elif not _SAN.fullmatch(model.san):
        faults.at(document, (*path, "san"), "must be a URI or a DNS name", "urn:concordat:party:NAME")


def _check_pem(document: Document, path: Path, text: str, faults: Faults) -> None:
    if "PRIVATE KEY" in text:
        faults.at(document, path, "a private key is never in a policy file", "destroy it and make a new one")
        return
    if not _PEM.fullmatch(text) or not all(_base64(body) for body in _PEM_BODY.findall(text)):
        faults.at(document, path, "must be a certificate in PEM form", "-----BEGIN CERTIFICATE-----")


def _base64(text: str) -> bool:
    try:
        # Every certificate is one DER sequence, which begins with this byte (X.690, 8.9).
        return base64.b64decode(text.replace("\n", ""), validate=True)[:1] == b"\x30"
    except (binascii.Error, ValueError):
        return False


def _check_keys(source: Source[PartyFile], faults: Faults) -> None:
    seen: set[str] = set()
    for i, key in enumerate(source.model.jwks.keys):
        path: Path = ("jwks", "keys", i)
        for field, description, suggestion in key_faults(key):
            faults.at(source.document, (*path, field) if field else path, description, suggestion)
        kid = key.get("kid", "")
        if kid in seen:
            faults.at(source.document, (*path, "kid"), "two keys have this kid", "each key has its own kid")
        seen.add(kid)


def _check_repeats(source: Source[PartyFile], field: str, values: list[str], faults: Faults) -> None:
    for i, value in enumerate(values):
        if value in values[:i]:
            faults.at(source.document, (field, i), f"'{value[:60]}' is written twice", "keep one of them")


def _check_identities(loaded: Loaded, faults: Faults) -> None:
    """Two parties that one certificate could speak for would be one party."""
    owners: dict[tuple[str, str], str] = {}
    for name, source in sorted(loaded.parties.items()):
        certificate = source.model.certificate
        claims: list[tuple[tuple[str, str], Path]] = [
            (("key", pin.key), ("certificate", "pinned", i, "key"))
            for i, pin in enumerate(certificate.pinned)
        ]
        if certificate.issuer and certificate.san:
            issuer = "".join(certificate.issuer.split())
            claims.append(((issuer, certificate.san), ("certificate", "san")))
        for identity, path in claims:
            owner = owners.setdefault(identity, name)
            if owner != name:
                faults.at(source.document, path, f"party '{owner}' has the same certificate identity")
