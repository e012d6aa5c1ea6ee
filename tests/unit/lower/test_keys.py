"""Keys: bands and periods have a public domain, and labels that say what falls into each cell."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.catalog import Column, ColumnType, Dataset, Population
from gateway.domain.expression import BandKey, PeriodKey
from gateway.domain.query import Age, Attribute, Band, DateUnit, Grouping, Truncated
from gateway.errors import InvalidQuery
from gateway.lower.keys import domain_of, first_day, index_of
from gateway.lower.scope import NOWHERE, Scope

POPULATION = Population(name="adults", maximum=10, patients="people", birth_date="born")


def dataset(name: str, **types: ColumnType) -> Dataset:
    return Dataset(
        name=name,
        title="",
        description="",
        population=POPULATION,
        patient_column="p",
        row_key="r",
        columns={column: Column(name=column, type=kind) for column, kind in types.items()},
        max_groups=1,
        max_rows=1,
        digest="",
        source_digest="",
    )


PEOPLE = dataset("people", born=ColumnType.DATE, income=ColumnType.NUMBER, note=ColumnType.TEXT)
VISITS = dataset("visits", days=ColumnType.INTEGER, start=ColumnType.DATE, code=ColumnType.CODE)
CATALOGUE = {"people": PEOPLE, "visits": VISITS}


def scope() -> Scope:
    return Scope(VISITS, CATALOGUE, NOWHERE)


def labels(grouping: Grouping) -> tuple[str, ...]:
    return domain_of(grouping, scope()).labels.labels


def band(*edges: str, of: str | Attribute | Age = "days") -> Band:
    return Band(name="band", of=of, edges=tuple(map(Decimal, edges)))


def periods(unit: DateUnit, first: date, last: date) -> Truncated:
    return Truncated(name="when", of="start", unit=unit, first=first, last=last)


def test_bands_cover_every_number_and_its_absence() -> None:
    assert labels(band("18", "40", "65.5")) == ("< 18", "[18, 40)", "[40, 65.5)", ">= 65.5", "missing")
    key = domain_of(band("18", "40", "65.5"), scope()).key
    assert key == BandKey(column="days", type=ColumnType.INTEGER, edges=(18, 40, 65.5)) and key.size == 5


def test_what_is_constant_per_patient_is_known_to_be() -> None:
    constant = [band("1", of=Attribute(name="income")), band("1", of=Age(at=date(2026, 1, 1)))]
    varying = [band("1"), band("1", of=Age(at="start"))]
    assert [domain_of(key, scope()).key.per_patient for key in constant] == [True, True]
    assert [domain_of(key, scope()).key.per_patient for key in varying] == [False, False]


@pytest.mark.parametrize(
    ("unit", "first", "last", "expected"),
    [
        (DateUnit.YEAR, date(2023, 5, 1), date(2025, 1, 1), ("2023", "2024", "2025")),
        (DateUnit.QUARTER, date(2023, 12, 31), date(2024, 4, 1), ("2023-Q4", "2024-Q1", "2024-Q2")),
        (DateUnit.MONTH, date(2023, 11, 30), date(2024, 1, 1), ("2023-11", "2023-12", "2024-01")),
        # ISO 8601: the last days of 2024 are in the first week of 2025, which begins on 30 December.
        (DateUnit.WEEK, date(2024, 12, 29), date(2024, 12, 30), ("2024-W52", "2025-W01")),
        (DateUnit.DAY, date(2024, 2, 28), date(2024, 3, 1), ("2024-02-28", "2024-02-29", "2024-03-01")),
        (DateUnit.DAY, date(9999, 12, 31), date(9999, 12, 31), ("9999-12-31",)),
        (DateUnit.WEEK, date(1, 1, 1), date(1, 1, 8), ("0001-W01", "0001-W02")),
        (DateUnit.YEAR, date(1, 12, 31), date(2, 1, 1), ("0001", "0002")),
    ],
)
def test_periods_hold_both_ends_of_the_range(
    unit: DateUnit, first: date, last: date, expected: tuple[str, ...]
) -> None:
    assert labels(periods(unit, first, last)) == expected
    key = domain_of(periods(unit, first, last), scope()).key
    assert isinstance(key, PeriodKey) and key.start == first_day(first, unit).isoformat()


@given(st.dates(date(2, 1, 1), date(9999, 12, 20)), st.sampled_from(DateUnit))
def test_a_period_begins_on_its_first_day_and_ends_where_the_next_begins(day: date, unit: DateUnit) -> None:
    start = first_day(day, unit)
    assert start <= day and index_of(start, unit) == index_of(day, unit)
    assert index_of(start - timedelta(days=1), unit) == index_of(day, unit) - 1


GOOD = band("1", "2")
RICH = band("1", of=Attribute(name="income"))
REFUSED: dict[str, tuple[Grouping, str, Grouping]] = {
    "no edge": (band(), "KEY_UNSUITABLE", GOOD),
    "edges that fall": (band("2", "1"), "KEY_UNSUITABLE", GOOD),
    "an edge twice": (band("1", "1.0"), "KEY_UNSUITABLE", GOOD),
    "edges that are one double": (band("0.1", "0.1000000000000000001"), "KEY_UNSUITABLE", band("0.1", "0.2")),
    "an edge beyond doubles": (band("9007199254740992"), "KEY_UNSUITABLE", band("9007199254740991")),
    "201 edges": (band(*map(str, range(201))), "KEY_UNSUITABLE", band(*map(str, range(200)))),
    "bands of a date": (band("1", of="start"), "KEY_UNSUITABLE", band("1", of="days")),
    "bands of a code": (band("1", of="code"), "KEY_UNSUITABLE", band("1", of="days")),
    "periods of a number": (
        Truncated(name="x", of="days", unit=DateUnit.DAY, first=date(2024, 1, 1), last=date(2024, 1, 1)),
        "KEY_UNSUITABLE",
        periods(DateUnit.DAY, date(2024, 1, 1), date(2024, 1, 1)),
    ),
    "a range that ends before it begins": (
        periods(DateUnit.YEAR, date(2024, 1, 2), date(2024, 1, 1)),
        "KEY_UNSUITABLE",
        periods(DateUnit.YEAR, date(2024, 1, 1), date(2024, 1, 1)),
    ),
    "too many periods": (
        periods(DateUnit.DAY, date(1, 1, 1), date(9999, 1, 1)),
        "KEY_UNSUITABLE",
        periods(DateUnit.YEAR, date(1, 1, 1), date(9999, 1, 1)),
    ),
    "a number as it is": ("days", "COLUMN_NOT_GROUPABLE", GOOD),
    "a code without categories": ("code", "COLUMN_NOT_GROUPABLE", GOOD),
    "free text of a patient": (Attribute(name="note"), "COLUMN_UNAVAILABLE", RICH),
    "an age at no date": (band("1", of=Age(at="days")), "COLUMN_NOT_A_DATE", band("1", of=Age(at="start"))),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_keys_that_are_refused(name: str) -> None:
    refused, reason, twin = REFUSED[name]
    with pytest.raises(InvalidQuery) as caught:
        domain_of(refused, scope())
    assert caught.value.reason == reason
    assert domain_of(twin, scope()).labels.labels


def test_without_a_patients_table_there_are_neither_attributes_nor_ages() -> None:
    bare = Scope(VISITS, {"visits": VISITS}, NOWHERE)
    for of in (Attribute(name="income"), Age(at=date(2026, 1, 1))):
        with pytest.raises(InvalidQuery) as caught:
            domain_of(band("1", of=of), bare)
        assert caught.value.reason == "COLUMN_UNAVAILABLE"
        assert domain_of(band("1", of=of), scope())  # the twin


def test_the_refusal_of_a_number_or_date_says_what_to_write() -> None:
    for name, words in (("days", "BAND("), ("start", "DATE_TRUNC(")):
        with pytest.raises(InvalidQuery) as caught:
            domain_of(name, scope())
        assert words in caught.value.violations[0].suggestion
