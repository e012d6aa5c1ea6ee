"""Surrogates of numbers, places and addresses: the form of the original, and nobody's number."""

from __future__ import annotations

import ipaddress
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.deid import check_digits
from gateway.domain.deid import IdentifierType
from tests.unit.deid.scopes import surrogates

CODES = sorted(
    set(IdentifierType)
    - {
        *(IdentifierType.NAME, IdentifierType.DATE, IdentifierType.AGE, IdentifierType.LOCATION),
        *(IdentifierType.STREET, IdentifierType.ORGANIZATION, IdentifierType.EMAIL, IdentifierType.URL),
        *(IdentifierType.IP, IdentifierType.PHONE, IdentifierType.FAX),
    }
)


def form(text: str) -> str:
    return "".join(
        "9" if char.isdigit() else "A" if char.isupper() else "a" if char.islower() else char for char in text
    )


@given(
    st.sampled_from(CODES), st.from_regex(r"[A-Za-z0-9]{2,6}([ ./-]?[A-Za-z0-9]{2,6}){0,4}", fullmatch=True)
)
def test_codes_keep_their_form(kind: IdentifierType, text: str) -> None:
    (new,) = surrogates(kind, [text])
    assert new != text
    assert form(new) == form(text) or new == f"[{kind}]"


@given(st.lists(st.integers(10_000_000, 99_999_999), unique=True, min_size=2, max_size=40))
def test_no_two_originals_share_a_surrogate_and_none_is_an_original(numbers: list[int]) -> None:
    texts = [str(number) for number in numbers]
    made = surrogates(IdentifierType.MRN, texts)
    assert len(set(made)) == len(texts)
    assert not set(made) & set(texts)


def test_one_number_in_several_forms_is_one() -> None:
    plain, spaced, dotted = surrogates(IdentifierType.MRN, ["00471234", "0047 1234", "0047-1234"])
    assert spaced.replace(" ", "") == dotted.replace("-", "") == plain


PHONES = [
    ("en", "617-234-1234", r"\d{3}-555-01\d\d"),
    ("en", "(617) 234-1234", r"\(\d{3}\) 555-01\d\d"),
    ("en", "+1 617.234.1234", r"\+1 \d{3}\.555\.01\d\d"),
    ("en", "1-617-234-1234", r"1-\d{3}-555-01\d\d"),
    ("en", "617-234-1234 x678", r"\d{3}-555-01\d\d x\d{3}"),
    ("en", "234-1234", r"555-01\d\d"),
    ("en", "+44 20 7123 4567", r"\+44 (16 3296 0\d{3}|77 0090 0\d{3})"),
    ("es", "612 345 678", r"4\d\d \d{3} \d{3}"),
    ("es", "+34 912 345 678", r"\+34 4\d\d \d{3} \d{3}"),
    ("es", "34 912345678", r"34 4\d{8}"),
    ("zh", "8613812345678", r"8612\d{9}"),
    ("en", "0961-7596216", r"\d{4}-\d{7}"),
    ("zh", "13812345678", r"12\d{9}"),
    ("zh", "+86 138 1234 5678", r"\+86 12\d \d{4} \d{4}"),
    ("zh", "010-62345678", r"0\d\d-\d1\d{6}"),
]


@pytest.mark.parametrize(("language", "text", "expected"), PHONES)
def test_telephone_numbers_are_nobodys(language: str, text: str, expected: str) -> None:
    for kind in (IdentifierType.PHONE, IdentifierType.FAX):
        (new,) = surrogates(kind, [text], language=language)
        assert new != text
        if language != "zh" or not text.startswith("0"):
            assert re.fullmatch(expected, new)
        assert form(new) == form(text)


def test_a_number_with_and_without_its_country_is_one() -> None:
    one, other = surrogates(IdentifierType.PHONE, ["+1 617 234 1234", "617-234-1234"])
    assert re.sub(r"\D", "", one) == "1" + re.sub(r"\D", "", other)


def test_social_security_numbers_are_never_issued_ones() -> None:
    for number in range(200):
        (new,) = surrogates(IdentifierType.SSN, [f"123456{number:03d}"], subject=str(number))
        assert new[0] == "9"
        assert 1 <= int(new[3:5]) <= 49


CHECKED = [
    (IdentifierType.LICENSE, "1234567893", check_digits.npi),
    (IdentifierType.LICENSE, "AB1234563", check_digits.dea),
    (IdentifierType.VEHICLE, "1HGCM82633A004352", check_digits.vin),
    (IdentifierType.NATIONAL_ID, "11010519491231002X", check_digits.resident_identity),
    (IdentifierType.NATIONAL_ID, "12345678Z", check_digits.dni),
    (IdentifierType.ACCOUNT, "4111 1111 1111 1111", check_digits.card),
]


