"""`gateway serve`: run the site's gateway until it is told to stop.

May import: process_guard and rpc.tls_environment before anything that imports grpc; then config, log, app.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: gateway serve my-site")
def serve(
    site: Annotated[Path, typer.Argument(help="The site's folder, as made by gateway init.")],
) -> None:
    """Serve partners, the site's own people and health probes, until SIGTERM.

    SIGHUP (or `gateway reload`) takes up changed policies, certificates and a new snapshot.
    """
    from gateway.adapters.process_guard import close_process
    from gateway.rpc.tls_environment import require_tls13_environment

    close_process()  # before a key is read
    require_tls13_environment()  # before grpc is imported, which reads it once
    from gateway import config, log
    from gateway.app import serve as run

    settings = config.load(site)
    log.configure(settings.log.upper())
    asyncio.run(run(site.absolute(), settings))
