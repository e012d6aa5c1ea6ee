"""The server's side of mutual TLS: 1.3 only, client certificates required, reloaded without restart.

Law: material that cannot be used never replaces material that can; the last good one stays in force.
TLS takes one bundle of every party's trust anchors, so it proves only that *somebody* trusted is calling:
who, is settled on each call by `certificates`.
Imports: grpc, cryptography, adapters.file_keys, domain words, errors, log, tls_environment.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import cast

import grpc
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from gateway import log
from gateway.adapters.file_keys import SiteKeys
from gateway.domain.identity import Party
from gateway.errors import ConfigInvalid
from gateway.rpc.tls_environment import tls13_environment


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsMaterial:
    """What the listener needs, as PEM: its own key and chain, and every trust anchor of the parties."""

    key_pem: bytes = field(repr=False)
    chain_pem: bytes
    roots_pem: bytes


def server_credentials(current: Callable[[], TlsMaterial]) -> grpc.ServerCredentials:
    """Credentials that ask `current` at every new connection and use what changed from then on.

    `current` is called in a thread of gRPC's and should answer from memory. Raises `ConfigInvalid`
    (TLS_MATERIAL, TLS_ENVIRONMENT) for the first material; later faults are logged and change nothing.
    """
    if not tls13_environment():
        raise ConfigInvalid("the TLS 1.3 environment is not set", reason="TLS_ENVIRONMENT")
    in_force = current()
    refused: TlsMaterial | None = None

    def changed() -> grpc.ServerCertificateConfiguration | None:
        nonlocal in_force, refused
        try:
            newest = current()
            if newest in (in_force, refused):
                return None
            refused = newest  # until it has proven usable
            configuration = _configuration(newest)
        except Exception as error:  # an exception here would take the listener down
            log.event(logging.ERROR, "tls_material_refused", error=type(error).__name__)
            return None
        in_force, refused = newest, None
        log.event(logging.INFO, "tls_material_reloaded")
        return configuration

    # The published stubs leave out that the fetcher may answer None for "no change".
    fetcher = cast("Callable[[], grpc.ServerCertificateConfiguration]", changed)
    return grpc.dynamic_ssl_server_credentials(_configuration(in_force), fetcher, True)


def site_material(keys: SiteKeys, parties: Iterable[Party]) -> TlsMaterial:
    """What a site's listener needs, from its keys and the parties of a policy set."""
    anchors = [pem for p in parties for pem in (p.certificate.issuer_pem, p.certificate.pinned_pem)]
    return TlsMaterial(
        key_pem=keys.server_key_pem,
        chain_pem=keys.server_chain_pem,
        # Without any party nobody can connect: the site's own CA stands in, and matches no party.
        roots_pem="\n".join(filter(None, anchors)).encode() or keys.ca_pem,
    )


def check_material(material: TlsMaterial) -> None:
    """Raise `ConfigInvalid` (TLS_MATERIAL) where a listener could not serve with this.

    Before gRPC sees it: its core reports bad PEM only by refusing every handshake.
    """
    try:
        key = load_pem_private_key(material.key_pem, password=None)
        chain = x509.load_pem_x509_certificates(material.chain_pem)
        x509.load_pem_x509_certificates(material.roots_pem)
        fits = chain[0].public_key() == key.public_key()
    except (ValueError, TypeError, IndexError):
        raise ConfigInvalid("the TLS key, chain or roots cannot be read", reason="TLS_MATERIAL") from None
    if not fits:
        raise ConfigInvalid("the TLS key is not that of the certificate", reason="TLS_MATERIAL")
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        # With an RSA key, the one suite that is left would serve TLS 1.2.
        raise ConfigInvalid("the TLS key must be an elliptic-curve (ECDSA) key", reason="TLS_MATERIAL")


def _configuration(material: TlsMaterial) -> grpc.ServerCertificateConfiguration:
    check_material(material)
    return grpc.ssl_server_certificate_configuration(
        [(material.key_pem, material.chain_pem)], material.roots_pem
    )
