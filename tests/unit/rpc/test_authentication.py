from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.domain.agreement import Compiled
from gateway.domain.identity import Party, Principal
from gateway.errors import Unauthenticated
from gateway.rpc.authentication import Authenticator
from gateway.rpc.tokens import TokenVerifier
from tests import pki

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
KEY = pki.new_key()
CA = pki.issue("north CA", ca=True, now=NOW)
LEAF = pki.issue("north gateway", issuer=CA, san="urn:party:north", now=NOW)
NORTH = pki.party("north", ca=CA, san="urn:party:north", keys=(pki.public_token_key("key-1", KEY),))
CLAIMS = pki.claims(issuer="north", audience="site-a", thumbprint=LEAF.thumbprint, now=NOW)
BEARER = ("authorization", f"Bearer {pki.sign(CLAIMS, KEY)}")
CONTEXT = {"ssl_tls_version": [b"TLSv1.3"], "x509_pem_cert": [LEAF.pem]}


class FixedClock:
    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time


def serving(*parties: Party) -> Compiled:
    return Compiled(
        site="site-a",
        generation=1,
        digest="",
        parties={party.id: party for party in parties},
        party_budgets={},
        agreements={},
        datasets={},
        populations={},
    )


def authenticator(*parties: Party) -> Authenticator:
    compiled = serving(*(parties or (NORTH,)))
    return Authenticator(lambda: compiled, TokenVerifier("site-a"), FixedClock())


def reason(context: dict[str, Any], metadata: list[tuple[str, str | bytes]]) -> str:
    with pytest.raises(Unauthenticated) as refused:
        authenticator().authenticate(context, metadata)
    return refused.value.reason


def test_a_proven_principal() -> None:
    principal = authenticator().authenticate(CONTEXT, [("user-agent", "any"), BEARER])
    assert principal == Principal(
        party="north", person="analyst-1", purpose="HRESCH", thumbprint=LEAF.thumbprint, jti="token-1"
    )


@pytest.mark.parametrize(
    ("expected", "fault"),
    [
        ("TLS_VERSION", {"ssl_tls_version": [b"TLSv1.2"]}),
        ("TLS_VERSION", {"ssl_tls_version": []}),
        ("TLS_VERSION", {"ssl_tls_version": [b"TLSv1.3", b"TLSv1.2"]}),
        ("NO_CERTIFICATE", {"x509_pem_cert": []}),
        ("CERTIFICATE_UNKNOWN", {"x509_pem_cert": [CA.pem]}),
    ],
)
def test_the_connection(expected: str, fault: dict[str, Any]) -> None:
    assert authenticator().authenticate(CONTEXT, [BEARER])
    assert reason({**CONTEXT, **fault}, [BEARER]) == expected


def test_a_forwarded_certificate_is_not_read() -> None:
    forwarded: list[tuple[str, str | bytes]] = [BEARER, ("x-forwarded-client-cert", LEAF.pem.decode())]
    assert reason({"ssl_tls_version": [b"TLSv1.3"]}, forwarded) == "NO_CERTIFICATE"
    assert authenticator().authenticate(CONTEXT, forwarded)


@pytest.mark.parametrize(
    ("expected", "metadata"),
    [
        ("TOKEN_MISSING", []),
        ("TOKEN_MISSING", [("authorization", "Bearer ")]),
        ("TOKEN_MALFORMED", [("authorization", BEARER[1].removeprefix("Bearer "))]),
        ("TOKEN_MALFORMED", [("authorization", BEARER[1].replace("Bearer", "Basic"))]),
        ("TOKEN_MALFORMED", [("authorization", BEARER[1].encode())]),
        ("TOKEN_MALFORMED", [BEARER, BEARER]),
    ],
)
def test_the_bearer_header(expected: str, metadata: list[tuple[str, str | bytes]]) -> None:
    assert authenticator().authenticate(CONTEXT, [("authorization", BEARER[1].replace("Bearer", "bearer"))])
    assert reason(CONTEXT, metadata) == expected


def test_a_party_that_no_longer_serves_is_refused_at_once() -> None:
    sets = [serving(NORTH)]
    door = Authenticator(lambda: sets[0], TokenVerifier("site-a"), FixedClock())
    assert door.authenticate(CONTEXT, [BEARER])
    sets[0] = serving(replace(NORTH, token_keys={}))
    with pytest.raises(Unauthenticated) as no_key:
        door.authenticate(CONTEXT, [BEARER])
    assert no_key.value.reason == "TOKEN_KEY_UNKNOWN"
    sets[0] = serving()
    with pytest.raises(Unauthenticated) as no_party:
        door.authenticate(CONTEXT, [BEARER])
    assert no_party.value.reason == "CERTIFICATE_UNKNOWN"
    sets[0] = serving(NORTH)
    assert door.authenticate(CONTEXT, [BEARER])


def test_time_is_asked_at_each_call() -> None:
    clock, compiled = FixedClock(), serving(NORTH)
    door = Authenticator(lambda: compiled, TokenVerifier("site-a"), clock)
    assert door.authenticate(CONTEXT, [BEARER])
    clock.time = NOW + timedelta(seconds=361)
    with pytest.raises(Unauthenticated) as expired:
        door.authenticate(CONTEXT, [BEARER])
    assert expired.value.reason == "TOKEN_EXPIRED"
