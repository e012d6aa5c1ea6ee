"""Every error of the tree crosses the wire and comes back as itself; garbage comes back as one of ours."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import errors
from gateway.client.failures import rebuild
from gateway.errors import GatewayError, Violation
from gateway.rpc.errors_wire import refusal

Datum = namedtuple("Datum", "key value")


class Failed(grpc.RpcError):
    """A failed call, as gRPC gives it to its caller."""

    def __init__(self, code: grpc.StatusCode, text: str, trailers: Any) -> None:
        self._code, self._text = code, text
        self._trailers = tuple(Datum(*item) for item in trailers)

    def code(self) -> grpc.StatusCode:
        return self._code

    def details(self) -> str:
        return self._text

    def trailing_metadata(self) -> Any:
        return self._trailers


def every_class() -> list[type[GatewayError]]:
    return sorted(GatewayError.__subclasses__(), key=lambda kind: kind.__name__)


@pytest.mark.parametrize("kind", every_class())
def test_every_class_comes_back_as_itself(kind: type[GatewayError]) -> None:
    # These have one constant text.
    fixed = kind in (errors.ReleaseFailed, errors.DisclosureFailed, errors.Internal)
    sent: GatewayError = kind(entry="e-1") if fixed else kind("in our words", entry="e-1")
    back = rebuild(Failed(*refusal(sent)))
    assert type(back) is kind
    assert (back.reason, back.message, back.entry) == (sent.reason, sent.message, "e-1")


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (errors.InvalidQuery, "QUERY_TOO_LARGE"),
        (errors.InvalidRequest, "DEADLINE_REQUIRED"),
        (errors.InvalidRequest, "REQUEST_ID_INVALID"),
        (errors.BudgetExceeded, "AGREEMENT_BUDGET"),
        (errors.LimitExceeded, "CONCURRENCY_LIMITED"),
        (errors.Unauthenticated, "TOKEN_EXPIRED"),
        (errors.PermissionDenied, "PURPOSE_NOT_ALLOWED"),
        (errors.NotFound, "ENTRY_UNKNOWN"),
    ],
)
def test_a_finer_reason_keeps_its_class(kind: type[GatewayError], reason: str) -> None:
    back = rebuild(Failed(*refusal(kind("words", reason=reason))))
    assert (type(back), back.reason) == (kind, reason)


@pytest.mark.parametrize(
    "violation",
    [
        Violation(description="unknown column", line=3, column=14),
        Violation(description="too long", field="query.where.and.operands[2]"),
        Violation(description="both", field="sql", line=1, column=2),
    ],
)
@pytest.mark.parametrize("kind", [errors.InvalidQuery, errors.BudgetExceeded])
def test_violations_keep_their_place(kind: type[GatewayError], violation: Violation) -> None:
    back = rebuild(Failed(*refusal(kind("words", violations=[violation]))))
    assert back.violations == (violation,)


@given(st.sampled_from(list(grpc.StatusCode)[1:]), st.binary(max_size=200))
def test_garbage_becomes_one_of_our_errors(code: grpc.StatusCode, garbage: bytes) -> None:
    back = rebuild(Failed(code, "words of a stranger", [("grpc-status-details-bin", garbage)]))
    assert isinstance(back, GatewayError)
