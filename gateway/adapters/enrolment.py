"""What a partner and a site exchange to know each other: the bundle and the reply.

Law: a bundle is read strictly and is worth nothing until a person has compared its fingerprint over
another channel; it carries public keys only; every name of it is checked before it names a file.
May import: cryptography through pki and jwk, errors.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.adapters import jwk, pki
from gateway.errors import ConfigInvalid

MOST_BYTES = 64 * 1024
MOST_KEYS = 8
JWK_MEMBERS = frozenset({"kty", "crv", "x", "y", "kid", "alg", "use"})
FINGERPRINT_GROUPS = 8  # of four hexadecimal digits: 128 bits against a second bundle with the same one

_ID = re.compile(r"[a-z0-9]([a-z0-9-]{0,60}[a-z0-9])?")
_SITE_ID = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")
_URN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]{1,200}")
_PERSON = re.compile(r"[A-Za-z0-9._@:+-]{1,128}")
_ADDRESS = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9a-fA-F:.]{2,45}\]):[0-9]{1,5}")
_SERVER_NAME = re.compile(r"[A-Za-z0-9.:-]{1,253}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A partner's public side: who it is, a certificate request or its own certificate, token keys.

    Exactly one of `csr` and `certificate` (PEM) is not empty. `keys` are public ES256 JWKs.
    """

    party: str
    name: str
    organisation: str
    csr: str = ""
    certificate: str = ""
    keys: tuple[Mapping[str, str], ...]

    @property
    def canonical(self) -> bytes:
        """Canonical JSON: sorted keys, no spaces, ASCII. What is written and what is fingerprinted."""
        content = {
            "v": 1,
            "party": self.party,
            "name": self.name,
            "organisation": self.organisation,
            **({"csr": self.csr} if self.csr else {"certificate": self.certificate}),
            "jwks": {"keys": [dict(key) for key in self.keys]},
        }
        return _canonical(content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a partner needs of a site: its id, the CA of its server certificate, where it listens.

    `certificate` is the issued client certificate (PEM), empty where the partner's own was pinned.
    `server_name` is the name to check in the server's certificate.
    """

    site: str
    party: str
    site_ca: str
    addresses: tuple[str, ...]
    server_name: str
    certificate: str = ""

    @property
    def canonical(self) -> bytes:
        """Canonical JSON, as in a bundle."""
        return _canonical(
            {
                "v": 1,
                "site": self.site,
                "party": self.party,
                "site_ca": self.site_ca,
                "addresses": list(self.addresses),
                "server_name": self.server_name,
                "certificate": self.certificate,
            }
        )


def fingerprint(canonical: bytes) -> str:
    """The first 128 bits of SHA-256 over a canonical bundle or reply, in groups to be read aloud.

    Whoever wants to slip in other keys must find a second preimage (2^128 work); a collision would help
    only the bundle's own maker, who gains nothing from it.
    """
    digest = hashlib.sha256(canonical).hexdigest()
    return " ".join(digest[4 * n : 4 * n + 4] for n in range(FINGERPRINT_GROUPS))


def check_fingerprint(canonical: bytes, heard: str) -> None:
    """Compare with what was read aloud; case, spaces, dashes and colons do not matter.

    Raises ConfigInvalid FINGERPRINT_MISMATCH.
    """
    plain = re.sub(r"[\s:-]", "", heard).lower()
    expected = fingerprint(canonical).replace(" ", "")
    if not hmac.compare_digest(plain.encode(), expected.encode()):
        raise ConfigInvalid(
            "the fingerprint is not that of this file; ask its sender to read it again, and do not go on "
            "before both agree",
            reason="FINGERPRINT_MISMATCH",
        )


def check_party_id(text: str) -> str:
    """A party's id, fit for a file name, a certificate and a URI. Raises ConfigInvalid NAME_INVALID."""
    return _matching(_ID, text, "a party's id must be 1 to 62 of a-z, 0-9 and inner dashes")


def check_site_id(text: str) -> str:
    """A site's id, as site.yaml takes it; fit for a file name. Raises ConfigInvalid NAME_INVALID."""
    return _matching(_SITE_ID, text, "a site's id must be 1 to 63 of a-z, 0-9, dots and dashes")


def check_person(text: str) -> str:
    """A person's id as used in tokens and trust.yaml. Raises ConfigInvalid NAME_INVALID."""
    return _matching(_PERSON, text, "a person's id must be 1 to 128 of A-Z, a-z, 0-9 and . _ @ : + -")


def check_bundle(bundle: Bundle) -> Bundle:
    """Check every name and key of a bundle; the request's signature too.

    Raises ConfigInvalid: NAME_INVALID, BUNDLE_INVALID, REQUEST_SIGNATURE.
    """
    check_party_id(bundle.party)
    if not 1 <= len(bundle.name) <= 200 or not bundle.name.isprintable():
        raise ConfigInvalid("the legal name must be 1 to 200 printable characters", reason="NAME_INVALID")
    if not _URN.fullmatch(bundle.organisation):
        raise ConfigInvalid(
            "the organisation must be a URI, such as urn:oid:2.16.840.1.113883.3.1", reason="NAME_INVALID"
        )
    if bool(bundle.csr) == bool(bundle.certificate):
        raise _unfit("either a certificate request or a certificate")
    if bundle.csr:
        pki.check_request(bundle.csr.encode(), bundle.party)
    else:
        pki.load_certificate(bundle.certificate.encode())
    kids = {key.get("kid") for key in bundle.keys}
    if not 1 <= len(bundle.keys) <= MOST_KEYS or len(kids) < len(bundle.keys):
        raise _unfit(f"1 to {MOST_KEYS} different token keys")
    for key in bundle.keys:
        _check_token_key(key)
    return bundle


def read_bundle(content: bytes) -> Bundle:
    """Read and check a bundle. Raises ConfigInvalid as `check_bundle` does."""
    fields = _members(content, {"v", "party", "name", "organisation", "jwks"}, {"csr", "certificate"})
    jwks = fields["jwks"]
    if not isinstance(jwks, dict) or set(jwks) != {"keys"} or not isinstance(jwks["keys"], list):
        raise _unfit("`jwks` with `keys`")
    keys = jwks["keys"]
    if not all(isinstance(key, dict) and all(isinstance(v, str) for v in key.values()) for key in keys):
        raise _unfit("token keys of text members")
    texts = {name: fields.get(name, "") for name in ("party", "name", "organisation", "csr", "certificate")}
    return check_bundle(Bundle(**_all_text(texts), keys=tuple(keys)))


def read_reply(content: bytes) -> Reply:
    """Read a reply and check its form. Raises ConfigInvalid as `check_reply` does."""
    texts = {"site", "party", "site_ca", "server_name", "certificate"}
    fields = _members(content, {"v", "addresses", *texts}, set())
    addresses = fields["addresses"]
    if not isinstance(addresses, list) or not all(isinstance(address, str) for address in addresses):
        raise _unfit("a list of addresses")
    return check_reply(Reply(**_all_text({name: fields[name] for name in texts}), addresses=tuple(addresses)))


def check_reply(reply: Reply) -> Reply:
    """Check every name, address and certificate of a reply, so that nothing of it fails after it is stored.

    Raises ConfigInvalid: NAME_INVALID, BUNDLE_INVALID.
    """
    check_site_id(reply.site)
    check_party_id(reply.party)
    if not reply.addresses or not all(_ADDRESS.fullmatch(address) for address in reply.addresses):
        raise _unfit("one address or more, as HOST:PORT")
    if not _SERVER_NAME.fullmatch(reply.server_name):
        raise _unfit("the server's name")
    if not pki.is_authority(pki.load_certificate(reply.site_ca.encode())):
        raise _unfit("the certificate of a CA")
    if reply.certificate:
        pki.load_certificate(reply.certificate.encode())
    return reply


def _matching(form: re.Pattern[str], text: str, rule: str) -> str:
    if not form.fullmatch(text):
        raise ConfigInvalid(f"{rule}, not {text!r}", reason="NAME_INVALID")
    return text


def _check_token_key(key: Mapping[str, str]) -> None:
    # Naming the allowed members also keeps every private one out.
    if set(key) != JWK_MEMBERS:
        raise _unfit(f"token keys with exactly {', '.join(sorted(JWK_MEMBERS))}")
    form = (key["kty"], key["crv"], key["alg"], key["use"])
    if form != ("EC", "P-256", "ES256", "sig") or not jwk.on_curve(key):
        raise _unfit("ES256 token keys on P-256")
    if key["kid"] != jwk.jwk_thumbprint(key):
        raise _unfit("token keys named by their RFC 7638 thumbprint")


def _members(content: bytes, required: set[str], optional: set[str]) -> dict[str, Any]:
    if len(content) > MOST_BYTES:
        raise _unfit(f"at most {MOST_BYTES} bytes")
    try:
        fields = json.loads(content.decode("utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise _unfit("JSON in UTF-8, each name once") from None
    if not isinstance(fields, dict) or not required <= set(fields) <= required | optional:
        raise _unfit(f"exactly {', '.join(sorted(required | optional))}")
    if fields["v"] != 1:
        raise _unfit("version 1")
    return fields


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _all_text(fields: Mapping[str, Any]) -> dict[str, str]:
    # ASCII holds PEM and ids; only a name may be in any script, and half a surrogate pair is no text.
    for name, value in fields.items():
        if not isinstance(value, str) or not (value.isascii() or (name == "name" and value.isprintable())):
            raise _unfit(f"text for {', '.join(sorted(fields))}")
    return dict(fields)


def _canonical(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def _unfit(wanted: str) -> ConfigInvalid:
    text = f"the file is not one of Concordat's: it should hold {wanted}"
    return ConfigInvalid(text, reason="BUNDLE_INVALID")
