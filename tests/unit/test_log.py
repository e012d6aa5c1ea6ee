from __future__ import annotations

import json
import logging
import subprocess
import sys

from gateway import log

CANARY = "canary-patient-4711"


def written(record: logging.LogRecord) -> dict[str, object]:
    line: dict[str, object] = json.loads(log.JsonLines().format(record))
    return line


def record(name: str, message: object, *args: object, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord(name, logging.WARNING, "f.py", 1, message, args, None)
    made.__dict__.update(extra)
    return made


def test_public_fields_only() -> None:
    line = written(record("gateway", "refused", public={"party": "north", "row": CANARY, "milliseconds": 4}))
    assert line.keys() == {"time", "level", "event", "party", "milliseconds"}
    assert (line["event"], line["level"], line["milliseconds"]) == ("refused", "warning", 4)


def test_arguments_and_other_libraries_messages_are_left_out() -> None:
    assert written(record("gateway.x", "read %s", CANARY))["event"] == "read %s"
    assert written(record("some.engine", f"cannot cast {CANARY}"))["event"] == "library:some.engine"
    assert written(record("gateway", ValueError(CANARY)))["event"] == "library:gateway"


def test_exceptions_are_class_and_place() -> None:
    try:
        json.loads(CANARY)
    except ValueError as error:
        made = record("gateway", "failed")
        made.exc_info = (type(error), error, error.__traceback__)
        line = written(made)
    assert line["error"] == "JSONDecodeError"
    assert CANARY not in json.dumps(line)


def test_buckets_are_powers_of_two() -> None:
    assert [log.bucket(s) for s in (0, 0.001, 0.0011, 0.25, 3, 1e9)] == [1, 1, 2, 256, 4096, 1 << 20]


def test_a_whole_process_writes_json_lines_only() -> None:
    script = f"""
import logging, threading, warnings
from gateway import log
log.configure("INFO")
log.event(logging.INFO, "started", listener="partners", secret="{CANARY}")
logging.getLogger("gateway").info("%d", "{CANARY}")
logging.getLogger("other").exception("{CANARY}", exc_info=ValueError("{CANARY}"))
warnings.warn("{CANARY}")
def thread(): raise KeyError("{CANARY}")
t = threading.Thread(target=thread); t.start(); t.join()
class Bad:
    def __del__(self): raise ValueError("{CANARY}")
Bad()
raise RuntimeError("{CANARY}")
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert CANARY not in done.stderr
    events = [json.loads(line)["event"] for line in done.stderr.splitlines()]
    assert events == [
        "started",
        "%d",
        "library:other",
        "library:py.warnings",
        "unhandled_in_thread",
        "unraisable",
        "unhandled",
    ]
