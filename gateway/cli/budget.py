"""`gateway budget`: what a partner has spent and may still spend.

Law: only the caller's own accounts; the site's is never shown. May import: client, cli.output.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.output import Format, result_csv, result_json, result_table
from gateway.client import Gateway, Remaining

app = typer.Typer(add_completion=False)

HEADER = [
    "account",
    "population",
    "period",
    "spent_percent",
    "rho_spent",
    "rho_remaining",
    "rho_cap",
    "refills_at",
]


@app.command(
    epilog="Example: gateway budget --at localhost:8443 --as my-keys --agreement research --purpose HRESCH"
)
def budget(
    at: Annotated[str, typer.Option("--at", help="The gateway, as HOST:PORT.")],
    folder: Annotated[Path, typer.Option("--as", help="The partner's folder.")],
    agreement: Annotated[str, typer.Option(help="The agreement's id.")],
    purpose: Annotated[str, typer.Option(help="Purpose of use, such as HRESCH.")],
    site: Annotated[str, typer.Option(help="The site's id, where several enrolled us.")] = "",
    form: Annotated[Format, typer.Option("--format", help="How the balances are written.")] = Format.TABLE,
    timeout: Annotated[float, typer.Option(min=0.1, max=3600, help="Seconds to wait.")] = 60.0,
) -> None:
    """Show the agreement's and the party's privacy budgets: spent, remaining, next refill."""
    with Gateway(at, folder, agreement=agreement, purpose=purpose, site=site) as gateway:
        balances = gateway.budget(timeout=timeout)
    if form is Format.JSON:
        result_json({"balances": [balance.to_dict() for balance in balances]})
    elif form is Format.CSV:
        result_csv(HEADER, (_cells(balance) for balance in balances))
    else:
        titles = [title.replace("_", " ").replace("percent", "%") for title in HEADER]
        result_table(titles, (_cells(balance) for balance in balances), left=3)


def _cells(balance: Remaining) -> list[str]:
    return [
        balance.account,
        balance.population,
        balance.period,
        f"{balance.spent_percent:.2f}",
        balance.spent.rho,
        balance.remaining.rho if balance.remaining else "unlimited",
        balance.cap.rho if balance.cap else "unlimited",
        balance.refills_at or "never",
    ]
