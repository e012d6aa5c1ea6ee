"""Each method on each type: what it gives, and that what it cannot be applied to is redacted."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters.token_seal import open_token, sealing
from gateway.deid.keys import SubjectKeys
from gateway.deid.operators import replace
from gateway.deid.scope import Scope
from gateway.domain.deid import Address, IdentifierType, Method, PatientRecord
from gateway.errors import ConfigInvalid
from tests.unit.deid.scopes import SITE, YEAR, keys, scope_of

VALUES = {kind: "00471234" for kind in IdentifierType} | {
    IdentifierType.NAME: "Maria Keller",
    IdentifierType.DATE: "03/14/2024",
    IdentifierType.AGE: "92",
    IdentifierType.LOCATION: "Springfield",
    IdentifierType.STREET: "12 Oak St",
    IdentifierType.ZIP: "02139",
    IdentifierType.ORGANIZATION: "Mercy Hospital",
    IdentifierType.EMAIL: "maria@mail.example",
    IdentifierType.URL: "http://mail.example/maria",
    IdentifierType.IP: "10.1.2.3",
}
KEYLESS = Scope(keys=SubjectKeys(), language="en", year=YEAR)


@pytest.mark.parametrize("kind", IdentifierType)
def test_every_method_replaces_every_type_or_redacts_it(kind: IdentifierType) -> None:
    value = VALUES[kind]
    scope = Scope(keys=keys(), language="en", year=YEAR, seal=sealing(keys().token), mentions=[(kind, value)])
    for method in set(Method) - {Method.KEEP}:
        new = replace(method, value, kind, scope)
        assert value not in new
        assert new
    assert replace(Method.KEEP, value, kind, scope) == value
    assert replace(Method.REDACT, value, kind, scope) == f"[{kind}]"


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        *((Method.SHIFT, kind) for kind in IdentifierType if kind is not IdentifierType.DATE),
        *((Method.YEAR, kind) for kind in IdentifierType if kind is not IdentifierType.DATE),
        *((Method.ZIP3, kind) for kind in IdentifierType if kind is not IdentifierType.ZIP),
        *((Method.AGE90, kind) for kind in IdentifierType if kind is not IdentifierType.AGE),
        (Method.SURROGATE, IdentifierType.DATE),
        (Method.SURROGATE, IdentifierType.AGE),
    ],
)
def test_a_method_that_does_not_fit_redacts(method: Method, kind: IdentifierType) -> None:
    scope = scope_of()
    for value in ("12345", "2024-03-14", "92"):
        assert replace(method, value, kind, scope) == f"[{kind}]"


def test_space_around_an_identifier_stays() -> None:
    assert replace(Method.REDACT, " \tKeller\n", IdentifierType.NAME, KEYLESS) == " \t[NAME]\n"
    assert replace(Method.REDACT, "  ", IdentifierType.NAME, KEYLESS).strip() == "[NAME]"


def test_a_shifted_date_tells_no_age_over_89_unless_it_may() -> None:
    for hides in (True, False):
        scope = Scope(keys=keys(), language="en", year=YEAR, hides_old_age=hides)
        assert (replace(Method.SHIFT, "1934-02-09", IdentifierType.DATE, scope) == "[DATE]") is hides
    assert replace(Method.SHIFT, "1934-02-09", IdentifierType.DATE, scope_of()) == "[DATE]"
    assert replace(Method.SHIFT, "1974-02-09", IdentifierType.DATE, scope_of()) != "[DATE]"


def test_methods_without_a_key() -> None:
    assert replace(Method.YEAR, "March 14, 2024", IdentifierType.DATE, KEYLESS) == "2024"
    assert replace(Method.YEAR, "March 14", IdentifierType.DATE, KEYLESS) == "[DATE]"
    assert replace(Method.YEAR, "3/14/1931", IdentifierType.DATE, KEYLESS) == "[DATE]"
    assert replace(Method.AGE90, "94-year-old", IdentifierType.AGE, KEYLESS) == "90+-year-old"
    assert replace(Method.ZIP3, "02139-4307", IdentifierType.ZIP, KEYLESS) == "021"


@pytest.mark.parametrize("method", [Method.SURROGATE, Method.SHIFT, Method.PSEUDONYM, Method.TOKEN])
def test_a_keyed_method_without_a_key_is_refused(method: Method) -> None:
    with pytest.raises(ConfigInvalid) as refused:
        replace(method, "03/14/2024", IdentifierType.DATE, KEYLESS)
    assert refused.value.reason == "DEID_KEY_MISSING"
    assert "2024" not in str(refused.value)


ZIPS = {
    "02139": "021",
    "02139-4307": "021",
    "021394307": "021",
    "03601": "000",
    "05905": "000",
    "89399": "000",
}
ZIPS |= {"SW1A 1AA": "[ZIP]", "100730": "[ZIP]", "2139": "[ZIP]", "K1A 0B1": "[ZIP]", "0213": "[ZIP]"}


@pytest.mark.parametrize("code", ZIPS)
def test_zip_codes(code: str) -> None:
    assert replace(Method.ZIP3, code, IdentifierType.ZIP, scope_of()) == ZIPS[code]


def test_seventeen_areas_are_restricted() -> None:
    found = {
        f"{n:03d}"
        for n in range(1000)
        if replace(Method.ZIP3, f"{n:03d}01", IdentifierType.ZIP, KEYLESS) == "000"
    }
    restricted = (36, 59, 63, 102, 203, 556, 692, 790, 821, 823, 830, 831, 878, 879, 884, 890, 893)
    assert found - {"000"} == {f"{area:03d}" for area in restricted}


def test_a_foreign_code_of_five_digits_is_redacted() -> None:
    def at_home(country: str) -> PatientRecord:
        return PatientRecord(addresses=(Address(postal_code="28013", country=country),))

    def cut(language: str, record: PatientRecord | None) -> str:
        return replace(Method.ZIP3, "28013", IdentifierType.ZIP, scope_of(language=language, record=record))

    assert cut("es", None) == "[ZIP]"
    assert cut("es", at_home("US")) == "280"
    assert cut("en", at_home("ES")) == "[ZIP]"
    assert cut("en", at_home("USA")) == "280"


def test_a_pseudonym_is_the_values_own() -> None:
    def made(value: str, kind: IdentifierType = IdentifierType.MRN, **given: str) -> str:
        return replace(Method.PSEUDONYM, value, kind, scope_of(**given))  # type: ignore[arg-type]

    first = made("MRN 0047-1234")
    assert re.fullmatch("MRN-[A-Z2-7]{13}", first)
    assert {made(same) for same in ("mrn 0047-1234", "MRN0047 1234", "ＭＲＮ　0047-1234")} == {first}  # noqa: RUF001
    assert made("MRN 0047-1234", subject="another patient") == first
    assert made("MRN 0047-1235") != first
    assert made("MRN 0047-1234", IdentifierType.ID).removeprefix("ID-") != first.removeprefix("MRN-")
    other = replace(Method.PSEUDONYM, "MRN 0047-1234", IdentifierType.MRN, scope_of(site=b"\x06" * 32))
    assert other != first


def test_a_token_opens_with_the_sites_key() -> None:
    scope = Scope(keys=keys(), language="en", year=YEAR, seal=sealing(keys().token))
    token = replace(Method.TOKEN, "912-34-5678", IdentifierType.SSN, scope)
    assert open_token(keys("someone else").token, token) == (IdentifierType.SSN, "912-34-5678")
    assert keys().token != SITE


@given(st.text(max_size=300), st.sampled_from(IdentifierType), st.sampled_from(["en", "es", "zh"]))
def test_any_value_is_replaced(text: str, kind: IdentifierType, language: str) -> None:
    scope = Scope(
        keys=keys(), language=language, year=YEAR, seal=sealing(keys().token), mentions=[(kind, text)]
    )
    for method in Method:
        assert isinstance(replace(method, text, kind, scope), str)
