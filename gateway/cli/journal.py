"""`gateway journal`: what an operator decides about the journal: its clock, and its disk.

Law: what is decided is shown first, asked for, and recorded with the account that decided. May import:
client.site, config and app where no gateway runs, cli.output.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.output import note, result
from gateway.client.site import SiteSocket
from gateway.errors import ConfigInvalid, NothingToDo, ServerUnavailable

app = typer.Typer(add_completion=False, no_args_is_help=True, help="The journal's clock and its disk.")

Site = Annotated[Path, typer.Argument(help="The site's folder.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@app.command(epilog="Example: gateway journal state my-site")
def state(site: Site) -> None:
    """Whether the clock is trusted, and whether the disk has room and a reserve."""
    with _socket(site) as connection:
        found = connection.journal_state()
    result(
        f"clock    {found.clock:%Y-%m-%d %H:%M:%S} UTC, {'trusted' if found.clock_trusted else 'NOT trusted'}"
    )
    result(f"journal  {found.journal:%Y-%m-%d %H:%M:%S} UTC")
    result(f"disk     {'has room' if found.room else 'TOO FULL'}")
    result(f"reserve  {'there' if found.reserve else 'absent'}")


@app.command(epilog="Example: gateway journal confirm-clock my-site")
def confirm_clock(site: Site, yes: Yes = False) -> None:
    """Say that the machine's clock is right, after a jump that stopped charging.

    What is confirmed cannot be undone: journal time never runs back, and budgets follow it.
    """
    with _socket(site) as connection:
        found = connection.journal_state()
        if found.clock_trusted:
            raise NothingToDo("the clock is trusted; there is nothing to confirm", reason="CLOCK_TRUSTED")
        note(f"The clock says    {found.clock:%Y-%m-%d %H:%M:%S} UTC.")
        note(f"The journal is at {found.journal:%Y-%m-%d %H:%M:%S} UTC.")
        if not yes:
            typer.confirm("Is the clock right?", abort=True, err=True)
        result(connection.confirm_clock())
    note("The clock is trusted again; the entry above says who confirmed it.")


@app.command(epilog="Example: gateway journal make-room my-site")
def make_room(site: Site, yes: Yes = False) -> None:
    """Release the disk reserve, so that a gateway on a full disk can go on while you free the disk.

    It is set aside again at the next start that finds room for it.
    """
    if not yes:
        typer.confirm("Release the reserve?", abort=True, err=True)
    try:
        with _socket(site) as connection:
            result(connection.make_room())
    except (ServerUnavailable, ConfigInvalid):  # no gateway runs: its journal may not even open on this disk
        result(_make_room_offline(site))
    note("The reserve is released. Free the disk: there is no second one.")


def _socket(site: Path) -> SiteSocket:
    path = site / "run" / "site.sock"
    if not path.exists():
        raise ConfigInvalid("no gateway is running on this site", reason="NOT_RUNNING")
    return SiteSocket(path)


def _make_room_offline(site: Path) -> str:
    from gateway import config
    from gateway.app import open_journal, site_person

    journal = open_journal(site, config.load(site), config.load_trust(site), make_room=site_person())
    entry = journal.newest(1)
    journal.close()
    return _id(entry[0][1])


def _id(entry: bytes) -> str:
    from gateway.audit.entry import parse

    return parse(entry).id
