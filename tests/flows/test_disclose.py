"""Notes leave: each step in its order, each law with the twin that shows it can fail."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gateway.audit.entry import stored_digest
from gateway.domain.deid import Deidentified
from gateway.domain.entry import EntryKind
from gateway.errors import (
    AuditUnavailable,
    ClockUntrusted,
    DeidentifierUnavailable,
    DisclosureFailed,
    GatewayError,
    InvalidQuery,
    InvalidRequest,
    LimitExceeded,
    PermissionDenied,
    SourceUnavailable,
)
from gateway.flows.deidentify import MOST_DOCUMENTS, MOST_TEXT, OwnText
from gateway.flows.disclose import stream_notes
from gateway.flows.prepare_notes import NotesRequest
from gateway.flows.texts import content_of
from tests.checks import check_journal
from tests.flows.fakes import watch
from tests.flows.kit import who
from tests.flows.notes_house import FAR, HOUSE_FILES, NotesHouse, ids
from tests.flows.notes_kit import TABLES, duck, identity, memory, note


@pytest.fixture(params=["memory", "duckdb"])
async def notes(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[NotesHouse]:
    engine = memory() if request.param == "memory" else duck(tmp_path / "data")
    opened = await NotesHouse.open(tmp_path / "house", engine)
    yield opened
    await opened.house.close()
    check_journal(opened.house.path)


@pytest.fixture
async def quick(tmp_path: Path) -> AsyncIterator[NotesHouse]:
    opened = await NotesHouse.open(tmp_path / "house")
    yield opened
    await opened.house.close()
    check_journal(opened.house.path)


def swapped(house: NotesHouse, *rows: Any, **tables: Any) -> None:
    """Other notes in the place of the usual ones."""
    house.house.site.engine = memory({**TABLES, "notes": rows, **tables})


async def reason_of(work: Any) -> str:
    with pytest.raises(GatewayError) as refused:
        await work
    return refused.value.reason


async def test_every_note_comes_once_with_its_context_de_identified(notes: NotesHouse) -> None:
    batches = await notes.stream(page_size=10)
    assert [len(batch.notes) for batch in batches] == [10, 10, 10, 10, 2, 0]
    assert len(set(ids(batches))) == 42
    assert [bool(batch.next_page_token) for batch in batches] == [True] * 5 + [False]
    first = batches[0].notes[0]
    assert first.text == "Dear [NAME], number 1."
    assert first.context == {
        "kind": "letter",
        "patient_id": "[ID]",
        "ward": "[LOCATION]",
        "written": "[DATE]",
    }
    assert len(first.id) == 32
    assert not any("n0001" in text or "p1" in text for text in (first.id, first.text))
    assert notes.fake.profiles == {"careful"}


async def test_what_the_detectors_get(quick: NotesHouse) -> None:
    await quick.stream(where="kind = 'letter'", page_size=1, most=1)
    first = quick.fake.asked[0]
    assert first.record is not None
    assert first.record.names[0].family == ("Lindqvist",)
    assert (first.realm, first.subject) == ("notes of notes", "patients/p1")
    assert "n0001" not in first.id
    assert first.language == "en"


async def test_names_of_notes_are_keyed_only_where_the_profile_is(quick: NotesHouse) -> None:
    first, second = ids(await quick.stream()), ids(await quick.stream())
    assert first == second
    path = "profiles/careful.yaml"
    unkeyed = HOUSE_FILES[path].replace("{DATE: shift, ID: pseudonym, NAME: redact}", "{NAME: redact}")
    assert unkeyed != HOUSE_FILES[path]
    await quick.house.load({**HOUSE_FILES, path: unkeyed})
    third, fourth = ids(await quick.stream()), ids(await quick.stream())
    assert len({*first, *third, *fourth}) == 3 * 42


async def test_a_language_is_told_by_its_primary_subtag(quick: NotesHouse) -> None:
    tags = ("en-GB", "ZH_hans", "es", None)
    swapped(quick, *(note(i, "p0", language=tag) for i, tag in enumerate(tags)))
    await quick.stream()
    await quick.own(OwnText(id="1", text="a", language="de-CH"), OwnText(id="2", text="a"))
    assert [document.language for document in quick.fake.asked] == ["en", "zh", "es", "en", "de", ""]


async def test_each_batch_has_its_entry_and_no_value_is_in_it(notes: NotesHouse) -> None:
    batches = await notes.stream(page_size=30)
    entries = [entry for entry in notes.house.entries() if entry.kind is EntryKind.DISCLOSED]
    assert [entry.id for entry in entries] == [batch.receipt.entry for batch in batches]
    assert [entry.note.cells for entry in entries] == [30, 12, 0]
    first, subject = entries[0], entries[0].note.subject
    assert (subject.operation, subject.dataset, subject.agreement) == ("notes", "notes", "notes")
    assert subject.snapshot == notes.house.site.engine.snapshot
    assert first.body["types"] == {"NAME": 30}
    assert (first.body["rows"], first.body["withheld"], first.body["limit"]) == (30, 0, 1000)
    assert (first.body["profile"], first.body["grant"]) == ("careful", "letters")
    outcomes = list(batches[0].notes)
    assert first.body["digest"] == stored_digest(first.text("salt"), content_of(outcomes))
    other = [replace(outcomes[0], text="x"), *outcomes[1:]]
    assert first.body["digest"] != stored_digest(first.text("salt"), content_of(other))
    data = b"".join(data for _, data in notes.house.journal.entries(0, 1000))
    for value in ("Lindqvist", "n0001", "MRN-p1", "555 0142", "colleague", outcomes[0].id, '"p1"'):
        assert value.encode() not in data


async def test_the_order_of_a_batch(quick: NotesHouse) -> None:
    journal, engine = watch(quick.house)
    stream = quick.stream(page_size=30, most=1)
    journal.gates["disclose"] = asyncio.Event()
    task = asyncio.create_task(stream)
    await asyncio.sleep(0.05)
    assert not task.done()  # read and de-identified, and not out before its entry
    assert "read" in engine.events and "disclosed" not in engine.events
    journal.gates["disclose"].set()
    (batch,) = await task
    assert batch.notes and "disclosed" in engine.events
    # One batch is made ahead of the one that leaves, and never a third.
    assert engine.events.count("read") <= 2


async def test_nothing_leaves_where_the_journal_cannot_be_written(quick: NotesHouse) -> None:
    journal, _ = watch(quick.house)
    journal.broken.add("disclose")
    with pytest.raises(AuditUnavailable):
        await quick.stream()
    assert quick.disclosures == []
    journal.broken.clear()
    assert len(ids(await quick.stream())) == 42


@pytest.mark.parametrize(
    ("text", "stable"),
    [
        ("WITHHOLD this", "DETECTOR_FAILED"),
        ("ANOTHER id", "DEIDENTIFICATION_FAILED"),
        ("BEYOND the end", "DEIDENTIFICATION_FAILED"),
        ("MORE than was asked", "DEIDENTIFICATION_FAILED"),
        ("HALF a pair", "DEIDENTIFICATION_FAILED"),
        (None, "NO_TEXT"),
        ("x" * 1_000_001, "TOO_LARGE"),
        ("as it should be", None),
    ],
)
async def test_a_note_that_cannot_be_de_identified_is_withheld(
    quick: NotesHouse, text: str | None, stable: str | None
) -> None:
    swapped(quick, note(1, "p0"), note(2, "p0", body=text), note(3, "p0"))
    batches = await quick.stream()
    assert len(batches[0].notes) == (3 if stable is None else 2)
    assert [one.reason for one in batches[0].withheld] == ([] if stable is None else [stable])
    body = quick.disclosures[0]
    assert body["rows"] == 3
    assert body["reasons"] == ({} if stable is None else {stable: 1})


async def test_a_note_whose_record_is_missing_is_withheld(quick: NotesHouse) -> None:
    swapped(quick, note(1, "p0"), note(2, "p1"), identities=[identity("p1")])
    batch = (await quick.stream())[0]
    assert len(batch.notes) == 1
    assert [one.reason for one in batch.withheld] == ["RECORD_MISSING"]


@pytest.mark.parametrize("how", ["short", "raising"])
async def test_a_batch_that_fails_whole_is_withheld_whole(
    quick: NotesHouse, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    if how == "short":
        quick.fake.short = True
    else:
        quick.fake.raising = ValueError("Lindqvist")
    batch = (await quick.stream(page_size=500))[0]
    assert batch.notes == ()
    assert {one.reason for one in batch.withheld} == {"DEIDENTIFICATION_FAILED"}
    assert len(batch.withheld) == 42
    assert "Lindqvist" not in caplog.text


async def test_without_processes_nothing_is_read_or_recorded(quick: NotesHouse) -> None:
    quick.fake.down = True
    with pytest.raises(DeidentifierUnavailable):
        await quick.stream()
    assert quick.disclosures == []
    quick.house.site.disclosing = None
    _, engine = watch(quick.house)
    with pytest.raises(DeidentifierUnavailable):
        await quick.stream()
    with pytest.raises(DeidentifierUnavailable):
        await quick.own(OwnText(id="1", text="a"))
    assert engine.events == []


async def test_a_read_that_fails_sends_nothing_and_says_nothing(quick: NotesHouse) -> None:
    def fail() -> None:
        raise DisclosureFailed

    watch(quick.house, fail)
    with pytest.raises(DisclosureFailed):
        await quick.stream()
    assert quick.disclosures == []


@pytest.mark.parametrize(
    ("given", "kind", "stable"),
    [
        ({"agreement": "none"}, PermissionDenied, "NO_AGREEMENT"),
        ({"dataset": "identities"}, PermissionDenied, "NOT_GRANTED"),
        ({"where": "language = 'en'"}, PermissionDenied, "NOT_GRANTED"),
        ({"columns": ("draft",)}, PermissionDenied, "NOT_GRANTED"),
        ({"where": "kind = 'lettre'"}, InvalidQuery, "VALUE_UNKNOWN"),
        ({"where": "kind ="}, InvalidQuery, "SQL_SYNTAX"),
        ({"page_size": 501}, InvalidRequest, "PAGE_SIZE_INVALID"),
        ({"page_size": -1}, InvalidRequest, "PAGE_SIZE_INVALID"),
        ({"page_token": "x"}, InvalidRequest, "PAGE_TOKEN_INVALID"),
    ],
)
async def test_a_refused_request_touches_no_data(
    quick: NotesHouse, given: dict[str, Any], kind: type[GatewayError], stable: str
) -> None:
    _, engine = watch(quick.house)
    with pytest.raises(kind) as refused:
        await quick.stream(**given)
    assert refused.value.reason == stable
    assert engine.events == []
    twin: dict[str, Any] = {"where": "kind = 'letter'", "columns": ("kind",), "page_size": 500}
    assert ids(await quick.stream(**twin))


async def test_a_table_that_is_not_there_is_unavailable(quick: NotesHouse) -> None:
    quick.house.site.engine = memory({**{n: r for n, r in TABLES.items() if n != "identities"}})
    with pytest.raises(SourceUnavailable):
        await quick.stream()


# -- page tokens


async def test_a_stream_that_was_cut_goes_on_after_the_last_batch(notes: NotesHouse) -> None:
    whole = ids(await notes.stream(page_size=7))
    for most in (1, 2, 5):
        before = await notes.stream(page_size=7, most=most)
        after = await notes.stream(page_size=7, page_token=before[-1].next_page_token)
        assert ids(before) + ids(after) == whole
    other = await notes.stream(page_size=3, page_token=before[-1].next_page_token)
    assert ids(before) + ids(other) == whole  # with pages of another size too


async def test_a_token_is_for_one_party_agreement_purpose_and_request(quick: NotesHouse) -> None:
    token = (await quick.stream(page_size=7, most=1))[0].next_page_token
    again: dict[str, Any] = {"page_size": 7, "page_token": token}
    for given in (
        {"where": "kind = 'letter'"},
        {"columns": ("kind",)},
        {"party": "college"},
        {"page_token": token[:-2] + ("AA" if token[-2:] != "AA" else "BB")},
        {"page_token": token + "AA"},
        {"page_token": "é" + token},
    ):
        assert await reason_of(quick.stream(**{**again, **given})) == "PAGE_TOKEN_INVALID"
    assert len(ids(await quick.stream(**again))) == 35


async def test_a_token_expires(quick: NotesHouse) -> None:
    token = (await quick.stream(page_size=7, most=1))[0].next_page_token
    quick.house.clock.move(days=6.9)
    assert ids(await quick.stream(page_token=token))
    quick.house.clock.move(days=0.2)
    assert await reason_of(quick.stream(page_token=token)) == "PAGE_TOKEN_EXPIRED"


async def test_a_token_does_not_outlive_what_it_was_made_for(quick: NotesHouse) -> None:
    token = (await quick.stream(page_size=7, most=1))[0].next_page_token
    for path, old, new in (
        ("profiles/careful.yaml", "NAME: redact", "NAME: surrogate"),
        ("agreements/notes.yaml", 'where: "draft = FALSE"', "where: \"kind = 'letter'\""),
        ("datasets/notes.yaml", "identifies: LOCATION", "identifies: ORGANIZATION"),
    ):
        assert HOUSE_FILES[path].count(old) == 1
        await quick.house.load({**HOUSE_FILES, path: HOUSE_FILES[path].replace(old, new)})
        assert await reason_of(quick.stream(page_token=token)) == "PAGE_TOKEN_INVALID"
    await quick.house.load(HOUSE_FILES)
    assert ids(await quick.stream(page_token=token))


async def test_a_new_snapshot_goes_on_where_the_old_one_ended(quick: NotesHouse) -> None:
    first = await quick.stream(page_size=7, most=1)
    more = [*TABLES["notes"], note(99, "p0"), note(0, "p1", note_id="a-before")]
    quick.house.site.engine = memory({**TABLES, "notes": more}, snapshot="20261103T070000Z-00000002")
    rest = await quick.stream(page_size=7, page_token=first[0].next_page_token)
    assert len(set(ids(first + rest))) == 43  # the new last one; the one before the place is not seen
    assert {batch.snapshot for batch in rest} == {"20261103T070000Z-00000002"}


async def test_a_page_of_an_old_snapshot_is_read_again_before_it_leaves(quick: NotesHouse) -> None:
    """A consent that was withdrawn meanwhile holds at once, however slowly the caller reads."""
    asked = NotesRequest(agreement="notes", dataset="notes", page_size=7)
    stream = stream_notes(quick.house.site, who("university"), asked, until=FAR)
    first = await anext(stream)
    await asyncio.sleep(0.05)  # the next batch is made, and waits
    quick.house.site.engine = memory({**TABLES, "notes": []}, snapshot="20261103T070000Z-00000002")
    rest = [batch async for batch in stream]
    assert len(ids([first])) == 7
    assert [(ids([batch]), batch.snapshot) for batch in rest] == [([], "20261103T070000Z-00000002")]


async def test_policies_that_change_stop_a_stream_before_its_next_batch(quick: NotesHouse) -> None:
    ended = HOUSE_FILES["agreements/notes.yaml"].replace("status: active", "status: suspended")
    asked = NotesRequest(agreement="notes", dataset="notes", page_size=7)
    stream = stream_notes(quick.house.site, who("university"), asked, until=FAR)
    assert (await anext(stream)).notes
    await asyncio.sleep(0.05)  # the next batch is made, and waits
    await quick.house.load({**HOUSE_FILES, "agreements/notes.yaml": ended})
    with pytest.raises(PermissionDenied) as refused:
        await anext(stream)
    assert refused.value.reason == "AGREEMENT_NOT_ACTIVE"
    assert len(quick.disclosures) == 1


async def test_policies_that_change_between_decision_and_entry_stop_the_entry(quick: NotesHouse) -> None:
    journal, _ = watch(quick.house)
    journal.gates["disclose"] = asyncio.Event()
    task = asyncio.create_task(quick.stream(page_size=7))
    await asyncio.sleep(0.05)
    await quick.house.load(limited(999))
    journal.gates["disclose"].set()
    assert await reason_of(task) == "CAPS_CHANGED"
    assert quick.disclosures == []
    assert ids(await quick.stream(page_size=7))


async def test_a_stream_ends_in_time_with_a_token(quick: NotesHouse) -> None:
    batches = await quick.stream(page_size=7, until=0.0)
    assert len(batches) == 1
    assert batches[0].next_page_token


# -- limits


def limited(rows: int, per_minute: int = 600000) -> dict[str, str]:
    path, old = "agreements/notes.yaml", "rows_per_day: 1000, rows_per_minute: 600000"
    assert HOUSE_FILES[path].count(old) == 1
    new = f"rows_per_day: {rows}, rows_per_minute: {per_minute}"
    return {**HOUSE_FILES, path: HOUSE_FILES[path].replace(old, new)}


async def test_a_day_has_so_many_rows_for_each_recipient(quick: NotesHouse) -> None:
    await quick.house.load(limited(20))
    with pytest.raises(LimitExceeded) as refused:
        await quick.stream(page_size=7)
    assert refused.value.reason == "ROWS_PER_DAY"
    assert [body["rows"] for body in quick.disclosures] == [7, 7, 6]
    assert len(ids(await quick.stream(page_size=7, party="college", most=2))) == 14
    assert await reason_of(quick.stream()) == "ROWS_PER_DAY"
    quick.house.clock.move(days=0.7)  # 08:00 becomes the next day
    assert ids(await quick.stream(page_size=7, most=1))


async def test_withheld_notes_count(quick: NotesHouse) -> None:
    await quick.house.load(limited(2))
    swapped(quick, note(1, "p0", body=None), note(2, "p0", body=None), note(3, "p0"))
    assert await reason_of(quick.stream(page_size=2)) == "ROWS_PER_DAY"
    assert [body["rows"] for body in quick.disclosures] == [2]


async def test_streams_side_by_side_cannot_exceed_a_day(quick: NotesHouse) -> None:
    await quick.house.load(limited(50))
    found = await asyncio.gather(*(quick.stream(page_size=9) for _ in range(6)), return_exceptions=True)
    assert all(isinstance(one, LimitExceeded) for one in found)
    rows = sum(int(str(body["rows"])) for body in quick.disclosures)
    assert 50 - 9 < rows <= 50


async def test_a_restart_does_not_refill_the_day(tmp_path: Path) -> None:
    first = await NotesHouse.open(tmp_path / "house", files=limited(20))
    await first.stream(page_size=10, most=1)
    clock = first.house.clock
    await first.house.close()
    again = await NotesHouse.open(tmp_path / "house", files=limited(20))
    assert again.house.clock.when == clock.when
    with pytest.raises(LimitExceeded):
        await again.stream(page_size=10)
    assert [body["rows"] for body in again.disclosures] == [10, 10]
    await again.house.close()
    check_journal(again.house.path)


async def test_rows_are_paced(quick: NotesHouse) -> None:
    await quick.house.load(limited(1000, per_minute=3000))  # 50 a second
    began = quick.house.site.grid.now()
    assert len(ids(await quick.stream(page_size=10))) == 42
    took = quick.house.site.grid.now() - began
    assert 0.7 < took < 5.0


async def test_an_unconfirmed_clock_lets_nothing_leave(quick: NotesHouse) -> None:
    quick.house.clock.jump(days=1)
    with pytest.raises(ClockUntrusted):
        await quick.stream()
    assert quick.disclosures == []
    assert quick.house.last().kind is EntryKind.CLOCK_JUMP


async def test_whoever_hangs_up_leaves_nothing_behind(quick: NotesHouse) -> None:
    await quick.stream(page_size=7, most=2)
    async with asyncio.timeout(5):
        await quick.house.site.drained()
    assert len(quick.disclosures) == 2


# -- text of the caller's own

ADA = json.dumps({"resourceType": "Patient", "name": [{"given": ["Ada"], "family": "Lindqvist"}]})


async def test_own_text_is_de_identified_and_recorded(quick: NotesHouse) -> None:
    done = await quick.own(
        OwnText(id="mrn 12", text="Ada came.", patient=ADA, subject="s"),
        OwnText(id="2", text="WITHHOLD", language="en"),
    )
    first, second = done.outcomes
    assert isinstance(first, Deidentified)
    assert (first.id, first.text, second.id) == ("mrn 12", "[NAME] came.", "2")
    (body,) = quick.disclosures
    assert (body["rows"], body["withheld"], body["types"], body["grant"]) == (2, 1, {"NAME": 1}, "own")
    entry = quick.house.last()
    assert (entry.note.subject.operation, entry.note.subject.dataset) == ("deidentify", "")
    assert done.receipt.entry == entry.id
    assert b"mrn 12" not in b"".join(data for _, data in quick.house.journal.entries(0, 1000))
    assert [document.subject for document in quick.fake.asked] == ["s", ""]
    assert {document.realm for document in quick.fake.asked} == {"texts of university under notes"}


@pytest.mark.parametrize(
    ("texts", "stable"),
    [
        ([], "TEXTS_INVALID"),
        ([OwnText(id=str(i), text="a") for i in range(MOST_DOCUMENTS + 1)], "TEXTS_INVALID"),
        ([OwnText(id="1", text="a"), OwnText(id="1", text="b")], "TEXTS_INVALID"),
        ([OwnText(id="", text="a")], "TEXTS_INVALID"),
        ([OwnText(id="1", text="a" * (MOST_TEXT + 1))], "TEXT_TOO_LARGE"),
        ([OwnText(id="1", text="a", patient="{")], "PATIENT_INVALID"),
        ([OwnText(id="1", text="a", patient="[" * 100_000)], "PATIENT_INVALID"),
        ([OwnText(id="1", text="a", patient='{"resourceType": "Practitioner"}')], "PATIENT_INVALID"),
    ],
)
async def test_own_text_has_its_limits(quick: NotesHouse, texts: list[OwnText], stable: str) -> None:
    assert await reason_of(quick.own(*texts)) == stable
    assert quick.fake.asked == []
    most = [OwnText(id=str(i), text="a" * (MOST_TEXT if i == 0 else 1)) for i in range(MOST_DOCUMENTS)]
    assert len((await quick.own(*most)).outcomes) == MOST_DOCUMENTS


async def test_own_text_has_a_day_of_its_own(quick: NotesHouse) -> None:
    path = "agreements/notes.yaml"
    await quick.house.load(
        {**HOUSE_FILES, path: HOUSE_FILES[path].replace("rows_per_day: 500", "rows_per_day: 3")}
    )
    two = [OwnText(id="1", text="a"), OwnText(id="2", text="b")]
    await quick.own(*two)
    assert await reason_of(quick.own(*two)) == "ROWS_PER_DAY"
    await quick.own(two[0])
    assert ids(await quick.stream())  # notes count apart


async def test_a_late_birthday_is_a_day_of_the_record(quick: NotesHouse) -> None:
    swapped(
        quick,
        note(1, "p0"),
        identities=[identity("p0"), identity("p0", line="z", born=date(1950, 6, 16))],
    )
    await quick.stream()
    (document,) = quick.fake.asked
    assert document.record is not None
    assert document.record.dates == (date(1950, 6, 16),)
