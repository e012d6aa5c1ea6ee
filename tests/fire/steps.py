"""The corridor, killed at each of its steps: `python -m tests.fire.steps FOLDER` prints the steps it died at.

One process makes everything ready and forks itself for each step; the child asks one question of a site in a
folder of its own, through the real journal, and ends itself with SIGKILL when it comes to that step.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gateway.adapters.journal_store import JournalStore
from gateway.domain.entry import Charged, Receipt
from gateway.flows import release as corridor
from tests.flows.fakes import WatchedEngine, WatchedJournal
from tests.flows.kit import House

BEFORE_CHARGE = ("before-claim", "claim-before-commit")
SPENT = ("claim-after-commit", "before-read", "after-read", "after-draw", "release-before-commit")
ANSWERED = ("release-after-commit", "answered")
STEPS = (*BEFORE_CHARGE, *SPENT, *ANSWERED)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Journal(WatchedJournal):
    """Ends the process before the claim or after the draw."""

    step = ""

    async def claim(self, request: Any) -> Any:
        if self.step == "before-claim":
            die()
        return await super().claim(request)

    async def release(self, charged: Charged, stored: bytes) -> Receipt:
        if self.step == "after-draw":
            die()
        return await super().release(charged, stored)


def around(function: Callable[..., Any], *, before: bool, when: Callable[..., bool]) -> Callable[..., Any]:
    """The function, with the end of the process before or after it."""

    def wrapped(*arguments: Any) -> Any:
        due = when(*arguments)
        if due and before:
            die()
        done = function(*arguments)
        if due:
            die()
        return done

    return wrapped


def commits(kind: bytes) -> Callable[..., bool]:
    def holds(store: JournalStore) -> bool:
        return any(b'"kind":"' + kind + b'"' in data for _seq, _id, _scope, data in store._pending)

    return holds


def armed(step: str) -> None:
    """Patch this process so that it ends at a step that is not the journal's or the engine's own."""
    what, _, when = step.partition("-")
    if step.endswith("-commit"):
        kind = b"Charged" if what == "claim" else b"Released"
        JournalStore.commit = around(  # type: ignore[method-assign]
            JournalStore.commit, before=when.startswith("before"), when=commits(kind)
        )
    if step == "after-read":
        # The release is encoded in the thread that read and drew, before anything is stored.
        setattr(corridor, "encode_release", lambda *of: die())  # noqa: B010 - it is not the module's own


async def main(folder: Path, step: str) -> None:
    house = await House.open(folder)
    journal = Journal(house.journal, [])
    journal.step = step
    engine = WatchedEngine(house.site.engine, before=die if step == "before-read" else None)
    house.site.journal, house.site.engine = journal, engine
    armed(step)
    await house.ask(request_id="r-1")
    if step == "answered":
        die()


if __name__ == "__main__":
    for step in STEPS:
        child = os.fork()
        if child == 0:
            asyncio.run(main(Path(sys.argv[1]) / step, step))
            os._exit(1)  # it came through alive
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            print(step, flush=True)
