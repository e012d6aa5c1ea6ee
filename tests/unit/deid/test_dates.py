"""Dates: read in every form, moved and written in the same; what is no date is left alone."""

from __future__ import annotations

import time
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.deid.date_words import zh_number, zh_numeral
from gateway.deid.dates import Reading, reading_of, shifted, year_of


def reading(language: str, **fields: object) -> Reading:
    return Reading(language=language, year=2026, day_first=language != "en", **fields)  # type: ignore[arg-type]


def full_width(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) for char in text)


# Moved by 500 days. 14 March 2024 becomes 27 July 2025, a Sunday.
FORMS = [
    ("en", "03/14/2024", "07/27/2025", "2024"),
    ("en", "3/4/24", "7/17/25", "2024"),
    ("en", "12/25/2023", "05/08/2025", "2023"),
    ("en", "3-4-2024", "7-17-2025", "2024"),
    ("en", "14.03.2024", "27.07.2025", "2024"),
    ("en", "2024-03-14", "2025-07-27", "2024"),
    ("en", "2024/3/4", "2025/7/17", "2024"),
    ("en", "2024-03-14T10:22:01Z", "2025-07-27T10:22:01Z", "2024"),
    ("en", "2024-03-14 10:22:01.123+01:00", "2025-07-27 10:22:01.123+01:00", "2024"),
    ("en", "03/14/24 10:22 pm", "07/27/25 10:22 pm", "2024"),
    ("en", "10:20 3/14/2024", "10:20 7/27/2025", "2024"),
    ("en", "20240314", "20250727", "2024"),
    ("en", "202403141530", "202507271530", "2024"),
    ("en", "March 14, 2024", "July 27, 2025", "2024"),
    ("en", "Mar 14 2024", "Jul 27 2025", "2024"),
    ("en", "MARCH 4, 2024", "JULY 17, 2025", "2024"),
    ("en", "march 14 2024", "july 27 2025", "2024"),
    ("en", "March 14th, 2024", "July 27th, 2025", "2024"),
    ("en", "14th of March, 2024", "27th of July, 2025", "2024"),
    ("en", "14 March 2024", "27 July 2025", "2024"),
    ("en", "14-Mar-2024", "27-Jul-2025", "2024"),
    ("en", "14-May-24", "26-Sep-25", "2024"),
    ("en", "14 May 2024", "26 September 2025", "2024"),
    ("en", "14MAR2024", "27JUL2025", "2024"),
    ("en", "Sept. 5, 2023", "Jan. 17, 2025", "2023"),
    ("en", "2024 March 14", "2025 July 27", "2024"),
    ("en", "Monday, March 14, 2024", "Sunday, July 27, 2025", "2024"),
    ("en", "Thu 3/14/24", "Sun 7/27/25", "2024"),
    ("en", "3/14/2024 (Thursday)", "7/27/2025 (Sunday)", "2024"),
    ("en", "March 14", "July 27", None),
    ("en", "March 3rd", "July 16th", None),
    ("en", "the 7th of March", "the 20th of July", None),
    ("en", "3/14", "7/27", None),
    ("en", "Monday", "Thursday", None),
    ("en", "TUES", "FRI", None),
    ("en", "March 2024", "July 2025", "2024"),
    ("en", "March of 2024", "July of 2025", "2024"),
    ("en", "Mar '24", "Jul '25", "2024"),
    ("en", "3/2024", "7/2025", "2024"),
    ("en", "03/98", "07/99", "1998"),
    ("en", "2024-03", "2025-07", "2024"),
    ("en", "March", "July", None),
    ("en", "2024", "2025", "2024"),
    ("en", "3/14-3/16/2024", "7/27-7/29/2025", "2024"),
    ("en", "March 3 to March 5, 2024", "July 16 to July 18, 2025", "2024"),
    ("en", "2019-2021", "2020-2022", "2019-2021"),
    ("en", *(full_width(text) for text in ("2024-03-14", "2025-07-27")), "2024"),
    ("en", "03/14\u200b/2024", "07/27/2025", "2024"),
    ("en", "March\n14,\u00a02024", "July\n27,\u00a02025", "2024"),
    ("en", "March 3-5, 2024", "July 16, 2025-July 18, 2025", "2024"),
    ("en", "June 29 to 30, 2023", "November 10, 2024 to November 11, 2024", "2023"),
    ("en", "early March 2024", "early July 2025", "2024"),
    ("en", "the end of March 2024", "the end of July 2025", "2024"),
    ("en", "3/14/24 at 0930", "7/27/25 at 0930", "2024"),
    ("en", "3/14/24 0930 hrs", "7/27/25 0930 hrs", "2024"),
    ("en", "3 / 14 /2024", "7 / 27 /2025", "2024"),
    ("es", "12/04 /2011", "24/08 /2012", "2011"),
    ("es", "año 2000", "año 2001", "2000"),
    ("es", "septiembre del año 2000", "enero del año 2002", "2000"),
    ("es", "mes de abril", "mes de agosto", None),
    ("es", "3 al 5 de marzo de 2024", "16 de julio de 2025 al 18 de julio de 2025", "2024"),
    ("zh", "2024年3月3日至5日", "2025年7月16日至2025年7月18日", "2024"),
    ("es", "14/03/2024", "27/07/2025", "2024"),
    ("es", "4/3/24", "17/7/25", "2024"),
    ("es", "14 de marzo de 2024", "27 de julio de 2025", "2024"),
    ("es", "14 de marzo del 2024", "27 de julio del 2025", "2024"),
    ("es", "el 14 de marzo de 2024 a las 10:20", "el 27 de julio de 2025 a las 10:20", "2024"),
    ("es", "jueves, 14 de marzo de 2024", "domingo, 27 de julio de 2025", "2024"),
    ("es", "MIÉRCOLES, 14 de marzo", "SÁBADO, 27 de julio", None),
    ("es", "1º de marzo", "14º de julio", None),
    ("es", "14-abr-2023", "26-ago-2024", "2023"),
    ("es", "marzo de 2024", "julio de 2025", "2024"),
    ("zh", "2024年3月14日", "2025年7月27日", "2024"),
    ("zh", "2024年03月04日", "2025年07月17日", "2024"),
    ("zh", "24年3月14号", "25年7月27号", "2024"),
    ("zh", "2024年3月14日星期四", "2025年7月27日星期日", "2024"),
    ("zh", "2024年3月14日10时20分", "2025年7月27日10时20分", "2024"),
    ("zh", "二〇二四年三月十四日", "二〇二五年七月二十七日", "2024"),
    ("zh", "二零二四年三月", "二零二五年七月", "2024"),
    ("zh", "三月二十日", "八月二日", None),
    ("zh", "3月14日", "7月27日", None),
    ("zh", "2024年3月", "2025年7月", "2024"),
    ("zh", "2024年", "2025年", "2024"),
    ("zh", "周三", "周六", None),
    ("zh", "24/03/05", "25/07/18", "2024"),
    ("zh", "2024年3月14日至3月20日", "2025年7月27日至8月2日", None),
]


