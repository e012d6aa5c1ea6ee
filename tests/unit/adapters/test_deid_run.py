"""Runs over files: order, what is kept when one is killed, and when going on is refused."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from gateway.adapters import deid_output, deid_run
from gateway.adapters.deid_output import Output
from gateway.adapters.deid_source import JsonLines, TextFolder
from gateway.deid.files import no_patients, written
from gateway.domain.deid import Document, Outcome, Profile, Withheld
from gateway.errors import ConfigInvalid, DeidentifierUnavailable
from tests.unit.adapters.text_fakes import MARK, PROFILE, redacted

TOLD = {"the input": "1", "the profile": "2"}


class Fake:
    """Implements the port in this process. Fails at the n-th call, withholds what begins with 'bad'."""

    def __init__(self, fails_at: int = 0) -> None:
        self.calls, self.fails_at = 0, fails_at
        self.sizes: list[int] = []

    async def deidentify(self, documents: Sequence[Document], profile: Profile) -> list[Outcome]:
        self.calls += 1
        number = self.calls
        self.sizes.append(len(documents))
        # The later calls answer first, so that the order is the run's own doing.
        await asyncio.sleep(0.02 if number % 2 else 0)
        if number == self.fails_at:
            raise DeidentifierUnavailable
        return [
            Withheld(id=document.id, reason="DETECTOR_FAILED")
            if document.text.startswith("bad")
            else redacted(document, {})
            for document in documents
        ]

    async def close(self) -> None:
        """Nothing runs."""


def notes(path: Path, count: int = 60) -> Path:
    with path.open("w") as stream:
        for number in range(count):
            text = "bad" if number % 7 == 3 else f"{MARK} came on day {number}"
            stream.write(json.dumps({"id": f"n{number}", "text": text}) + "\n")
            if number % 10 == 5:
                stream.write("\nno JSON\n")
    return path


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deid_run, "CHUNK_LINES", 5)
    monkeypatch.setattr(deid_output, "STEP_SECONDS", 0)


def run(
    source: Path, out: Path, fake: Fake, *, restart: bool = False, told: dict[str, str] | None = None
) -> Output:
    texts = TextFolder(source, "") if source.is_dir() else JsonLines(source, no_patients, "")
    output = Output(out, told or TOLD, folder=source.is_dir(), restart=restart)
    asyncio.run(deid_run.run(texts, output, fake, PROFILE))
    return output


def test_every_line_of_the_input_has_one_of_the_output_in_order(tmp_path: Path) -> None:
    output = run(notes(tmp_path / "in.jsonl"), tmp_path / "out.jsonl", Fake())
    found = [json.loads(line) for line in (tmp_path / "out.jsonl").read_bytes().splitlines()]
    assert [line["id"] for line in found if line["id"]] == [f"n{number}" for number in range(60)]
    assert found[3] == {"id": "n3", "withheld": "DETECTOR_FAILED"}
    assert found[6] == {"id": None, "line": 8, "withheld": "INVALID_JSON"}
    assert found[0]["text"] == "[NAME] came on day 0"
    assert found[0]["spans"][0]["end"] == len(MARK)
    assert (output.progress.notes, output.progress.withheld) == (
        66,
        {"DETECTOR_FAILED": 9, "INVALID_JSON": 6},
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl"]
    assert (tmp_path / "out.jsonl").stat().st_mode & 0o777 == 0o600


def test_an_empty_input_is_an_empty_output(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").touch()
    run(tmp_path / "in.jsonl", tmp_path / "out.jsonl", Fake())
    assert (tmp_path / "out.jsonl").read_bytes() == b""


@pytest.mark.parametrize("fails_at", [1, 2, 5, 13])
def test_a_run_that_broke_goes_on_and_writes_the_same_bytes(tmp_path: Path, fails_at: int) -> None:
    source, out = notes(tmp_path / "in.jsonl"), tmp_path / "out.jsonl"
    whole = run(source, tmp_path / "whole.jsonl", Fake())
    with pytest.raises(DeidentifierUnavailable):
        run(source, out, Fake(fails_at))
    assert not out.exists()
    second = Fake()
    output = run(source, out, second)
    assert out.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
    assert output.resumed == (fails_at > 1)
    assert output.progress == whole.progress
    assert sum(second.sizes) == 60 - _documents(5 * (fails_at - 1))
    assert len(list(tmp_path.iterdir())) == 3


def test_what_was_written_after_the_last_step_is_written_again(tmp_path: Path) -> None:
    source, out = notes(tmp_path / "in.jsonl"), tmp_path / "out.jsonl"
    run(source, tmp_path / "whole.jsonl", Fake())
    with pytest.raises(DeidentifierUnavailable):
        run(source, out, Fake(6))
    with (tmp_path / "out.jsonl.part").open("ab") as stream:
        stream.write(b'{"id":"n30","text":"cut in the mid' * 5000)
    run(source, out, Fake())
    assert out.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


def _documents(lines: int) -> int:
    """How many of the first lines of `notes` that are not blank are documents."""
    kinds = []
    for number in range(60):
        kinds += [1, 0] if number % 10 == 5 else [1]
    return sum(kinds[:lines])


_KILLED = """
import asyncio, sys, time
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from gateway.adapters import deid_output, deid_run
from tests.unit.adapters import test_deid_run as kit

