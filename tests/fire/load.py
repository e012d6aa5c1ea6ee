"""Eight lanes of claims and releases on a journal, as a process: `python -m tests.fire.load PATH [PATIENCE]`.

Prints the receipt of each release as soon as it has it, and at a failure its reason and the journal's health.
"""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from gateway.domain.entry import Charged, Receipt
from gateway.errors import AuditUnavailable
from tests.guards import ROOT
from tests.unit.audit.kit import FakeClock, noisy, open_journal, request

LANES = 8


async def main(path: Path, patience: float) -> None:
    """Until the budget is spent, the journal fails or the process is killed."""
    # The same run of the machine each time: time stands still here, over restarts too.
    journal = open_journal(path, patience=patience, clock=FakeClock(boot=7))
    start = journal.head()[0]

    async def lane(number: int) -> None:
        for n in range(100_000):
            name = f"{start}-{number}-{n}"
            claim = await journal.claim(
                request(plan=name, query=name, request_id=name, rho=1, site_cap=None, agreement_cap=None)
            )
            if not isinstance(claim, Charged):
                return
            receipt = await journal.release(claim, noisy(claim))
            print(json.dumps([receipt.entry, receipt.seq, receipt.leaf_hash]), flush=True)

    try:
        await asyncio.gather(*(lane(number) for number in range(LANES)))
    except AuditUnavailable as error:
        print(json.dumps([error.reason, journal.healthy]), flush=True)


def loaded(
    path: Path, *, before: Sequence[str] = (), most_bytes: int = 0, patience: float = 5.0
) -> subprocess.Popen[str]:
    """Start it; `before` goes before the command, `most_bytes` limits the size of its files."""

    def limit() -> None:
        if most_bytes:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))

    command = [*before, sys.executable, "-m", "tests.fire.load", str(path), str(patience)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, preexec_fn=limit)


def receipts(lines: Iterable[str]) -> list[Receipt]:
    """The receipts among whole lines of output."""
    found = [json.loads(line) for line in lines if line.endswith("]\n")]
    return [Receipt(entry=f[0], seq=f[1], leaf_hash=f[2]) for f in found if len(f) == 3]


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), float(sys.argv[2])))
