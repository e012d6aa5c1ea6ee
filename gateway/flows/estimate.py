"""What a question would cost and how exact it would be: public inputs only.

Law: never opens the database; the same bytes on two sites with the same files and different data.
Imports: domain, laws, flows.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.domain.identity import Principal
from gateway.domain.privacy import AccountKind, Balance
from gateway.domain.query import MeasureKind
from gateway.domain.release import Figure
from gateway.flows.prepare import Prepared, Question, charges_of, prepare
from gateway.flows.site import Site
from gateway.plan import Plan
from gateway.privacy.intervals import half_width, ratio_interval
from gateway.query.explain import explain

ASSUMED_COUNTS = (10, 30, 100, 300, 1_000, 3_000, 10_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureError:
    """Expected error of one figure. `curve` pairs an assumed count with a half-width, for means."""

    name: str
    sigma: float
    half_width: float | None
    share: float  # of the loss, 0 to 1
    curve: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A decision, a price and expected errors. `suppressed_below` is a noisy patient count, 0 if none."""

    prepared: Prepared
    affordable: bool
    balance: Balance
    measures: tuple[MeasureError, ...]
    suppressed_below: float
    explanation: str


async def estimate(site: Site, principal: Principal, question: Question) -> Estimate:
    """Decide and price without touching data. Raises the errors of `prepare`."""
    prepared = await prepare(site, principal, question)
    plan = prepared.plan
    balances = [
        site.journal.balance(charge.account, charge.cap)
        for charge in charges_of(principal, prepared)
        if charge.account.kind is not AccountKind.SITE  # the site's balance is never shown
    ]
    return Estimate(
        prepared=prepared,
        affordable=all((b.spent + plan.loss).fits(b.cap) for b in balances if b.cap is not None),
        balance=balances[0],
        measures=tuple(_error(figure, plan) for figure in plan.figures),
        suppressed_below=_threshold(prepared),
        explanation=explain(prepared.query, plan.dataset.title),
    )


def _threshold(prepared: Prepared) -> float:
    plan, policy = prepared.plan, prepared.permit.agreement.privacy.suppression
    if plan.patients is None:
        return 0.0
    return policy.min_cell + policy.z * plan.priced[plan.patients].sigma


def _error(figure: Figure, plan: Plan) -> MeasureError:
    vector = plan.priced[figure.numerator]
    share = vector.rho / plan.loss.rho
    if figure.kind is not MeasureKind.MEAN or figure.denominator is None:
        return MeasureError(
            name=figure.name,
            sigma=vector.sigma * figure.unit,
            half_width=half_width(vector.sigma) * figure.unit,
            share=share,
        )
    counts = plan.priced[figure.denominator]
    curve = tuple((n, _mean_error(figure, vector.sigma, counts.sigma, n)) for n in ASSUMED_COUNTS)
    return MeasureError(
        name=figure.name,
        sigma=vector.sigma * figure.unit,
        half_width=None,
        share=share + counts.rho / plan.loss.rho,
        curve=curve,
    )


def _mean_error(figure: Figure, sigma_sum: float, sigma_count: float, count: int) -> float:
    """Half-width for a mean a quarter of the range off centre; the whole range where none is known."""
    widest = figure.high - figure.low
    ratio = widest / figure.unit / 4
    interval = ratio_interval(ratio * count, sigma_sum, float(count), sigma_count)
    if interval is None:
        return widest
    return min(widest, (interval[1] - interval[0]) / 2 * figure.unit)
