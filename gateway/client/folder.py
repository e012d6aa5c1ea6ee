"""A partner's folder as read from disk: who we are, our keys, and the sites that enrolled us.

Law: a private key that others may read is refused. A site is trusted through its own CA alone.
May import: the standard library, adapters.file_keys, errors.
"""

from __future__ import annotations

import base64
import hashlib
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gateway.adapters.file_keys import read_public, read_secret, read_words
from gateway.errors import ConfigInvalid


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteTrust:
    """One site that enrolled us: its CA, the name in its certificate, and our certificate for it (PEM)."""

    site: str
    ca_pem: bytes
    certificate_pem: bytes
    server_name: str
    addresses: tuple[str, ...]

    @property
    def thumbprint(self) -> str:
        """x5t#S256 of our leaf certificate: SHA-256 of its DER, base64url without padding (RFC 8705, 3.1)."""
        # The leaf stands first; what follows it are intermediates.
        leaf = self.certificate_pem.decode("ascii").partition("-----END CERTIFICATE-----")[0]
        der = ssl.PEM_cert_to_DER_cert(leaf[leaf.index("-----BEGIN") :] + "-----END CERTIFICATE-----")
        return base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode("ascii")


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerFolder:
    """The folder that `gateway partner init` made. Keys are PEM and never show in a repr."""

    party: str
    person: str
    tls_key_pem: bytes = field(repr=False)
    token_key_pem: bytes = field(repr=False)
    kid: str
    sites: Mapping[str, SiteTrust]

    @classmethod
    def load(cls, path: Path | str) -> PartnerFolder:
        """Read a partner's folder. Raises ConfigInvalid; NOT_ENROLLED where no site's reply was accepted."""
        folder = Path(path)
        words = read_words(folder / "partner.json", ("party", "person"))
        places = sorted(folder.glob("sites/*/site.json"))
        if not places:
            raise ConfigInvalid(
                f"no site has enrolled {words['party']} yet; run: gateway partner accept {folder} REPLY",
                reason="NOT_ENROLLED",
            )
        sites = (_read_site(place) for place in places)
        return cls(
            party=words["party"],
            person=words["person"],
            tls_key_pem=read_secret(folder / "tls.key"),
            token_key_pem=read_secret(folder / "token.key"),
            kid=_read_kid(folder / "bundle.json"),
            sites={site.site: site for site in sites},
        )

    def trust(self, address: str, site: str = "") -> SiteTrust:
        """The site to expect at an address: the one named, else the one listed there, else the only one.

        Raises ConfigInvalid NOT_ENROLLED where that leaves none, SITE_AMBIGUOUS where it leaves several.
        """
        if site:
            found = [trust for trust in self.sites.values() if trust.site == site]
        else:
            listed = [trust for trust in self.sites.values() if address in trust.addresses]
            found = listed or list(self.sites.values())
        if not found:
            raise ConfigInvalid(f"{self.party} is not enrolled at {site}", reason="NOT_ENROLLED")
        if len(found) > 1:
            names = ", ".join(sorted(self.sites))
            raise ConfigInvalid(f"say which site is at {address}: {names}", reason="SITE_AMBIGUOUS")
        return found[0]


def _read_site(place: Path) -> SiteTrust:
    words = read_words(place, ("site", "server_name"))
    certificate = read_public(place.with_name("tls.crt"))
    trust = SiteTrust(
        site=words["site"],
        server_name=words["server_name"],
        addresses=_read_addresses(place),
        ca_pem=read_public(place.with_name("ca.crt")),
        certificate_pem=certificate,
    )
    try:
        _ = trust.thumbprint
    except ValueError:
        raise ConfigInvalid(f"{place.with_name('tls.crt')} is no certificate in PEM") from None
    return trust


def _read_addresses(place: Path) -> tuple[str, ...]:
    found = json.loads(read_public(place)).get("addresses", [])
    return tuple(address for address in found if isinstance(address, str)) if isinstance(found, list) else ()


def _read_kid(place: Path) -> str:
    try:
        return str(json.loads(read_public(place))["jwks"]["keys"][0]["kid"])
    except (ValueError, KeyError, TypeError, IndexError):
        raise ConfigInvalid(f"{place} names no token key") from None
