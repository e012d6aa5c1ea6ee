"""`gateway backup`: a whole copy of a site, made while it serves.

May import: operate.site_backup, cli.output.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.output import note, result, result_json

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: gateway backup my-site /mnt/backup/my-site-2026-11-24")
def backup(
    site: Annotated[Path, typer.Argument(help="The site's folder; it may be serving.")],
    destination: Annotated[Path, typer.Argument(help="The folder to make; it must not exist.")],
    with_keys: Annotated[
        bool, typer.Option("--with-keys", help="Include keys/: the backup is then as secret as the site.")
    ] = False,
    with_data: Annotated[
        bool, typer.Option("--with-data", help="Include the newest snapshot: patient data, and large.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the manifest as JSON.")] = False,
) -> None:
    """Copy a site's journal, policies and settings, consistently, and verify the copy.

    Keys are left out unless asked for: whoever holds them and a copy of the data is this site. Data is left
    out because it can be ingested again. A restored journal does not serve before `gateway recover`.
    """
    from dataclasses import asdict

    from gateway.operate.site_backup import back_up

    made = back_up(
        site, destination, with_keys=with_keys, with_data=with_data, tell=lambda words: note(f"{words} ...")
    )
    if json:
        result_json(asdict(made))
        return
    result(str(destination))
    note(f"{len(made.files)} files; the journal ends with entry {made.index}, leaf hash {made.leaf_hash}")
    note("Keep that number and hash elsewhere too: they tell whether a restored journal is the newest.")
    if not made.keys:
        note("Keys are not in it. Keep a copy of keys/ apart from it, as closed as the site itself.")
