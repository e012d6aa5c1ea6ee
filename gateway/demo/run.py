"""The demo: a hospital and a partner meet, as they would on two machines, and questions are asked.

Law: nothing is staged. The site and the partner are made by the commands that users run, the server is a
process of its own, every answer comes over mutual TLS, and the journal is verified from its file.
Imports: client, demo, verify, errors.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gateway.client import Gateway
from gateway.client.answer import Answer
from gateway.demo.asked import DemoQuestion, cell
from gateway.demo.fhir import write_fhir
from gateway.demo.hospital.build import build
from gateway.demo.hospital.rows import Hospital
from gateway.demo.questions import (
    FORBIDDEN_SQL,
    ONE_TOO_MANY_SHARE,
    ONE_TOO_MANY_SQL,
    QUESTIONS,
    SPENDING_SHARE,
    SPENDING_SQL,
)
from gateway.errors import BudgetExceeded, ConfigInvalid, GatewayError, Internal, PermissionDenied
from gateway.verify import Report, verify_file

SITE, PARTY, AGREEMENT, PURPOSE = "demo-hospital", "university", "research", "HRESCH"
START_SECONDS = 30.0
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One cell of one answer beside its truth; value, low and high are None where suppressed."""

    label: str
    truth: float
    bounded: float
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One question, its price in rho, and its figures."""

    question: DemoQuestion
    loss: float
    epsilon: float
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the demo lives: its folders and the address of its server."""

    folder: Path
    address: str
    pid: int

    @property
    def site(self) -> Path:
        return self.folder / "hospital"

    @property
    def partner(self) -> Path:
        return self.folder / PARTY


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the demo saw. `noisy` says whether any count of patients differs from its truth."""

    answered: tuple[Answered, ...]
    replayed_loss: float
    refused_by_agreement: str
    refused_by_budget: str
    journal: Report
    noisy: bool
    place: Place


def run(folder: Path, *, seed: int, keep: bool, tell: Tell, show: Callable[[Answered], None]) -> Outcome:
    """Set everything up in an empty folder, ask, and stop the server again unless it is kept.

    `tell` is given each step in words, `show` each answer as it comes. Raises what the commands and the
    client raise, and `Internal` where an answer is not what it must be.
    """
    hospital = build(seed)
    patients = len(hospital.tables["patients"])
    tell(f"A hospital of {patients:,} synthetic patients, seed {seed}")
    place = set_up(folder, hospital, tell)
    try:
        with Gateway(place.address, place.partner, agreement=AGREEMENT, purpose=PURPOSE) as gateway:
            outcome = _ask_everything(gateway, hospital, place, tell, show)
    finally:
        if not keep:
            stop(place.pid)
    return outcome


def _ask_everything(
    gateway: Gateway, hospital: Hospital, place: Place, tell: Tell, show: Callable[[Answered], None]
) -> Outcome:
    answered, first = [], None
    for question in QUESTIONS:
        answer = _ask(gateway, question)
        first = first or answer
        answered.append(_beside_truth(question, answer, hospital))
        show(answered[-1])
    again = _ask(gateway, QUESTIONS[0])
    if first is None or not again.replayed or again.rows != first.rows:
        raise Internal("asking again did not bring the same release")
    charged = "nothing" if not float(again.loss.rho) else f"rho {again.loss.rho}"
    tell(f"The first question again: the same release, {charged} charged")
    by_agreement = _refused(gateway, FORBIDDEN_SQL, 1, PermissionDenied)
    tell(f"A column that the agreement does not grant: refused, {by_agreement.reason}")
    gateway.query(SPENDING_SQL, share=SPENDING_SHARE)
    by_budget = _refused(gateway, ONE_TOO_MANY_SQL, ONE_TOO_MANY_SHARE, BudgetExceeded)
    tell(f"One more than the budget covers: refused, {by_budget.reason}")
    report = verify_file(place.site / "journal" / "journal.db")
    tell(f"The journal, verified from its file: {report.entries} entries, {'ok' if report.ok else 'NOT OK'}")
    return Outcome(
        answered=tuple(answered),
        replayed_loss=float(again.loss.rho),
        refused_by_agreement=by_agreement.reason,
        refused_by_budget=by_budget.reason,
        journal=report,
        noisy=any(_moved(item) for item in answered),
        place=place,
    )


def _ask(gateway: Gateway, question: DemoQuestion) -> Answer:
    return gateway.query(question.sql, share=question.share)


def _beside_truth(question: DemoQuestion, answer: Answer, hospital: Hospital) -> Answered:
    truth = question.truth(hospital)
    bounded = question.bounded_truth(hospital)
    figures = []
    for *labels, figure in answer.rows:
        if isinstance(figure, str):
            raise Internal("an answer without a figure")
        label = cell([str(each) for each in labels] or ["all"])
        figures.append(
            Figure(
                label=label,
                truth=truth.get(label, 0),
                bounded=bounded.get(label, 0),
                value=figure.value,
                low=figure.low,
                high=figure.high,
            )
        )
    return Answered(
        question=question,
        loss=float(answer.loss.rho),
        epsilon=answer.loss.epsilon,
        figures=tuple(figures),
    )


def _moved(answered: Answered) -> bool:
    """Whether noise moved a count of patients; over a dozen cells, chance alone never leaves all still.

    Only where bounding cuts nothing: what it keeps depends on the site's key, and would look like noise.
    """
    figures = answered.figures
    uncut = all(figure.truth == figure.bounded for figure in figures)
    return (
        answered.question.counts_patients
        and uncut
        and any(figure.value is not None and figure.value != figure.bounded for figure in figures)
    )


def _refused(gateway: Gateway, sql: str, share: int, kind: type[GatewayError]) -> GatewayError:
    try:
        gateway.query(sql, share=share)
    except kind as error:
        return error
    raise Internal("a question that must be refused was answered")


def set_up(folder: Path, hospital: Hospital, tell: Tell) -> Place:
    """The commands that a site and a partner run, one after the other."""
    site, partner = folder / "hospital", folder / PARTY
    write_fhir(hospital, folder / "export")
    address, health = f"127.0.0.1:{_free_port()}", f"127.0.0.1:{_free_port()}"
    tell("The hospital makes its site, the partner its keys; fingerprints are read over the telephone")
    _command("init", site, "--site-id", SITE, "--listen", address, "--health", health)
    printed = _command(
        "partner", "init", partner, "--party", PARTY, "--name", "The University",
        "--organisation", "urn:oid:2.16.840.1.113883.3.1",
    )  # fmt: skip
    spoken = printed.splitlines()[-1]
    reply = folder / "reply.json"
    bundle = partner / "bundle.json"
    said = _command("partner", "enrol", bundle, "--site", site, "--fingerprint", spoken, "--reply", reply)
    _command("partner", "accept", partner, reply, "--fingerprint", said.splitlines()[-1])
    _activate(site / "policies" / "agreements" / f"{AGREEMENT}.yaml")
    tell("The hospital reads its FHIR export into nine tables and starts to serve, in a process of its own")
    _command("ingest", "fhir", site, folder / "export")
    return Place(folder=folder, address=address, pid=_serve(site))


def _activate(agreement: Path) -> None:
    """What an admin does in an editor once both sides have signed."""
    text = agreement.read_text("utf-8")
    agreement.write_text(text.replace("status: draft", "status: active", 1), "utf-8")


def _command(*words: str | Path) -> str:
    """Run one `gateway` command to its end; returns its standard output. Raises `ConfigInvalid`."""
    done = subprocess.run(  # noqa: S603 - this very program
        [sys.executable, "-m", "gateway", *map(str, words)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ConfigInvalid(f"gateway {words[0]} failed: {done.stderr.strip()}", reason="DEMO_COMMAND_FAILED")
    return done.stdout


def _serve(site: Path) -> int:
    """Start the server in a session of its own and wait until it accepts calls; returns its process id."""
    with (site / "run" / "gateway.log").open("wb") as log:
        server = subprocess.Popen(  # noqa: S603 - this very program
            [sys.executable, "-m", "gateway", "serve", str(site)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if _serving(site, server.pid):
            return server.pid
        if server.poll() is not None:
            break
        time.sleep(0.05)
    server.kill()
    server.wait()
    said = (site / "run" / "gateway.log").read_text("utf-8").strip()
    raise ConfigInvalid(f"the server did not start: {said}", reason="DEMO_NO_SERVER")


def _serving(site: Path, pid: int) -> bool:
    try:
        return bool(json.loads((site / "run" / "gateway.json").read_text("utf-8"))["pid"] == pid)
    except (OSError, ValueError, KeyError):
        return False


def stop(pid: int) -> None:
    """SIGTERM, and wait: the journal is closed in order."""
    os.kill(pid, signal.SIGTERM)
    os.waitpid(pid, 0)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
