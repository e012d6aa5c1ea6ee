"""Fixtures of the flow tests. Every journal that a test leaves behind is verified, whole."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.ports import Engine
from tests.checks import check_journal
from tests.flows.kit import House, duck, memory

Opener = Callable[..., Awaitable[House]]


@pytest.fixture(autouse=True)
def journals_verify(tmp_path: Path) -> Iterator[None]:
    yield
    for path in tmp_path.rglob("journal.db"):
        check_journal(path)


@pytest.fixture
async def opened(journals_verify: None, tmp_path: Path) -> AsyncIterator[Opener]:
    """Opens houses, each in a folder of its own, and closes them."""
    houses: list[House] = []

    async def open_house(engine: Engine | None = None, **options: Any) -> House:
        house = await House.open(tmp_path / f"site-{len(houses)}", engine, **options)
        houses.append(house)
        return house

    yield open_house
    for house in houses:
        await house.close()


@pytest.fixture
async def house(opened: Opener) -> House:
    return await opened()


@pytest.fixture(params=["memory", "duckdb"])
async def either(request: pytest.FixtureRequest, opened: Opener, tmp_path: Path) -> House:
    """A site with each engine in turn."""
    return await opened(memory() if request.param == "memory" else duck(tmp_path / "data"))
