"""Notes over the real door: streamed, cut, resumed, refused; no identifier in any trace but what was sent."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import pytest

from gateway.adapters.file_keys import SiteKeys
from gateway.adapters.snapshots import CREATE_NOTES
from gateway.app import Gateway as Server
from gateway.client import Gateway, NoteBatch, Text
from gateway.config import load
from gateway.errors import (
    DeidentifierUnavailable,
    GatewayError,
    InvalidQuery,
    InvalidRequest,
    LimitExceeded,
    PermissionDenied,
)
from gateway.ports import Deidentifier
from gateway.verify import verify_file
from tests.checks import check_journal
from tests.e2e.kit import PARTY, PURPOSE, SITE, Place, Serving, enrol, make_place, rewrite, serving, until
from tests.flows.notes_house import FakeDeidentifier
from tests.flows.notes_kit import PATIENTS, SNAPSHOT, TABLES, Tables, identity, note, person, store
from tests.unit.client.enrolled import run
from tests.unit.policy.note_sets import FILES
from tests.unit.policy.note_sets import SITE as NAMED

T = TypeVar("T")
CANARY = "Canaryella"
CANARIES = (b"canaryella", b"canaryrow", b"canarytown", b"mrn-canary", b"canary-patient", b"5550199")
PATCH = """
from gateway.rpc.tls_environment import require_tls13_environment

require_tls13_environment()
from gateway import app
from tests.flows.notes_house import FakeDeidentifier


async def workers(keys):
    return FakeDeidentifier()


app.text_workers = lambda settings: workers
"""


def make(home: Path, tables: Tables = TABLES) -> Place:
    """A site with notes, enrolled with two partners."""
    place = make_place(home, data=False)
    policies = place.site / "policies"
    for folder in ("populations", "datasets", "agreements"):
        shutil.rmtree(policies / folder)
    for path, text in FILES.items():
        if not path.startswith("parties/"):
            (policies / path).parent.mkdir(exist_ok=True)
            (policies / path).write_text(text.replace(NAMED, SITE), "utf-8")
    enrol(place, place.home / "college", "college")
    fill(place, tables)
    return place


def fill(place: Place, tables: Tables, snapshot: str = SNAPSHOT) -> None:
    (place.site / "data").mkdir(exist_ok=True, mode=0o700)
    with duckdb.connect(place.site / "data" / f"{snapshot}.duckdb") as database:
        database.execute(CREATE_NOTES)
        for name, rows in tables.items():
            store(database, name, rows)


def asking(place: Place, address: str, *, agreement: str = "notes", party: str = PARTY) -> Gateway:
    folder = place.partner if party == PARTY else place.home / party
    return Gateway(address, folder, agreement=agreement, purpose=PURPOSE)


@asynccontextmanager
async def served(place: Place, fake: Deidentifier | None) -> AsyncIterator[tuple[Server, str]]:
    """A gateway in this process, on a port of its own."""

    async def workers(keys: SiteKeys) -> Deidentifier:
        assert fake is not None
        return fake

    server = await Server.open(place.site, load(place.site), None if fake is None else workers)
    listeners = server.listeners()
    await listeners.start()
    try:
        yield server, f"127.0.0.1:{listeners.port}"
    finally:
        await listeners.stop(5)
        await server.close()


async def elsewhere(work: Callable[[], T]) -> T:
    async with asyncio.timeout(30):
        return await asyncio.to_thread(work)


@contextmanager
def asked_of_a_process(place: Place, patch: str = PATCH) -> Iterator[tuple[Serving, Gateway]]:
    """A gateway of its own process, with the fake in it, and a partner's connection."""
    patches = place.home / "patches"
    patches.mkdir(exist_ok=True)
    (patches / "sitecustomize.py").write_text(patch, "utf-8")
    with serving(place.site, patches=patches) as server, asking(place, server.address) as gateway:
        yield server, gateway


def refused(kind: type[GatewayError], work: Callable[[], Any]) -> str:
    with pytest.raises(kind) as error:
        work()
    assert error.value.entry
    return error.value.reason


FAULTY: tuple[tuple[type[GatewayError], dict[str, Any], str], ...] = (
    (InvalidQuery, {"where": "kind ="}, "SQL_SYNTAX"),
    (InvalidRequest, {"page_size": 501}, "PAGE_SIZE_INVALID"),
    (PermissionDenied, {"columns": ["draft"]}, "NOT_GRANTED"),
)


def asked(gateway: Gateway, given: dict[str, Any]) -> Callable[[], Any]:
    return lambda: list(gateway.notes("notes", **given))


