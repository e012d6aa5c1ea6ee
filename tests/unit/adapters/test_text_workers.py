"""The pool of text workers under everything that a worker can do wrong; each fault beside its good twin."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import os
import signal
import struct
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.adapters.text_process import MIB, Limits
from gateway.adapters.text_queue import Batch, batches
from gateway.adapters.text_worker import Factory
from gateway.adapters.text_workers import TextWorkers
from gateway.domain.deid import Deidentified, Document, HumanName, Outcome, PatientRecord, Withheld
from gateway.errors import DeidentifierUnavailable
from tests.unit.adapters.text_fakes import MARK, PROFILE, Fails, Needs, Redacts

LIMITS = Limits(start_seconds=20, base_seconds=20, batch_documents=4)
QUICK = dataclasses.replace(LIMITS, base_seconds=0.7, seconds_per_mib=0)
OTHER = dataclasses.replace(PROFILE, name="other")


@asynccontextmanager
async def pool(
    factory: Factory | None = None, *, workers: int = 1, limits: Limits = LIMITS
) -> AsyncIterator[TextWorkers]:
    made = TextWorkers(factory or Redacts(), workers=workers, limits=limits)
    try:
        yield made
    finally:
        await made.close()


def document(text: str, key: str = "", **context: str) -> Document:
    asked = {name: (None, value) for name, value in context.items()}
    return Document(id=key or text.split(" ")[0], text=text, context=asked)


def notes(count: int) -> list[Document]:
    return [document(f"{MARK} came {number}", f"n{number}") for number in range(count)]


def text(outcome: Outcome) -> str:
    assert isinstance(outcome, Deidentified), outcome
    return outcome.text


def said(outcome: Outcome, name: str) -> str:
    assert isinstance(outcome, Deidentified), outcome
    return outcome.context[name]


def short(outcomes: list[Outcome]) -> list[str]:
    """Each outcome as its text or its reason."""
    return [outcome.reason if isinstance(outcome, Withheld) else outcome.text for outcome in outcomes]


async def test_every_document_has_its_outcome_in_order() -> None:
    async with pool(workers=2) as workers:
        found = await workers.deidentify(notes(50), PROFILE)
        assert [outcome.id for outcome in found] == [f"n{number}" for number in range(50)]
        assert [text(outcome) for outcome in found] == [f"[NAME] came {number}" for number in range(50)]
        assert await workers.deidentify([], PROFILE) == []


async def test_what_a_document_carries_arrives_and_what_comes_back_is_whole() -> None:
    record = PatientRecord(names=(HumanName(given=(MARK,), family=("Ortiz",)),), phones=("555-0101",))
    asked = Document(id="ä", text=f"inside \U0001f600 {MARK}", record=record, context={"record": (None, "")})
    async with pool() as workers:
        (found,) = await workers.deidentify([asked], PROFILE)
    assert said(found, "record") == repr(dataclasses.asdict(record))
    assert isinstance(found, Deidentified)
    assert (found.id, found.text, found.language) == ("ä", "inside \U0001f600 [NAME]", "en")
    assert [(span.start, span.end, span.type, span.source) for span in found.spans] == [
        (9, 17, "NAME", "model")
    ]


async def test_each_profile_has_a_pipeline_of_its_own() -> None:
    async with pool() as workers:
        first, second = [
            await workers.deidentify([document("hi", profile="")], profile) for profile in (PROFILE, OTHER)
        ]
        assert (said(first[0], "profile"), said(second[0], "profile")) == ("plain", "other")
        assert len(workers.processes) == 1


async def test_a_worker_with_too_many_pipelines_is_replaced() -> None:
    async with pool(limits=dataclasses.replace(LIMITS, profiles=1)) as workers:
        (first,) = await workers.deidentify([document("hi", pid="")], PROFILE)
        (same,) = await workers.deidentify([document("hi", pid="")], PROFILE)
        (other,) = await workers.deidentify([document("hi", pid="")], OTHER)
    assert said(first, "pid") == said(same, "pid") != said(other, "pid")


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("die now", "DETECTOR_FAILED"),
        ("raise now", "DETECTOR_FAILED"),
        ("hang now", "DETECTOR_TIMEOUT"),
        ("memory 4000000000", "DETECTOR_FAILED"),
        ("withhold now", "LANGUAGE_UNSUPPORTED"),
    ],
)
async def test_one_bad_document_is_withheld_and_no_other(
    bad: str, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with pool(limits=QUICK) as workers:
        asked = [*notes(2), document(f"{bad} {MARK}"), document("tail")]
        found = await workers.deidentify(asked, PROFILE)
        assert short(found) == ["[NAME] came 0", "[NAME] came 1", reason, "tail"]
        again = await workers.deidentify([document(f"calm {MARK}")], PROFILE)
    assert short(again) == ["calm [NAME]"]
    assert MARK not in caplog.text


async def test_memory_within_the_limit_is_had() -> None:
    async with pool() as workers:
        (found,) = await workers.deidentify([document("memory 100000000", bytes="")], PROFILE)
    assert said(found, "bytes") == "100000000"


async def test_a_worker_that_has_swollen_is_replaced() -> None:
    asked = [document("memory 60000000", pid=""), document("calm", pid="")]
    seen = []
    for settled in (MIB, 1000 * MIB):
        limits = dataclasses.replace(LIMITS, settled=settled)
        async with pool(Redacts(keeps=True), limits=limits) as workers:
            await workers.deidentify(asked[:1], PROFILE)
            before = [process.pid for process in workers.processes]
            await workers.deidentify(asked[1:], PROFILE)
            seen.append([process.pid for process in workers.processes] == before)
    assert seen == [False, True]


@pytest.mark.parametrize(
    "answer",
    [
        b"\xff\xff\xff\xff" + b"x" * 64,
        struct.pack(">I", 3) + b"{}]",
        struct.pack(">I", 4) + b"null",
        struct.pack(">I", 27) + b'{"n":2,"outcomes":[]}      ',
        struct.pack(">I", 40) + b'{"n":99,"outcomes":[{"id":"n0","w":"X"}]}'[:40],
        b'cos\nsystem\n(S"true"\ntR.',
        b"[" * 5000,
    ],
)
async def test_garbage_is_no_answer(answer: bytes) -> None:
    async with pool(limits=QUICK) as workers:
        found = await workers.deidentify(
            [document("calm"), document("garbage " + answer.decode("latin-1"))], PROFILE
        )
    assert short(found)[0] == "calm"
    assert short(found)[1] in ("DETECTOR_FAILED", "DETECTOR_TIMEOUT")


async def test_a_worker_killed_from_outside_mid_batch_costs_nothing() -> None:
    async with pool() as workers:
        await workers.start([PROFILE])
        task = asyncio.create_task(workers.deidentify([document("slow 0.5 s"), *notes(3)], PROFILE))
        await asyncio.sleep(0.2)
        (victim,) = workers.processes
        os.kill(victim.pid, signal.SIGKILL)
        assert short(await task) == ["slow 0.5 s", *(f"[NAME] came {number}" for number in range(3))]


async def test_a_worker_killed_while_idle_is_replaced() -> None:
    async with pool() as workers:
        await workers.start([PROFILE])
        (victim,) = workers.processes
        os.kill(victim.pid, signal.SIGKILL)
        assert short(await workers.deidentify(notes(1), PROFILE)) == ["[NAME] came 0"]


async def test_other_batches_go_on_while_one_hangs() -> None:
    async with pool(workers=2, limits=dataclasses.replace(QUICK, base_seconds=3)) as workers:
        await workers.start([PROFILE])
        hung = asyncio.create_task(workers.deidentify([document("hang")], PROFILE))
        await asyncio.sleep(0.1)
        assert len(await asyncio.wait_for(workers.deidentify(notes(40), PROFILE), 2)) == 40
        hung.cancel()


@pytest.mark.parametrize("size", [MIB // 2, 3 * MIB])
async def test_a_document_above_the_limit_is_withheld_and_one_below_is_not(size: int) -> None:
    limits = dataclasses.replace(LIMITS, document=MIB)
    async with pool(limits=limits) as workers:
        big = document(f"{MARK} " * (size // 9), "big")
        found = await workers.deidentify([document("calm"), big], PROFILE)
    fits = size < MIB
    assert short(found)[0] == "calm"
    assert short(found)[1] == ("[NAME] " * (size // 9) if fits else "TOO_LARGE")


async def test_a_lone_surrogate_never_reaches_a_worker() -> None:
    asked = [document("bad \ud800", "n1"), document("good \U00010000", "n2")]
    async with pool() as workers:
        assert short(await workers.deidentify(asked, PROFILE)) == ["INVALID_UTF8", "good \U00010000"]


async def test_time_is_given_by_size() -> None:
    limits = dataclasses.replace(LIMITS, base_seconds=0.3, seconds_per_mib=4)
    padding = " x" * (MIB // 4)
    async with pool(limits=limits) as workers:
        await workers.start([PROFILE])
        (small,) = await workers.deidentify([document("slow 0.9")], PROFILE)
        (large,) = await workers.deidentify([document("slow 0.9" + padding)], PROFILE)
    assert short([small]) == ["DETECTOR_TIMEOUT"]
    assert isinstance(large, Deidentified)


async def test_a_bulk_caller_does_not_delay_a_small_one() -> None:
    async with pool(limits=dataclasses.replace(LIMITS, batch_documents=2)) as workers:
        await workers.start([PROFILE])
        bulk = asyncio.create_task(
            workers.deidentify([document("slow 0.05", f"b{n}") for n in range(60)], PROFILE)
        )
        await asyncio.sleep(0.1)
        begun = time.monotonic()
        await workers.deidentify(notes(1), PROFILE)
        assert time.monotonic() - begun < 1
        assert not bulk.done()
        assert len(await bulk) == 60


async def test_large_documents_leave_a_worker_to_the_small_ones() -> None:
    padding = " x" * 1000
    async with pool(workers=2, limits=dataclasses.replace(LIMITS, large=1000)) as workers:
        await workers.start([PROFILE])
        bulk = asyncio.create_task(
            workers.deidentify([document("slow 1.2" + padding, f"b{n}") for n in range(3)], PROFILE)
        )
        await asyncio.sleep(0.1)
        begun = time.monotonic()
        await workers.deidentify(notes(1), PROFILE)
        assert time.monotonic() - begun < 1
        assert len(await bulk) == 3


async def test_a_caller_who_leaves_takes_the_queue_along() -> None:
    async with pool(limits=dataclasses.replace(LIMITS, batch_documents=1)) as workers:
        await workers.start([PROFILE])
        bulk = asyncio.create_task(
            workers.deidentify([document("slow 0.3", f"b{n}") for n in range(40)], PROFILE)
        )
        await asyncio.sleep(0.1)
        bulk.cancel()
        with pytest.raises(asyncio.CancelledError):
            await bulk
        begun = time.monotonic()
        assert short(await workers.deidentify(notes(1), PROFILE)) == ["[NAME] came 0"]
        assert time.monotonic() - begun < 3


async def test_close_ends_even_stuck_processes_and_callers() -> None:
    async with pool(workers=2) as workers:
        await workers.start([PROFILE])
        pids = [process.pid for process in workers.processes]
        os.kill(pids[0], signal.SIGSTOP)
        task = asyncio.create_task(workers.deidentify([document("hang"), document("hang", "h2")], PROFILE))
        await asyncio.sleep(0.2)
        begun = time.monotonic()
        await workers.close()
        assert time.monotonic() - begun < 3
        with pytest.raises(DeidentifierUnavailable):
            await task
        with pytest.raises(DeidentifierUnavailable):
            await workers.deidentify(notes(1), PROFILE)
        with pytest.raises(DeidentifierUnavailable):
            await workers.start()
    assert len(pids) == 2
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


async def test_close_during_a_start_leaves_no_process() -> None:
    async with pool() as workers:
        starting = asyncio.create_task(workers.start([PROFILE]))
        await asyncio.sleep(0.01)
        await workers.close()
        with pytest.raises(DeidentifierUnavailable):
            await starting
        assert workers.processes == []


async def test_a_factory_that_fails_is_an_error_and_not_a_withheld_text(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    async with pool(Fails()) as workers:
        with pytest.raises(DeidentifierUnavailable):
            await workers.start([PROFILE])
        with pytest.raises(DeidentifierUnavailable) as failed:
            await asyncio.wait_for(workers.deidentify(notes(3), PROFILE), 10)
    assert "could be started or kept (RuntimeError)" in failed.value.message
    assert MARK not in caplog.text
    assert any(getattr(record, "public", {}).get("error") == "RuntimeError" for record in caplog.records)


async def test_a_factory_that_fails_for_one_profile_serves_the_others() -> None:
    async with pool(Fails("other")) as workers:
        with pytest.raises(DeidentifierUnavailable):
            await workers.deidentify(notes(1), OTHER)
        assert short(await workers.deidentify(notes(1), PROFILE)) == ["[NAME] came 0"]


async def test_a_factory_that_cannot_be_loaded_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    made = TextWorkers(Redacts(), workers=1, limits=LIMITS)
    monkeypatch.setattr("sys.path", [])
    with pytest.raises(DeidentifierUnavailable):
        await made.start()
    await made.close()


@pytest.mark.parametrize("restartable", [True, False])
async def test_a_worker_that_cannot_start_again_ends_the_call(tmp_path: Path, restartable: bool) -> None:
    needed = tmp_path / "needed"
    needed.touch()
    async with pool(Needs(needed)) as workers:
        await workers.start([PROFILE])
        if restartable:
            assert short(await workers.deidentify([document("die"), document("calm")], PROFILE)) == [
                "DETECTOR_FAILED",
                "calm",
            ]
        else:
            needed.unlink()
            with pytest.raises(DeidentifierUnavailable):
                await workers.deidentify([document("die"), document("calm")], PROFILE)


async def test_what_one_worker_cannot_do_another_does(tmp_path: Path) -> None:
    needed = tmp_path / "needed"
    needed.touch()
    async with pool(Needs(needed), workers=2) as workers:
        await workers.start([PROFILE])
        needed.unlink()
        os.kill(workers.processes[0].pid, signal.SIGKILL)
        assert len(await workers.deidentify(notes(20), PROFILE)) == 20


async def test_a_worker_has_no_secret_no_network_no_program_and_no_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CONCORDAT_SECRET", "do not hand on")
    asked = ("environment", "files", "secret", "connect", "resolve", "program", "file", "kernel", "core")
    async with pool(Redacts("only this")) as workers:
        (found,) = await workers.deidentify([document("inside", **dict.fromkeys(asked, ""))], PROFILE)
        (process,) = workers.processes
        assert not {"CONCORDAT_SECRET", "HOME", "PATH"} & _names_of_environment(process.pid)
        assert b"only this" not in Path(f"/proc/{process.pid}/cmdline").read_bytes()
    seen: dict[str, Any] = {name: said(found, name) for name in asked}
    assert "do not hand on" not in seen["environment"]
    assert seen["secret"] == "only this"
    assert set(seen["files"].split()) <= {"/dev/null", "pipe", "/proc/self/fd"}
    refused = "PermissionError"
    assert (seen["connect"], seen["resolve"], seen["program"]) == (refused, refused, refused)
    assert seen["file"] == "OSError"
    assert seen["core"] == "(0, 0)"
    if process.kernel:
        assert seen["kernel"] == "-1"


def _names_of_environment(pid: int) -> set[str]:
    try:
        content = Path(f"/proc/{pid}/environ").read_bytes()
    except PermissionError:  # as it should be: the process is not dumpable
        return set()
    return {pair.split(b"=")[0].decode() for pair in content.split(b"\0")}


async def test_a_worker_ends_when_its_gateway_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "gateway.py"
    script.write_text(_ORPHANS)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        script,
        str(Path(__file__).resolve().parents[3]),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    pid = int(await process.stdout.readline())
    assert Path(f"/proc/{pid}").exists()
    process.kill()
    await process.wait()
    await _until(lambda: _ended(pid))


_ORPHANS = """
import asyncio, sys
sys.path.insert(0, sys.argv[1])
from gateway.adapters.text_workers import TextWorkers
from tests.unit.adapters.text_fakes import PROFILE, Redacts
from gateway.domain.deid import Document

