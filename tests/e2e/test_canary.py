"""Canary patients: recognisable values in every column, then every error, then a search of all traces.

Law (architecture.md): errors, logs and entries never carry a patient value. A snapshot is the one place
where a canary may be; logs at debug level, standard error, journal, spill, run/, answers and the site's own
commands are searched. Controls: a canary put on the log, and one in an exception's chain, are found.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pytest

from gateway.client import Gateway
from gateway.errors import GatewayError
from tests.checks import check_journal
from tests.e2e.kit import AGREEMENT, Place, Serving, command, make_place, serving

NAMES = ("canaryella", "canaryrow-4712", "canarycode-zebra", "canarytext miraculix", "canaryfile")
NUMBERS = ("74937151", "83948271", "1917-05-13")
CANARIES = tuple(text.encode() for text in (*NAMES, *NUMBERS))

HEADER = (
    "patient_id,encounter_id,sex,age_band,region,class,start,length_of_stay,readmitted_30d,charge,remarks"
)
GOOD = "P1,E1,female,18-34,north,IMP,2025-01-02,3,false,120.5,none"
CANARY = (
    "Canaryella,CanaryRow-4712,CanaryCode-Zebra,CanaryCode-Zebra,CanaryCode-Zebra,CanaryCode-Zebra,"
    "1917-05-13,74937151,true,83948271.25,CanaryText Miraculix"
)
STAY = (
    "SELECT region, AVG(length_of_stay) AS days, SUM(charge) AS charged, COUNT(*) AS n "
    "FROM encounters GROUP BY region"
)

BROKEN_ENGINE = """
from gateway.adapters import ibis_engine


def evaluate(cursor, sql, expression, bounding_key):
    raise ValueError("Canaryella 74937151 1917-05-13 " + repr(cursor.execute("FROM encounters").fetchall()))


ibis_engine.evaluate = evaluate
"""
LEAK = """
import logging

from gateway.adapters import ibis_engine

run = ibis_engine.IbisEngine.run


def leaky(self, plan):
    logging.getLogger("gateway").error("length of stay 74937151")
    return run(self, plan)


