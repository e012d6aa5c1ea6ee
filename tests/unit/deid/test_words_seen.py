"""What a word model sees: every character but blanks is in a word, and windows lose none."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.deid.words_seen import COLUMNS, features, windows, words_of


@given(st.text(max_size=400))
def test_words_cover_everything_but_blanks(text: str) -> None:
    places = words_of(text)
    covered = {at for start, end in places for at in range(start, end)}
    left = {at for at, sign in enumerate(text) if at not in covered}
    assert all(text[at].isspace() for at in left)
    assert all(a[1] <= b[0] for a, b in pairwise(places))


@given(st.text(max_size=400), st.integers(2, 9))
def test_windows_are_all_words_in_order(text: str, most: int) -> None:
    places = words_of(text)
    cut = list(windows(text, places, most))
    assert [place for window in cut for place in window] == places
    assert all(0 < len(window) <= most for window in cut)


@given(st.text(max_size=100))
def test_features_point_into_their_tables(text: str) -> None:
    for row in features(text, words_of(text)):
        assert len(row) == len(COLUMNS)
        assert all(0 < value < size for value, size in zip(row, COLUMNS, strict=True))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("MartínezNºCol: 28 28", ["Martínez", "NºCol", ":", "28", "28"]),
        ("años\n12/05", ["años", "\n", "12", "/", "05"]),
        ("DNI12345678Z", ["DNI", "12345678", "Z"]),
    ],
)
def test_words_part_where_identifiers_do(text: str, words: list[str]) -> None:
    assert [text[start:end] for start, end in words_of(text)] == words


def test_a_window_ends_at_a_line_end_or_else_at_a_full_stop() -> None:
    lines = "uno dos\n" * 40
    assert all(lines[window[-1][0]] == "\n" for window in windows(lines, words_of(lines), 16))
    stops = "uno dos tres. " * 40
    assert all(stops[window[-1][0]] == "." for window in windows(stops, words_of(stops), 16))


@pytest.mark.parametrize("unit", ["a", "Aa", "1", ".", "\n", "ñ ", "\u0661"])
def test_linear(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    start = time.process_time()
    for window in windows(text, words_of(text)):
        features(text, window)
    assert time.process_time() - start < 4
