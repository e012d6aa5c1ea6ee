"""Telephone and fax numbers, and the figures that are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.deid.patterns.marked import check, found

PHONES = [
    "call {PHONE|(555) 234-5678} or {PHONE|555.234.5678 x123} or {PHONE|555-234-5678}",
    "{PHONE|+1-555-234-5678}, {PHONE|1 (555) 234 5678}, {PHONE|001-555-234-5678x89}, {PHONE|(555)234-5678}",
    "{PHONE|555 234 5678 ext. 12}; {PHONE|555/234-5678}; {PHONE|5552345678}",
    "{PHONE|1-800-FLOWERS}, {PHONE|800-555-0199}",
    "phone {PHONE|555-1234}",
    "Her number is {PHONE|234-5678, ext. 4567}; ext. {PHONE|4567}",
    "fax: {FAX|555-234-5678}, Fax {FAX|(555) 234 5678}, faxed to {FAX|555.234.5678}, FAX# {FAX|234-5678}",
    "pager {PHONE|12345}, Pager #{PHONE|555-2345}, beeper: {PHONE|90210}",
    "{PHONE|+44 20 7946 0018}, {PHONE|020 7946 0018}, {PHONE|07700 900123}, {PHONE|+34 612 345 678}",
    "{PHONE|+86 138 1234 5678}; {PHONE|13812345678}; {PHONE|138-1234-5678}; {PHONE|010-62345678}; {PHONE|400-820-8820}",
    "tel: {PHONE|91 555 01 23}; Tfno. {PHONE|912 34 56 78}; {PHONE|612 345 678}; teléfono: {PHONE|612345678}",
    "联系电话:{PHONE|13812345678},传真:{FAX|010-62345678}",
    "answers at {PHONE|078 8098 1119} or {PHONE|056 590 36 33}",
    "Tel {PHONE|(0)20 79460018}",
]
NOT_PHONES = [
    "500-1000 ml, 300-1200 mg, 1200-1500 kcal, 250-1000 units",
    "Na 135 K 4.1 Cl 101 CO2 24 BUN 12 Cr 0.9",
    "WBC 4.5 3.2 6.1, plt 150 220 310, 120 135 140 mg/dL",
    "LOINC 2345-7, CPT 99213, ICD-10 E11.9",
    "100-200-300 mg, 2.5-5-10, q4-6h",
    "HR 72-80, RR 12-16, 120-130/70-80",
    "400 mg 3 times, 1.234.567,89 EUR",
    "extra 4 tabs, page 3 of 5, ext 5 cm",
    "call 911 and press 2",
]


@pytest.mark.parametrize("marked", PHONES)
def test_a_number_to_dial_is_found(marked: str) -> None:
    check(marked)


@pytest.mark.parametrize("text", NOT_PHONES)
def test_other_figures_stay(text: str) -> None:
    assert found(text) == set()


@given(
    st.integers(200, 999),
    st.integers(200, 999),
    st.integers(0, 9999),
    st.sampled_from(["({}) {}-{}", "{}-{}-{}", "{}.{}.{}", "+1 {} {} {}"]),
)
def test_every_north_american_number_is_found(area: int, exchange: int, line: int, form: str) -> None:
    written = form.format(area, exchange, f"{line:04}")
    assert (written, 5) in {
        (value, start) for kind, value, start in found(f"Call {written}, please") if kind == "PHONE"
    }