async def main():
    workers = TextWorkers(Redacts(), workers=1)
    await workers.start([PROFILE])
    print(workers.processes[0].pid, flush=True)
    await workers.deidentify([Document(id="a", text="hang")], PROFILE)

asyncio.run(main())
"""


def _ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():
            await asyncio.sleep(0.02)


def test_batches_keep_order_and_their_limits() -> None:
    sizes = [(0, 10), (1, 10), (2, 500), (3, 10), (4, 10), (5, 10)]
    assert batches(sizes, workers=1, documents=2, least=1, most=100, large=499) == [
        Batch((0, 1)),
        Batch((2,), large=True),
        Batch((3, 4)),
        Batch((5,)),
    ]
    assert batches([(0, 5), (3, 5)], workers=2, documents=9, least=1, most=100, large=99) == [
        Batch((0,)),
        Batch((3,)),
    ]
    assert batches([(0, 5), (3, 5)], workers=1, documents=9, least=1, most=100, large=99) == [Batch((0, 3))]
    spread = {"workers": 2, "documents": 9, "most": 100, "large": 99}
    assert batches([(0, 5), (3, 5)], least=10, **spread) == [Batch((0, 3))]
    assert batches([(0, 5), (3, 5)], least=9, **spread) == [Batch((0,)), Batch((3,))]
    assert batches([], workers=2, documents=9, least=1, most=100, large=99) == []
