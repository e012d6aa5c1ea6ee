"""`gateway query`: asks a question as a partner and shows the answer with its intervals and its price.

Law: a figure is never shown without its interval; a suppressed one is shown as suppressed, not as zero.
May import: client, cli.output, errors.
"""

from __future__ import annotations

import uuid
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.output import Format, figure, note, result, result_csv, result_json, result_table
from gateway.client import Answer, Cost, Estimate, Gateway, Remaining
from gateway.client.answer import Figure
from gateway.client.gateway import may_be_done
from gateway.errors import GatewayError

app = typer.Typer(add_completion=False)


@app.command(
    epilog="Example: gateway query --at localhost:8443 --as my-keys --agreement research "
    '--purpose HRESCH --sql "SELECT sex, COUNT(DISTINCT patient_id) AS patients FROM encounters GROUP BY sex"'
)
def query(
    at: Annotated[str, typer.Option("--at", help="The gateway, as HOST:PORT.")],
    folder: Annotated[Path, typer.Option("--as", help="The partner's folder.")],
    agreement: Annotated[str, typer.Option(help="The agreement's id.")],
    purpose: Annotated[str, typer.Option(help="Purpose of use, such as HRESCH.")],
    sql: Annotated[str, typer.Option(help="The question.")],
    share: Annotated[
        str | None, typer.Option(help="Spend: percent of the agreement's cap. Default 1.")
    ] = None,
    rho: Annotated[str | None, typer.Option(help="Spend: rho of zero-concentrated privacy.")] = None,
    epsilon: Annotated[str | None, typer.Option(help="Spend: epsilon at the agreement's delta.")] = None,
    within: Annotated[str | None, typer.Option(help="Spend: as much as this half-width needs.")] = None,
    estimate: Annotated[bool, typer.Option("--estimate", help="Only say what it would cost.")] = False,
    assuming: Annotated[
        list[str] | None,
        typer.Option(
            metavar="n=N|at=X",
            help="With --estimate: what is expected of a cell, n=500 values or patients, a mean of at=27.5.",
        ),
    ] = None,
    request_id: Annotated[
        str | None, typer.Option(help="The same id brings the same answer, without a second charge.")
    ] = None,
    site: Annotated[str, typer.Option(help="The site's id, where several enrolled us.")] = "",
    form: Annotated[Format, typer.Option("--format", help="How the answer is written.")] = Format.TABLE,
    timeout: Annotated[float, typer.Option(min=0.1, max=3600, help="Seconds to wait.")] = 60.0,
) -> None:
    """Ask an aggregate question and show the differentially private answer."""
    spend = _amount(share=share, rho=rho, epsilon=epsilon, within=within)
    expected = _expected(assuming or [], estimate)
    name = request_id or uuid.uuid4().hex
    with Gateway(at, folder, agreement=agreement, purpose=purpose, site=site) as gateway:
        if estimate:
            show_estimate(gateway.estimate(sql, assuming=expected, timeout=timeout, **spend), form)
            return
        try:
            answer = gateway.query(sql, request_id=name, timeout=timeout, **spend)
        except GatewayError as error:
            if may_be_done(error):
                # This id brings what was paid for without a second charge.
                note(f"to ask again without a second charge: --request-id {name}")
            raise
    show_answer(answer, form)


def show_answer(answer: Answer, form: Format) -> None:
    """Write an answer to standard output."""
    if form is Format.JSON:
        result_json(answer.to_dict())
        return
    if form is Format.CSV:
        columns = answer.to_columns()
        result_csv(list(columns), zip(*columns.values(), strict=True))
        return
    keys = sum(column.is_key for column in answer.columns)
    header = [f"{c.name} [{c.unit}]" if c.unit and not c.is_key else c.name for c in answer.columns]
    percent = [column.kind == "proportion" for column in answer.columns]
    rows = ([_shown(*cell) for cell in zip(row, percent, strict=True)] for row in answer.rows)
    result_table(header, rows, left=keys)
    charge = "replayed, seen before" if answer.replayed else "fresh"
    result("")
    result("value [95 % interval of the noise]; bounding may bias a value, and no interval covers that")
    _show_loss(answer.loss)
    result(f"balance  {_balance(answer.balance)}")
    result(f"release  {answer.release}, {charge}; snapshot {answer.snapshot}")
    groups, most = _count(answer.max_groups, "group"), _count(answer.max_rows, "row")
    result(f"kept     at most {groups} of a patient, and {most} in each")
    result(f"entry    {answer.receipt.entry}")
    for obligation in answer.obligations:
        result(f"agreed   {obligation}")


