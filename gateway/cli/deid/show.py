"""`gateway deid show`: texts with their identifiers coloured, in the terminal or as a page.

Law: what came from a text reaches the terminal without control characters and is never read as markup.
May import: rich, adapters, cli.output, the siblings, errors.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from gateway.cli.output import note, printable
from gateway.errors import ConfigInvalid, NotFound

if TYPE_CHECKING:
    from gateway.cli.deid.marked import Marked

IN_TERMINAL, ON_PAGE = 20, 1_000
_STYLES = {
    "person": "bold white on #a04000",
    "time": "bold white on #005a8c",
    "place": "bold white on #00694d",
    "organisation": "bold black on #cc79a7",
    "contact": "bold black on #56b4e9",
    "number": "bold black on #e69f00",
}


def show(
    file: Annotated[Path, typer.Argument(help="A text (.txt), or what `gateway deid run` wrote.")],
    given: Annotated[
        Path | None,
        typer.Option("--input", help="What that run read: its file of JSON lines, or its folder."),
    ] = None,
    id: Annotated[str, typer.Option(help="Only the text with this id.")] = "",
    html: Annotated[
        Path | None, typer.Option(help="Write one web page that needs no network, instead.")
    ] = None,
    most: Annotated[
        int, typer.Option(min=0, help=f"So many texts; 0: {IN_TERMINAL}, or {ON_PAGE:,} on a page.")
    ] = 0,
    profile: Annotated[
        str, typer.Option(help="For a .txt: the profile whose thresholds count.")
    ] = "safe-harbor",
    key: Annotated[Path | None, typer.Option(help="For a .txt: the key of a keyed profile.")] = None,
) -> None:
    """Show texts as they were given with their identifiers coloured by type, and count them.

    A .txt is searched now. What a run wrote holds offsets into what it read, so both files are needed. What
    is shown holds the identifiers: a page is written for you alone to read.
    """
    most = most or (ON_PAGE if html else IN_TERMINAL)
    if file.suffix.lower() == ".txt":
        notes = [_searched(file, profile, key)]
    else:
        notes = _paired(file, given, id, most + 1)
    more, notes = len(notes) > most, notes[:most]
    if html is None:
        _print(notes, more)
    else:
        _write(html, notes, file.name, more)


def _paired(file: Path, given: Path | None, key: str, most: int) -> list[Marked]:
    from gateway.cli.deid.marked import pairs

    if given is None:
        raise ConfigInvalid(
            f"{file} holds offsets into the texts that the run read; give them with --input",
            reason="INPUT_MISSING",
        )
    notes = list(islice(pairs(file, given, key=key, most=most), most))
    if key and not notes:
        raise NotFound(f"{file} holds no text with the id {key!r}", reason="ID_UNKNOWN")
    return notes


def _searched(file: Path, name: str, key: Path | None) -> Marked:
    """Search one text now."""
    from gateway.cli.deid import workers
    from gateway.cli.deid.marked import Marked
    from gateway.domain.deid import Deidentified, Document

    profile = workers.chosen_profile(name)
    pool = workers.workers(workers.pipelines(workers.key_for(profile, key)), 1)
    try:
        text = file.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return Marked(id=file.name, withheld="INVALID_UTF8")

    async def searched() -> Marked:
        try:
            (found,) = await pool.deidentify([Document(id=file.name, text=text)], profile)
        finally:
            await pool.close()
        if not isinstance(found, Deidentified):
            return Marked(id=file.name, withheld=found.reason)
        return Marked(id=file.name, text=text, language=found.language, spans=found.spans)

    return asyncio.run(searched())


def _print(notes: Sequence[Marked], more: bool) -> None:
    from gateway.cli.deid.marked import GROUP_OF, counts, pieces

    console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
    for marked in notes:
        told = f"withheld: {marked.withheld}" if marked.withheld else marked.language or "language unknown"
        console.print(Text.assemble((_shown(marked.id), "bold"), f"  {_shown(told)}"))
        line = Text()
        for text, span in pieces(marked):
            if span is None:
                line.append(_shown(text))
            else:
                line.append(_shown(text), _STYLES[GROUP_OF[span.type]])
                line.append(f"[{span.type}]", "dim")
        console.print(line)
        console.print()
    legend = Text("  ").join(
        Text.assemble((f" {kind} ", _STYLES[GROUP_OF[kind]]), f" {count:,}") for kind, count in counts(notes)
    )
    console.print(legend)
    if more:
        note(f"only the first {len(notes):,} texts; --most shows more, --id a certain one")


def _write(path: Path, notes: Sequence[Marked], title: str, more: bool) -> None:
    from gateway.adapters.file_keys import write_secret
    from gateway.cli.deid.page import page

    write_secret(path, page(notes, title=title, more=more).encode("utf-8"))
    note(f"wrote {path}: {len(notes):,} texts with their identifiers, readable by you alone")


def _shown(text: str) -> str:
    return printable(text.replace("\r\n", "\n").replace("\t", "    "))
