"""Who is calling: the TLS peer's certificate names the party, then the party's token names the person.

Law: nothing is read from forwarded-certificate headers; TLS ends here, in version 1.3, or the call ends.
Both proofs are checked on each call against the policy set that serves at that moment.
Imports: domain words, errors, ports, certificates, tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from gateway.domain.agreement import Compiled
from gateway.domain.identity import Party, Principal
from gateway.errors import Unauthenticated
from gateway.ports import Clock
from gateway.rpc.certificates import CertificateMatcher
from gateway.rpc.tokens import TokenVerifier

AuthContext = Mapping[str, Iterable[bytes]]
Metadata = Iterable[tuple[str, str | bytes]]


class Authenticator:
    """Turns a connection's TLS facts and a call's metadata into a proven principal."""

    def __init__(self, parties: Callable[[], Compiled], verifier: TokenVerifier, clock: Clock) -> None:
        self._serving, self._verifier, self._clock = parties, verifier, clock
        self._certificates = CertificateMatcher()

    def identify(self, auth_context: AuthContext) -> str:
        """The party whose certificate the connection carries, before any token is looked at.

        `auth_context` is gRPC's. Raises `Unauthenticated` with TLS_VERSION, NO_CERTIFICATE and the reasons
        of `certificates`.
        """
        return self._peer(auth_context, self._clock.now(), self._serving().parties)[0]

    def authenticate(self, auth_context: AuthContext, metadata: Metadata) -> Principal:
        """The principal of a call; `metadata` holds one `authorization: Bearer <token>`.

        Raises what `identify` raises, and `Unauthenticated` with the reasons of `tokens`.
        """
        now, parties = self._clock.now(), self._serving().parties
        party, thumbprint = self._peer(auth_context, now, parties)
        claims = self._verifier.verify(_bearer(metadata), parties[party], thumbprint, now)
        return Principal(
            party=party,
            person=claims.person,
            purpose=claims.purpose,
            thumbprint=thumbprint,
            jti=claims.jti,
            roles=claims.roles,
        )

    def _peer(
        self, auth_context: AuthContext, now: datetime, parties: Mapping[str, Party]
    ) -> tuple[str, str]:
        """(party, thumbprint) of the connection's certificate."""
        if _only(auth_context, "ssl_tls_version") != b"TLSv1.3":
            raise Unauthenticated("the connection is not TLS 1.3", reason="TLS_VERSION")
        leaf = _only(auth_context, "x509_pem_cert")
        if not leaf:
            raise Unauthenticated("the connection has no client certificate", reason="NO_CERTIFICATE")
        return self._certificates.match(leaf, parties, now)


def _only(auth_context: AuthContext, name: str) -> bytes:
    values = tuple(auth_context.get(name, ()))
    return values[0] if len(values) == 1 else b""


def _bearer(metadata: Metadata) -> str:
    """The token of the one authorization header (RFC 6750); empty where there is none."""
    values = [value for key, value in metadata if key == "authorization"]
    if not values:
        return ""
    scheme, _, token = values[0].partition(" ") if isinstance(values[0], str) else ("", "", "")
    if len(values) > 1 or scheme.lower() != "bearer":
        raise Unauthenticated("the authorization is not one bearer token", reason="TOKEN_MALFORMED")
    return token
