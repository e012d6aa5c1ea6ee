"""Bad FHIR input of every kind: a stable refusal or a counted line, never a crash, never its content."""

from __future__ import annotations

import gzip
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters import snapshots
from gateway.adapters.fhir_ingest import Allowed
from gateway.adapters.fhir_line import Rejection, Resource, read_line
from gateway.adapters.fhir_report import Counts
from gateway.adapters.ndjson import LONGEST_LINE
from gateway.errors import IngestRefused
from tests.unit.adapters.fhir_kit import line, observation, patient, read, rows, write

CANARY = "canary-4711"
GOOD = line(patient())
LENIENT = Allowed(most_rejected=1.0)

LINES: dict[str, tuple[bytes, Rejection]] = {
    "no JSON": (b"Patient " + CANARY.encode(), Rejection.NOT_JSON),
    "cut short": (GOOD[:-1], Rejection.NOT_JSON),
    "two on a line": (GOOD + b" " + GOOD, Rejection.NOT_JSON),
    "a trailing comma": (GOOD[:-1] + b",}", Rejection.NOT_JSON),
    "a comment": (b"// " + GOOD, Rejection.NOT_JSON),
    "single quotes": (GOOD.replace(b'"', b"'"), Rejection.NOT_JSON),
    "NaN": (GOOD.replace(b'"female"', b"NaN"), Rejection.NOT_JSON),
    "infinity": (GOOD.replace(b'"female"', b"1e999"), Rejection.NOT_JSON),
    "a control character": (GOOD.replace(b"female", b"fe\x01male"), Rejection.NOT_JSON),
    "half a surrogate pair": (GOOD.replace(b"female", b"\\ud800"), Rejection.NOT_JSON),
    "latin-1": (GOOD.replace(b"female", "weiblich-ä".encode("latin-1")), Rejection.NOT_UTF8),
    "UTF-16 without its mark": (GOOD.decode().encode("utf-16-le"), Rejection.NOT_JSON),
    "a null character": (GOOD.replace(b"female", b"fe\\u0000male"), Rejection.NULL_CHARACTER),
    "a key twice": (GOOD.replace(b'"gender"', b'"gender": "male", "gender"'), Rejection.KEY_TWICE),
    "a key twice, in a list": (
        GOOD[:-1] + b', "name": [{"family": "a",\t"family"\t: "a"}]}',
        Rejection.KEY_TWICE,
    ),
    "a key twice, once escaped": (
        GOOD.replace(b'"gender"', b'"\\u0067ender": "male", "gender"'),
        Rejection.KEY_TWICE,
    ),
    "10,000 levels": (b'{"a":' + b"[" * 10_000 + b"]" * 10_000 + b"}", Rejection.TOO_DEEP),
    "500 levels": (GOOD[:-1] + b', "a":' + b"[" * 500 + b"]" * 500 + b"}", Rejection.TOO_DEEP),
    "a list": (b"[" + GOOD + b"]", Rejection.NO_RESOURCE),
    "a text": (json.dumps(CANARY).encode(), Rejection.NO_RESOURCE),
    "null": (b"null", Rejection.NO_RESOURCE),
    "no type": (GOOD.replace(b"resourceType", b"kind"), Rejection.NO_RESOURCE),
    "a type that is no text": (GOOD.replace(b'"Patient"', b"7"), Rejection.NO_RESOURCE),
    "a type that is none": (GOOD.replace(b'"Patient"', b'"../Patient"'), Rejection.NO_RESOURCE),
    "no id": (GOOD.replace(b'"id"', b'"identity"'), Rejection.NO_ID),
    "an id that is no text": (GOOD.replace(b'"p1"', b"7"), Rejection.NO_ID),
    "an id that is none": (GOOD.replace(b'"p1"', b'"p 1"'), Rejection.NO_ID),
    "a long id": (GOOD.replace(b'"p1"', b'"' + b"p" * 65 + b'"'), Rejection.NO_ID),
    "many rows": (
        line(observation("many", component=[{"code": {"text": "x"}}] * 10_001)),
        Rejection.TOO_MANY_ROWS,
    ),
}


