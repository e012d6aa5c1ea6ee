"""`gateway deid evaluate`: how well identifiers are found in texts whose identifiers are known.

Law: figures and names of types alone are shown, nothing of a text. May import: typer, adapters, cli.output,
the siblings, deid.evaluate.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.output import note, progress_bar, result, result_json, result_table

if TYPE_CHECKING:
    from gateway.adapters.deid_measure import Measured
    from gateway.deid.bootstrap import Share
    from gateway.deid.evaluate import Scores, TypeScores
    from gateway.domain.deid import Profile
    from gateway.ports import Deidentifier

_STEPS = 10_000  # of the progress bar
_KEY_BYTES = 32


def evaluate(
    gold: Annotated[Path, typer.Argument(help="A file of JSON lines, plain or gzip.")],
    profile: Annotated[
        str,
        typer.Option(help="A shipped profile by name, or a YAML file; its thresholds and languages hold."),
    ] = "safe-harbor",
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0: one for each processor.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON document.")] = False,
) -> None:
    """Measure de-identification on texts whose identifiers are known.

    A line of GOLD has `id`, `text` and `spans`, a list of {start, end, type} in code points of the text,
    half-open; and where known `patient` (a FHIR R4 Patient) and `language`. Where patients are given, the
    texts are searched twice: without their records and with them.

    Letters and digits are counted. Recall: the share of those in gold spans that were found, whatever as.
    Over-redaction: the share of all others that were touched. A leak: a text in which a letter or digit of a
    direct identifier, such as a name or number, was not found. Clean touched: of the texts that identify
    nobody, the share in which something was. Intervals are 95 % bootstraps over texts.
    """
    from gateway.cli.deid import workers as shared

    chosen = shared.chosen_profile(profile)
    # What is found does not depend on the key, so a keyed profile gets one that is thrown away.
    key = secrets.token_bytes(_KEY_BYTES) if chosen.keyed else b""
    pool = shared.workers(shared.pipelines(key), workers)
    begun = time.monotonic()
    found = asyncio.run(_measured(gold, pool, chosen))
    texts = found.without_record.documents * (1 if found.with_record is None else 2)
    if as_json:
        result_json(_content(found, chosen))
    else:
        _show(found)
    if found.reasons:
        told = ", ".join(f"{reason} {count:,}" for reason, count in sorted(found.reasons.items()))
        note(f"withheld: {sum(found.reasons.values()):,} ({told}); these are in no share")
    note(f"{texts:,} texts searched in {time.monotonic() - begun:,.1f} s")


async def _measured(gold: Path, pool: Deidentifier, profile: Profile) -> Measured:
    from gateway.adapters.deid_measure import measured

    with progress_bar(_STEPS) as bar:
        try:
            return await measured(
                gold,
                pool,
                profile,
                tell=lambda done, total: bar(_STEPS * done // total, f"{done:,} of {total:,} searches"),
            )
        finally:
            await pool.close()


def _show(found: Measured) -> None:
    """The sums side by side, then each type: with records where there are any."""
    sides = {"without record": found.without_record}
    if found.with_record is not None:
        sides["with record"] = found.with_record
    rows = [
        ["texts", *(f"{scores.documents:,}" for scores in sides.values())],
        ["withheld", *(f"{scores.withheld:,}" for scores in sides.values())],
        ["character recall", *(_share(scores.overall.recall) for scores in sides.values())],
        ["over-redaction", *(_share(scores.overall.over) for scores in sides.values())],
        ["texts with a leak", *(_share(scores.leaked) for scores in sides.values())],
        ["clean texts touched", *(_share(scores.clean_touched) for scores in sides.values())],
    ]
    result_table(["% [95 % interval]", *sides], rows, left=1)
    for name, scores in sides.items():
        result("")
        result(f"by type, {name}: %")
        _show_types(scores)


def _show_types(scores: Scores) -> None:
    header = ["type", "mentions", "character recall", "over-redaction"]
    header += ["exact recall", "exact precision", "overlap recall", "overlap precision"]
    rows = [_type_row(kind.value, each) for kind, each in scores.by_type.items()]
    result_table(header, [*rows, _type_row("all", scores.overall)], left=1)


def _type_row(name: str, scores: TypeScores) -> list[str]:
    spans = (
        scores.exact_recall,
        scores.exact_precision,
        scores.overlap_recall,
        scores.overlap_precision,
    )
    return [
        name,
        f"{scores.exact_recall.whole:,}",
        _share(scores.recall),
        _share(scores.over),
        *map(_percent, spans),
    ]


def _percent(share: Share) -> str:
    return "-" if share.value is None else f"{100 * share.value:.2f}"


def _share(share: Share) -> str:
    if share.low is None or share.high is None:
        return _percent(share)
    return f"{_percent(share)} [{100 * share.low:.2f}, {100 * share.high:.2f}]"


def _content(found: Measured, profile: Profile) -> dict[str, Any]:
    return {
        "profile": profile.name,
        "profile_digest": profile.digest,
        "withheld_reasons": dict(found.reasons),
        "without_record": _scores(found.without_record),
        "with_record": None if found.with_record is None else _scores(found.with_record),
    }


def _scores(scores: Scores) -> dict[str, Any]:
    return {
        "documents": scores.documents,
        "withheld": scores.withheld,
        "leaked": _figures(scores.leaked),
        "clean_touched": _figures(scores.clean_touched),
        "overall": _type_content(scores.overall),
        "by_type": {kind.value: _type_content(each) for kind, each in scores.by_type.items()},
    }


def _type_content(scores: TypeScores) -> dict[str, Any]:
    return {each.name: _figures(getattr(scores, each.name)) for each in fields(scores)}


def _figures(share: Share) -> dict[str, Any]:
    """The share and its interval, 0 to 1 (null where there is none), and the two counts."""
    return {
        "value": share.value,
        "low": share.low,
        "high": share.high,
        "part": share.part,
        "whole": share.whole,
    }
