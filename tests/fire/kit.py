"""The journal under fire: how long, and what a system-call trace says.

`CONCORDAT_FIRE` is a number of seconds for which loops go on (`make fire`); without it they are short, as in
the ordinary suite. Imports: the standard library, tests.guards.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.guards import need

SECONDS = float(os.environ.get("CONCORDAT_FIRE", "0"))
ANSWER = 300  # bytes: what is longer on a partner's connection is an answer, not a frame of HTTP/2's own
_LINE = re.compile(r"(?P<pid>\d+) +(?:<\.\.\. (?P<resumed>\w+) resumed>|(?P<name>\w+)\()(?P<rest>.*)", re.S)
_RESULT = re.compile(r"= (?P<result>-?\d+)[^=]*$")


def rounds(short: int) -> Iterator[int]:
    """Rounds of a loop: so many, or as many as `CONCORDAT_FIRE` has seconds for."""
    end = time.monotonic() + SECONDS
    number = 0
    while number < short or time.monotonic() < end:
        yield number
        number += 1


def strace(log: Path, *options: str) -> list[str]:
    """The words before a command that is to be traced into a file, its threads and children too."""
    need("strace", shutil.which("strace") is not None, "strace is not on this machine")
    return ["strace", "-f", "-qq", "-yy", "-o", str(log), *options, "--"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A system call: where in the trace it began and returned, on which path, with what in it."""

    name: str
    path: str
    text: str
    began: int
    ended: int
    result: int


def calls(log: Path) -> list[Call]:
    """The calls of a trace that returned, in the order in which they began."""
    open_calls: dict[str, tuple[str, str, int]] = {}
    found: list[Call] = []
    for number, line in enumerate(log.read_text("latin-1").splitlines()):
        match = _LINE.match(line)
        if match is None:
            continue
        pid, text, began = match["pid"], match["rest"], number
        if match["resumed"]:
            name, text, began = open_calls.pop(pid, (match["resumed"], "", number))
            text += match["rest"]
        else:
            name = match["name"]
        if "<unfinished ...>" in line:
            open_calls[pid] = (name, text, began)
            continue
        result = _RESULT.search(text)
        if result is not None:
            path = text.partition("<")[2].partition(">")[0]
            found.append(
                Call(
                    name=name,
                    path=path,
                    text=text,
                    began=began,
                    ended=number,
                    result=int(result["result"]),
                )
            )
    return sorted(found, key=lambda call: call.began)


def disorder(log: Path, answers: Sequence[Sequence[str]]) -> list[str]:
    """What is wrong with the order of a trace in which so many answers were sent, one after the other.

    Each answer names texts that entries hold and that must be on the disk before it: for each, a write to
    the journal that holds it, then an fdatasync that began after that write returned and itself returned
    before the answer was sent.
    """
    trace = calls(log)
    wal = [call for call in trace if call.path.endswith("/journal.db-wal")]
    sent = [
        call
        for call in trace
        if call.name in ("sendmsg", "sendto", "write", "writev")
        and call.path.startswith("TCP")
        and call.result > ANSWER
    ][-len(answers) :]
    faults = [] if len(sent) == len(answers) else [f"{len(sent)} answers were sent, not {len(answers)}"]
    for number, (answer, texts) in enumerate(zip(sent, answers, strict=False)):
        for text in texts:
            written = next((c for c in wal if c.name == "pwrite64" and text in c.text), None)
            if written is None or written.began > answer.began:
                faults.append(f"answer {number}: its entry was written after it, or never")
            elif not any(
                c.name in ("fdatasync", "fsync")
                and c.result == 0
                and written.ended < c.began
                and c.ended < answer.began
                for c in wal
            ):
                faults.append(f"answer {number}: its entry was written, but not synced before it")
    return faults
