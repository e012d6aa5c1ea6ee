"""The question in words, as a clinician reads it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from gateway.domain.query import Band, DateUnit, Truncated
from gateway.query.bounding import bounding_warning
from gateway.query.explain import explain
from gateway.query.sql import parse_query

AGES = "Ages are in completed years."
EDGES = "A value at an edge belongs to the group above it; missing values are a group of their own."
PERIODS = "Periods are whole ones; rows outside all of them, or without a date, do not count."
LOGIC = "A row whose value is missing meets no comparison, not even “is not”."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "SELECT COUNT(DISTINCT patient) FROM d",
            "In “Stays”: the number of patients, over all rows together. All rows count that the "
            "agreement lets be used.",
        ),
        (
            "SELECT sex, age_band, COUNT(*), SUM(days), AVG(days) FROM d "
            "WHERE insulin <> 'No' GROUP BY sex, age_band",
            "In “Stays”: the number of rows, the sum of days and the mean of days, for each combination "
            f"of sex and age_band. Only rows count where insulin is not “No”. {LOGIC}",
        ),
        (
            "SELECT sex, COUNT(*) FROM d WHERE (a < 1 OR b >= DATE '2024-01-31') AND c NOT IN ('x', 2.50) "
            "AND NOT (e = TRUE AND f IS NULL) GROUP BY sex OPTION (max_groups = 1, max_rows = 5)",
            "In “Stays”: the number of rows, for each sex. Only rows count where (a is less than 1 or "
            "b is on or after 2024-01-31) and c is none of “x” or 2.50 and (it is not so that (e is true "
            f"and f is missing)). {LOGIC} Each patient is counted in at most 1 group. "
            "Each patient counts with at most 5 rows in each group.",
        ),
        (
            "SELECT COUNT(*) FROM d WHERE a IS NOT NULL",
            "In “Stays”: the number of rows, over all rows together. Only rows count where a is present.",
        ),
        (
            "SELECT COUNT(*) FROM d WHERE patient IN (SELECT patient FROM conditions WHERE code = 'x' AND "
            "onset BETWEEN d.start - INTERVAL '365' DAY AND d.start) AND patient NOT IN (SELECT patient "
            "FROM drugs) AND patient.sex = 'female'",
            "In “Stays”: the number of rows, over all rows together. Only rows count where (the patient has "
            "a row in “Diagnoses” with onset from 365 days before start to the day of start, where code is "
            "“x”) and (the patient has no row in “drugs”) and the patient's sex is “female”. " + LOGIC,
        ),
        (
            "SELECT BAND(AGE(start), 18, 40.5, 65) AS age_band, patient.sex, DATE_TRUNC('week', start, "
            "DATE '2024-01-01', DATE '2024-06-30') AS week, COUNT(*) FROM d GROUP BY age_band, sex, week",
            "In “Stays”: the number of rows, for each combination of age_band (the patient's age at start, "
            "cut at 18, 40.5 and 65), the patient's sex and week (start by week, from 2024-01-01 to "
            f"2024-06-30). {AGES} {EDGES} {PERIODS} Weeks begin on Monday (ISO 8601).",
        ),
        (
            "SELECT PROPORTION(value < 7, LAST(effective)), AVG(CLAMP(value, 4, 14.5)) FROM d "
            "WHERE AGE(DATE '2024-01-01') >= 18",
            "In “Stays”: the share of patients for whom value is less than 7 in the last row by effective "
            "and the mean of value (each value kept between 4 and 14.5), over all rows together. Only rows "
            f"count where the patient's age on 2024-01-01 is at least 18. {LOGIC} {AGES} A share is of the "
            "patients who have a row that counts.",
        ),
        (
            "SELECT a, PROPORTION(b IS NULL OR c IS NULL) FROM d GROUP BY a",
            "In “Stays”: the share of patients for whom (b is missing or c is missing) in some row, for each "
            "a. All rows count that the agreement lets be used. A share is of the patients who have a row "
            "in the group.",
        ),
    ],
)
def test_explanations(text: str, words: str) -> None:
    assert explain(parse_query(text).query, "Stays", {"conditions": "Diagnoses"}) == words


@pytest.mark.parametrize(
    ("window", "words"),
    [
        ("onset < d.start", "onset before the day of start"),
        ("onset <= d.start", "onset on or before the day of start"),
        ("onset <= d.start - INTERVAL '30' DAY", "onset on or before 30 days before start"),
        ("onset <= d.start + INTERVAL '1' DAY", "onset on or before 1 day after start"),
        ("onset > d.start", "onset after the day of start"),
        ("onset >= d.start", "onset on or after the day of start"),
        ("onset >= d.start - INTERVAL '1000' DAY", "onset on or after 1,000 days before start"),
        ("onset BETWEEN d.start AND d.start", "onset on the day of start"),
        (
            "onset > d.start AND onset < d.start + INTERVAL '8' DAY",
            "onset from 1 day after start to 7 days after start",
        ),
    ],
)
def test_windows_in_words(window: str, words: str) -> None:
    query = parse_query(
        f"SELECT COUNT(*) FROM d WHERE patient IN (SELECT patient FROM c WHERE {window})"
    ).query
    assert f"the patient has a row in “c” with {words}." in explain(query, "Stays")


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("patient IN ({})", "the patient has at least 3 rows in “c” where a is 1."),
        ("patient NOT IN ({})", "the patient has fewer than 3 rows in “c” where a is 1."),
        (
            "NOT (patient NOT IN ({}))",
            "it is not so that (the patient has fewer than 3 rows in “c” where a is 1).",
        ),
    ],
)
def test_at_least_in_words(condition: str, words: str) -> None:
    cohort = "SELECT patient FROM c WHERE a = 1 GROUP BY patient HAVING COUNT(*) >= 3"
    query = parse_query(f"SELECT COUNT(*) FROM d WHERE {condition.format(cohort)}").query
    assert f"Only rows count where {words}" in explain(query, "Stays")


MONTHS = Truncated(
    name="month", of="start", unit=DateUnit.MONTH, first=date(2023, 1, 1), last=date(2024, 12, 31)
)
AGE_BAND = Band(name="age_band", of="age", edges=(Decimal(18),))


def test_no_warning_where_every_group_is_kept() -> None:
    assert bounding_warning(3, 3, [MONTHS]) is None
    assert bounding_warning(1, 5, []) is None
    assert bounding_warning(2, 1, []) is None
    assert bounding_warning(4, 3, [MONTHS]) is not None


def test_the_warning_says_what_happens_and_what_helps() -> None:
    assert bounding_warning(1_024, 1, [MONTHS]) == (
        "One patient can fall into 1,024 groups of month, and counts in at most 1 group: the rows of "
        "patients with more are left out in part. Counts and sums come out too low, means and shares may "
        "shift, and no interval covers that. What helps: a shorter range of month or a larger "
        "max_groups (up to 1,024), which means more noise for the same loss."
    )
    many = bounding_warning(48, 3, ["sex", AGE_BAND, MONTHS]) or ""
    assert "48 groups of sex, age_band and month, and counts in at most 3 groups" in many
    assert (
        "What helps: a shorter range of month, fewer edges of age_band, fewer keys or a larger max_groups "
        "(up to 48)" in many
    )
    plain = bounding_warning(2, 1, ["sex"]) or ""
    assert "What helps: a larger max_groups" in plain
