"""The command line: one file per command, opened only when that command is asked for.

Law: standard output carries the result alone; whatever goes wrong is words on standard error and the exit
code of its error class, never a traceback. Importing this package opens no engine and no network library.
May import: typer, errors, cli.output.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import os
import sys
from typing import Annotated, Any

import typer
import typer.core
import typer.main

from gateway.cli.output import explain
from gateway.errors import ConfigInvalid, GatewayError, Internal

COMMANDS = (
    "demo",
    "init",
    "ingest",
    "serve",
    "reload",
    "partner",
    "query",
    "notes",
    "deid",
    "budget",
    "audit",
    "journal",
    "doctor",
    "backup",
    "restore",
    "recover",
    "upgrade",
)

# What the extra `server` brings, by import name.
SERVER_PACKAGES = frozenset(
    {
        "duckdb",
        "grpc_health",
        "grpc_reflection",
        "ibis",
        "opendp",
        "orjson",
        "pyarrow",
        "pydantic",
        "ruamel",
        "sqlglot",
    }
)

PIPE_CLOSED = 141  # as a shell says that SIGPIPE ended a command

# Typer's own ways out of a command: usage errors (exit code 2), exits and aborts are its to show.
# The last is the common base of its usage errors, which typer does not export by name.
_TYPERS_OWN: tuple[type[BaseException], ...] = (typer.Exit, typer.Abort, typer.BadParameter.__mro__[2])


class Commands(typer.core.TyperGroup):
    """The commands by name. Each lives in `gateway.cli.<name>`, as a function of that name or an `app`."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [name for name in COMMANDS if importlib.util.find_spec(f"gateway.cli.{name}")]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return load(cmd_name) if cmd_name in self.list_commands(ctx) else None

    def invoke(self, ctx: Any) -> Any:
        """Run a command; where nobody reads its output any more, end it quietly."""
        try:
            try:
                return self._run(ctx)
            finally:
                sys.stdout.flush()
        except BrokenPipeError:
            # What waits in the buffer goes nowhere, so that the interpreter does not complain at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(PIPE_CLOSED) from None

    def _run(self, ctx: Any) -> Any:
        """Turn what a command raises into words and an exit code."""
        try:
            return super().invoke(ctx)
        except _TYPERS_OWN:
            raise
        except BrokenPipeError:
            raise
        except Exception as error:
            known = as_gateway_error(error)
            explain(known)
            raise typer.Exit(known.exit_code) from None


def load(name: str) -> Any:
    """The command of `gateway.cli.<name>`; where a package is missing, one that says what to install."""
    try:
        module = importlib.import_module(f"gateway.cli.{name}")
    except ModuleNotFoundError as error:
        return _unready(name, as_gateway_error(error))
    found = getattr(module, "app", None)
    if not isinstance(found, typer.Typer):
        found = typer.Typer(add_completion=False)
        found.command(name)(getattr(module, name))
    command = typer.main.get_command(found)
    command.name = name
    return command


def as_gateway_error(error: Exception) -> GatewayError:
    """Any exception as one of ours, without the text of others."""
    if isinstance(error, GatewayError):
        return error
    if isinstance(error, ModuleNotFoundError) and (error.name or "").split(".")[0] in SERVER_PACKAGES:
        return ConfigInvalid(
            "this command needs the extra `server`: pip install 'concordat[server]'", reason="EXTRA_MISSING"
        )
    if isinstance(error, OSError) and error.filename is not None:
        return ConfigInvalid(f"the system refused {error.filename} ({type(error).__name__})")
    return Internal(f"internal error ({type(error).__name__})")


def _unready(name: str, error: GatewayError) -> Any:
    """A command in the place of one that cannot be loaded: any use of it ends with that error."""
    stand_in = typer.Typer(add_completion=False)

    def refuse() -> None:
        raise error

    refuse.__doc__ = f"Not ready here: {error.message}"
    settings = {"allow_extra_args": True, "ignore_unknown_options": True}
    stand_in.command(name, context_settings=settings)(refuse)
    return typer.main.get_command(stand_in)


app = typer.Typer(
    cls=Commands,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Concordat: a privacy-preserving data-sharing gateway for hospitals.",
    epilog="Example: gateway demo",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(importlib.metadata.version("concordat"))
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.", callback=_version)] = False,
) -> None:
    """Nothing is done without a command."""


def main() -> None:
    """The installed command `gateway`."""
    app(prog_name="gateway")
