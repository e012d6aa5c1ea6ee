"""How the command line writes: errors on standard error, results as table, CSV or JSON on standard output.

Law: nothing that came from another machine reaches the terminal with control characters in it, and a
label is never read as markup. May import: typer, rich, errors.
"""

from __future__ import annotations

import csv
import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from gateway.errors import GatewayError

WIDE = 400  # columns of a table that is not read on a terminal, so that nothing is cut off


class Format(StrEnum):
    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def explain(error: GatewayError) -> None:
    """Write an error on standard error: its reason and message, each violation, the journal entry."""
    listed = [str(violation) for violation in error.violations]
    # A message that is only the sum of its violations would say everything twice.
    note(f"error {error.reason}" + ("" if error.message == "; ".join(listed) else f": {error.message}"))
    for line in listed:
        note(f"  {line}")
    if error.entry:
        note(f"  recorded in journal entry {error.entry}")


def note(text: str) -> None:
    """A line for the reader that is no part of the result: to standard error."""
    typer.echo(printable(text), err=True)


def result(text: str) -> None:
    """A line of the result: to standard output."""
    typer.echo(printable(text))


def result_json(content: Mapping[str, Any]) -> None:
    """The result as one JSON document, indented."""
    typer.echo(json.dumps(content, indent=2, ensure_ascii=True, allow_nan=False))


def result_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """The result as RFC 4180 CSV with a header line; absent values are empty."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    for row in (header, *rows):
        writer.writerow([printable(value) if isinstance(value, str) else value for value in row])


def result_table(header: Sequence[str], rows: Iterable[Sequence[str]], *, left: int) -> None:
    """The result as a table; the first `left` columns are text, the others figures."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for place, title in enumerate(header):
        table.add_column(Text(printable(title)), justify="left" if place < left else "right")
    for row in rows:
        table.add_row(*(Text(printable(value)) for value in row))
    terminal = sys.stdout.isatty()
    console = Console(file=sys.stdout, width=None if terminal else WIDE, highlight=False, soft_wrap=False)
    with console.capture() as drawn:
        console.print(table)
    typer.echo(drawn.get(), nl=False)


@contextmanager
def progress_bar(total: int) -> Iterator[Callable[[int, str], None]]:
    """A bar for work of `total` bytes, where standard error is a terminal: call it with bytes and words."""
    console = Console(file=sys.stderr)
    columns = (BarColumn(), TaskProgressColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not sys.stderr.isatty(), transient=True) as bar:
        task = bar.add_task("", total=max(total, 1))
        yield lambda done, words: bar.update(task, completed=done, description=escape(printable(words)))


@contextmanager
def counting() -> Iterator[Callable[[str], None]]:
    """A line that says how far work of unknown length is, where standard error is a terminal."""
    console = Console(file=sys.stderr)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not sys.stderr.isatty(), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda words: bar.update(task, description=escape(printable(words)))


def printable(text: str) -> str:
    """The text with every control, bidirectional or other invisible character shown as an escape."""
    return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)


def figure(value: float, *, spread: float) -> str:
    """A number with as many decimals as its uncertainty leaves meaningful, and thousands separators."""
    decimals = 6 if spread <= 0 else min(6, max(0, 1 - math.floor(math.log10(spread))))
    if value.is_integer() and spread >= 1:
        decimals = 0
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if spread <= 0 and "." in text else text
