"""Page tokens: what only this site can make and read, and only for the request that it was made for.

Law: AES-SIV (RFC 5297) with the context as associated data: a token that was changed, of another site or for
another context does not open. It is deterministic, so that a page has one token and no nonce can repeat.
Imports: cryptography.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

LONGEST = 4096  # characters of a token


class PageSeal:
    """`site_key` is the site's 32-byte secret; the key of tokens is derived from it for this use alone."""

    def __init__(self, site_key: bytes) -> None:
        self._cipher = AESSIV(hmac.digest(site_key, b"concordat page tokens 1", hashlib.sha512))

    def seal(self, content: bytes, context: Sequence[str]) -> str:
        """A token in base64url, without padding."""
        sealed = self._cipher.encrypt(content, _associated(context))
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def open(self, token: str, context: Sequence[str]) -> bytes | None:
        """What was sealed; None where this is no token for this context."""
        if len(token) > LONGEST:
            return None
        try:
            sealed = base64.b64decode(token.encode("ascii") + b"=" * (-len(token) % 4), b"-_", validate=True)
            return self._cipher.decrypt(sealed, _associated(context))
        except (ValueError, binascii.Error, InvalidTag):
            return None


def _associated(context: Sequence[str]) -> list[bytes]:
    return [part.encode() for part in context]
