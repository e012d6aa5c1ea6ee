"""`gateway serve` as operators, partners and probes meet it: starts, reloads, faults of files and disk.

Law (architecture.md): nothing is answered that is not journalled; what is broken changes nothing; SIGTERM
drains. Servers are processes; one site serves most tests, the others break their own.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import grpc
import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from gateway.client.site import SiteSocket
from gateway.v1 import audit_pb2, audit_pb2_grpc, query_pb2, query_pb2_grpc
from tests import pki
from tests.checks import check_journal
from tests.e2e.kit import (
    COUNT_SQL,
    SITE,
    Place,
    Serving,
    command,
    enrol,
    health,
    make_place,
    reason,
    rewrite,
    serving,
    start,
    until,
)
from tests.guards import need
from tests.unit.client.enrolled import done, run

JOURNAL = Path("journal") / "journal.db"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A complete site that never served, to be copied by tests that break theirs."""
    return make_place(tmp_path_factory.mktemp("made"))


@pytest.fixture
def place(made: Place, tmp_path: Path) -> Place:
    """A site of this test's own, with the data of `made`."""
    shutil.copytree(made.home, tmp_path / "copy")
    copy = Place(tmp_path / "copy")
    rewrite(copy.site / "site.yaml", made.health, copy.health)
    return copy


@pytest.fixture(scope="module")
def lasting(made: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, Serving]]:
    """One served site for every test that leaves it whole."""
    home = tmp_path_factory.mktemp("lasting") / "copy"
    shutil.copytree(made.home, home)
    place = Place(home)
    rewrite(place.site / "site.yaml", made.health, place.health)
    with serving(place.site) as server:
        yield place, server
        assert server.stop() == 0
    check_journal(place.site / JOURNAL)


def test_serving_within_ten_seconds(place: Place) -> None:
    begun = time.monotonic()
    server = start(place.site)
    try:
        until(lambda: health(place.health, 1.0) == "SERVING", 10.0)
        assert time.monotonic() - begun < 10.0
        assert server.stop() == 0
        assert health(place.health, 1.0) == "UNAVAILABLE"
    finally:
        server.process.kill()


def test_each_listener_serves_its_own(lasting: tuple[Place, Serving]) -> None:
    place, server = lasting
    assert health(place.health) == "SERVING"
    ask = query_pb2.RunQueryRequest(agreement="x", sql="SELECT 1")
    with grpc.insecure_channel(place.health) as channel:
        for call in (
            lambda: query_pb2_grpc.QueryServiceStub(channel).RunQuery(ask, timeout=5),  # type: ignore[no-untyped-call]
            lambda: audit_pb2_grpc.AuditServiceStub(channel).GetHead(audit_pb2.GetHeadRequest(), timeout=5),  # type: ignore[no-untyped-call]
        ):
            assert status(call) == "UNIMPLEMENTED"
    with grpc.insecure_channel(f"unix:{place.site}/run/site.sock") as channel:
        stub = query_pb2_grpc.QueryServiceStub(channel)  # type: ignore[no-untyped-call]
        assert status(lambda: stub.RunQuery(ask, timeout=5)) == "UNIMPLEMENTED"
        own = audit_pb2_grpc.AuditServiceStub(channel)  # type: ignore[no-untyped-call]
        assert own.GetHead(audit_pb2.GetHeadRequest(), timeout=5).index >= 0
    with place.asking(server.address) as gateway:
        audit = audit_pb2_grpc.AuditServiceStub(gateway._channel)  # type: ignore[no-untyped-call]
        assert status(lambda: audit.GetHead(audit_pb2.GetHeadRequest(), timeout=5)) == "UNIMPLEMENTED"
        assert gateway.query(COUNT_SQL).rows


def status(call: Callable[[], object]) -> str:
    with pytest.raises(grpc.RpcError) as caught:
        call()
    return str(caught.value.code().name)


