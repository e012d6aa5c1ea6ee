"""One aggregate release: decide, plan, charge, read once, draw once, record, answer.

Laws, in the order of the steps: the loss is charged before data is read; nothing leaves before its
entry is durable; after the read starts every failure is the same answer and the charge stands; from
the claim on, the caller's cancellation ends the wait and not the work.
Imports: domain, laws, joints, flows.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from gateway.domain.entry import (
    Charged,
    ClaimRequest,
    Conflict,
    InFlight,
    OverBudget,
    Receipt,
    Replay,
)
from gateway.domain.expression import ExactVectors
from gateway.domain.identity import Principal
from gateway.domain.privacy import AccountKind, Balance, PrivacyLoss
from gateway.domain.release import Release, Row
from gateway.errors import (
    BudgetExceeded,
    GatewayError,
    ReleaseFailed,
    RequestIdReused,
)
from gateway.flows.prepare import Prepared, Question, charges_of, prepare, subject_of
from gateway.flows.site import Site
from gateway.plan import Plan, query_digest
from gateway.privacy.rendering import render
from gateway.stored import decode_release, encode_release


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the caller may see. `draw` is the id of the charge that this draw of noise was made for."""

    prepared: Prepared
    draw: str
    release: Release
    rows: tuple[Row, ...]
    replayed: bool
    loss: PrivacyLoss
    balance: Balance
    receipt: Receipt


async def release(site: Site, principal: Principal, question: Question) -> Answer:
    """Answer one question. Raises the errors of `prepare`, `BudgetExceeded`, `ReleaseFailed`,
    `RequestIdReused`, `SourceUnavailable` or `AuditUnavailable`.
    """
    prepared = await prepare(site, principal, question)  # 1. decided and priced, nothing touched
    prepared.engine.ready(prepared.plan.dataset)  # 2. before the charge: can it be read at all
    return await site.shielded(_from_the_claim_on(site, principal, question, prepared))


async def _from_the_claim_on(
    site: Site, principal: Principal, question: Question, prepared: Prepared
) -> Answer:
    plan = prepared.plan
    request = ClaimRequest(
        subject=subject_of(principal, question, prepared),
        query_digest=query_digest(question.agreement, prepared.query, question.spend, site.digest_key),
        plan_digest=plan.digest,
        charges=charges_of(principal, prepared),
        cells=plan.expression.cells,
    )
    outcome = await site.journal.claim(request)  # 3. charged, durably, before any data is read
    while isinstance(outcome, InFlight):
        await site.journal.wait(outcome.plan_digest)
        outcome = await site.journal.claim(request)
    match outcome:
        case Conflict(receipt=receipt):
            raise RequestIdReused("this request id was used with another question", entry=receipt.entry)
        case OverBudget():
            raise _over_budget(outcome)
        case Replay():
            return _replayed(prepared, outcome)
        case Charged():
            noisy = await _drawn(site, prepared, outcome)
            fresh = plan.release_of(noisy)
            stored = encode_release(fresh, outcome.entry)
            receipt = await site.journal.release(outcome, stored)  # 6. recorded before it leaves
            return _answer(prepared, outcome.entry, fresh, False, plan.loss, outcome.balances[0], receipt)


async def _drawn(site: Site, prepared: Prepared, charged: Charged) -> ExactVectors:
    """Steps 4 and 5: the only touch of patient data, and one draw of noise, off the event loop.

    Whatever goes wrong has one outcome, so that a failure says nothing about the data.
    """
    loop = asyncio.get_running_loop()
    work = loop.run_in_executor(site.threads, _read_and_draw, prepared)
    try:
        return await asyncio.wait_for(work, site.longest_read)
    except Exception:
        receipt = await site.journal.fail(charged, ReleaseFailed.reason)
        raise ReleaseFailed(entry=receipt.entry) from None


def _read_and_draw(prepared: Prepared) -> ExactVectors:
    return prepared.plan.measurement(prepared.engine.run(prepared.plan))


def _replayed(prepared: Prepared, outcome: Replay) -> Answer:
    stored, draw = decode_release(outcome.stored)
    if _same_shape(stored, prepared.plan):
        stored = replace(stored, figures=prepared.plan.figures)  # names are the caller's own
    return _answer(prepared, draw, stored, outcome.own, outcome.loss, outcome.balances[0], outcome.receipt)


def _same_shape(stored: Release, plan: Plan) -> bool:
    """Whether the plan's figures read the stored vectors; not so for a retry across a policy change."""
    planned = [(p.vector.kind, p.vector.column.column if p.vector.column else None) for p in plan.priced]
    return planned == [(v.kind, v.column) for v in stored.vectors] and plan.keys == stored.keys


def _answer(
    prepared: Prepared,
    draw: str,
    stored: Release,
    replayed: bool,
    loss: PrivacyLoss,
    balance: Balance,
    receipt: Receipt,
) -> Answer:
    """7. Rendered for this caller: suppression and intervals from the caller's own grant."""
    return Answer(
        prepared=prepared,
        draw=draw,
        release=stored,
        rows=render(stored, prepared.permit.agreement.privacy.suppression),
        replayed=replayed,
        loss=loss,
        balance=balance,
        receipt=receipt,
    )


_BUDGET_TEXT = {
    AccountKind.AGREEMENT: "the agreement's privacy budget for this period does not cover this question",
    AccountKind.PARTY: "your institution's privacy budget for this period does not cover this question",
    AccountKind.SITE: "the site cannot answer this now",
}


def _over_budget(outcome: OverBudget) -> GatewayError:
    """The site's balance is never shown: its refusal has one constant text."""
    kind = outcome.charge.account.kind
    return BudgetExceeded(
        _BUDGET_TEXT[kind], reason=f"{kind.value.upper()}_BUDGET", entry=outcome.receipt.entry
    )
