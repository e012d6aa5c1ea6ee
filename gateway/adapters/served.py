"""Which snapshot a site serves, as its journal says: asked by commands beside a running gateway.

Law: reads only. What cannot be read is said, so that nothing is removed on a guess.
Imports: sqlite3, errors, audit.entry, domain.entry, verify.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from gateway.domain.entry import EntryKind
from gateway.errors import JournalInvalid
from gateway.verify import open_read_only

_NEWEST = "SELECT data FROM entries WHERE instr(data, ?) > 0 ORDER BY seq DESC"


def served_snapshot(journal: Path) -> str | None:
    """The snapshot that was published last; None where nothing was, or there is no journal yet.

    Raises `JournalInvalid` where the journal cannot be read.
    """
    if not journal.exists():
        return None
    kind = EntryKind.SNAPSHOT_PUBLISHED.value
    try:
        with closing(open_read_only(journal)) as database:
            for (data,) in database.execute(_NEWEST, (kind.encode(),)):
                entry = json.loads(data)
                if entry["kind"] == kind:
                    return str(entry["snapshot"])
    except (sqlite3.Error, ValueError, KeyError, TypeError):
        raise JournalInvalid("the journal does not tell which snapshot is served") from None
    return None
