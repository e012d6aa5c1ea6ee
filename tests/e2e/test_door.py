"""The door for real: a grpc.aio server on loopback, mutual TLS, the guard around a small function."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo  # type: ignore[import-untyped,unused-ignore]
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped,unused-ignore]

from gateway.domain.agreement import Compiled, Limits
from gateway.domain.identity import Principal
from gateway.errors import InvalidQuery, Violation
from gateway.rpc.authentication import Authenticator
from gateway.rpc.guard import Guard, methods_handler
from gateway.rpc.limits import CHANNEL_OPTIONS, MOST_REQUEST_BYTES, PartyLimits
from gateway.rpc.tls import TlsMaterial, server_credentials
from gateway.rpc.tokens import TokenVerifier
from gateway.v1 import query_pb2
from tests import pki

SITE = "site-a"
SERVICE = query_pb2.DESCRIPTOR.services_by_name["QueryService"]
METHOD = "/gateway.v1.QueryService/RunQuery"
CANARY = "canary-patient-4711"
KEY = pki.new_key()
SITE_CA = pki.issue("site CA", ca=True)
NORTH_CA = pki.issue("north CA", ca=True)
SOUTH_CA = pki.issue("south CA", ca=True)
SERVER = pki.issue("server", issuer=SITE_CA, san="localhost")
NORTH = pki.issue("north gateway", issuer=NORTH_CA, san="urn:party:north")
PINNED = pki.issue("west gateway")
REQUEST = query_pb2.RunQueryRequest(agreement="a-1", sql="SELECT 1", request_id="r-1").SerializeToString()


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class Door:
    """A served door and what a test may change about it while it serves."""

    port: int = 0
    limits: Limits = field(default_factory=lambda: Limits(requests_per_minute=100_000, concurrent=100))
    material: TlsMaterial = field(
        default_factory=lambda: TlsMaterial(
            key_pem=SERVER.key_pem,
            chain_pem=SERVER.pem,
            roots_pem=NORTH_CA.pem + SOUTH_CA.pem + PINNED.pem,
        )
    )
    resume: asyncio.Event = field(default_factory=asyncio.Event)
    refused: list[tuple[str, str]] = field(default_factory=list)

    async def run_query(self, request: query_pb2.RunQueryRequest, principal: Principal) -> Any:
        if request.sql == "wait":
            await self.resume.wait()
        if request.sql == "break":
            raise ValueError(CANARY)
        if request.sql == "wrong":
            raise InvalidQuery(violations=[Violation(description="a column is unknown", line=1, column=8)])
        return query_pb2.RunQueryResponse(release=f"{principal.party}/{principal.person}")

    async def record(self, principal: Principal, method: str, error: Exception) -> str:
        self.refused.append((principal.party, method))
        return "entry-7"


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    served, token_key = Door(), pki.public_token_key("key-1", KEY)
    parties = {
        "north": pki.party("north", ca=NORTH_CA, san="urn:party:north", keys=(token_key,)),
        "south": pki.party("south", ca=SOUTH_CA, san="urn:party:south", keys=(token_key,)),
        "west": pki.party("west", pinned=PINNED, keys=(token_key,)),
    }
    compiled = Compiled(
        site=SITE,
        generation=1,
        digest="",
        parties=parties,
        party_budgets={},
        agreements={},
        datasets={},
        populations={},
    )
    authenticator = Authenticator(lambda: compiled, TokenVerifier(SITE), SystemClock())
    guard = Guard(
        identify=authenticator.identify,
        authenticate=authenticator.authenticate,
        limits=PartyLimits(lambda party: served.limits),
        refused=served.record,
    )
    server = grpc.aio.server(options=CHANNEL_OPTIONS)
    server.add_generic_rpc_handlers((methods_handler(SERVICE, {"RunQuery": served.run_query}, guard),))
    served.port = server.add_secure_port("127.0.0.1:0", server_credentials(lambda: served.material))
    await server.start()
    yield served
    await server.stop(None)


@dataclass(frozen=True)
class Refusal:
    status: str
    reason: str
    entry: str
    text: str


def token(certificate: pki.Issued = NORTH, issuer: str = "north", **changes: Any) -> str:
    now = datetime.now(UTC)
    claims = pki.claims(
        issuer=issuer, audience=SITE, thumbprint=certificate.thumbprint, now=now, jti=now.isoformat()
    )
    return pki.sign({**claims, **changes}, KEY)


async def call(
    door: Door,
    raw: bytes = REQUEST,
    *,
    client: pki.Issued | None = NORTH,
    bearer: str | None = None,
    timeout: float | None = 5.0,
    method: str = METHOD,
    server_ca: pki.Issued = SITE_CA,
) -> str | Refusal:
    """One call on a connection of its own, raw bytes in: the release, or how it was refused."""
    credentials = grpc.ssl_channel_credentials(
        server_ca.pem, client.key_pem if client else None, client.pem if client else None
    )
    metadata = (("authorization", f"Bearer {bearer or token(client or NORTH)}"),)
    channel: Any  # the published stubs require serialisers, and these messages are raw bytes
    async with grpc.aio.secure_channel(f"localhost:{door.port}", credentials) as channel:
        try:
            answer = await channel.unary_unary(method)(raw, timeout=timeout, metadata=metadata)
        except grpc.aio.AioRpcError as error:
            return refusal(error)
    return query_pb2.RunQueryResponse.FromString(answer).release


def refusal(error: grpc.aio.AioRpcError) -> Refusal:
    info, metadata = ErrorInfo(), cast("tuple[tuple[str, bytes], ...]", error.trailing_metadata() or ())
    trailing = dict(metadata)
    if raw := trailing.get("grpc-status-details-bin"):
        assert Status.FromString(raw).details[0].Unpack(info)
        assert info.domain == "concordat"
    text = f"{error.details()} {trailing!r} {error.debug_error_string()}"
    return Refusal(error.code().name, info.reason, info.metadata["entry"], text)


async def reason(door: Door, raw: bytes = REQUEST, **changes: Any) -> tuple[str, str]:
    answered = await call(door, raw, **changes)
    assert isinstance(answered, Refusal)
    assert "Traceback" not in answered.text
    assert CANARY not in answered.text
    return answered.status, answered.reason


async def test_a_good_call(door: Door) -> None:
    assert await call(door) == "north/analyst-1"


async def test_a_pinned_key(door: Door) -> None:
    assert await call(door, client=PINNED, bearer=token(PINNED, "west")) == "west/analyst-1"


@pytest.mark.parametrize(
    "client",
    [
        pytest.param(None, id="no certificate"),
        pytest.param(
            pki.issue("north gateway", issuer=pki.issue("no CA", ca=True), san="urn:party:north"),
            id="wrong CA",
        ),
        pytest.param(
            pki.issue(
                "north gateway",
                issuer=NORTH_CA,
                san="urn:party:north",
                now=datetime.now(UTC) - timedelta(days=90),
            ),
            id="expired",
        ),
    ],
)
async def test_the_handshake_refuses(door: Door, client: pki.Issued | None) -> None:
    assert await reason(door, client=client) == ("UNAVAILABLE", "")
    assert await call(door) == "north/analyst-1"


async def test_another_party_s_ca_with_this_party_s_name(door: Door) -> None:
    impostor = pki.issue("north gateway", issuer=SOUTH_CA, san="urn:party:north")
    assert await reason(door, client=impostor) == ("UNAUTHENTICATED", "CERTIFICATE_UNKNOWN")
    itself = pki.issue("south gateway", issuer=SOUTH_CA, san="urn:party:south")
    assert await call(door, client=itself, bearer=token(itself, "south")) == "south/analyst-1"


def handshake(port: int, newest: ssl.TLSVersion, folder: Path) -> str:
    """The version agreed on by OpenSSL's client with good certificates; empty where it is refused."""
    (folder / "client.pem").write_bytes(NORTH.pem + NORTH.key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=SITE_CA.pem.decode())
    context.load_cert_chain(folder / "client.pem")
    context.set_alpn_protocols(["h2"])
    context.maximum_version = newest
    try:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=5) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as wrapped,
        ):
            return wrapped.version() or ""
    except (ssl.SSLError, ConnectionError):
        return ""


