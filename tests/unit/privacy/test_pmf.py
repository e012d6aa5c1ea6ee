"""The price against the exact distribution: Renyi divergences summed term by term, as a bound of our own."""

import math
from collections.abc import Sequence

import pytest

from gateway.domain.privacy import RHO_UNIT
from gateway.privacy.mechanisms import make_measurement, price
from gateway.privacy.pmf import mass, normaliser, weight, zcdp_bound

SIGMAS = (0.3, 0.7071, 1.0, 2.5, 11.0, 60.0)
ORDERS = (1.01, 1.5, 2.0, 3.0, 8.0, 32.0)


def renyi(shift: int, sigma: float, order: float) -> float:
    """The Renyi divergence of the shifted from the unshifted distribution, by plain summation.

    The largest term, at order * shift, is taken out first, so that nothing over- or underflows.
    """

    def exponent(k: int) -> float:
        return -(order * (k - shift) ** 2 + (1 - order) * k**2) / (2 * sigma**2)

    middle = round(order * shift)
    reach = math.ceil(12 * sigma) + 12
    ks = range(middle - reach, middle + reach + 1)
    top = max(exponent(k) for k in ks)
    log_sum = top + math.log(math.fsum(math.exp(exponent(k) - top) for k in ks))
    norm = math.log(math.fsum(math.exp(-(k**2) / (2 * sigma**2)) for k in range(-reach, reach + 1)))
    return (log_sum - norm) / (order - 1)


def divergence(shifts: Sequence[int], sigma: float, order: float) -> float:
    """Independent cells: divergences add."""
    return math.fsum(renyi(shift, sigma, order) for shift in shifts)


@pytest.mark.parametrize("sigma", SIGMAS)
@pytest.mark.parametrize("shifts", [(1,), (7,), (-3,), (1, 1, 1), (2, -5, 0, 1)])
def test_the_price_covers_the_exact_divergence_at_every_order(sigma: float, shifts: tuple[int, ...]) -> None:
    charged = price(sum(s * s for s in shifts), sigma) / RHO_UNIT
    for order in ORDERS:
        assert divergence(shifts, sigma, order) <= order * charged * (1 + 1e-9) + 1e-12


@pytest.mark.parametrize("sigma", SIGMAS)
def test_the_price_is_reached_so_that_any_lower_one_would_be_caught(sigma: float) -> None:
    """At a whole order the divergence equals order * rho: the charge has no slack to hide a fault in."""
    charged = price(9 + 4, sigma) / RHO_UNIT
    assert divergence((3, -2), sigma, 2.0) == pytest.approx(2 * charged, rel=1e-6)
    assert divergence((3, -2), sigma, 2.0) > 2 * (0.99 * charged)


def test_several_vectors_add_up() -> None:
    loss = make_measurement([(3, 2.0), (49, 30.0)]).loss
    exact = divergence((1, 1, 1), 2.0, 2.0) + divergence((7,), 30.0, 2.0)
    assert exact <= 2 * loss.rho / RHO_UNIT * (1 + 1e-9)
    assert loss.rho == price(3, 2.0) + price(49, 30.0)


def test_the_bound_is_exact() -> None:
    assert zcdp_bound(5, 2.0) * 8 == 5


@pytest.mark.parametrize("sigma", [1e-9, 0.05, 0.5, 0.999, 1.0, 1.001, 5.0, 700.0])
def test_all_masses_add_up_to_one(sigma: float) -> None:
    reach = math.ceil(12 * sigma) + 1
    assert math.fsum(mass(k, sigma) for k in range(-reach, reach + 1)) == pytest.approx(1, abs=1e-13)
    assert weight(0, sigma) == 1
    assert normaliser(sigma) >= 1
