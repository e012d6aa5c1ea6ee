"""Known points of the conversion, and agreement with an outside accountant."""

import math
from decimal import Decimal

import dp_accounting
import pytest
from dp_accounting import rdp

from gateway.domain.privacy import RHO_UNIT
from gateway.privacy.accounting import cap, epsilon_of, rho_from_epsilon

POINTS = [("1", "1e-6"), ("0.1", "1e-6"), ("4", "1e-9"), ("10", "1e-6"), ("0.5", "5e-8"), ("2", "1e-4")]


def outside_epsilon(rho: float, delta: float) -> float:
    orders = [1 + math.exp(t / 50) for t in range(-200, 500)]
    accountant = rdp.RdpAccountant(orders)
    accountant.compose(dp_accounting.ZCDpEvent(rho))
    return float(accountant.get_epsilon(delta))


@pytest.mark.parametrize(("epsilon", "delta"), POINTS)
def test_the_reference_accountant_agrees(epsilon: str, delta: str) -> None:
    rho = rho_from_epsilon(Decimal(epsilon), Decimal(delta))
    outside = outside_epsilon(rho / RHO_UNIT, float(delta))
    assert outside == pytest.approx(float(epsilon), rel=0.01)
    assert outside >= float(epsilon) * (1 - 1e-9)  # its orders are a coarser search for the same least value
    assert epsilon_of(rho, Decimal(delta)) == pytest.approx(float(epsilon), rel=1e-6)


def test_the_simple_conversion_is_never_used() -> None:
    """A rho of 1/2 would be (5.2, 1e-6)-DP; (1, 1e-6)-DP grants a twentieth of it."""
    assert epsilon_of(RHO_UNIT // 2, Decimal("1e-6")) == pytest.approx(5.2, abs=0.05)
    assert rho_from_epsilon(Decimal(1), Decimal("1e-6")) == pytest.approx(0.02436 * RHO_UNIT, rel=1e-3)


def test_golden_integers() -> None:
    """The ledger's amounts are the same on every machine."""
    assert rho_from_epsilon(Decimal(1), Decimal("1e-6")) == 24_355_970_359
    assert cap(Decimal(1), Decimal("1e-6")).rho == rho_from_epsilon(Decimal(1), Decimal("5e-7"))
    assert cap(Decimal(1), Decimal("1e-6")).delta == 500_000_000_000


def test_half_of_delta_is_kept_and_rounded_down() -> None:
    assert cap(Decimal(1), Decimal("3e-18")).delta == 1
    assert cap(Decimal(1), Decimal("1e-18")).delta == 0


def test_a_query_at_the_epsilon_of_the_cap_leaves_nothing() -> None:
    granted = cap(Decimal("0.7"), Decimal("2e-7"))
    asked = rho_from_epsilon(Decimal("0.7"), Decimal("1e-7"))
    assert granted.rho == asked


@pytest.mark.parametrize("epsilon", ["0", "-1", "NaN", "Infinity", "-Infinity"])
def test_an_epsilon_out_of_range_grants_nothing(epsilon: str) -> None:
    assert rho_from_epsilon(Decimal(epsilon), Decimal("1e-6")) == 0
    assert rho_from_epsilon(Decimal("0.001"), Decimal("1e-6")) > 0


@pytest.mark.parametrize("delta", ["0", "1", "-0.1", "2", "NaN", "Infinity"])
def test_a_delta_out_of_range_grants_nothing(delta: str) -> None:
    assert rho_from_epsilon(Decimal(1), Decimal(delta)) == 0
    assert cap(Decimal(1), Decimal(delta)).rho == cap(Decimal(1), Decimal(delta)).delta == 0
    assert epsilon_of(1, Decimal(delta)) == math.inf
    assert rho_from_epsilon(Decimal(1), Decimal("0.999")) > 0


def test_nothing_spent_is_epsilon_zero() -> None:
    assert epsilon_of(0, Decimal("1e-6")) == 0.0
    assert epsilon_of(10**9, Decimal("1e-6")) > 0


@pytest.mark.parametrize("epsilon", ["1e-9", "1e6", "1e20"])
def test_extreme_epsilons_end(epsilon: str) -> None:
    rho = rho_from_epsilon(Decimal(epsilon), Decimal("1e-18"))
    assert epsilon_of(rho, Decimal("1e-18")) <= float(epsilon) * (1 + 1e-15)
