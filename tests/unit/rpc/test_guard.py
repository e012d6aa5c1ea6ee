from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import AsyncGenerator, Iterator
from contextlib import suppress
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo  # type: ignore[import-untyped,unused-ignore]
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped,unused-ignore]
from hypothesis import given
from hypothesis import strategies as st

from gateway import log
from gateway.domain.agreement import Limits
from gateway.domain.identity import Principal
from gateway.errors import AuditUnavailable, GatewayError, Internal, NotFound, Unauthenticated
from gateway.rpc.guard import UNREADABLE, Guard, Malformed, methods_handler, safe_deserializer, too_long
from gateway.rpc.limits import MOST_REQUEST_BYTES, MOST_TEXT_BYTES, PartyLimits
from gateway.v1 import budget_pb2, query_pb2, record_pb2

PRINCIPAL = Principal(party="north", person="analyst-1", purpose="HRESCH", thumbprint="A", jti="t-1")
REQUEST = budget_pb2.GetBudgetRequest(agreement="a-1")
CANARY = "canary-patient-4711"


class Aborted(Exception):
    pass


class CallContext:
    """A servicer context as far as the guard uses one."""

    def __init__(self, remaining: float | None = 5.0) -> None:
        self.remaining, self.answer = remaining, ("", "", "")

    def auth_context(self) -> dict[str, Any]:
        return {}

    def invocation_metadata(self) -> tuple[()]:
        return ()

    def time_remaining(self) -> float | None:
        return self.remaining

    async def abort(self, code: grpc.StatusCode, text: str, trailing: tuple[tuple[str, bytes], ...]) -> None:
        info = ErrorInfo()
        Status.FromString(trailing[0][1]).details[0].Unpack(info)
        self.answer = (code.name, info.reason, info.metadata["entry"])
        self.text = text
        raise Aborted


async def answer(request: Any, principal: Principal) -> budget_pb2.GetBudgetResponse:
    assert (request, principal) == (REQUEST, PRINCIPAL)
    return budget_pb2.GetBudgetResponse()


def guard(**changes: Any) -> Guard:
    limits = PartyLimits(lambda party: Limits(requests_per_minute=1000, concurrent=1))
    made: dict[str, Any] = {
        "identify": lambda peer: "north",
        "authenticate": lambda peer, metadata: PRINCIPAL,
        "limits": limits,
        **changes,
    }
    return Guard(**made)


async def refused(
    request: Any = REQUEST, method: Any = answer, remaining: float | None = 5.0, **changes: Any
) -> tuple[str, str, str]:
    context = CallContext(remaining)
    with pytest.raises(Aborted):
        await guard(**changes).wrap("S/M", method)(request, context)
    return context.answer


@pytest.fixture
def lines() -> Iterator[Any]:
    """What our own logger writes, as parsed JSON lines."""
    logger, stream = logging.getLogger("gateway"), io.StringIO()
    handler, level = logging.StreamHandler(stream), logger.level
    handler.setFormatter(log.JsonLines())
    logger.addHandler(handler)
    logger.setLevel("DEBUG")
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logger.removeHandler(handler)
    logger.setLevel(level)


async def test_a_good_call_is_answered() -> None:
    assert await guard().wrap("S/M", answer)(REQUEST, CallContext()) == budget_pb2.GetBudgetResponse()


@pytest.mark.parametrize("remaining", [None, 300.1, 1e18])
async def test_a_deadline_is_required(remaining: float | None) -> None:
    assert await refused(remaining=remaining) == ("INVALID_ARGUMENT", "DEADLINE_REQUIRED", "")
    assert await guard().wrap("S/M", answer)(REQUEST, CallContext(300.0))


