"""Many at once through the whole door: one question is drawn once, and a budget for five answers five."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.audit.entry import Entry, parse
from gateway.client import Answer, Gateway
from gateway.domain.entry import EntryKind
from gateway.errors import BudgetExceeded, GatewayError
from gateway.verify import open_read_only, rows
from tests.checks import check_journal
from tests.e2e.kit import COUNT_SQL, Place, make_place, rewrite, serving

MANY = 64


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = make_place(tmp_path / "home")
    rewrite(
        place.agreement,
        "requests_per_minute: 600, concurrent: 16",
        "requests_per_minute: 6000, concurrent: 200",
    )
    yield place
    check_journal(place.site / "journal" / "journal.db")


def entries(place: Place) -> list[Entry]:
    database = open_read_only(place.site / "journal" / "journal.db")
    try:
        return [parse(data) for _seq, _id, data, _scope in rows(database)]
    finally:
        database.close()


def together(work: list[Callable[[], Answer]]) -> list[Answer | GatewayError]:
    def outcome(one: Callable[[], Answer]) -> Answer | GatewayError:
        try:
            return one()
        except GatewayError as error:
            return error

    with ThreadPoolExecutor(len(work)) as threads:
        return list(threads.map(outcome, work))


def test_64_equal_calls_are_one_draw_and_one_charge(place: Place) -> None:
    def ask(gateway: Gateway) -> Answer:
        return gateway.query(COUNT_SQL, share=1)

    with serving(place.site) as server, place.asking(server.address) as gateway:
        outcomes = together([lambda: ask(gateway)] * MANY)
        answers = [outcome for outcome in outcomes if isinstance(outcome, Answer)]
        assert len(answers) == MANY
        assert len({(answer.release, answer.rows) for answer in answers}) == 1
        assert sorted(answer.replayed for answer in answers) == [False] + [True] * (MANY - 1)
        assert not gateway.query(COUNT_SQL, share=2).replayed  # the twin: another draw
        assert server.stop() == 0
    kinds = Counter(entry.kind for entry in entries(place))
    assert (kinds[EntryKind.CHARGED], kinds[EntryKind.RELEASED]) == (2, 2)
    assert kinds[EntryKind.REPLAYED] == MANY - 1


def test_a_budget_for_five_answers_exactly_five_of_forty(place: Place) -> None:
    questions = [
        COUNT_SQL.replace("GROUP", f"WHERE start >= '20{10 + n // 12}-{1 + n % 12:02}-01' GROUP")
        for n in range(40)
    ]

    def ask(sql: str) -> Callable[[], Answer]:
        return lambda: gateway.query(sql, share=19)

    with serving(place.site) as server, place.asking(server.address) as gateway:
        outcomes = together([ask(sql) for sql in questions])
        refused = [outcome for outcome in outcomes if isinstance(outcome, BudgetExceeded)]
        assert len([outcome for outcome in outcomes if isinstance(outcome, Answer)]) == 5, outcomes
        assert len(refused) == 35 and {error.reason for error in refused} == {"AGREEMENT_BUDGET"}
        assert gateway.query(questions[0], share=1).rows  # the twin: what still fits is answered
        assert server.stop() == 0
    kinds = Counter(entry.kind for entry in entries(place))
    assert kinds[EntryKind.CHARGED] == kinds[EntryKind.RELEASED] == 6
