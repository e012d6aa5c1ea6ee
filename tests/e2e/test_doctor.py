"""`gateway doctor` on real sites: each finding, broken and whole, before the start and while it serves."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.adapters import pki
from tests.e2e.kit import COUNT_SQL, Place, make_place, rewrite, serving
from tests.guards import need
from tests.unit.client.enrolled import run

ALWAYS = {"TRUST", "PERSON_KEY", "CA_TRIAL", "JOURNAL", "HEADS"}  # a new site's own warnings
MACHINE = {"ENCRYPTION", "VOLUME", "DISK", "SPILL", "MEMORY", "CLOCK_NTP", "ACCOUNT", "SWAP"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return make_place(tmp_path_factory.mktemp("made"))


@pytest.fixture
def place(made: Place, tmp_path: Path) -> Place:
    shutil.copytree(made.home, tmp_path / "copy")
    copy = Place(tmp_path / "copy")
    rewrite(copy.site / "site.yaml", made.health, copy.health)
    return copy


def findings(place: Place, *, fit: bool) -> dict[str, tuple[str, str]]:
    """State and words by code, the worst of each code; the exit code says whether the site is fit."""
    code, out, err = run("doctor", place.site, "--format", "json")
    assert code == (0 if fit else 78), (err, out)
    assert ("DOCTOR_FAILED" in err) is not fit
    found: dict[str, tuple[str, str]] = {}
    for one in json.loads(out)["findings"]:
        assert bool(one["remedy"]) == (one["state"] != "ok"), one
        worse = ("ok", "warn", "fail").index(one["state"])
        if one["code"] not in found or worse > ("ok", "warn", "fail").index(found[one["code"]][0]):
            found[one["code"]] = (one["state"], one["words"])
    return found


def test_a_new_site_is_fit_with_warnings(place: Place) -> None:
    found = findings(place, fit=True)
    warned = {code for code, (state, _) in found.items() if state == "warn"}
    assert warned - MACHINE == ALWAYS
    (place.site / "keys" / "person.key").unlink()
    assert findings(place, fit=True)["PERSON_KEY"][0] == "ok"
    code, out, _ = run("doctor", place.site)
    assert code == 0
    assert "fewer than two approvers" in out and "name two approvers" in out
    code, out, _ = run("doctor", place.site, "--format", "csv")
    assert (code, out.splitlines()[0]) == (0, "code,state,finding,to do")


def spoil_journal(place: Place) -> None:
    with sqlite3.connect(place.site / "journal" / "journal.db") as database:
        database.execute("CREATE TABLE other (x INTEGER)")


def spoil_snapshot(place: Place) -> None:
    (snapshot,) = (place.site / "data").glob("*.duckdb")
    snapshot.write_bytes(b"\0" * 50_000)


SPOILT: dict[str, tuple[str, Callable[[Place], object], str]] = {
    "site.yaml": ("SETTINGS", lambda p: p.set("surprise: 1"), "unknown field"),
    "trust.yaml": ("TRUST", lambda p: (p.site / "trust.yaml").write_text("people: []\n"), "people"),
    "deny.yaml": ("DENY_LIST", lambda p: (p.site / "deny.yaml").write_text("parties: [\n"), "deny.yaml"),
    "a folder": ("FOLDERS", lambda p: (p.site / "run").rmdir(), "run"),
    "a key": ("KEYS", lambda p: (p.site / "keys" / "site.key").chmod(0o640), "site.key"),
    "a key's mode": ("FILES_PRIVATE", lambda p: (p.site / "keys" / "ca.key").chmod(0o640), "keys/ca.key"),
    "a folder's mode": ("FILES_PRIVATE", lambda p: (p.site / "data").chmod(0o755), "data"),
    "policies' mode": ("FILES_DECIDING", lambda p: p.agreement.chmod(0o666), "university-research"),
    "site.yaml's mode": ("FILES_DECIDING", lambda p: (p.site / "site.yaml").chmod(0o664), "site.yaml"),
    "certificate": (
        "SERVER_CERTIFICATE",
        lambda p: (p.site / "keys" / "server.crt").write_text("x"),
        "TLS_MATERIAL",
    ),
    "policies": ("POLICIES", lambda p: rewrite(p.agreement, "status: active", "status: acitve"), ".yaml:"),
    "data": ("SNAPSHOT", spoil_snapshot, "snapshot"),
    "journal": ("JOURNAL", spoil_journal, "journal"),
}


@pytest.mark.parametrize("what", SPOILT)
def test_doctor_finds_what_is_wrong(place: Place, what: str) -> None:
    wrong, spoil, words = SPOILT[what]
    before = findings(place, fit=True)
    spoil(place)
    state, said = findings(place, fit=False)[wrong]
    assert (before[wrong][0] != "fail", state) == (True, "fail")
    assert words in said
    assert "Traceback" not in said


def test_a_file_of_another_account_is_found(place: Place) -> None:
    need("root", os.getuid() == 0, "only root gives files away")
    (snapshot,) = (place.site / "data").glob("*.duckdb")
    assert findings(place, fit=True)["FILES_OWNER"][0] == "ok"
    os.chown(snapshot, 4711, -1)
    state, words = findings(place, fit=False)["FILES_OWNER"]
    assert (state, snapshot.name in words) == ("fail", True)
    os.chown(snapshot, 0, -1)
    os.chown(place.agreement, 4711, -1)
    assert findings(place, fit=False)["FILES_OWNER"][0] == "fail"
    os.chown(place.agreement, 0, -1)
    assert findings(place, fit=True)["FILES_OWNER"][0] == "ok"


def test_a_loose_file_in_a_closed_folder_is_a_warning(place: Place) -> None:
    loose = place.site / "journal" / "notes.txt"
    loose.write_text("words")
    loose.chmod(0o644)
    assert findings(place, fit=True)["FILES_PRIVATE"][0] == "warn"
    loose.chmod(0o600)
    assert findings(place, fit=True)["FILES_PRIVATE"][0] == "ok"


def test_a_key_of_another_certificate_is_found(place: Place) -> None:
    keys = place.site / "keys"
    good = (keys / "server.key").read_bytes()
    assert findings(place, fit=True)["SERVER_CERTIFICATE"][0] == "ok"
    (keys / "server.key").write_bytes((keys / "ca.key").read_bytes())
    found = findings(place, fit=False)
    assert (found["SERVER_CERTIFICATE"][0], found["KEYS"][0]) == ("fail", "ok")
    (keys / "server.key").write_bytes(good)
    assert findings(place, fit=True)["SERVER_CERTIFICATE"][0] == "ok"


@pytest.mark.parametrize(("days", "state"), [(400, "fail"), (350, "warn"), (300, "ok")])
def test_the_servers_certificate_near_its_end(place: Place, days: int, state: str) -> None:
    """Issued so many days ago for a year, by a CA as old."""
    then = datetime.now(UTC) - timedelta(days=days)
    authority = pki.new_authority("demo-hospital", then)
    server = pki.issue_server(authority, "demo-hospital", ["localhost"], then)
    keys = place.site / "keys"
    (keys / "server.crt").write_bytes(server.certificate_pem)
    (keys / "server.key").write_bytes(server.key_pem)
    assert findings(place, fit=state != "fail")["SERVER_CERTIFICATE"][0] == state


def test_a_partners_ca_that_ended_is_a_warning(place: Place) -> None:
    assert findings(place, fit=True)["PARTY_CERTIFICATE"][0] == "ok"
    old = pki.new_authority("demo-hospital", datetime.now(UTC) - timedelta(days=4000))
    party = place.site / "policies" / "parties" / "university.yaml"
    text = party.read_text("utf-8")
    begin, end = text.index("-----BEGIN"), text.index("-----END CERTIFICATE-----")
    indent = " " * (begin - text.rindex("\n", 0, begin) - 1)
    pem = old.certificate_pem.decode().strip().replace("\n", "\n" + indent)
    party.write_text(text[:begin] + pem + text[end + len("-----END CERTIFICATE-----") :], "utf-8")
    state, words = findings(place, fit=True)["PARTY_CERTIFICATE"]
    assert (state, "university" in words) == ("warn", True)


def test_agreements_that_end_or_are_due_for_review(place: Place) -> None:
    text = place.agreement.read_text("utf-8")
    line = next(line for line in text.splitlines() if line.startswith("valid:"))

    def with_days(until: int, review: int) -> dict[str, tuple[str, str]]:
        day = datetime.now(UTC).date()
        made = (
            f"valid: {{from: 2020-01-01, until: {day + timedelta(until)}, "
            f"review_by: {day + timedelta(review)}}}"
        )
        place.agreement.write_text(text.replace(line, made), "utf-8")
        return findings(place, fit=True)

    said = with_days(400, 200)
    assert (said["AGREEMENT_TERM"][0], said["AGREEMENT_REVIEW"][0]) == ("ok", "ok")
    said = with_days(20, 10)
    assert (said["AGREEMENT_TERM"][0], said["AGREEMENT_REVIEW"][0]) == ("warn", "warn")
    assert "is due for review in 10 days" in said["AGREEMENT_REVIEW"][1]
    said = with_days(-2, -3)
    assert (said["AGREEMENT_TERM"][0], said["AGREEMENT_REVIEW"][0]) == ("warn", "warn")
    assert "3 days late" in said["AGREEMENT_REVIEW"][1] and "ended 2 days ago" in said["AGREEMENT_TERM"][1]


def test_a_site_without_data_or_agreement_is_warned(place: Place) -> None:
    for snapshot in (place.site / "data").glob("*.duckdb"):
        snapshot.unlink()
    rewrite(place.agreement, "status: active", "status: draft")
    found = findings(place, fit=True)
    assert (found["SNAPSHOT"][0], found["POLICIES"][0]) == ("warn", "warn")


def test_a_served_site(place: Place) -> None:
    """Ports, process and clock are those of the running gateway."""
    with serving(place.site) as server, place.asking(server.address) as gateway:
        assert gateway.query(COUNT_SQL).rows
        found = findings(place, fit=True)
        for code in (
            "PORTS",
            "PORTS_OTHER",
            "HEALTH_LOOPBACK",
            "UMASK",
            "CORE_DUMPS",
            "CLOCK_STEP",
            "JOURNAL",
        ):
            assert found[code][0] == "ok", (code, found[code])
        assert "gateway runs" in found["SANDBOX"][1] and "gateway runs" in found["ACCOUNT"][1]
        assert server.address.rpartition(":")[2] in found["PORTS"][1]
        # The same with an address that the running gateway never had.
        rewrite(place.site / "site.yaml", place.health, "127.0.0.1:1")
        assert findings(place, fit=False)["PORTS"][0] == "fail"
        rewrite(place.site / "site.yaml", "127.0.0.1:1", place.health)
        # And a clock that seems to have been moved since the start.
        os.utime(place.site / "run" / "gateway.json", (time.time(), time.time() - 4_000))
        assert findings(place, fit=True)["CLOCK_STEP"][0] == "warn"
        assert server.stop() == 0


def test_a_port_that_somebody_else_holds(place: Place) -> None:
    host, _, port = place.health.rpartition(":")
    assert findings(place, fit=True)["PORTS"][0] == "ok"
    with socket.create_server((host, int(port))):
        assert findings(place, fit=True)["PORTS"][0] == "warn"


AHEAD = """
from datetime import timedelta
from gateway.adapters import clock

