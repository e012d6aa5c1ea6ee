"""`gateway demo`: a synthetic hospital, a partner, and their first questions over mutual TLS.

May import: demo, cli.output.
"""

from __future__ import annotations

import shutil
import tempfile
import textwrap
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.output import figure, note, result, result_json, result_table
from gateway.demo import run
from gateway.errors import Internal

WIDTH = 96
MOST_SUPPRESSED = 3  # cells that are shown one by one

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: gateway demo --keep")
def demo(
    seed: Annotated[int, typer.Option(help="Another seed is another hospital, with other truths.")] = 1,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the server running, to ask on.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document and nothing else.")
    ] = False,
) -> None:
    """Set up a hospital and a partner, ask real questions, be refused, and verify the journal.

    The server is a process of its own; every answer is shown beside the truth that was planted.
    """
    folder = Path(tempfile.mkdtemp(prefix="concordat-demo-"))
    try:
        outcome = run.run(
            folder,
            seed=seed,
            keep=keep,
            tell=note if as_json else result,
            show=(lambda answered: None) if as_json else _show,
        )
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
    if as_json:
        result_json(_json(outcome))
    if not outcome.noisy:
        raise Internal("no count of patients differs from its truth: the answers carry no noise")
    if not outcome.journal.ok:
        raise Internal("the journal does not verify")
    if keep:
        _next_steps(outcome)


def _show(answered: run.Answered) -> None:
    """One answer as a table: truth, bounded truth and release side by side; suppressed cells in one line."""
    question = answered.question
    result(f"\n{question.words}")
    for line in textwrap.wrap(question.sql, WIDTH):
        result(f"  {line}")
    hidden = [cell for cell in answered.figures if cell.value is None]
    folded = len(hidden) > MOST_SUPPRESSED
    scale = 100 if question.percent else 1
    rows = [_row(cell, scale) for cell in answered.figures if not folded or cell.value is not None]
    unit = " %" if question.percent else ""
    header = [question.title, f"truth{unit}", f"bounded truth{unit}", f"answer{unit}", "95 % interval"]
    result_table(header, rows, left=1)
    if folded:
        most = max(cell.truth for cell in hidden)
        result(f"  and {len(hidden)} suppressed cells, none with more than {most:,.0f} in truth")
    for line in textwrap.wrap(question.lesson, WIDTH):
        result(f"  {line}")
    result(f"  charged: rho {answered.loss:.6f}, which alone is epsilon {answered.epsilon:.2f}\n")


def _row(cell: run.Figure, scale: int) -> list[str]:
    shown = [cell.label, _plain(scale * cell.truth), _plain(scale * cell.bounded)]
    if cell.value is None or cell.low is None or cell.high is None:
        return [*shown, "suppressed", ""]
    value, low, high = (scale * float(number) for number in (cell.value, cell.low, cell.high))
    spread = (high - low) / 2
    between = f"[{figure(low, spread=spread)}, {figure(high, spread=spread)}]"
    return [*shown, figure(value, spread=spread), between]


def _plain(value: float) -> str:
    """A true figure: counts whole, means to two decimals."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"


def _json(outcome: run.Outcome) -> dict[str, Any]:
    """One object per figure with a value; `loss` is the whole question's, in rho.

    The question that shows the bias of bounding is left out: its intervals are not about the truth.
    """
    answered = [
        {
            "question": f"{item.question.words}: {cell.label}",
            "truth": cell.truth,
            "value": cell.value,
            "low": cell.low,
            "high": cell.high,
            "loss": item.loss,
        }
        for item in outcome.answered
        for cell in item.figures
        if cell.value is not None and not item.question.biased
    ]
    return {
        "answered": answered,
        "replayed": {"loss": outcome.replayed_loss},
        "refused_by_agreement": {"reason": outcome.refused_by_agreement},
        "refused_by_budget": {"reason": outcome.refused_by_budget},
        "journal": {"entries": outcome.journal.entries, "ok": outcome.journal.ok},
    }


def _next_steps(outcome: run.Outcome) -> None:
    place = outcome.place
    asked = "SELECT class, COUNT(*) AS encounters FROM encounters GROUP BY class"
    note(f"""
The server still runs (process {place.pid}). To go on:

  gateway query --at {place.address} --as {place.partner} --agreement {run.AGREEMENT} \\
      --purpose {run.PURPOSE} --share 1 --sql "{asked}"
  gateway budget --at {place.address} --as {place.partner} --agreement {run.AGREEMENT} \\
      --purpose {run.PURPOSE}
  gateway audit tail {place.site}
  gateway audit verify {place.site}

To end it: kill {place.pid} && sleep 2 && rm -rf {place.folder}""")
