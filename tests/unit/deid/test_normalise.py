"""The form detectors see: what changes, what stays, and the way back to the given text."""

import time
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.deid.normalise import Normalised, normalised

SHAPES = [
    ("Jo\u200bhn Sm\u00adith\ufeff", "John Smith"),
    ("\u202eJohn\u202c \u2066Smith\u2069", "John Smith"),
    ("a\x00b\x07c", "a b c"),
    ("a\tb\nc", "a\tb\nc"),
    ("a\r\nb\rc", "a \nb\nc"),
    ("a\u2028b\x85c\x0cd", "a\nb\nc\nd"),
    ("ＭＲＮ：１２３４５６", "MRN:123456"),
    ("٠١٢٣٤٥٦٧٨٩ ۱۲ १२३ 𝟏𝟐", "0123456789 12 123 12"),
    ("𝐉𝐨𝐡𝐧", "John"),
    ("3\u00a0May\u20092024\u3000x", "3 May 2024 x"),
    ("O\u2019Brien \u201cx\u201d 3\u20135\u20146 \u22122", 'O\'Brien "x" 3-5-6 -2'),
    ("ﬁnding № 7", "finding No 7"),
    ("Jose\u0301 Nun\u0303ez", "José Nuñez"),
    ("\u1112\u1161\u11ab", "한"),
    ("<p>John&nbsp;Smith</p>", " John Smith "),
    ("Mu&ntilde;oz &#233; &#xE9; &lt;5 mg", "Muñoz é é <5 mg"),
    ("x &amp;lt;br/&amp;gt; y", "x   y"),
    ('<a href="mailto:a@b.org" title="Ann Lee">mail</a>', '  href="mailto:a@b.org" title="Ann Lee" mail '),
    ("<given>John</given>", " given John given "),
    ("<br/>a<!-- Ann -->b", " a  Ann  b"),
    (r"{\rtf1\ansi Jos\'e9 \b Nu\u241?ez\b0\par DOB 3/5\tab x\~y}", "José Nuñez\nDOB 3/5\tx y"),
    (r"{\rtf1 \{a\\b\}}", r"{a\b}"),
    ("Smi=\nth Garc=C3=ADa", "Smith García"),
    ("a\ud800b", "a\ufffdb"),
    ("", ""),
]


@pytest.mark.parametrize(("given_text", "seen"), SHAPES)
def test_what_detectors_see(given_text: str, seen: str) -> None:
    assert normalised(given_text).text == seen


@pytest.mark.parametrize(
    "text",
    [
        "TSH <5 mg and a < b, c > d; BP 120/80 & HR=72",
        "if x <y and y> z then <John Smith> or <ann@lee.org>",
        "AT&T; R&D; Q&A",
        "K+ =\n\n4.1",
        r"C:\notes\rtf {\rtf",
        "HR=3D and =20",
        "患者:王小明,住院。",
        "José Núñez été",
    ],
)
def test_what_only_looks_like_markup_stays(text: str) -> None:
    assert normalised(text).text == text


@pytest.mark.parametrize(
    ("given_text", "word", "mapped"),
    [
        ("Mr Jo\u200bhn\u200b!", "John", "Jo\u200bhn"),
        ("\ufeffJohn", "John", "John"),
        ("x Jose\u0301\u0301 y", "José", "Jose\u0301\u0301"),
        ("<b>John</b>&nbsp;Smith", "John  Smith", "John</b>&nbsp;Smith"),
        ("Mu&ntilde;oz", "Muñoz", "Mu&ntilde;oz"),
        ("Mu&ntilde;oz", "ñ", "&ntilde;"),
        (r"{\rtf1 Jos\'e9\par}", "José", r"Jos\'e9"),
        ("Smi=\r\nth", "Smith", "Smi=\r\nth"),
        ("a ﬁn", "f", "ﬁ"),
        ("𝐉𝐨\ufe0f🙂 John", "John", "John"),
    ],
)
def test_a_span_maps_to_whole_code_points_as_given(given_text: str, word: str, mapped: str) -> None:
    seen = normalised(given_text)
    end = seen.text.index(word[-1], seen.text.index(word) + len(word) - 1) + 1
    if word == "José":  # the second accent does not compose and belongs to the cluster
        end = seen.text.index("é") + 1
    start, stop = seen.span(seen.text.index(word), end)
    assert given_text[start:stop] == mapped