@pytest.mark.parametrize(("kind", "text", "check"), CHECKED)
def test_a_number_with_a_check_digit_has_a_wrong_one(kind: IdentifierType, text: str, check: object) -> None:
    assert callable(check)
    assert check(text)
    for subject in map(str, range(100)):
        (new,) = surrogates(kind, [text], subject=subject)
        assert not check(new)


def test_number_plates_keep_a_province() -> None:
    (new,) = surrogates(IdentifierType.VEHICLE, ["京A12345"], language="zh")
    assert re.fullmatch(r"[\u4e00-\u9fff][A-Z]\d{5}", new)
    assert new[0] != "京"


@pytest.mark.parametrize("text", ["Иван 123", "رقم 5", "", "病案号", "1" * 300])
def test_what_is_no_code_of_ours_is_redacted(text: str) -> None:
    assert surrogates(IdentifierType.ID, [text]) == ["[ID]"]


def test_internet_addresses_are_reserved_ones() -> None:
    (mail,) = surrogates(IdentifierType.EMAIL, ["maria.keller@clinic.test"])
    assert re.fullmatch(r"[a-z]+\.[a-z]+@example\.(org|com|net)", mail)
    (correo,) = surrogates(IdentifierType.EMAIL, ["ana@clinic.test"], language="es")
    assert re.fullmatch(r"[a-z]+\.[a-z]+@example\.(org|com|net)", correo)
    (url, bare) = surrogates(IdentifierType.URL, ["https://clinic.test/p?id=7", "clinic.test"])
    assert re.fullmatch(r"https://www\.example\.org/[a-z2-9]{8}", url)
    assert re.fullmatch(r"www\.example\.org/[a-z2-9]{8}", bare)
    four, six = surrogates(IdentifierType.IP, ["10.1.2.3", "fe80::1"])
    documentation = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
    assert any(ipaddress.ip_address(four) in ipaddress.ip_network(net) for net in documentation)
    assert ipaddress.ip_address(six) in ipaddress.ip_network("2001:db8::/32")


PLACES = [
    ("en", IdentifierType.LOCATION, "Springfield", r"[A-Z][a-z]+"),
    ("en", IdentifierType.LOCATION, "SPRINGFIELD", r"[A-Z]+"),
    ("en", IdentifierType.LOCATION, "Lincoln County", r"[A-Z][a-z]+ County"),
    ("es", IdentifierType.LOCATION, "Alcobendas", r"[A-Z]\w+ del? .+"),
    ("zh", IdentifierType.LOCATION, "广东省深圳市南山区", r"[\u4e00-\u9fff]{3}区"),
    ("en", IdentifierType.STREET, "12 Oak St, Apt 4", r"\d\d [A-Z][a-z]+ St, Apt \d+"),
    ("en", IdentifierType.STREET, "1200 N Main Street", r"\d{4} [A-Z][a-z]+ Street"),
    ("en", IdentifierType.STREET, "PO Box 12345", r"PO Box \d{5}"),
    ("es", IdentifierType.STREET, "Avda. de la Constitución, 45", r"Avda\. .+, \d\d"),
    ("es", IdentifierType.STREET, "Calle Mayor 12", r"Calle .+, \d\d"),
    ("zh", IdentifierType.STREET, "中山路123号", r"[\u4e00-\u9fff]{3}路\d{3}号"),
    ("en", IdentifierType.ORGANIZATION, "Mercy General Hospital", r"[A-Z][a-z]+ General Hospital"),
    ("en", IdentifierType.ORGANIZATION, "University of Springfield", r"University of [A-Z][a-z]+"),
    ("en", IdentifierType.ORGANIZATION, "SGH", r"[A-Z][a-z]+"),
    ("es", IdentifierType.ORGANIZATION, "Hospital Universitario La Luz", r"Hospital Universitario [A-Z].+"),
    ("zh", IdentifierType.ORGANIZATION, "南山区第一人民医院", r"[\u4e00-\u9fff]{3}第一人民医院"),
]


@pytest.mark.parametrize(("language", "kind", "text", "expected"), PLACES)
def test_places_keep_what_kind_of_thing_they_are(
    language: str, kind: IdentifierType, text: str, expected: str
) -> None:
    (new,) = surrogates(kind, [text], language=language)
    assert re.fullmatch(expected, new)
    assert new != text


def test_a_number_that_was_taken_for_a_place_stays_a_number() -> None:
    for kind in (IdentifierType.LOCATION, IdentifierType.STREET, IdentifierType.ORGANIZATION):
        (new,) = surrogates(kind, ["31200"])
        assert re.fullmatch(r"\d{5}", new)
        assert new != "31200"


def test_a_place_in_either_case_is_one() -> None:
    one, other = surrogates(IdentifierType.LOCATION, ["Springfield", "SPRINGFIELD"])
    assert one.upper() == other
