"""What holds for every family: spans are sound, no text is an error, and time is linear."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.deid.patterns import pattern_spans

SIZES = 8_000, 32_000
PIECES = [
    "a",
    "1",
    ".",
    "1/",
    "1/1/",
    "1-",
    "1 ",
    "12/12/",
    "Dr. ",
    "Dr. A ",
    " ",
    "@",
    "a@",
    "a.",
    "a.b@c.",
    "\n",
    "A ",
    "Ab ",
    "MRN ",
    "MRN: 1 ",
    "No. ",
    ":",
    "1:",
    "a:",
    "555-",
    "(555) ",
    "+1 ",
    "March ",
    "5 March ",
    "of ",
    "the ",
    "Hospital ",
    "St. ",
    "1 Main ",
    "Main St ",
    "TX ",
    "Tx, ",
    ", MD",
    "A, ",
    "www.",
    "http://",
    "www.a.com/",
    "com.",
    "x-",
    "--",
    "AB12",
    "a1",
    "患者",
    "年",
    "1年",
    "1月",
    "号",
    "路1号",
    "医院",
    "Calle ",
    "de ",
    "Name: ",
    "Name:\n",
    "ID",
    "#",
    "# ",
    "age 9",
    "90 ",
    "\ud800",
    "\u0301",
    "é",
    "(",
    "[at]",
    " at a dot ",
    "aA0+/",
    "Smith-",
    "O'",
    "0" * 60 + " ",
    "王小",
    "患者王",
    "签名:王",
    "王,",
    "院 ",
    "路",
    "阿",
    "24.3.",
    "九十",
    "ID ",
    "case 1-",
    "A here ",
    "MK/jt\n",
    "lived to 9",
    "plate A",
]
SPANISH = ["Ab ", "Ab\n", "Hospital ", "Hospital\n", "Calle A 1, ", "Ab de ", "Ab Ab 1 años, ", "Ab, enfermera ", "(12345) ", "Ab refiere ", ", a 1 "]  # fmt: skip


def seconds(text: str, language: str) -> float:
    """What one search takes, the better of two."""
    taken = []
    for _ in range(2):
        before = time.process_time()
        pattern_spans(text, language)
        taken.append(time.process_time() - before)
    return min(taken)


@pytest.mark.parametrize("piece", PIECES)
def test_a_hostile_line_takes_linear_time(piece: str) -> None:
    """Four times the text takes some four times as long, where a quadratic rule takes sixteen."""
    language = "en" if piece.isascii() else "zh"
    small, large = (seconds(piece * (size // len(piece)), language) for size in SIZES)
    assert large < max(8 * small, 0.02)
    assert large < SIZES[1] * 8e-6


@pytest.mark.parametrize("piece", SPANISH)
def test_a_hostile_spanish_line_takes_linear_time(piece: str) -> None:
    small, large = (seconds(piece * (size // len(piece)), "es") for size in SIZES)
    assert large < max(8 * small, 0.02)
    assert large < SIZES[1] * 8e-6


@given(st.one_of(st.text(max_size=200), st.lists(st.sampled_from(PIECES), max_size=40).map("".join)))
@settings(max_examples=300, deadline=None)
def test_spans_lie_in_the_text_and_in_order(text: str) -> None:
    spans = pattern_spans(text, "")
    assert all(
        0 <= s.start < s.end <= len(text) and 0 < s.score <= 1 and s.source == "pattern" for s in spans
    )
    assert [s.start for s in spans] == sorted(s.start for s in spans)


def test_no_text_has_no_spans() -> None:
    assert pattern_spans("", "en") == []
