"""A failed call as the error that the gateway raised: the same class, reason, violations and entry.

Law: what comes back is one of gateway/errors.py whatever the other side sent, with our own words where it
sent none. May import: grpc, google.rpc, errors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeVar

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2  # type: ignore[import-untyped,unused-ignore]

from gateway import errors
from gateway.errors import GatewayError, Violation

Detail = TypeVar(
    "Detail", error_details_pb2.ErrorInfo, error_details_pb2.BadRequest, error_details_pb2.QuotaFailure
)

MOST_TEXT = 2000
MOST_VIOLATIONS = 100
_PLACE = re.compile(r"(?:(?P<field>.*):)?(?P<line>[0-9]{1,9}):(?P<column>[0-9]{1,9})", re.DOTALL)

# Where a reason is not one of a class's own, its status decides.
_BY_STATUS: dict[str, type[GatewayError]] = {
    "INVALID_ARGUMENT": errors.InvalidQuery,
    "ALREADY_EXISTS": errors.RequestIdReused,
    "UNAUTHENTICATED": errors.Unauthenticated,
    "PERMISSION_DENIED": errors.PermissionDenied,
    "RESOURCE_EXHAUSTED": errors.LimitExceeded,
    "NOT_FOUND": errors.NotFound,
    "UNAVAILABLE": errors.ServerUnavailable,
    "CANCELLED": errors.ServerUnavailable,
    "DEADLINE_EXCEEDED": errors.DeadlineExceeded,
    "FAILED_PRECONDITION": errors.ConfigInvalid,
    "DATA_LOSS": errors.JournalInvalid,
    "UNIMPLEMENTED": errors.InvalidRequest,
    "OUT_OF_RANGE": errors.InvalidRequest,
}
# Faults of the call itself, apart from those of its question.
_REQUEST_REASONS = ("REQUEST_", "DEADLINE_", "MESSAGE_", "PAGE_", "SPEND_INVALID", "TEXT", "PATIENT_")
_NOTHING_TO_DO = ("CLOCK_TRUSTED", "RESERVE_ABSENT")


def rebuild(call: grpc.RpcError) -> GatewayError:
    """The error behind a failed gRPC call, from its google.rpc.Status (google.rpc.error_details, AIP-193)."""
    status: str = call.code().name
    details = _details(call)
    reason, entry = "", ""
    violations: list[Violation] = []
    for info in _unpack(details, error_details_pb2.ErrorInfo):
        reason, entry = info.reason[:MOST_TEXT], info.metadata.get("entry", "")[:MOST_TEXT]
    for request in _unpack(details, error_details_pb2.BadRequest):
        violations += [_violation(f.field, f.description) for f in request.field_violations[:MOST_VIOLATIONS]]
    for quota in _unpack(details, error_details_pb2.QuotaFailure):
        # A subject that is the reason itself stands for an error without violations.
        violations += [
            _violation(v.subject, v.description)
            for v in quota.violations[:MOST_VIOLATIONS]
            if v.subject != reason
        ]
    if not reason:
        return _transport_failure(status)
    return _of_class(
        _class_of(status, reason), details.message or call.details() or "", reason, violations, entry
    )


def _class_of(status: str, reason: str) -> type[GatewayError]:
    for kind in _every_class(GatewayError):
        if kind.status == status and kind.reason == reason:
            return kind
    if status == "INVALID_ARGUMENT" and reason.startswith(_REQUEST_REASONS):
        return errors.InvalidRequest
    if status == "RESOURCE_EXHAUSTED" and "BUDGET" in reason:
        return errors.BudgetExceeded
    if status == "FAILED_PRECONDITION" and reason in _NOTHING_TO_DO:
        return errors.NothingToDo
    return _BY_STATUS.get(status, errors.Internal)


def _of_class(
    kind: type[GatewayError], message: str, reason: str, violations: list[Violation], entry: str
) -> GatewayError:
    # These have one constant text and take no other.
    if kind is errors.ReleaseFailed:
        return errors.ReleaseFailed(entry=entry)
    if kind is errors.DisclosureFailed:
        return errors.DisclosureFailed(entry=entry)
    if kind is errors.Internal:
        return errors.Internal(message[:MOST_TEXT] or "internal error", entry=entry)
    return kind(message[:MOST_TEXT], reason=reason, violations=violations, entry=entry)


def _transport_failure(status: str) -> GatewayError:
    """What gRPC itself reports, without a word from the gateway."""
    match status:
        case "UNAVAILABLE" | "CANCELLED":
            return errors.ServerUnavailable(
                "the gateway cannot be reached, or its certificate is not trusted"
            )
        case "DEADLINE_EXCEEDED":
            return errors.DeadlineExceeded("no answer in time; ask again with the same request id")
        case "RESOURCE_EXHAUSTED":
            return errors.LimitExceeded(
                "a message is larger than this side accepts", reason="MESSAGE_TOO_LARGE"
            )
        case "UNIMPLEMENTED":
            return errors.InvalidRequest("the gateway does not offer this call", reason="UNIMPLEMENTED")
    return _BY_STATUS.get(status, errors.Internal)(f"the call failed with status {status}")


def _details(call: grpc.RpcError) -> status_pb2.Status:
    for item in call.trailing_metadata() or ():
        if item.key == "grpc-status-details-bin":
            try:
                return status_pb2.Status.FromString(item.value)
            except DecodeError:
                break
    return status_pb2.Status()


def _unpack(details: status_pb2.Status, kind: type[Detail]) -> Iterator[Detail]:
    for item in details.details:
        detail = kind()
        try:
            if item.Unpack(detail):
                yield detail
        except DecodeError:
            continue


def _violation(where: str, description: str) -> Violation:
    """A violation as sent: `where` is a field, `line:column`, or `field:line:column`."""
    description = description[:MOST_TEXT]
    place = _PLACE.fullmatch(where[:MOST_TEXT])
    if place is None:
        return Violation(description=description, field=where[:MOST_TEXT])
    return Violation(
        description=description,
        field=place["field"] or "",
        line=int(place["line"]),
        column=int(place["column"]),
    )


def _every_class(kind: type[GatewayError]) -> Iterator[type[GatewayError]]:
    for sub in kind.__subclasses__():
        yield sub
        yield from _every_class(sub)
