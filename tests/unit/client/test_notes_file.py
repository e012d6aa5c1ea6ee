"""An export that is cut at any moment: every note once, nothing overwritten, nothing mixed."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.client.answer import Receipt
from gateway.client.notes_file import NotesFile
from gateway.client.records import Note, NoteBatch, Withheld, batches, notes_request
from gateway.errors import ConfigInvalid, GatewayError, PermissionDenied, ServerUnavailable
from gateway.v1 import record_pb2

ASKED = {"agreement": "a", "where": ""}


def batch(*numbers: int, withheld: int | None = None, last: bool = False) -> NoteBatch:
    return NoteBatch(
        notes=tuple(Note(id=f"n{i}", text=f"text {i} é\n", language="en") for i in numbers),
        withheld=() if withheld is None else (Withheld(id=f"n{withheld}", reason="NO_TEXT"),),
        next_page_token="" if last else f"after {max(numbers)}",
        receipt=Receipt(entry="e", index=1, leaf_hash="h"),
        profile="p",
        profile_digest="d",
        snapshot="s",
        obligations=(),
    )


def lines(path: Path) -> list[str]:
    return [json.loads(line)["id"] for line in path.read_text("utf-8").splitlines()]


def test_a_whole_export_leaves_one_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "notes.jsonl"
    with NotesFile(path, ASKED) as file:
        file.append(batch(1, 2, withheld=3))
        file.append(batch(last=True))
        assert (file.notes, file.withheld) == (2, 1)
    assert [p.name for p in tmp_path.iterdir()] == ["notes.jsonl"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    first, _, third = (json.loads(line) for line in path.read_text("utf-8").splitlines())
    assert first == {"id": "n1", "text": "text 1 é\n", "language": "en", "context": {}, "identifiers": {}}
    assert third == {"id": "n3", "withheld": "NO_TEXT"}


@pytest.mark.parametrize("torn", [b"", b'{"id": "n9', b'{"id": "n9"}\n'])
def test_what_is_beyond_the_state_is_dropped(tmp_path: Path, torn: bytes) -> None:
    """The process may die after any write: lines without their state are asked for again."""
    path = tmp_path / "notes.jsonl"
    with NotesFile(path, ASKED) as file:
        file.append(batch(1, 2))
    with path.open("ab") as stream:
        stream.write(torn)
    with NotesFile(path, ASKED) as file:
        assert (file.resumed, file.page_token, file.notes) == (True, "after 2", 2)
        file.append(batch(3, last=True))
    assert lines(path) == ["n1", "n2", "n3"]


def test_before_the_first_batch_it_begins_again(tmp_path: Path) -> None:
    path = tmp_path / "notes.jsonl"
    NotesFile(path, ASKED).__exit__(None, None, None)
    with NotesFile(path, ASKED) as file:
        assert (file.resumed, file.page_token) == (False, "")


def refused(path: Path, asked: dict[str, str] = ASKED) -> str:
    with pytest.raises(ConfigInvalid) as error:
        NotesFile(path, asked)
    return error.value.reason


def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "notes.jsonl"
    path.write_text("mine")
    assert refused(path) == "NOTES_FILE_EXISTS"
    assert path.read_text() == "mine"
    with NotesFile(tmp_path / "other.jsonl", ASKED) as file:
        file.append(batch(1, last=True))
    assert refused(tmp_path / "other.jsonl") == "NOTES_FILE_EXISTS"


def test_a_state_goes_on_for_its_own_request_and_file(tmp_path: Path) -> None:
    path = tmp_path / "notes.jsonl"
    with NotesFile(path, ASKED) as file:
        file.append(batch(1, 2))
    assert refused(path, {**ASKED, "where": "x = 1"}) == "NOTES_FILE_OTHER"
    state = path.with_name("notes.jsonl.state")
    whole = state.read_text()
    for text in ("", "[]", whole.replace('"size"', '"siza"'), "[" * 10_000):
        state.write_text(text)
        assert refused(path) == "NOTES_FILE_OTHER"
    state.write_text(whole)
    content = path.read_bytes()
    path.write_bytes(content[:-5])
    assert refused(path) == "NOTES_FILE_SHORT"
    path.write_bytes(content)
    with NotesFile(path, ASKED) as file:
        assert file.resumed


# -- the stream that goes on by itself


def message(number: int, last: bool = False) -> record_pb2.StreamNotesResponse:
    note = record_pb2.Note(id=f"n{number}", text="t")
    return record_pb2.StreamNotesResponse(notes=[note], next_page_token="" if last else str(number))


def run(
    *streams: list[record_pb2.StreamNotesResponse | GatewayError],
) -> tuple[list[str], list[str], list[int]]:
    """What came, the tokens that were asked with, and what was said of errors."""
    waiting, tokens, tries = list(streams), list[str](), list[int]()

    def open_stream(request: record_pb2.StreamNotesRequest) -> Iterator[record_pb2.StreamNotesResponse]:
        tokens.append(request.page_token)
        for item in waiting.pop(0):
            if isinstance(item, GatewayError):
                raise item
            yield item

    def again(error: GatewayError, fruitless: int) -> bool:
        tries.append(fruitless)
        return error.status == "UNAVAILABLE" and fruitless < 3

    request = notes_request("a", "n", None, None, 0, "")
    came = [note.id for found in batches(request, open_stream, again) for note in found.notes]
    return came, tokens, tries


LOST = ServerUnavailable("gone")


def test_a_stream_goes_on_after_the_last_batch_that_came() -> None:
    came, tokens, tries = run([message(1), message(2), LOST], [message(3)], [LOST], [message(4, last=True)])
    assert came == ["n1", "n2", "n3", "n4"]
    assert tokens == ["", "2", "3", "3"]
    assert tries == [1, 1]


def test_streams_that_bring_nothing_are_given_up() -> None:
    with pytest.raises(ServerUnavailable):
        run([message(1), LOST], [LOST], [LOST], [message(2, last=True)])
    assert run([message(1), LOST], [LOST], [message(2, last=True)])[0] == ["n1", "n2"]


def test_a_refusal_is_not_asked_again() -> None:
    with pytest.raises(PermissionDenied):
        run([message(1), PermissionDenied("no")], [message(2, last=True)])