@pytest.mark.parametrize("name", LINES)
def test_a_bad_line_is_left_out_and_named_by_its_place(tmp_path: Path, name: str) -> None:
    text, reason = LINES[name]
    source = tmp_path / f"{CANARY}.ndjson"
    write(source, [GOOD, b"", text, line(observation())])
    counts = Counts()
    report = read(tmp_path / "data", source, counts, allowed=LENIENT)
    (place,) = counts.places
    assert (place.file, place.line, place.reason) == (1, 3, reason)
    assert len(rows(report.path, "patients")) == len(rows(report.path, "observations")) == 1
    with pytest.raises(IngestRefused) as refused:  # and more than one in a hundred is too many
        read(tmp_path / "data", source)
    assert refused.value.reason == "TOO_MANY_REJECTED"
    assert "file 1 of the source:3:1" in str(refused.value)
    assert CANARY not in str(refused.value)
    write(source, [GOOD, b"", line(observation())])  # the twin: without that line
    assert read(tmp_path / "data", source).snapshot


PASSED = {
    "spaces": b' { "resourceType" : "Patient" , "id" : "p1" } ',
    "escapes": b'{"resourceType":"Patient","id":"p1","name":[{"text":"a\\u00e9\\"\\":\\/ \\\\"}]}',
    "a colon in a text": b'{"resourceType":"Patient","id":"p1","name":[{"text":"\\": \\":"}]}',
    "numbers written otherwise": b'{"resourceType":"Patient","id":"p1","x":[1.50,1E5,-0,1e20]}',
    "the same key in two objects": b'{"resourceType":"Patient","id":"p1","a":[{"b":1},{"b" : 2}]}',
    "an escaped backslash before u0000": b'{"resourceType":"Patient","id":"p1","a":"\\\\u0000"}',
    "emoji": '{"resourceType":"Patient","id":"p1","a":"\N{GRINNING FACE}"}'.encode(),
    "200 levels": GOOD[:-1] + b', "a":' + b"[" * 200 + b"]" * 200 + b"}",
}


@pytest.mark.parametrize("name", PASSED)
def test_json_that_is_only_unusual_is_read(name: str) -> None:
    assert isinstance(read_line(PASSED[name]), Resource)


@given(text=st.binary(max_size=200))
def test_every_line_is_a_resource_or_a_reason(text: bytes) -> None:
    assert isinstance(read_line(text), Resource | Rejection)


KEYS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=4)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | KEYS,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=3),
    max_leaves=12,
)


@given(value=JSON, spaced=st.booleans(), escaped=st.booleans())
def test_no_resource_is_taken_for_one_with_a_key_twice(value: Any, spaced: bool, escaped: bool) -> None:
    separators = (" ,\t", "\t: ") if spaced else (",", ":")
    content = {"resourceType": "Patient", "id": "p1", "x": value}
    text = json.dumps(content, separators=separators, ensure_ascii=escaped, allow_nan=True).encode()
    found = read_line(text)
    if b"Infinity" in text:
        assert found is Rejection.NOT_JSON or b'"' in text
    else:
        assert isinstance(found, Resource)


def test_a_resource_that_refers_to_itself_is_read(tmp_path: Path) -> None:
    around = observation(
        hasMember=[{"reference": "Observation/o1"}], contained=[observation("q", contained=[patient()])]
    )
    report = read(tmp_path / "data", write(tmp_path / "a.ndjson", [patient(), around]))
    assert rows(report.path, "observations", "observation_id") == [("o1",)]


def test_a_line_of_100_megabytes_is_skipped_in_little_memory(tmp_path: Path) -> None:
    source = tmp_path / "long.ndjson.gz"
    with gzip.open(source, "wb", compresslevel=1) as stream:
        stream.write(GOOD + b'\n{"resourceType": "Patient", "id": "p2", "x": "')
        for _ in range(100):
            stream.write(b"x" * (1 << 20))
        stream.write(b'"}\n' + line(patient("p3")) + b"\n")
    counts = Counts()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    report = read(tmp_path / "data", source, counts, allowed=LENIENT)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024
    assert [(place.line, place.reason) for place in counts.places] == [(2, Rejection.TOO_LONG)]
    assert rows(report.path, "patients", "patient_id") == [("p1",), ("p3",)]


