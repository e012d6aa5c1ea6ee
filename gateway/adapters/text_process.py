"""One worker process as the gateway sees it: started, asked, watched, killed.

Law: it gets no environment of ours, no file but its pipes, and no key beyond its factory's; the factory
goes down the pipe pickled, and nothing pickled comes back. Whatever goes wrong is a `WorkerFailed` or a
`WorkerNotStarted` in our own words. May import: adapters (text_codec), domain.deid.
"""

from __future__ import annotations

import asyncio
import builtins
import contextlib
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.adapters import text_codec as codec
from gateway.domain.deid import Document, Outcome

MIB = 1 << 20
DETECTOR_FAILED = "DETECTOR_FAILED"
DETECTOR_TIMEOUT = "DETECTOR_TIMEOUT"

_ROOT = str(Path(__file__).resolve().parents[2])
_BEGIN = "import sys; sys.path.insert(0, sys.argv[1]); from gateway.adapters.text_worker import main; main()"
# What a worker's libraries need of an environment; two of ours go with it where they are set.
_ENVIRONMENT = {"LANG": "C.UTF-8", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
_PASSED_ON = ("LD_LIBRARY_PATH", "TZ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one worker may take: seconds by size, bytes of memory, and how much it is given at a time.

    `memory` bounds private data (RLIMIT_DATA). A worker that holds more than `settled` bytes after a batch,
    and twice what its pipelines took when they were built, is replaced.
    """

    start_seconds: float = 60.0
    base_seconds: float = 30.0
    seconds_per_mib: float = 120.0
    memory: int = 2048 * MIB
    settled: int = 500 * MIB
    document: int = 16 * MIB  # bytes of JSON; a larger one is withheld
    batch_documents: int = 16
    least_bytes: int = MIB // 128  # no batch is split further for the sake of more workers
    batch_bytes: int = MIB // 16
    large: int = MIB // 4  # bytes; larger documents leave one worker to the others
    profiles: int = 8  # pipelines in one process
    nice: int = 5


class WorkerFailed(Exception):
    """A batch came to nothing. `reason` is that of the documents, `error` the type of what was raised."""

    def __init__(self, reason: str, error: str) -> None:
        super().__init__(reason)
        self.reason, self.error = reason, error


class WorkerNotStarted(Exception):
    """The process or a pipeline could not be made. `error` is the type of what was raised."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


class TextProcess:
    """A running worker. Used by one task at a time."""

    def __init__(self, process: Process, limits: Limits) -> None:
        self._process, self._limits = process, limits
        self._number = 0
        self._built: set[bytes] = set()
        self._at_rest = 0  # resident bytes once its pipelines stood
        self.kernel = False  # whether the kernel refuses it sockets, and not Python alone

    @classmethod
    async def start(cls, factory: bytes, limits: Limits) -> TextProcess:
        """A process that has loaded the pickled factory. Raises `WorkerNotStarted`."""
        environment = {**_ENVIRONMENT, **{k: os.environ[k] for k in _PASSED_ON if k in os.environ}}
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-c", _BEGIN, _ROOT),
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                env=environment,
                cwd="/",
                start_new_session=True,  # a terminal's Ctrl-C is for the gateway alone
                limit=MIB,
            )
        except OSError as error:
            raise WorkerNotStarted(type(error).__name__) from None
        worker = cls(process, limits)
        try:
            await worker._greet(factory)
        except BaseException:
            await worker.kill()
            raise
        return worker

    async def _greet(self, factory: bytes) -> None:
        settings = {
            "path": [os.path.abspath(place) for place in sys.path if place],  # noqa: PTH100 - of strings
            "memory": self._limits.memory,
            "nice": self._limits.nice,
            "parent": os.getpid(),
        }
        frames = codec.framed(json.dumps(settings).encode()) + codec.framed(factory)
        try:
            answer = await self._asked(frames, 0, self._limits.start_seconds)
        except WorkerFailed as failure:
            raise WorkerNotStarted(failure.error) from None
        self.kernel = answer.get("kernel") is True

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    def has(self, profile: bytes) -> bool:
        """Whether the pipeline of an encoded profile stands."""
        return self.alive and profile in self._built

    @property
    def full(self) -> bool:
        """Whether another pipeline would be one too many."""
        return len(self._built) >= self._limits.profiles

    async def build(self, profile: bytes) -> None:
        """Make the pipeline of an encoded profile. Raises `WorkerNotStarted`."""
        try:
            await self._request(profile, [], self._limits.start_seconds)
        except WorkerFailed as failure:
            raise WorkerNotStarted(failure.error) from None
        self._built.add(profile)
        self._at_rest = self.resident()

    async def deidentify(
        self, profile: bytes, documents: Sequence[Document], encoded: Sequence[bytes]
    ) -> list[Outcome]:
        """One outcome for each document. Raises `WorkerFailed`; the process is of no more use then."""
        size = sum(map(len, encoded))
        seconds = self._limits.base_seconds + self._limits.seconds_per_mib * size / MIB
        answer = await self._request(profile, encoded, seconds)
        try:
            return codec.decoded_outcomes(answer.get("outcomes"), documents)
        except codec.MalformedAnswer:
            raise WorkerFailed(DETECTOR_FAILED, "MalformedAnswer") from None

    async def _request(self, profile: bytes, encoded: Sequence[bytes], seconds: float) -> dict[str, Any]:
        self._number += 1
        frame = codec.framed(codec.request(self._number, profile, encoded))
        return await self._asked(frame, self._number, seconds)

    async def _asked(self, frame: bytes, number: int, seconds: float) -> dict[str, Any]:
        try:
            async with asyncio.timeout(seconds):
                answer = codec.decoded_answer(await self._exchanged(frame), number)
        except TimeoutError:
            raise WorkerFailed(DETECTOR_TIMEOUT, "TimeoutError") from None
        except (OSError, EOFError, codec.MalformedAnswer) as error:
            raise WorkerFailed(DETECTOR_FAILED, type(error).__name__) from None
        if "failed" in answer:
            raise WorkerFailed(DETECTOR_FAILED, _known(answer["failed"]))
        return answer

    async def _exchanged(self, frame: bytes) -> bytes:
        """The payload that answers a frame. An answer far larger than its question is refused unread."""
        inward, outward = self._process.stdin, self._process.stdout
        if inward is None or outward is None:
            raise EOFError
        inward.write(frame)
        await inward.drain()
        (length,) = codec.HEAD.unpack(await outward.readexactly(codec.HEAD.size))
        if length > MIB + 32 * len(frame):
            raise codec.MalformedAnswer
        return await outward.readexactly(length)

    @property
    def swollen(self) -> bool:
        """Whether it holds so much memory that a new process is the better one."""
        return self.resident() > max(self._limits.settled, 2 * self._at_rest)

    def resident(self) -> int:
        """Bytes of memory that it holds now; 0 where there is no telling."""
        try:
            pages = Path(f"/proc/{self.pid}/statm").read_bytes().split()[1]
            return int(pages) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, IndexError):
            return 0

    async def kill(self) -> None:
        """End it at once, stuck or stopped, and reap it. A second call does nothing."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._process.wait()


def _known(name: object) -> str:
    """The name of a built-in exception; any other is only called one, so that no name carries a text."""
    kind = getattr(builtins, name, None) if isinstance(name, str) else None
    return kind.__name__ if isinstance(kind, type) and issubclass(kind, Exception) else "Exception"