async def test_tls_1_2_is_never_served(door: Door, tmp_path: Path) -> None:
    assert await asyncio.to_thread(handshake, door.port, ssl.TLSVersion.TLSv1_2, tmp_path) == ""
    assert await asyncio.to_thread(handshake, door.port, ssl.TLSVersion.TLSv1_3, tmp_path) == "TLSv1.3"


@pytest.mark.parametrize(
    ("expected", "changes"),
    [
        ("TOKEN_AUDIENCE", {"aud": "site-b"}),
        ("TOKEN_ISSUER", {"iss": "south"}),
        ("TOKEN_BINDING", {"cnf": {"x5t#S256": PINNED.thumbprint}}),
        ("TOKEN_LIFETIME", {"exp": 99_999_999_999}),
    ],
)
async def test_tokens(door: Door, expected: str, changes: dict[str, Any]) -> None:
    assert await reason(door, bearer=token(**changes)) == ("UNAUTHENTICATED", expected)
    assert await call(door, bearer=token()) == "north/analyst-1"


async def test_forged_tokens(door: Door) -> None:
    good = token()
    claims = pki.claims(
        issuer="north", audience=SITE, thumbprint=NORTH.thumbprint, now=datetime.now(UTC), jti="forged"
    )
    for forged in (
        pki.sign(claims, None, algorithm="none"),
        pki.sign(claims, pki.public_pem(KEY), algorithm="HS256"),
    ):
        assert await reason(door, bearer=forged) == ("UNAUTHENTICATED", "TOKEN_ALGORITHM")
    assert await reason(door, bearer=pki.sign(claims, pki.new_key())) == (
        "UNAUTHENTICATED",
        "TOKEN_SIGNATURE",
    )
    assert await call(door, bearer=good) == "north/analyst-1"


