"""Where de-identified texts go, so that a run which was killed goes on and ends as if it never was.

Law: lines are written to `OUT.part`; beside it, `OUT.part.json` says how far input and output had come at
the last step that is surely on the disk, and for which input, profile and key. A run that is another one is
refused, never mixed in. Only a whole output has the name `OUT`. What is written is the owner's alone (0600).
May import: the standard library, adapters.durable, deid.files, domain.deid, errors.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gateway.adapters.durable import sync
from gateway.deid.files import Line, written
from gateway.domain.deid import Deidentified, Outcome
from gateway.errors import ConfigInvalid

SPANS = "spans.jsonl"  # of a folder
STEP_SECONDS = 5.0
_FORMAT = 1


@dataclass(slots=True)
class Progress:
    """How far a run has come: the place in the input, lines and bytes; what was withheld, by reason."""

    place: int = 0
    number: int = 0
    size: int = 0
    notes: int = 0
    withheld: Counter[str] = field(default_factory=Counter)


class Output:
    """One output: a file of JSON lines, or with `folder` the tree of texts and spans.jsonl in it.

    `told` says what makes the run this one: words to fingerprints. Raises `ConfigInvalid`: OUTPUT_EXISTS,
    RUN_CHANGED (another input, profile or key than the interrupted run's), OUTPUT_BUSY.
    """

    def __init__(self, out: Path, told: Mapping[str, str], *, folder: bool, restart: bool) -> None:
        self._folder = out if folder else None
        self._out = out / SPANS if folder else out
        self._part = self._out.with_name(self._out.name + ".part")
        self._state = self._out.with_name(self._out.name + ".part.json")
        self._told = dict(told)
        self._stepped = time.monotonic()
        self._begin(restart)
        self.resumed = self.progress.number > 0

    def _begin(self, restart: bool) -> None:
        if self._folder is not None:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        self._stream = os.fdopen(descriptor, "r+b")
        try:
            os.fchmod(descriptor, 0o600)  # one that lay there already; refused where it is somebody else's
            self._lock()
            if restart:
                self._forget()
            self.progress = self._found()
            self._stream.truncate(self.progress.size)
            self._stream.seek(self.progress.size)
            self.step()  # from here on an output that is not whole is known as ours
        except BaseException:
            self._stream.close()
            raise

    def _lock(self) -> None:
        try:
            fcntl.flock(self._stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigInvalid(f"another run is writing {self._out}", reason="OUTPUT_BUSY") from None

    def _found(self) -> Progress:
        """Where an interrupted run stood; the beginning where there was none."""
        self._refuse_existing()
        try:
            content = json.loads(self._state.read_bytes())
            told = dict(content["run"]) if content["format"] == _FORMAT else {}
            counts = dict(content["progress"])
            found = Progress(**{**counts, "withheld": Counter(counts.get("withheld"))})
        except FileNotFoundError:
            return Progress()
        except (OSError, ValueError, KeyError, TypeError):
            raise self._changed("its own notes") from None
        changed = [word for word in self._told if told.get(word) != self._told[word]]
        if changed:
            raise self._changed(", ".join(changed))
        if os.fstat(self._stream.fileno()).st_size < found.size:
            raise self._changed("its own output")
        return found

    def _changed(self, what: str) -> ConfigInvalid:
        return ConfigInvalid(
            f"an interrupted run left {self._part}, and since then these have changed: {what}; "
            "--restart begins anew",
            reason="RUN_CHANGED",
        )

    def _refuse_existing(self) -> None:
        """A whole output is never gone on with, even where the run was killed as it named it."""
        there = self._out.exists()
        if self._folder is not None and not self._state.exists():
            there = there or next(self._folder.rglob("*.txt"), None) is not None
        if there:
            if not os.fstat(self._stream.fileno()).st_size:
                self._discard()
            what = self._folder or self._out
            raise ConfigInvalid(
                f"{what} holds an output already; choose another name, or --restart to replace it",
                reason="OUTPUT_EXISTS",
            )

    def _forget(self) -> None:
        """Remove what an earlier run wrote, and nothing else."""
        if self._folder is not None:
            for listing in (self._out, self._part):
                self._forget_texts(self._folder, listing)
        self._stream.truncate(0)
        for path in (self._state, self._out):
            path.unlink(missing_ok=True)

    @staticmethod
    def _forget_texts(folder: Path, listing: Path) -> None:
        try:
            lines = listing.read_bytes().splitlines()
        except FileNotFoundError:
            return
        for line in lines:
            try:
                target = folder / str(json.loads(line)["id"])
            except (ValueError, KeyError, TypeError):
                continue  # the last line of a killed run may be cut
            if target.suffix.lower() == ".txt" and target.resolve().is_relative_to(folder.resolve()):
                target.unlink(missing_ok=True)

    def write(self, lines: Sequence[tuple[Line, Outcome | None]]) -> None:
        """Write what became of some lines of the input, in its order."""
        withheld: Counter[str] = Counter()
        for line, outcome in lines:
            self._stream.write(written(line, outcome, text=self._folder is None))
            if not isinstance(outcome, Deidentified):
                withheld[line.reason if outcome is None else outcome.reason] += 1
        self._stream.flush()
        if self._folder is not None:
            for line, outcome in lines:
                if isinstance(outcome, Deidentified):
                    _write_text(self._folder, str(line.id), outcome.text)
        # Only now, so that a disk that is full leaves the note of a place that is whole.
        last = lines[-1][0]
        self.progress.place, self.progress.number, self.progress.size = (
            last.end,
            last.number,
            self._stream.tell(),
        )
        self.progress.notes += len(lines)
        self.progress.withheld += withheld
        if time.monotonic() - self._stepped > STEP_SECONDS:
            self.step()

    def step(self) -> None:
        """Make all that was written durable, and then the note of how far it goes."""
        self._sync()
        progress = {name: getattr(self.progress, name) for name in Progress.__slots__}
        content = {"format": _FORMAT, "run": self._told, "progress": progress}
        aside = self._state.with_name(self._state.name + ".new")
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
            json.dump(content, stream)
            stream.flush()
            os.fsync(stream.fileno())
        aside.replace(self._state)
        sync(self._state.parent)
        self._stepped = time.monotonic()

    def _sync(self) -> None:
        self._stream.flush()
        os.fsync(self._stream.fileno())
        if self._folder is not None:
            os.sync()  # thousands of small files at once

    def finish(self) -> None:
        """The output is whole: it gets its name."""
        self._sync()
        self._part.replace(self._out)
        self._state.unlink(missing_ok=True)
        sync(self._out.parent)
        self._stream.close()

    def leave(self) -> None:
        """The run ends early: what was written is kept for the next one."""
        if self._stream.closed:
            return
        with contextlib.suppress(OSError):  # a full disk: the step before it holds
            if self.progress.number:
                self.step()
            else:
                self._discard()
        with contextlib.suppress(OSError):
            self._stream.close()

    def _discard(self) -> None:
        self._part.unlink(missing_ok=True)
        self._state.unlink(missing_ok=True)


def _write_text(folder: Path, name: str, text: str) -> None:
    """Write one text of a folder whole, over an equal one of an interrupted run; never out of the folder."""
    path = folder / name
    if not path.parent.resolve().is_relative_to(folder.resolve()):
        raise ConfigInvalid(f"a link in {folder} leads out of it", reason="OUTPUT_UNWRITABLE")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = path.with_name(path.name + ".part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    with os.fdopen(os.open(aside, flags, 0o600), "wb") as stream:
        stream.write(text.encode("utf-8"))
    aside.replace(path)
