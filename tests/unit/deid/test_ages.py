"""Ages: over 89 they are 90+, below they stay, and what is unclear is redacted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.deid.ages import at_most_89

OVER = {
    "92": "90+",
    "92-year-old": "90+-year-old",
    "aged 100": "aged 90+",
    "92 y/o": "90+ y/o",
    "in her 90s": "in her 90+",
    "nineties": "90+",
    "ninety-two years": "90+ years",
    "one hundred and two years old": "90+ years old",
    "95 years 3 months": "90+",
    "between 85 and 95": "90+",
    "1100 months": "90+",
    "92 años": "90+ años",
    "noventa y dos años": "90+ años",
    "cien años": "90+ años",
    "92岁": "90岁以上",
    "90周岁": "90周岁以上",
    "九十二岁": "90岁以上",
    "一百零二岁": "90岁以上",
}
BELOW = ["89", "89-year-old", "0", "45 years 3 months", "100 months", "eighty-nine", "9 months", "200 days"]
BELOW += ["ochenta y nueve años", "veintidós años", "八十九岁", "89岁", "60 semanas"]


@pytest.mark.parametrize("text", OVER)
def test_an_age_over_89_is_one_group(text: str) -> None:
    assert at_most_89(text) == OVER[text]


@pytest.mark.parametrize("text", BELOW)
def test_an_age_up_to_89_stays(text: str) -> None:
    assert at_most_89(text) == text


@pytest.mark.parametrize("text", ["200", "elderly", "", "十百", "9" * 100, "老人"])
def test_what_is_unclear_is_redacted(text: str) -> None:
    assert at_most_89(text) is None


@given(
    st.integers(0, 130), st.sampled_from(["{}", "{} years old", "{}-year-old", "{} años", "{}岁", "age {}"])
)
def test_no_number_over_89_remains(age: int, form: str) -> None:
    text = form.format(age)
    assert at_most_89(text) == text if age < 90 else "90" in str(at_most_89(text))
    assert age in (9, 90) or age < 90 or str(age) not in str(at_most_89(text))


@given(st.text(max_size=100))
def test_any_text_is_an_age_or_none(text: str) -> None:
    assert at_most_89(text) is None or isinstance(at_most_89(text), str)
