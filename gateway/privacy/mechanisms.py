"""The integer Gaussian mechanism: scales, prices, and the measurement that draws the noise.

Law: a price is at least OpenDP's own map and at least our bound from the exact distribution, rounded up;
it is fixed before data is read. A failed draw says nothing. The only room of opendp.
Imports: the standard library, opendp, domain words, errors and the exact distribution.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from opendp.domains import atom_domain, vector_domain
from opendp.measurements import make_gaussian
from opendp.metrics import l2_distance
from opendp.mod import enable_features

from gateway.domain.expression import ExactVectors
from gateway.domain.privacy import RHO_UNIT, PrivacyLoss
from gateway.errors import Internal, InvalidQuery, ReleaseFailed
from gateway.privacy.pmf import zcdp_bound

enable_features("contrib")

SMALLEST_SIGMA = 1e-6  # below about 0.01 the noise is always zero; smaller scales change nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One draw of noise for a plan's exact vectors; opaque outside this room.

    `loss` is what a draw costs. Calling it takes one tuple of integers per part and returns the same
    shape; totals near the ends of 64 bits saturate. Raises only `ReleaseFailed`, with no text of others.
    """

    loss: PrivacyLoss
    _draws: tuple[Any, ...] = field(repr=False)

    def __call__(self, exact: ExactVectors) -> ExactVectors:
        try:
            return tuple(
                tuple(int(value) for value in draw(list(vector)))
                for draw, vector in zip(self._draws, exact, strict=True)
            )
        except Exception:
            # The library's messages quote the exact value that it could not take.
            raise ReleaseFailed from None


def make_measurement(parts: Sequence[tuple[int, float]]) -> Measurement:
    """Noise for one vector per part, each given as (squared L2 sensitivity, sigma).

    The loss is the sum of the parts' prices. Raises `Internal` for a sigma or sensitivity out of range.
    """
    loss = PrivacyLoss(rho=sum(price(l2_squared, sigma) for l2_squared, sigma in parts))
    return Measurement(loss=loss, _draws=tuple(_gaussian(sigma) for _, sigma in parts))


def price(l2_squared: int, sigma: float) -> int:
    """The rho, in units of 1e-12, of one vector noised at scale `sigma`; rounded up.

    The larger of OpenDP's map and of our own exact bound: a fault in one of them is caught by the other.
    Raises `Internal` for a sigma or sensitivity out of range.
    """
    if l2_squared < 1:
        raise Internal("a sensitivity is at least 1")
    measurement = _gaussian(sigma)
    try:
        mapped = Fraction(measurement.map(_distance(l2_squared)))
    except Exception:
        raise Internal("the mechanism has no price at this scale") from None
    return math.ceil(max(mapped, zcdp_bound(l2_squared, sigma)) * RHO_UNIT)


def sigma_for(l2_squared: int, rho: int) -> float:
    """The smallest scale whose price is at most `rho` (units of 1e-12), to a few units in the last place.

    Never below 1e-6. Raises `InvalidQuery` (SPEND_TOO_SMALL) for a rho below one unit.
    """
    if rho < 1:
        raise InvalidQuery("the loss asked for is too small to draw any answer", reason="SPEND_TOO_SMALL")
    sigma = max(SMALLEST_SIGMA, math.sqrt(l2_squared * RHO_UNIT / (2 * rho)) * (1 - 2**-51))
    step = 2.0**-52
    while price(l2_squared, sigma) > rho:
        sigma, step = sigma * (1 + step), 2 * step
    return sigma


def _distance(l2_squared: int) -> float:
    """The smallest double whose square, taken exactly, is at least `l2_squared`."""
    distance = math.nextafter(math.sqrt(l2_squared), 0.0)
    while Fraction(distance) ** 2 < l2_squared:
        distance = math.nextafter(distance, math.inf)
    return distance


def _gaussian(sigma: float) -> Any:
    """OpenDP's discrete Gaussian on vectors. i64 is named, since its `int` is 32 bits wide."""
    if not (math.isfinite(sigma) and sigma >= SMALLEST_SIGMA):
        raise Internal("a noise scale is finite and at least 1e-6")
    try:
        return make_gaussian(vector_domain(atom_domain(T="i64")), l2_distance(T="f64"), scale=sigma)
    except Exception:
        raise Internal("the mechanism cannot be built at this scale") from None
