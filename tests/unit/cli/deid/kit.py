"""What the tests of `gateway deid` share: invented notes, and a fake pipeline in real workers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.deid import workers
from tests.unit.adapters.text_fakes import MARK, Redacts

CANARY = "canary-4711"
PATIENT = {"resourceType": "Patient", "id": "p1", "name": [{"family": "Ortiz", "given": [MARK]}]}


def with_fake_pipelines(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Put the fake in the place of the pipelines; the list takes the keys that they are made with."""
    keys: list[bytes] = []

    def pipelines(key: bytes) -> Redacts:
        keys.append(key)
        return Redacts()

    monkeypatch.setattr(workers, "pipelines", pipelines)
    return keys


def write_lines(path: Path, *lines: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]
