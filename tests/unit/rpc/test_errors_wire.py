from __future__ import annotations

import grpc
import pytest
from google.rpc.error_details_pb2 import (  # type: ignore[import-untyped,unused-ignore]
    BadRequest,
    ErrorInfo,
    QuotaFailure,
)
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped,unused-ignore]

from gateway import errors
from gateway.errors import GatewayError, InvalidQuery, Violation
from gateway.rpc.errors_wire import clip, refusal


def details(error: GatewayError) -> tuple[Status, ErrorInfo, BadRequest, QuotaFailure]:
    code, message, trailing = refusal(error)
    assert [key for key, _ in trailing] == ["grpc-status-details-bin"]
    status = Status.FromString(trailing[0][1])
    assert (status.code, status.message) == (code.value[0], message)
    found = ErrorInfo(), BadRequest(), QuotaFailure()
    for packed in status.details:
        assert sum(packed.Unpack(message) for message in found) == 1
    return status, *found


def every_error() -> list[type[GatewayError]]:
    def below(kind: type[GatewayError]) -> list[type[GatewayError]]:
        return [kind, *(found for child in kind.__subclasses__() for found in below(child))]

    return [kind for kind in below(GatewayError) if kind.__module__ == errors.__name__]


@pytest.mark.parametrize("kind", every_error())
def test_every_error_has_a_status_and_a_reason_on_the_wire(kind: type[GatewayError]) -> None:
    status, info, _, _ = details(kind(entry="e-1"))
    assert status.code == grpc.StatusCode[kind.status].value[0]
    assert (info.reason, info.domain, dict(info.metadata)) == (kind.reason, "concordat", {"entry": "e-1"})


def test_violations_say_where() -> None:
    _, info, bad, _ = details(
        InvalidQuery(
            violations=[
                Violation(description="unknown column", field="query.where", suggestion="did you mean age?"),
                Violation(description="a number is missing", line=2, column=7),
                Violation(description="both", field="sql", line=1, column=1),
            ]
        )
    )
    assert not info.metadata
    assert [(v.field, v.description) for v in bad.field_violations] == [
        ("query.where", "unknown column (did you mean age?)"),
        ("2:7", "a number is missing"),
        ("sql:1:1", "both"),
    ]


def test_exhausted_quotas_are_quota_failures() -> None:
    _, _, bad, quota = details(errors.BudgetExceeded("the agreement's budget is spent"))
    assert not bad.field_violations
    assert [(v.subject, v.description) for v in quota.violations] == [
        ("BUDGET_EXCEEDED", "the agreement's budget is spent")
    ]
    where = Violation(field="agreement", description="no more this quarter")
    _, _, _, quota = details(errors.BudgetExceeded(violations=[where]))
    assert [(v.subject, v.description) for v in quota.violations] == [("agreement", "no more this quarter")]


@pytest.mark.parametrize("kind", [InvalidQuery, errors.BudgetExceeded])
def test_everything_fits_into_trailers(kind: type[GatewayError]) -> None:
    many = [Violation(description="\N{SNOWMAN}" * 5000, field="f" * 500)] * 500
    _, message, trailing = refusal(kind("\N{SNOWMAN}" * 9000, violations=many))
    percent_encoded, base64 = 3 * len(message.encode()), len(trailing[0][1]) * 4 / 3
    assert percent_encoded + base64 < 9000
    _, _, bad, quota = details(kind("x", violations=many))
    assert bad.field_violations or quota.violations


def test_clip_cuts_between_characters() -> None:
    assert clip("\N{SNOWMAN}" * 4, 12) == "\N{SNOWMAN}" * 4
    assert clip("\N{SNOWMAN}" * 5, 12) == "\N{SNOWMAN}" * 3 + "..."
    assert clip("a\ud800b", 12) == "a?b"
