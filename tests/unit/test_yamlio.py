"""Plain YAML comes in exactly; everything else is refused with its place."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import PolicyInvalid
from gateway.yamlio import MOST_BYTES, MOST_DEPTH, Document, _Reader, read


def _refused(text: str | bytes) -> str:
    with pytest.raises(PolicyInvalid) as refused:
        read(text, "a.yaml")
    assert refused.value.reason == "POLICY_INVALID"
    (violation,) = refused.value.violations
    return str(violation)


def test_scalars_follow_yaml_1_2() -> None:
    text = "[no, yes, on, 2026-01-01, 12, -3, 0x1F, 0o17, true, null, ~, '7', 0.1, 1e-7, 1.50, 'true', 1:30]"
    values = read(text, "a.yaml").value
    day = "2026-01-01"
    assert values == [
        "no", "yes", "on", day, 12, -3, 31, 15, True, None, None, "7",
        Decimal("0.1"), Decimal("1e-7"), Decimal("1.50"), "true", "1:30",
    ]  # fmt: skip
    assert isinstance(values, list)
    assert [str(values[i]) for i in (12, 13, 14)] == ["0.1", "1E-7", "1.50"]


def test_keys_are_text_as_written() -> None:
    assert read("{1: a, no: b, true: c, 'x y': d}", "a.yaml").value == {
        "1": "a",
        "no": "b",
        "true": "c",
        "x y": "d",
    }


@pytest.mark.parametrize(
    ("text", "twin", "fault"),
    [
        ("a: 1\na: 2\n", "a: 1\nb: 2\n", "a.yaml:2:1: the key 'a' is written twice (keep one of them)"),
        ("{a: 1, 'a': 2}", "{a: 1, 'b': 2}", "a.yaml:1:8: the key 'a' is written twice (keep one of them)"),
        ("a: &x 1\n", "a: '&x 1'\n", "a.yaml:1:4: anchors are not allowed"),
        ("a: *x\n", "a: '*x'\n", "a.yaml:1:4: aliases are not allowed (write the value out)"),
        ("a: !!str 1\n", "a: '1'\n", "a.yaml:1:4: tags are not allowed (remove the word that begins with !)"),
        ("a: ! 1\n", "a: 1\n", "a.yaml:1:4: tags are not allowed (remove the word that begins with !)"),
        ("%YAML 1.1\n---\na: no\n", "---\na: no\n", "a.yaml:2:1: YAML directives are not allowed"),
        ("a: 1\n---\nb: 2\n", "a: 1\nb: 2\n", "a.yaml:2:1: a second document in one file"),
        ("a: x\u202ey\n", "a: xy\n", "a.yaml:1:5: a character that changes the direction of writing"),
        ('a: "x\\u202Ey"\n', 'a: "x\\u00e9y"\n', "a.yaml:1:4: a control character in a text (remove it)"),
        ('a: "x\\0y"\n', 'a: "x\\ty"\n', "a.yaml:1:4: a control character in a text (remove it)"),
        ('a: "\\uD800"\n', 'a: "\\uD7FF"\n', "a.yaml:1:4: a control character in a text (remove it)"),
        (b"a: 1\nb: \xff\n", b"a: 1\nb: \xc3\xa9\n", "a.yaml:2:4: the file is not UTF-8 (save it as UTF-8)"),
        ("a: .nan\n", "a: '.nan'\n", "a.yaml:1:4: not a finite number (a text is written in quotes)"),
        ("a: -.inf\n", "a: '-.inf'\n", "a.yaml:1:4: not a finite number (a text is written in quotes)"),
        ("a: 1e99\n", "a: 1e9\n", "a.yaml:1:4: a number out of range (a text is written in quotes)"),
        ("a: 0e99999\n", "a: 0e9\n", "a.yaml:1:4: a number out of range (a text is written in quotes)"),
        ("a: " + "1" * 41, "a: " + "1" * 40, "a.yaml:1:4: a number that is too long"),
        ("? [a]\n: 1\n", "? a\n: 1\n", "a.yaml:1:3: a key that is not one word or text (write 'key: value')"),
        ("a: [1\n", "a: [1]\n", "a.yaml:2:1: this is not YAML"),
        ("a: b: c\n", "a: 'b: c'\n", "a.yaml:1:5: this is not YAML"),
        ("a: 1\n\tb: 2\n", "a: 1\nb: 2\n", "a.yaml:2:1: this is not YAML"),
    ],
)  # fmt: skip
def test_what_is_not_plain_is_refused(text: str | bytes, twin: str | bytes, fault: str) -> None:
    assert _refused(text).startswith(fault)
    read(twin, "a.yaml")


def test_size_and_depth_have_limits() -> None:
    fits = "a: " + "x" * (MOST_BYTES - 3)
    read(fits, "a.yaml")
    assert _refused(fits + "x") == "a.yaml:1:1: the file is too large (at most 256 KiB)"
    read("[" * MOST_DEPTH + "]" * MOST_DEPTH, "a.yaml")
    deeper = "[" * (MOST_DEPTH + 1) + "]" * (MOST_DEPTH + 1)
    assert _refused(deeper) == f"a.yaml:1:{MOST_DEPTH + 1}: nested too deeply (at most {MOST_DEPTH} levels)"


def test_depth_is_bounded_before_the_parser_suffers() -> None:
    assert "nested too deeply" in _refused("[" * 100_000)
    assert "nested too deeply" in _refused("{a: " * 50_000)


def _document() -> Document:
    return read(
        "a: 1\nlist:\n  - x\n  - {k: 'v'}\nnone:\ntext: |\n    one\n    two\nlong: >\n  one\n  two\n",
        "a.yaml",
    )


def test_every_value_and_key_has_its_place() -> None:
    document = _document()
    assert document.position(()) == (1, 1)
    assert document.position(("a",)) == (1, 4)
    assert document.key_position(("a",)) == (1, 1)
    assert document.position(("list", 1, "k")) == (4, 9)
    assert document.key_position(("list", 1, "k")) == (4, 6)
    assert document.key_position(("list", 0)) == (3, 5)
    assert document.position(("list", 1, "absent", 7)) == (4, 5)


def test_places_inside_a_text() -> None:
    document = _document()
    assert document.position_in_text(("a",), 1, 1) == (1, 4)
    assert document.position_in_text(("list", 1, "k"), 1, 1) == (4, 10)
    assert document.position_in_text(("text",), 2, 3) == (8, 7)
    # A folded text has other lines than the file, a text with escapes other columns.
    assert document.position_in_text(("long",), 1, 5) == document.position(("long",))
    assert read("a: 'x''y z'", "a.yaml").position_in_text(("a",), 1, 4) == (1, 4)
    assert read("a: 'x y z'", "a.yaml").position_in_text(("a",), 1, 4) == (1, 8)


def test_an_empty_file_is_none() -> None:
    assert read("", "a.yaml").value is None
    assert read("# only a comment\n", "a.yaml").value is None
    assert read("\ufeffa: 1\n", "a.yaml").value == {"a": 1}


_YAMLISH = st.text(
    alphabet=st.sampled_from(list("ab01:-?[]{},&*!|>'\"%@`#~. \n\t\\xuU\x00\x85\u2028é")), max_size=60
)


@given(st.one_of(_YAMLISH, st.text(max_size=60), st.binary(max_size=60)))
def test_whatever_comes_in_only_our_error_goes_out(text: str | bytes) -> None:
    try:
        read(text, "a.yaml")
    except PolicyInvalid as refused:
        (violation,) = refused.violations
        assert violation.file == "a.yaml" and violation.line >= 1 and violation.column >= 1


def test_many_block_texts_are_read_in_one_pass() -> None:
    """Splitting the whole text for each of them would take the square of their number."""
    many = "".join(f"k{n}: |\n  t\n" for n in range(300))
    reader = _Reader(many, "a.yaml")
    reader._content = Unsplit(many)
    document = reader.read()
    assert document.position_in_text(("k299",), 1, 1) == (600, 3)


class Unsplit(str):
    """A text that may be read, but no longer split into lines."""

    def split(self, *_: object) -> list[str]:
        raise AssertionError("split again")
