"""JSON lines on standard error: one object a line, made of public fields only.

Law: a line holds our own words and public fields (party, method, reason, entry, bucketed milliseconds).
It never holds an exception's text, the arguments of a log call, or another library's message: any of
these may quote a value. An exception is its class name and the places in our own code that it passed.
Imports: the standard library only.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

PUBLIC_FIELDS = frozenset(
    {
        "party",
        "method",
        "reason",
        "entry",
        "milliseconds",
        "error",
        "where",
        "generation",
        "listener",
        "count",
    }
)
_LONGEST_FIELD = 256
_OWN_CODE = str(Path(__file__).resolve().parent) + "/"
_log = logging.getLogger("gateway")


def enabled(level: int) -> bool:
    """Whether an event of this level would be written."""
    return _log.isEnabledFor(level)


def event(level: int, name: str, **fields: str | int) -> None:
    """Log one event under a constant name; fields outside `PUBLIC_FIELDS` are dropped when written."""
    if _log.isEnabledFor(level):
        _log.log(level, name, extra={"public": fields})


def defect(name: str, error: BaseException, **fields: str | int) -> None:
    """Log an exception that is a defect of ours: its class and where it passed, never its text."""
    event(logging.ERROR, name, error=type(error).__name__, where=places(error.__traceback__), **fields)


def bucket(seconds: float) -> int:
    """A duration as the next power of two of milliseconds, so that a log tells little about data."""
    milliseconds = 1
    while milliseconds < seconds * 1000 and milliseconds < 1 << 20:
        milliseconds *= 2
    return milliseconds


def places(traceback: TracebackType | None) -> str:
    """The innermost three places of our own code that an exception passed, as `path:line` words."""
    return " ".join(list(_own_frames(traceback))[-3:])


def configure(level: str = "INFO") -> None:
    """Send every log of this process to standard error as JSON lines, unhandled exceptions included."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.captureWarnings(True)
    logging.raiseExceptions = False  # a fault while logging would print the arguments of the call
    sys.excepthook = lambda kind, error, trace: defect("unhandled", error)
    threading.excepthook = _unhandled_in_thread
    sys.unraisablehook = _unraisable


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object: time (RFC 3339, UTC), level, event, then public fields."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, str | int] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": _event_name(record),
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["where"] = places(record.exc_info[2])
        for name, value in getattr(record, "public", {}).items():
            if name in PUBLIC_FIELDS:
                line[name] = value if isinstance(value, int) else str(value)[:_LONGEST_FIELD]
        return json.dumps(line)


def _event_name(record: logging.LogRecord) -> str:
    """Our own template, its arguments left out; of another library only the logger's name."""
    own = record.name == "gateway" or record.name.startswith("gateway.")
    return (
        str(record.msg)[:_LONGEST_FIELD] if own and isinstance(record.msg, str) else f"library:{record.name}"
    )


def _own_frames(traceback: TracebackType | None) -> Iterator[str]:
    while traceback is not None:
        path = traceback.tb_frame.f_code.co_filename
        if path.startswith(_OWN_CODE):
            yield f"{path.removeprefix(_OWN_CODE)}:{traceback.tb_lineno}"
        traceback = traceback.tb_next


def _unhandled_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        defect("unhandled_in_thread", args.exc_value)


def _unraisable(args: sys.UnraisableHookArgs) -> None:
    if args.exc_value is not None:
        defect("unraisable", args.exc_value)
