"""What a plan's vectors cost: the whole loss, each vector's part of it, and the scale of its noise.

Law: everything is computed from public numbers before data is read; a vector that could overflow, or noise
beyond measure, is refused here. Imports: domain words, lower, privacy, errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from math import ceil

from gateway.domain.agreement import Permit
from gateway.domain.expression import Expression, Vector
from gateway.domain.privacy import RHO_UNIT, PrivacyLoss
from gateway.domain.query import MeasureKind, Spend, SpendKind
from gateway.errors import InvalidQuery, PermissionDenied
from gateway.lower.expression import Lowered
from gateway.lower.measures import Measured, vector_key
from gateway.lower.scope import Positions, fault
from gateway.privacy.accounting import rho_from_epsilon
from gateway.privacy.intervals import sigma_within
from gateway.privacy.mechanisms import sigma_for
from gateway.privacy.sensitivity import check_overflow, l2_squared

LARGEST_SIGMA = 1e15
_RATIOS = {MeasureKind.MEAN: "a mean", MeasureKind.PROPORTION: "a proportion"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """A vector with its squared L2 sensitivity (exact), its price and the scale of its noise."""

    vector: Vector
    l2_squared: int
    rho: int
    sigma: float


def priced(
    lowered: Lowered, spend: Spend, permit: Permit, population_maximum: int, positions: Positions
) -> tuple[PrivacyLoss, tuple[Priced, ...]]:
    """The whole loss, and every vector priced, in the expression's order.

    Raises `InvalidQuery`, or `PermissionDenied` over what the agreement allows for one question.
    """
    expression = lowered.expression
    loss, parts = _parts(lowered, spend, permit, positions)
    found = tuple(
        _priced(vector, rho, expression, population_maximum)
        for vector, rho in zip(expression.vectors, parts, strict=True)
    )
    return loss, found


def _parts(
    lowered: Lowered, spend: Spend, permit: Permit, positions: Positions
) -> tuple[PrivacyLoss, tuple[int, ...]]:
    """The whole loss and each vector's part of it, in rho; equal parts unless an error is asked for."""
    count = len(lowered.expression.vectors)
    if spend.kind is SpendKind.WITHIN:
        parts = _within(lowered, spend.amount, positions)
        total = sum(parts)
    else:
        total = total_rho(spend, permit)
        parts = (total // count,) * count
    if min(parts) < 1:
        raise InvalidQuery("the amount is too small to buy any answer", reason="SPEND_TOO_SMALL")
    most = permit.agreement.privacy.most_per_query
    loss = PrivacyLoss(rho=total)
    if most is not None and not loss.fits(most):
        raise PermissionDenied(
            f"the agreement allows at most rho {most.rho_decimal} per query, not {loss.rho_decimal}",
            reason="MOST_PER_QUERY",
        )
    return loss, parts


def total_rho(spend: Spend, permit: Permit) -> int:
    """What a share, a rho or an epsilon amounts to, in 1e-12 of rho."""
    budget = permit.agreement.privacy.budget
    match spend.kind:
        case SpendKind.SHARE:
            exact = Decimal(budget.cap.rho) * spend.amount / 100
            return int(exact.to_integral_value(ROUND_FLOOR))
        case SpendKind.RHO:
            return int((spend.amount * RHO_UNIT).to_integral_value(ROUND_CEILING))
        case _:
            return rho_from_epsilon(spend.amount, budget.delta / 2)


def _within(lowered: Lowered, width: Decimal, positions: Positions) -> tuple[int, ...]:
    """Prices at which every asked count and sum has an interval of the given half-width, in its unit.

    The vector that only suppression reads is priced like the dearest asked one.
    """
    asked: Mapping[tuple[str, str], int] = {
        vector_key(each.needs[0]): _rho_within(each, width, lowered.expression, positions)
        for each in lowered.measured
    }
    dearest = max(asked.values())
    return tuple(asked.get(vector_key(vector), dearest) for vector in lowered.expression.vectors)


def _rho_within(measured: Measured, width: Decimal, expression: Expression, positions: Positions) -> int:
    kind = measured.measure.kind
    if kind in _RATIOS:
        raise fault(
            measured.measure.name,
            f"a half-width cannot be promised for {_RATIOS[kind]}, whose error depends on the data",
            "WITHIN_NEEDS_COUNTS",
            positions,
            "spend a share, a rho or an epsilon; the estimate shows the error for assumed counts",
        )
    resolution = Fraction(measured.bounds.resolution) if measured.bounds else Fraction(1)
    steps = int(Fraction(width) / resolution)
    if steps < 1:
        raise InvalidQuery("the half-width is finer than the grid of the measure", reason="WITHIN_TOO_FINE")
    sigma = sigma_within(min(steps, int(LARGEST_SIGMA)))
    squared = l2_squared(measured.needs[0], groups=expression.groups, max_rows=expression.max_rows)
    return max(1, ceil(Decimal(squared) * RHO_UNIT / (2 * Decimal(sigma) ** 2)))


def _priced(vector: Vector, rho: int, expression: Expression, population_maximum: int) -> Priced:
    squared = l2_squared(vector, groups=expression.groups, max_rows=expression.max_rows)
    check_overflow(
        vector,
        population_maximum=population_maximum,
        groups=expression.groups,
        max_rows=expression.max_rows,
    )
    sigma = sigma_for(squared, rho)
    if sigma > LARGEST_SIGMA:
        raise InvalidQuery("the amount is too small to buy any answer", reason="SPEND_TOO_SMALL")
    return Priced(vector=vector, l2_squared=squared, rho=rho, sigma=sigma)