def ids(batches: list[NoteBatch]) -> list[str]:
    return [note.id for batch in batches for note in batch.notes]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return make(tmp_path / "p")


async def test_a_partner_streams_notes_and_each_batch_is_on_record(place: Place) -> None:
    fake = FakeDeidentifier()
    async with served(place, fake) as (_, address):
        with asking(place, address) as gateway:
            batches = await elsewhere(lambda: list(gateway.note_batches("notes", page_size=10)))
            assert [len(batch.notes) for batch in batches] == [10, 10, 10, 10, 2, 0]
            assert batches[-1].next_page_token == ""
            first = batches[0].notes[0]
            assert first.text == "Dear [NAME], number 1."
            assert first.context["written"] == "[DATE]"
            assert first.identifiers == {"NAME": 1}
            assert (batches[0].profile, batches[0].obligations) == ("careful", ("Identify nobody.",))
            some = await elsewhere(
                lambda: list(gateway.notes("notes", where="kind = 'report'", columns=("ward",)))
            )
            assert 0 < len(some) < 42
            assert {tuple(one.context) for one in some} == {("ward",)}
            offered = await elsewhere(lambda: {a.id: a for a in gateway.agreements()})
            terms = [(t.dataset, t.profile, t.rows_per_day) for t in offered["notes"].texts]
            assert terms == [("notes", "careful", 1000), ("", "careful", 500)]
            shown = await elsewhere(lambda: {d.name: d for d in gateway.datasets()})
            columns = {c.name: (c.notes_filter, c.notes_context, c.filter) for c in shown["notes"].columns}
            assert columns["kind"] == (True, True, False)
            assert columns["language"] == (False, False, True)
            assert "body" not in columns and "draft" not in columns
    receipts = [batch.receipt for batch in batches]
    assert verify_file(place.site / "journal" / "journal.db").ok
    assert len({receipt.entry for receipt in receipts}) == len(receipts)


async def test_a_slow_reader_is_waited_for(place: Place) -> None:
    """Long notes: once the transport is full the site makes no more, and goes on when they are read."""
    long = [note(i, "p0", body=f"Dear colleague, {i}. " + "x" * 200_000) for i in range(60)]
    fill(place, {**TABLES, "notes": long}, snapshot="20261103T070000Z-00000001")
    fake = FakeDeidentifier()
    async with served(place, fake) as (_, address):
        with asking(place, address) as gateway:
            stream = gateway.note_batches("notes", page_size=1)
            await elsewhere(lambda: next(stream))
            held = 0
            while len(fake.asked) > held:
                held = len(fake.asked)
                await asyncio.sleep(1.5)
            assert held < 60
            rest = await elsewhere(lambda: list(stream))
            assert len(ids(rest)) == 59
    check_journal(place.site / "journal" / "journal.db")


async def test_whoever_hangs_up_is_counted_out(place: Place) -> None:
    """One call at once: streams that were left while the site waited for their reader do not stay open."""
    rewrite(place.site / "policies" / "agreements" / "notes.yaml", "concurrent: 8", "concurrent: 1")
    long = [note(i, "p0", body=f"Dear colleague, {i}. " + "x" * 200_000) for i in range(60)]
    fill(place, {**TABLES, "notes": long}, snapshot="20261103T070000Z-00000001")
    async with served(place, FakeDeidentifier()) as (_, address):
        for _ in range(3):
            with asking(place, address) as gateway:

                def left(by: Gateway = gateway) -> bool:
                    stream = by.note_batches("notes", page_size=1)
                    try:
                        next(stream)
                    except LimitExceeded as error:
                        assert error.reason == "CONCURRENCY_LIMITED"
                        return False
                    stream.close()  # type: ignore[attr-defined]
                    return True

                async with asyncio.timeout(20):
                    while not await asyncio.to_thread(left):
                        await asyncio.sleep(0.1)
    check_journal(place.site / "journal" / "journal.db")


