"""`gateway upgrade`: which form each store of a site has, and what is to be done about it.

May import: operate.upgrade, cli.output.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.output import note, result_json, result_table

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: gateway upgrade my-site --backup /mnt/backup/before-upgrade")
def upgrade(
    site: Annotated[Path, typer.Argument(help="The site's folder; its gateway stopped.")],
    backup: Annotated[
        Path | None, typer.Option(help="Where a backup is made before anything is changed.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the stores as JSON.")] = False,
) -> None:
    """Report the form of the journal, its releases and the newest snapshot; bring older ones forward.

    A newer form than this software writes is refused, and nothing is changed.
    """
    from gateway.operate.upgrade import upgrade as bring_forward

    found = bring_forward(site, backup, tell=lambda words: note(f"{words} ..."))
    if json:
        names = ("name", "found", "written", "state")
        result_json({"stores": [{name: getattr(store, name) for name in names} for store in found]})
        return
    rows = [[store.name, store.state, str(store.found), str(store.written)] for store in found]
    result_table(["store", "state", "form", "ours"], rows, left=2)
    note("Nothing is to be done." if found else "This site has no store yet.")
