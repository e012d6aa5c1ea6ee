"""Laws of the conversion between epsilon and rho, against Proposition 12 as it is printed."""

import math
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.domain.privacy import RHO_UNIT
from gateway.privacy.accounting import cap, epsilon_of, rho_from_epsilon

EPSILONS = st.decimals("0.01", "20", places=4, allow_nan=False)
SMALL_EPSILONS = st.decimals("0.01", "3", places=4, allow_nan=False)
DELTAS = st.integers(20, 50).map(lambda n: Decimal(n * n) / 10 ** (n // 3 + 3))  # about 4e-7 to 3e-16
ORDERS = [1 + math.exp(t / 200) for t in range(-1000, 9000)]

fast = settings(max_examples=25, deadline=None)


def log_delta(rho: float, epsilon: float, order: float) -> float:
    """The logarithm of delta at one order, as printed: exp(..) / (a - 1) * (1 - 1/a)^a."""
    exponent = (order - 1) * (order * rho - epsilon)
    return exponent - math.log(order - 1) + order * math.log1p(-1 / order)


@fast
@given(epsilon=EPSILONS, delta=DELTAS)
def test_the_grant_is_safe_and_the_largest(epsilon: Decimal, delta: Decimal) -> None:
    """Some order proves (epsilon, delta) for the granted rho; no order proves it for a millionth more."""
    rho = rho_from_epsilon(epsilon, delta) / RHO_UNIT
    target = math.log(delta)
    assert min(log_delta(rho * (1 - 1e-5), float(epsilon), a) for a in ORDERS) <= target
    assert min(log_delta(rho * (1 + 1e-5), float(epsilon), a) for a in ORDERS) > target


@fast
@given(epsilon=EPSILONS, delta=DELTAS)
def test_one_unit_more_would_exceed_epsilon(epsilon: Decimal, delta: Decimal) -> None:
    rho = rho_from_epsilon(epsilon, delta)
    assert epsilon_of(rho, delta) <= math.nextafter(float(epsilon), math.inf)
    assert Decimal(epsilon_of(rho + 1, delta)) > epsilon


@fast
@given(epsilon=EPSILONS, more=st.decimals("1e-9", "3", places=9), delta=DELTAS)
def test_more_epsilon_and_more_delta_never_grant_less(
    epsilon: Decimal, more: Decimal, delta: Decimal
) -> None:
    rho = rho_from_epsilon(epsilon, delta)
    assert rho_from_epsilon(epsilon + more, delta) >= rho
    assert rho_from_epsilon(epsilon, delta * 2) >= rho


@fast
@given(rho=st.integers(1, 10**13), more=st.integers(1, 10**12), delta=DELTAS)
def test_more_loss_is_never_a_smaller_epsilon(rho: int, more: int, delta: Decimal) -> None:
    assert 0 <= epsilon_of(rho, delta) <= epsilon_of(rho + more, delta)
    assert rho_from_epsilon(Decimal(epsilon_of(rho, delta)), delta) >= rho or epsilon_of(rho, delta) == 0


@fast
@given(epsilon=SMALL_EPSILONS, delta=DELTAS)
def test_half_the_epsilon_costs_about_a_quarter(epsilon: Decimal, delta: Decimal) -> None:
    part = rho_from_epsilon(epsilon / 2, delta) / rho_from_epsilon(epsilon, delta)
    assert 0.2 < part < 0.3


@fast
@given(epsilon=EPSILONS, delta=DELTAS)
def test_a_query_at_the_epsilon_of_the_cap_costs_exactly_the_cap(epsilon: Decimal, delta: Decimal) -> None:
    granted = cap(epsilon, delta)
    assert granted.rho == rho_from_epsilon(epsilon, delta / 2)
    assert granted.delta_decimal <= delta / 2 < granted.delta_decimal + Decimal("1e-18")
