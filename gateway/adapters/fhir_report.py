"""What an ingest of FHIR tells: how far it is, what it found, what it published.

Law: places, counts and reasons; never a value or an id. Names of files stand in the local report alone. For
site staff: counts are exact. Imports: fhir_line, ndjson, staged.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from gateway.adapters.fhir_line import Rejection
from gateway.adapters.ndjson import SourceFile
from gateway.adapters.staged import ColumnReport

MOST_PLACES = 1000  # rejected lines that are named one by one; all are counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How far the reading is: `bytes` on disk of `all_bytes`, in file `place` of `files`."""

    place: int
    files: int
    bytes: int
    all_bytes: int
    resources: int


Progress = Callable[[str, Reading | None], None]
"""Called with the name of each stage as it begins, and while reading with how far it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedLine:
    """A line that was left out: the place of its file in the sorted list, its number, and why."""

    file: int
    line: int
    reason: Rejection


@dataclass(slots=True, kw_only=True)
class Counts:
    """What was found in the files: lines that are not blank, resources by type, lines left out."""

    lines: int = 0
    resources: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)  # of types that no table is made of
    rejected: Counter[Rejection] = field(default_factory=Counter)
    places: list[RejectedLine] = field(default_factory=list)  # the first ones

    def reject(self, file: int, line: int, reason: Rejection) -> None:
        """Count a line that is left out, and keep the place of the first ones."""
        self.rejected[reason] += 1
        if len(self.places) < MOST_PLACES:
            self.places.append(RejectedLine(file=file, line=line, reason=reason))


@dataclass(frozen=True, slots=True, kw_only=True)
class TableReport:
    """One table as it was published.

    `superseded`: resources of which a later version was read; `without_patient`: rows that belong to nobody.
    """

    dataset: str
    rows: int
    patients: int
    without_patient: int
    superseded: int
    columns: tuple[ColumnReport, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirReport:
    """What was published."""

    snapshot: str
    path: Path
    tables: tuple[TableReport, ...]


def write_report(
    path: Path, files: Sequence[SourceFile], counts: Counts, report: FhirReport | None, refusal: str
) -> None:
    """Write what was found for the site's own staff, with the files' names: whole, and closed to others."""
    content = {
        "snapshot": report.snapshot if report else None,
        "refused": None if report else refusal,
        "lines": counts.lines,
        "resources": dict(sorted(counts.resources.items())),
        "skipped": dict(sorted(counts.skipped.items())),
        "rejected": {reason.value: number for reason, number in sorted(counts.rejected.items())},
        "files": [{"file": file.place, "name": str(file.path)} for file in files],
        "rejected_lines": [{"file": p.file, "line": p.line, "reason": p.reason.value} for p in counts.places],
        "tables": [asdict(table) for table in report.tables] if report else [],
    }
    path.parent.mkdir(mode=0o700, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        json.dump(content, stream, indent=1)
    aside.replace(path)
