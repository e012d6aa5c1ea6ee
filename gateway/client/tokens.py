"""Short-lived tokens, signed by the partner and bound to its client certificate.

Law: a token lives at most 300 seconds, names one site, one person and one purpose, and is worth nothing
without the certificate it is bound to (RFC 7800, RFC 8705). May import: jwt, errors.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import jwt

from gateway.errors import ConfigInvalid

LIFETIME = 300  # seconds, the most that a site accepts
RENEWAL = 30  # seconds before its end at which a token is no longer used
TOKEN_TYPE = "concordat+jwt"  # noqa: S105 (a media type, no secret)


@dataclass(slots=True, kw_only=True)
class TokenMint:
    """Mints tokens for one site, person and purpose, and hands out the current one until it nears its end.

    `thumbprint` is x5t#S256 of the client certificate. `clock` gives seconds since the epoch.
    """

    key_pem: bytes = field(repr=False)
    kid: str
    party: str
    site: str
    person: str
    purpose: str
    thumbprint: str
    clock: Callable[[], float] = time.time
    _current: tuple[str, int] = field(default=("", 0), repr=False)

    def token(self) -> str:
        """A token that is valid for at least 30 seconds more. Raises ConfigInvalid for an unusable key."""
        now = int(self.clock())
        text, expires = self._current
        # A clock that was set back leaves a token from the future: the site would refuse it.
        if now > expires - RENEWAL or now < expires - LIFETIME:
            text, expires = self._mint(now), now + LIFETIME
            # One assignment: threads may mint twice, but none sees a token with another's expiry.
            self._current = (text, expires)
        return text

    def _mint(self, now: int) -> str:
        claims = {
            "iss": self.party,
            "aud": self.site,
            "sub": self.person,
            "purpose": self.purpose,
            "iat": now,
            "exp": now + LIFETIME,
            "jti": secrets.token_urlsafe(16),
            "cnf": {"x5t#S256": self.thumbprint},
        }
        try:
            headers = {"typ": TOKEN_TYPE, "kid": self.kid}
            return jwt.encode(claims, self.key_pem, algorithm="ES256", headers=headers)
        except (jwt.PyJWTError, ValueError, TypeError):
            raise ConfigInvalid("the token key must be ECDSA P-256 in PEM") from None
