"""Check digits against published numbers; each twin differs in one digit and fails."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.deid import check_digits as c

PUBLISHED = [
    (c.luhn, "79927398713"),  # the example of ISO/IEC 7812-1's usual explanation
    (c.card, "4111 1111 1111 1111"),  # the networks' test cards
    (c.card, "378282246310005"),
    (c.card, "6200000000000005"),  # UnionPay
    (c.npi, "1234567893"),  # CMS, "Requirements for NPI and NPI check digit"
    (c.vin, "1M8GDM9AXKP042788"),  # 49 CFR 565's much-cited example
    (c.vin, "11111111111111111"),
    (c.dea, "AB1234563"),
    (c.resident_identity, "11010519491231002X"),  # GB 11643-1999, annex
    (c.resident_identity, "440524188001010014"),
    (c.nhs_number, "943 476 5919"),  # NHS Data Dictionary
    (c.dni, "12345678Z"),  # Ministerio del Interior
    (c.dni, "X1234567L"),
    (c.iban, "GB82 WEST 1234 5698 7654 32"),  # ISO 13616 registry
    (c.iban, "ES91 2100 0418 4502 0005 1332"),
    (c.iban, "DE89370400440532013000"),
    (c.routing, "111000025"),  # ABA
    (c.routing, "021000021"),
    (c.nass, "28 12345678 40"),
    (c.nass, "08/01234567/74"),
]


@pytest.mark.parametrize(("check", "number"), PUBLISHED)
def test_a_published_number_passes(check: Callable[[str], bool], number: str) -> None:
    assert check(number)
    assert check(number.lower())


@pytest.mark.parametrize(("check", "number"), PUBLISHED)
def test_any_other_last_digit_fails(check: Callable[[str], bool], number: str) -> None:
    if not number[-1].isdigit():
        assert not any(check(number[:-1] + digit) for digit in "0123456789")
        return
    twins = [number[:-1] + digit for digit in "0123456789" if digit != number[-1]]
    assert not any(check(twin) for twin in twins)


@pytest.mark.parametrize(("check", "number"), PUBLISHED)
def test_a_digit_more_or_less_fails(check: Callable[[str], bool], number: str) -> None:
    if check is c.luhn:
        return
    assert not check(number[1:])
    assert not check(number + "1")


def test_a_national_insurance_number_by_form() -> None:
    assert c.nino("AB 12 34 56 C")
    assert not c.nino("QQ 12 34 56 C")  # HMRC's own example of one never issued
    assert not c.nino("GB 12 34 56 C")
    assert not c.nino("AB 12 34 56 E")


def test_a_day_that_does_not_exist_is_no_resident_identity() -> None:
    assert c.resident_identity("11010519491231002X")
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    body = "11010519490231002"
    letter = "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]
    assert not c.resident_identity(body + letter)


def test_one_digit_repeated_is_no_card() -> None:
    assert c.luhn("4" * 17)
    assert not c.card("4" * 17)


CHECKS = sorted({check for check, _ in PUBLISHED}, key=lambda check: check.__name__)


@given(st.text(max_size=24))
def test_no_text_is_an_error(text: str) -> None:
    for check in [*CHECKS, c.nino]:
        assert check(text) in (True, False)


@given(st.text("0123456789", min_size=11, max_size=17), st.integers(0, 10))
def test_luhn_sees_every_single_slip(digits: str, place: int) -> None:
    checked = next(digits + d for d in "0123456789" if c.luhn(digits + d))
    slipped = checked[:place] + str((int(checked[place]) + 1) % 10) + checked[place + 1 :]
    assert not c.luhn(slipped)
