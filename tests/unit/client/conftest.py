"""One enrolled pair for all tests of the client: making keys is the slow part."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from gateway.client import Gateway, PartnerFolder
from tests.unit.client.enrolled import Script, enrol, plain, serving


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return enrol(tmp_path_factory.mktemp("enrolled"))


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def gateway(pair: tuple[Path, Path], script: Script) -> Iterator[Gateway]:
    """A client on a channel of its own, without TLS."""
    with serving(script, plain) as port, grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        folder = PartnerFolder.load(pair[1])
        yield Gateway(f"127.0.0.1:{port}", folder, agreement="a-1", purpose="HRESCH", channel=channel)
