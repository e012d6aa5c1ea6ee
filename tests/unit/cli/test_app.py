"""The command line as a whole: light to open, an example for every command, errors as words and codes."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import types
from pathlib import Path

import pytest
import typer

from gateway import cli
from gateway.cli.output import result_csv
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


@pytest.mark.parametrize("command", ["query", "partner"])
def test_the_client_is_light(command: str) -> None:
    heavy = "duckdb ibis opendp pydantic sqlglot pyarrow pandas polars ruamel"
    code = f"import sys, gateway.cli.{command}; print([m for m in '{heavy}'.split() if m in sys.modules])"
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


def end_early(code: str) -> subprocess.CompletedProcess[str]:
    """Run code whose standard output nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    env = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    command = [sys.executable, "-c", code]
    try:
        return subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, env=env)
    finally:
        os.close(writer)


WRITING = """
import sys
import gateway.cli.doctor as module
from gateway import cli
from gateway.cli.output import result, result_csv, result_table
def doctor():
    {body}
module.app, module.doctor = None, doctor
sys.argv = ["gateway", "doctor"]
cli.main()
"""


@pytest.mark.parametrize(
    "body", ["result('x')", "result_csv(['x'], [[1]] * 9)", "result_table(['x'], [['1']] * 9, left=0)"]
)
def test_a_reader_who_stops_ends_the_command_quietly(body: str) -> None:
    ran = end_early(WRITING.format(body=body))
    assert (ran.returncode, ran.stderr) == (cli.PIPE_CLOSED, "")


def test_without_a_reader_an_error_still_has_its_words() -> None:
    body = "result_csv(['x'], []); raise cli.ConfigInvalid('no good')"
    ran = end_early(WRITING.format(body=body))
    assert ran.stderr == "error CONFIG_INVALID: no good\n"
    read = subprocess.run([sys.executable, "-c", WRITING.format(body=body)], capture_output=True, text=True)
    assert (read.returncode, read.stdout) == (78, "x\n")


def test_csv_shows_control_characters_as_escapes(capsys: pytest.CaptureFixture[str]) -> None:
    result_csv(["k\x1b[2J", "n"], [["a\x1b]0;x\x07\u202eb", 1.5], ["Zürich, Süd", None]])
    assert capsys.readouterr().out == ("k\\x1b[2J,n\n" + "a\\x1b]0;x\\x07\\u202eb,1.5\n" + '"Zürich, Süd",\n')
