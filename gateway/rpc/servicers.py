"""Partner and site services: convert, call one flow, convert. No rule lives here.

Imports: gateway.v1, wire, flows, rpc.guard.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from functools import lru_cache
from typing import cast

from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.message import Message

from gateway import wire
from gateway.domain.identity import Principal
from gateway.domain.privacy import Balance, Budget, PrivacyLoss
from gateway.errors import GatewayError
from gateway.flows.budget import budgets
from gateway.flows.estimate import Estimate, estimate
from gateway.flows.prepare import Question, record_refusal
from gateway.flows.release import Answer, Shown, release
from gateway.flows.site import Site
from gateway.privacy.accounting import epsilon_of
from gateway.rpc.audit import AUDIT, audit_methods
from gateway.rpc.catalog import CATALOG, catalog_methods
from gateway.rpc.guard import Method, Methods, StreamMethod
from gateway.rpc.journal import JOURNAL, journal_methods
from gateway.rpc.records import RECORD, record_methods
from gateway.v1 import budget_pb2, common_pb2, query_pb2

Services = Mapping[ServiceDescriptor, Methods]

QUERY = query_pb2.DESCRIPTOR.services_by_name["QueryService"]
BUDGET = budget_pb2.DESCRIPTOR.services_by_name["BudgetService"]


def partner_services(site: Site) -> Services:
    """Every method that partners may call; what any of them refuses is an entry before it is an answer."""
    services: Services = {
        QUERY: {"EstimateQuery": _estimate_query(site), "RunQuery": _run_query(site)},
        CATALOG: catalog_methods(site),
        BUDGET: {"GetBudget": _get_budget(site)},
        RECORD: record_methods(site),
    }
    return {
        service: {name: _refusals(site, service, name, method) for name, method in methods.items()}
        for service, methods in services.items()
    }


def site_services(site: Site) -> Services:
    """Every method of the site's own people; served on the site's socket only."""
    return {AUDIT: audit_methods(site), JOURNAL: journal_methods(site)}


def _refusals(
    site: Site, service: ServiceDescriptor, name: str, method: Method | StreamMethod
) -> Method | StreamMethod:
    """Record what a method refuses, a stream's refusals after its first messages included."""
    if service.methods_by_name[name].server_streaming:
        return _recorded_stream(site, cast(StreamMethod, method))
    return _recorded(site, cast(Method, method))


def _recorded(site: Site, method: Method) -> Method:
    async def recorded(request: Message, principal: Principal) -> Message:
        try:
            return await method(request, principal)
        except GatewayError as error:
            await _record(site, request, principal, error)
            raise

    return recorded


def _recorded_stream(site: Site, method: StreamMethod) -> StreamMethod:
    async def recorded(
        request: Message, principal: Principal, remaining: float
    ) -> AsyncGenerator[Message, None]:
        try:
            async with aclosing(method(request, principal, remaining)) as messages:
                async for message in messages:
                    yield message
        except GatewayError as error:
            await _record(site, request, principal, error)
            raise

    return recorded


async def _record(site: Site, request: Message, principal: Principal, error: GatewayError) -> None:
    """Of the caller's own text only a well-formed request id is kept."""
    asked = str(getattr(request, "request_id", ""))
    await record_refusal(
        site,
        principal,
        error,
        agreement=str(getattr(request, "agreement", "")),
        request_id=asked if wire.is_request_id(asked) else "",
    )


def _question(
    request: query_pb2.RunQueryRequest | query_pb2.EstimateQueryRequest,
) -> Question:
    agreement, query, spend, request_id = wire.question_from_wire(request)
    return Question(agreement=agreement, query=query, spend=spend, request_id=request_id)


def _run_query(site: Site) -> Method:
    async def run_query(
        request: query_pb2.RunQueryRequest, principal: Principal
    ) -> query_pb2.RunQueryResponse:
        answer = await release(site, principal, _question(request))
        if answer.shown.small:
            return _answer_to_wire(answer, _kept_to_wire(answer.shown))
        return _answer_to_wire(answer, await asyncio.to_thread(_shown_to_wire, answer.shown))

    return run_query


