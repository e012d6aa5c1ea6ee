"""Which set serves: broken folders and sets that cannot serve leave the last good one, and no entry."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Mapping

import pytest

from gateway.compile import compile_policies
from gateway.domain.agreement import Compiled
from gateway.domain.entry import EntryKind
from gateway.errors import ConfigInvalid
from gateway.flows.activate import activate
from tests.flows.kit import FILES, NAME, House, changed, write


def activations(house: House) -> int:
    return sum(entry.kind is EntryKind.ACTIVATED for entry in house.entries())


async def test_an_emptied_folder_leaves_the_last_good_set(house: House) -> None:
    policies = house.path.parent / "policies"
    shutil.rmtree(policies)
    for reason in ("POLICIES_UNREADABLE", "POLICIES_EMPTY"):
        serving = await activate(NAME, house.policies, house.journal)
        assert serving.compiled.digest == house.site.compiled.digest
        assert serving.fault is not None and serving.fault.reason == reason
        policies.mkdir(exist_ok=True)
    write(policies, FILES)
    assert (await activate(NAME, house.policies, house.journal)).fault is None
    assert activations(house) == 1


async def test_a_set_that_cannot_serve_is_not_recorded(house: House) -> None:
    other = changed("agreements/cautious.yaml", "min_cell: 11", "min_cell: 12", FILES)
    write(house.path.parent / "policies", other)

    def refuse(compiled: Compiled) -> None:
        raise ConfigInvalid(reason="TLS_MATERIAL")

    with pytest.raises(ConfigInvalid):
        await activate(NAME, house.policies, house.journal, refuse)
    assert activations(house) == 1
    assert (await activate(NAME, house.policies, house.journal)).compiled.generation == 2
    assert activations(house) == 2


async def test_no_compilation_holds_the_loop(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    threads = []

    def seen(files: Mapping[str, bytes], *, site: str, generation: int) -> Compiled:
        threads.append(threading.current_thread())
        return compile_policies(files, site=site, generation=generation)

    monkeypatch.setattr("gateway.flows.activate.compile_policies", seen)
    await activate(NAME, house.policies, house.journal)
    write(house.path.parent / "policies", {"agreements/cautious.yaml": "agreement: [\n"})
    await activate(NAME, house.policies, house.journal)
    assert len(threads) == 3  # the folder, the broken folder, the kept set
    assert threading.current_thread() not in threads
