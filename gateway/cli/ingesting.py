"""What the commands of `gateway ingest` do: the site's tables, the run itself, and which snapshots stay.

Law: a snapshot is removed only where somebody asked for it, and never the newest or the served one.
May import: adapters, compile, config, domain words, errors, mapping, policy.sources, cli.output.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic

from gateway.adapters.fhir_ingest import Allowed, ingest_fhir
from gateway.adapters.fhir_report import Counts, FhirReport, Progress, Reading, write_report
from gateway.adapters.fhir_stage import FhirSource
from gateway.adapters.ndjson import source_files
from gateway.adapters.policy_files import PolicyFiles
from gateway.adapters.served import served_snapshot
from gateway.adapters.snapshots import remove_old
from gateway.cli.output import Format, note, progress_bar, result_json, result_table
from gateway.compile import compile_policies
from gateway.config import Settings, load
from gateway.domain.catalog import Dataset
from gateway.errors import GatewayError, JournalInvalid, NotFound
from gateway.mapping import fhir_tables
from gateway.policy.sources import source_mappings

REPORT = "ingest-report.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteTables:
    """A site's settings, its policy files as they lie in its folder, and its datasets by name."""

    folder: Path
    settings: Settings
    files: Mapping[str, bytes]
    datasets: Mapping[str, Dataset]


def site_tables(site: Path) -> SiteTables:
    """Raises `ConfigInvalid` or `PolicyInvalid` with every fault."""
    settings = load(site)
    files = PolicyFiles(site / "policies", site / "journal" / "policies").working()
    datasets = compile_policies(files, site=settings.site, generation=0).datasets
    return SiteTables(folder=site, settings=settings, files=files, datasets=datasets)


def finish(tables: SiteTables, snapshot: str, keep: int | None) -> None:
    """Say what was published, and remove old snapshots if a number to keep was given."""
    site = tables.folder
    note(f"snapshot {snapshot} is complete; a running gateway takes it up at: gateway reload {site}")
    wanted = keep or tables.settings.keep_snapshots
    if wanted is None:
        return
    try:
        served = served_snapshot(site / "journal" / "journal.db")
    except JournalInvalid as error:
        note(f"no snapshot was removed: {error.message}")
        return
    removed = remove_old(site / "data", wanted, served)
    if removed:
        note(f"removed {len(removed)} older snapshots: {', '.join(removed)}")


def read_fhir(tables: SiteTables, path: Path, counts: Counts, allowed: Allowed) -> FhirReport:
    """Ingest under a bar with counts and rate, and leave a report for the site's own staff, whatever happens.

    Raises what `ingest_fhir` raises, and `NotFound` (NO_FHIR_DATASETS).
    """
    sources = _fhir_sources(tables)
    files = source_files(path)
    report, refusal = None, "INTERRUPTED"
    try:
        with progress_bar(sum(file.size for file in files)) as bar:
            report = ingest_fhir(
                files, sources, tables.folder / "data", counts, allowed=allowed, progress=_teller(bar)
            )
    except GatewayError as error:
        refusal = error.reason
        raise
    finally:
        try:
            write_report(tables.folder / "data" / REPORT, files, counts, report, refusal)
        except OSError:  # a full disk must not hide why the ingest ended
            note(f"data/{REPORT} could not be written")
    return report


def _fhir_sources(tables: SiteTables) -> dict[str, FhirSource]:
    mappings, found = source_mappings(tables.files), fhir_tables(tables.files)
    if not found:
        raise NotFound("no dataset of this site has a mapping from FHIR", reason="NO_FHIR_DATASETS")
    return {
        name: FhirSource(dataset=tables.datasets[name], table=found[name], mapping=mappings[name])
        for name in found
    }


def _teller(bar: Callable[[int, str], None]) -> Progress:
    began = monotonic()

    def tell(stage: str, reading: Reading | None) -> None:
        if reading is None:
            note(f"{stage} ...")
            return
        rate = reading.resources / max(monotonic() - began, 0.001)
        place = f"file {reading.place} of {reading.files}"
        bar(reading.bytes, f"{place}, {reading.resources:,} lines, {rate:,.0f}/s")

    return tell


def show(report: FhirReport, counts: Counts, format: Format) -> None:
    """The tables as published, and what was left out; the columns are in the local report and in JSON."""
    rejected = {reason.value: number for reason, number in sorted(counts.rejected.items())}
    skipped = dict(sorted(counts.skipped.items()))
    if format is Format.JSON:
        result_json(
            {
                "snapshot": report.snapshot,
                "lines": counts.lines,
                "resources": dict(sorted(counts.resources.items())),
                "skipped": skipped,
                "rejected": rejected,
                "tables": [asdict(table) for table in report.tables],
            }
        )
        return
    header = ["dataset", "rows", "patients", "without patient", "superseded"]
    rows = [(t.rows, t.patients, t.without_patient, t.superseded) for t in report.tables]
    result_table(
        header,
        [[t.dataset, *(f"{n:,}" for n in row)] for t, row in zip(report.tables, rows, strict=True)],
        left=1,
    )
    if skipped:
        note(f"no table is made of: {', '.join(f'{kind} {number:,}' for kind, number in skipped.items())}")
    if rejected:
        reasons = ", ".join(f"{reason} {number:,}" for reason, number in rejected.items())
        note(f"left out, see data/{REPORT}: {reasons}")
