"""`gateway recover`: let a restored journal serve again, without giving any budget back.

May import: operate.recovery, errors, cli.output.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.output import note, result, result_json
from gateway.errors import ConfigInvalid

_HEAD = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})")

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: gateway recover my-site --spend-open-periods")
def recover(
    site: Annotated[Path, typer.Argument(help="The restored site's folder.")],
    spend: Annotated[
        bool,
        typer.Option(
            "--spend-open-periods",
            help="Count every budget as fully spent in the period that is open, lifetimes included.",
        ),
    ] = False,
    newest: Annotated[
        str,
        typer.Option(
            "--newest-known",
            help="NUMBER:HASH of the newest entry known anywhere; it must be this journal's newest.",
        ),
    ] = "",
    json: Annotated[bool, typer.Option("--json", help="Print what was recorded as JSON.")] = False,
) -> None:
    """Let a journal that came from a backup serve again, and record how.

    Entries after the backup are lost, and nobody can count what they spent. With --spend-open-periods
    nothing is left until the next period begins. With --newest-known you say that no entry is lost at all:
    take number and hash from the old machine or from partners' receipts, never from the backup itself.
    """
    from gateway.operate.recovery import recover as let_serve

    if spend == bool(newest):
        raise ConfigInvalid(
            "choose one: --spend-open-periods, or --newest-known with an entry known from elsewhere",
            reason="RECOVERY_NOT_CHOSEN",
        )
    amounts = let_serve(site, newest=_head(newest) if newest else None)
    if json:
        accounts = [{"account": account, "period": period} for account, period in sorted(amounts)]
        result_json({"claim": "spent" if spend else "newest", "accounts": accounts})
        return
    result(str(site))
    for account, period in sorted(amounts):
        note(f"{account} counts as spent in {period}")
    note("The journal serves again. An entry of kind Recovered says how it came to that.")


def _head(text: str) -> tuple[int, str]:
    found = _HEAD.fullmatch(text)
    if found is None:
        raise ConfigInvalid("an entry is written NUMBER:HASH, its leaf hash in 64 hex", reason="HEAD_INVALID")
    return int(found[1]), found[2]
