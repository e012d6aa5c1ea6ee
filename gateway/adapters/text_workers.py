"""The pool of text workers: implements the port `Deidentifier`.

Law: what a worker did not answer in time, in form and for the very documents that it was asked is withheld,
after one more try alone in a fresh process; other batches go on. No text is in a log line or an error.
One event loop owns a pool. May import: adapters (text_*), domain.deid, errors, log.
"""

from __future__ import annotations

import asyncio
import logging
import os
import pickle
from collections.abc import Sequence

from gateway import log
from gateway.adapters import text_codec as codec
from gateway.adapters.text_process import Limits, TextProcess, WorkerFailed, WorkerNotStarted
from gateway.adapters.text_queue import Batch, Call, FairQueue, batches
from gateway.adapters.text_worker import Factory
from gateway.domain.deid import Document, Outcome, Profile
from gateway.errors import DeidentifierUnavailable

TOO_LARGE = "TOO_LARGE"
INVALID_UTF8 = "INVALID_UTF8"
_STARTS = 2  # a start is tried so often for one batch
_LONGEST_PAUSE = 5.0  # seconds between starts that fail


class TextWorkers:
    """Worker processes, each with a pipeline per profile, made by a factory that can be pickled.

    `factory(profile)` is called in the worker; what it holds (a key, paths) travels there through a pipe.
    """

    def __init__(self, factory: Factory, *, workers: int = 0, limits: Limits | None = None) -> None:
        """`workers`: 0 is one for each processor that this process may use."""
        self._factory = pickle.dumps(factory)
        self._limits = limits or Limits()
        self.count = workers or len(os.sched_getaffinity(0))
        self._slots = [_Slot(self._factory, self._limits) for _ in range(self.count)]
        self._queue = FairQueue(large=max(1, self.count - 1))
        self._serving: list[asyncio.Task[None]] = []
        self._closed = False

    async def start(self, profiles: Sequence[Profile] = ()) -> None:
        """Start every process and build these profiles' pipelines, so that no caller waits for it.

        Raises `DeidentifierUnavailable` where no process has them all.
        """
        if self._closed:
            raise self._unavailable()
        encoded = [codec.encoded_profile(profile) for profile in profiles]
        done = await asyncio.gather(*(slot.warm(encoded) for slot in self._slots))
        if not any(done):
            raise self._unavailable()

    async def deidentify(self, documents: Sequence[Document], profile: Profile) -> list[Outcome]:
        """One outcome for each document, in order.

        Withheld for DETECTOR_FAILED, DETECTOR_TIMEOUT, TOO_LARGE, INVALID_UTF8 (a lone surrogate), or for a
        reason of the pipeline. All the documents are in memory until the last is done: give it a bounded
        number. Raises `DeidentifierUnavailable`.
        """
        if self._closed:
            raise self._unavailable()
        if not documents:
            return []
        if not self._serving:
            self._serving = [asyncio.create_task(self._serve(slot)) for slot in self._slots]
        encoded, refused = self._encoded(documents)
        call = Call(codec.encoded_profile(profile), documents, encoded)
        for place, reason in refused.items():
            call.withhold([place], reason)
        sizes = [(place, len(each)) for place, each in enumerate(encoded) if place not in refused]
        split = batches(
            sizes,
            workers=self.count,
            documents=self._limits.batch_documents,
            least=self._limits.least_bytes,
            most=self._limits.batch_bytes,
            large=self._limits.large,
        )
        self._queue.put(call, split)
        return await call.outcome

    def _encoded(self, documents: Sequence[Document]) -> tuple[list[bytes], dict[int, str]]:
        """Each document as bytes, and why some are not sent to a worker."""
        encoded: list[bytes] = []
        refused: dict[int, str] = {}
        for place, document in enumerate(documents):
            try:
                encoded.append(codec.encoded_document(document))
            except UnicodeEncodeError:
                refused[place] = INVALID_UTF8
                encoded.append(b"")
            if len(encoded[place]) > self._limits.document:
                refused[place] = TOO_LARGE
                encoded[place] = b""
        return encoded, refused

    async def close(self) -> None:
        """End the processes, stuck ones too; callers that still wait get `DeidentifierUnavailable`."""
        self._closed = True
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        self._queue.fail(self._unavailable())
        await asyncio.gather(*(slot.end() for slot in self._slots))

    async def _serve(self, slot: _Slot) -> None:
        """One worker's life: a batch after the other."""
        while True:
            call, batch = await self._queue.take()
            try:
                await self._try(slot, call, batch)
            except asyncio.CancelledError:
                call.fail(self._unavailable())
                raise
            except Exception as error:  # a defect of ours must not leave a caller waiting
                log.defect("text_workers_defect", error)
                await slot.kill()
                call.fail(self._unavailable())
            finally:
                self._queue.done(batch)

    async def _try(self, slot: _Slot, call: Call, batch: Batch) -> None:
        """Have a batch done by one worker: finished, put back, or withheld."""
        worker = await slot.ready(call.profile)
        if worker is None:
            if any(other.has(call.profile) for other in self._slots):
                self._queue.put(call, [batch], first=True)
                await slot.pause()
            else:
                call.fail(self._unavailable())
            return
        documents = [call.documents[place] for place in batch.places]
        encoded = [call.encoded[place] for place in batch.places]
        try:
            outcomes = await worker.deidentify(call.profile, documents, encoded)
        except WorkerFailed as failure:
            log.event(logging.WARNING, "text_worker_failed", reason=failure.reason, error=failure.error)
            await slot.kill()
            if batch.again:
                call.withhold(batch.places, failure.reason)
            else:
                alone = [Batch((place,), large=batch.large, again=True) for place in batch.places]
                self._queue.put(call, alone, first=True)
            return
        call.finish(batch.places, outcomes)
        if worker.swollen:
            await slot.kill()

    def _unavailable(self) -> DeidentifierUnavailable:
        """The one refusal, with the type of the last exception that kept a worker from starting."""
        kinds = sorted({slot.error for slot in self._slots if slot.error})
        why = f" ({', '.join(kinds)})" if kinds else ""
        return DeidentifierUnavailable(f"no process that de-identifies could be started or kept{why}")

    @property
    def processes(self) -> list[TextProcess]:
        """The processes that run now."""
        return [slot.worker for slot in self._slots if slot.worker is not None and slot.worker.alive]