ibis_engine.IbisEngine.run = leaky
"""


@dataclass
class Traces:
    """Everything that was said, and every file that was left."""

    site: Path
    said: dict[str, bytes] = field(default_factory=dict)

    def hear(self, what: str, text: str | bytes) -> None:
        raw = text.encode() if isinstance(text, str) else text
        self.said[what] = self.said.get(what, b"") + raw

    def run(self, *words: str | Path) -> int:
        """A command of the site's, its output kept."""
        done = command(*words)
        self.hear(f"gateway {words[0]}", done.stdout + done.stderr)
        return done.returncode

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Every file of the site, the snapshots left out; names count as content."""
        for path in sorted(self.site.rglob("*")):
            if path.parent == self.site / "data" and path.suffix == ".duckdb":
                continue
            name = path.relative_to(self.site).as_posix()
            yield name, name.encode() + (path.read_bytes() if path.is_file() else b"")

    def leaks(self) -> list[str]:
        """Where a canary is, and which."""
        return found([*self.said.items(), *self.files()])


def found(places: Iterable[tuple[str, bytes]]) -> list[str]:
    return [
        f"{name}: {canary.decode()}" for name, raw in places for canary in CANARIES if canary in raw.lower()
    ]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = make_place(tmp_path_factory.mktemp("canary"), data=False)
    place.set("log: debug")
    return place


@pytest.fixture(scope="module")
def traces(place: Place) -> Traces:
    return Traces(place.site)


def source(place: Place, name: str, lines: Iterable[str]) -> Path:
    path = place.home / name
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_ingests_say_no_value(place: Place, traces: Traces) -> None:
    many = [CANARY.replace("4712", f"4712-{i}") for i in range(50)]
    broken = {
        "canaryfile-header.csv": [HEADER.replace("patient_id", "Canaryella"), CANARY],
        "canaryfile-twice.csv": [HEADER, CANARY, CANARY],
        "canaryfile-keyless.csv": [HEADER, CANARY.replace("CanaryRow-4712", "")],
        "canaryfile-nobody.csv": [HEADER, CANARY.replace("Canaryella", "", 1)],
        "canaryfile-quoted.csv": [HEADER, CANARY, '"' + CANARY],
        "canaryfile-wide.csv": [HEADER, CANARY + ",1,2,3"],
        "canaryfile-empty.csv": [],
    }
    for name, lines in broken.items():
        assert traces.run("ingest", "csv", place.site, source(place, name, lines), "--dataset", "encounters")
    for name, raw in (
        ("canaryfile.csv.gz", gzip.compress(CANARY.encode())[:-9]),
        ("canaryfile.parquet", b"PAR1" + CANARY.encode() + b"PAR1"),
        ("canaryfile-latin.csv", HEADER.encode() + b"\n" + CANARY.encode() + b"\xff\xfe\n"),
    ):
        (place.home / name).write_bytes(raw)
        traces.run("ingest", "csv", place.site, place.home / name, "--dataset", "encounters")
    good = source(place, "canaryfile-good.csv", [HEADER, GOOD, *many])
    assert traces.run("ingest", "csv", place.site, good, "--dataset", "encounters") == 0
    assert found([("snapshot", b"".join(p.read_bytes() for p in (place.site / "data").glob("*.duckdb")))])
    assert traces.leaks() == []


def test_answers_refusals_and_logs_say_no_value(place: Place, traces: Traces) -> None:
    with serving(place.site) as server, place.asking(server.address) as gateway:
        asked = ask_everything(gateway, traces)
        assert asked >= {"", "SQL_UNSUPPORTED", "NOT_GRANTED", "AGREEMENT_BUDGET", "NO_AGREEMENT"}
        malformed(place, server)
        for words in (("audit", "tail", place.site), ("doctor", place.site)):
            assert traces.run(*words) == 0
        hear_log(traces, server)
        assert server.seen("answered")  # at debug level
        assert traces.leaks() == []
        assert server.stop() == 0
    out = place.home / "export.jsonl"
    assert traces.run("audit", "export", place.site, out) == 0
    traces.hear("export", out.read_bytes())
    assert traces.run("audit", "verify", place.site) == 0
    assert traces.leaks() == []
    check_journal(place.site / "journal" / "journal.db")


def hear_log(traces: Traces, server: Serving) -> None:
    traces.hear("log", server.log.read_bytes())


def ask_everything(gateway: Gateway, traces: Traces) -> set[str]:
    """Every kind of question; the reasons of what came back, empty for an answer."""
    questions = [
        (STAY, 20),
        (STAY, 20),
        ("SELECT AVG(length_of_stay) AS days FROM encounters WHERE start < DATE '1918-01-01'", 20),
        ("SELECT class, COUNT(DISTINCT patient_id) AS n FROM encounters GROUP BY class", 20),
        ("SELECT COUNT(*) AS n FROM encounters HAVING 1", 1),
        ("SELECT 1/0 FROM encounters", 1),
        ("SELECT remarks, COUNT(*) AS n FROM encounters GROUP BY remarks", 1),
        ("SELECT COUNT(*) AS n FROM encounters WHERE encounter_id = 'x'", 1),
        ("SELECT COUNT(*) AS n FROM encounters WHERE sex = 'x'", 1),
        ("SELECT sex, COUNT(*) AS n FROM encounters WHERE class = 'EMER' GROUP BY sex", 25),
        ("SELECT sex, COUNT(*) AS n FROM encounters WHERE class = 'AMB' GROUP BY sex", 25),
    ]
    reasons = set()
    for sql, share in questions:
        reasons.add(outcome(gateway, traces, sql, share))
    gateway.agreement = "other"
    reasons.add(outcome(gateway, traces, STAY, 1))
    gateway.agreement = AGREEMENT
    traces.hear("budget", repr(gateway.budget()) + repr(gateway.datasets()))
    return reasons


def outcome(gateway: Gateway, traces: Traces, sql: str, share: int) -> str:
    try:
        traces.hear("answer", repr(gateway.query(sql, share=share)))
    except GatewayError as error:
        traces.hear("refusal", repr(error) + str(error.violations))
        return error.reason
    return ""


def malformed(place: Place, server: Serving) -> None:
    """Bytes with canaries in them, to every listener."""
    noise = b"\xff\xff" + CANARY.encode()
    targets = [(grpc.insecure_channel(f"unix:{place.site}/run/site.sock"), "AuditService/ListEntries")]
    with place.asking(server.address) as gateway:
        targets.append((gateway._channel, "QueryService/RunQuery"))
        for channel, method in targets:
            raw: Any = channel  # the published stubs require serialisers, and these messages are raw bytes
            call = raw.unary_unary(f"/gateway.v1.{method}")
            for metadata in ((), (("authorization", "Bearer Canaryella.74937151.x"),)):
                with pytest.raises(grpc.RpcError):
                    call(noise, timeout=5, metadata=metadata)
    targets[0][0].close()


@pytest.mark.parametrize("fault", ["engine", "file"])
def test_a_failed_read_says_no_value(place: Place, traces: Traces, tmp_path: Path, fault: str) -> None:
    """An engine whose error quotes rows, and a snapshot whose bytes changed under the engine.

    The first is met in the read, and costs; the second when the statement is compiled, before the charge.
    """
    expected, event = {
        "engine": ("RELEASE_FAILED", "release_failed"),
        "file": ("DATA_UNAVAILABLE", "dataset_unavailable"),
    }[fault]
    if fault == "engine":
        (tmp_path / "sitecustomize.py").write_text(BROKEN_ENGINE)
    (snapshot,) = (place.site / "data").glob("*.duckdb")
    whole = snapshot.read_bytes()
    with (
        serving(place.site, patches=tmp_path if fault == "engine" else None) as server,
        place.asking(server.address) as gateway,
    ):
        if fault == "file":
            with snapshot.open("r+b") as file:
                file.seek(12288)  # beyond DuckDB's headers
                file.write(os.urandom(len(whole) - 12288))
        sql = f"SELECT region, SUM(charge) AS {fault} FROM encounters WHERE class = 'IMP' GROUP BY region"
        assert outcome(gateway, traces, sql, 1) == expected
        traces.run("audit", "tail", place.site)
        hear_log(traces, server)
        assert server.seen(event)
        assert server.stop() == 0
    if fault == "file":
        traces.run("doctor", place.site)
        traces.run("serve", place.site)
    snapshot.write_bytes(whole)
    assert traces.leaks() == []
    assert check_journal(place.site / "journal" / "journal.db").open == 0


def test_control_a_leak_is_found(place: Place, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(LEAK)
    traces = Traces(place.site)
    with (
        serving(place.site, patches=tmp_path) as server,
        place.asking(server.address) as gateway,
    ):
        assert (
            outcome(gateway, traces, "SELECT COUNT(*) AS leaked FROM encounters WHERE class = 'EMER'", 1)
            == ""
        )
        assert traces.leaks() == ["run/server.log: 74937151"]
        server.stop()
    (place.site / "run" / "canaryfile").touch()
    assert "run/canaryfile: canaryfile" in traces.leaks()
    (place.site / "run" / "canaryfile").unlink()
