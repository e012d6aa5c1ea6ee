"""Ages over 89 as numbers or words; none below, and no other number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.deid.patterns.marked import check, found

AGES = [
    "A {AGE|93}-year-old woman, aged {AGE|91}, {AGE|92} y/o, {AGE|90} yo, {AGE|97} y.o., {AGE|95}yo M",
    "{AGE|ninety-four} years old; {AGE|Ninety} year old; {AGE|one hundred and two} years old",
    "Age: {AGE|101}; Age {AGE|90}; age of {AGE|99}; Age/Sex: {AGE|94} F; Age (years): {AGE|93}",
    "{AGE|95}F with cough; {AGE|96} M presents; {AGE|90}-yr-old; {AGE|91} years of age",
    "in her {AGE|90}s; turned {AGE|93}; {AGE|100}th birthday; {AGE|92} years",
    "children and adults 45 to {AGE|95} years old",
    "mujer de {AGE|93} años; Edad: {AGE|94}; {AGE|noventa y dos} años",
    "{AGE|94}岁; 年龄:{AGE|95}; 患者{AGE|103}岁",
    "hx: {AGE|90}F dyspnea; {AGE|103}F with cough; (F, {AGE|96}); Rodrigo Vasquez, {AGE|94}, lives alone",
    "mother lived to {AGE|90}, father reached {AGE|104}; aunt died of stroke at {AGE|97}; uncle alive at {AGE|91}",
]
NOT_AGES = [
    "89-year-old, aged 45, 5 y/o, eighty-nine years old, age: 12, 67岁, de 53 años, in her 80s, 89 yo",
    "temp 99F, T 98.6F, Tmax 101F, 99 F, fever of 102F",
    "95% O2, 90 mg, 98/60, 92 kg, 97 bpm, 110 ml, 99 M NaCl",
    "92 years ago, 90 pack years, 90-day supply, 95 percent, aged 90 days, age 90 months",
    "130/90, 120 cm, 199 years old, 1990 years old",
    "fever reached 104, glucose reached 110, temp 103F today, died at 89, lived to 88, father reached 85",
    "sats, 94, on room air; May, 94, pulse; (F, 89); alive at 90 days; well at 95 degrees",
    "Ferritin, 94, normal; Alkaline Phosphatase, 99, high; Hgb, 94, up; (M 89); (male, 90 kg)",
    "she reached 94 percent; he reached 100 feet; his weight reached 92; reached 95 bpm; patient reached 110",
]


@pytest.mark.parametrize("marked", AGES)
def test_an_age_over_89_is_found(marked: str) -> None:
    check(marked)


@pytest.mark.parametrize("text", NOT_AGES)
def test_no_other_age_or_number_is(text: str) -> None:
    assert found(text) == set()


@given(
    st.integers(0, 125),
    st.sampled_from(["{}-year-old", "{} y/o", "age {}", "aged {}", "{} years old", "{}岁"]),
)
def test_the_line_is_at_ninety(age: int, form: str) -> None:
    ages = {value for _, value, _ in found("Seen: " + form.format(age))}
    assert ages == ({str(age)} if age >= 90 else set())