class _Slot:
    """The place of one worker: its process comes and goes."""

    def __init__(self, factory: bytes, limits: Limits) -> None:
        self._factory, self._limits = factory, limits
        self._lock = asyncio.Lock()
        self._failures = 0
        self._ended = False
        self.error = ""  # the type of what kept it from starting
        self.worker: TextProcess | None = None

    def has(self, profile: bytes) -> bool:
        return self.worker is not None and self.worker.has(profile)

    async def warm(self, profiles: Sequence[bytes]) -> bool:
        """Start, and build the pipelines; whether all that came about."""
        if not profiles:
            profiles = [b""]
        return all([await self.ready(profile) is not None for profile in profiles])

    async def ready(self, profile: bytes) -> TextProcess | None:
        """A live worker with this profile's pipeline; None where it could not be had."""
        async with self._lock:
            for _ in range(_STARTS):
                if self._ended:
                    break
                try:
                    worker = await self._ready(profile)
                except WorkerNotStarted as failure:
                    log.event(logging.ERROR, "text_worker_not_started", error=failure.error)
                    self._failures += 1
                    self.error = failure.error
                    await self.kill()
                else:
                    self._failures, self.error = 0, ""
                    return worker
            return None

    async def _ready(self, profile: bytes) -> TextProcess:
        old = self.worker
        if old is not None and not old.has(profile) and (old.full or not old.alive):
            await self.kill()
        if self.worker is None:
            self.worker = await TextProcess.start(self._factory, self._limits)
            if not self.worker.kernel:  # Python's own fence stands; who runs the site should know
                log.event(logging.WARNING, "text_worker_without_seccomp")
        if self._ended:  # while it started
            raise WorkerNotStarted("CancelledError")
        if profile and not self.worker.has(profile):
            await self.worker.build(profile)
        return self.worker

    async def pause(self) -> None:
        """Wait the longer the more starts have failed one after the other."""
        await asyncio.sleep(min(0.2 * 2**self._failures, _LONGEST_PAUSE))

    async def end(self) -> None:
        """No process from now on."""
        self._ended = True
        await self.kill()

    async def kill(self) -> None:
        worker, self.worker = self.worker, None
        if worker is not None:
            await worker.kill()