class Slow(kit.Fake):
    async def deidentify(self, documents, profile):
        await asyncio.sleep(0.05)
        return await super().deidentify(documents, profile)

deid_run.CHUNK_LINES, deid_output.STEP_SECONDS = 5, 0
kit.run(Path(sys.argv[2]), Path(sys.argv[3]), Slow())
"""


@pytest.mark.parametrize("folder", [False, True])
def test_a_run_that_was_killed_goes_on_and_writes_the_same_bytes(tmp_path: Path, folder: bool) -> None:
    source, out, whole = tmp_path / "in", tmp_path / "out", tmp_path / "whole"
    if folder:
        tree(source, 60)
    else:
        notes(source)
    run(source, whole, Fake())
    script = tmp_path / "run.py"
    script.write_text(_KILLED)
    root = str(Path(__file__).resolve().parents[3])
    state = (out / "spans.jsonl.part.json") if folder else tmp_path / "out.part.json"
    for least in (5, 25):
        with subprocess.Popen([sys.executable, script, root, source, out]) as process:
            _wait_for(state, least)
            process.send_signal(signal.SIGKILL)
            assert process.wait() == -signal.SIGKILL
    run(source, out, Fake())
    assert contents(out) == contents(whole)


def _wait_for(state: Path, least: int) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if state.exists() and json.loads(state.read_bytes())["progress"]["notes"] >= least:
            return
        time.sleep(0.01)
    raise AssertionError("the run made no step")


def contents(path: Path) -> dict[str, bytes]:
    if path.is_file():
        return {"": path.read_bytes()}
    return {str(each.relative_to(path)): each.read_bytes() for each in path.rglob("*") if each.is_file()}


def tree(folder: Path, count: int = 12) -> Path:
    for number in range(count):
        path = folder / f"ward {number % 3}" / f"{number:02}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("bad" if number == 4 else f"{MARK} came on day {number}\r\n", newline="")
    return folder


def test_a_folder_becomes_a_folder(tmp_path: Path) -> None:
    run(tree(tmp_path / "in"), tmp_path / "out", Fake())
    found = contents(tmp_path / "out")
    listed = [json.loads(line) for line in found.pop("spans.jsonl").splitlines()]
    assert sorted(found) == sorted(line["id"] for line in listed if "spans" in line)
    assert len(found) == 11
    assert found["ward 0/00.txt"] == b"[NAME] came on day 0\r\n"
    assert {"id": "ward 1/04.txt", "withheld": "DETECTOR_FAILED"} in listed
    assert not any("text" in line for line in listed)
    modes = {path.stat().st_mode & 0o077 for path in (tmp_path / "out").rglob("*")}
    assert modes == {0}


@pytest.mark.parametrize("what", ["the input", "the profile"])
def test_another_run_never_goes_on_with_the_output_of_one(tmp_path: Path, what: str) -> None:
    source, out = notes(tmp_path / "in.jsonl"), tmp_path / "out.jsonl"
    with pytest.raises(DeidentifierUnavailable):
        run(source, out, Fake(4))
    part = (tmp_path / "out.jsonl.part").read_bytes()
    with pytest.raises(ConfigInvalid) as refused:
        run(source, out, Fake(), told={**TOLD, what: "another"})
    assert refused.value.reason == "RUN_CHANGED"
    assert f"have changed: {what};" in refused.value.message
    assert (tmp_path / "out.jsonl.part").read_bytes() == part
    run(source, out, Fake(), told={**TOLD, what: "another"}, restart=True)
    assert len(out.read_bytes().splitlines()) == 66


@pytest.mark.parametrize("damage", ["cut output", "{", "[]", '{"format":1,"run":{}}', "gone"])
def test_an_output_that_was_damaged_is_never_gone_on_with(tmp_path: Path, damage: str) -> None:
    source, out = notes(tmp_path / "in.jsonl"), tmp_path / "out.jsonl"
    with pytest.raises(DeidentifierUnavailable):
        run(source, out, Fake(4))
    state, part = tmp_path / "out.jsonl.part.json", tmp_path / "out.jsonl.part"
    if damage == "cut output":
        os.truncate(part, 10)
    elif damage == "gone":
        state.unlink()
    else:
        state.write_text(damage)
    if damage == "gone":  # nothing tells how far it came: it is written from the beginning
        assert not run(source, out, Fake()).resumed
    else:
        with pytest.raises(ConfigInvalid) as refused:
            run(source, out, Fake())
        assert refused.value.reason == "RUN_CHANGED"
        run(source, out, Fake(), restart=True)
    assert len(out.read_bytes().splitlines()) == 66


@pytest.mark.parametrize("folder", [False, True])
def test_an_output_that_is_there_is_replaced_only_on_request(tmp_path: Path, folder: bool) -> None:
    source = tree(tmp_path / "in") if folder else notes(tmp_path / "in")
    out = tmp_path / "out"
    run(source, out, Fake())
    before = contents(out)
    with pytest.raises(ConfigInvalid) as refused:
        run(source, out, Fake())
    assert refused.value.reason == "OUTPUT_EXISTS"
    assert contents(out) == before
    if folder:
        (source / "ward 0/00.txt").unlink()
        before.pop("ward 0/00.txt")
    run(source, out, Fake(), restart=True)
    found = contents(out)
    if folder:  # what the earlier run wrote, and this one did not, is gone
        before["spans.jsonl"] = b"".join(before["spans.jsonl"].splitlines(keepends=True)[1:])
    assert found == before


@pytest.mark.parametrize("folder", [False, True])
def test_a_run_that_was_killed_as_it_ended_is_whole(tmp_path: Path, folder: bool) -> None:
    source, out = tree(tmp_path / "in") if folder else notes(tmp_path / "in"), tmp_path / "out"
    state = (out / "spans.jsonl.part.json") if folder else tmp_path / "out.part.json"
    with pytest.raises(DeidentifierUnavailable):
        run(source, out, Fake(2))
    kept = state.read_bytes()
    run(source, out, Fake())
    whole = contents(out)
    state.write_bytes(kept)  # the output had its name, and its notes were not removed yet
    with pytest.raises(ConfigInvalid) as refused:
        run(source, out, Fake())
    assert refused.value.reason == "OUTPUT_EXISTS"
    assert contents(out) == whole
    assert not state.exists()


def test_a_restart_removes_nothing_that_is_not_its_own(tmp_path: Path) -> None:
    source, out = tree(tmp_path / "in"), tmp_path / "out"
    run(source, out, Fake())
    (out / "mine.txt").write_text("mine")
    outside = tmp_path / "outside.txt"
    outside.write_text("mine")
    with (out / "spans.jsonl").open("a") as stream:
        stream.write('{"id":"../outside.txt","spans":[]}\n')
    with pytest.raises(ConfigInvalid) as refused:
        run(source, out, Fake(), restart=True)
    assert refused.value.reason == "OUTPUT_EXISTS"
    assert (out / "mine.txt").exists()
    assert outside.exists()


def test_two_runs_never_write_one_output(tmp_path: Path) -> None:
    first = Output(tmp_path / "out", TOLD, folder=False, restart=False)
    with pytest.raises(ConfigInvalid) as refused:
        Output(tmp_path / "out", TOLD, folder=False, restart=True)
    assert refused.value.reason == "OUTPUT_BUSY"
    first.leave()
    assert list(tmp_path.iterdir()) == []
    Output(tmp_path / "out", TOLD, folder=False, restart=False).leave()


def test_a_full_disk_is_an_error_and_the_run_goes_on_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, out = notes(tmp_path / "in.jsonl"), tmp_path / "out.jsonl"
    left = iter(range(23))

    def full(*arguments: object, **named: object) -> bytes:
        if next(left, None) is None:
            raise OSError(28, "No space left on device")
        return written(*arguments, **named)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(deid_output, "written", full)
        with pytest.raises(ConfigInvalid) as refused:
            run(source, out, Fake())
    assert refused.value.reason == "OUTPUT_UNWRITABLE"
    assert run(source, out, Fake()).progress.notes == 66
    assert len(out.read_bytes().splitlines()) == 66


def test_chunks_are_bounded_by_lines_and_by_characters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = notes(tmp_path / "in.jsonl", 12)
    read = list(JsonLines(source, no_patients, "").lines(0, 0))
    assert [len(chunk) for chunk in deid_run.chunks(read)] == [5, 5, 3]
    monkeypatch.setattr(deid_run, "CHUNK_CHARACTERS", 40)
    assert max(len(chunk) for chunk in deid_run.chunks(read)) < 5
    assert [line for chunk in deid_run.chunks(read) for line in chunk] == read


async def test_a_file_that_lay_there_becomes_the_owners_alone(tmp_path: Path) -> None:
    (tmp_path / "out.part").touch(mode=0o644)
    source = JsonLines(notes(tmp_path / "in"), no_patients, "")
    output = Output(tmp_path / "out", TOLD, folder=False, restart=False)
    await deid_run.run(source, output, Fake(), PROFILE)
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("leads", [True, False])
async def test_no_text_leaves_the_folder_over_a_link(tmp_path: Path, leads: bool) -> None:
    for folder in ("in/ward", "elsewhere", "out"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "in/ward/1.txt").write_text("came")
    (tmp_path / "out/ward").symlink_to(tmp_path / "elsewhere") if leads else (tmp_path / "out/ward").mkdir()
    output = Output(tmp_path / "out", TOLD, folder=True, restart=False)
    running = deid_run.run(TextFolder(tmp_path / "in", ""), output, Fake(), PROFILE)
    if leads:
        with pytest.raises(ConfigInvalid) as refused:
            await running
        assert refused.value.reason == "OUTPUT_UNWRITABLE"
    else:
        await running
        assert (tmp_path / "out/ward/1.txt").read_text() == "came"
    assert list((tmp_path / "elsewhere").iterdir()) == []
