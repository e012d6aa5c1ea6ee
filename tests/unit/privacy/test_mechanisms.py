"""Scales, prices and the draw: the price never exceeds what was asked, a failed draw says nothing."""

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.domain.privacy import RHO_UNIT, PrivacyLoss
from gateway.errors import Internal, InvalidQuery, ReleaseFailed
from gateway.privacy import mechanisms
from gateway.privacy.mechanisms import Measurement, make_measurement, price, sigma_for

LARGE = 2**62 - 1


@settings(max_examples=60, deadline=None)
@given(l2=st.integers(1, 2**90), rho=st.integers(1, 10**15))
def test_the_scale_costs_at_most_what_was_asked_and_hardly_less(l2: int, rho: int) -> None:
    sigma = sigma_for(l2, rho)
    paid = price(l2, sigma)
    assert paid <= rho
    assert rho - paid <= 1 + rho // 10**14
    assert Fraction(l2) / (2 * Fraction(sigma) ** 2) * RHO_UNIT <= paid


@settings(max_examples=30, deadline=None)
@given(l2=st.integers(1, 2**60), sigma=st.floats(0.01, 1e9))
def test_the_price_grows_with_sensitivity_and_falls_with_scale(l2: int, sigma: float) -> None:
    assert price(l2, sigma) <= price(l2 + 1, sigma)
    assert price(l2, 2 * sigma) <= price(l2, sigma)
    assert price(l2, sigma) >= 1


def test_a_library_that_reports_too_little_is_overruled(monkeypatch: pytest.MonkeyPatch) -> None:
    class Cheap:
        def map(self, distance: float) -> float:
            return 1e-9 * distance

    honest = price(3, 2.0)
    monkeypatch.setattr(mechanisms, "_gaussian", lambda sigma: Cheap())
    assert price(3, 2.0) == 3 * RHO_UNIT // 8
    assert honest - price(3, 2.0) <= 1  # the library's own figure is rounded up in its last place


def test_a_library_that_reports_more_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Dear:
        def map(self, distance: float) -> float:
            return distance

    monkeypatch.setattr(mechanisms, "_gaussian", lambda sigma: Dear())
    assert price(4, 2.0) == 2 * RHO_UNIT


def test_the_distance_is_never_rounded_down() -> None:
    for l2 in (1, 2, 3, 4, 10**9 + 7, 2**107 - 1, 2**124 + 1):
        distance = mechanisms._distance(l2)
        assert Fraction(distance) ** 2 >= l2
        assert Fraction(math.nextafter(distance, 0)) ** 2 < l2


def test_a_loss_below_one_unit_is_refused() -> None:
    with pytest.raises(InvalidQuery) as refused:
        sigma_for(1, 0)
    assert refused.value.reason == "SPEND_TOO_SMALL"
    assert sigma_for(1, 1) == pytest.approx(math.sqrt(RHO_UNIT / 2))


def test_an_enormous_loss_has_a_smallest_scale() -> None:
    assert sigma_for(1, 10**400) == mechanisms.SMALLEST_SIGMA


@pytest.mark.parametrize("sigma", [0.0, -1.0, math.nan, math.inf, 1e-7])
def test_scales_out_of_range_are_our_error(sigma: float) -> None:
    with pytest.raises(Internal):
        make_measurement([(1, sigma)])
    assert make_measurement([(1, 1e-6)]).loss.rho > 0


def test_sensitivities_out_of_range_are_our_error() -> None:
    with pytest.raises(Internal):
        make_measurement([(0, 1.0)])
    assert make_measurement([(1, 1.0)]).loss == PrivacyLoss(rho=RHO_UNIT // 2)


@pytest.mark.parametrize("total", [2**40, -(2**40), 2**31, 2**53 + 1, LARGE, -LARGE])
def test_large_totals_are_drawn(total: int) -> None:
    """Totals past 32 bits once raised in the library, with the exact sum in the message."""
    ((noisy,),) = make_measurement([(1, 2.0)])(((total,),))
    assert abs(noisy - total) < 100


def test_noise_beyond_64_bits_saturates() -> None:
    (noisy,) = make_measurement([(1, 1e25)])(((0,) * 50,))
    assert all(-(2**63) <= value < 2**63 for value in noisy)


def test_shape_and_types_are_kept() -> None:
    noisy = make_measurement([(1, 3.0), (9, 5.0)])(((1, 2, 3), (40, 50, 60)))
    assert [len(vector) for vector in noisy] == [3, 3]
    assert all(type(value) is int for vector in noisy for value in vector)


@pytest.mark.parametrize("exact", [((2**63,),), ((1.5,),), ((None,),), (("7",),), ((1,), (2,)), (), None])
def test_a_failed_draw_says_nothing(exact: object) -> None:
    measurement = make_measurement([(1, 3.0)])
    with pytest.raises(ReleaseFailed) as failed:
        measurement(exact)  # type: ignore[arg-type]
    assert failed.value.reason == "RELEASE_FAILED"
    assert failed.value.__cause__ is None
    assert failed.value.__suppress_context__
    assert str(failed.value) == str(ReleaseFailed())
    assert len(measurement(((2**62,),))) == 1


def test_a_measurement_is_opaque() -> None:
    measurement = make_measurement([(1, 3.0)])
    assert "draws" not in repr(measurement)
    with pytest.raises(AttributeError):
        measurement.loss = PrivacyLoss(rho=0)  # type: ignore[misc]
    assert isinstance(measurement, Measurement)
