"""The one wrapper around every method: prove who calls, limit, check the call's form, answer or refuse.

Law: nothing that a caller sends raises outside of it; every refusal has one form and a stable reason; an
exception that is not ours becomes `Internal` and leaves the process only as a class name and a place.
A cancelled call stays cancelled. One plain wrapper, no interceptors: replays must be quick.
Imports: grpc, protobuf, domain words, errors, log, authentication, errors_wire, limits.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import grpc
from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from gateway import log
from gateway.domain.identity import Principal
from gateway.errors import GatewayError, Internal, InvalidRequest
from gateway.rpc.authentication import AuthContext, Metadata
from gateway.rpc.errors_wire import refusal
from gateway.rpc.limits import MOST_REQUEST_BYTES, PartyLimits

Request = TypeVar("Request", bound=Message)
Identify = Callable[[AuthContext], str]
Authenticate = Callable[[AuthContext, Metadata], Principal]
Method = Callable[[Any, Principal], Awaitable[Message]]
Counted = Callable[[str, str], None]
Refused = Callable[[Principal, str, GatewayError], Awaitable[str]]
LONGEST_DEADLINE = 300.0


@dataclass(frozen=True, slots=True)
class Malformed:
    """Stands in for a message that could not be read."""

    reason: str
    message: str


UNREADABLE = Malformed("MESSAGE_UNREADABLE", "the message is not of the method's request type")
TOO_LONG = Malformed("MESSAGE_TOO_LONG", f"the message is longer than {MOST_REQUEST_BYTES} bytes")


def safe_deserializer(message: type[Request]) -> Callable[[bytes], Request | Malformed]:
    """A deserialiser that never raises; over-deep messages (protobuf allows 100 levels) are unreadable.

    gRPC would log an exception here with its traceback, and answer it before anything of ours has run.
    """

    def deserialize(raw: bytes) -> Request | Malformed:
        if len(raw) > MOST_REQUEST_BYTES:
            return TOO_LONG
        try:
            return message.FromString(raw)
        except Exception:  # DecodeError, and whatever else a parser may think of
            return UNREADABLE

    return deserialize


class Guard:
    """Wraps methods of the form `async (request, principal) -> response`.

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
        identify, authenticate, limits = self._identify, self._authenticate, self._limits

        async def handle(request: Message | Malformed, context: Any) -> Message:
            started, party, proven = time.monotonic(), "", False
            try:
                # 1. Whose certificate. 2. How much that party may ask, so that bad tokens count too.
                peer = context.auth_context()
                party = identify(peer)
                limits.enter(party)
                try:
                    # 3. Who calls. 4. The call's form. 5. The method itself.
                    principal = authenticate(peer, context.invocation_metadata())
                    proven = True
                    if fault := self._fault(request, context.time_remaining()):
                        raise await self._recorded(principal, name, fault)
                    response = await method(request, principal)
                finally:
                    limits.leave(party)
            except GatewayError as error:
                failure = error
            except Exception as error:
                log.defect("defect", error, method=name, party=party)
                failure = Internal()
            else:
                _log_call(logging.DEBUG, "answered", name, party, started)
                return response
            if not proven:
                self._counted(party, failure.reason)
            _log_call(
                logging.INFO, "refused", name, party, started, reason=failure.reason, entry=failure.entry
            )
            await context.abort(*refusal(failure))
            raise failure  # abort does not return

        return handle

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
    service: ServiceDescriptor, methods: Mapping[str, Method], guard: Guard
) -> grpc.GenericRpcHandler[Any, Any]:
    """Serve some methods of a service; its other methods, and unknown ones, answer UNIMPLEMENTED.

    Message classes come from the descriptor. Raises `Internal` for a name that the service does not have.
    """
    handlers = {}
    for name, method in methods.items():
        described = service.methods_by_name.get(name)
        if described is None:
            raise Internal(f"{service.full_name} has no method {name}")
        asked, answered = GetMessageClass(described.input_type), GetMessageClass(described.output_type)
        handlers[name] = grpc.unary_unary_rpc_method_handler(
            guard.wrap(f"{service.full_name}/{name}", method),
            request_deserializer=safe_deserializer(asked),
            response_serializer=answered.SerializeToString,
        )
    return grpc.method_handlers_generic_handler(service.full_name, handlers)


def service_handlers(
    services: Mapping[ServiceDescriptor, Mapping[str, Method]], guard: Guard
) -> list[grpc.GenericRpcHandler[Any, Any]]:
    """`methods_handler` for several services behind one guard."""
    return [methods_handler(service, methods, guard) for service, methods in services.items()]


def _log_call(level: int, name: str, method: str, party: str, started: float, **fields: str) -> None:
    if log.enabled(level):
        took = log.bucket(time.monotonic() - started)
        log.event(level, name, method=method, party=party, milliseconds=took, **fields)
