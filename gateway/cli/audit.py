"""`gateway audit`: verify the journal offline, export it, and read it.

Law: verification needs no running gateway, no key and no package beyond the base. Reading through a
running gateway is itself an entry; reading the file of a stopped one is outside the log, and said so.
May import: verify, audit, config where a site is read, client.site, cli.output.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.output import Format, note, printable, result, result_json, result_table
from gateway.errors import ConfigInvalid, JournalInvalid, NotFound, ServerUnavailable
from gateway.verify import export as write_export
from gateway.verify import open_read_only, verify_file

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Verify and read the journal.")

Site = Annotated[Path, typer.Argument(help="A site's folder, its journal.db, or an export.")]


@app.command(epilog="Example: gateway audit verify my-site")
def verify(
    site: Site, format: Annotated[Format, typer.Option(help="How the report is printed.")] = Format.TABLE
) -> None:
    """Check every entry, offline: the chain, the charges against every cap, the stored releases.

    A log that was cut at its end is whole in itself: compare the head with receipts kept elsewhere.
    """
    report = verify_file(_journal(site))
    if format is Format.JSON:
        result_json(
            {
                "entries": report.entries,
                "origin": report.origin,
                "head": report.head,
                "open": report.open,
                "ok": report.ok,
                "faults": list(report.faults),
            }
        )
    else:
        result(f"{'ok' if report.ok else 'NOT OK'}: {report.entries} entries of {report.origin}")
        result(f"head {report.head}")
        if report.open:
            result(f"{report.open} charges are not settled yet")
        for fault in report.faults:
            result(f"  {fault}")
    if not report.ok:
        raise JournalInvalid(f"the journal does not verify: {len(report.faults)} faults")


@app.command(epilog="Example: gateway audit export my-site journal.jsonl")
def export(site: Site, out: Annotated[Path, typer.Argument(help="The JSON-lines file to write.")]) -> None:
    """Write every entry as JSON lines, byte for byte as hashed; `audit verify` reads that file too."""
    if out.exists():
        raise ConfigInvalid(f"{out} exists and is not overwritten")
    note(f"{write_export(_journal(site), out)} entries")
    result(str(out))


@app.command(epilog="Example: gateway audit tail my-site --count 20")
def tail(
    site: Site,
    count: Annotated[int, typer.Option(min=1, max=1000, help="How many entries.")] = 20,
    format: Annotated[Format, typer.Option(help="table, or json: one entry a line.")] = Format.TABLE,
) -> None:
    """Show the newest entries; `audit show` takes an id."""
    entries = [json.loads(data) for data in _newest(site, count)]
    if format is not Format.TABLE:
        for entry in entries:
            result(json.dumps(entry))
        return
    header = ["seq", "time", "kind", "party", "person", "agreement", "dataset", "outcome", "id"]
    rows = [
        [str(entry["seq"]), entry["time"][:19], *(str(entry[name]) for name in header[2:])]
        for entry in entries
    ]
    result_table(header, rows, left=len(header))


@app.command(epilog="Example: gateway audit show my-site 0192f0c1e0b84c5f9d7a3b2c1d0e9f8a")
def show(site: Site, entry: Annotated[str, typer.Argument(help="The entry's id.")]) -> None:
    """Show one entry, every member of it."""
    result_json(json.loads(_one(site, entry)))


def _journal(site: Path) -> Path:
    """The journal's file of a site's folder; any other path is taken as the file itself."""
    path = site / "journal" / "journal.db" if site.is_dir() else site
    if not path.is_file():
        raise NotFound(f"{path} is not there", reason="JOURNAL_UNKNOWN")
    return path


def _socket(site: Path) -> Path | None:
    socket = site / "run" / "site.sock"
    return socket if site.is_dir() and socket.exists() else None


def _newest(site: Path, count: int) -> list[bytes]:
    socket = _socket(site)
    if socket is not None:
        from gateway.client.site import SiteSocket

        try:
            with SiteSocket(socket) as connection:
                return connection.newest(count)
        except ServerUnavailable:
            pass  # the gateway is gone and left its socket: its journal is read as a file
    _outside()
    rows = _read(site, "SELECT data FROM entries ORDER BY seq DESC LIMIT ?", count)
    return [bytes(row[0]) for row in reversed(rows)]


def _one(site: Path, entry: str) -> bytes:
    socket = _socket(site)
    if socket is not None:
        from gateway.client.site import SiteSocket

        try:
            with SiteSocket(socket) as connection:
                return connection.entry(entry)
        except ServerUnavailable:
            pass
    _outside()
    try:
        rows = _read(site, "SELECT data FROM entries WHERE id = ?", bytes.fromhex(entry))
    except ValueError:
        rows = []
    if not rows:
        raise NotFound(f"no entry {printable(entry)}", reason="ENTRY_UNKNOWN")
    return bytes(rows[0][0])


def _read(site: Path, statement: str, value: int | bytes) -> list[Any]:
    database = open_read_only(_journal(site))
    try:
        return database.execute(statement, (value,)).fetchall()
    finally:
        database.close()


def _outside() -> None:
    note("read from the file: the gateway is not running, so this reading is not itself in the journal")