async def test_an_unreadable_message_is_recorded_with_its_principal() -> None:
    recorded = []

    async def record(principal: Principal, method: str, error: GatewayError) -> str:
        recorded.append((principal, method, error.reason))
        return "e-7"

    assert await refused(UNREADABLE, refused=record) == ("INVALID_ARGUMENT", "MESSAGE_UNREADABLE", "e-7")
    assert await refused(too_long(MOST_REQUEST_BYTES)) == ("INVALID_ARGUMENT", "MESSAGE_TOO_LONG", "")
    assert recorded == [(PRINCIPAL, "S/M", "MESSAGE_UNREADABLE")]


async def test_a_refusal_that_cannot_be_recorded_is_unavailable() -> None:
    async def record(principal: Principal, method: str, error: GatewayError) -> str:
        raise AuditUnavailable

    assert await refused(UNREADABLE, refused=record) == ("UNAVAILABLE", "AUDIT_UNAVAILABLE", "")


async def test_an_unproven_caller_reaches_nothing() -> None:
    def authenticate(peer: Any, metadata: Any) -> Principal:
        raise Unauthenticated(reason="TOKEN_MISSING")

    async def record(principal: Principal, method: str, error: GatewayError) -> str:
        raise AssertionError

    answered = await refused(UNREADABLE, authenticate=authenticate, refused=record, remaining=None)
    assert answered == ("UNAUTHENTICATED", "TOKEN_MISSING", "")


async def test_who_is_not_proven_is_counted_under_the_certificates_party_and_our_reason() -> None:
    counted: list[tuple[str, str]] = []

    def told(party: str, reason: str) -> None:
        counted.append((party, reason))

    def unknown(*of: Any) -> Any:
        raise Unauthenticated("caller-chosen \x1b text", reason="NO_CERTIFICATE")

    limits = PartyLimits(lambda party: Limits(requests_per_minute=1, concurrent=1), lambda: 0.0)
    await refused(identify=unknown, counted=told)
    await refused(authenticate=unknown, counted=told, limits=limits)
    await refused(authenticate=unknown, counted=told, limits=limits)
    assert counted == [("", "NO_CERTIFICATE"), ("north", "NO_CERTIFICATE"), ("north", "RATE_LIMITED")]
    await refused(UNREADABLE, counted=told)  # the twin: whoever is proven has an entry, see `refused`
    assert len(counted) == 3


async def test_bad_tokens_count_against_the_party_of_the_certificate() -> None:
    def authenticate(peer: Any, metadata: Any) -> Principal:
        raise Unauthenticated(reason="TOKEN_MISSING")

    limits = PartyLimits(lambda party: Limits(requests_per_minute=2, concurrent=1), lambda: 0.0)
    seen = [await refused(authenticate=authenticate, limits=limits) for _ in range(3)]
    assert [reason for _, reason, _ in seen] == ["TOKEN_MISSING", "TOKEN_MISSING", "RATE_LIMITED"]


async def test_our_errors_keep_reason_and_entry() -> None:
    async def method(request: Any, principal: Principal) -> Any:
        raise NotFound("no such agreement", entry="e-9")

    assert await refused(method=method) == ("NOT_FOUND", "NOT_FOUND", "e-9")


@pytest.mark.parametrize(
    "error", [ValueError(CANARY), ExceptionGroup(CANARY, [KeyError(CANARY)]), TimeoutError(CANARY)]
)
async def test_any_other_exception_says_nothing(error: Exception, lines: Any) -> None:
    async def method(request: Any, principal: Principal) -> Any:
        raise error

    context = CallContext()
    with pytest.raises(Aborted):
        await guard().wrap("S/M", method)(REQUEST, context)
    assert context.answer == ("INTERNAL", "INTERNAL", "")
    assert context.text == "internal error"
    written = lines()
    assert CANARY not in json.dumps(written)
    defect = next(line for line in written if line["event"] == "defect")
    assert (defect["error"], defect["method"], defect["party"]) == (type(error).__name__, "S/M", "north")
    assert defect["where"].startswith("rpc/guard.py:")