def show_estimate(estimate: Estimate, form: Format) -> None:
    """Write an estimate to standard output."""
    if form is Format.JSON:
        result_json(estimate.to_dict())
        return
    header = ["measure", "sigma", "half_width", "share_percent"]
    if form is Format.CSV:
        result_csv(header, ([m.name, m.sigma, m.half_width, m.share_percent] for m in estimate.measures))
        for warning in estimate.warnings:
            note(f"warning: {warning}")
        return
    rows = []
    for m in estimate.measures:
        width = f"± {m.half_width:.4g}"
        if m.curve:
            scale, unit = (100, " %") if m.kind == "proportion" else (1, "")
            width = ", ".join(f"± {scale * w:.3g}{unit} at n={n}" for n, w in m.curve)
        sigma = "by n" if m.curve else f"{m.sigma:.4g}"  # of a ratio it is no figure in the measure's unit
        rows.append([m.name, sigma, width, f"{m.share_percent:.3g} %"])
    result_table(["measure", "noise sigma", "95 % half-width", "part of the loss"], rows, left=1)
    result("")
    result(estimate.explanation)
    for warning in estimate.warnings:
        result(f"WARNING  {warning}")
    result(f"cells    {estimate.cells}; each is shown from {estimate.suppressed_below:.4g} noisy patients on")
    _show_loss(estimate.loss)
    result(f"share    {estimate.share_of_remaining_percent:.3g} % of what remains of the agreement's cap")
    result(f"balance  {_balance(estimate.balance)}")
    # The agreement's own account may have room where that of the party does not: `gateway budget` shows both.
    left = "NO: it does not fit into what remains of the agreement's cap, or of your institution's"
    result(f"payable  {'yes' if estimate.affordable else left}")
    for obligation in estimate.obligations:
        result(f"agreed   {obligation}")


def _show_loss(loss: Cost) -> None:
    result(f"loss     rho {_short(loss.rho)} (epsilon {loss.epsilon:.4g} at the agreement's delta)")


def _amount(**amounts: str | None) -> dict[str, Decimal]:
    named = {kind: amount for kind, amount in amounts.items() if amount is not None}
    if len(named) > 1:
        raise typer.BadParameter(f"give one of {', '.join('--' + kind for kind in amounts)}")
    kind, text = named.popitem() if named else ("share", "1")
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount <= 0:
        raise typer.BadParameter(f"--{kind} must be a number above 0")
    return {kind: amount}


def _expected(pairs: list[str], estimate: bool) -> dict[str, Decimal]:
    """What `--assuming n=500 --assuming at=27.5` says."""
    if pairs and not estimate:
        raise typer.BadParameter("--assuming goes with --estimate")
    numbers: dict[str, Decimal] = {}
    for pair in pairs:
        name, _, text = pair.partition("=")
        try:
            number = Decimal(text)
        except InvalidOperation:
            number = Decimal("NaN")
        if name not in ("n", "at") or name in numbers or not number.is_finite():
            raise typer.BadParameter("write --assuming n=500 and --assuming at=27.5, each at most once")
        numbers[name] = number
    return numbers


def _shown(cell: str | Figure, percent: bool) -> str:
    if isinstance(cell, str):
        return cell
    if cell.suppressed:
        return "suppressed"
    if cell.value is None or cell.low is None or cell.high is None:
        return "undefined"
    scale, unit = (100, " %") if percent else (1, "")
    spread = scale * (cell.high - cell.low) / 2
    value, low, high = (figure(scale * part, spread=spread) for part in (cell.value, cell.low, cell.high))
    return f"{value}{unit} [{low}, {high}]"


def _balance(balance: Remaining) -> str:
    refill = f", refills {balance.refills_at}" if balance.refills_at else ""
    return f"{balance.spent_percent:.2f} % of the {balance.account}'s cap spent in {balance.period}{refill}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _short(decimal: str) -> str:
    """An exact decimal without its trailing zeros."""
    return decimal.rstrip("0").rstrip(".") if "." in decimal else decimal
