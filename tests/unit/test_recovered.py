"""A recovery in the ledger: nothing is left of any open period, balances only ever rise."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from gateway.audit.bodies import NEWEST, SPENT
from gateway.audit.entry import leaf_hash, parse
from gateway.audit.recovered import MOST_ACCOUNTS, recovered_notes
from gateway.domain.entry import EntryKind, Note
from gateway.domain.privacy import PrivacyLoss
from gateway.errors import JournalInvalid
from gateway.ledger import Ledger
from tests.unit.audit.kit import CHARGED_ACCOUNTS, UNCAPPED, Chain, activated, charged, failed, loaded

AGREEMENT = (CHARGED_ACCOUNTS[0], "2026-Q4")
SITE = (CHARGED_ACCOUNTS[2], "2026-Q4")
LIFETIME = (CHARGED_ACCOUNTS[3], "lifetime")


def applied(chain: Chain) -> tuple[Ledger, list[str]]:
    ledger = Ledger()
    return ledger, [text for data in chain.entries for text in ledger.apply(parse(data))]


def chain_with(caps: tuple[int | None, int | None]) -> Chain:
    """An agreement with a cap of 100, a site with these for its quarter and its lifetime; 30 are spent."""
    chain = Chain()
    chain.add(activated(UNCAPPED[0], (CHARGED_ACCOUNTS[2], caps[0]), (CHARGED_ACCOUNTS[3], caps[1])))
    chain.add(loaded(100))
    return chain


def recover(chain: Chain, amounts: dict[tuple[str, str], int], claim: str = SPENT) -> None:
    losses = {key: PrivacyLoss(rho=rho) for key, rho in amounts.items()}
    for note in recovered_notes(claim, chain.head, losses, "uid:0"):
        chain.add(note)


def test_whatever_has_a_cap_must_be_spent_to_it() -> None:
    full = {AGREEMENT: 100, SITE: 50, LIFETIME: 500}
    for left in (None, AGREEMENT, SITE, LIFETIME):
        chain = chain_with((50, 500))
        recover(chain, {key: rho - (key == left) for key, rho in full.items()})
        assert (applied(chain)[1] == []) == (left is None), left
        chain = chain_with((50, 500))
        recover(chain, {key: rho for key, rho in full.items() if key != left})
        assert (applied(chain)[1] == []) == (left is None), left


def test_what_has_no_cap_need_not_be_named() -> None:
    chain = chain_with((None, None))
    recover(chain, {AGREEMENT: 100})
    assert applied(chain)[1] == []


def test_nothing_is_charged_before_the_next_period() -> None:
    chain = chain_with((None, None))
    recover(chain, {AGREEMENT: 100})
    twin = len(chain.entries)
    chain.add(charged(rho=1))
    assert "overspent" in applied(chain)[1][0]
    del chain.entries[twin:]
    chain.head = leaf_hash(chain.entries[-1]).hex()
    chain.when += timedelta(days=100)
    chain.add(charged(rho=1, period="2027-Q1"))
    assert applied(chain)[1] == []


def test_a_balance_is_raised_and_never_lowered() -> None:
    chain = chain_with((None, None))
    chain.add(failed(chain.add(charged(rho=30))))
    recover(chain, {AGREEMENT: 10}, NEWEST)
    assert applied(chain)[0].balance(*AGREEMENT) == PrivacyLoss(rho=30)
    recover(chain, {AGREEMENT: 70}, NEWEST)
    assert applied(chain)[0].balance(*AGREEMENT) == PrivacyLoss(rho=70)


def test_the_claim_that_nothing_is_lost_moves_nothing() -> None:
    chain = chain_with((50, 500))
    chain.add(failed(chain.add(charged(rho=30, cap=100, lines=None))))
    before = applied(chain)[0].spent
    recover(chain, {}, NEWEST)
    assert applied(chain)[0].spent == before


@pytest.mark.parametrize(("accounts", "parts"), [(0, 1), (1, 1), (MOST_ACCOUNTS, 1), (MOST_ACCOUNTS + 1, 2)])
def test_many_accounts_are_several_entries(accounts: int, parts: int) -> None:
    chain = chain_with((None, None))
    amounts = {(f"party/p{n}/adults/quarter", "2026-Q4"): 1 for n in range(max(0, accounts - 1))}
    recover(chain, amounts | ({AGREEMENT: 100} if accounts else {}))
    kinds = [parse(data).kind for data in chain.entries]
    assert kinds.count(EntryKind.RECOVERED) == parts
    assert (applied(chain)[1] == []) == (accounts > 0)


GOOD: dict[str, Any] = {"account": "site/h/adults/quarter", "period": "2026-Q4", "rho": "5", "delta": "0"}


@pytest.mark.parametrize(
    "wrong", [{"account": 1}, {"period": None}, {"rho": "-1"}, {"rho": 5}, {"delta": "1e3"}]
)
def test_a_body_that_is_not_one_is_refused(wrong: dict[str, Any]) -> None:
    def add(**changed: Any) -> None:
        body: dict[str, Any] = {
            "claim": SPENT,
            "head": "a",
            "by": "b",
            "accounts": [GOOD],
            "part": 1,
            "parts": 1,
        }
        Chain().add(Note(kind=EntryKind.RECOVERED, body=body | changed))

    add()
    with pytest.raises(JournalInvalid):
        add(accounts=[GOOD | wrong])
    for other in ({"claim": "all is well"}, {"part": 2}, {"part": 0}, {"accounts": ["x"]}):
        with pytest.raises(JournalInvalid):
            add(**other)
