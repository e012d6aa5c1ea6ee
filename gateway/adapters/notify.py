"""Words to the service manager that started this process, where one asked for them (sd_notify(3)).

Law: one datagram to the Unix socket that NOTIFY_SOCKET names, and nothing where there is none; whether it
arrives changes nothing here. Imports: the standard library only.
"""

from __future__ import annotations

import os
import socket
import time

READY = "READY=1"
STOPPING = "STOPPING=1"


def notify(words: str) -> None:
    """Send one state. A name that begins with @ lies in the abstract namespace (unix(7))."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            channel.setblocking(False)
            channel.sendto(words.encode(), address)
    except OSError:
        return


class Watchdog:
    """Says that the loop still turns, twice as often as the manager waits for it; `beat` may come oftener."""

    def __init__(self) -> None:
        self._every = _seconds() / 2
        self._last = 0.0

    def beat(self) -> None:
        now = time.monotonic()
        if self._every and now - self._last >= self._every:
            self._last = now
            notify("WATCHDOG=1")


def _seconds() -> float:
    """How long the manager waits; 0 where it does not watch this process."""
    if os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return 0.0
    try:
        return int(os.environ.get("WATCHDOG_USEC", "0")) / 1e6
    except ValueError:
        return 0.0
