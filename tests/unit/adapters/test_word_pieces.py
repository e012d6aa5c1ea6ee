"""Word pieces: offsets of the text as given, looks, windows that cover all, linear in the text."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.adapters.word_pieces import (
    CHUNK,
    OVERLAP,
    SHAPES,
    chunks_of,
    pieces_of,
    tokenizer_of,
    windows_of,
)

LETTERS = [chr(at) for at in range(33, 127)]
VOCABULARY = ["[UNK]", "[CLS]", "[SEP]", *LETTERS, *(f"##{sign}" for sign in LETTERS), "seen", "##ed"]
TOKENIZER = tokenizer_of(VOCABULARY)


def words(text: str) -> list[str]:
    (pieces,) = pieces_of(TOKENIZER, [text])
    return [text[a:b] for a, b in zip(pieces.starts.tolist(), pieces.ends.tolist(), strict=True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Seen by A.", ["Seen", "by", "A", "."]),
        ("\U0001f600 Bo", ["\U0001f600", "Bo"]),
        ("José O'Dea", ["José", "O", "'", "Dea"]),
        ("Jose\u0301 Li", ["Jose", "Li"]),
        ("王明 seen", ["王", "明", "seen"]),
        ("", []),
        (" \n\t", []),
    ],
)
def test_words_are_where_the_text_has_them(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_a_lone_surrogate_shifts_nothing() -> None:
    assert words("\ud800 Bo")[-1] == "Bo"


def test_looks_tell_case_digits_and_place() -> None:
    text = "bo Bo BO B bO mcB MCb b1 1 123 12345 ,\nbo"
    (pieces,) = pieces_of(TOKENIZER, [text])
    looks = pieces.shapes[pieces.words].tolist()
    assert len(set(looks[1:-1])) == len(looks) - 3  # bO and mcB look alike
    assert looks[0] == looks[-1]  # both begin a line
    assert min(looks) > 0 and max(looks) < SHAPES


def test_case_is_the_only_difference_of_looks_and_none_of_ids() -> None:
    lower, upper = pieces_of(TOKENIZER, ["seen by bo", "SEEN BY BO"])
    assert lower.ids.tolist() == upper.ids.tolist()
    assert (lower.shapes != upper.shapes).all()


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from("ab1 .\n-"), max_size=400), st.integers(2 * OVERLAP + 2, 60))
def test_windows_cover_every_piece_in_order(text: str, size: int) -> None:
    (pieces,) = pieces_of(TOKENIZER, [text])
    windows = windows_of(pieces, size)
    covered = np.zeros(len(pieces.ids), int)
    for start, end in windows:
        assert 0 < end - start <= size
        covered[start:end] += 1
    assert (covered >= 1).all() and (covered <= 2).all()
    assert windows == sorted(windows)


def test_a_window_ends_at_a_line_before_it_ends_at_a_sentence() -> None:
    (pieces,) = pieces_of(TOKENIZER, ["a " * 30 + "\n" + "b . " * 30])
    assert windows_of(pieces, 50)[0] == (0, 30)
    (pieces,) = pieces_of(TOKENIZER, ["a " * 30 + " " + "b . " * 30])
    assert windows_of(pieces, 50)[0] == (0, 50)


def test_a_line_without_an_end_is_cut_between_words_with_shared_pieces() -> None:
    (pieces,) = pieces_of(TOKENIZER, ["ab " * 100])
    first, second = windows_of(pieces, 51)[:2]
    assert first == (0, 50)
    assert second[0] == 50 - OVERLAP


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 4 * CHUNK), st.sampled_from(["a", "a ", "a\n", "abc "]))
def test_chunks_are_the_whole_text(length: int, unit: str) -> None:
    text = (unit * length)[:length]
    chunks = list(chunks_of(text))
    assert "".join(text[start:end] for start, end in chunks) == text
    assert all(end - start <= CHUNK for start, end in chunks)
    assert all(text[end - 1].isspace() for _, end in chunks[:-1]) or unit == "a"


def test_time_is_linear_in_hostile_text() -> None:
    for text in ("a" * 500_000, "." * 500_000, "a\u0301" * 250_000, "\n" * 500_000):
        began = time.process_time()
        for start, end in chunks_of(text):
            windows_of(pieces_of(TOKENIZER, [text[start:end]])[0])
        assert time.process_time() - began < 20
