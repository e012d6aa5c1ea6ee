"""The client's calls: what is sent, what is tried again, what is raised."""

from __future__ import annotations

import time
from decimal import Decimal

import grpc
import pytest

from gateway import wire
from gateway.client import Gateway
from gateway.client import gateway as module
from gateway.domain.query import Assumed, Measure, MeasureKind, Query
from gateway.errors import (
    AuditUnavailable,
    BudgetExceeded,
    DeadlineExceeded,
    GatewayError,
    InvalidQuery,
    InvalidRequest,
    ReleaseFailed,
    ServerUnavailable,
    SourceUnavailable,
    Violation,
)
from gateway.v1 import budget_pb2_grpc
from tests.unit.client.enrolled import ANSWER, Script


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.005)


def test_a_question_is_sent_with_its_spend_a_request_id_and_a_deadline(
    gateway: Gateway, script: Script
) -> None:
    answer = gateway.query("SELECT 1", rho="0.01", timeout=7)
    (request,) = script.requests
    assert (request.agreement, request.sql, request.spend.rho) == ("a-1", "SELECT 1", "0.01")
    assert len(request.request_id) == 32
    assert script.deadlines[0] is not None and 0 < script.deadlines[0] <= 7
    assert (answer.release, answer.receipt.entry, answer.loss.rho) == ("r-1", "e-9", "0.004210000000")


def test_a_query_in_words_is_sent_as_a_message(gateway: Gateway, script: Script) -> None:
    question = Query(dataset="d", measures=(Measure(kind=MeasureKind.COUNT_PATIENTS, name="n"),))
    gateway.query(question)
    assert wire.query_from_wire(script.requests[0].query) == question
    assert script.requests[0].spend.share == "1"


def test_unavailable_is_tried_again_with_the_same_request_id(gateway: Gateway, script: Script) -> None:
    script.failures = [grpc.StatusCode.UNAVAILABLE, AuditUnavailable()]
    assert gateway.query("SELECT 1").release == "r-1"
    assert len(script.requests) == 3
    assert len({request.request_id for request in script.requests}) == 1
    assert len({request.SerializeToString() for request in script.requests}) == 1


def test_unavailable_is_not_tried_for_ever(gateway: Gateway, script: Script) -> None:
    script.failures = [AuditUnavailable(entry="e-1")] * module.ATTEMPTS
    with pytest.raises(AuditUnavailable) as caught:
        gateway.query("SELECT 1")
    assert caught.value.reason == "AUDIT_UNAVAILABLE"
    assert len(script.requests) == module.ATTEMPTS
    # The twin: one failure fewer, and the same call succeeds.
    script.failures = [AuditUnavailable()] * (module.ATTEMPTS - 1)
    assert gateway.query("SELECT 1").release == "r-1"


@pytest.mark.parametrize("reason", ["DATA_UNAVAILABLE", "DATA_OUTDATED", "NO_SNAPSHOT", "SNAPSHOT_TOO_NEW"])
def test_what_the_site_must_mend_is_not_tried_again(gateway: Gateway, script: Script, reason: str) -> None:
    script.failures = [SourceUnavailable(reason=reason)]
    with pytest.raises(GatewayError) as caught:
        gateway.query("SELECT 1")
    assert (caught.value.reason, len(script.requests)) == (reason, 1)
    assert not getattr(caught.value, "__notes__", [])
    # The twin: what passes by itself.
    script.failures = [AuditUnavailable(reason="CAPS_CHANGED")]
    assert gateway.query("SELECT 1").release == "r-1"


@pytest.mark.parametrize(
    ("failure", "advised"),
    [
        (AuditUnavailable(), True),
        (grpc.StatusCode.UNAVAILABLE, True),
        (AuditUnavailable(reason="CAPS_CHANGED"), False),
        (BudgetExceeded(), False),
    ],
)
def test_asking_again_is_advised_where_the_work_may_be_done(
    gateway: Gateway, script: Script, failure: GatewayError | grpc.StatusCode, advised: bool
) -> None:
    script.failures = [failure] * module.ATTEMPTS
    with pytest.raises(GatewayError) as caught:
        gateway.query("SELECT 1", request_id="my-id")
    notes = getattr(caught.value, "__notes__", [])
    assert notes == (["ask again with request_id='my-id'"] if advised else [])


def test_pauses_double_up_to_a_longest(
    gateway: Gateway, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    most: list[float] = []

    def longest(low: float, high: float) -> float:
        assert low == 0
        most.append(high)
        return 0.0

    monkeypatch.setattr("random.uniform", longest)
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.1)
    monkeypatch.setattr(module, "LONGEST_PAUSE", 0.3)
    script.failures = [AuditUnavailable()] * (module.ATTEMPTS - 1)
    gateway.query("SELECT 1")
    assert most == [0.1, 0.2, 0.3]


@pytest.mark.parametrize(
    "failure",
    [
        BudgetExceeded(reason="AGREEMENT_BUDGET", entry="e-2"),
        ReleaseFailed(entry="e-3"),
        InvalidQuery(violations=[Violation(description="no such column", line=1, column=8)]),
    ],
)
def test_other_failures_are_raised_at_once(gateway: Gateway, script: Script, failure: GatewayError) -> None:
    script.failures = [failure]
    with pytest.raises(type(failure)) as caught:
        gateway.query("SELECT 1")
    error = caught.value
    assert (error.reason, error.entry, error.message) == (failure.reason, failure.entry, failure.message)
    assert error.violations == failure.violations
    assert len(script.requests) == 1
    assert gateway.query("SELECT 1").release == "r-1"  # the twin, without a failure


