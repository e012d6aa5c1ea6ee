"""Hostile text: refused with a stable reason, in a bounded time, whatever the parser would make of it."""

from __future__ import annotations

import time

import pytest

from gateway.errors import InvalidQuery
from gateway.query.sql import parse_predicate, parse_query

START = "SELECT COUNT(*) FROM d WHERE "
COHORT = "patient IN (SELECT patient FROM e WHERE {})"


def deep_cohorts(levels: int) -> str:
    text = "a = 1"
    for _ in range(levels):
        text = COHORT.format(text)
    return text


HOSTILE = {
    "46 nested parentheses": ("(" * 46 + "a = 1" + ")" * 46, "SQL_TOO_DEEP"),
    "1,900 open parentheses": ("(" * 1_900, "SQL_TOO_DEEP"),
    "5,000 open parentheses": ("(" * 5_000, "SQL_TOO_LARGE"),
    "many brackets": ("a" + "[1]" * 400 + " = 1", "SQL_UNSUPPORTED"),
    "many braces": ("{" * 5_000, "SQL_UNSUPPORTED"),
    "1 MB": ("a = '" + "x" * 1_000_000 + "'", "SQL_TOO_LARGE"),
    "1 MB of wide characters": ("a = '" + "😀" * 250_000 + "'", "SQL_TOO_LARGE"),
    "16 KiB in bytes, not in characters": ("a = '" + "é" * 9_000 + "'", "SQL_TOO_LARGE"),
    "10,000 ORs": (" OR ".join(["a=1"] * 10_000), "SQL_TOO_LARGE"),
    "2,001 words in 16 KiB": (" OR ".join(["a=1"] * 501), "SQL_TOO_LARGE"),
    "long list": ("a IN (" + ",".join(["1"] * 3_000) + ")", "SQL_TOO_LARGE"),
    "long text": ("a = '" + "x" * 1_025 + "'", "SQL_TOO_LARGE"),
    "long number": ("a = " + "1" * 41, "SQL_TOO_LARGE"),
    "very long number": ("a = " + "1" * 15_000, "SQL_TOO_LARGE"),
    "long name": ("a" * 129 + " = 1", "SQL_SYNTAX"),
    "deep NOTs": ("NOT " * 1_900 + "a = 1", "SQL_TOO_DEEP"),
    "20 NOTs before a comparison": ("NOT " * 20 + "a = 1", "SQL_TOO_DEEP"),
    "deep NOTs in parentheses": ("NOT (" * 11 + "a = 1" + ")" * 11, "SQL_TOO_DEEP"),
    "deep minus": ("a = " + "- " * 1_900 + "1", "SQL_TOO_DEEP"),
    "chained comparisons": ("a = " * 600 + "1", "SQL_UNSUPPORTED"),
    "chained IS": ("a IS " * 500 + "NULL", "SQL_UNSUPPORTED"),
    "chained BETWEEN": ("a BETWEEN " * 600, "SQL_SYNTAX"),
    "wide letters": ("\uff21 = 1", "SQL_SYNTAX"),
    "a Cyrillic letter": ("\u0430 = 1", "SQL_SYNTAX"),
    "a wide quote": ("a = \u2019x\u2019", "SQL_SYNTAX"),
    "a right-to-left mark": ("\u202ea = 1", "SQL_SYNTAX"),
    "a right-to-left mark in a name": ('"a\u202e" = 1', "SQL_SYNTAX"),
    "no-break space": ("a\u00a0= 1", "SQL_SYNTAX"),
    "null byte": ("a = 1\0", "SQL_SYNTAX"),
    "null byte in text": ("a = 'x\0'", "SQL_SYNTAX"),
    "lone surrogate": ("a = '\ud800'", "SQL_SYNTAX"),
    "open string": ("a = 'x" + "''" * 7_000, "SQL_SYNTAX"),
    "open name": ('"a' + '""' * 7_000, "SQL_SYNTAX"),
    "open comments": ("/*" * 8_000, "SQL_SYNTAX"),
    "only comments": ("-- a = 1", "SQL_SYNTAX"),
    "a comment that hides": ("a = 1 -- */ \n) OR (b = 1", "SQL_SYNTAX"),
    "template comment": ("{# a #} a = 1", "SQL_UNSUPPORTED"),
    "backslash": ("a = 'x\\'y'", "SQL_SYNTAX"),
    "placeholder of ours": ("n0 = n1", "SQL_UNSUPPORTED"),
    "function of ours": ("f_age(a) = 1", "SQL_UNSUPPORTED"),
    "9 cohorts": (" AND ".join([COHORT.format("a = 1")] * 9), "SQL_TOO_LARGE"),
    "130 cohorts": (" OR ".join([COHORT.format("a = 1")] * 130), "SQL_TOO_LARGE"),
    "nested cohorts": (deep_cohorts(3), "SQL_TOO_DEEP"),
    "8 nested cohorts": (deep_cohorts(8), "SQL_TOO_DEEP"),
    "20 nested cohorts": (deep_cohorts(20), "SQL_TOO_LARGE"),
    "450 open cohorts": ("patient IN (SELECT " * 450, "SQL_TOO_DEEP"),
    "deep parentheses in 8 cohorts": (
        " AND ".join([COHORT.format("(" * 18 + "a" + ")" * 18)] * 8),
        "SQL_UNSUPPORTED",
    ),
    "deep NOTs in a cohort": (COHORT.format("NOT " * 19 + "a = 1"), "SQL_TOO_DEEP"),
    "deep functions": ("AGE(" * 20 + "a" + ")" * 20 + " = 1", "SQL_UNSUPPORTED"),
    "deep functions of several things": ("AGE(a, " * 20 + "a" + ")" * 20 + " = 1", "SQL_UNSUPPORTED"),
    "deep parentheses in a function": ("AGE(" + "(" * 19 + "a" + ")" * 20 + " = 1", "SQL_UNSUPPORTED"),
    "deeper functions": ("AGE(" * 21 + "a" + ")" * 21 + " = 1", "SQL_TOO_DEEP"),
    "long function": ("AGE(" + ", ".join(["a = 1"] * 400) + ") = 1", "SQL_UNSUPPORTED"),
    "many edges": ("BAND(a, " + ", ".join(map(str, range(900))) + ") = 1", "SQL_UNSUPPORTED"),
    "many points": ("a" + ".a" * 900 + " = 1", "SQL_UNSUPPORTED"),
    "many quoted points": (".".join(['"a"'] * 900) + " = 1", "SQL_UNSUPPORTED"),
    "a point at the end": ("a.", "SQL_UNSUPPORTED"),
    "many intervals": ("a < d.b" + " - INTERVAL '1' DAY" * 300, "SQL_UNSUPPORTED"),
    "only intervals": ("INTERVAL " * 900, "SQL_UNSUPPORTED"),
    "minus before intervals": ("- INTERVAL " * 700, "SQL_UNSUPPORTED"),
    "an interval at the end": ("a < d.b - INTERVAL", "SQL_UNSUPPORTED"),
    "long interval": (COHORT.format("a < d.b - INTERVAL '" + "9" * 9_000 + "' DAY"), "SQL_UNSUPPORTED"),
    "wide digits in an interval": (COHORT.format("a < d.b - INTERVAL '\uff11' DAY"), "SQL_UNSUPPORTED"),
    "null byte in an interval": (COHORT.format("a < d.b - INTERVAL '1\0' DAY"), "SQL_SYNTAX"),
    "comment that hides in an interval": (COHORT.format("a < d.b - INTERVAL '1' -- DAY"), "SQL_SYNTAX"),
    "many windows": (COHORT.format(" AND ".join(["a < d.b"] * 240)), "SQL_UNSUPPORTED"),
    "many windows apart": (COHORT.format(" OR ".join(["a < d.b"] * 240)), "SQL_UNSUPPORTED"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_refused_quickly(name: str) -> None:
    text, reason = HOSTILE[name]
    for read, whole in ((parse_query, START + text), (parse_predicate, text)):
        seconds = []
        for _ in range(3):  # the quickest of three: a collection of garbage may fall into one
            begun = time.process_time()
            with pytest.raises(InvalidQuery) as refused:
                read(whole)
            seconds.append(time.process_time() - begun)
        assert min(seconds) < 0.1
        assert refused.value.reason == reason
        assert refused.value.violations[0].line >= 1
        assert refused.value.violations[0].column >= 1


# The same shapes, within the limits, are read: it is the limit that refuses, not the shape.
WITHIN = [
    "(" * 20 + "a = 1" + ")" * 20,
    " OR ".join(["a=1"] * 490),
    "a IN (" + ",".join(["1"] * 980) + ")",
    "a = '" + "x" * 1_024 + "'",
    "a = " + "1" * 18,
    "a = 0." + "1" * 38,
    "a" * 128 + " = 1",
    "NOT " * 19 + "a = 1",
    "NOT (" * 9 + "a = 1" + ")" * 9,
    "a = 'x' -- */ \n AND (b = 1)",
    "a /* [ { ; ' \0 */ = '[{;\u0430'",
    "n0 = 1 AND n1 = 2",
    "a = 'x\\' OR b = 'y'",  # a backslash is a letter like any other
    " AND ".join([COHORT.format("a = 1")] * 8),
    deep_cohorts(2),
    " AND ".join([COHORT.format("(" * 18 + "a = 1" + ")" * 18)] * 8),
    COHORT.format("NOT " * 18 + "a = 1"),
    "AGE(a) = 1 AND AGE(f_age) = 1",
    'patient.a = 1 AND patient."a" = 1',
    COHORT.format(" AND ".join(["a < 1"] * 240)),
]


@pytest.mark.parametrize("text", WITHIN)
def test_the_same_shapes_within_the_limits(text: str) -> None:
    times = []
    for _ in range(3):
        begun = time.process_time()
        assert parse_query(START + text).query.where == parse_predicate(text)
        times.append(time.process_time() - begun)
    assert min(times) < 0.2  # the quickest: what else the machine does is not in it


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (
            "SELECT a, b, COUNT(DISTINCT patient), AVG(x) FROM d WHERE c IN ('p', 'q') AND y > 3 "
            "GROUP BY a, b",
            0.002,
        ),
        (
            "SELECT BAND(AGE(start), 18, 65) AS age, PROPORTION(v < 7, LAST(start)) FROM d WHERE patient IN "
            "(SELECT patient FROM c WHERE code = 'x' AND onset < d.start - INTERVAL '30' DAY) GROUP BY age",
            0.004,
        ),
    ],
)
def test_an_ordinary_question_takes_few_milliseconds(text: str, seconds: float) -> None:
    parse_query(text)
    assert min(_seconds(text) for _ in range(20)) < seconds


def _seconds(text: str) -> float:
    begun = time.process_time()
    parse_query(text)
    return time.process_time() - begun
