"""docs/datasets.md: its examples are dataset files that compile, and its paths are read."""

from __future__ import annotations

import re
import textwrap

import pytest

from gateway.mapping import mapped
from gateway.policy.datasets import dataset_words, population_words
from gateway.policy.faults import Faults
from gateway.policy.load import load
from gateway.sources.fhirpath import parse_path
from tests.guards import ROOT
from tests.unit.policy.sets import FILES

PAGE = (ROOT / "docs" / "datasets.md").read_text("utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.S)
PATHS = re.findall(r"^\| `([a-z][^`]*\)|code\.coding\.code)` \|", PAGE, re.M)


def faults_of(dataset: str) -> list[str]:
    faults = Faults()
    files = {"populations/patients.yaml": FILES["populations/patients.yaml"], "datasets/labs.yaml": dataset}
    loaded = load({path: text.encode() for path, text in files.items()}, faults)
    dataset_words(loaded, population_words(loaded), faults)
    mapped(loaded, faults)
    return [str(fault) for fault in faults.found]


def test_the_dataset_file_compiles() -> None:
    assert faults_of(BLOCKS[0]) == []
    assert faults_of(BLOCKS[0].replace("high: 20", "high: 20.05")) != []


def test_the_mapping_from_fhir_compiles() -> None:
    head, _, _ = BLOCKS[0].partition("nulls:")
    columns = """\
    columns:
      patient_id: {type: identifier}
      lab_id: {type: identifier}
      taken: {type: date}
      code: {type: code}
      value: {type: number}
    """
    text = head + BLOCKS[2] + textwrap.dedent(columns)
    assert faults_of(text) == []
    assert faults_of(text.replace("each: component", "each: component.")) != []


@pytest.mark.parametrize("path", PATHS)
def test_a_path_of_the_table_is_read(path: str) -> None:
    assert parse_path(path)


def test_every_path_of_the_table_is_tried() -> None:
    assert len(PATHS) == 9
