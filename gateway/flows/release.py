"""One aggregate release: decide, plan, charge, read once, draw once, record, answer.

Laws, in the order of the steps: the loss is charged before data is read; nothing leaves before its
entry is durable; after the read starts every failure is the same answer and the charge stands; from
the claim on, the caller's cancellation ends the wait and not the work; and what came of it leaves on the
public grid, unless it was the caller's before.
Imports: domain, laws, joints, flows.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from gateway import log
from gateway.domain.agreement import Permit
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
from gateway.domain.privacy import AccountKind, Balance, Charge, PrivacyLoss
from gateway.domain.release import Figure, Release, Row
from gateway.errors import (
    BudgetExceeded,
    GatewayError,
    LimitExceeded,
    ReleaseFailed,
    RequestIdReused,
)
from gateway.flows.grid import Grid
from gateway.flows.prepare import Prepared, Question, charges_of, prepare, settle, subject_of
from gateway.flows.site import Site
from gateway.lower.measures import patients_index
from gateway.plan import Plan, vector_name
from gateway.policy.catalogue import limits_of
from gateway.privacy.rendering import render
from gateway.stored import decode_release, encode_release, most_bytes, ticks_of

SMALL_BYTES = 8 * 1024  # of a stored release; a larger one is rendered again at each sight
GRACE_SECONDS = 5.0  # beyond the engine's own limit on a read


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shown:
    """A release as one agreement shows it; equal only to itself, so that doors can keep what they make of it.

    `draw` is the id of the charge that this draw of noise was made for.
    """

    draw: str
    release: Release
    rows: tuple[Row, ...]
    permit: Permit
    small: bool  # worth keeping


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the caller gets: the release as shown to it, what this sight cost, and where it is recorded.

    `ticks` of the grid pass before it leaves, at least; 0: it may leave at once.
    """

    shown: Shown
    replayed: bool
    loss: PrivacyLoss
    balance: Balance
    receipt: Receipt
    ticks: int


async def release(site: Site, principal: Principal, question: Question) -> Answer:
    """Answer one question. Raises the errors of `prepare`, `BudgetExceeded`, `LimitExceeded`,
    `ReleaseFailed`, `RequestIdReused`, `SourceUnavailable` or `AuditUnavailable`.
    """
    came = site.grid.now()
    while True:
        prepared = await prepare(site, principal, question)  # 1. decided and priced, nothing touched
        if not await _ready(site, prepared):  # 2. before the charge: can it be read at all
            continue
        _check_work(site, principal.party, prepared)
        request = _claim_request(site, principal, question, prepared)
        try:
            work = _from_the_claim_on(site, prepared, request, came)
            done = await site.shielded(work, principal.party)
            if isinstance(done, InFlight):
                # Somebody is drawing this very release. Who leaves while waiting has paid nothing.
                await site.journal.wait(done.plan_digest)
                continue
        except Exception:
            await site.grid.leave(came)  # 8. a failure says no more by its time than by its text
            raise
        if done.ticks:
            await site.grid.leave(came, done.ticks)  # 8. nor does an answer
        return done


async def _ready(site: Site, prepared: Prepared) -> bool:
    """Have the engine check and compile the plan, off the event loop the first time.

    False where the engine was replaced meanwhile, so that nothing was charged for it.
    """
    key = ("ready", prepared.plan.digest)
    if key not in site.plans:
        await asyncio.to_thread(prepared.engine.ready, prepared.plan)
        site.remember(key, True)
    return prepared.engine is site.engine  # nothing waits between here and the shielded work


def _check_work(site: Site, party: str, prepared: Prepared) -> None:
    """Work goes on for callers that left, so that it counts for as long as it lasts."""
    running = site.working_for(party)
    if running < prepared.permit.agreement.limits.concurrent:
        return
    if running >= limits_of(prepared.compiled, party).concurrent:
        raise LimitExceeded("too many answers are being worked on", reason="CONCURRENCY_LIMITED")


def _claim_request(site: Site, principal: Principal, question: Question, prepared: Prepared) -> ClaimRequest:
    key = ("charges", id(prepared.plan), prepared.compiled.digest, principal.party)
    kept: tuple[tuple[Charge, ...], int, Plan] | None = site.plans.get(key)
    if kept is None:
        # With the plan, whose id must stay its own.
        kept = (charges_of(principal, prepared), _most_bytes(prepared.plan), prepared.plan)
        site.remember(key, kept)
    return ClaimRequest(
        subject=subject_of(principal, question, prepared),
        query_digest=prepared.query_digest,
        plan_digest=prepared.plan.digest,
        charges=kept[0],
        cells=prepared.plan.expression.cells,
        stored=kept[1],
    )


def _most_bytes(plan: Plan) -> int:
    integers = plan.expression.cells * sum(vector.width for vector in plan.expression.vectors)
    figures = len(plan.figures)
    return most_bytes(keys=plan.keys, vectors=len(plan.priced), integers=integers, figures=figures)


