"""The clock: budget periods follow it. Against the journal, against the time since boot, against NTP.

Law: nobody is asked for the time; the kernel says whether something keeps it right (adjtimex(2)).
Imports: the standard library, adapters, audit, doctor.
"""

from __future__ import annotations

import ctypes
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from gateway.adapters.journal_tail import last_entry
from gateway.doctor.finding import Finding, fail, ok, warn
from gateway.doctor.running import PROC, serving

JUMP_SECONDS = 300.0  # what journal.md calls a jump
AHEAD_SECONDS = 2.0
_UNSYNCHRONISED = 0x40  # STA_UNSYNC
_TIMEX_BYTES = 512  # of struct timex, which is 208 on 64-bit Linux
_TIMEX_LONGS = 5  # modes, offset, freq, maxerror and esterror come before status


def against_journal(site: Path) -> Iterator[Finding]:
    """The journal's time never runs back: a clock behind it stands still until it has caught up."""
    last = last_entry(site / "journal" / "journal.db")
    if last is None:
        yield ok("CLOCK_JOURNAL", "no journal to compare with yet")
        return
    behind = (last.time - datetime.now(UTC)).total_seconds()
    remedy = "set the clock from a trustworthy source before serving"
    if behind > JUMP_SECONDS:
        yield fail("CLOCK_JOURNAL", f"the clock is {behind:,.0f} s behind the journal's last entry", remedy)
    elif behind > AHEAD_SECONDS:
        yield warn("CLOCK_JOURNAL", f"the clock is {behind:,.0f} s behind the journal's last entry", remedy)
    else:
        yield ok("CLOCK_JOURNAL", "not behind the journal's last entry")


def since_start(site: Path) -> Iterator[Finding]:
    """Whether the clock was moved since the gateway started, by the time since boot, which never is."""
    pid = serving(site)
    moved = None if pid is None else _moved(site, pid)
    if moved is None:
        yield ok("CLOCK_STEP", "no gateway is running, so there is no start to compare with")
    elif abs(moved) > JUMP_SECONDS:
        words = f"the clock was moved by about {moved:+,.0f} s since the gateway started"
        yield warn("CLOCK_STEP", words, "find out why; periods that it passed were opened early")
    else:
        yield ok("CLOCK_STEP", "not moved since the gateway started")


def synchronised(site: Path) -> Iterator[Finding]:
    state = kernel_state()
    remedy = "run chrony or systemd-timesyncd against a source of your own network"
    if state is None:
        yield warn("CLOCK_NTP", "the kernel does not tell whether the clock is synchronised", remedy)
    elif state & _UNSYNCHRONISED:
        yield warn("CLOCK_NTP", "the kernel says that nothing synchronises the clock", remedy)
    else:
        yield ok("CLOCK_NTP", "the kernel says that the clock is synchronised")


def kernel_state() -> int | None:
    """`status` of struct timex, read without setting anything; None where the kernel does not tell."""
    if ctypes.sizeof(ctypes.c_long) != 8:
        return None
    timex = ctypes.create_string_buffer(_TIMEX_BYTES)  # all zero: modes 0 only reads
    try:
        answered = ctypes.CDLL(None, use_errno=True).adjtimex(timex)
    except (OSError, AttributeError):
        return None
    if answered < 0:
        return None
    return int.from_bytes(timex.raw[_TIMEX_LONGS * 8 : _TIMEX_LONGS * 8 + 4], sys.byteorder)


def _moved(site: Path, pid: int) -> float | None:
    """Seconds: where the wall clock now puts the start, less where it stood when the start was written."""
    try:
        stamped = (site / "run" / "gateway.json").stat().st_mtime
        fields = (PROC / str(pid) / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return None
    started = int(fields[19]) / os.sysconf("SC_CLK_TCK")  # seconds after boot: field 22 of proc(5)
    return time.time() - (time.clock_gettime(time.CLOCK_BOOTTIME) - started) - stamped
