"""Reference pages from the code itself: `reference.py FOLDER` writes, `reference.py --check FOLDER` compares.

Pages: the command line (from its own help), the settings of site.yaml, and the error classes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import typer.main

from gateway import cli, errors
from gateway.config import DeidSettings, EngineSettings, JournalSettings, Settings

MADE = "<!-- Made by `make docs` from the code; edit that instead. -->\n"


def pages() -> dict[str, str]:
    """Every page by file name."""
    return {"cli.md": command_line(), "settings.md": settings(), "errors.md": error_classes()}


def command_line() -> str:
    """Each command with its arguments, options and example."""
    lines = ["# The command line", MADE]
    root: Any = typer.main.get_command(cli.app)
    for name in root.list_commands(None):
        command = root.get_command(None, name)
        inner = getattr(command, "commands", None)
        found = {f"{name} {sub}": c for sub, c in inner.items()} if inner else {name: command}
        for title, one in found.items():
            lines += [f"## gateway {title}", "", (one.help or "").strip(), ""]
            lines += [*parameters(one), ""]
            if one.epilog:
                lines += ["```sh", one.epilog.removeprefix("Example: "), "```", ""]
    return "\n".join(lines)


def parameters(command: Any) -> Iterator[str]:
    """One line per argument and option."""
    for parameter in command.params:
        if parameter.name == "help":
            continue
        names = ", ".join(f"`{name}`" for name in parameter.opts)
        if parameter.param_type_name == "argument":
            names = f"`{parameter.name.upper()}`"
        yield f"- {names}: {getattr(parameter, 'help', '') or ''}"


AT_START = "at the next start"
# What else a change brings with it. Nothing of site.yaml is taken up by a reload.
CHANGED = {
    "site": "never: the journal is refused (JOURNAL_INVALID), and so is every partner's token",
    "listen": "at the next start; partners must learn a new address",
    "health": "at the next start; so must the probes",
    "socket": "at the next start",
    "names": "in replies that `gateway partner enrol` writes from then on; the certificate is not changed",
    "engine.memory": "at the next start; one limit for all queries that run at a time",
    "engine.threads": "at the next start; also how many queries read data at a time",
}


def settings() -> str:
    """Every field of site.yaml: its default, its limits, what it means, and when a change counts."""
    lines = ["# site.yaml", MADE, "It is read when the gateway starts, and never by a reload. Unknown fields"]
    lines += ["are refused, each fault with its line and column (CONFIG_INVALID).", ""]
    lines += ["| field | default | limits | meaning | a change counts |", "|---|---|---|---|---|"]
    for prefix, model in (
        ("", Settings),
        ("engine.", EngineSettings),
        ("journal.", JournalSettings),
        ("deid.", DeidSettings),
    ):
        for name, field in model.model_fields.items():
            if name in ("engine", "journal", "deid"):
                continue
            usual = field.get_default(call_default_factory=True)
            default = "required" if field.is_required() else f"`{usual}`"
            changed = CHANGED.get(prefix + name, AT_START)
            row = [f"`{prefix}{name}`", default, limits(field), field.description or "", changed]
            lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines) + "\n"


FORMS = {"site": "a-z 0-9 . -", "listen": "HOST:PORT", "health": "loopback:PORT", "socket": "run/NAME.sock"}


def limits(field: Any) -> str:
    """What a value may be, as far as the model says it."""
    if get_origin(field.annotation) is Literal:
        return " ".join(f"`{choice}`" for choice in get_args(field.annotation))
    words = [
        f"{sign} {value:g}"
        for mark, sign in (("gt", "above"), ("ge", "from"), ("le", "to"))
        for rule in field.metadata
        if (value := getattr(rule, mark, None)) is not None
    ]
    if any(getattr(rule, "pattern", None) for rule in field.metadata):
        words.append("a number with `MB` or `GB`")
    form = next((form for name, form in FORMS.items() if field is Settings.model_fields[name]), "")
    return f"`{form}`" if form else " ".join(words)


def error_classes() -> str:
    """The tree of errors: gRPC status, default reason, exit code of the command line."""
    lines = ["# Errors", MADE]
    lines += ["A class may carry a more exact reason; reasons never change between releases.", ""]
    lines += ["| class | gRPC status | reason | exit code | meaning |", "|---|---|---|---|---|"]
    for kind in sorted(descendants(errors.GatewayError), key=lambda k: k.__name__):
        words = (kind.__doc__ or "").split("\n")[0]
        lines.append(f"| {kind.__name__} | {kind.status} | {kind.reason} | {kind.exit_code} | {words} |")
    return "\n".join(lines) + "\n"


def descendants(kind: type[errors.GatewayError]) -> set[type[errors.GatewayError]]:
    """The classes of gateway/errors.py below one of them."""
    own = {sub for sub in kind.__subclasses__() if sub.__module__ == errors.__name__}
    return own.union(*(descendants(sub) for sub in own))


def main(arguments: list[str]) -> int:
    """Write or compare the pages."""
    check = "--check" in arguments
    folder = Path(arguments[-1])
    folder.mkdir(parents=True, exist_ok=True)
    stale = []
    for name, text in pages().items():
        path = folder / name
        if check and (not path.exists() or path.read_text("utf-8") != text):
            stale.append(name)
        elif not check:
            path.write_text(text, "utf-8")
    if stale:
        sys.stderr.write(f"docs: {', '.join(stale)} out of date; run: make docs\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