def test_offsets_outside_are_refused() -> None:
    assert normalised("abc").span(1, 3) == (1, 3)
    for start, end in [(1, 4), (-1, 2), (2, 1)]:
        with pytest.raises(ValueError, match="outside"):
            normalised("abc").span(start, end)


PIECES = st.sampled_from(
    ["John", "ﬁ", "e\u0301", "\u0301", "\u200b", "\x00", "\r\n", "\r", "\n", " ", "&amp;", "&lt;", "&nbsp;",
     "&#38;", "#38;", "amp;", "<b>", "</b>", "<", ">", "b", '<a href="x">', "=\n", "=C3=AD", "=",
     "{\\rtf1 ", "\\par ", "\\'e9", "\\u241?", "\\", "}", "１", "٣",
     "\ud800", "\u1112", "\u1161", "\u11ab", "🙂", "\u2019"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=25).map("".join))


@given(TEXTS)
@settings(max_examples=400, deadline=None)
def test_a_normal_form_is_its_own(text: str) -> None:
    once = normalised(text).text
    assert normalised(once).text == once


@given(TEXTS)
@settings(max_examples=400, deadline=None)
def test_spans_are_monotone_and_cover(text: str) -> None:
    seen = normalised(text)
    places = [seen.span(at, at + 1) for at in range(len(seen.text))]
    for start, end in places:
        assert 0 <= start < end <= len(text)
    for (start, end), (next_start, next_end) in pairwise(places):
        assert start <= next_start
        assert end <= next_end
        assert (start, end) == (next_start, next_end) or end <= next_start  # whole clusters
    if places:
        assert seen.span(0, len(seen.text)) == (places[0][0], places[-1][1])


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_letters_and_digits_stay_in_sight(text: str) -> None:
    """Outside markup nothing that has a shape goes: every ASCII letter and digit is seen where it stood."""
    if any(sign in text for sign in "&<\\="):
        return
    seen = normalised(text)
    back = {seen.span(at, at + 1): character for at, character in enumerate(seen.text)}
    for at, character in enumerate(text):
        following = text[at + 1 : at + 2]
        if character.isascii() and character.isalnum() and unicodedata.category(following or "a")[0] != "M":
            assert back[at, at + 1] == character


@given(st.text("abc 12\n\t.,:;-/", max_size=200))
def test_plain_text_is_untouched(text: str) -> None:
    assert normalised(text) == Normalised(text)


SIZE = 1_000_000
HOSTILE = {
    "one line": "a" * SIZE,
    "ampersands": "&amp;" * (SIZE // 5),
    "mixed ampersands": "&#38;amp;" * (SIZE // 9),
    "less than": "<" * SIZE,
    "open tags": "<b " * (SIZE // 3),
    "tags": "<b>" * (SIZE // 3),
    "marks": "e" + "\u0301\u0323" * (SIZE // 2),
    "zero width": "a\u200b" * (SIZE // 2),
    "soft breaks": "a=\n" * (SIZE // 3),
    "rtf": "{\\rtf1" + "\\par" * (SIZE // 4),
    "rtf braces": "{\\rtf1" + "{" * SIZE,
    "backslashes": "\\" * SIZE,
    "chinese": "患者王小明，" * (SIZE // 6),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_line_takes_linear_time(name: str) -> None:
    before = time.process_time()
    normalised(HOSTILE[name])
    assert time.process_time() - before < 3