now = clock.SystemClock.now
clock.SystemClock.now = lambda self: now(self) + timedelta(seconds={seconds})
"""


@pytest.mark.parametrize(("seconds", "state"), [(0, "ok"), (60, "warn"), (4_000, "fail")])
def test_a_clock_behind_the_journal(place: Place, tmp_path: Path, seconds: int, state: str) -> None:
    """The journal was written by a gateway whose clock was ahead by so much."""
    (tmp_path / "sitecustomize.py").write_text(AHEAD.format(seconds=seconds))
    with serving(place.site, patches=tmp_path) as server:
        assert server.stop() == 0
    assert findings(place, fit=state != "fail")["CLOCK_JOURNAL"][0] == state


def test_no_finding_says_what_only_the_data_knows(place: Place) -> None:
    """Counts of rows and patients, and the names of source files, are not in what doctor prints."""
    source = place.home / "export-1" / "encounters.csv"
    report = json.loads(run("ingest", "csv", place.site, source, "--format", "json")[1])
    secrets = [source.name, *(str(report[count]) for count in ("rows", "patients"))]
    assert "1091" in secrets  # the control: there are counts, and they are known
    code, out, err = run("doctor", place.site, "--format", "json")
    assert code == 0
    said = (out + err).replace(str(place.home), "").replace(",", "")
    assert [word for word in secrets if re.search(rf"(?<![0-9a-f]){word}(?![0-9a-f])", said)] == []
