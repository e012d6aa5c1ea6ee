"""`gateway ingest csv`: source files become a new snapshot of the site.

Law: a snapshot appears only when it is complete; what was rejected is counted, never shown.
May import: adapters (csv_ingest, policy_files), compile, policy.sources, config, cli.output.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.output import Format, note, result_json, result_table
from gateway.errors import NotFound

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Read source files into a new snapshot.")


@app.callback()
def _group() -> None:
    """Each kind of source is a command of its own."""


@app.command(epilog="Example: gateway ingest csv my-site diabetic_data.csv.gz --dataset encounters")
def csv(
    site: Annotated[Path, typer.Argument(help="The site's folder.")],
    source: Annotated[Path, typer.Argument(help="A CSV file, plain or gzip, or a Parquet file.")],
    dataset: Annotated[
        str, typer.Option(help="The dataset, as named in policies/datasets; default: the file's name.")
    ] = "",
    format: Annotated[Format, typer.Option(help="How the report is printed.")] = Format.TABLE,
) -> None:
    """Read one dataset from CSV, gzip or Parquet, as its dataset file says, into a new snapshot.

    Other datasets are carried over from the snapshot before. A running gateway takes the new snapshot
    up at `gateway reload`.
    """
    from gateway import config
    from gateway.adapters.csv_ingest import ingest
    from gateway.adapters.policy_files import PolicyFiles
    from gateway.compile import compile_policies
    from gateway.policy.sources import source_mappings

    settings = config.load(site)
    files = PolicyFiles(site / "policies", site / "journal" / "policies").working()
    datasets = compile_policies(files, site=settings.site, generation=0).datasets
    name = dataset or source.name.split(".")[0]
    if name not in datasets:
        raise NotFound(f"policies/datasets names no dataset '{name}'", reason="DATASET_UNKNOWN")
    report = ingest(
        source,
        datasets[name],
        source_mappings(files)[name],
        site / "data",
        progress=lambda s: note(f"{s} ..."),
    )
    if format is Format.JSON:
        result_json(
            {
                "snapshot": report.snapshot,
                "dataset": report.dataset,
                "rows": report.rows,
                "patients": report.patients,
                "without_patient": report.without_patient,
                "columns": [
                    {"name": c.name, "missing": c.missing, "uncast": c.uncast, "outside": c.outside}
                    for c in report.columns
                ],
            }
        )
        return
    rows = [[c.name, f"{c.missing:,}", f"{c.uncast:,}", f"{c.outside:,}"] for c in report.columns]
    result_table(["column", "missing", "not of the type", "other categories"], rows, left=1)
    note(
        f"{report.dataset}: {report.rows:,} rows of {report.patients:,} patients",
    )
    if report.without_patient:
        note(f"{report.without_patient:,} rows without a patient were left out")
    note(f"snapshot {report.snapshot} is complete; a running gateway takes it up at: gateway reload {site}")
