"""Sources of texts: lines with their places, folders, patients by id; and what is refused of them."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest

from gateway.adapters import deid_source
from gateway.adapters.deid_source import JsonLines, PatientFile, TextFolder
from gateway.deid.files import Line, no_patients
from gateway.errors import ConfigInvalid, GatewayError


def texts(*numbers: int) -> bytes:
    return b"".join(json.dumps({"id": f"n{n}", "text": f"text {n}"}).encode() + b"\n" for n in numbers)


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def lines(path: Path, start: int = 0, number: int = 0) -> list[Line]:
    return list(JsonLines(path, no_patients, "").lines(start, number))


@pytest.mark.parametrize("name", ["notes.jsonl", "notes.jsonl.gz"])
def test_every_line_has_its_number_and_its_place(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, b"\xef\xbb\xbf" + texts(1) + b"\n  \r\n" + texts(2, 3)[:-1])
    found = lines(path)
    assert [(line.number, line.id) for line in found] == [(1, "n1"), (4, "n2"), (5, "n3")]
    assert lines(path, found[0].end, 1) == found[1:]
    assert lines(path, found[2].end, 5) == []


@pytest.mark.parametrize("name", ["empty.jsonl", "empty.jsonl.gz"])
def test_an_empty_file_has_no_line(tmp_path: Path, name: str) -> None:
    assert lines(write(tmp_path / name, b"")) == []


@pytest.mark.parametrize("end", [b"\n", b""])
def test_a_line_too_long_is_passed_over_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: bytes
) -> None:
    monkeypatch.setattr(deid_source, "LONGEST_LINE", 60)
    monkeypatch.setattr(deid_source, "_CHUNK", 16)
    fits = json.dumps({"id": "n1", "text": "x" * 35}).encode()
    assert len(fits) == 60 - 1
    path = write(tmp_path / "a.jsonl", fits + b"\n" + fits + b"      \n" + b"y" * 200 + end)
    found = lines(path)
    assert [line.reason for line in found] == ["", "LINE_TOO_LONG", "LINE_TOO_LONG"]
    assert found[-1].end == path.stat().st_size


def test_a_file_that_is_cut_is_refused_where_it_ends(tmp_path: Path) -> None:
    whole = gzip.compress(os.urandom(200_000).hex().encode())
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(whole[:-100])
    with pytest.raises(ConfigInvalid) as refused:
        lines(path)
    assert refused.value.reason == "SOURCE_UNREADABLE"
    path.write_bytes(whole)
    assert len(lines(path)) == 1


def test_a_file_is_known_again_and_its_change_is_seen(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", texts(1, 2))
    before = JsonLines(path, no_patients, "").identity
    assert JsonLines(path, no_patients, "").identity == before
    write(path, texts(1, 3))
    assert JsonLines(path, no_patients, "").identity != before
    with pytest.raises(ConfigInvalid):
        JsonLines(tmp_path / "absent.jsonl", no_patients, "")


def test_a_folder_is_its_text_files_in_order(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "2.TXT").write_text("two")
    (tmp_path / "a.txt").write_text("one")
    (tmp_path / "z.txt").write_bytes(b"\xff")
    (tmp_path / "notes.pdf").write_text("no text")
    (tmp_path / "link.txt").symlink_to("a.txt")
    folder = TextFolder(tmp_path, "es")
    found = list(folder.lines(0, 0))
    assert [(line.id, line.reason) for line in found] == [
        ("a.txt", ""),
        ("b/2.TXT", ""),
        ("z.txt", "INVALID_UTF8"),
    ]
    assert found[1].document is not None
    assert (found[1].document.text, found[1].document.language) == ("two", "es")
    assert list(TextFolder(tmp_path, "es").lines(found[0].end, 1)) == found[1:]
    (tmp_path / "b" / "2.TXT").unlink()
    assert next(iter(line.reason for line in folder.lines(1, 1))) == "UNREADABLE"
    assert TextFolder(tmp_path, "es").identity != folder.identity


def test_a_name_that_is_no_text_is_withheld(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xe9.txt")).write_text("x")
    (found,) = TextFolder(tmp_path, "").lines(0, 0)
    assert (found.id, found.reason) == ("\ufffd.txt", "INVALID_NAME")


def patient(key: str, family: str) -> bytes:
    content = {"resourceType": "Patient", "id": key, "name": [{"family": family, "given": ["Ana"]}]}
    return json.dumps(content).encode() + b"\n"


@pytest.mark.parametrize("name", ["patients.ndjson", "patients.ndjson.gz"])
def test_patients_are_found_by_id(tmp_path: Path, name: str) -> None:
    other = b'{"resourceType":"Observation","id":"p1"}\n'
    path = write(tmp_path / name, patient("p1", "Ortiz") + other + b"\n" + patient("p2", "Lindqvist"))
    known = PatientFile(path)
    for key, family in (("p2", "Lindqvist"), ("p1", "Ortiz"), ("p2", "Lindqvist")):
        record = known.record(key)
        assert record is not None
        assert record.names[0].family == (family,)
    assert known.record("p3") is None
    assert len(known) == 2
    known.close()


@pytest.mark.parametrize(
    "content",
    [
        patient("p1", "Ortiz") + patient("p1", "Lindqvist"),
        b'{"resourceType":"Patient"}\n',
        b"Ortiz\n",
        b'["Ortiz"]\n',
    ],
)
def test_patients_who_cannot_be_told_apart_are_refused(tmp_path: Path, content: bytes) -> None:
    path = write(tmp_path / "patients.ndjson", patient("p0", "Ng") + content)
    with pytest.raises(ConfigInvalid) as refused:
        PatientFile(path)
    assert refused.value.reason == "PATIENTS_INVALID"
    assert "Ortiz" not in refused.value.message
    assert f"line {len(path.read_bytes().splitlines())} of" in refused.value.message


def test_a_file_of_patients_that_changes_meanwhile_gives_no_other_record(tmp_path: Path) -> None:
    path = write(tmp_path / "patients.ndjson", patient("p1", "Ortiz") + patient("p2", "Ng"))
    known = PatientFile(path)
    with path.open("r+b") as stream:
        stream.write(patient("p7", "Ortiz"))
    with pytest.raises(GatewayError) as refused:
        known.record("p1")
    assert refused.value.reason == "PATIENT_INVALID"
    assert known.record("p2") is not None
    known.close()