async def test_refusals_have_stable_reasons_and_entries(place: Place) -> None:
    async with served(place, FakeDeidentifier()) as (_, address):

        def all_of_them() -> None:
            with asking(place, address) as gateway, asking(place, address, party="college") as other:
                token = next(gateway.note_batches("notes", page_size=7)).next_page_token
                assert len(list(gateway.notes("notes", page_size=7))) == 42

                def go_on(by: Gateway, **given: Any) -> Callable[[], Any]:
                    return lambda: next(by.note_batches("notes", page_token=token, **given))

                letters = go_on(gateway, where="kind = 'letter'")
                for foreign in (go_on(other), letters):
                    assert refused(InvalidRequest, foreign) == "PAGE_TOKEN_INVALID"
                assert go_on(gateway, page_size=3)().notes
                assert refused(PermissionDenied, lambda: list(gateway.notes("identities"))) == "NOT_GRANTED"
                for kind, given, reason in FAULTY:
                    assert refused(kind, asked(gateway, given)) == reason
            with asking(place, address, agreement="none") as nobody:
                assert refused(PermissionDenied, lambda: list(nobody.notes("notes"))) == "NO_AGREEMENT"
                assert refused(PermissionDenied, lambda: nobody.deidentify([Text(id="1", text="a")])) == (
                    "NO_AGREEMENT"
                )

        await elsewhere(all_of_them)
    check_journal(place.site / "journal" / "journal.db")


async def test_a_day_that_is_full_ends_a_stream(place: Place) -> None:
    rewrite(place.site / "policies" / "agreements" / "notes.yaml", "rows_per_day: 1000", "rows_per_day: 20")
    async with served(place, FakeDeidentifier()) as (_, address):

        def work() -> None:
            got: list[NoteBatch] = []
            with asking(place, address) as gateway:
                with pytest.raises(LimitExceeded) as error:
                    got.extend(gateway.note_batches("notes", page_size=8))
                assert error.value.reason == "ROWS_PER_DAY"
                assert error.value.entry

        await elsewhere(work)
    check_journal(place.site / "journal" / "journal.db")


async def test_without_processes_both_methods_are_unavailable(place: Place) -> None:
    async with served(place, None) as (_, address):

        def work() -> None:
            with asking(place, address) as gateway:
                assert (
                    refused(DeidentifierUnavailable, lambda: list(gateway.notes("notes")))
                    == "DEIDENTIFIER_UNAVAILABLE"
                )
                refused(DeidentifierUnavailable, lambda: gateway.deidentify([Text(id="1", text="a")]))

        await elsewhere(work)


async def test_own_text_comes_back_with_spans(place: Place) -> None:
    patient = {"resourceType": "Patient", "name": [{"given": ["Ada"], "family": "Lindqvist"}]}
    async with served(place, FakeDeidentifier()) as (_, address):
        with asking(place, address) as gateway:
            done = await elsewhere(
                lambda: gateway.deidentify(
                    [Text(id="a", text="Ada 🙂 Ada", patient=patient), Text(id="b", text="WITHHOLD")]
                )
            )
            large = [Text(id=str(i), text="é" * 7_000) for i in range(64)]
            assert len((await elsewhere(lambda: gateway.deidentify(large))).texts) == 64
            too_large = [Text(id=str(i), text="é" * 9_000) for i in range(64)]
            assert (
                await elsewhere(lambda: refused(InvalidRequest, lambda: gateway.deidentify(too_large)))
                == "MESSAGE_TOO_LONG"
            )
    (text,) = done.texts
    assert text.text == "[NAME] 🙂 [NAME]"
    assert [(span.start, span.end, span.type, span.source) for span in text.spans] == [
        (0, 3, "NAME", "record"),
        (6, 9, "NAME", "record"),
    ]
    assert [(one.id, one.reason) for one in done.withheld] == [("b", "DETECTOR_FAILED")]
    check_journal(place.site / "journal" / "journal.db")


def test_a_server_that_is_killed_is_asked_again_and_each_note_comes_once(tmp_path: Path) -> None:
    place = make(tmp_path / "p", {**TABLES, "notes": [note(i, PATIENTS[i % 5]) for i in range(300)]})
    got: list[NoteBatch] = []
    with asked_of_a_process(place) as (server, gateway):
        stream = gateway.note_batches("notes", page_size=10)
        got += [next(stream) for _ in range(3)]
        server.process.kill()
        server.process.wait()
        got += drained(stream)
    before = ids(got)
    assert 30 <= len(before) < 300
    with asked_of_a_process(place) as (_, gateway):
        rest = list(gateway.note_batches("notes", page_size=10, page_token=got[-1].next_page_token))
    after = ids(rest)
    assert not set(before) & set(after)
    assert len(set(before + after)) == 300
    check_journal(place.site / "journal" / "journal.db")


def drained(stream: Any) -> list[NoteBatch]:
    """What was under way when the server was killed; the client gives up after a few tries."""
    found = []
    try:
        for batch in stream:
            found.append(batch)
    except GatewayError as error:
        assert error.status == "UNAVAILABLE"
    return found