def test_the_longest_line_is_read(tmp_path: Path) -> None:
    text = GOOD[:-1] + b', "x": "' + b"x" * (LONGEST_LINE - len(GOOD) - 9) + b'"}'
    assert len(text) == LONGEST_LINE
    assert read(tmp_path / "data", write(tmp_path / "a.ndjson", [text])).snapshot
    with pytest.raises(IngestRefused, match="LINE_TOO_LONG"):
        read(tmp_path / "data", write(tmp_path / "a.ndjson", [text.replace(b"xx", b"xxxx", 1)]))


@pytest.mark.parametrize("ending", [b"\r\n", b"\n\n \n", b""])
def test_line_ends_and_marks_of_other_systems_are_read(tmp_path: Path, ending: bytes) -> None:
    source = tmp_path / "a.ndjson"
    source.write_bytes(b"\xef\xbb\xbf" + GOOD + b"\n" + line(patient("p2")) + ending)
    assert len(rows(read(tmp_path / "data", source).path, "patients")) == 2


def cut(path: Path) -> None:
    path.write_bytes(gzip.compress(GOOD + b"\n")[:-9])


def altered(path: Path) -> None:
    whole = bytearray(gzip.compress(GOOD + b"\n"))
    whole[-6] ^= 1  # the checksum
    path.write_bytes(whole)