def reflected(place: Place, server: Serving) -> list[str]:
    from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

    with place.asking(server.address) as gateway:
        stub = reflection_pb2_grpc.ServerReflectionStub(gateway._channel)
        asked = iter([reflection_pb2.ServerReflectionRequest(list_services="")])
        answer = next(iter(stub.ServerReflectionInfo(asked, timeout=5)))
    return [service.name for service in answer.list_services_response.service]


def test_no_reflection_unless_configured(lasting: tuple[Place, Serving], place: Place) -> None:
    assert status(lambda: reflected(*lasting)) == "UNIMPLEMENTED"
    place.set("reflection: true")
    with serving(place.site) as server:
        assert "gateway.v1.QueryService" in reflected(place, server)
        assert "gateway.v1.AuditService" not in reflected(place, server)


SLOW = """
import time
from gateway.adapters import ibis_engine

run = ibis_engine.IbisEngine.run


def slow(self, plan):
    time.sleep(1.5)
    return run(self, plan)


ibis_engine.IbisEngine.run = slow
"""


def test_sigterm_answers_what_is_under_way(place: Place, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(SLOW)
    with (
        serving(place.site, patches=tmp_path) as server,
        place.asking(server.address) as gateway,
        ThreadPoolExecutor(1) as threads,
    ):
        under_way = threads.submit(gateway.query, COUNT_SQL)
        until(lambda: b'"kind":"Charged"' in b"".join(newest(place)))
        server.process.send_signal(signal.SIGTERM)
        assert under_way.result(20).rows
        assert server.process.wait(20) == 0
        assert {event["level"] for event in server.events} <= {"info"}
    report = check_journal(place.site / JOURNAL)
    assert report.open == 0


def newest(place: Place) -> list[bytes]:
    with SiteSocket(place.site / "run" / "site.sock") as connection:
        return connection.newest(50)


def test_reload_takes_a_new_party_and_its_certificate(lasting: tuple[Place, Serving]) -> None:
    place, server = lasting
    own = pki.issue("clinic", usages=(ExtendedKeyUsageOID.CLIENT_AUTH,))
    certificate, key = place.home / "clinic.crt", place.home / "clinic.key"
    certificate.write_bytes(own.pem)
    key.write_bytes(own.key_pem)
    key.chmod(0o600)
    enrol(place, place.home / "clinic", "clinic", own=(certificate, key))
    with place.asking(server.address, place.home / "clinic") as clinic:
        assert reason(lambda: clinic.budget(timeout=10)) == "SERVER_UNAVAILABLE"  # refused at the handshake
        rewrite(place.agreement, "recipients: [university]", "recipients: [university, clinic]")
        assert server.reload()["event"] == "reloaded"
    with place.asking(server.address, place.home / "clinic") as clinic:
        assert clinic.query(COUNT_SQL).rows
        rewrite(place.agreement, "recipients: [university, clinic]", "recipients: [university]")
        server.reload()
        assert reason(lambda: clinic.query(COUNT_SQL)) == "NO_AGREEMENT"
    with place.asking(server.address) as university:
        assert university.query(COUNT_SQL).rows


def test_the_deny_list_switches_off_an_open_connection(lasting: tuple[Place, Serving]) -> None:
    place, server = lasting
    deny = place.site / "deny.yaml"
    with place.asking(server.address) as university:
        assert university.query(COUNT_SQL).rows
        deny.write_text("persons: [{party: university, person: somebody}]\n")
        server.reload()
        assert university.query(COUNT_SQL).rows  # another person of the same party
        deny.write_text("parties: [university]\n")
        server.reload()
        assert reason(lambda: university.query(COUNT_SQL)) == "TOKEN_DENIED"
        deny.write_text("parties: [clinic\n")
        assert server.reload()["event"] == "reload_refused"
        assert reason(lambda: university.query(COUNT_SQL)) == "TOKEN_DENIED"  # a broken file lifts nothing
        deny.write_text("parties: []\n")
        server.reload()
        assert university.query(COUNT_SQL).rows


def test_reload_takes_a_new_snapshot(lasting: tuple[Place, Serving]) -> None:
    place, server = lasting
    with place.asking(server.address) as gateway:
        before = gateway.query(COUNT_SQL)
        place.ingest(seed=2)
        assert gateway.query(COUNT_SQL).snapshot == before.snapshot
        server.reload()
        after = gateway.query(COUNT_SQL)
    assert (after.snapshot > before.snapshot, after.replayed) == (True, False)


def test_a_broken_new_snapshot_leaves_the_old_one(lasting: tuple[Place, Serving]) -> None:
    place, server = lasting
    with place.asking(server.address) as gateway:
        before = gateway.query(COUNT_SQL).snapshot
        place.ingest(seed=3)
        broken = max((place.site / "data").glob("*.duckdb"))
        whole = broken.read_bytes()
        broken.write_bytes(b"\0" * len(whole))
        refused = server.reload()
        assert (refused["event"], refused["reason"]) == ("reload_refused", "DATA_UNAVAILABLE")
        assert gateway.query(COUNT_SQL).snapshot == before
        broken.write_bytes(whole)
        assert server.reload()["event"] == "reloaded"
        assert gateway.query(COUNT_SQL).snapshot == broken.stem


def test_broken_policies_leave_the_last_good_set(place: Place) -> None:
    broken = "agreement: university-research\nversion: [\n"
    good = place.agreement.read_text("utf-8")
    with serving(place.site) as server, place.asking(server.address) as gateway:
        place.agreement.write_text(broken, "utf-8")
        server.reload()
        (fault,) = server.seen("policies_refused")
        assert fault["where"].startswith("agreements/university-research.yaml:")
        assert all(part.isdigit() for part in fault["where"].split(":")[1:])
        assert server.seen("last_good_policies_serve")
        assert gateway.query(COUNT_SQL).rows
        assert server.stop() == 0
    with serving(place.site) as server, place.asking(server.address) as gateway:
        assert server.seen("last_good_policies_serve")
        assert gateway.query(COUNT_SQL).replayed
        place.agreement.write_text(good.replace("concurrent: 16", "concurrent: 15"), "utf-8")
        (started,) = server.seen("serving")
        assert server.reload()["generation"] == started["generation"] + 1
        assert len(server.seen("last_good_policies_serve")) == 1
    check_journal(place.site / JOURNAL)


def test_without_a_snapshot_nothing_is_charged(place: Place) -> None:
    for found in (place.site / "data").glob("*.duckdb"):
        found.unlink()
    with serving(place.site) as server, place.asking(server.address) as gateway:
        assert reason(lambda: gateway.query(COUNT_SQL)) == "NO_SNAPSHOT"
        assert {balance.spent.rho.strip("0.") for balance in gateway.budget()} == {""}
        assert b'"kind":"Charged"' not in b"".join(newest(place))
        place.ingest()
        server.reload()
        assert gateway.query(COUNT_SQL).rows


def test_a_corrupted_snapshot_is_a_clear_refusal(place: Place) -> None:
    (snapshot,) = (place.site / "data").glob("*.duckdb")
    whole = snapshot.read_bytes()
    snapshot.write_bytes(os.urandom(len(whole)))
    answered = command("serve", place.site)
    assert answered.returncode == 69
    assert "DATA_UNAVAILABLE" in answered.stderr
    assert "Traceback" not in answered.stderr
    snapshot.write_bytes(whole)
    with serving(place.site) as server, place.asking(server.address) as gateway:
        assert gateway.query(COUNT_SQL).rows


def test_one_gateway_a_site(lasting: tuple[Place, Serving]) -> None:
    place, server = lasting
    second = command("serve", place.site)
    assert second.returncode == 75
    assert "JOURNAL_LOCKED" in second.stderr
    assert "Traceback" not in second.stderr
    with place.asking(server.address) as gateway:  # the first is untouched: socket, pid file, listeners
        assert gateway.query(COUNT_SQL).rows
    assert newest(place)
    assert health(place.health) == "SERVING"


def test_keys_open_to_others_are_refused(place: Place) -> None:
    key = place.site / "keys" / "server.key"
    key.chmod(0o640)
    refused = command("serve", place.site)
    assert refused.returncode == 78
    assert "server.key" in refused.stderr
    assert "Traceback" not in refused.stderr
    key.chmod(0o600)
    with serving(place.site):
        pass


def test_a_path_too_long_for_a_socket_is_named(place: Place) -> None:
    deep = place.home / ("d" * 80)
    place.site.rename(deep)
    refused = command("serve", deep)
    assert refused.returncode == 78
    assert "SOCKET_PATH_TOO_LONG" in refused.stderr
    deep.rename(place.site)
    with serving(place.site):
        pass


def test_the_site_reads_its_journal_and_that_is_an_entry(lasting: tuple[Place, Serving]) -> None:
    place, server = lasting
    socket = place.site / "run" / "site.sock"
    assert stat.S_IMODE(socket.stat().st_mode) == 0o600
    assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700
    with place.asking(server.address) as gateway:
        entry = gateway.query(COUNT_SQL).receipt.entry
    code, shown, noted = run("audit", "tail", place.site)
    assert (code, noted) == (0, "")
    assert "Released" in shown
    code, one, noted = run("audit", "show", place.site, entry)
    assert (code, noted) == (0, "")
    assert f'"id": "{entry}"' in one
    assert run("audit", "show", place.site, "00" * 16)[0] == 66
    read = [line for line in newest(place) if b'"kind":"Reviewed"' in line]
    assert len(read) >= 2
    assert b'"person":"uid:%d"' % os.getuid() in read[-1]


SHORT_LINGER = """
from gateway import app

app.LINGER_SECONDS = 2.0
"""


def test_a_deleted_journal_stops_everything(place: Place, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(SHORT_LINGER)
    with serving(place.site, patches=tmp_path) as server, place.asking(server.address) as gateway:
        assert gateway.query(COUNT_SQL).rows
        saved = {path: path.read_bytes() for path in (place.site / "journal").glob("journal.db*")}
        (place.site / JOURNAL).unlink()
        begun = time.monotonic()
        assert reason(lambda: gateway.query(COUNT_SQL.replace("sex", "region"))) == "AUDIT_UNAVAILABLE"
        assert time.monotonic() - begun < 15
        until(lambda: health(place.health, 2.0) in ("NOT_SERVING", "UNAVAILABLE"))
        assert server.process.wait(20) == 69
        assert server.seen("journal_broken")
    for path, content in saved.items():
        if not path.name.endswith(".lock"):
            path.write_bytes(content)
    with serving(place.site) as server, place.asking(server.address) as gateway:
        assert gateway.query(COUNT_SQL).rows
        assert server.stop() == 0
    check_journal(place.site / JOURNAL)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 24 MB, which only root can mount."""
    need("tmpfs", os.getuid() == 0 and shutil.which("mount") is not None, "mounting needs root")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m,mode=0700", "tmpfs", folder],
        check=False,
        capture_output=True,
    )
    need("tmpfs", mounted.returncode == 0, "a tmpfs cannot be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_stops_everything_and_loses_nothing(place: Place, small_disk: Path) -> None:
    shutil.rmtree(place.site / "journal")
    (place.site / "journal").symlink_to(small_disk)
    filler = small_disk / "filler"
    with serving(place.site) as server, place.asking(server.address) as gateway:
        entry = gateway.query(COUNT_SQL).receipt.entry
        with filler.open("wb", buffering=0) as stream, suppress(OSError):
            while True:
                stream.write(b"\0" * 65536)
        begun = time.monotonic()
        assert reason(lambda: gateway.query(COUNT_SQL.replace("sex", "region"))) == "AUDIT_UNAVAILABLE"
        assert time.monotonic() - begun < 15
        until(lambda: health(place.health, 2.0) == "NOT_SERVING", 5.0)
        filler.unlink()
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait()
    with serving(place.site) as server, place.asking(server.address) as gateway:
        again = gateway.query(COUNT_SQL)
        assert again.replayed
        assert done("audit", "show", place.site, entry)
        assert server.stop() == 0
    report = check_journal(place.site / JOURNAL)
    assert (report.origin, report.open) == (SITE, 0)


def test_reloads_come_one_after_the_other(place: Place) -> None:
    """Signals in a burst: one entry for what changed, none of a second reload that overtook the first."""
    with serving(place.site) as server:
        rewrite(place.agreement, "concurrent: 16", "concurrent: 15")
        for _ in range(4):
            server.process.send_signal(signal.SIGHUP)
            time.sleep(0.02)
        until(lambda: server.seen("reloaded"))
        assert server.stop() == 0
    report = check_journal(place.site / JOURNAL)
    code, out, _ = run("audit", "tail", place.site, "--count", "100", "--format", "json")
    kinds = [json.loads(line)["kind"] for line in out.splitlines()]
    assert (code, len(kinds)) == (0, report.entries)
    assert kinds.count("Activated") == 2


def test_a_journal_that_is_gone_is_refused(place: Place) -> None:
    """A new one in its place would give every budget back."""
    journal, kept = place.site / JOURNAL, place.site / "journal" / "policies"
    with serving(place.site) as server:
        assert server.stop() == 0
    whole = journal.read_bytes()
    shutil.rmtree(place.site / "heads")  # which alone would tell: tests/e2e/test_backup.py
    marker = journal.with_suffix(".opened")
    hidden = marker.rename(place.home / "marker")
    for put_away in (lambda: None, lambda: hidden.rename(marker), lambda: shutil.rmtree(kept)):
        put_away()  # the kept policies tell of it, both do, the marker alone does
        for found in (place.site / "journal").glob("journal.db*"):
            found.unlink()
        refused = command("serve", place.site)
        assert (refused.returncode, "JOURNAL_MISSING" in refused.stderr) == (76, True), refused.stderr
        assert not journal.exists()
        assert "JOURNAL" in run("doctor", place.site)[2]
    journal.touch(0o600)
    assert "JOURNAL_MISSING" in command("serve", place.site).stderr
    journal.write_bytes(whole)
    with serving(place.site) as server:
        assert server.stop() == 0
    check_journal(journal)


def test_a_socket_replaces_nothing_but_a_socket(place: Place) -> None:
    socket = place.site / "run" / "site.sock"
    socket.write_text("words")
    refused = command("serve", place.site)
    assert (refused.returncode, "SOCKET_OCCUPIED" in refused.stderr) == (78, True)
    assert socket.read_text() == "words"
    socket.unlink()
    with serving(place.site) as server:
        server.process.kill()
        server.process.wait()
    assert stat.S_ISSOCK(socket.stat().st_mode)
    with serving(place.site):
        assert newest(place)


def test_reload_signals_nobody_but_the_gateway(place: Place) -> None:
    stranger = subprocess.Popen(["sleep", "60"])
    run_file = place.site / "run" / "gateway.json"
    try:
        run_file.write_text(json.dumps({"pid": stranger.pid, "port": 1}))  # as a killed gateway leaves it
        code, _, err = run("reload", place.site)
        assert (code, "NOT_RUNNING" in err) == (78, True)
        with serving(place.site) as server:
            assert server.reload()["event"] == "reloaded"
            assert server.stop() == 0
        assert not run_file.exists()
        assert "NOT_RUNNING" in run("reload", place.site)[2]
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


SLOW_START = """
import time
from gateway import app

load = app.load_trust


def slow(folder):
    (folder / "run" / "starting").touch()
    time.sleep(1.0)
    return load(folder)


app.load_trust = slow
"""


def test_a_reload_during_the_start_is_remembered(place: Place, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(SLOW_START)
    server = start(place.site, patches=tmp_path)
    try:
        until((place.site / "run" / "starting").exists)
        server.process.send_signal(signal.SIGHUP)
        until(lambda: server.seen("reloaded") or server.process.poll() is not None)
        assert server.stop() == 0
    finally:
        server.process.kill()


def test_a_vanished_policy_set_leaves_the_last_good_one(place: Place) -> None:
    policies, away = place.site / "policies", place.home / "away"
    with serving(place.site) as server, place.asking(server.address) as gateway:
        policies.rename(away)
        server.reload()
        assert server.seen("policies_refused")[-1]["reason"] == "POLICIES_UNREADABLE"
        policies.mkdir()
        server.reload()
        assert server.seen("policies_refused") and gateway.query(COUNT_SQL).rows
        assert server.seen("last_good_policies_serve")[-1]["reason"] == "POLICIES_EMPTY"
        policies.rmdir()
        away.rename(policies)
        before = len(server.seen("last_good_policies_serve"))
        assert server.reload()["event"] == "reloaded"
        assert len(server.seen("last_good_policies_serve")) == before == 2


def test_a_key_that_does_not_fit_is_refused_at_once(place: Place) -> None:
    certificate = place.site / "keys" / "server.crt"
    good, other = certificate.read_bytes(), pki.issue("localhost", san="localhost").pem
    with serving(place.site) as server, place.asking(server.address) as gateway:
        certificate.write_bytes(other)
        refused = server.reload()
        assert (refused["event"], refused["reason"]) == ("reload_refused", "TLS_MATERIAL")
        assert gateway.query(COUNT_SQL).rows
        certificate.write_bytes(good)
        assert server.reload()["event"] == "reloaded"


BROKEN_RELOAD = """
from gateway import app

load, calls = app.load_denied, []


def broken(folder):
    calls.append(1)
    if len(calls) == 2:
        raise RuntimeError("Mrs Canary")
    return load(folder)


app.load_denied = broken
"""


def test_a_defect_in_a_reload_is_named_and_changes_nothing(place: Place, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(BROKEN_RELOAD)
    with (
        serving(place.site, patches=tmp_path) as server,
        place.asking(server.address) as gateway,
    ):
        refused = server.reload()
        assert (refused["event"], refused["error"]) == ("reload_refused", "RuntimeError")
        assert "Canary" not in server.log.read_text("utf-8")
        assert gateway.query(COUNT_SQL).rows
        assert server.reload()["event"] == "reloaded"


def test_an_address_in_use_is_named(place: Place) -> None:
    host, _, port = place.health.rpartition(":")
    with socket.create_server((host, int(port))):
        refused = command("serve", place.site)
        assert (refused.returncode, "ADDRESS_IN_USE" in refused.stderr) == (78, True)
        assert not (place.site / "run" / "gateway.json").exists()
    with serving(place.site):
        assert health(place.health) == "SERVING"


def test_another_trust_file_is_refused(place: Place) -> None:
    trust = place.site / "trust.yaml"
    good = trust.read_bytes()
    with serving(place.site) as server:
        assert server.stop() == 0
    trust.write_bytes(good + b"# changed\n")
    refused = command("serve", place.site)
    assert (refused.returncode, "TRUST_CHANGED" in refused.stderr) == (78, True)
    code, out, _ = run("doctor", place.site, "--format", "json")
    states = {found["code"]: found["state"] for found in json.loads(out)["findings"]}
    assert (code, states["TRUST"], states["JOURNAL"]) == (78, "fail", "ok")
    trust.write_bytes(good)
    assert run("doctor", place.site)[0] == 0
    with serving(place.site):
        pass
