"""The command line as a whole: each command's help has an example that parses.

A completeness test: a command without an example, or with one that has gone stale, fails here.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import typer.main

from gateway.cli import COMMANDS, app
from tests.unit.client.enrolled import run

ROOT_COMMAND: Any = typer.main.get_command(app)


def leaves(group: Any = ROOT_COMMAND, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command that does something, with the words that name it."""
    for name in group.list_commands(None):
        command = group.get_command(None, name)
        if hasattr(command, "list_commands"):
            yield from leaves(command, (*path, name))
        else:
            yield (*path, name), command


LEAVES = dict(leaves())


def example(words: tuple[str, ...]) -> list[str]:
    """The words of a command's example, after `gateway`."""
    epilog = LEAVES[words].epilog or ""
    assert epilog.startswith("Example: gateway "), f"{' '.join(words)} has no example"
    return shlex.split(epilog)[2:]


def parse(words: tuple[str, ...], rest: list[str]) -> None:
    LEAVES[words].make_context(" ".join(words), list(rest)).close()


def test_every_command_is_looked_at() -> None:
    assert {words[0] for words in LEAVES} == set(COMMANDS)
    assert len(LEAVES) >= 14


@pytest.mark.parametrize("words", LEAVES, ids=" ".join)
def test_each_example_parses_and_is_shown(words: tuple[str, ...]) -> None:
    asked = example(words)
    assert tuple(asked[: len(words)]) == words
    parse(words, asked[len(words) :])
    with pytest.raises(Exception, match=r"[Nn]o such option"):
        parse(words, [*asked[len(words) :], "--no-such-option"])
    code, out, err = run(*words, "--help")
    assert (code, err) == (0, "")
    assert f"Example: gateway {' '.join(words)}" in " ".join(out.split())