@pytest.mark.parametrize(("language", "text", "moved", "year"), FORMS)
def test_every_form_comes_back_in_the_same_form(
    language: str, text: str, moved: str, year: str | None
) -> None:
    assert shifted(text, 500, reading(language, usual=2024)) == moved
    assert year_of(text, reading(language, usual=2024)) == year


NO_DATES = [
    "31/02/2024",
    "02/30/2024",
    "13/13/2024",
    "2024-13-01",
    "Christmas",
    "the 1990s",
    "1066",
    "0/1/2024",
]
NO_DATES += [
    "",
    " ",
    "3",
    "March 45, 2024",
    "十三月一日",
    "2024年13月1日",
    "99",
    "(Mon) then",
    "-" * 90,
    "1/" * 50,
]


@pytest.mark.parametrize("text", NO_DATES)
def test_what_is_no_date_is_left_to_be_redacted(text: str) -> None:
    for language in ("en", "es", "zh"):
        assert shifted(text, 500, reading(language)) is None
        assert year_of(text, reading(language)) is None


def test_a_year_that_tells_an_age_over_89_is_not_kept() -> None:
    assert year_of("03/14/1937", reading("en")) == "1937"
    assert year_of("03/14/1936", reading("en")) is None
    assert year_of("1936-1938", reading("en")) is None