def _estimate_query(site: Site) -> Method:
    async def estimate_query(
        request: query_pb2.EstimateQueryRequest, principal: Principal
    ) -> query_pb2.EstimateQueryResponse:
        assumed = wire.assumed_from_wire(request)
        return _estimate_to_wire(await estimate(site, principal, _question(request), assumed))

    return estimate_query


def _answer_to_wire(answer: Answer, shown: query_pb2.RunQueryResponse) -> query_pb2.RunQueryResponse:
    response = query_pb2.RunQueryResponse()
    response.CopyFrom(shown)
    budget = answer.shown.permit.agreement.privacy.budget
    response.replayed = answer.replayed
    response.loss.CopyFrom(_loss_to_wire(answer.loss, budget))
    response.balance.CopyFrom(_balance_to_wire(answer.balance, budget))
    response.receipt.CopyFrom(wire.receipt_to_wire(answer.receipt))
    return response


def _shown_to_wire(shown: Shown) -> query_pb2.RunQueryResponse:
    """The part of an answer that is the same at every sight of it; copied, never changed."""
    release = shown.release
    keys = [query_pb2.Column(name=key.column, role=query_pb2.Column.ROLE_KEY) for key in release.keys]
    measures = [
        query_pb2.Column(
            name=figure.name,
            role=query_pb2.Column.ROLE_MEASURE,
            unit=figure.ucum,
            kind=wire.kind_to_wire(figure.kind),
        )
        for figure in release.figures
    ]
    return query_pb2.RunQueryResponse(
        release=shown.draw,
        columns=keys + measures,
        rows=wire.rows_to_wire(shown.rows),
        snapshot=release.snapshot,
        contribution=query_pb2.Contribution(max_groups=release.max_groups, max_rows=release.max_rows),
        obligations=shown.permit.agreement.obligations,
    )


_kept_to_wire = lru_cache(maxsize=512)(_shown_to_wire)


def _estimate_to_wire(found: Estimate) -> query_pb2.EstimateQueryResponse:
    plan, agreement = found.prepared.plan, found.prepared.permit.agreement
    budget = agreement.privacy.budget
    remaining = found.balance.spent.left_of(budget.cap)
    return query_pb2.EstimateQueryResponse(
        loss=_loss_to_wire(plan.loss, budget),
        share_of_remaining_percent=100.0 * plan.loss.rho / remaining.rho if remaining.rho else 100.0,
        affordable=found.affordable,
        measures=[
            query_pb2.MeasureEstimate(
                name=error.name,
                sigma=error.sigma,
                half_width=error.half_width or 0.0,
                share_percent=100.0 * error.share,
                curve=[query_pb2.ErrorPoint(n=n, half_width=width) for n, width in error.curve],
                kind=wire.kind_to_wire(figure.kind),
            )
            for figure, error in zip(plan.figures, found.measures, strict=True)
        ],
        cells=plan.expression.cells,
        contribution=query_pb2.Contribution(
            max_groups=plan.expression.max_groups, max_rows=plan.expression.max_rows
        ),
        balance=_balance_to_wire(found.balance, budget),
        explanation=found.explanation,
        obligations=agreement.obligations,
        suppressed_below=found.suppressed_below,
        warnings=found.warnings,
    )


def _epsilon(budget: Budget, loss: PrivacyLoss) -> float:
    """What a loss amounts to at the half of the budget's delta that belongs to rho."""
    return epsilon_of(loss.rho, budget.delta / 2)


@lru_cache(maxsize=4096)
def _loss_to_wire(loss: PrivacyLoss, budget: Budget) -> common_pb2.PrivacyLoss:
    return wire.loss_to_wire(loss, _epsilon(budget, loss))


@lru_cache(maxsize=4096)
def _balance_to_wire(balance: Balance, budget: Budget) -> common_pb2.Balance:
    refill = balance.account.period.refills_at(balance.period_key)
    at = "" if refill is None else refill.isoformat().replace("+00:00", "Z")
    return wire.balance_to_wire(balance, lambda loss: _epsilon(budget, loss), at)


def _get_budget(site: Site) -> Method:
    async def get_budget(
        request: budget_pb2.GetBudgetRequest, principal: Principal
    ) -> budget_pb2.GetBudgetResponse:
        lines = budgets(site, principal, request.agreement)
        return budget_pb2.GetBudgetResponse(
            balances=[_balance_to_wire(line.balance, line.budget) for line in lines]
        )

    return get_budget