async def test_a_slot_is_given_back_on_every_way_out() -> None:
    door = guard()  # one call at once

    async def fails(request: Any, principal: Principal) -> Any:
        raise ValueError

    async def waits(request: Any, principal: Principal) -> Any:
        await asyncio.sleep(60)

    with pytest.raises(Aborted):
        await door.wrap("S/M", fails)(REQUEST, CallContext())
    with pytest.raises(Aborted):
        await door.wrap("S/M", answer)(UNREADABLE, CallContext())
    waiting = asyncio.ensure_future(door.wrap("S/M", waits)(REQUEST, CallContext()))
    await asyncio.sleep(0)
    busy = CallContext()
    with pytest.raises(Aborted):
        await door.wrap("S/M", answer)(REQUEST, busy)
    assert busy.answer == ("RESOURCE_EXHAUSTED", "CONCURRENCY_LIMITED", "")
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):  # cancellation is not an error of ours
        await waiting
    assert await door.wrap("S/M", answer)(REQUEST, CallContext())


async def test_the_log_has_public_fields_only(lines: Any) -> None:
    await guard().wrap("S/M", answer)(REQUEST, CallContext())
    await refused(remaining=None)
    answered, declined = lines()
    assert answered.keys() == {"time", "level", "event", "method", "party", "milliseconds"}
    assert answered["milliseconds"] in (1, 2, 4, 8, 16, 32, 64, 128)
    assert (declined["event"], declined["reason"], declined["level"]) == (
        "refused",
        "DEADLINE_REQUIRED",
        "info",
    )


def test_messages_are_read_or_marked() -> None:
    read = safe_deserializer(query_pb2.RunQueryRequest)
    good = query_pb2.RunQueryRequest(agreement="a-1", sql="SELECT 1")
    assert read(good.SerializeToString()) == good
    assert read(good.SerializeToString()[:-1]) is UNREADABLE
    assert read(b"\x0a\x01\xff") is UNREADABLE  # not UTF-8
    assert read(nested(90)) != UNREADABLE
    assert read(nested(110)) is UNREADABLE
    filled = query_pb2.RunQueryRequest(sql="x" * (MOST_REQUEST_BYTES - 4))
    assert len(filled.SerializeToString()) == MOST_REQUEST_BYTES
    assert read(filled.SerializeToString()) == filled
    assert read(filled.SerializeToString() + b"\x0a\x00") == too_long(MOST_REQUEST_BYTES)


@given(st.binary(max_size=300))
def test_no_bytes_make_the_deserialiser_raise(raw: bytes) -> None:
    assert isinstance(
        safe_deserializer(query_pb2.RunQueryRequest)(raw), query_pb2.RunQueryRequest | Malformed
    )


def nested(levels: int) -> bytes:
    """RunQueryRequest.query.where with so many levels of NOT, as raw protobuf."""
    raw = b""
    for _ in range(levels):
        raw = b"\x22" + varint(len(raw)) + raw
    raw = b"\x12" + varint(len(raw)) + raw
    return b"\x12" + varint(len(raw)) + raw


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def test_methods_come_from_the_descriptor() -> None:
    service = query_pb2.DESCRIPTOR.services_by_name["QueryService"]
    assert methods_handler(service, {"RunQuery": answer}, guard())
    with pytest.raises(Internal):
        methods_handler(service, {"RunQueries": answer}, guard())


# -- streams


async def answers(
    request: Any, principal: Principal, remaining: float
) -> AsyncGenerator[budget_pb2.GetBudgetResponse, None]:
    assert (request, principal, remaining) == (REQUEST, PRINCIPAL, 5.0)
    for _ in range(3):
        yield budget_pb2.GetBudgetResponse()


async def streamed(method: Any, context: CallContext, over: Guard) -> list[Any]:
    return [message async for message in over.wrap_stream("S/M", method)(REQUEST, context)]