async def _from_the_claim_on(
    site: Site, prepared: Prepared, request: ClaimRequest, came: float
) -> Answer | InFlight:
    outcome = await site.journal.claim(request)  # 3. charged, durably, before any data is read
    match outcome:
        case InFlight():
            return outcome
        case Conflict(receipt=receipt):
            raise settle(RequestIdReused("this request id was used with another question"), receipt)
        case OverBudget():
            raise _over_budget(outcome)
        case Replay():
            return Answer(
                shown=await _show(site, prepared, outcome.stored),
                replayed=outcome.own,
                loss=outcome.loss,
                balance=outcome.balances[0],
                receipt=outcome.receipt,
                ticks=0 if outcome.own else await asyncio.to_thread(ticks_of, outcome.stored),
            )
        case Charged():
            stored = await _drawn(site, prepared, outcome, came)
            receipt = await site.journal.release(outcome, stored)  # 6. recorded before it leaves
            return Answer(
                shown=await _show(site, prepared, stored),
                replayed=False,
                loss=prepared.plan.loss,
                balance=outcome.balances[0],
                receipt=receipt,
                ticks=1,
            )


async def _drawn(site: Site, prepared: Prepared, charged: Charged, came: float) -> bytes:
    """Steps 4 and 5: the only touch of patient data, and one draw of noise, off the event loop.

    Returns the release as it will be stored. Whatever goes wrong has one outcome, so that a failure says
    nothing about the data.
    """
    loop = asyncio.get_running_loop()
    try:
        async with site.reading:  # the clock starts when the read does: nobody pays for another's queue
            work = loop.run_in_executor(
                site.threads, _read_and_draw, prepared, charged.entry, site.grid, came
            )
            return await asyncio.wait_for(work, site.longest_read + GRACE_SECONDS)
    except Exception as error:
        if not isinstance(error, ReleaseFailed):  # the engine logs its own
            log.defect("release_failed", error)
        receipt = await site.journal.fail(charged, ReleaseFailed.reason)
        raise ReleaseFailed(entry=receipt.entry) from None


def _read_and_draw(prepared: Prepared, draw: str, grid: Grid, came: float) -> bytes:
    plan = prepared.plan
    release = plan.release_of(plan.measurement(prepared.engine.run(plan)))
    return encode_release(release, draw, grid.ticks(came))


async def _show(site: Site, prepared: Prepared, stored: bytes) -> Shown:
    """7. Rendered for this caller: suppression and intervals from the caller's own agreement.

    A pure function of what was stored, the plan and the permit. A small one is kept; a large one is made
    off the event loop.
    """
    if len(stored) > SMALL_BYTES:
        return await asyncio.to_thread(_shown, prepared, stored)
    key = ("shown", stored, id(prepared.plan), prepared.compiled.digest)
    kept: tuple[Shown, Plan] | None = site.plans.get(key)
    if kept is None:
        # With the plan, whose id must stay its own as long as this is kept.
        kept = (_shown(prepared, stored), prepared.plan)
        site.remember(key, kept)
    return kept[0]


def _shown(prepared: Prepared, stored: bytes) -> Shown:
    plan, permit = prepared.plan, prepared.permit
    release, draw = decode_release(stored)
    if _same_shape(release, plan):
        # Names are the caller's own, and so is which vector, if any, suppression reads.
        release = replace(release, keys=plan.keys, figures=plan.figures, patients=plan.patients)
    else:
        release = replace(release, patients=_patients(release))
    return Shown(
        draw=draw,
        release=release,
        rows=render(release, permit.agreement.privacy.suppression),
        permit=permit,
        small=len(stored) <= SMALL_BYTES,
    )


def _patients(release: Release) -> int | None:
    """The vector that suppression reads, whatever rule held when the release was drawn."""
    return patients_index(tuple(vector.kind for vector in release.vectors))


def _same_shape(stored: Release, plan: Plan) -> bool:
    """Whether the plan's figures read the stored vectors; not so for a retry across a policy change."""
    planned = [(p.vector.kind, vector_name(p.vector)) for p in plan.priced]
    return (
        planned == [(v.kind, v.column) for v in stored.vectors]
        and [key.labels for key in plan.keys] == [key.labels for key in stored.keys]
        and _grids(plan.figures) == _grids(stored.figures)
    )


def _grids(figures: tuple[Figure, ...]) -> set[tuple[object, ...]]:
    """What the steps of each measured column amount to: other bounds, other values."""
    return {(f.kind, f.column, f.unit, f.centre, f.low, f.high, f.ucum) for f in figures if f.column}


_BUDGET_TEXT = {
    AccountKind.AGREEMENT: "the agreement's privacy budget for this period does not cover this question",
    AccountKind.PARTY: "your institution's privacy budget for this period does not cover this question",
    AccountKind.SITE: "the site cannot answer this now",
}


def _over_budget(outcome: OverBudget) -> GatewayError:
    """The site's balance is never shown: its refusal has one constant text."""
    kind = outcome.charge.account.kind
    error = BudgetExceeded(_BUDGET_TEXT[kind], reason=f"{kind.value.upper()}_BUDGET")
    return settle(error, outcome.receipt)
