"""The ledger's laws, on hand-made entries: each broken one beside its lawful twin."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.entry import parse
from gateway.domain.entry import EntryKind, Json, Note, Subject
from gateway.domain.privacy import PrivacyLoss
from gateway.ledger import Ledger
from tests.unit.audit.kit import Chain, charged, failed, principal, released, replayed


def faults(chain: Chain) -> list[str]:
    ledger = Ledger()
    return [text for data in chain.entries for text in ledger.apply(parse(data))]


def loaded(cap: int, period: str = "quarter") -> Note:
    body: dict[str, Json] = {
        "agreement": "dsa",
        "version": 1,
        "digest": "d",
        "cap": {"rho": str(cap), "delta": "0"},
        "period": period,
        "populations": ["adults"],
    }
    return Note(kind=EntryKind.AGREEMENT_LOADED, body=body)


def activated(*caps: tuple[str, Json]) -> Note:
    listed: list[Json] = [{"account": account, "cap": cap} for account, cap in caps]
    return Note(kind=EntryKind.ACTIVATED, body={"policies": "d", "generation": 1, "caps": listed})


@given(st.lists(st.integers(0, 60), max_size=6), st.integers(0, 200))
def test_overspending_is_found_exactly_when_the_sum_exceeds_the_cap(losses: list[int], cap: int) -> None:
    chain = Chain()
    for number, rho in enumerate(losses):
        chain.add(failed(chain.add(charged(plan=f"p{number}", rho=rho, cap=cap))))
    assert bool(faults(chain)) == (sum(losses) > cap)
    ledger = Ledger()
    for data in chain.entries:
        ledger.apply(parse(data))
    spent = ledger.balance("agreement/dsa/adults/quarter", "2026-Q4")
    assert spent == PrivacyLoss(rho=sum(losses))


def test_unlimited_is_never_overspent_and_a_new_period_refills() -> None:
    chain = Chain()
    chain.add(charged(plan="a", rho=10**15, cap=None))
    chain.add(charged(plan="b", rho=90, cap=100, account="agreement/x/adults/quarter"))
    chain.when += timedelta(days=100)
    again = charged(plan="c", rho=90, cap=100, account="agreement/x/adults/quarter", period="2027-Q1")
    chain.add(again)
    assert faults(chain) == []
    chain.add(charged(plan="d", rho=90, cap=100, account="agreement/x/adults/quarter", period="2027-Q1"))
    assert "overspent" in faults(chain)[0]


@pytest.mark.parametrize("period", ["2026-Q3", "2026-10", "lifetime", ""])
def test_a_charge_in_another_period_than_its_own_time(period: str) -> None:
    chain = Chain()
    chain.add(charged(period="2026-Q4"))
    assert faults(chain) == []
    chain.add(charged(plan="other", period=period))
    assert "period" in faults(chain)[0]


@pytest.mark.parametrize(
    ("declared", "lawful"),
    [
        (loaded(100), True),
        (loaded(99), False),
        (loaded(99, period="month"), True),  # another account
        (activated(("agreement/dsa/adults/quarter", "unlimited")), False),
        (activated(("agreement/dsa/adults/quarter", {"rho": "100", "delta": "0"})), True),
        (activated(("site/h/adults/year", "unlimited")), True),
    ],
)
def test_caps_are_those_last_declared(declared: Note, lawful: bool) -> None:
    chain = Chain()
    chain.add(declared)
    chain.add(charged(cap=100))
    assert (faults(chain) == []) == lawful


def test_a_new_declaration_replaces_the_one_before() -> None:
    chain = Chain()
    chain.add(loaded(99))
    chain.add(loaded(100))
    chain.add(charged(cap=100))
    assert faults(chain) == []
    chain.add(charged(plan="other", cap=99))
    assert "not declared" in faults(chain)[0]


def test_settling() -> None:
    chain = Chain()
    first = chain.add(charged())
    release = chain.add(released(first))
    second = chain.add(charged(release=release))
    chain.add(replayed(release, second))
    chain.add(replayed(release))
    other = chain.add(charged(plan="q"))
    chain.add(failed(other))
    chain.add(released(chain.add(charged(plan="q", draw=2))))
    assert faults(chain) == []


def unlawful() -> dict[str, list[Note]]:
    """Entries after: charge 1 (plan p), its release 2, an open charge 3 (plan q)."""
    one, two, three = (f"{seq:032x}" for seq in (1, 2, 3))
    return {
        "released twice": [released(one)],
        "released without a charge": [released("f" * 32)],
        "failed without a charge": [failed("")],
        "replay of nothing": [replayed(three)],
        "replay that was not paid": [
            Note(
                kind=EntryKind.REPLAYED,
                subject=Subject(principal=principal("south")),
                body=replayed(two).body,
            )
        ],
        "second draw of a released plan": [charged(draw=2)],
        "second draw in flight": [charged(plan="q", draw=2)],
        "draw number skipped": [charged(plan="r", draw=2)],
        "draw number used again": [failed(three), charged(plan="q", draw=1)],
        "a sight of nothing": [charged(release=three)],
        "a sight of another plan": [charged(plan="q", release=two)],
        "a sight settled by a release": [charged(release=two), released(f"{4:032x}")],
        "a draw settled by a replay": [replayed(two, three)],
    }


@pytest.mark.parametrize("name", unlawful())
def test_broken_laws(name: str) -> None:
    chain = Chain()
    release = chain.add(released(chain.add(charged())))
    chain.add(charged(plan="q"))
    chain.add(replayed(release))
    assert faults(chain) == []
    chain.entries.pop()
    for note in unlawful()[name]:
        chain.add(note)
    assert faults(chain)
