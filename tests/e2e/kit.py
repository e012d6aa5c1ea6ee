"""A site, its partner and its server as processes: made by the commands, watched from outside.

Used by the end-to-end tests. Imports: the command line, the client, grpc's health stubs.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from gateway.client import Gateway
from gateway.errors import GatewayError
from tests.e2e.flat import build, write_csv
from tests.guards import ROOT
from tests.unit.client.enrolled import done, make_partner

SITE, PARTY, AGREEMENT, PURPOSE = "demo-hospital", "university", "university-research", "HRESCH"
FLAT = Path(__file__).parent / "policies"
COUNT_SQL = "SELECT sex, COUNT(DISTINCT patient_id) AS patients FROM encounters GROUP BY sex"
PATIENCE = 20.0  # seconds; whatever takes longer hangs


@dataclass
class Serving:
    """One server process. `log` is the file of its standard error."""

    folder: Path
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def address(self) -> str:
        found: dict[str, Any] = json.loads((self.folder / "run" / "gateway.json").read_text("utf-8"))
        return f"127.0.0.1:{found['port']}"

    @property
    def events(self) -> list[dict[str, Any]]:
        """The log. A line that is neither JSON nor the command's last word fails, as would a traceback."""
        lines = self.log.read_text("utf-8").splitlines()
        return [json.loads(line) for line in lines if not line.startswith("error ")]

    def seen(self, name: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["event"] == name]

    def reload(self) -> dict[str, Any]:
        """`gateway reload`; the event that ended it."""
        before = len(self.seen("reloaded")) + len(self.seen("reload_refused"))
        done("reload", self.folder)
        until(lambda: len(self.seen("reloaded")) + len(self.seen("reload_refused")) > before)
        return [e for e in self.events if e["event"] in ("reloaded", "reload_refused")][-1]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Signal, wait, and the exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@dataclass
class Place:
    """A site's folder and its partner's folder, enrolled with one another."""

    home: Path
    health: str = field(default_factory=lambda: f"127.0.0.1:{free_port()}")

    @property
    def site(self) -> Path:
        return self.home / "site"

    @property
    def partner(self) -> Path:
        return self.home / "partner"

    @property
    def agreement(self) -> Path:
        return self.site / "policies" / "agreements" / f"{AGREEMENT}.yaml"

    def ingest(self, name: str = "encounters", *, seed: int = 1, patients: int = 400) -> None:
        """Read one table of a synthetic hospital into a new snapshot."""
        source = self.home / f"export-{seed}"
        write_csv(build(seed, patients=patients), source)
        done("ingest", "csv", self.site, source / f"{name}.csv")

    def set(self, line: str) -> None:
        """Add a setting to site.yaml."""
        with (self.site / "site.yaml").open("a") as file:
            file.write(line + "\n")

    def asking(self, address: str, partner: Path | None = None) -> Gateway:
        return Gateway(address, partner or self.partner, agreement=AGREEMENT, purpose=PURPOSE)


def make_place(home: Path, *, data: bool = True) -> Place:
    """Set up by the commands: site, partner, agreement in force, and one ingested table."""
    home.mkdir(parents=True, exist_ok=True)
    place = Place(home)
    done("init", place.site, "--site-id", SITE, "--listen", "127.0.0.1:0", "--health", place.health)
    flat_policies(place.site)
    enrol(place, place.partner, PARTY)
    place.set("answer_tick: 0.01")
    if data:
        place.ingest()
    return place


def flat_policies(site: Path) -> None:
    """Three small tables, whose rows hold the patient's attributes, in the place of the standard ones."""
    for folder in ("populations", "datasets", "agreements"):
        shutil.rmtree(site / "policies" / folder)
        shutil.copytree(FLAT / folder, site / "policies" / folder)


def enrol(place: Place, folder: Path, party: str, *, own: tuple[Path, Path] | None = None) -> None:
    """A partner's keys, its party file at the site, and the site's reply taken in.

    `own` is a certificate and its key, to be pinned; else the site's CA issues one.
    """
    brought = ("--certificate", own[0], "--key", own[1]) if own else ()
    bundle, spoken = make_partner(folder, party, *brought)
    pin = ("--pin",) if own else ()
    reply, said = done("partner", "enrol", bundle, "--site", place.site, "--fingerprint", spoken, *pin)
    done("partner", "accept", folder, reply, "--fingerprint", said)


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


@contextmanager
def serving(site: Path, *, patches: Path | None = None) -> Iterator[Serving]:
    """`gateway serve` in its own process, from the moment it serves; `patches` goes on its PYTHONPATH."""
    server = start(site, patches=patches)
    try:
        until(lambda: server.seen("serving") or server.process.poll() is not None)
        assert server.process.poll() is None, server.log.read_text("utf-8")
        yield server
    finally:
        if server.process.poll() is None:
            server.process.kill()
        server.process.wait()


def start(site: Path, *, patches: Path | None = None) -> Serving:
    log = site / "run" / "server.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "gateway", "serve", str(site)],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            env=environment(patches),
        )
    return Serving(folder=site, process=process, log=log)


def command(
    *words: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """One `gateway` command as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "gateway", *map(str, words)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=env or environment(),
        cwd=cwd,
    )


def environment(patches: Path | None = None) -> dict[str, str]:
    """This process's environment, with the installed `gateway` on the path."""
    found = dict(os.environ)
    found["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{found['PATH']}"
    if patches is not None:
        found["PYTHONPATH"] = os.pathsep.join([str(patches), str(ROOT)])
    return found


def health(address: str, timeout: float = 5.0) -> str:
    """What a probe is told: SERVING, NOT_SERVING, or the status of a call that failed."""
    with grpc.insecure_channel(address) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        try:
            answer = stub.Check(health_pb2.HealthCheckRequest(), timeout=timeout)
        except grpc.RpcError as error:
            return str(error.code().name)
    return str(health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status))


def reason(call: Callable[[], object]) -> str:
    """The stable reason of a refusal; fails where there is none."""
    try:
        call()
    except GatewayError as error:
        assert "Traceback" not in str(error)
        return error.reason
    raise AssertionError("not refused")


def until(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
