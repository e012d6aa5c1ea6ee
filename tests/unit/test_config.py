"""site.yaml: the socket stays in the folder that is closed to others; every fault has its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway import config
from gateway.errors import ConfigInvalid


def site(folder: Path, text: str) -> Path:
    (folder / "site.yaml").write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize(
    "socket",
    [
        "keys/site.key",
        "site.sock",
        "run",
        "run/gateway.json",
        "run/../keys/site.sock",
        "run/deeper/site.sock",
        "/run/site.sock",
        "run/.sock",
        '"run/site.sock\\n"',
    ],
)
def test_the_socket_lies_in_run(tmp_path: Path, socket: str) -> None:
    with pytest.raises(ConfigInvalid) as refused:
        config.load(site(tmp_path, f"site: north\nsocket: {socket}\n"))
    (violation,) = refused.value.violations
    assert (violation.file, violation.line) == ("site.yaml", 2)
    for good in ("run/site.sock", "run/north-1.sock"):
        assert config.load(site(tmp_path, f"site: north\nsocket: {good}\n")).socket == good
