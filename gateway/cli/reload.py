"""`gateway reload`: tell the running gateway to take up what changed in its folder.

May import: the standard library, cli.output, errors.
"""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.output import note
from gateway.errors import ConfigInvalid

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: gateway reload my-site")
def reload(
    site: Annotated[Path, typer.Argument(help="The site's folder.")],
) -> None:
    """Take up changed policies, certificates and a newly ingested snapshot, without a pause.

    Broken policies change nothing: the log says what is wrong, and the last good set goes on serving.
    """
    try:
        pid = int(json.loads((site / "run" / "gateway.json").read_text("utf-8"))["pid"])
        os.kill(pid, signal.SIGHUP)
    except (OSError, ValueError, KeyError, TypeError):
        raise ConfigInvalid("no gateway is running on this site", reason="NOT_RUNNING") from None
    note("The gateway was told; its log says what it took up.")
