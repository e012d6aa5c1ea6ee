"""Years and words that tell an age over 89; no other year, and no time or amount."""

import pytest

from tests.unit.deid.patterns.marked import check, found

TOLD = [
    "He was born in {DATE|1931}. DOB {DATE|1930}, YOB: {DATE|1929}; year of birth {DATE|1933}",
    "born {DATE|1928} in a village; Birth year: {DATE|1936}. (b. {DATE|1925}), born circa {DATE|1934}",
    "She emigrated in {DATE|1932} and married in the year {DATE|1938}.",
    "a {AGE|nonagenarian} and a {AGE|centenarian} woman; {AGE|Nonagenarians} in the ward",
    "in her {AGE|nineties}, into his early {AGE|nineties}",
    "nacida en {DATE|1931}; nació en {DATE|1929}; mujer {AGE|nonagenaria}; emigró en {DATE|1932}",
    "{DATE|1931}年出生; 生于{DATE|1930}",
]
NOT_TOLD = [
    "born in 1956, in 2011, in 1999, smoker since the eighties, in the nineties, in 1985",
    "in 1900 ml, in 1930 units, in 1850 kcal, NPO since 1900, at 1930, from 1900 to 1930, until 1845",
    "BNP 1931, WBC 1938, room 1932, in 1931.5, in 19310, in 1931:12",
    "reborn 19, born at 1900 g, born at 38 weeks, birth weight 1930 g",
]


@pytest.mark.parametrize("marked", TOLD)
def test_what_tells_an_age_over_89_is_found(marked: str) -> None:
    check(marked)


@pytest.mark.parametrize("text", NOT_TOLD)
def test_no_other_year_time_or_amount_is(text: str) -> None:
    assert {kind for kind, _, _ in found(text)} & {"DATE", "AGE"} == set()
