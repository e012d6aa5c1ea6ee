"""The written form of a token: strict JSON, strict base64url, every field of one type.

Law: what is accepted has exactly one reading: no duplicated names, no NaN, no numbers as text, no lists
where one string is meant. Nothing here is trusted yet; `tokens` verifies the signature first.
Imports: domain words, errors.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from typing import Any, NoReturn

from gateway.domain.identity import Purpose
from gateway.errors import Unauthenticated

TOKEN_TYPE = "concordat+jwt"  # noqa: S105 -- a media type, not a secret
_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]*)")
# Fields that would let the sender choose the key, or that change what the signature covers (RFC 7515, 7797).
_FORBIDDEN = frozenset({"jku", "x5u", "x5c", "jwk", "crit", "b64", "zip", "enc"})
_LONGEST_TEXT = 256
_MOST_ROLES = 32
_PURPOSES = frozenset(purpose.value for purpose in Purpose)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What the party asserts with a verified token."""

    person: str
    purpose: str
    roles: frozenset[str]
    jti: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The payload as written; times are seconds since 1970, UTC. `not_before` is `iat` where absent."""

    claims: Claims
    issuer: str
    audience: str
    issued_at: int
    not_before: int
    expires_at: int
    thumbprint: str


def read_header(token: str) -> dict[str, str]:
    """`alg` and `kid` of the header. Raises `Unauthenticated` (TOKEN_MALFORMED)."""
    parts = _COMPACT.fullmatch(token)
    if parts is None:
        raise _refused("TOKEN_MALFORMED", "the token is not three base64url parts")
    try:
        raw = urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
    except ValueError:
        raise _refused("TOKEN_MALFORMED", "the token's header is not base64url") from None
    header = _object(raw, "header")
    if forbidden := sorted(_FORBIDDEN & header.keys()):
        raise _refused("TOKEN_MALFORMED", f"the token's header has {forbidden[0]}, which is never accepted")
    if header.get("typ") != TOKEN_TYPE:
        raise _refused("TOKEN_MALFORMED", f"the token's typ is not {TOKEN_TYPE}")
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(kid, str):
        raise _refused("TOKEN_KEY_UNKNOWN", "the token's header has no kid")
    if not isinstance(algorithm, str):
        raise _refused("TOKEN_ALGORITHM", "the token's header has no alg")
    return {"alg": algorithm, "kid": kid}


def read_claims(payload: bytes) -> Shape:
    """The claims of a payload whose signature is already proven.

    Raises `Unauthenticated`: TOKEN_MALFORMED, TOKEN_CLAIM, TOKEN_PURPOSE, TOKEN_AUDIENCE, TOKEN_BINDING.
    """
    claims = _object(payload, "payload")
    purpose = _text(claims, "purpose", "TOKEN_PURPOSE")
    if purpose not in _PURPOSES:
        raise _refused("TOKEN_PURPOSE", "purpose is not a known HL7 v3 PurposeOfUse code")
    confirmation = claims.get("cnf")
    if not isinstance(confirmation, dict):
        raise _refused("TOKEN_BINDING", "the token has no cnf.x5t#S256")
    return Shape(
        claims=Claims(
            person=_text(claims, "sub"), purpose=purpose, roles=_roles(claims), jti=_text(claims, "jti")
        ),
        issuer=_text(claims, "iss", "TOKEN_ISSUER"),
        audience=_text(claims, "aud", "TOKEN_AUDIENCE"),
        issued_at=_seconds(claims, "iat"),
        not_before=_seconds(claims, "nbf" if "nbf" in claims else "iat"),
        expires_at=_seconds(claims, "exp"),
        thumbprint=_text(confirmation, "x5t#S256", "TOKEN_BINDING"),
    )


def _object(raw: bytes, part: str) -> dict[str, Any]:
    try:
        value = json.loads(raw, object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise _refused("TOKEN_MALFORMED", f"the token's {part} is not one plain JSON object") from None
    if not isinstance(value, dict):
        raise _refused("TOKEN_MALFORMED", f"the token's {part} is not one plain JSON object")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError
    return value


def _no_constant(text: str) -> NoReturn:
    raise ValueError  # NaN and the infinities are not JSON


def _text(claims: dict[str, Any], name: str, reason: str = "TOKEN_CLAIM") -> str:
    value = claims.get(name)
    # Printable also excludes lone surrogates, which could not be written into the journal.
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_TEXT or not value.isprintable():
        raise _refused(reason, f"the token's {name} is not one text of 1 to {_LONGEST_TEXT} characters")
    return value


def _seconds(claims: dict[str, Any], name: str) -> int:
    value = claims.get(name)
    if type(value) is not int or not 0 <= value < 1 << 53:  # a bool is an int, and 1e300 is a float
        raise _refused("TOKEN_CLAIM", f"the token's {name} is not a whole number of seconds since 1970")
    return value


def _roles(claims: dict[str, Any]) -> frozenset[str]:
    roles = claims.get("roles", [])
    if not isinstance(roles, list) or len(roles) > _MOST_ROLES:
        raise _refused("TOKEN_CLAIM", f"the token's roles are not a list of at most {_MOST_ROLES} texts")
    return frozenset(_text({"roles": role}, "roles") for role in roles)


def _refused(reason: str, message: str) -> Unauthenticated:
    return Unauthenticated(message, reason=reason)
