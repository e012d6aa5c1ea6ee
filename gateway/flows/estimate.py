"""What a question would cost and how exact it would be: public inputs only.

Law: never opens the database; the same bytes on two sites with the same files and different data.
Imports: domain, laws, flows.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.domain.identity import Principal
from gateway.domain.privacy import AccountKind, Balance
from gateway.domain.query import Assumed, MeasureKind
from gateway.domain.release import Figure
from gateway.errors import InvalidQuery
from gateway.flows.prepare import Prepared, Question, charges_of, prepare
from gateway.flows.site import Site
from gateway.plan import Plan
from gateway.privacy.intervals import half_width, ratio_interval, share_interval
from gateway.privacy.rendering import patients_sigma
from gateway.query.bounding import bounding_warning
from gateway.query.explain import explain

ASSUMED_COUNTS = (10, 30, 100, 300, 1_000, 3_000, 10_000)
NOTHING_ASSUMED = Assumed()
MEMBERS = "Patients who are not in the table of patients are in no share."
AGAIN = (
    "Asked again of the same snapshot it is free; of a newer one, which holds new data about the same "
    "patients, it is charged again."
)
_RATIOS = (MeasureKind.MEAN, MeasureKind.PROPORTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureError:
    """Expected error of one figure. `curve` pairs an assumed count with a half-width, for ratios."""

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
    warnings: tuple[str, ...] = ()


async def estimate(
    site: Site, principal: Principal, question: Question, assumed: Assumed = NOTHING_ASSUMED
) -> Estimate:
    """Decide and price without touching data. Raises the errors of `prepare`, and `InvalidQuery`
    (ASSUMPTION_OUTSIDE) where the assumed mean or proportion cannot be.
    """
    prepared = await prepare(site, principal, question)
    plan = prepared.plan
    balances = [
        site.journal.balance(charge.account, charge.cap)
        for charge in charges_of(principal, prepared)
        if charge.account.kind is not AccountKind.SITE  # the site's balance is never shown
    ]
    # A patient is one row of the population's own table, and so in one group, whatever the keys are.
    reach = 1 if plan.dataset.name == plan.dataset.population.patients else plan.expression.reach
    warning = bounding_warning(reach, plan.expression.max_groups, prepared.query.group_by)
    return Estimate(
        prepared=prepared,
        affordable=all((b.spent + plan.loss).fits(b.cap) for b in balances if b.cap is not None),
        balance=balances[0],
        measures=tuple(_error(figure, plan, assumed) for figure in plan.figures),
        suppressed_below=_threshold(prepared),
        explanation=f"{_explained(prepared)} {AGAIN}",
        warnings=() if warning is None else (warning,),
    )


def _explained(prepared: Prepared) -> str:
    plan = prepared.plan
    titles = {dataset.name: dataset.title for dataset in plan.datasets}
    words = explain(prepared.query, plan.dataset.title, titles)
    members = any(v.split is not None and v.split.members for v in plan.expression.vectors)
    return f"{words} {MEMBERS}" if members else words


def _threshold(prepared: Prepared) -> float:
    plan, policy = prepared.plan, prepared.permit.agreement.privacy.suppression
    if plan.patients is None:
        return 0.0
    priced = plan.priced[plan.patients]
    return policy.min_cell + policy.z * patients_sigma(priced.vector.kind, priced.sigma)


def _error(figure: Figure, plan: Plan, assumed: Assumed) -> MeasureError:
    vector = plan.priced[figure.numerator]
    share = vector.rho / plan.loss.rho
    counts = (ASSUMED_COUNTS if assumed.n is None else (assumed.n,)) if figure.kind in _RATIOS else ()
    denominator = None if figure.denominator is None else plan.priced[figure.denominator]
    if denominator is not None:
        share += denominator.rho / plan.loss.rho
    noise = (vector.sigma, vector.sigma if denominator is None else denominator.sigma)
    return MeasureError(
        name=figure.name,
        sigma=vector.sigma * figure.unit,
        half_width=None if figure.kind in _RATIOS else half_width(vector.sigma) * figure.unit,
        share=share,
        curve=tuple((n, _expected(figure, noise, n, _at(figure, assumed))) for n in counts),
    )


def _at(figure: Figure, assumed: Assumed) -> float:
    """The assumed ratio; where none is given one half, or a mean a quarter of its range above the middle."""
    if assumed.at is None:
        off = 0.5 if figure.kind is MeasureKind.PROPORTION else 0.75
        return figure.low + off * (figure.high - figure.low)
    at = float(assumed.at)
    if not figure.low <= at <= figure.high:
        raise InvalidQuery(
            f"{figure.name} lies within {figure.low:g} and {figure.high:g}: nothing else can be assumed",
            reason="ASSUMPTION_OUTSIDE",
        )
    return at


def _expected(figure: Figure, noise: tuple[float, float], count: int, at: float) -> float:
    """The half-width expected of a ratio over `count`; the whole range where none is known."""
    widest = figure.high - figure.low
    if figure.kind is MeasureKind.PROPORTION:
        interval, unit = share_interval(at * count, (1 - at) * count, noise[0]), 1.0
    else:
        centred = at / figure.unit - figure.centre
        interval, unit = ratio_interval(centred * count, noise[0], float(count), noise[1]), figure.unit
    if interval is None:
        return widest
    return min(widest, (interval[1] - interval[0]) / 2 * unit)
