"""run/gateway.json names a process only while that process serves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.adapters.run_file import announced, running
from gateway.errors import ConfigInvalid


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "run").mkdir()
    return tmp_path


def refused(folder: Path) -> bool:
    with pytest.raises(ConfigInvalid) as caught:
        running(folder)
    return caught.value.reason == "NOT_RUNNING"


def test_the_file_is_there_while_the_gateway_serves(folder: Path) -> None:
    assert refused(folder)
    with announced(folder, 8443):
        assert running(folder) == os.getpid()
        assert json.loads((folder / "run" / "gateway.json").read_text())["port"] == 8443
    assert refused(folder)
    assert not list((folder / "run").iterdir())


def test_what_a_killed_gateway_left_names_nobody(folder: Path) -> None:
    code = (
        "import os, pathlib, sys; from gateway.adapters.run_file import announced\n"
        "with announced(pathlib.Path(sys.argv[1]), 1): os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, folder], check=True)
    assert (folder / "run" / "gateway.json").exists()
    assert refused(folder)
    with announced(folder, 8443):  # the next one replaces it
        assert running(folder) == os.getpid()


@pytest.mark.parametrize("left", ["", "[]", "{}", '{"pid": "x"}', '{"pid": OURS}'])
def test_a_file_that_nobody_holds_names_nobody(folder: Path, left: str) -> None:
    (folder / "run" / "gateway.json").write_text(left.replace("OURS", str(os.getpid())))
    assert refused(folder)
