"""An export of notes to JSON lines that can be cut at any moment and goes on where it was.

Law: a batch counts once its lines and then the state beside the file are on the disk; whatever the file holds
beyond its state is dropped before it goes on, so that each note is in it once. A finished file has no state
and is never written again.
May import: the standard library, errors, adapters.durable, client.records.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from gateway.adapters.durable import sync, write_file
from gateway.client.records import NoteBatch
from gateway.errors import ConfigInvalid

MOST_STATE = 64 * 1024  # bytes


class NotesFile:
    """The file at `path` and its state at `path.state`, both the owner's alone; use it in a `with` block.

    `asked` is what the export is of: it goes on for the same alone. Raises `ConfigInvalid` NOTES_FILE_EXISTS
    for a file that is there without a state, NOTES_FILE_OTHER where the state is another request's or is
    damaged, and NOTES_FILE_SHORT where the file lacks what the state says is in it.
    """

    def __init__(self, path: Path, asked: Mapping[str, Any]) -> None:
        self._path, self._state = path, path.with_name(path.name + ".state")
        self._asked = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
        self.page_token, self.notes, self.withheld = "", 0, 0
        size = 0
        if self._state.exists():
            size = self._resumed()
        elif path.exists():
            raise ConfigInvalid(f"{path} is there already and is not overwritten", reason="NOTES_FILE_EXISTS")
        else:
            write_file(path, b"")
            self._keep(0)
        self.resumed = bool(self.page_token)
        self._file = path.open("r+b")
        if os.fstat(self._file.fileno()).st_size < size:
            self._file.close()
            raise ConfigInvalid(f"{path} is shorter than its state says", reason="NOTES_FILE_SHORT")
        self._file.truncate(size)
        self._file.seek(size)

    def __enter__(self) -> NotesFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def append(self, batch: NoteBatch) -> None:
        """Add a batch: a line for each note, and one for each that was withheld. Durable when it returns."""
        lines: Sequence[Mapping[str, Any]] = [
            *(note.to_dict() for note in batch.notes),
            *({"id": one.id, "withheld": one.reason} for one in batch.withheld),
        ]
        for line in lines:
            self._file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self.page_token = batch.next_page_token
        self.notes += len(batch.notes)
        self.withheld += len(batch.withheld)
        if self.page_token:
            self._keep(self._file.tell())
        else:
            self._state.unlink()  # finished
            sync(self._path.parent)

    def _keep(self, size: int) -> None:
        """The state as of now, whole or not at all."""
        content = {
            "asked": self._asked,
            "size": size,
            "page_token": self.page_token,
            "notes": self.notes,
            "withheld": self.withheld,
        }
        aside = self._state.with_name(f".{self._state.name}.new")
        aside.unlink(missing_ok=True)
        write_file(aside, json.dumps(content).encode())
        aside.replace(self._state)
        sync(self._path.parent)

    def _resumed(self) -> int:
        """Take the state up; returns the size of the file that it speaks of."""
        damaged = ConfigInvalid(
            f"{self._state} is of another request, or damaged: remove it and {self._path} to begin again",
            reason="NOTES_FILE_OTHER",
        )
        try:
            with self._state.open("rb") as stream:
                found = json.loads(stream.read(MOST_STATE))
            asked, size, self.page_token = found["asked"], int(found["size"]), str(found["page_token"])
            self.notes, self.withheld = int(found["notes"]), int(found["withheld"])
        except (ValueError, KeyError, TypeError, RecursionError):
            raise damaged from None
        if asked != self._asked or size < 0 or not self._path.exists():
            raise damaged
        return size
