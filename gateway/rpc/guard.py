"""The one wrapper around every method: prove who calls, limit, check the call's form, answer or refuse.

Law: nothing that a caller sends raises outside of it; every refusal has one form and a stable reason; an
exception that is not ours becomes `Internal` and leaves the process only as a class name and a place.
A cancelled call stays cancelled. One plain wrapper, no interceptors: replays must be quick.
Imports: grpc, protobuf, domain words, errors, log, authentication, errors_wire, limits.
"""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import grpc
from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from gateway import log
from gateway.domain.identity import Principal
from gateway.errors import GatewayError, Internal, InvalidRequest, Unauthenticated
from gateway.rpc.authentication import AuthContext, Metadata
from gateway.rpc.errors_wire import refusal
from gateway.rpc.limits import LARGE_REQUESTS, MOST_REQUEST_BYTES, PartyLimits

Request = TypeVar("Request", bound=Message)
Identify = Callable[[AuthContext], str]
Authenticate = Callable[[AuthContext, Metadata], Principal]
Method = Callable[[Any, Principal], Awaitable[Message]]
StreamMethod = Callable[[Any, Principal, float], AsyncGenerator[Message, None]]
"""Takes the request, the principal and the seconds until the call's deadline."""
Methods = Mapping[str, Method | StreamMethod]
Counted = Callable[[str, str], None]
Refused = Callable[[Principal, str, GatewayError], Awaitable[str]]
LONGEST_DEADLINE = 300.0


@dataclass(frozen=True, slots=True)
class Malformed:
    """Stands in for a message that could not be read."""

    reason: str
    message: str


UNREADABLE = Malformed("MESSAGE_UNREADABLE", "the message is not of the method's request type")


def too_long(most: int) -> Malformed:
    """A message of more bytes than its method takes."""
    return Malformed("MESSAGE_TOO_LONG", f"the message is longer than {most} bytes")


def safe_deserializer(
    message: type[Request], most: int = MOST_REQUEST_BYTES
) -> Callable[[bytes], Request | Malformed]:
    """A deserialiser that never raises; over-deep messages (protobuf allows 100 levels) are unreadable.

    gRPC would log an exception here with its traceback, and answer it before anything of ours has run.
    """

    def deserialize(raw: bytes) -> Request | Malformed:
        if len(raw) > most:
            return too_long(most)
        try:
            return message.FromString(raw)
        except Exception:  # DecodeError, and whatever else a parser may think of
            return UNREADABLE

    return deserialize


@dataclass(slots=True)
class _Call:
    """One call, as far as it is known."""

    name: str
    party: str = ""
    entered: bool = False
    proven: bool = False
    started: float = field(default_factory=time.monotonic)

    def failure(self, error: Exception) -> GatewayError:
        """The error as callers may see it; a defect is logged by its class and place."""
        if isinstance(error, GatewayError):
            return error
        log.defect("defect", error, method=self.name, party=self.party)
        return Internal()

    def answered(self) -> None:
        _log_call(logging.DEBUG, "answered", self.name, self.party, self.started)

    def refused(self, failure: GatewayError) -> None:
        fields = {"reason": failure.reason, "entry": failure.entry}
        _log_call(logging.INFO, "refused", self.name, self.party, self.started, **fields)


