"""`gateway reload`: tell the running gateway to take up what changed in its folder.

May import: the standard library, adapters.run_file, cli.output.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Annotated

import typer

from gateway.adapters.run_file import not_running, running
from gateway.cli.output import note

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: gateway reload my-site")
def reload(
    site: Annotated[Path, typer.Argument(help="The site's folder.")],
) -> None:
    """Take up changed policies, certificates and a newly ingested snapshot, without a pause.

    Broken policies change nothing: the log says what is wrong, and the last good set goes on serving.
    """
    try:
        os.kill(running(site), signal.SIGHUP)
    except ProcessLookupError:
        raise not_running() from None
    note("The gateway was told; its log says what it took up.")
