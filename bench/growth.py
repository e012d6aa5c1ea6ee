"""How much disk 1,000 questions take: the journal's growth by fresh releases, replays and refusals.

No goal and no reference: a figure for those who plan volumes. A release is stored with its cells, so the
figure of fresh ones is that of this question (seven cells); docs/operate.md says how to reckon others.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from gateway.rpc.tls_environment import require_tls13_environment

require_tls13_environment()

from bench.replay import _lift_limits  # noqa: E402
from gateway.adapters.journal_tail import journal_bytes  # noqa: E402
from gateway.client import Gateway  # noqa: E402
from gateway.demo import run  # noqa: E402
from gateway.demo.hospital.build import build  # noqa: E402
from gateway.demo.questions import QUESTIONS  # noqa: E402
from gateway.errors import GatewayError  # noqa: E402

CALLS = 300


def main() -> int:
    """Print bytes for 1,000 questions of each kind."""
    with tempfile.TemporaryDirectory() as name:
        place = run.set_up(Path(name), build(1, patients=500), lambda words: None)
        try:
            _lift_limits(place)
            with Gateway(
                place.address, place.partner, agreement=run.AGREEMENT, purpose=run.PURPOSE
            ) as gateway:
                _measure(gateway, place.site / "journal" / "journal.db")
        finally:
            run.stop(place.pid)
    return 0


def _measure(gateway: Gateway, journal: Path) -> None:
    sql = QUESTIONS[0].sql

    def fresh(number: int) -> None:
        gateway.query(sql, rho=f"0.0000{number + 1:06d}")  # another price is another plan

    def replay(number: int) -> None:
        gateway.query(sql, rho="0.0000000001")

    def refused(number: int) -> None:
        with suppress(GatewayError):
            gateway.query("SELECT COUNT(*) AS n FROM nothing", rho="0.001")

    kinds: tuple[tuple[str, Callable[[int], None]], ...] = (
        ("fresh", fresh),
        ("replayed", replay),
        ("refused", refused),
    )
    for name, ask in kinds:
        before = _settled(journal)
        for number in range(CALLS):
            ask(number)
        grown = (_settled(journal) - before) * 1000 / CALLS
        print(f"1,000 {name}: {grown / 1e6:.1f} MB")


def _settled(journal: Path) -> int:
    """The size with the write-ahead log taken into the database, as far as that is possible now."""
    with closing(sqlite3.connect(journal)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return journal_bytes(journal)


if __name__ == "__main__":
    sys.exit(main())