class Guard:
    """Wraps methods of the form `async (request, principal) -> response`, and streams of responses.

    `refused` records a malformed call of a proven principal and returns the journal entry's id; `counted`
    is told (party, reason) of a call that ends before its principal is proven: the party of the
    certificate, empty where that is not known either, and one of our own reasons.
    `longest_deadline` is in seconds: a call without a deadline, or with a later one, is refused.
    """

    def __init__(
        self,
        *,
        identify: Identify,
        authenticate: Authenticate,
        limits: PartyLimits,
        refused: Refused | None = None,
        counted: Counted | None = None,
        longest_deadline: float = LONGEST_DEADLINE,
    ) -> None:
        self._identify, self._authenticate = identify, authenticate
        self._limits, self._refused = limits, refused
        self._counted = counted or _not_counted
        self._longest_deadline = longest_deadline

    def wrap(self, name: str, method: Method) -> Callable[[Any, Any], Awaitable[Message]]:
        """A grpc.aio handler of (request or `Malformed`, servicer context); `name` is for the log."""

        async def handle(request: Message | Malformed, context: Any) -> Message:
            call = _Call(name)
            try:
                principal = await self._admitted(call, request, context)
                response = await method(request, principal)  # 5. the method itself
            except Exception as error:
                failure = call.failure(error)
            else:
                call.answered()
                return response
            finally:
                self._leave(call)
            await self._refuse(call, failure, context)
            raise failure  # abort does not return

        return handle

    def wrap_stream(self, name: str, method: StreamMethod) -> Callable[[Any, Any], AsyncIterator[Message]]:
        """A grpc.aio handler of a method that answers with a stream of messages.

        The call counts as open until the stream ends. The next message is asked for when the one before was
        taken by the transport, which waits for the reader; whoever lost access meanwhile gets none.
        """

        async def handle(request: Message | Malformed, context: Any) -> AsyncIterator[Message]:
            call = _Call(name)
            try:
                principal = await self._admitted(call, request, context)
                stream = method(request, principal, context.time_remaining() or 0.0)
                async with aclosing(stream) as messages:
                    async for message in messages:
                        yield message
                        self._still_admitted(context)
            except Exception as error:
                failure = call.failure(error)
            else:
                call.answered()
                return
            finally:
                self._leave(call)
            await self._refuse(call, failure, context)

        return handle

    async def _admitted(self, call: _Call, request: Message | Malformed, context: Any) -> Principal:
        """Whoever calls, proven, within its limits and with a call of the right form."""
        # 1. Whose certificate. 2. How much that party may ask, so that bad tokens count too.
        peer = context.auth_context()
        call.party = self._identify(peer)
        self._limits.enter(call.party)
        call.entered = True
        # 3. Who calls. 4. The call's form.
        principal = self._authenticate(peer, context.invocation_metadata())
        call.proven = True
        if fault := self._fault(request, context.time_remaining()):
            raise await self._recorded(principal, call.name, fault)
        return principal

    def _still_admitted(self, context: Any) -> None:
        """What was switched off meanwhile ends a stream; a token that was good when the call began need not
        outlive it. Raises `Unauthenticated`.
        """
        try:
            self._authenticate(context.auth_context(), context.invocation_metadata())
        except Unauthenticated as error:
            if error.reason != "TOKEN_EXPIRED":
                raise

    def _leave(self, call: _Call) -> None:
        if call.entered:
            self._limits.leave(call.party)

    async def _refuse(self, call: _Call, failure: GatewayError, context: Any) -> None:
        if not call.proven:
            self._counted(call.party, failure.reason)
        call.refused(failure)
        await context.abort(*refusal(failure))

    def _fault(self, request: Message | Malformed, remaining: float | None) -> InvalidRequest | None:
        if remaining is None or remaining > self._longest_deadline:
            return InvalidRequest(
                f"the call needs a deadline of at most {self._longest_deadline:g} seconds",
                reason="DEADLINE_REQUIRED",
            )
        if isinstance(request, Malformed):
            return InvalidRequest(request.message, reason=request.reason)
        return None

    async def _recorded(self, principal: Principal, name: str, error: GatewayError) -> GatewayError:
        if self._refused is not None:
            error.entry = await self._refused(principal, name, error)
        return error


def _not_counted(party: str, reason: str) -> None:
    """For a listener whose callers are all known."""


def methods_handler(
    service: ServiceDescriptor, methods: Methods, guard: Guard
) -> grpc.GenericRpcHandler[Any, Any]:
    """Serve some methods of a service; its other methods, and unknown ones, answer UNIMPLEMENTED.

    Message classes come from the descriptor, and whether a method answers with a stream. Raises `Internal`
    for a name that the service does not have.
    """
    handlers = {}
    for name, method in methods.items():
        described = service.methods_by_name.get(name)
        if described is None:
            raise Internal(f"{service.full_name} has no method {name}")
        asked, answered = GetMessageClass(described.input_type), GetMessageClass(described.output_type)
        full = f"{service.full_name}/{name}"
        read = safe_deserializer(asked, LARGE_REQUESTS.get(full, MOST_REQUEST_BYTES))
        if described.server_streaming:
            handler = grpc.unary_stream_rpc_method_handler(
                guard.wrap_stream(full, cast(StreamMethod, method)), read, answered.SerializeToString
            )
        else:
            handler = grpc.unary_unary_rpc_method_handler(
                guard.wrap(full, cast(Method, method)), read, answered.SerializeToString
            )
        handlers[name] = handler
    return grpc.method_handlers_generic_handler(service.full_name, handlers)


def service_handlers(
    services: Mapping[ServiceDescriptor, Methods], guard: Guard
) -> list[grpc.GenericRpcHandler[Any, Any]]:
    """`methods_handler` for several services behind one guard."""
    return [methods_handler(service, methods, guard) for service, methods in services.items()]


def _log_call(level: int, name: str, method: str, party: str, started: float, **fields: str) -> None:
    if log.enabled(level):
        took = log.bucket(time.monotonic() - started)
        log.event(level, name, method=method, party=party, milliseconds=took, **fields)
