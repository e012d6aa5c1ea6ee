"""Conversion between (epsilon, delta) as people write it and rho as the ledger counts it.

Law: what is granted is rounded down, what is stated as spent is rounded up; the cap and a query that asks
for an epsilon use the same function, and epsilon^2 / 2 is never used. Pure decimal arithmetic of one
fixed precision, so that every machine finds the same integers.
Imports: the standard library and domain words.

Rho-zCDP implies (epsilon, delta)-DP wherever, for some order a > 1,

    delta >= exp((a - 1) (a rho - epsilon)) / (a - 1) * (1 - 1/a)^a

(Canonne, Kamath and Steinke 2020, "The Discrete Gaussian for Differential Privacy", Proposition 12).
With N(a) = (ln delta - (a - 1) ln(a - 1) + a ln a) / (a - 1) this reads  a rho <= N(a) + epsilon, for
*any* a: a poor choice of the order loses a little of the grant but never the guarantee.
N'(a) = -ln(delta a) / (a - 1)^2 falls from infinity to 0 on (1, 1/delta); the best order lies there and is
the single change of sign of a falling function, which bisection finds.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from functools import lru_cache

from gateway.domain.privacy import DELTA_UNIT, RHO_UNIT, PrivacyLoss

_DIGITS = 60
_BISECTIONS = 130  # the bracket spans a factor of 1e40, which leaves 1e-37 of it
_WIDEST = Decimal("1e-40")
_MARGIN = Decimal("1e-30")  # relative; far above what 60 digits can lose, far below one unit of rho


def _context() -> Context:
    return Context(prec=_DIGITS, rounding=ROUND_HALF_EVEN, Emin=-999_999, Emax=999_999)


def _usable(delta: Decimal) -> bool:
    return delta.is_finite() and 0 < delta < 1


def _best_order(delta: Decimal, gain: Callable[[Decimal], Decimal]) -> Decimal:
    """The order a in (1, 1/delta) at which `gain`, a falling function, changes its sign."""
    high = 1 / delta - 1
    low = high * _WIDEST
    for _ in range(_BISECTIONS):
        middle = (low * high).sqrt()
        if gain(1 + middle) > 0:
            low = middle
        else:
            high = middle
    return 1 + low


def _numerator(order: Decimal, delta: Decimal) -> Decimal:
    """N(a) of the head of this file."""
    rest = order - 1
    return (delta.ln() - rest * rest.ln() + order * order.ln()) / rest


def _slope(order: Decimal, delta: Decimal) -> Decimal:
    """N'(a), never negative on (1, 1/delta)."""
    return -(delta * order).ln() / (order - 1) ** 2


@lru_cache(maxsize=4096)
def rho_from_epsilon(epsilon: Decimal, delta: Decimal) -> int:
    """The largest rho, in units of 1e-12, such that rho-zCDP implies (epsilon, delta)-DP; rounded down.

    `delta` is the half that the conversion may use. Grows with epsilon and with delta. An epsilon that is
    not positive, or a delta outside (0, 1), grants nothing: 0. Source: Canonne et al. 2020, Prop. 12.
    """
    if not (epsilon.is_finite() and epsilon > 0 and _usable(delta)):
        return 0
    with localcontext(_context()):

        def gain(order: Decimal) -> Decimal:
            return order * _slope(order, delta) - _numerator(order, delta) - epsilon

        order = _best_order(delta, gain)
        rho = (_numerator(order, delta) + epsilon) / order
        return max(0, int(rho * (1 - _MARGIN) * RHO_UNIT))


def cap(epsilon: Decimal, delta: Decimal) -> PrivacyLoss:
    """The cap that an agreement's (epsilon, delta) grants.

    Half of delta pays for the conversion to rho, the other half is the cap's own delta (units of 1e-18),
    kept for the discovery of keys. Both parts are rounded down.
    """
    if not _usable(delta):
        return PrivacyLoss(rho=0, delta=0)
    with localcontext(_context()):
        half = delta / 2
        return PrivacyLoss(rho=rho_from_epsilon(epsilon, half), delta=int(half * DELTA_UNIT))


@lru_cache(maxsize=4096)
def epsilon_of(rho: int, delta: Decimal) -> float:
    """The smallest epsilon such that rho-zCDP (`rho` in units of 1e-12) implies (epsilon, delta)-DP.

    Rounded up; 0 for a rho of 0 and infinite for a delta outside (0, 1). `delta` is the half that the
    conversion may use. The inverse of `rho_from_epsilon`.
    """
    if rho <= 0:
        return 0.0
    if not _usable(delta):
        return math.inf
    with localcontext(_context()):
        exact = Decimal(rho) / RHO_UNIT
        order = _best_order(delta, lambda a: _slope(a, delta) - exact)
        epsilon = (order * exact - _numerator(order, delta)) * (1 + _MARGIN)
        nearest = float(epsilon)
        rounded = nearest if Decimal(nearest) >= epsilon else math.nextafter(nearest, math.inf)
        return max(0.0, rounded)
