"""`gateway restore`: a site folder of a backup, whose journal does not serve until it was recovered.

May import: operate.site_backup, errors, cli.output.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.output import note, result, result_json
from gateway.errors import ConfigInvalid

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: gateway restore /mnt/my-site new-site --entries-after-the-backup-are-lost")
def restore(
    backup: Annotated[Path, typer.Argument(help="The folder that gateway backup made.")],
    site: Annotated[Path, typer.Argument(help="The site's folder to make; it must not exist.")],
    lost: Annotated[
        bool,
        typer.Option(
            "--entries-after-the-backup-are-lost",
            help="Say that you know: what was asked and spent after the backup is not in its journal.",
        ),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the manifest as JSON.")] = False,
) -> None:
    """Make a site folder of a backup, after comparing every file and verifying the journal.

    A restored journal is older than what happened. It does not serve (JOURNAL_RESTORED) until
    `gateway recover` has counted what was lost as spent.
    """
    from dataclasses import asdict

    from gateway.operate.site_backup import restore as bring_back

    if not lost:
        raise ConfigInvalid(
            "a restored journal forgets what was spent after its backup; where you know that, say so: "
            "--entries-after-the-backup-are-lost",
            reason="RESTORE_NOT_CONFIRMED",
        )
    found = bring_back(backup, site, tell=lambda words: note(f"{words} ..."))
    if json:
        result_json(asdict(found))
    else:
        result(str(site))
    note(f"The journal ends with entry {found.index}, leaf hash {found.leaf_hash}, of {found.made_at}.")
    if not found.keys:
        note(f"Keys are not in the backup: put them into {site / 'keys'}, mode 0600.")
    if not found.snapshot:
        note("Data is not in the backup: gateway ingest.")
    note(f"It does not serve yet. Next: gateway recover {site} --help")
