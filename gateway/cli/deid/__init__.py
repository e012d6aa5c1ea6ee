"""`gateway deid`: de-identify files of clinical text, look at what was found, measure it. Needs no site.

May import: typer, the commands of this folder; each of them opens what it needs when it runs.
"""

from __future__ import annotations

import typer

from gateway.cli.deid.evaluate import evaluate
from gateway.cli.deid.key import key
from gateway.cli.deid.run import run
from gateway.cli.deid.show import show

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="De-identify clinical text; needs no site and no network.",
)


@app.callback()
def _group() -> None:
    """Each task is a command of its own."""


app.command(
    epilog="Example: gateway deid run --profile safe-harbor --patients people.ndjson notes.jsonl clean.jsonl"
)(run)
app.command(epilog="Example: gateway deid show clean.jsonl --input notes.jsonl --html report.html")(show)
app.command(epilog="Example: gateway deid evaluate gold.jsonl --profile safe-harbor")(evaluate)
app.command(epilog="Example: gateway deid key deid.key")(key)
