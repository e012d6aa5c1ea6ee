"""The ledger's laws, on hand-made entries: each broken one beside its lawful twin."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.audit.entry import parse
from gateway.domain.entry import EntryKind, Json, Note, Subject
from gateway.domain.privacy import PrivacyLoss
from gateway.ledger import Ledger
from tests.unit.audit.kit import (
    CHARGED_ACCOUNTS,
    UNCAPPED,
    Chain,
    activated,
    charged,
    failed,
    line,
    loaded,
    principal,
    released,
    replayed,
)


def faults(chain: Chain) -> list[str]:
    ledger = Ledger()
    return [text for data in chain.entries for text in ledger.apply(parse(data))]


@settings(deadline=None)  # the machine is shared
@given(st.lists(st.integers(1, 60), max_size=6), st.integers(0, 200))
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
    chain.when += timedelta(days=100)
    chain.add(charged(plan="b", rho=90, cap=100, period="2027-Q1"))
    chain.when += timedelta(days=100)
    chain.add(charged(plan="c", rho=90, cap=100, period="2027-Q2"))
    assert faults(chain) == []
    chain.add(charged(plan="d", rho=90, cap=100, period="2027-Q2"))
    assert "overspent" in faults(chain)[0]


@pytest.mark.parametrize("period", ["2026-Q3", "2026-10", "lifetime", ""])
def test_a_charge_in_another_period_than_its_own_time(period: str) -> None:
    chain = Chain()
    chain.add(charged(period="2026-Q4"))
    assert faults(chain) == []
    chain.add(charged(plan="other", period=period))
    assert "period" in faults(chain)[0]


SET = activated(*UNCAPPED)


@pytest.mark.parametrize(
    ("declared", "lawful"),
    [
        ([], True),  # nothing was declared yet
        ([SET, loaded(100)], True),
        ([SET, loaded(99)], False),
        ([SET], False),
        ([SET, loaded(100, agreement="other")], False),
        ([SET, loaded(100, period="month")], False),
        ([activated(*UNCAPPED[1:]), loaded(100)], False),  # no party's
        ([activated(*UNCAPPED[:2]), loaded(100)], False),  # no lifetime
        ([activated((UNCAPPED[0][0], 10**6), *UNCAPPED[1:]), loaded(100)], False),
        ([activated(), loaded(9), SET, loaded(100)], True),  # the last set counts
        ([SET, loaded(100), SET], False),  # and it alone
        ([SET, loaded(100), activated(), SET, loaded(100)], True),
    ],
)
def test_caps_are_those_that_the_last_set_declared(declared: list[Note], lawful: bool) -> None:
    chain = Chain()
    for note in declared:
        chain.add(note)
    chain.add(charged(cap=100))
    assert (faults(chain) == []) == lawful


ONE, TWO, THREE = (
    activated(account, part=number, parts=3) for number, account in enumerate(UNCAPPED, start=1)
)


@pytest.mark.parametrize(
    ("declared", "lawful"),
    [
        ([ONE, TWO, THREE, loaded(100)], True),
        ([SET, ONE, TWO, THREE, loaded(100)], True),
        ([ONE, THREE, TWO, loaded(100)], False),
        ([ONE, TWO, THREE, THREE, loaded(100)], False),
        ([TWO, THREE, loaded(100)], False),
        ([ONE, TWO, loaded(100), THREE], False),
        ([ONE, TWO, activated(UNCAPPED[2], part=3, parts=3, generation=2), loaded(100)], False),
        ([ONE, TWO, ONE, TWO, THREE, loaded(100)], False),
    ],
)
def test_a_set_in_parts_is_whole_and_in_order(declared: list[Note], lawful: bool) -> None:
    chain = Chain()
    for note in declared:
        chain.add(note)
    chain.add(charged(cap=100))
    assert any("whole and in order" in text for text in faults(chain)) != lawful
    assert lawful == (faults(chain) == [])


LINES = [line(account) for account in CHARGED_ACCOUNTS]
OTHERS = [line(account.replace("adults", "children")) for account in CHARGED_ACCOUNTS]
MISNAMED: dict[str, list[dict[str, Json]]] = {
    "nobody": [],
    "no agreement": LINES[1:],
    "no party": [LINES[0], *LINES[2:]],
    "no site": [*LINES[:2], LINES[3]],
    "no lifetime": LINES[:3],
    "the lifetime alone, twice": [*LINES[:2], LINES[3], LINES[3]],
    "one twice": [*LINES, LINES[0]],
    "another agreement": [line("agreement/other/adults/quarter"), *LINES[1:]],
    "another party": [LINES[0], line("party/south/adults/quarter"), *LINES[2:]],
    "another site": [*LINES[:2], line("site/other/adults/quarter"), LINES[3]],
    "an account of another kind": [line("person/ann/adults/quarter"), *LINES[1:]],
    "a population of its own": [OTHERS[0], *LINES[1:]],
    "nothing at all": [line(account, rho=0) for account in CHARGED_ACCOUNTS],
    "nothing for one": [*LINES[:3], line(CHARGED_ACCOUNTS[3], rho=0)],
    "less for one": [line(CHARGED_ACCOUNTS[0], rho=9), *LINES[1:]],
    "two populations": [*LINES, *OTHERS],
}


@pytest.mark.parametrize("name", MISNAMED)
def test_a_draw_charges_its_agreement_its_party_and_the_site_alike(name: str) -> None:
    chain = Chain()
    chain.add(charged(lines=LINES))
    chain.add(charged(plan="other", lines=OTHERS))
    assert faults(chain) == []
    chain.add(charged(plan="q", lines=MISNAMED[name]))
    assert any(text.startswith("a charge ") for text in faults(chain))


SOUTH = Subject(principal=principal("south"), agreement="dsa")
SIGHT = [LINES[0], line("party/south/adults/quarter")]


@pytest.mark.parametrize(
    ("lines", "lawful"),
    [
        (SIGHT, True),
        ([], False),
        (SIGHT[1:], False),
        (SIGHT[:1], False),
        (LINES[:2], False),
        ([*SIGHT, *LINES[2:]], False),
        ([SIGHT[0], line("party/south/adults/quarter", rho=0)], False),
    ],
)
def test_a_first_sight_charges_agreement_and_party_alike(lines: list[dict[str, Json]], lawful: bool) -> None:
    chain = Chain()
    release = chain.add(released(chain.add(charged())))
    assert "first sight" in _after(chain, replayed(release, subject=SOUTH))
    chain.add(replayed(release, chain.add(charged(release=release, lines=lines, subject=SOUTH)), SOUTH))
    assert (faults(chain) == []) == lawful
    assert _after(chain, replayed(release, subject=replace(SOUTH, agreement="other"))) == "" or not lawful


def _after(chain: Chain, note: Note) -> str:
    """What one more entry would be blamed for; it is not kept."""
    head = chain.head
    chain.add(note)
    found = faults(chain)
    chain.entries.pop()
    chain.head = head
    return "".join(found)


def test_settling() -> None:
    chain = Chain()
    first = chain.add(charged())
    release = chain.add(released(first))
    second = chain.add(charged(release=release, lines=SIGHT, subject=SOUTH))
    chain.add(replayed(release, second, SOUTH))
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
        "replay that was not paid": [replayed(two, subject=SOUTH)],
        "a sight paid by another party": [charged(release=two), replayed(two, f"{4:032x}", SOUTH)],
        "a draw released to another party": [released(three, SOUTH)],
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


def jumped() -> Note:
    return Note(kind=EntryKind.CLOCK_JUMP, body={"clock": "t", "journal": "t"})


def confirmed(jump: str) -> Note:
    return Note(kind=EntryKind.CLOCK_CONFIRMED, body={"jump": jump, "clock": "t"})


def test_nothing_is_charged_between_a_jump_and_its_confirmation() -> None:
    chain = Chain()
    open_charge = chain.add(charged(plan="a"))
    jump = chain.add(jumped())
    chain.add(released(open_charge))  # what was begun may end
    assert faults(chain) == []
    chain.add(confirmed(jump))
    chain.add(charged(plan="b"))
    assert faults(chain) == []  # the twin
    chain.add(jumped())
    chain.add(charged(plan="c"))
    assert faults(chain) == ["something was charged while a jump of the clock was not confirmed"]


def test_a_confirmation_names_the_jump_that_stands() -> None:
    lawful = Chain()
    lawful.add(confirmed(lawful.add(jumped())))
    assert faults(lawful) == []
    for wrong in ("", "00" * 16):
        chain = Chain()
        chain.add(jumped())
        chain.add(confirmed(wrong))
        assert faults(chain) == ["no such jump was to be confirmed"]
    twice = Chain()
    jump = twice.add(jumped())
    twice.add(confirmed(jump))
    twice.add(confirmed(jump))
    assert faults(twice) == ["no such jump was to be confirmed"]


def test_entries_are_counted_by_party_and_day() -> None:
    chain, ledger = Chain(), Ledger()
    chain.add(charged(plan="a"))
    chain.add(charged(plan="b"))
    for data in chain.entries:
        ledger.apply(parse(data))
    assert ledger.entries_today == {"": 1, "north": 2}
    chain.when += timedelta(days=1)
    chain.add(charged(plan="c"))
    ledger.apply(parse(chain.entries[-1]))
    assert ledger.entries_today == {"north": 1}
