"""kill -9: under load, at each step of the corridor, and of a served gateway with partners asking.

No answer without its entry, no overspend, no fork; what was open is closed as unknown and stays spent.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.client import Answer, Gateway
from gateway.domain.entry import Charged, EntryKind, Receipt
from gateway.errors import GatewayError, JournalLocked
from tests.checks import check_journal
from tests.e2e.kit import COUNT_SQL, Place, make_place, rewrite, serving
from tests.fire.kit import rounds
from tests.fire.load import loaded, receipts
from tests.fire.steps import ANSWERED, BEFORE_CHARGE, SPENT, STEPS
from tests.flows.conftest import journals_verify as journals_verify  # after each test, every journal
from tests.flows.kit import House
from tests.guards import ROOT
from tests.unit.audit.kit import open_journal, request

CHARGED, RELEASED, FAILED = EntryKind.CHARGED, EntryKind.RELEASED, EntryKind.FAILED
RHO = 10**10  # what one question of the house costs


def test_under_load_no_answer_is_lost_and_nothing_overspent(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    kept: list[Receipt] = []
    for number in rounds(2):
        with loaded(path) as process:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(40 + number % 50)]
            process.send_signal(signal.SIGKILL)
            lines += process.stdout.readlines()
        kept += receipts(lines)
        check_journal(path, receipts=kept)
    assert len(kept) >= 80
    open_journal(path).close()
    assert check_journal(path, receipts=kept).open == 0


async def test_another_process_is_kept_out_until_the_first_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with loaded(path) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        with pytest.raises(JournalLocked) as refused:
            open_journal(path)
        assert refused.value.reason == "JOURNAL_LOCKED"
        process.kill()
    journal = open_journal(path)  # the twin
    assert isinstance(await journal.claim(request(plan="p", query="q", request_id="r", rho=1)), Charged)
    journal.close()


async def test_at_every_step_of_the_corridor(tmp_path: Path) -> None:
    died = subprocess.run(
        [sys.executable, "-m", "tests.fire.steps", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert tuple(died.stdout.split()) == STEPS, died.stderr
    for step in STEPS:
        house = await House.open(tmp_path / step)
        before = house.kinds()
        answer = await house.ask(request_id="r-1")
        spent = house.site_spent
        await house.close()
        if step in BEFORE_CHARGE:
            assert (step, before, answer.replayed, spent) == (step, [], False, RHO)
        elif step in SPENT:  # paid and lost; the retry pays for another draw
            assert (step, before, answer.replayed, spent) == (step, [CHARGED, FAILED], False, 2 * RHO)
        else:
            assert step in ANSWERED
            assert (step, before, answer.replayed, spent) == (step, [CHARGED, RELEASED], True, RHO)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = make_place(tmp_path / "home")
    rewrite(place.agreement, "requests_per_minute: 600, concurrent: 16", BROAD)
    return place


BROAD = "requests_per_minute: 1000000, concurrent: 200"
SQLS = [
    COUNT_SQL.replace("SELECT sex", f"SELECT {key}").replace("GROUP BY sex", f"WHERE {where} GROUP BY {key}")
    for key in ("sex", "region", "class", "age_band")
    for where in ("class = 'EMER'", "class = 'AMB'", "class = 'IMP'", "sex = 'female'", "sex = 'male'")
]
ENOUGH = 40  # answers, before the gateway is killed


def ask(gateway: Gateway, name: str) -> Answer:
    """The question that belongs to a request id."""
    sql = SQLS[int(name.rpartition("-")[2]) % len(SQLS)]
    return gateway.query(sql, rho="0.0001", request_id=name)


def asked_until_killed(gateway: Gateway, kill: Callable[[], None], called: str) -> dict[str, Answer]:
    """Eight callers, until some answers are there and the gateway is killed; what they got, by request id."""
    answers: dict[str, Answer] = {}
    enough = threading.Event()

    def lane(which: int) -> None:
        for n in range(100_000):
            name = f"{called}-{which}-{n}"
            try:
                answers[name] = ask(gateway, name)
            except GatewayError:
                return
            if len(answers) >= ENOUGH:
                enough.set()

    with ThreadPoolExecutor(8) as lanes:
        done = [lanes.submit(lane, which) for which in range(8)]
        try:
            assert enough.wait(60)
        finally:
            kill()
    for future in done:
        future.result()
    return answers


def test_a_served_gateway_killed_while_partners_ask(place: Place) -> None:
    """Each answer's receipt is in the journal, and each answer is given again, the same, at no cost."""
    answers: dict[str, Answer] = {}
    journal = place.site / "journal" / "journal.db"
    for number in rounds(1):
        with serving(place.site) as server, place.asking(server.address) as gateway:
            answers |= asked_until_killed(gateway, server.process.kill, f"round-{number}")
        kept = [
            Receipt(entry=a.receipt.entry, seq=a.receipt.index, leaf_hash=a.receipt.leaf_hash)
            for a in answers.values()
        ]
        check_journal(journal, receipts=kept)
    with serving(place.site) as server, place.asking(server.address) as gateway:
        for name in list(answers)[-ENOUGH:]:
            again = ask(gateway, name)
            assert again.replayed and again.rows == answers[name].rows
        assert server.stop() == 0
    assert check_journal(journal, receipts=kept).open == 0
