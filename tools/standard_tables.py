"""The tables of docs/standard-tables.md from the shipped files; what stands before them is kept.

`standard_tables.py PAGE` writes, `standard_tables.py --check PAGE` compares.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gateway.shipped import shipped
from gateway.yamlio import read

MADE = "<!-- From here on made by `make docs` from policies/; edit that instead. -->"
ORDER = (
    "patients",
    "encounters",
    "conditions",
    "observations",
    "medications",
    "procedures",
    "immunizations",
    "diagnostic_reports",
    "notes",
)


def page(before: str) -> str:
    """The whole page, with the beginning of the one before."""
    lines = [before.partition(MADE)[0] + MADE]
    for name in ORDER:
        lines += [*table(document(name)), ""]
    lines += list(library(document("observations")))
    return "\n".join(lines).rstrip() + "\n"


def document(name: str) -> Any:
    path = shipped("policies") / "datasets" / f"{name}.yaml"
    return read(path.read_bytes(), path.name).value


def table(content: Any) -> Iterator[str]:
    """One table: what it holds, what it is made of, and its columns."""
    yield f"## {content['dataset']}"
    yield f"{content['description']} After FHIR `{content['fhir']['resource']}`."
    groups, rows = content["max_groups"], content["max_rows"]
    yield f"Kept of a patient, unless a question says otherwise: {groups} groups, {rows} rows in each."
    yield ""
    yield "| column | type | meaning | values | source |"
    yield "|---|---|---|---|---|"
    for name, column in content["columns"].items():
        kind = column["type"]
        meaning = column.get("description", _role(content, name))
        yield f"| `{name}` | {kind} | {meaning} | {_values(column)} | {column.get('source', '')} |"


def _role(content: Any, name: str) -> str:
    if name == content["patient"]:
        return "The patient."
    return "The row." if name == content["row_key"] else "The encounter."


def _values(column: Any) -> str:
    """The declared labels, or the code system."""
    categories = column.get("categories")
    if categories is None:
        return "see below" if "bounds_by" in column else column.get("code_system", "")
    labels = [*categories["values"], *(categories[key] for key in ("other", "missing") if key in categories)]
    return ", ".join(f"`{label}`" for label in labels)


def library(content: Any) -> Iterator[str]:
    """Bounds by code and unit."""
    entries = content["columns"]["value"]["bounds_by"]["entries"]
    yield "## Plausible ranges"
    yield f"The {len(entries)} kinds of value that can be summed, by LOINC code and UCUM unit."
    yield ""
    yield "| code | unit | what | low | high | resolution | source |"
    yield "|---|---|---|--:|--:|--:|---|"
    for entry in entries:
        code, unit = entry["when"]
        figures = " | ".join(str(entry[key]) for key in ("low", "high", "resolution"))
        yield f"| {code} | `{unit}` | {entry['title']} | {figures} | {entry['source']} |"


def main(arguments: list[str]) -> int:
    """Write or compare the page."""
    check = arguments[:1] == ["--check"]
    path = Path(arguments[-1])
    before = path.read_text("utf-8")
    if not check:
        path.write_text(page(before), "utf-8")
    elif before != page(before):
        sys.stderr.write(f"docs: {path.name} out of date; run: make docs\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
