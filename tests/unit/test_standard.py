"""The standard tables as they are shipped: they compile, their codes exist, every range has its source."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from gateway.compile import compile_policies
from gateway.domain.agreement import Compiled
from gateway.domain.catalog import BoundsBy, ColumnType
from gateway.mapping import fhir_tables
from tests.guards import ROOT
from tests.unit.adapters.fhir_kit import standard_files
from tests.unit.policy.sets import FILES

TABLES = {
    "patients",
    "encounters",
    "conditions",
    "observations",
    "medications",
    "procedures",
    "immunizations",
    "diagnostic_reports",
    "notes",
}
RARE = 50  # values of one code and unit in the sample, below which it needs no range
# No published range was found: values of these can be counted, not summed.
WITHOUT_RANGE = {"32207-3", "38265-5"}


@pytest.fixture(scope="module")
def compiled() -> Compiled:
    files = {**standard_files(), "parties/university.yaml": FILES["parties/university.yaml"].encode()}
    return compile_policies(files, site="your-site", generation=1)


def library(compiled: Compiled) -> BoundsBy:
    declared = compiled.datasets["observations"].columns["value"].bounds_by
    assert declared is not None
    return declared


def test_they_compile_with_a_draft_of_an_agreement(compiled: Compiled) -> None:
    assert set(compiled.datasets) == TABLES == set(fhir_tables(standard_files()))
    population = compiled.datasets["notes"].population
    assert (population.patients, population.birth_date) == ("patients", "birth_date")
    (agreement,) = compiled.agreements.values()
    assert agreement.status.value == "draft"
    named = set[str]().union(*(g.filter_columns | g.group_columns for g in agreement.grants))
    assert not named & {"race", "ethnicity"}


def test_what_is_closed_to_questions_is_typed_so(compiled: Compiled) -> None:
    for dataset in compiled.datasets.values():
        for name, column in dataset.columns.items():
            if name.endswith("_id"):
                assert column.type is ColumnType.IDENTIFIER, (dataset.name, name)
            if name.endswith("_date"):
                assert column.type is ColumnType.DATE, (dataset.name, name)
    assert compiled.datasets["notes"].columns["text"].type is ColumnType.TEXT
    assert compiled.datasets["diagnostic_reports"].columns["conclusion"].type is ColumnType.TEXT


def test_every_list_and_every_column_says_where_it_comes_from(compiled: Compiled) -> None:
    for dataset in compiled.datasets.values():
        for column in dataset.columns.values():
            if column.type is not ColumnType.IDENTIFIER:
                assert column.description, (dataset.name, column.name)
            if column.categories is not None:
                assert column.source and column.code_system, (dataset.name, column.name)


def check_digit(code: str) -> int:
    """Of a LOINC code: modulus 10 (LOINC Users' Guide, appendix A)."""
    body = code.partition("-")[0]
    doubled = "".join(str(2 * int(d)) if i % 2 == 0 else d for i, d in enumerate(reversed(body)))
    return -sum(map(int, doubled)) % 10


def test_the_ranges_are_of_codes_that_can_exist(compiled: Compiled) -> None:
    declared = library(compiled)
    assert declared.columns == ("code", "unit")
    assert len({entry.values[0] for entry in declared.entries}) >= 40
    for entry in declared.entries:
        code = entry.values[0]
        assert int(code.partition("-")[2]) == check_digit(code), code
        assert len(entry.source) > 20 or "definition" in entry.source
    assert check_digit("39156-5") == 5 and check_digit("39165-5") != 5


def values_of(path: Path) -> Counter[tuple[str, str]]:
    """How often each code and unit of UCUM holds a number in the sample."""
    found: Counter[tuple[str, str]] = Counter()
    with gzip.open(path) as stream:
        for line in stream:
            resource: Any = json.loads(line)
            for item in (resource, *resource.get("component", ())):
                quantity = item.get("valueQuantity", {})
                if "code" in quantity:
                    unit = "{score}" if quantity["code"] == "(score)" else quantity["code"]
                    found[item["code"]["coding"][0]["code"], unit] += 1
    return found


def test_whatever_the_sample_measures_often_has_a_range(compiled: Compiled, shared_data: Path) -> None:
    found = values_of(shared_data / "ehr" / "fhir-r4-synthea" / "Observation.ndjson.gz")
    declared = {entry.values for entry in library(compiled).entries}
    often = {key for key, number in found.items() if number >= RARE and key[0] not in WITHOUT_RANGE}
    assert len(often) > 30
    assert often <= declared


def test_the_page_shows_the_files() -> None:
    command = [sys.executable, "tools/standard_tables.py", "--check", "docs/standard-tables.md"]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 0
