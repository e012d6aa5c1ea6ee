"""Reversible tokens in the place of identifiers: AES-256-GCM (NIST SP 800-38D) under the site's key.

Law: a token opens only whole, unchanged, under its own key and as the type it names. Two tokens of one
value differ, and their length tells the value's only to 16 bytes.
May import: cryptography, domain words, errors.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.domain.deid import IdentifierType
from gateway.errors import ConfigInvalid, InvalidRequest

VERSION = "tok1"
KEY_BYTES = 32
NONCE_BYTES = 12  # by chance: under one key safe for 2^32 tokens (SP 800-38D, section 8.3)
BLOCK = 16


def sealing(key: bytes) -> Callable[[IdentifierType, str], str]:
    """A function from a type and a value to `tok1.TYPE.BASE64URL`.

    `key` is `SubjectKeys.token`, 32 bytes. Raises ConfigInvalid DEID_KEY_MISSING for any other length.
    """
    cipher = _cipher(key)

    def seal(kind: IdentifierType, value: str) -> str:
        nonce = os.urandom(NONCE_BYTES)
        sealed = cipher.encrypt(nonce, _padded(value.encode("utf-8", "surrogatepass")), _bound(kind))
        return f"{VERSION}.{kind.value}.{_encoded(nonce + sealed)}"

    return seal


def open_token(key: bytes, token: str) -> tuple[IdentifierType, str]:
    """The type and value of a token. Raises InvalidRequest TOKEN_INVALID; ConfigInvalid as `sealing` does."""
    cipher = _cipher(key)
    try:
        version, kind_text, text = token.split(".")
        kind = IdentifierType(kind_text)
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        content = cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _bound(kind))
        value = content[: content.rindex(b"\x80")].decode("utf-8", "surrogatepass")
    except (ValueError, InvalidTag):
        version, kind, value, text, raw = "", IdentifierType.ID, "", "", b""
    if version != VERSION or _encoded(raw) != text:  # one text per token: no stray bits in the last character
        raise InvalidRequest("this is no token of this site, or it was changed", reason="TOKEN_INVALID")
    return kind, value


def _cipher(key: bytes) -> AESGCM:
    if len(key) != KEY_BYTES:
        raise ConfigInvalid("tokens need the site's key of de-identification", reason="DEID_KEY_MISSING")
    return AESGCM(key)


def _encoded(raw: bytes) -> str:
    """Base64url without padding (RFC 4648, section 5)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _bound(kind: IdentifierType) -> bytes:
    return f"concordat token 1 {kind.value}".encode("ascii")


def _padded(content: bytes) -> bytes:
    """The content, 0x80, and zeros to a whole number of blocks (ISO/IEC 7816-4)."""
    return content + b"\x80" + b"\x00" * (-(len(content) + 1) % BLOCK)
