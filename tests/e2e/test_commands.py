"""The command line as a whole: each command's help has an example that parses; `doctor` finds what is wrong.

A completeness test: a command without an example, or with one that has gone stale, fails here.
"""

from __future__ import annotations

import json
import shlex
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from gateway.cli import COMMANDS, app
from tests.e2e.kit import Place, make_place, rewrite
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


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return make_place(tmp_path_factory.mktemp("made"))


@pytest.fixture
def place(made: Place, tmp_path: Path) -> Place:
    shutil.copytree(made.home, tmp_path / "copy")
    return Place(tmp_path / "copy")


def findings(place: Place, *, fit: bool) -> dict[str, tuple[str, str]]:
    """What `doctor` says of each thing; the exit code says whether the site is fit to serve."""
    code, out, err = run("doctor", place.site, "--format", "json")
    assert code == (0 if fit else 78), err
    assert ("DOCTOR_FAILED" in err) is not fit
    return {found["what"]: (found["state"], found["words"]) for found in json.loads(out)["findings"]}


def test_a_new_site_is_fit_with_warnings(place: Place) -> None:
    states = {what: state for what, (state, _) in findings(place, fit=True).items()}
    assert states.pop("disk") in ("ok", "warn")
    warned = {"trust.yaml", "keys", "journal"}
    assert states == {what: "warn" if what in warned else "ok" for what in states}
    (place.site / "keys" / "person.key").unlink()
    assert findings(place, fit=True)["keys"][0] == "ok"
    code, out, _ = run("doctor", place.site)
    assert code == 0
    assert "fewer than two approvers" in out


def spoil_journal(place: Place) -> None:
    with sqlite3.connect(place.site / "journal" / "journal.db") as database:
        database.execute("CREATE TABLE other (x INTEGER)")


def spoil_snapshot(place: Place) -> None:
    (snapshot,) = (place.site / "data").glob("*.duckdb")
    snapshot.write_bytes(b"\0" * 50_000)


SPOILT: dict[str, tuple[Callable[[Place], object], str]] = {
    "site.yaml": (lambda place: place.set("surprise: 1"), "unknown field"),
    "trust.yaml": (lambda place: (place.site / "trust.yaml").write_text("people: []\n"), "people"),
    "keys": (lambda place: (place.site / "keys" / "site.key").chmod(0o640), "site.key"),
    "certificate": (lambda place: (place.site / "keys" / "server.crt").write_text("x"), "certificate"),
    "folders": (lambda place: (place.site / "data").chmod(0o755), "data"),
    "policies": (lambda place: rewrite(place.agreement, "status: active", "status: acitve"), ".yaml:"),
    "data": (spoil_snapshot, "snapshot"),
    "journal": (spoil_journal, "journal"),
}


@pytest.mark.parametrize("what", SPOILT)
def test_doctor_finds_what_is_wrong(place: Place, what: str) -> None:
    spoil, words = SPOILT[what]
    before = findings(place, fit=True)
    spoil(place)
    state, said = findings(place, fit=False)[what]
    assert (before[what][0] != "fail", state) == (True, "fail")
    assert words in said
    assert "Traceback" not in said


def test_doctor_finds_a_key_of_another_certificate(place: Place) -> None:
    keys = place.site / "keys"
    good = (keys / "server.key").read_bytes()
    assert findings(place, fit=True)["certificate"][0] == "ok"
    (keys / "server.key").write_bytes((keys / "ca.key").read_bytes())
    found = findings(place, fit=False)
    assert (found["certificate"][0], found["keys"][0]) == ("fail", "warn")
    (keys / "server.key").write_bytes(good)
    assert findings(place, fit=True)["certificate"][0] == "ok"


def test_doctor_warns_of_a_site_without_data_or_agreement(place: Place) -> None:
    for snapshot in (place.site / "data").glob("*.duckdb"):
        snapshot.unlink()
    rewrite(place.agreement, "status: active", "status: draft")
    found = findings(place, fit=True)
    assert (found["data"][0], found["policies"][0]) == ("warn", "warn")
