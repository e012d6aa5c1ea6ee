"""`gateway demo`: a synthetic hospital, a partner, and their first questions over mutual TLS.

May import: demo, cli.output.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.output import figure, note, result, result_json, result_table
from gateway.demo import run
from gateway.errors import Internal

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
    """One answer as a table: truth, bounded truth and release side by side."""
    question = answered.question
    result(f"\n{question.words}\n  {question.sql}")
    rows = []
    for cell in answered.figures:
        if cell.value is None or cell.low is None or cell.high is None:
            shown = ["suppressed", ""]
        else:
            spread = (cell.high - cell.low) / 2
            shown = [_text(cell.value, spread), f"[{_text(cell.low, spread)}, {_text(cell.high, spread)}]"]
        rows.append([cell.label, _plain(cell.truth), _plain(cell.bounded), *shown])
    header = [question.key, "truth", "bounded truth", "answer", "95 % interval"]
    result_table(header, rows, left=1)
    result(f"  charged: rho {answered.loss:.6f}, which alone is epsilon {answered.epsilon:.2f}\n")


def _text(value: float, spread: float) -> str:
    return figure(float(value), spread=spread)


def _plain(value: float) -> str:
    """A true figure: counts whole, means to two decimals."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"


def _json(outcome: run.Outcome) -> dict[str, Any]:
    """One object per figure that was shown; `loss` is the whole question's, in rho."""
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
        if cell.value is not None
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
    asked = "SELECT sex, COUNT(*) AS encounters FROM encounters GROUP BY sex"
    note(f"""
The server still runs (process {place.pid}). To go on:

  gateway query --at {place.address} --as {place.partner} --agreement {run.AGREEMENT} \\
      --purpose {run.PURPOSE} --share 1 --sql "{asked}"
  gateway budget --at {place.address} --as {place.partner} --agreement {run.AGREEMENT} \\
      --purpose {run.PURPOSE}
  gateway audit tail {place.site}
  gateway audit verify {place.site}

To end it: kill {place.pid} && rm -r {place.folder}""")