def deep(levels: int) -> bytes:
    """RunQueryRequest.query.where with so many levels of `not`, written as raw protobuf."""
    raw = b""
    for tag in [b"\x22"] * levels + [b"\x12", b"\x12"]:
        length, number = bytearray(), len(raw)
        while number > 127:
            length.append(number & 127 | 128)
            number >>= 7
        raw = tag + bytes([*length, number]) + raw
    return raw


async def test_messages_that_cannot_be_read(door: Door) -> None:
    unreadable = ("INVALID_ARGUMENT", "MESSAGE_UNREADABLE")
    assert await reason(door, b"\xff\xff\xff\xff") == unreadable
    assert await reason(door, REQUEST[:-1]) == unreadable
    assert await reason(door, deep(2000)) == unreadable
    assert await call(door, deep(50)) == "north/analyst-1"
    refused = await call(door, REQUEST[:-1])
    assert isinstance(refused, Refusal)
    assert refused.entry == "entry-7"
    assert door.refused == [("north", "gateway.v1.QueryService/RunQuery")] * 4


async def test_messages_that_are_too_long(door: Door) -> None:
    longest = query_pb2.RunQueryRequest(sql="x" * (MOST_REQUEST_BYTES - 4)).SerializeToString()
    assert len(longest) == MOST_REQUEST_BYTES
    assert await call(door, longest) == "north/analyst-1"
    assert await reason(door, longest + b"\x0a\x00") == ("INVALID_ARGUMENT", "MESSAGE_TOO_LONG")
    # Far beyond it, gRPC's core answers before anything is held in memory.
    assert await reason(door, longest * 25) == ("RESOURCE_EXHAUSTED", "")


