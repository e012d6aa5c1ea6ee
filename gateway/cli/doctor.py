"""`gateway doctor`: what an operator should know about a site before and while it serves.

Law: reads files and states only; what it prints is in gateway/doctor. May import: doctor, cli.output, errors.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.output import Format, result_csv, result_json, result_table
from gateway.errors import ConfigInvalid

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: gateway doctor my-site")
def doctor(
    site: Annotated[Path, typer.Argument(help="The site's folder.")],
    format: Annotated[Format, typer.Option(help="How the findings are printed.")] = Format.TABLE,
) -> None:
    """Check a site and the machine under it, before and while it serves.

    Settings, keys, certificates, policies, agreements, data, journal, room, volumes, clock, ports, process.
    Each finding is ok, warn or fail under a stable code, and says what to do. Any that fails ends the
    command with an exit code other than zero.
    """
    from gateway.doctor.look import look

    findings = list(look(site))
    rows = [[f.code, f.state, f.words, f.remedy] for f in findings]
    if format is Format.JSON:
        names = ("code", "state", "words", "remedy")
        result_json({"findings": [dict(zip(names, row, strict=True)) for row in rows]})
    elif format is Format.CSV:
        result_csv(["code", "state", "finding", "to do"], rows)
    else:
        shown = [[code, state, f"{words}: {todo}" if todo else words] for code, state, words, todo in rows]
        result_table(["code", "state", "finding"], shown, left=3)
    failed = sorted({f.code for f in findings if f.state == "fail"})
    if failed:
        raise ConfigInvalid(f"not fit to serve: {', '.join(failed)}", reason="DOCTOR_FAILED")
