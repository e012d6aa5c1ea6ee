"""A site and a partner enrolled with one another, and a small gateway for the client to talk to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from typer.testing import CliRunner

from gateway.cli import app
from gateway.errors import GatewayError
from gateway.rpc.errors_wire import refusal
from gateway.v1 import (
    budget_pb2,
    budget_pb2_grpc,
    catalog_pb2,
    catalog_pb2_grpc,
    common_pb2,
    query_pb2,
    query_pb2_grpc,
)

ANSWER = query_pb2.RunQueryResponse(
    release="r-1",
    replayed=False,
    loss=common_pb2.PrivacyLoss(rho="0.004210000000", delta="0", epsilon=0.31),
    balance=common_pb2.Balance(
        account="agreement",
        population="patients",
        period="2026",
        cap=common_pb2.PrivacyLoss(rho="0.2", delta="0", epsilon=3),
        spent=common_pb2.PrivacyLoss(rho="0.0042", delta="0", epsilon=0.3),
        remaining=common_pb2.PrivacyLoss(rho="0.1958", delta="0", epsilon=2.9),
        spent_percent=2.1,
        refills_at="2027-01-01T00:00:00Z",
    ),
    columns=[
        query_pb2.Column(name="age_band", role=query_pb2.Column.ROLE_KEY),
        query_pb2.Column(name="patients", role=query_pb2.Column.ROLE_MEASURE),
        query_pb2.Column(name="stay", role=query_pb2.Column.ROLE_MEASURE, unit="d"),
    ],
    rows=[
        query_pb2.Row(
            keys=["[0-10)"],
            figures=[
                query_pb2.Figure(value=1234, low=1200, high=1268, sigma=17.3),
                query_pb2.Figure(value=4.125, low=3.9, high=4.35, sigma=0.11),
            ],
        ),
        query_pb2.Row(
            keys=["[10-20)"],
            figures=[
                query_pb2.Figure(sigma=17.3, suppressed=True),
                query_pb2.Figure(sigma=0.11, suppressed=True),
            ],
        ),
    ],
    snapshot="s-1",
    contribution=query_pb2.Contribution(max_groups=1, max_rows=5),
    receipt=common_pb2.Receipt(entry="e-9", index=9, leaf_hash="ab" * 32),
    obligations=["publish no cell below 11"],
)


@dataclass
class Script:
    """What the gateway will answer, and what it was asked. `failures` are used up before it answers."""

    failures: list[GatewayError | grpc.StatusCode] = field(default_factory=list)
    answer: query_pb2.RunQueryResponse = field(default_factory=lambda: ANSWER)
    requests: list[Any] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    deadlines: list[float | None] = field(default_factory=list)

    def play(self, request: Any, context: grpc.ServicerContext, response: Any) -> Any:
        self.requests.append(request)
        self.deadlines.append(context.time_remaining())
        metadata: dict[str, Any] = dict(context.invocation_metadata())
        self.tokens.append(str(metadata["authorization"]).removeprefix("Bearer "))
        if self.failures:
            failure = self.failures.pop(0)
            if isinstance(failure, GatewayError):
                code, text, trailers = refusal(failure)
                context.set_trailing_metadata(trailers)
                context.abort(code, text)
            context.abort(failure, "words of a stranger")
        return response


class Queries(query_pb2_grpc.QueryServiceServicer):
    def __init__(self, script: Script) -> None:
        self.script = script

    def RunQuery(self, request: Any, context: Any) -> Any:  # noqa: N802
        return self.script.play(request, context, self.script.answer)

    def EstimateQuery(self, request: Any, context: Any) -> Any:  # noqa: N802
        estimate = query_pb2.EstimateQueryResponse(
            loss=ANSWER.loss,
            share_of_remaining_percent=2.5,
            affordable=True,
            measures=[
                query_pb2.MeasureEstimate(name="patients", sigma=17.3, half_width=34, share_percent=50),
                query_pb2.MeasureEstimate(
                    name="stay",
                    sigma=9,
                    share_percent=50,
                    curve=[query_pb2.ErrorPoint(n=100, half_width=0.2)],
                    kind=query_pb2.Measure.KIND_MEAN,
                ),
                query_pb2.MeasureEstimate(
                    name="share",
                    sigma=9,
                    curve=[query_pb2.ErrorPoint(n=100, half_width=0.0625)],
                    kind=query_pb2.Measure.KIND_PROPORTION,
                ),
            ],
            cells=2,
            contribution=ANSWER.contribution,
            balance=ANSWER.balance,
            explanation="patients by age band",
            suppressed_below=39.4,
            warnings=["a patient may fall into 24 months"],
        )
        return self.script.play(request, context, estimate)


class Budgets(budget_pb2_grpc.BudgetServiceServicer):
    def __init__(self, script: Script) -> None:
        self.script = script

    def GetBudget(self, request: Any, context: Any) -> Any:  # noqa: N802
        unlimited = common_pb2.Balance(account="party", population="patients", period="lifetime")
        return self.script.play(
            request, context, budget_pb2.GetBudgetResponse(balances=[ANSWER.balance, unlimited])
        )


class Catalog(catalog_pb2_grpc.CatalogServiceServicer):
    def __init__(self, script: Script) -> None:
        self.script = script

    def ListDatasets(self, request: Any, context: Any) -> Any:  # noqa: N802
        page = catalog_pb2.ListDatasetsResponse(
            datasets=[catalog_pb2.Dataset(name=f"d{request.page_token}")],
            next_page_token="" if request.page_token == "2" else "2",
        )
        return self.script.play(request, context, page)

    def ListAgreements(self, request: Any, context: Any) -> Any:  # noqa: N802
        page = catalog_pb2.ListAgreementsResponse(agreements=[catalog_pb2.Agreement(id="a-1")])
        return self.script.play(request, context, page)


@contextmanager
def serving(script: Script, bind: Callable[[grpc.Server], int]) -> Iterator[int]:
    """A running gateway that plays a script; gives its port on loopback."""
    server = grpc.server(futures.ThreadPoolExecutor(2))
    query_pb2_grpc.add_QueryServiceServicer_to_server(Queries(script), server)  # type: ignore[no-untyped-call]
    budget_pb2_grpc.add_BudgetServiceServicer_to_server(Budgets(script), server)  # type: ignore[no-untyped-call]
    catalog_pb2_grpc.add_CatalogServiceServicer_to_server(Catalog(script), server)  # type: ignore[no-untyped-call]
    port = bind(server)
    server.start()
    try:
        yield port
    finally:
        server.stop(None).wait()


def plain(server: grpc.Server) -> int:
    """Bind without TLS, for tests of everything but TLS."""
    return server.add_insecure_port("127.0.0.1:0")


def run(*arguments: str | Path) -> tuple[int, str, str]:
    """One command in this process: exit code, standard output, standard error."""
    outcome = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return outcome.exit_code, outcome.stdout, outcome.stderr


def done(*arguments: str | Path) -> list[str]:
    """One command that must succeed: the lines of its standard output."""
    code, out, err = run(*arguments)
    assert code == 0, err
    return out.splitlines()


def make_partner(folder: Path, party: str = "university", *more: str | Path) -> tuple[Path, str]:
    """A partner's folder made by the command: its bundle and the bundle's fingerprint."""
    bundle, spoken = done(
        *("partner", "init", folder, "--party", party, "--name", "The University"),
        *("--organisation", "urn:oid:1.2.3", *more),
    )
    return Path(bundle), spoken


def enrol(home: Path) -> tuple[Path, Path]:
    """A site's folder and a partner's folder, enrolled with one another by the commands."""
    site, partner = home / "site", home / "partner"
    done("init", site, "--site-id", "north")
    bundle, spoken = make_partner(partner)
    reply, said = done("partner", "enrol", bundle, "--site", site, "--fingerprint", spoken)
    done("partner", "accept", partner, reply, "--fingerprint", said)
    return site, partner
