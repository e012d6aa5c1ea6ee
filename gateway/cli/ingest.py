"""`gateway ingest`: source files become a new snapshot of the site.

Law: a snapshot appears only when it is complete; what was rejected is counted, never shown.
May import: adapters (csv_ingest, fhir_*), policy.sources, cli.ingesting, cli.output, errors.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.output import Format, note, result_json, result_table
from gateway.errors import ConfigInvalid, NotFound

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Read source files into a new snapshot.")

Site = Annotated[Path, typer.Argument(help="The site's folder.")]
Printed = Annotated[Format, typer.Option(help="How the report is printed.")]
Keep = Annotated[
    int | None,
    typer.Option(min=1, help="Remove older snapshots but the last N, and never the served one."),
]


@app.callback()
def _group() -> None:
    """Each kind of source is a command of its own."""


@app.command(epilog="Example: gateway ingest csv my-site diabetic_data.csv.gz --dataset encounters")
def csv(
    site: Site,
    source: Annotated[Path, typer.Argument(help="A CSV file, plain or gzip, or a Parquet file.")],
    dataset: Annotated[
        str, typer.Option(help="The dataset, as named in policies/datasets; default: the file's name.")
    ] = "",
    where: Annotated[
        list[str] | None,
        typer.Option(help="COLUMN=TEXT: only rows that hold this text in that column; repeatable."),
    ] = None,
    keep: Keep = None,
    format: Printed = Format.TABLE,
) -> None:
    """Read one dataset from CSV, gzip or Parquet, as its dataset file says, into a new snapshot.

    Other datasets are carried over from the snapshot before. A running gateway takes the new snapshot
    up at `gateway reload`.
    """
    from gateway.adapters.csv_ingest import ingest
    from gateway.cli.ingesting import finish, site_tables
    from gateway.policy.sources import source_mappings

    chosen = _chosen(where or [])
    tables = site_tables(site)
    name = dataset or source.name.split(".")[0]
    if name not in tables.datasets:
        raise NotFound(f"policies/datasets names no dataset '{name}'", reason="DATASET_UNKNOWN")
    report = ingest(
        source,
        tables.datasets[name],
        source_mappings(tables.files)[name],
        site / "data",
        chosen=chosen,
        progress=lambda stage: note(f"{stage} ..."),
    )
    if format is Format.JSON:
        content = asdict(report)
        del content["path"]
        result_json(content)
    else:
        rows = [[c.name, f"{c.missing:,}", f"{c.uncast:,}", f"{c.outside:,}"] for c in report.columns]
        result_table(["column", "missing", "not of the type", "other categories"], rows, left=1)
        note(f"{report.dataset}: {report.rows:,} rows of {report.patients:,} patients")
        if report.without_patient:
            note(f"{report.without_patient:,} rows without a patient were left out")
    finish(tables, report.snapshot, keep)


def _chosen(where: list[str]) -> dict[str, str]:
    """COLUMN=TEXT, each column once."""
    pairs = [each.partition("=") for each in where]
    if any(not sign or not column for column, sign, _ in pairs):
        raise ConfigInvalid("--where is written COLUMN=TEXT", reason="WHERE_INVALID")
    chosen = {column: text for column, _, text in pairs}
    if len(chosen) < len(pairs):
        raise ConfigInvalid("--where names a column twice", reason="WHERE_INVALID")
    return chosen


@app.command(epilog="Example: gateway ingest fhir my-site export/ --keep 3")
def fhir(
    site: Site,
    path: Annotated[Path, typer.Argument(help="An NDJSON file, plain or gzip, or a folder of them.")],
    keep: Keep = None,
    most_rejected: Annotated[
        float, typer.Option(min=0, max=100, help="Percent of lines that may hold no resource.")
    ] = 1.0,
    allow_empty: Annotated[
        bool, typer.Option("--allow-empty", help="A table that had rows may lose them all.")
    ] = False,
    format: Printed = Format.TABLE,
) -> None:
    """Read a FHIR R4 export into every dataset that has a mapping from FHIR, in one new snapshot.

    Other datasets are carried over from the snapshot before. Lines that hold no resource are left out; where
    they stand is written to data/ingest-report.json. A running gateway takes the new snapshot up at
    `gateway reload`.
    """
    from gateway.adapters.fhir_ingest import Allowed
    from gateway.adapters.fhir_report import Counts
    from gateway.cli.ingesting import finish, read_fhir, show, site_tables

    tables, counts = site_tables(site), Counts()
    allowed = Allowed(most_rejected=most_rejected / 100, may_empty=allow_empty)
    report = read_fhir(tables, path, counts, allowed)
    show(report, counts, format)
    finish(tables, report.snapshot, keep)
