"""A partner's token: a short-lived JWT, signed by the party and bound to its client certificate.

Law: the key comes from the certificate's party and the `kid`, the algorithm from that key, never from the
header alone. Every claim is required and strict. What may change while a token lives (time, key, deny
list, persons, binding) is checked on every call, also when its signature is remembered.
Sources: RFC 7519 (JWT), RFC 8725 (best practice), RFC 8705 section 3.1 (`cnf.x5t#S256`).
Imports: jwt, domain words, errors, token_shape.
"""

from __future__ import annotations

import hashlib
import heapq
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import jwt

from gateway.domain.identity import NOTHING_DENIED, Denied, Party, TokenKey
from gateway.errors import LimitExceeded, Unauthenticated
from gateway.rpc.token_shape import TOKEN_TYPE, Claims, Shape, read_claims, read_header

__all__ = ["LONGEST_TOKEN", "TOKEN_TYPE", "Claims", "TokenVerifier"]

LONGEST_TOKEN = 4096
_MOST_LIVE_TOKENS = 10_000  # of one party; each lives some minutes, so memory is bounded
_CURVES = {"ES256": ("EC", "P-256"), "ES384": ("EC", "P-384"), "EdDSA": ("OKP", "Ed25519")}
_ALGORITHMS = frozenset({*_CURVES, "RS256", "PS256"})
_SIGNATURES = jwt.PyJWS(algorithms=sorted(_ALGORITHMS), options={"enforce_minimum_key_length": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Verified:
    """A token whose signature and claims were found good once, with the key that proved it."""

    claims: Claims
    party: str
    key: TokenKey
    starts_at: int
    expires_at: int


class TokenVerifier:
    """Verifies tokens for one site. Not for several threads; the memory of used `jti` ends with the process.

    `audience` is the site's id, `leeway` and `longest` (exp - iat) are seconds, `denied` is asked each call.
    """

    def __init__(
        self,
        audience: str,
        leeway: int = 60,
        longest: int = 300,
        denied: Callable[[], Denied] = lambda: NOTHING_DENIED,
    ) -> None:
        self._audience, self._leeway, self._longest, self._denied = audience, leeway, longest, denied
        self._verified: dict[tuple[bytes, str], _Verified] = {}
        self._used: dict[str, dict[str, bytes]] = {}  # party -> jti -> SHA-256 of the token
        self._ends: list[tuple[float, str, str, tuple[bytes, str]]] = []  # heap: when, party, jti, memory key

    def verify(self, token: str, party: Party, thumbprint: str, now: datetime) -> Claims:
        """The claims of a token that this party presents with this certificate.

        `party` is of the policy set that serves now; `thumbprint` is x5t#S256. Raises `Unauthenticated`
        with a reason that starts with TOKEN_, and `LimitExceeded` (TOO_MANY_TOKENS).
        """
        if not token:
            raise _refused("TOKEN_MISSING", "the call carries no token")
        if len(token) > LONGEST_TOKEN:
            raise _refused("TOKEN_TOO_LONG", f"the token is longer than {LONGEST_TOKEN} bytes")
        if not token.isascii():
            raise _refused("TOKEN_MALFORMED", "the token is not ASCII")
        seconds = now.timestamp()
        memory_key = (hashlib.sha256(token.encode()).digest(), thumbprint)
        verified = self._verified.get(memory_key)
        if verified is None or verified.party != party.id:
            verified = self._verify_fully(token, party, thumbprint)
            self._check_now(verified, party, thumbprint, seconds)
            self._remember(verified, memory_key, seconds)
        else:
            self._check_now(verified, party, thumbprint, seconds)
        return verified.claims

    def _verify_fully(self, token: str, party: Party, thumbprint: str) -> _Verified:
        """All that does not depend on the time or on what can be switched off."""
        header = read_header(token)
        # 1. The key: only this party's, named by the kid.
        key = party.token_keys.get(header["kid"])
        if key is None:
            raise _refused("TOKEN_KEY_UNKNOWN", "the token's kid is not one of the party's keys")
        # 2. The algorithm: the key's one, and never a symmetric one or none.
        if key.algorithm not in _ALGORITHMS or header["alg"] != key.algorithm:
            raise _refused("TOKEN_ALGORITHM", "the token's algorithm is not that of its key")
        # 3. The signature, before anything in the payload is looked at.
        payload = _signed_payload(token, key)
        # 4. The claims, each of them, strictly.
        shape = read_claims(payload)
        self._check_claims(shape, party, thumbprint)
        return _Verified(
            claims=shape.claims,
            party=party.id,
            key=key,
            starts_at=max(shape.issued_at, shape.not_before),
            expires_at=shape.expires_at,
        )

    def _check_claims(self, shape: Shape, party: Party, thumbprint: str) -> None:
        if shape.issuer != party.id:
            raise _refused("TOKEN_ISSUER", "iss is not the party of the client certificate")
        if shape.audience != self._audience:
            raise _refused("TOKEN_AUDIENCE", "aud is not this site")
        if not 0 < shape.expires_at - shape.issued_at <= self._longest:
            raise _refused("TOKEN_LIFETIME", f"exp - iat is not between 1 and {self._longest} seconds")
        if not hmac.compare_digest(shape.thumbprint.encode(), thumbprint.encode()):
            raise _refused("TOKEN_BINDING", "cnf.x5t#S256 is not the client certificate of this connection")

    def _check_now(self, verified: _Verified, party: Party, thumbprint: str, seconds: float) -> None:
        """What may have changed since the signature was verified. Runs on every call."""
        key, claims = verified.key, verified.claims
        current = party.token_keys.get(key.kid)
        if current is not key and current != key:
            raise _refused("TOKEN_KEY_UNKNOWN", "the token's key is no longer registered")
        if party.persons and claims.person not in party.persons:
            raise _refused("TOKEN_PERSON", "sub is not one of the party's registered persons")
        denied = self._denied()
        if denied is not NOTHING_DENIED and (
            party.id in denied.parties
            or thumbprint in denied.certificates
            or (party.id, claims.person) in denied.persons
            or (party.id, key.kid) in denied.keys
            or (party.id, claims.jti) in denied.tokens
        ):
            raise _refused("TOKEN_DENIED", "this access was switched off")
        if seconds >= verified.expires_at + self._leeway:
            raise _refused("TOKEN_EXPIRED", "the token has expired")
        if seconds < verified.starts_at - self._leeway:
            raise _refused("TOKEN_NOT_YET_VALID", "iat (or nbf) lies in the future")

    def _remember(self, verified: _Verified, memory_key: tuple[bytes, str], seconds: float) -> None:
        """Keep the outcome and the jti until the token has expired. Raises TOKEN_REPLAYED."""
        while self._ends and self._ends[0][0] <= seconds:
            _, party, jti, ended = heapq.heappop(self._ends)
            self._verified.pop(ended, None)
            self._used.get(party, {}).pop(jti, None)
        used, jti = self._used.setdefault(verified.party, {}), verified.claims.jti
        if used.get(jti, memory_key[0]) != memory_key[0]:
            raise _refused("TOKEN_REPLAYED", "the jti was used before by another token")
        if len(used) >= _MOST_LIVE_TOKENS and jti not in used:
            raise LimitExceeded("too many live tokens: use one for several calls", reason="TOO_MANY_TOKENS")
        used[jti] = memory_key[0]
        self._verified[memory_key] = verified
        heapq.heappush(self._ends, (verified.expires_at + self._leeway, verified.party, jti, memory_key))


def _signed_payload(token: str, key: TokenKey) -> bytes:
    """The payload, proven to be signed by the key. Raises TOKEN_SIGNATURE and TOKEN_KEY_UNKNOWN."""
    kind, curve = _CURVES.get(key.algorithm, ("RSA", None))
    if key.jwk.get("kty") != kind or key.jwk.get("crv") != curve:
        raise _refused("TOKEN_KEY_UNKNOWN", "the registered key does not fit its algorithm")
    try:
        public = jwt.PyJWK(dict(key.jwk), algorithm=key.algorithm).key
    except Exception:  # PyJWT and cryptography raise many kinds; a registered key that is no key is unusable
        raise _refused("TOKEN_KEY_UNKNOWN", "the registered key cannot be used") from None
    try:
        payload = _SIGNATURES.decode(token, public, algorithms=[key.algorithm])
    except Exception:
        raise _refused("TOKEN_SIGNATURE", "the token's signature does not verify") from None
    return bytes(payload)


def _refused(reason: str, message: str) -> Unauthenticated:
    return Unauthenticated(message, reason=reason)