def test_the_deadline_bounds_all_attempts_together(
    gateway: Gateway, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE", 30.0)
    monkeypatch.setattr(module, "LONGEST_PAUSE", 60.0)
    script.failures = [AuditUnavailable()] * 4
    start = time.monotonic()
    with pytest.raises(AuditUnavailable):
        gateway.query("SELECT 1", timeout=0.3)
    assert time.monotonic() - start < 5


def test_a_deadline_that_passes_names_the_request_id(gateway: Gateway, script: Script) -> None:
    script.failures = [grpc.StatusCode.DEADLINE_EXCEEDED]
    with pytest.raises(DeadlineExceeded) as caught:
        gateway.query("SELECT 1", request_id="my-id")
    assert caught.value.__notes__ == ["ask again with request_id='my-id'"]
    assert gateway.query("SELECT 1", request_id="my-id").release == "r-1"


def test_words_of_strangers_are_not_repeated(gateway: Gateway, script: Script) -> None:
    script.failures = [grpc.StatusCode.UNKNOWN]
    with pytest.raises(GatewayError) as caught:
        gateway.query("SELECT 1")
    assert caught.value.reason == "INTERNAL"
    assert "stranger" not in str(caught.value)


def test_a_refused_connection_is_server_unavailable(gateway: Gateway) -> None:
    with grpc.insecure_channel("127.0.0.1:1") as channel:
        gateway._budgets = budget_pb2_grpc.BudgetServiceStub(channel)  # type: ignore[no-untyped-call]
        with pytest.raises(ServerUnavailable) as caught:
            gateway.budget(timeout=3)
    assert caught.value.reason == "SERVER_UNAVAILABLE"


@pytest.mark.parametrize("amount", [0, -1, "many", "NaN", float("inf")])
def test_an_amount_must_be_a_number_above_zero(gateway: Gateway, script: Script, amount: float | str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        gateway.query("SELECT 1", share=amount)
    assert caught.value.reason == "SPEND_INVALID"
    gateway.query("SELECT 1", share=Decimal("0.5"))
    assert [request.spend.share for request in script.requests] == ["0.5"]


def test_one_way_to_spend(gateway: Gateway) -> None:
    with pytest.raises(InvalidRequest) as caught:
        gateway.query("SELECT 1", share=1, rho=1)
    assert caught.value.reason == "SPEND_INVALID"
    assert gateway.query("SELECT 1", share=1).release == "r-1"


def test_no_call_without_time(gateway: Gateway, script: Script) -> None:
    with pytest.raises(InvalidRequest) as caught:
        gateway.query("SELECT 1", timeout=0)
    assert caught.value.reason == "DEADLINE_REQUIRED"
    assert not script.requests
    assert gateway.query("SELECT 1", timeout=5).release == "r-1"


def test_rows_that_do_not_fit_their_columns_are_refused(gateway: Gateway, script: Script) -> None:
    broken = type(ANSWER).FromString(ANSWER.SerializeToString())
    broken.rows[0].figures.pop()
    script.answer = broken
    with pytest.raises(GatewayError) as caught:
        gateway.query("SELECT 1")
    assert caught.value.reason == "INTERNAL"
    script.answer = ANSWER
    assert len(gateway.query("SELECT 1").rows) == 2


def test_estimates_budgets_and_the_catalogue(gateway: Gateway) -> None:
    estimate = gateway.estimate("SELECT 1", epsilon="0.5")
    assert (estimate.affordable, estimate.measures[1].curve) == (True, ((100, 0.2),))
    agreement, party = gateway.budget()
    assert agreement.cap is not None and agreement.cap.rho == "0.2"
    assert (party.cap, party.remaining, party.refills_at) == (None, None, "")
    assert [dataset.name for dataset in gateway.datasets()] == ["d", "d2"]
    assert [agreement.id for agreement in gateway.agreements()] == ["a-1"]


@pytest.mark.parametrize(
    ("given", "n", "at"),
    [
        ({"n": 500}, 500, ""),
        ({"n": "500", "at": 27.5}, 500, "27.5"),
        ({"at": Decimal("0.25")}, None, "0.25"),
        ({"at": "1e2"}, None, "100"),
    ],
)
def test_an_estimate_is_for_the_askers_own_numbers(
    gateway: Gateway, script: Script, given: dict[str, int | float | str | Decimal], n: int | None, at: str
) -> None:
    assert gateway.estimate("SELECT 1", assuming=given).warnings == ("a patient may fall into 24 months",)
    (request,) = script.requests
    assert wire.assumed_from_wire(request) == Assumed(n=n, at=Decimal(at) if at else None)
    gateway.estimate("SELECT 1")
    assert not script.requests[1].HasField("assuming")


@pytest.mark.parametrize("given", [{"n": 0}, {"n": 2.5}, {"n": "x"}, {"at": "NaN"}, {"at": ""}, {"m": 1}])
def test_assumed_numbers_that_are_none(
    gateway: Gateway, script: Script, given: dict[str, int | float | str | Decimal]
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        gateway.estimate("SELECT 1", assuming=given)
    assert caught.value.reason == "REQUEST_INVALID"
    assert not script.requests


def test_one_token_serves_many_calls(gateway: Gateway, script: Script) -> None:
    gateway.budget()
    gateway.budget()
    assert len(set(script.tokens)) == 1