def broken(path: Path) -> None:
    whole = bytearray(gzip.compress(b"".join(line(patient(f"p{n}")) + b"\n" for n in range(1000))))
    whole[len(whole) // 2] ^= 255
    path.write_bytes(whole)


def utf16(path: Path) -> None:
    path.write_bytes(GOOD.decode().encode("utf-16"))


def folder(path: Path) -> None:
    path.mkdir()


def pipe(path: Path) -> None:
    os.mkfifo(path)


def linked(path: Path) -> None:
    other = path.with_name("elsewhere")
    write(other, [GOOD])
    path.symlink_to(other)


def dangling(path: Path) -> None:
    path.symlink_to(path.with_name("nowhere"))


FILES: dict[str, Callable[[Path], None]] = {
    "a cut gzip": cut,
    "a gzip with another checksum": altered,
    "a gzip with a flipped byte": broken,
    "UTF-16": utf16,
    "a pipe": pipe,
    "a link": linked,
    "a link to nothing": dangling,
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_read_whole_is_refused_by_its_place(tmp_path: Path, name: str) -> None:
    source = tmp_path / "in"
    write(source / "a.ndjson", [GOOD])
    first = read(tmp_path / "data", source)
    bad = source / f"{CANARY}.ndjson"
    FILES[name](bad)
    with pytest.raises(IngestRefused) as refused:
        read(tmp_path / "data", source)
    assert refused.value.reason == "SOURCE_UNREADABLE"
    assert "file 2 of the source" in str(refused.value)
    assert ("no regular file" in str(refused.value)) is (bad.is_symlink() or bad.is_fifo())
    assert CANARY not in str(refused.value) and refused.value.__cause__ is None
    assert snapshots.newest(tmp_path / "data") == first.path
    assert not list((tmp_path / "data").glob(".draft-*"))
    bad.unlink()
    write(bad, [line(patient("p2"))])  # the twin: a good file in its place
    assert len(rows(read(tmp_path / "data", source).path, "patients")) == 2


def test_what_the_caller_names_may_be_a_link_and_must_be_there(tmp_path: Path) -> None:
    write(tmp_path / "in" / "a.ndjson", [GOOD])
    (tmp_path / "link").symlink_to(tmp_path / "in")
    (tmp_path / "one").symlink_to(tmp_path / "in" / "a.ndjson")
    assert read(tmp_path / "data", tmp_path / "link").snapshot
    assert read(tmp_path / "data", tmp_path / "one").snapshot
    with pytest.raises(IngestRefused) as refused:
        read(tmp_path / "data", tmp_path / "absent")
    assert refused.value.reason == "SOURCE_UNREADABLE"


def test_a_folder_below_that_is_a_link_is_not_entered(tmp_path: Path) -> None:
    write(tmp_path / "in" / "a.ndjson", [GOOD])
    write(tmp_path / "other" / "b.ndjson", [line(patient("p2"))])
    (tmp_path / "in" / "loop").symlink_to(tmp_path / "in")
    (tmp_path / "in" / "other").symlink_to(tmp_path / "other")
    assert rows(read(tmp_path / "data", tmp_path / "in").path, "patients", "patient_id") == [("p1",)]


def test_an_empty_file_among_others_is_nothing(tmp_path: Path) -> None:
    write(tmp_path / "in" / "a.ndjson", [GOOD])
    write(tmp_path / "in" / "b.ndjson", [])
    write(tmp_path / "in" / "c.ndjson.gz", [], pack=True)
    assert read(tmp_path / "data", tmp_path / "in").snapshot


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write(tmp_path / "in" / "a.ndjson", [GOOD])

    def closed(*_: object) -> int:
        raise PermissionError(13, CANARY, str(source))

    with monkeypatch.context() as patch, pytest.raises(IngestRefused) as refused:
        patch.setattr("gateway.adapters.ndjson.os.open", closed)  # whoever runs this may read everything
        read(tmp_path / "data", tmp_path / "in")
    assert refused.value.reason == "SOURCE_UNREADABLE"
    assert CANARY not in str(refused.value)
    assert read(tmp_path / "data", tmp_path / "in").snapshot


CHILD = """
import resource, signal, sys
from pathlib import Path
from gateway.adapters.fhir_ingest import ingest_fhir
from gateway.adapters.fhir_report import Counts
from gateway.adapters.ndjson import source_files
from gateway.errors import IngestRefused
from tests.unit.adapters.fhir_kit import sources

stage, limit = sys.argv[3], int(sys.argv[4])
if limit:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

def tell(name, reading):
    if name == stage and reading is None:
        print("there", flush=True)
        signal.pause()

try:
    ingest_fhir(source_files(Path(sys.argv[1])), sources(), Path(sys.argv[2]), Counts(), progress=tell)
except IngestRefused as refused:
    print(refused.reason, refused.__cause__ is None)
"""


def child(source: Path, data: Path, stage: str, limit: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CHILD, str(source), str(data), stage, str(limit)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3])


@pytest.mark.parametrize("stage", ["reading", "checking", "writing", "publishing"])
def test_a_killed_ingest_leaves_the_newest_snapshot_as_it_was(tmp_path: Path, stage: str) -> None:
    source, data = write(tmp_path / "a.ndjson", [patient(), observation()]), tmp_path / "data"
    first = read(data, source)
    before = first.path.read_bytes()
    with child(source, data, stage, 0) as process:
        assert process.stdout is not None and process.stdout.readline() == "there\n"
        process.send_signal(signal.SIGKILL)
    assert snapshots.list_snapshots(data) == (first.path,)
    assert first.path.read_bytes() == before
    assert len(list(data.glob(".draft-*"))) == 1
    second = read(data, source)
    assert not list(data.glob(".draft-*"))
    assert rows(second.path, "observations", "value") == [(23.5,)]


@pytest.mark.parametrize("limit", [20_000, 300_000])
def test_a_full_disk_publishes_nothing(tmp_path: Path, limit: int) -> None:
    source = write(tmp_path / "a.ndjson", [patient(), *(observation(f"o{n}") for n in range(2000))])
    data = tmp_path / "data"
    with child(source, data, "", limit) as process:
        out, _ = process.communicate(timeout=60)
    assert out == "STORAGE_FAILED True\n"
    assert snapshots.newest(data) is None and not list(data.glob(".draft-*"))
    with child(source, data, "", 1 << 40) as process:  # the twin: room enough
        process.communicate(timeout=60)
    assert snapshots.newest(data) is not None


def test_two_ingests_at_once_are_refused(tmp_path: Path) -> None:
    source, data = write(tmp_path / "a.ndjson", [patient()]), tmp_path / "data"
    with child(source, data, "writing", 0) as process:
        assert process.stdout is not None and process.stdout.readline() == "there\n"
        with pytest.raises(IngestRefused) as refused:
            read(data, source)
        process.kill()
    assert refused.value.reason == "INGEST_BUSY"
    time.sleep(0.05)
    assert read(data, source).snapshot
