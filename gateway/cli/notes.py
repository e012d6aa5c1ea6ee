"""`gateway notes`: streams de-identified notes into a file, and goes on where it was cut.

Law: a note is in the file once, whatever happened; text never goes to the terminal.
May import: client, cli.output.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.output import counting, note, result
from gateway.client import Gateway, NoteBatch
from gateway.client.notes_file import NotesFile

app = typer.Typer(add_completion=False)


@app.command(
    epilog="Example: gateway notes --at localhost:8443 --as my-keys --agreement research --purpose HRESCH "
    "--dataset notes --where \"written_date >= DATE '2026-01-01'\" notes.jsonl"
)
def notes(
    out: Annotated[Path, typer.Argument(help="The file to write, JSON lines; an unfinished one goes on.")],
    at: Annotated[str, typer.Option("--at", help="The gateway, as HOST:PORT.")],
    folder: Annotated[Path, typer.Option("--as", help="The partner's folder.")],
    agreement: Annotated[str, typer.Option(help="The agreement's id.")],
    purpose: Annotated[str, typer.Option(help="Purpose of use, such as HRESCH.")],
    dataset: Annotated[str, typer.Option(help="The dataset of notes.")] = "notes",
    where: Annotated[
        str, typer.Option(help="Which notes: a condition as after WHERE. Default: all that are granted.")
    ] = "",
    column: Annotated[
        list[str] | None,
        typer.Option(help="A column to come with the notes; may be repeated. Default: all that are granted."),
    ] = None,
    plain: Annotated[bool, typer.Option("--no-columns", help="Let no column come with the notes.")] = False,
    page_size: Annotated[int, typer.Option(min=1, max=500, help="Notes of a batch.")] = 64,
    site: Annotated[str, typer.Option(help="The site's id, where several enrolled us.")] = "",
) -> None:
    """Write de-identified notes to a file, one JSON object a line.

    A line has id, text, language, context and identifiers (how many were found, by type); that of a note
    which did not leave has id and withheld (why). Run the same command again to go on after an interruption.
    """
    if plain and column:
        raise typer.BadParameter("--no-columns goes without --column")
    columns = [] if plain else column or None
    asked = {
        "agreement": agreement,
        "purpose": purpose,
        "dataset": dataset,
        "where": where,
        "columns": columns,
    }
    with (
        NotesFile(out, asked) as file,
        Gateway(at, folder, agreement=agreement, purpose=purpose, site=site) as gateway,
    ):
        if file.resumed:
            note(f"going on after {file.notes + file.withheld} notes")
        batches = gateway.note_batches(
            dataset, where=where or None, columns=columns, page_size=page_size, page_token=file.page_token
        )
        try:
            _write(file, batches)
        except BaseException:
            note(f"{file.notes} notes are in {out}; the same command goes on after them")
            raise
        result(str(out))


def _write(file: NotesFile, batches: Iterator[NoteBatch]) -> None:
    began, before, withheld = time.monotonic(), file.notes, Counter[str]()
    last = None
    with counting() as show:
        for batch in batches:
            file.append(batch)
            withheld.update(one.reason for one in batch.withheld)
            rate = (file.notes - before) / max(time.monotonic() - began, 0.001)
            show(f"{file.notes} notes, {rate:.0f} notes/s")
            last = batch
    if last is not None:
        said = "".join(f", {count} withheld: {reason}" for reason, count in sorted(withheld.items()))
        note(f"{file.notes} notes{said}; profile {last.profile}, snapshot {last.snapshot}")
        note(f"last entry {last.receipt.entry}")
        for obligation in last.obligations:
            note(f"agreed   {obligation}")
