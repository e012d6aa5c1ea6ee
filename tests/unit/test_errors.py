"""The error tree is complete: each class has a gRPC status, a reason of its own and an exit code."""

from __future__ import annotations

import os
import re

import grpc
import pytest

from gateway import errors
from gateway.errors import GatewayError, InvalidQuery, ReleaseFailed, Violation


def classes() -> list[type[GatewayError]]:
    found = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    return [kind for kind in found if issubclass(kind, GatewayError)]


SYSEXITS = {getattr(os, name) for name in dir(os) if name.startswith("EX_")}


@pytest.mark.parametrize("kind", classes(), ids=lambda kind: kind.__name__)
def test_every_error_is_whole(kind: type[GatewayError]) -> None:
    assert kind.status in grpc.StatusCode.__members__ and kind.status != "OK"
    assert re.fullmatch(r"[A-Z][A-Z0-9_]{2,62}", kind.reason)  # as google.rpc.ErrorInfo asks
    assert kind.exit_code in SYSEXITS and kind.exit_code != 0
    assert kind.__doc__ and kind().message


def test_reasons_are_unique() -> None:
    """`Internal` is the root's own reason with a text that says nothing: the only pair that shares one."""
    reasons: dict[str, list[str]] = {}
    for kind in classes():
        reasons.setdefault(kind.reason, []).append(kind.__name__)
    shared = {reason: names for reason, names in reasons.items() if len(names) > 1}
    assert shared == {"INTERNAL": ["GatewayError", "Internal"]}
    assert len(classes()) >= 18


def test_a_reason_of_its_own_belongs_to_one_error() -> None:
    one, other = InvalidQuery(reason="TOO_MANY_CELLS"), InvalidQuery()
    assert (one.reason, other.reason, InvalidQuery.reason) == ("TOO_MANY_CELLS", *["QUERY_INVALID"] * 2)


def test_a_failed_release_has_one_text() -> None:
    assert {str(ReleaseFailed()), str(ReleaseFailed(entry="e-1"))} == {
        "the release failed; its charge is kept"
    }
    assert ReleaseFailed(entry="e-1").entry == "e-1"


@pytest.mark.parametrize(
    ("violation", "text"),
    [
        (Violation(description="odd"), "odd"),
        (Violation(description="odd", field="days"), "days: odd"),
        (Violation(description="odd", line=3, column=7), "line 3, column 7: odd"),
        (Violation(description="odd", field="days", line=3, column=7), "days:3:7: odd"),
        (Violation(description="odd", file="a.yaml", line=3, column=7), "a.yaml:3:7: odd"),
        (Violation(description="odd", suggestion="even"), "odd (even)"),
    ],
)
def test_a_violation_says_where(violation: Violation, text: str) -> None:
    assert str(violation) == text
    assert InvalidQuery(violations=[violation, violation]).message == f"{text}; {text}"
