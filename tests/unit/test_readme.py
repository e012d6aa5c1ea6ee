"""The front page and the documents: links lead somewhere, and the commands shown are commands that exist."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from gateway.cli import app
from tests.guards import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
README = PAGES[0].read_text("utf-8")
TO_COME = {ROOT / "docs" / "performance.md"}
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def commands(text: str) -> list[list[str]]:
    """Every `gateway ...` of a page's shell blocks and inline code, as words after `gateway`."""
    blocks = "".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL)).replace("\\\n", " ")
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    lines = (
        shlex.split(line, comments=True) for line in [*blocks.splitlines(), *inline] if "gateway " in line
    )
    return [words[1:] for words in lines if words and Path(words[0]).name == "gateway"]


def parse(words: list[str]) -> None:
    """Find the command and let it read its words; raises what the parser says."""
    command: Any = typer.main.get_command(app)
    while hasattr(command, "list_commands"):
        name, *words = words
        found = command.get_command(None, name)
        assert found is not None, f"no command {name}"
        command = found
    command.make_context(command.name, list(words)).close()


def links() -> Iterator[tuple[Path, str]]:
    for page in PAGES:
        for link in _LINK.findall(page.read_text("utf-8")):
            if "://" not in link and not link.startswith("#"):
                yield page, link.partition("#")[0]


def test_every_relative_link_leads_somewhere() -> None:
    found = list(links())
    assert len(found) > 10
    lost = [(page.name, link) for page, link in found if not (page.parent / link).exists()]
    assert [(p, link) for p, link in lost if ROOT / link not in TO_COME] == []


@pytest.mark.parametrize("words", commands(README), ids=" ".join)
def test_every_command_of_the_readme_parses(words: list[str]) -> None:
    parse(words)
    with pytest.raises(Exception, match=r"[Nn]o such option"):
        parse([*words, "--no-such-option"])


def test_the_readme_shows_both_sides_in_full() -> None:
    shown = {" ".join(words[:2]) for words in commands(README)}
    both = {"partner init", "partner enrol", "partner accept", "audit export", "audit verify"}
    assert both <= shown
    assert {words[0] for words in commands(README)} >= {"init", "ingest", "doctor", "serve", "query", "demo"}


def test_a_command_that_is_not_there_is_seen() -> None:
    assert commands("`gateway frobnicate x` and\n```sh\ngateway audit \\\n  tail x # why\n```\n") == [
        *(["audit", "tail", "x"], ["frobnicate", "x"])
    ]
    with pytest.raises(AssertionError, match="frobnicate"):
        parse(["frobnicate", "x"])
    parse(["audit", "tail", "x"])
