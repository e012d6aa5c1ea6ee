"""A set of policies with more caps than fit in one entry is declared in several, and serves as one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from gateway.audit.canonical import MAX_BYTES
from gateway.audit.entry import build
from gateway.domain.agreement import Compiled
from gateway.domain.entry import EntryKind
from gateway.domain.privacy import NOTHING
from gateway.flows import activate as room
from tests.checks import check_journal
from tests.flows.kit import NAME, House


def with_many(compiled: Compiled, parties: int) -> Compiled:
    """The same set with as many parties more, names as long as they may be, and a second population."""
    budget, adults = compiled.party_budgets["university"], compiled.populations["adults"]
    more = {f"p{number:062d}": budget for number in range(parties)}
    return replace(
        compiled,
        digest=f"with {parties}",
        party_budgets={**compiled.party_budgets, **more},
        populations={"adults": adults, "c" * 63: adults},
    )


@pytest.mark.parametrize(("parties", "parts"), [(0, 1), (96, 1), (97, 2), (1000, 11)])
async def test_caps_of_many_parties_are_declared_in_parts(
    house: House, monkeypatch: pytest.MonkeyPatch, parties: int, parts: int
) -> None:
    compiled = house.site.compiled

    def many(_files: Mapping[str, bytes], *, site: str, generation: int) -> Compiled:
        return replace(with_many(compiled, parties), site=site, generation=generation)

    monkeypatch.setattr(room, "compile_policies", many)
    before = house.journal.head()[0]
    house.site.compiled = (await room.activate(NAME, house.policies, house.journal)).compiled
    after = house.journal.head()[0]
    await room.activate(NAME, house.policies, house.journal)
    assert house.journal.head()[0] == after  # it is known as activated
    entries = house.entries()[before + 1 :]
    declared = [entry for entry in entries if entry.kind is EntryKind.ACTIVATED]
    assert [entry.body["part"] for entry in declared] == list(range(1, parts + 1))
    assert {entry.body["parts"] for entry in declared} == {parts}
    caps = [cap["account"] for entry in declared for cap in entry.body["caps"]]  # type: ignore[union-attr,index,call-overload]
    assert len(set(caps)) == len(caps) == 2 * (parties + 2) + 4
    assert all(account.startswith("site/") for account in caps[:4])  # type: ignore[union-attr]
    assert max(len(build(entry)) for entry in declared) < MAX_BYTES
    latest = house.journal.latest(EntryKind.ACTIVATED)
    assert latest is not None and latest.body["policies"] == house.site.compiled.digest
    assert (latest.subject.generation, bool(latest.body["caps"])) == (2, True)
    assert (await house.ask()).loss != NOTHING
    check_journal(house.path)