def test_a_stream_whose_deadline_passes_goes_on_by_itself(tmp_path: Path) -> None:
    place = make(tmp_path / "p")
    path = place.site / "policies" / "agreements" / "notes.yaml"
    rewrite(path, "rows_per_minute: 600000", "rows_per_minute: 600")  # ten a second
    with asked_of_a_process(place) as (_, gateway):
        notes = list(gateway.note_batches("notes", page_size=5, timeout=1.5))
    assert len(set(ids(notes))) == len(ids(notes)) == 42


def test_the_command_writes_a_file_and_goes_on_where_it_was(tmp_path: Path) -> None:
    place = make(tmp_path / "p")
    path = place.site / "policies" / "agreements" / "notes.yaml"
    rewrite(path, "rows_per_day: 1000", "rows_per_day: 20")
    out = tmp_path / "notes.jsonl"

    def command(address: str, *words: str) -> tuple[int, str, str]:
        who: tuple[str | Path, ...] = ("--at", address, "--as", place.partner, "--agreement", "notes")
        return run("notes", *who, "--purpose", PURPOSE, "--page-size", "8", *words, out)

    with asked_of_a_process(place) as (server, _):
        code, said, noted = command(server.address)
        assert (code, said) == (75, "")
        assert "ROWS_PER_DAY" in noted and "20 notes are in" in noted
        rewrite(path, "rows_per_day: 20", "rows_per_day: 1000")
        server.reload()
        assert "NOTES_FILE_OTHER" in command(server.address, "--where", "kind = 'letter'")[2]
        code, said, noted = command(server.address)
        assert (code, said.strip()) == (0, str(out))
        assert "going on after 20 notes" in noted and "42 notes" in noted and "Identify nobody." in noted
        assert "NOTES_FILE_EXISTS" in command(server.address)[2]
    found = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert len({line["id"] for line in found}) == len(found) == 42
    assert found[0]["text"].startswith("Dear [NAME]")
    assert not (tmp_path / "notes.jsonl.state").exists()


def test_no_identifier_is_in_any_trace(tmp_path: Path) -> None:
    """Canaries in text, keys and records; streams that succeed, withhold and fail; every trace is read."""
    tables: Tables = {
        "people": [person("canary-patient")],
        "conditions": [],
        "notes": [
            note(1, "canary-patient", note_id="CanaryRow-1", body=f"{CANARY} of Canarytown, 5550199."),
            note(2, "canary-patient", note_id="CanaryRow-2", body=f"WITHHOLD {CANARY}"),
            note(3, "canary-patient", note_id="CanaryRow-3", body=f"BEYOND {CANARY}"),
        ],
        "identities": [
            identity(
                "canary-patient",
                given=CANARY,
                mrn="MRN-canary",
                town="Canarytown",
                phone="5550199",
                family="x",
            )
        ],
    }
    place = make(tmp_path / "p", tables)
    place.set("log: debug")
    raising = PATCH.replace(
        "return FakeDeidentifier()",
        "fake = FakeDeidentifier()\n    keep = fake._outcome\n\n"
        "    def leaky(document):\n        if 'RAISE' in document.text:\n"
        "            raise ValueError(document.text)\n        return keep(document)\n\n"
        "    fake._outcome = leaky\n    return fake",
    )
    said: list[str] = []
    with asked_of_a_process(place, raising) as (server, gateway):
        batches = list(gateway.note_batches("notes"))
        assert len(batches[0].notes) == 1
        assert {one.reason for one in batches[0].withheld} == {
            "DETECTOR_FAILED",
            "DEIDENTIFICATION_FAILED",
        }
        # What the fake does not find in the text is not the door's to find; all else must be clean.
        said.append(repr([(batch.withheld, batch.next_page_token, batch.receipt) for batch in batches]))
        said.append(repr([(n.id, n.context, n.identifiers) for b in batches for n in b.notes]))
        for where in (f"kind = '{CANARY}'", f"kind = {CANARY}", "kind = 'letter' AND"):
            with pytest.raises(GatewayError):
                list(gateway.notes("notes", where=where))
        done = gateway.deidentify([Text(id=CANARY, text=f"RAISE {CANARY}")])
        assert [one.reason for one in done.withheld] == ["DEIDENTIFICATION_FAILED"]
        until(lambda: server.seen("disclosure_failed"))
        server.stop()
    traces = [text.encode() for text in said]
    for folder in ("journal", "run", "heads"):
        traces += [path.read_bytes() for path in (place.site / folder).rglob("*") if path.is_file()]
    assert any(b"Disclosed" in trace for trace in traces)
    for trace in traces:
        for canary in CANARIES:
            assert canary not in trace.lower(), canary
    check_journal(place.site / "journal" / "journal.db")
