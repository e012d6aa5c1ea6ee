"""The question in words, as a clinician reads it."""

from __future__ import annotations

import pytest

from gateway.query.explain import explain
from gateway.query.sql import parse_query

LOGIC = "A row whose value is missing meets no comparison, not even “is not”."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "SELECT COUNT(DISTINCT patient) FROM d",
            "In “Stays”: the number of patients, over all rows together. All rows count.",
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
    ],
)
def test_explanations(text: str, words: str) -> None:
    assert explain(parse_query(text).query, "Stays") == words
