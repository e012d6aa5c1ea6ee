"""`gateway deid show`: the right pieces are marked, nothing hostile gets through, the files must fit."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cli.deid.marked import GROUP_OF, Marked, counts, pieces
from gateway.cli.deid.page import _COLOURS, page
from gateway.cli.deid.show import _STYLES
from gateway.domain.deid import IdentifierType, Span
from tests.unit.adapters.text_fakes import MARK
from tests.unit.cli.deid.kit import with_fake_pipelines, write_lines
from tests.unit.client.enrolled import run

HOSTILE = '<script>alert(1)</script><img src="https://example.org/x">\x1b[31m\u202e[bold]'


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a run's input and output."""
    with_fake_pipelines(monkeypatch)
    source = write_lines(
        tmp_path / "in.jsonl",
        {"id": "a", "text": f"seen by {MARK}\tand {MARK}"},
        {"text": "no id"},
        {"id": HOSTILE, "text": f"{HOSTILE} {MARK} {HOSTILE}"},
    )
    assert (
        run("deid", "run", "--workers", "1", "--profile", "safe-harbor", source, tmp_path / "out.jsonl")[0]
        == 3
    )
    return tmp_path


def show(folder: Path, *more: str | Path) -> tuple[int, str, str]:
    return run("deid", "show", folder / "out.jsonl", "--input", folder / "in.jsonl", *more)


def test_identifiers_are_marked_in_the_text_as_given(ran: Path) -> None:
    code, out, err = show(ran)
    assert (code, err) == (0, "")
    assert f"seen by {MARK}[NAME]    and {MARK}[NAME]" in out
    assert "withheld: ID_MISSING" in out
    assert out.rstrip().endswith("NAME  3")
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "[bold]" in out


def test_one_text_alone_is_shown(ran: Path) -> None:
    code, out, _ = show(ran, "--id", "a")
    assert (code, "script" in out, "NAME  2" in out) == (0, False, True)
    code, _, err = show(ran, "--id", "b")
    assert (code, "error ID_UNKNOWN" in err) == (66, True)
    _, out, err = show(ran, "--most", "1")
    assert ("script" in out, "only the first 1 texts" in err) == (False, True)


def test_a_text_file_is_searched_now(ran: Path) -> None:
    (ran / "note.txt").write_text(f"{MARK} came")
    code, out, _ = run("deid", "show", ran / "note.txt")
    assert (code, f"{MARK}[NAME] came" in out) == (0, True)
    (ran / "note.txt").write_bytes(b"\xff")
    assert "withheld: INVALID_UTF8" in run("deid", "show", ran / "note.txt")[1]


def test_a_folder_is_shown_with_its_folder(ran: Path) -> None:
    (ran / "texts").mkdir()
    (ran / "texts/a.txt").write_text(f"{MARK} came")
    assert (
        run("deid", "run", "--workers", "1", "--profile", "safe-harbor", ran / "texts", ran / "clean")[0] == 0
    )
    listed = ("deid", "show", ran / "clean/spans.jsonl", "--input", ran / "texts")
    assert f"{MARK}[NAME] came" in run(*listed)[1]
    (ran / "clean/spans.jsonl").write_text('{"id":"../in.jsonl","spans":[],"language":"en"}\n')
    code, _, err = run(*listed)
    assert (code, "error INPUT_MISMATCH" in err) == (78, True)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ({"id": "other", "spans": []}, "INPUT_MISMATCH"),
        ({"id": "a", "text": "no spans"}, "FILE_INVALID"),
        (
            {"id": "a", "spans": [{"start": 0, "end": 99, "type": "NAME", "score": 1, "source": "m"}]},
            "FILE_INVALID",
        ),
        (
            {"id": "a", "spans": [{"start": 4, "end": 1, "type": "NAME", "score": 1, "source": "m"}]},
            "FILE_INVALID",
        ),
        (
            {"id": "a", "spans": [{"start": 0, "end": 1, "type": "SHOE", "score": 1, "source": "m"}]},
            "FILE_INVALID",
        ),
        ({"id": "a", "spans": [{"start": 0, "end": 1, "type": "NAME", "score": 1, "source": "m"}]}, ""),
    ],
)
def test_a_file_that_does_not_fit_its_input_is_refused(
    ran: Path, line: dict[str, object], reason: str
) -> None:
    write_lines(ran / "out.jsonl", line)
    code, _, err = show(ran)
    assert (code == 0, f"error {reason}:" in err) == (not reason, bool(reason))


def test_offsets_alone_show_nothing(ran: Path) -> None:
    code, _, err = run("deid", "show", ran / "out.jsonl")
    assert (code, "error INPUT_MISSING" in err) == (78, True)


class Reader(HTMLParser):
    """What a browser would make of a page: its tags, its attributes, the text of marks."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.marks: list[str] = []
        self._open = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self._open = tag

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open == "mark":
            self.marks.append(data)


def test_a_page_needs_nothing_else_and_lets_nothing_through(ran: Path) -> None:
    code, out, err = show(ran, "--html", ran / "page.html")
    assert (code, out) == (0, "")
    assert "3 texts with their identifiers" in err
    content = (ran / "page.html").read_text("utf-8")
    reader = Reader()
    reader.feed(content)
    assert reader.tags.isdisjoint({"script", "img", "link", "iframe", "object", "form", "a"})
    assert not {
        name for name in reader.attributes if name.startswith("on") or name in ("src", "href", "style")
    }
    assert "default-src 'none'" in content
    assert not re.search(
        r"https?://|url\(|@import",
        content.replace(html.escape(HOSTILE), "").replace("https://example.org/x", ""),
    )
    assert "\x1b" not in content
    assert "\u202e" not in content
    assert reader.marks.count(MARK) == 3
    assert (ran / "page.html").stat().st_mode & 0o777 == 0o600
    assert show(ran, "--html", ran / "page.html")[0] == 78  # never over what is there


def test_the_policy_of_a_page_fits_its_style() -> None:
    import base64
    import hashlib

    content = page([], title="t", more=False)
    style = re.search(r"<style>(.*?)</style>", content, re.S)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in content


def test_every_type_has_a_group_with_a_colour() -> None:
    assert set(GROUP_OF) == set(IdentifierType)
    assert set(GROUP_OF.values()) == set(_COLOURS) == set(_STYLES)


@given(st.text(max_size=30), st.lists(st.integers(0, 30), max_size=8))
def test_pieces_are_the_text(text: str, places: list[int]) -> None:
    cuts = sorted({min(place, len(text)) for place in places})
    spans = tuple(
        Span(start=start, end=end, type=IdentifierType.NAME, score=1, source="model")
        for start, end in zip(cuts[::2], cuts[1::2], strict=False)
    )
    marked = Marked(id="a", text=text, spans=spans)
    assert "".join(piece for piece, _ in pieces(marked)) == text
    assert [span for _, span in pieces(marked) if span] == list(spans)
    assert counts([marked]) == ([(IdentifierType.NAME, len(spans))] if spans else [])