async def test_a_deadline_is_required(door: Door) -> None:
    assert await reason(door, timeout=None) == ("INVALID_ARGUMENT", "DEADLINE_REQUIRED")
    assert await reason(door, timeout=3600) == ("INVALID_ARGUMENT", "DEADLINE_REQUIRED")
    assert await call(door, timeout=299) == "north/analyst-1"


async def test_rate(door: Door) -> None:
    door.limits = Limits(requests_per_minute=2, concurrent=10)
    assert [await call(door) for _ in range(2)] == ["north/analyst-1"] * 2
    assert await reason(door) == ("RESOURCE_EXHAUSTED", "RATE_LIMITED")
    assert await call(door, client=PINNED, bearer=token(PINNED, "west")) == "west/analyst-1"


async def test_concurrency(door: Door) -> None:
    door.limits = Limits(requests_per_minute=1000, concurrent=1)
    waiting = asyncio.create_task(call(door, query_pb2.RunQueryRequest(sql="wait").SerializeToString()))
    while await call(door) == "north/analyst-1":
        await asyncio.sleep(0.01)
    assert await reason(door) == ("RESOURCE_EXHAUSTED", "CONCURRENCY_LIMITED")
    door.resume.set()
    assert await waiting == "north/analyst-1"
    assert await call(door) == "north/analyst-1"


async def test_a_caller_that_stops_waiting_frees_its_place(door: Door) -> None:
    door.limits = Limits(requests_per_minute=1000, concurrent=1)
    wait = query_pb2.RunQueryRequest(sql="wait").SerializeToString()
    assert await reason(door, wait, timeout=0.3) == ("DEADLINE_EXCEEDED", "")
    assert await call(door) == "north/analyst-1"


async def test_a_defect_says_nothing(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    broken = query_pb2.RunQueryRequest(sql="break").SerializeToString()
    with caplog.at_level(logging.DEBUG):
        assert await reason(door, broken) == ("INTERNAL", "INTERNAL")
    assert CANARY not in caplog.text
    assert "defect" in caplog.text


async def test_errors_of_ours_arrive_whole(door: Door) -> None:
    wrong = query_pb2.RunQueryRequest(sql="wrong").SerializeToString()
    assert await reason(door, wrong) == ("INVALID_ARGUMENT", "QUERY_INVALID")


async def test_methods_not_served(door: Door) -> None:
    for method in ("/gateway.v1.QueryService/EstimateQuery", "/gateway.v1.QueryService/Nothing", "/x.Y/Z"):
        assert await reason(door, method=method) == ("UNIMPLEMENTED", "")


async def test_certificates_change_without_restart(door: Door) -> None:
    new_ca = pki.issue("new site CA", ca=True)
    new = pki.issue("server", issuer=new_ca, san="localhost")
    before = door.material
    assert await reason(door, server_ca=new_ca) == ("UNAVAILABLE", "")
    door.material = TlsMaterial(key_pem=new.key_pem, chain_pem=new.pem, roots_pem=before.roots_pem)
    assert await call(door, server_ca=new_ca) == "north/analyst-1"
    assert await reason(door, server_ca=SITE_CA) == ("UNAVAILABLE", "")
    # What cannot be used changes nothing.
    door.material = TlsMaterial(key_pem=b"broken", chain_pem=new.pem, roots_pem=before.roots_pem)
    assert await call(door, server_ca=new_ca) == "north/analyst-1"
    door.material = before
    assert await call(door, server_ca=SITE_CA) == "north/analyst-1"


async def test_a_party_s_ca_is_removed_without_restart(door: Door) -> None:
    assert await call(door) == "north/analyst-1"
    before = door.material
    door.material = TlsMaterial(key_pem=before.key_pem, chain_pem=before.chain_pem, roots_pem=SOUTH_CA.pem)
    assert await reason(door) == ("UNAVAILABLE", "")
    door.material = before
    assert await call(door) == "north/analyst-1"