def test_two_digits_of_a_year() -> None:
    assert year_of("3/14/27", reading("en")) == "2027"
    assert year_of("3/14/28", reading("en")) is None  # 1928
    assert year_of("3/14/45", reading("en")) == "1945"
    assert year_of("3/14/27", reading("en", known=frozenset({date(1927, 3, 14)}))) is None
    assert shifted("3/14/27", 366, reading("en", known=frozenset({date(1927, 3, 14)}))) == "3/14/28"


def test_the_order_of_day_and_month_is_decided_by_evidence() -> None:
    assert reading_of(["3/4/2024"], "en", 2026).day_first is False
    assert reading_of(["3/4/2024"], "es", 2026).day_first is True
    assert reading_of(["3/4/2024", "25/4/2024"], "en", 2026).day_first is True
    assert reading_of(["3/4/2024", "4/25/2024"], "es", 2026).day_first is False
    assert reading_of(["4/3/1961"], "en", 2026, [date(1961, 3, 4)]).day_first is True
    assert reading_of(["4/3/1961"], "en", 2026, [date(1961, 4, 3)]).day_first is False
    assert reading_of(["3/4/2024"], "zh", 2026).day_first is True


def test_the_usual_year_is_the_latest_of_the_document() -> None:
    assert reading_of(["3/14", "May 2, 2019", "2021-03-04", "2077-01-01"], "en", 2026).usual == 2021
    leap = reading_of(["Jan 1, 2023"], "en", 2026)
    assert shifted("Feb 29", 1, leap) == "Mar 1"


@given(
    st.dates(date(1900, 1, 1), date(2026, 12, 31)),
    st.dates(date(1900, 1, 1), date(2026, 12, 31)),
    st.integers(-1825, 1825),
    st.sampled_from(["%Y-%m-%d", "%m/%d/%Y", "%d.%m.%Y", "%Y%m%d"]),
)
def test_intervals_stay_to_the_day(one: date, other: date, days: int, form: str) -> None:
    known = (
        reading("en", known=frozenset())
        if form != "%d.%m.%Y"
        else Reading(language="en", year=2026, day_first=True)
    )
    moved = []
    for day in (one, other):
        text = shifted(day.strftime(form), days, known)
        assert text is not None
        moved.append(text)
    expected = [(day + timedelta(days=days)).strftime(form) for day in (one, other)]
    assert moved == expected


@given(st.dates(date(1900, 1, 1), date(2026, 12, 31)), st.integers(-1825, 1825))
def test_a_month_moves_by_at_most_half_a_month_more_or_less(day: date, days: int) -> None:
    moved = shifted(day.strftime("%Y-%m"), days, reading("en"))
    assert moved is not None
    middle = date(int(moved[:4]), int(moved[5:]), 16)
    assert abs((middle - day.replace(day=16)).days - days) <= 16


@given(st.text(max_size=200), st.integers(-1825, 1825), st.sampled_from(["en", "es", "zh"]))
def test_any_text_is_a_date_or_none(text: str, days: int, language: str) -> None:
    for known in (reading(language), reading_of([text], language, 2026)):
        assert shifted(text, days, known) is None or isinstance(shifted(text, days, known), str)
        year = year_of(text, known)
        assert year is None or all(part.isdigit() for part in year.split("-"))


@pytest.mark.parametrize("number", range(1, 100))
def test_chinese_numerals(number: int) -> None:
    assert zh_number(zh_numeral(number)) == number


@pytest.mark.parametrize("text", ["十十十", "百", "一十百", "二十一二", ""])
def test_what_is_no_chinese_numeral(text: str) -> None:
    with pytest.raises(ValueError):
        zh_number(text)


def test_hostile_texts_cost_nothing() -> None:
    start = time.perf_counter()
    for piece in ("1/", "March ", "1 ", "上午", " , ", "2024-", "Mon, ", "to ", "'"):
        for size in (40, 80, 160, 1_000_000):
            shifted((piece * size)[:size], 500, reading("en"))
    assert time.perf_counter() - start < 5
