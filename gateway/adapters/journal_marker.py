"""journal.opened: the file beside a journal that says which one was opened here.

Law: it is written once, when entry 0 is durable, and never changed; a journal that is gone, emptied or
another than the one it names is refused, as every budget would begin anew. Kept sets of policies tell of
a journal too. Imports: the standard library, audit, errors, adapters.restored_mark.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from gateway.adapters.restored_mark import refuse_marked
from gateway.audit.entry import leaf_hash
from gateway.errors import JournalInvalid


def check_marker(path: Path, first: bytes | None) -> None:
    """Raise `JournalInvalid` (JOURNAL_MISSING) unless the journal opened here is the one with this entry 0,
    and (JOURNAL_RESTORED) where it is a copy from a backup that was not recovered.

    `path` is that of journal.db; `first` None: it has no entry 0, or is not there.
    """
    named = _named(path)
    if first is None and (named is not None or any((path.parent / "policies").glob("*.json"))):
        raise _missing("is gone")
    if first is not None and named not in (None, leaf_hash(first).hex()):
        raise _missing("is not the one in its place")
    if first is not None:
        refuse_marked(path)


def mark(path: Path, origin: str, first: bytes) -> None:
    """Write the marker durably, unless there is one. Raises `OSError`."""
    marker = _marker(path)
    if marker.exists():
        return
    aside = marker.with_name(f".{marker.name}.{os.getpid()}")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        json.dump({"origin": origin, "leaf_hash": leaf_hash(first).hex()}, stream)
        stream.flush()
        os.fsync(stream.fileno())
    aside.replace(marker)
    folder = os.open(marker.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _marker(path: Path) -> Path:
    """Not `journal.db...`: whoever removes the database's files by such a pattern leaves it standing."""
    return path.with_suffix(".opened")


def _named(path: Path) -> str | None:
    try:
        return str(json.loads(_marker(path).read_text("utf-8"))["leaf_hash"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        raise JournalInvalid(f"{_marker(path).name} beside the journal cannot be read") from None


def _missing(how: str) -> JournalInvalid:
    return JournalInvalid(
        f"the journal that was opened here {how}: bring it back; without it nobody knows what was spent",
        reason="JOURNAL_MISSING",
    )
