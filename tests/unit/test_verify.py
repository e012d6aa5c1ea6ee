"""The offline verifier finds what was changed, and nothing where nothing was."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from io import BytesIO
from pathlib import Path

import pytest

from gateway.audit.entry import leaf_hash, parse
from gateway.domain.entry import Charged, EntryKind, Note, Receipt, Replay
from gateway.errors import JournalInvalid
from gateway.verify import export, verify_file, verify_lines
from tests.checks import check_journal
from tests.unit.audit.kit import (
    Chain,
    charged,
    failed,
    noisy,
    open_journal,
    released,
    replayed,
    request,
)


def small_chain() -> Chain:
    chain = Chain()
    release = chain.add(released(chain.add(charged())))
    chain.add(replayed(release))
    chain.add(failed(chain.add(charged(plan="q", rho=5))))
    return chain


def receipt_of(chain: Chain, seq: int) -> Receipt:
    data = chain.entries[seq]
    return Receipt(entry=parse(data).id, seq=seq, leaf_hash=leaf_hash(data).hex())


def ok(path: Path, text: bytes, *receipts: Receipt) -> bool:
    path.write_bytes(text)
    return verify_file(path, receipts=receipts).ok


def test_a_lawful_export(tmp_path: Path) -> None:
    chain = small_chain()
    path = tmp_path / "log.jsonl"
    path.write_bytes(chain.text())
    report = check_journal(path, receipts=[receipt_of(chain, seq) for seq in range(6)])
    assert (report.entries, report.head, report.open) == (6, chain.head, 0)
    assert report.origin == "hospital.example/log"


def test_each_byte_flipped_in_turn_is_found() -> None:
    chain = small_chain()
    text, receipt = chain.text(), receipt_of(chain, 5)
    for at in range(len(text)):
        changed = bytearray(text)
        changed[at] ^= 1 << (at % 8)
        assert not verify_lines(BytesIO(changed), receipts=[receipt]).ok, at
    assert verify_lines(BytesIO(text), receipts=[receipt]).ok  # the twin


EDITS: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "deletion": lambda lines: lines[:2] + lines[3:],
    "deletion of the first": lambda lines: lines[1:],
    "swap": lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]],
    "duplication": lambda lines: [*lines[:3], *lines[2:]],
    "repetition at the end": lambda lines: [*lines, lines[-1]],
    "truncation of the middle": lambda lines: [*lines[:2], lines[2][:20], *lines[3:]],
    "an empty line": lambda lines: [*lines[:2], b"", *lines[2:]],
}


@pytest.mark.parametrize("name", EDITS)
def test_edits_are_found(name: str, tmp_path: Path) -> None:
    lines = small_chain().entries
    path = tmp_path / "log.jsonl"
    assert ok(path, b"".join(line + b"\n" for line in lines))  # the twin
    assert not ok(path, b"".join(line + b"\n" for line in EDITS[name](lines)))


def test_a_cut_end_is_found_by_a_receipt_alone(tmp_path: Path) -> None:
    chain = small_chain()
    cut = b"".join(line + b"\n" for line in chain.entries[:-1])
    assert ok(tmp_path / "log", cut)
    assert not ok(tmp_path / "log", cut, receipt_of(chain, 5))
    assert not ok(tmp_path / "log", chain.text()[:-1])  # not even its last end of line


def test_a_rechained_rewrite_is_found_by_a_receipt_alone(tmp_path: Path) -> None:
    chain, other = small_chain(), Chain()
    release = other.add(released(other.add(charged(rho=1))))
    other.add(replayed(release))
    assert ok(tmp_path / "log", other.text())
    assert not ok(tmp_path / "log", other.text(), receipt_of(chain, 2))


@pytest.mark.parametrize(("rho", "lawful"), [(90, True), (91, False)])
def test_a_forged_overspend_with_a_remade_chain_is_found(rho: int, lawful: bool, tmp_path: Path) -> None:
    chain = Chain()
    chain.add(charged(rho=10, cap=100))
    chain.add(charged(plan="q", rho=rho, cap=100))
    assert ok(tmp_path / "log", chain.text()) == lawful


def test_time_that_runs_back_another_origin_and_another_number(tmp_path: Path) -> None:
    earlier = parse(Chain().entries[0]).time.replace(year=2025)
    for changed in ({"time": earlier}, {"origin": "else"}, {"seq": 3}):
        chain = Chain()
        chain.add(Note(kind=EntryKind.REFUSED))
        assert ok(tmp_path / "log", chain.text())
        chain.add(Note(kind=EntryKind.REFUSED), **changed)
        assert not ok(tmp_path / "log", chain.text())


async def journal_with_a_release(path: Path) -> list[Receipt]:
    journal = open_journal(path)
    claim = await journal.claim(request())
    assert isinstance(claim, Charged)
    receipts = [await journal.release(claim, noisy(claim))]
    replay = await journal.claim(request(request_id="r-2"))
    assert isinstance(replay, Replay)
    receipts.append(replay.receipt)
    journal.close()
    return receipts


DAMAGE = {
    "entry": "UPDATE entries SET data = replace(CAST(data AS TEXT), 'HRESCH', 'TREAT') WHERE seq = 2",
    "entry gone": "DELETE FROM entries WHERE seq = 2",
    "first gone": "DELETE FROM entries WHERE seq = 0",
    "all gone": "DELETE FROM entries",
    "id": "UPDATE entries SET id = zeroblob(16) WHERE seq = 1",
    "request id gone": "UPDATE entries SET scope = NULL WHERE seq = 1",
    "request id of a replay gone": "UPDATE entries SET scope = NULL WHERE seq = 3",
    "another request id": "UPDATE entries SET scope = zeroblob(32) WHERE seq = 1",
    "request id that is not bound": "UPDATE entries SET scope = zeroblob(32) WHERE seq = 2",
    "stored release": "UPDATE releases SET stored = CAST('other' AS BLOB)",
    "stored release gone": "DELETE FROM releases",
}


@pytest.mark.parametrize("name", DAMAGE)
async def test_a_damaged_database_is_found_and_does_not_serve(name: str, tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    receipts = await journal_with_a_release(path)
    check_journal(path, receipts=receipts)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            DAMAGE[name].replace("replace(CAST", "CAST(replace(CAST").replace("'TREAT')", "'TREAT') AS BLOB)")
        )
    assert not verify_file(path).ok
    if name != "all gone":
        with pytest.raises(JournalInvalid):
            open_journal(path)


async def test_every_retry_is_filed_under_its_request_id(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    await journal_with_a_release(path)
    journal = open_journal(path)
    for plan in ("plan-1", "plan-2"):  # before and after the plan has changed
        assert isinstance(await journal.claim(request(plan=plan)), Replay)
    sight = await journal.claim(request(party="south"))
    assert isinstance(sight, Replay) and not sight.own
    journal.close()
    check_journal(path)


FORGED: dict[str, dict[str, object]] = {
    "itself": {},  # the twin
    "another draw": {"draw": "f" * 32},
    "another loss": {"loss": ["11", "0"]},
    "another delta": {"loss": ["10", "1"]},
    "another population": {"population": "children"},
    "no release": {"v": 2},
    "no vectors": {"vectors": [["rows", None, "0x1p0", "1", 7]]},
}


@pytest.mark.parametrize("name", FORGED)
async def test_a_stored_release_is_of_the_draw_and_the_loss_that_were_charged(
    name: str, tmp_path: Path
) -> None:
    """The digest fits what is stored: it was forged before its entry was made."""
    path = tmp_path / "journal.db"
    journal = open_journal(path)
    claim = await journal.claim(request())
    assert isinstance(claim, Charged)
    stored = json.loads(noisy(claim)) | FORGED[name]
    await journal.release(claim, json.dumps(stored).encode())
    journal.close()
    assert verify_file(path).ok == (name == "itself")


async def test_export_says_the_same(tmp_path: Path) -> None:
    path, out = tmp_path / "journal.db", tmp_path / "log.jsonl"
    receipts = await journal_with_a_release(path)
    assert export(path, out) == 4
    there, here = check_journal(path, receipts=receipts), check_journal(out, receipts=receipts)
    assert there == here


def test_files_that_are_no_journal(tmp_path: Path) -> None:
    with pytest.raises(JournalInvalid) as caught:
        verify_file(tmp_path / "absent")
    assert caught.value.reason == "JOURNAL_INVALID"
    (tmp_path / "empty").touch()
    with pytest.raises(JournalInvalid, match="no journal"):
        verify_file(tmp_path / "empty")
    with closing(sqlite3.connect(tmp_path / "newer.db")) as database:
        database.execute("PRAGMA user_version = 2")
    with pytest.raises(JournalInvalid, match="schema 2"):
        verify_file(tmp_path / "newer.db")
    (tmp_path / "noise").write_bytes(b"\x00\xff" * 3_000_000)
    assert not verify_file(tmp_path / "noise").ok
