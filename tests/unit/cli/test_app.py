"""The command line as a whole: light to open, an example for every command, errors as words and codes."""

from __future__ import annotations

import importlib
import subprocess
import sys
import types
from pathlib import Path

import pytest
import typer

from gateway import cli
from gateway.errors import BudgetExceeded, GatewayError, JournalInvalid
from tests.unit.client.enrolled import run

MINE = [["init"], ["query"], ["budget"], ["partner", "init"], ["partner", "enrol"], ["partner", "accept"]]


def with_command(monkeypatch: pytest.MonkeyPatch, error: BaseException | None) -> None:
    """Put a command in the place of `doctor` that ends with this error."""

    def doctor() -> None:
        if error is not None:
            raise error

    module = types.ModuleType("gateway.cli.doctor")
    module.doctor = doctor  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "gateway.cli.doctor", module)
    monkeypatch.setattr(cli.Commands, "list_commands", lambda *_: ["doctor", "query"])


@pytest.mark.parametrize("command", MINE, ids=" ".join)
def test_every_command_has_an_example(command: list[str]) -> None:
    code, out, _ = run(*command, "--help")
    assert code == 0
    assert f"Example: gateway {' '.join(command)}" in " ".join(out.split())


def test_opening_the_command_line_is_light() -> None:
    heavy = "grpc duckdb ibis opendp pydantic sqlglot pyarrow pandas polars ruamel cryptography"
    code = f"import sys, gateway.cli; print([m for m in '{heavy}'.split() if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_the_client_is_light() -> None:
    heavy = "duckdb ibis opendp pydantic sqlglot pyarrow pandas polars ruamel"
    code = f"import sys, gateway.cli.query; print([m for m in '{heavy}'.split() if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize("error", [BudgetExceeded("none left"), JournalInvalid("entry 3 does not chain")])
def test_an_error_ends_with_its_words_and_exit_code(
    monkeypatch: pytest.MonkeyPatch, error: GatewayError
) -> None:
    with_command(monkeypatch, error)
    code, out, err = run("doctor")
    assert (code, out, err) == (error.exit_code, "", f"error {error.reason}: {error.message}\n")
    with_command(monkeypatch, None)
    assert run("doctor") == (0, "", "")


@pytest.mark.parametrize("error", [ValueError("secret 42"), RuntimeError("secret 42"), KeyError("secret 42")])
def test_a_defect_shows_neither_its_text_nor_a_traceback(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    with_command(monkeypatch, error)
    code, out, err = run("doctor")
    assert (code, out) == (70, "")
    assert err == f"error INTERNAL: internal error ({type(error).__name__})\n"


def test_a_file_that_the_system_refuses_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with_command(monkeypatch, FileNotFoundError(2, "No such file", str(tmp_path / "absent")))
    code, _, err = run("doctor")
    assert code == 78
    assert "absent (FileNotFoundError)" in err


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with_command(monkeypatch, ModuleNotFoundError("No module named 'duckdb'", name="duckdb"))
    code, out, err = run("doctor")
    assert (code, out) == (78, "")
    assert "error EXTRA_MISSING" in err and "concordat[server]" in err
    with_command(monkeypatch, ModuleNotFoundError("No module named 'ours'", name="gateway.ours"))
    assert run("doctor")[0] == 70


def test_a_command_that_cannot_be_loaded_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    with_command(monkeypatch, None)
    real = importlib.import_module

    def without_server(name: str) -> types.ModuleType:
        if name == "gateway.cli.doctor":
            raise ModuleNotFoundError("No module named 'opendp'", name="opendp.mod")
        return real(name)

    monkeypatch.setattr(importlib, "import_module", without_server)
    code, out, err = run("doctor", "SITE", "--json")
    assert (code, out) == (78, "")
    assert "error EXTRA_MISSING" in err
    assert run("--help")[0] == 0
    monkeypatch.undo()
    with_command(monkeypatch, None)
    assert run("doctor")[0] == 0


def test_an_exit_keeps_its_code(monkeypatch: pytest.MonkeyPatch) -> None:
    with_command(monkeypatch, typer.Exit(3))
    assert run("doctor")[0] == 3


@pytest.mark.parametrize(
    "wrong",
    [
        ("--share", "1", "--rho", "1"),
        ("--share", "much"),
        ("--epsilon", "0"),
        ("--within", "-3"),
        ("--format", "xml"),
        ("--timeout", "0"),
    ],
)
def test_wrong_usage_is_exit_code_2(wrong: tuple[str, ...], tmp_path: Path) -> None:
    asked = ("query", "--at", "localhost:1", "--as", tmp_path, "--agreement", "a", "--purpose", "HRESCH")
    code, out, err = run(*asked, "--sql", "SELECT 1", *wrong)
    assert (code, out) == (2, "")
    assert "Traceback" not in err
    # The twin gets as far as the partner's folder, which is not one.
    assert run(*asked, "--sql", "SELECT 1", "--share", "1")[0] == 78


def test_an_unknown_command_is_exit_code_2() -> None:
    assert run("frobnicate")[0] == 2


def test_the_module_runs_as_the_command() -> None:
    ran = subprocess.run([sys.executable, "-m", "gateway", "--version"], capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.strip()[0].isdigit()
