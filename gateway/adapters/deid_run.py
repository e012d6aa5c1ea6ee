"""A run over files: lines in, outcomes out, in order and in bounded memory, all workers kept busy.

Law: what is cut into chunks depends on the place in the input alone, so that a run which goes on writes the
same bytes as one that was never interrupted. May import: the standard library, adapters (deid_*), domain,
errors, ports.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator

from gateway.adapters.deid_output import Output
from gateway.adapters.deid_source import Source
from gateway.deid.files import Line
from gateway.domain.deid import Outcome, Profile
from gateway.errors import ConfigInvalid
from gateway.ports import Deidentifier

# Small, because what is in work when a run is killed is done again, and the bar moves by the chunk.
CHUNK_LINES = 32
CHUNK_CHARACTERS = 1 << 18
AHEAD = 4  # chunks in work at a time; for many workers, twice as many as they are

Done = list[tuple[Line, Outcome | None]]


async def run(
    source: Source,
    output: Output,
    deidentifier: Deidentifier,
    profile: Profile,
    *,
    ahead: int = AHEAD,
    tell: Callable[[], None] = lambda: None,
) -> None:
    """De-identify the source from where the output stands to its end, and give the output its name.

    `ahead` chunks are in memory at a time; `tell` is called after each. Raises what the source and the
    deidentifier raise, and `ConfigInvalid` (OUTPUT_UNWRITABLE); the output is then left so that the same run
    goes on.
    """
    working: deque[asyncio.Task[Done]] = deque()
    try:
        for chunk in chunks(source.lines(output.progress.place, output.progress.number)):
            working.append(asyncio.create_task(_done(chunk, deidentifier, profile)))
            # Let the workers begin before more is read; then wait for the oldest once enough is in work.
            await asyncio.sleep(0)
            if len(working) >= ahead:
                output.write(await working.popleft())
                tell()
        while working:
            output.write(await working.popleft())
            tell()
        output.finish()
    except OSError as error:
        words = f"the output cannot be written ({type(error).__name__}, {os.strerror(error.errno or 0)})"
        raise ConfigInvalid(words, reason="OUTPUT_UNWRITABLE") from None
    finally:
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
        output.leave()


async def _done(chunk: list[Line], deidentifier: Deidentifier, profile: Profile) -> Done:
    documents = [line.document for line in chunk if line.document is not None]
    outcomes = iter(await deidentifier.deidentify(documents, profile))
    return [(line, None if line.document is None else next(outcomes)) for line in chunk]


def chunks(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Lines by the chunk: so many of them, or so many characters; a larger text ends its chunk."""
    chunk: list[Line] = []
    weight = 0
    for line in lines:
        chunk.append(line)
        weight += len(line.document.text) if line.document is not None else 0
        if len(chunk) >= CHUNK_LINES or weight >= CHUNK_CHARACTERS:
            yield chunk
            chunk, weight = [], 0
    if chunk:
        yield chunk
