"""Keys of one patient's transforms, derived from the site's key.

Law: two sites, two profiles, two patients or two uses never share a key, and no key tells another. Where a
patient is not to be linked, or not known, the document stands in; where that has no name either, chance.
May import: the standard library, domain words, errors.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.domain.deid import Profile
from gateway.errors import ConfigInvalid

KEY_BYTES = 32
_SALT = b"concordat de-identification 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectKeys:
    """32 bytes each; all of them empty where the profile needs no key. Secrets never show in a repr.

    `surrogate` and `shift` are the patient's (or document's) own. `pseudonym` and `token` are the site's
    for this profile: the same value is the same pseudonym everywhere in a realm, and a token can be opened
    again.
    """

    surrogate: bytes = field(repr=False, default=b"")
    shift: bytes = field(repr=False, default=b"")
    pseudonym: bytes = field(repr=False, default=b"")
    token: bytes = field(repr=False, default=b"")


def subject_keys(
    site_key: bytes, profile: Profile, *, subject: str, document: str, realm: str = ""
) -> SubjectKeys:
    """The keys for one document. `subject` names the patient and `document` the text; both may be empty.

    Realms share no key but that of tokens, so that nobody who has texts of one de-identified at will can try
    out what stands behind a pseudonym, surrogate or shift of another.

    Per patient if the profile says so and the patient is named, else per document; a text without either
    name gets keys of its own, by chance. Raises ConfigInvalid DEID_KEY_MISSING where the profile needs a
    key and the site has none.
    """
    if not profile.keyed:
        return SubjectKeys()
    if profile.per_patient and subject:
        whose = ("patient", subject)
    elif document:
        whose = ("document", document)
    else:
        whose = ("once", os.urandom(KEY_BYTES).hex())
    root = _root(site_key)
    within = ("realm", realm) if realm else ()
    return SubjectKeys(
        surrogate=_derived(root, ("surrogate", profile.name, *whose, *within)),
        shift=_derived(root, ("shift", profile.name, *whose, *within)),
        pseudonym=_derived(root, ("pseudonym", profile.name, *within)),
        token=_derived(root, ("token", profile.name)),
    )


def keyed_digest(key: bytes, parts: Sequence[str]) -> bytes:
    """HMAC-SHA-256 (RFC 2104) over the parts, each after its length: no two lists share an input."""
    return hmac.digest(key, _framed(parts), "sha256")


def _root(site_key: bytes) -> bytes:
    """HKDF-Extract (RFC 5869, section 2.2)."""
    if len(site_key) != KEY_BYTES:
        raise ConfigInvalid(
            "this profile needs the site's key of de-identification, keys/deid.key", reason="DEID_KEY_MISSING"
        )
    return hmac.digest(_SALT, site_key, hashlib.sha256)


def _derived(root: bytes, parts: Sequence[str]) -> bytes:
    """HKDF-Expand (RFC 5869, section 2.3) of one block of 32 bytes, the parts as its info."""
    return hmac.digest(root, _framed(parts) + b"\x01", hashlib.sha256)


def _framed(parts: Sequence[str]) -> bytes:
    encoded = [part.encode("utf-8", "surrogatepass") for part in parts]
    return b"".join(len(part).to_bytes(8, "big") + part for part in encoded)
