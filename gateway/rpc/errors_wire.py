"""One mapping from our errors to what a caller sees: google.rpc.Status with typed details.

Law: the text is the error's own message, clipped; nothing of any other exception ever reaches the wire.
Everything fits into HTTP/2 trailers, which clients cap at 8 KiB.
Sources: google/rpc/status.proto and error_details.proto; AIP-193.
Imports: grpc, google.rpc, errors.
"""

from __future__ import annotations

import grpc
from google.protobuf.any_pb2 import Any
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import (  # type: ignore[import-untyped,unused-ignore]
    BadRequest,
    ErrorInfo,
    QuotaFailure,
)
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped,unused-ignore]

from gateway.errors import GatewayError, Violation

ERROR_DOMAIN = "concordat"
DETAILS_KEY = "grpc-status-details-bin"
_LONGEST_MESSAGE = 1024  # bytes of UTF-8; three times as many when percent-encoded
_LONGEST_DESCRIPTION = 512
_LONGEST_PLACE = 128
_LONGEST_DETAILS = 3072

Refusal = tuple[grpc.StatusCode, str, tuple[tuple[str, bytes], ...]]


def refusal(error: GatewayError) -> Refusal:
    """(status code, details text, trailing metadata) of an error."""
    code = grpc.StatusCode[error.status]
    message = clip(error.message, _LONGEST_MESSAGE)
    status = Status(code=code.value[0], message=message)
    info = ErrorInfo(reason=error.reason, domain=ERROR_DOMAIN)
    if error.entry:
        info.metadata["entry"] = error.entry
    status.details.append(_packed(info))
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED:
        status.details.append(_packed(_quota_failure(error)))
    elif error.violations:
        status.details.append(_packed(_bad_request(error.violations)))
    return code, message, ((DETAILS_KEY, status.SerializeToString()),)


def place(violation: Violation) -> str:
    """Where: the request field, `line:column` of a text, or both as `field:line:column`."""
    position = f"{violation.line}:{violation.column}" if violation.line else ""
    return ":".join(part for part in (clip(violation.field, _LONGEST_PLACE), position) if part)


def clip(text: str, most: int) -> str:
    """The text cut to at most so many bytes of UTF-8; what cannot be encoded becomes a question mark."""
    raw = text.encode("utf-8", "replace")
    return raw.decode() if len(raw) <= most else raw[: most - 3].decode("utf-8", "ignore") + "..."


def _bad_request(violations: tuple[Violation, ...]) -> BadRequest:
    request = BadRequest()
    for violation in violations:
        request.field_violations.add(field=place(violation), description=_description(violation))
        if request.ByteSize() > _LONGEST_DETAILS:
            del request.field_violations[-1]
            break
    return request


def _quota_failure(error: GatewayError) -> QuotaFailure:
    failure = QuotaFailure()
    for violation in error.violations:
        failure.violations.add(subject=place(violation), description=_description(violation))
        if failure.ByteSize() > _LONGEST_DETAILS:
            del failure.violations[-1]
            break
    if not failure.violations:
        failure.violations.add(subject=error.reason, description=clip(error.message, _LONGEST_DESCRIPTION))
    return failure


def _description(violation: Violation) -> str:
    hint = f" ({violation.suggestion})" if violation.suggestion else ""
    return clip(violation.description + hint, _LONGEST_DESCRIPTION)


def _packed(detail: Message) -> Any:
    packed = Any()
    packed.Pack(detail)
    return packed
