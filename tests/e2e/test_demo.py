"""`gateway demo` as a newcomer runs it: true answers of several hospitals, and nothing that is staged.

Three seeds give three truths; a gateway whose noise is replaced by zero, in the server's process alone, is
noticed; what `--keep` prints can be copied and run.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.kit import command, environment, until

SEEDS = (1, 2, 3)
KEYS = {"answered", "replayed", "refused_by_agreement", "refused_by_budget", "journal"}

NO_NOISE = """
from gateway.privacy import mechanisms

mechanisms.Measurement.__call__ = lambda self, exact: exact
"""


@pytest.fixture(scope="module")
def outcomes() -> list[dict[str, Any]]:
    """One run per seed, two at a time; standard output is one JSON document and nothing else."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="gw-") as folder, ThreadPoolExecutor(2) as threads:
        env = {**environment(), "TMPDIR": folder}
        runs = list(threads.map(lambda seed: command("demo", "--json", "--seed", str(seed), env=env), SEEDS))
        assert list(Path(folder).iterdir()) == []  # nothing stays behind
    for run in runs:
        assert run.returncode == 0, run.stderr
    assert time.monotonic() - begun < 60 * len(SEEDS)
    return [json.loads(run.stdout) for run in runs]


def test_three_seeds_have_three_truths(outcomes: list[dict[str, Any]]) -> None:
    truths = [tuple(cell["truth"] for cell in outcome["answered"]) for outcome in outcomes]
    assert len(set(truths)) == len(SEEDS)
    first = [truth[0] for truth in truths]
    assert len(set(first)) == len(SEEDS)


def test_the_document_has_its_five_members(outcomes: list[dict[str, Any]]) -> None:
    for outcome in outcomes:
        assert set(outcome) == KEYS
        assert len(outcome["answered"]) >= 12
        for cell in outcome["answered"]:
            assert set(cell) == {"question", "truth", "value", "low", "high", "loss"}
            assert cell["low"] <= cell["value"] <= cell["high"]
            assert cell["loss"] > 0
        assert outcome["replayed"] == {"loss": 0.0}
        assert outcome["refused_by_agreement"] == {"reason": "NOT_GRANTED"}
        assert outcome["refused_by_budget"] == {"reason": "AGREEMENT_BUDGET"}
        assert outcome["journal"]["ok"] is True
        assert outcome["journal"]["entries"] > 10


def test_intervals_hold_most_truths(outcomes: list[dict[str, Any]]) -> None:
    """95 % are promised around the bounded truth; 85 % leaves room for chance and for bounding."""
    cells = [cell for outcome in outcomes for cell in outcome["answered"]]
    held = [cell["low"] <= cell["truth"] <= cell["high"] for cell in cells]
    assert sum(held) >= 0.85 * len(held), [c for c, h in zip(cells, held, strict=True) if not h]
    assert any(cell["value"] != cell["truth"] for cell in cells)


def test_answers_without_noise_are_noticed(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(NO_NOISE)
    noticed = command("demo", "--json", env=environment(tmp_path))
    assert noticed.returncode != 0
    assert "no noise" in noticed.stderr
    assert "Traceback" not in noticed.stderr


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path: what a Unix socket's address can hold is little."""
    with tempfile.TemporaryDirectory(prefix="gw-") as name:
        yield Path(name)


def test_kept_commands_can_be_copied(folder: Path) -> None:
    env = {**environment(), "TMPDIR": str(folder)}
    kept = command("demo", "--keep", env=env)
    assert kept.returncode == 0, kept.stderr
    found = re.search(r"\(process (\d+)\)", kept.stderr)
    assert found
    pid = int(found[1])
    try:
        block = kept.stderr.split("To go on:")[1].split("To end it:")[0]
        copied = subprocess.run(
            ["bash", "-ec", block], capture_output=True, text=True, check=False, timeout=60, env=env
        )
        assert copied.returncode == 0, copied.stderr
        for part in ("encounters", "spent", "Released", "ok:"):
            assert part in copied.stdout
        (end,) = re.findall(r"To end it: (.+)", kept.stderr)
        subprocess.run(["bash", "-ec", end], check=True, timeout=30)
        until(lambda: not alive(pid))
        assert list(folder.glob("concordat-demo-*")) == []
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def alive(pid: int) -> bool:
    """Whether a process runs; one that ended and was not waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
