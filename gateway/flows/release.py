"""One aggregate release: decide, plan, charge, read once, draw once, record, answer.

Laws, in the order of the steps: the loss is charged before data is read; nothing leaves before its
entry is durable; after the read starts every failure is the same answer and the charge stands; from
the claim on, the caller's cancellation ends the wait and not the work.
Imports: domain, laws, joints, flows.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from gateway import log
from gateway.domain.agreement import Permit
from gateway.domain.catalog import Dataset
from gateway.domain.entry import (
    Charged,
    ClaimRequest,
    Conflict,
    InFlight,
    OverBudget,
    Receipt,
    Replay,
)
from gateway.domain.identity import Principal
from gateway.domain.privacy import AccountKind, Balance, PrivacyLoss
from gateway.domain.release import Figure, Release, Row
from gateway.errors import (
    BudgetExceeded,
    GatewayError,
    ReleaseFailed,
    RequestIdReused,
)
from gateway.flows.prepare import Prepared, Question, charges_of, prepare, subject_of
from gateway.flows.site import Site
from gateway.plan import Plan
from gateway.privacy.rendering import render
from gateway.stored import decode_release, encode_release

KEPT_BYTES = 64 * 1024  # a larger release is rendered again at each sight


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shown:
    """A release as one agreement shows it; equal only to itself, so that doors can keep what they make of it.

    `draw` is the id of the charge that this draw of noise was made for.
    """

    draw: str
    release: Release
    rows: tuple[Row, ...]
    permit: Permit
    dataset: Dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the caller gets: the release as shown to it, what this sight cost, and where it is recorded."""

    shown: Shown
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
        query_digest=prepared.query_digest,
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
            return Answer(
                shown=_show(site, prepared, outcome.stored),
                replayed=outcome.own,
                loss=outcome.loss,
                balance=outcome.balances[0],
                receipt=outcome.receipt,
            )
        case Charged():
            stored = await _drawn(site, prepared, outcome)
            receipt = await site.journal.release(outcome, stored)  # 6. recorded before it leaves
            return Answer(
                shown=_show(site, prepared, stored),
                replayed=False,
                loss=plan.loss,
                balance=outcome.balances[0],
                receipt=receipt,
            )


async def _drawn(site: Site, prepared: Prepared, charged: Charged) -> bytes:
    """Steps 4 and 5: the only touch of patient data, and one draw of noise, off the event loop.

    Returns the release as it will be stored. Whatever goes wrong has one outcome, so that a failure says
    nothing about the data.
    """
    loop = asyncio.get_running_loop()
    work = loop.run_in_executor(site.threads, _read_and_draw, prepared, charged.entry)
    try:
        return await asyncio.wait_for(work, site.longest_read)
    except Exception as error:
        log.defect("release_failed", error)
        receipt = await site.journal.fail(charged, ReleaseFailed.reason)
        raise ReleaseFailed(entry=receipt.entry) from None


def _read_and_draw(prepared: Prepared, draw: str) -> bytes:
    plan = prepared.plan
    return encode_release(plan.release_of(plan.measurement(prepared.engine.run(plan))), draw)


def _show(site: Site, prepared: Prepared, stored: bytes) -> Shown:
    """7. Rendered for this caller: suppression and intervals from the caller's own agreement.

    A pure function of what was stored, the plan and the permit, and kept as such.
    """
    plan, permit = prepared.plan, prepared.permit
    key = ("shown", stored, id(plan), prepared.compiled.digest)
    kept: tuple[Shown, Plan] | None = site.plans.get(key)
    if kept is None:
        release, draw = decode_release(stored)
        if _same_shape(release, plan):
            # Names are the caller's own, and so is which vector, if any, suppression reads.
            release = replace(release, figures=plan.figures, patients=plan.patients)
        rows = render(release, permit.agreement.privacy.suppression)
        shown = Shown(draw=draw, release=release, rows=rows, permit=permit, dataset=plan.dataset)
        kept = (shown, plan)  # with the plan, whose id must stay its own as long as this is kept
        if len(stored) <= KEPT_BYTES:
            site.remember(key, kept)
    return kept[0]


def _same_shape(stored: Release, plan: Plan) -> bool:
    """Whether the plan's figures read the stored vectors; not so for a retry across a policy change."""
    planned = [(p.vector.kind, p.vector.column.column if p.vector.column else None) for p in plan.priced]
    return (
        planned == [(v.kind, v.column) for v in stored.vectors]
        and plan.keys == stored.keys
        and _grids(plan.figures) == _grids(stored.figures)
    )


def _grids(figures: tuple[Figure, ...]) -> set[tuple[object, ...]]:
    """What the steps of each measured column amount to: other bounds, other values."""
    return {(f.kind, f.column, f.unit, f.centre, f.low, f.high) for f in figures if f.column}


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