async def test_a_stream_is_open_until_its_end() -> None:
    over = guard()
    assert len(await streamed(answers, CallContext(), over)) == 3
    stream = over.wrap_stream("S/M", answers)(REQUEST, CallContext())
    await anext(stream)
    second = CallContext()
    with pytest.raises(Aborted):  # one call at once
        await streamed(answers, second, over)
    assert second.answer[1] == "CONCURRENCY_LIMITED"
    await stream.aclose()  # type: ignore[attr-defined]
    assert len(await streamed(answers, CallContext(), over)) == 3


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (NotFound("gone", reason="GONE", entry="e-9"), ("NOT_FOUND", "GONE", "e-9")),
        (ValueError(CANARY), ("INTERNAL", "INTERNAL", "")),
    ],
)
async def test_a_stream_that_fails_after_a_message_says_no_more_than_any_call(
    error: Exception, expected: tuple[str, str, str], lines: Any
) -> None:
    closed = []

    async def failing(
        request: Any, principal: Principal, remaining: float
    ) -> AsyncGenerator[budget_pb2.GetBudgetResponse, None]:
        try:
            yield budget_pb2.GetBudgetResponse()
            raise error
        finally:
            closed.append(True)

    context, over, got = CallContext(), guard(), []
    with pytest.raises(Aborted):
        async for message in over.wrap_stream("S/M", failing)(REQUEST, context):
            got.append(message)
    assert (len(got), closed, context.answer) == (1, [True], expected)
    assert CANARY not in json.dumps(lines()) + context.text
    assert len(await streamed(answers, CallContext(), over)) == 3  # the call was counted out


async def test_a_stream_needs_what_every_call_needs() -> None:
    def nobody(peer: Any, metadata: Any) -> Principal:
        raise Unauthenticated("no", reason="TOKEN_INVALID")

    for over, context, reason in (
        (guard(), CallContext(None), "DEADLINE_REQUIRED"),
        (guard(authenticate=nobody), CallContext(), "TOKEN_INVALID"),
    ):
        with pytest.raises(Aborted):
            await streamed(answers, context, over)
        assert context.answer[1] == reason


@pytest.mark.parametrize(("reason", "messages"), [("TOKEN_DENIED", 1), ("TOKEN_EXPIRED", 3)])
async def test_whoever_loses_access_gets_no_further_message(reason: str, messages: int) -> None:
    """A token that ran out while its stream went on is no loss of access."""
    good = [True]

    def known(peer: Any, metadata: Any) -> Principal:
        if not good:
            raise Unauthenticated("no", reason=reason)
        return PRINCIPAL

    context, over, got = CallContext(), guard(authenticate=known), []
    with suppress(Aborted):
        async for message in over.wrap_stream("S/M", answers)(REQUEST, context):
            got.append(message)
            good.clear()
    assert len(got) == messages
    assert len(got) == 3 or context.answer[1] == reason


def test_methods_are_served_as_the_contract_says() -> None:
    service = record_pb2.DESCRIPTOR.services_by_name["RecordService"]
    served = methods_handler(service, {"StreamNotes": answers, "DeidentifyText": answer}, guard())

    class Details:
        def __init__(self, method: str) -> None:
            self.method, self.invocation_metadata = f"/gateway.v1.RecordService/{method}", ()

    found = {name: served.service(Details(name)) for name in ("StreamNotes", "DeidentifyText")}  # type: ignore[arg-type]
    streams = {name: bool(handler and handler.response_streaming) for name, handler in found.items()}
    assert streams == {"StreamNotes": True, "DeidentifyText": False}
    long = record_pb2.DeidentifyTextRequest(
        documents=[record_pb2.TextDocument(text="x" * MOST_REQUEST_BYTES)]
    ).SerializeToString()
    reading: dict[str, Any] = {n: handler.request_deserializer for n, handler in found.items() if handler}
    assert not isinstance(reading["DeidentifyText"](long), Malformed)
    assert reading["DeidentifyText"](long * 20) == too_long(MOST_TEXT_BYTES)
    assert reading["StreamNotes"](long) == too_long(MOST_REQUEST_BYTES)
