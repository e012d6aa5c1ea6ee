"""The import law is enforced: `lint-imports` passes on the house as it is and catches each kind of breach."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.guards import ROOT

BREACHES = {
    "upward": ("domain/query.py", "import gateway.flows.release"),
    "between laws": ("privacy/sensitivity.py", "import gateway.policy.decide"),
    "a library out of its room": ("query/render.py", "import opendp"),
    "a source format in the policies": ("policy/datasets.py", "import gateway.sources.fhirpath"),
    "the database in a law": ("policy/decide.py", "import duckdb"),
    "the wire library in the corridor": ("flows/release.py", "import grpc"),
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package and its contracts."""
    folder = tmp_path_factory.mktemp("law")
    shutil.copytree(ROOT / "gateway", folder / "gateway", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(ROOT / ".importlinter", folder / ".importlinter")
    return folder


def kept(folder: Path) -> bool:
    """Whether every contract holds for the package in this folder."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Contracts:" in done.stdout, done.stdout + done.stderr
    return done.returncode == 0


def test_the_house_keeps_the_law(house: Path) -> None:
    assert kept(house)


@pytest.mark.parametrize("breach", BREACHES)
def test_a_forbidden_import_is_caught(house: Path, breach: str) -> None:
    name, line = BREACHES[breach]
    file = house / "gateway" / name
    text = file.read_text("utf-8")
    file.write_text(f"{text}\n{line}\n", "utf-8")
    try:
        assert not kept(house)
    finally:
        file.write_text(text, "utf-8")
