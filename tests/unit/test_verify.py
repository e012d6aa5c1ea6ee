"""The offline verifier finds what was changed, and nothing where nothing was."""

from __future__ import annotations

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
from tests.unit.audit.kit import Chain, charged, failed, open_journal, released, replayed, request


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
    receipts = [await journal.release(claim, b"noisy")]
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
