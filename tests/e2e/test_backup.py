"""Backup, restore and recovery by their commands: no way back gives budget back without a word.

Law: a backup is made while the site serves, and verified; a restored site does not serve before its budgets
are counted as spent, or somebody says, on the record, that nothing is lost.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.operate import recovery
from gateway.verify import verify_file
from tests.checks import check_journal
from tests.e2e.kit import COUNT_SQL, Place, command, make_place, reason, rewrite, serving, until
from tests.unit.client.enrolled import done, run

JOURNAL = Path("journal") / "journal.db"
LOST = "--entries-after-the-backup-are-lost"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A site that has answered, was backed up while it served, and answered once more."""
    place = make_place(tmp_path_factory.mktemp("made"))
    with serving(place.site) as server, place.asking(server.address) as gateway:
        gateway.query(COUNT_SQL)
        done("backup", place.site, place.home / "backup")
        gateway.query(COUNT_SQL.replace("sex", "region"))
        assert server.stop() == 0
    return place


@pytest.fixture
def place(made: Place, tmp_path: Path) -> Place:
    shutil.copytree(made.home, tmp_path / "copy")
    copy = Place(tmp_path / "copy")
    rewrite(copy.site / "site.yaml", made.health, copy.health)
    return copy


def manifest(backup: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((backup / "manifest.json").read_bytes())
    return found


def refused(*words: str | Path) -> str:
    """The stable reason with which a command ends. `serve` closes its process, so it has one of its own."""
    if words[0] == "serve":
        ended = command(*words)
        code, err = ended.returncode, ended.stderr
    else:
        code, _, err = run(*words)
    assert code != 0
    assert "Traceback" not in err
    (said,) = [line for line in err.splitlines() if line.startswith("error ")]
    return said.split()[1].rstrip(":")


def modes(folder: Path) -> set[int]:
    return {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")}


def test_a_backup_of_a_served_site(place: Place) -> None:
    backup = place.home / "backup"
    found = manifest(backup)
    names = set(found["files"])
    assert names >= {"site.yaml", "trust.yaml", "journal/journal.db", "journal/journal.opened"}
    assert {name.split("/")[0] for name in names} == {"site.yaml", "trust.yaml", "journal", "policies"}
    assert (found["keys"], found["snapshot"]) == (False, "")
    report = check_journal(backup / JOURNAL)
    assert (found["index"], found["leaf_hash"]) == (report.entries - 1, report.head)
    assert report.entries < check_journal(place.site / JOURNAL).entries
    assert modes(backup) == {0o600, 0o700}
    assert found["schemas"]["journal"] == 1


def test_keys_and_data_are_asked_for(place: Place) -> None:
    (line, *_) = done("backup", place.site, place.home / "all", "--with-keys", "--with-data")
    assert line == str(place.home / "all")
    found = manifest(place.home / "all")
    (snapshot,) = (place.site / "data").glob("*.duckdb")
    assert {f"data/{snapshot.name}", "keys/site.key"} <= set(found["files"])
    assert (found["keys"], found["snapshot"]) == (True, snapshot.stem)
    assert modes(place.home / "all") == {0o600, 0o700}
    code, out, _ = run("backup", place.site, place.home / "again", "--json")
    assert (code, json.loads(out)["keys"]) == (0, False)
    assert not list((place.home / "again").rglob("*.key"))


def test_where_a_backup_may_be_written(place: Place) -> None:
    free = place.home / "free"
    assert refused("backup", place.site, place.site / "backup") == "DESTINATION_INSIDE"
    assert refused("backup", place.site, place.home) == "DESTINATION_INSIDE"
    assert refused("backup", place.site, place.home / "backup") == "DESTINATION_EXISTS"
    free.symlink_to(place.home / "nowhere")
    assert refused("backup", place.site, free) == "DESTINATION_EXISTS"
    free.unlink()
    assert refused("backup", place.site, free / "below") == "BACKUP_FAILED"
    assert done("backup", place.site, free)
    assert not list(place.home.glob(".free*"))


def test_a_broken_journal_makes_no_backup(place: Place) -> None:
    good = place.home / "good"
    assert done("backup", place.site, good)
    with sqlite3.connect(place.site / JOURNAL) as database:
        database.execute("DELETE FROM releases")
    assert refused("backup", place.site, place.home / "bad") == "JOURNAL_INVALID"
    assert not (place.home / "bad").exists()
    assert not list(place.home.glob(".bad*"))


def test_restore_is_told_in_words_what_it_means(place: Place) -> None:
    backup, back = place.home / "backup", place.home / "back"
    assert refused("restore", backup, back) == "RESTORE_NOT_CONFIRMED"
    assert not back.exists()
    assert refused("restore", backup, place.site, LOST) == "DESTINATION_EXISTS"
    assert done("restore", backup, back, LOST) == [str(back)]
    assert modes(back) == {0o600, 0o700}


def change_file(backup: Path) -> None:
    with (backup / "site.yaml").open("a") as file:
        file.write("# one byte more\n")


def change_manifest(backup: Path, **members: Any) -> None:
    path = backup / "manifest.json"
    path.write_text(json.dumps(manifest(backup) | members))


def change_both(backup: Path) -> None:
    """A forger's journal, cut by one entry, with a manifest made to fit all but the head."""
    with sqlite3.connect(backup / JOURNAL) as database:
        database.execute("DELETE FROM entries WHERE seq = (SELECT max(seq) FROM entries)")
        database.execute(
            "DELETE FROM releases WHERE entry NOT IN (SELECT id FROM entries)",
        )
    digest = hashlib.sha256((backup / JOURNAL).read_bytes()).hexdigest()
    change_manifest(backup, files=manifest(backup)["files"] | {str(JOURNAL): digest})


def unmark(backup: Path) -> None:
    with sqlite3.connect(backup / JOURNAL) as database:
        database.execute("DELETE FROM meta WHERE name = 'restored'")
    digest = hashlib.sha256((backup / JOURNAL).read_bytes()).hexdigest()
    change_manifest(backup, files=manifest(backup)["files"] | {str(JOURNAL): digest})


CHANGED: dict[str, tuple[Callable[[Path], object], str]] = {
    "a changed file": (change_file, "BACKUP_CHANGED"),
    "a file more": (lambda b: (b / "deny.yaml").write_text("parties: []\n"), "BACKUP_CHANGED"),
    "a file less": (lambda b: (b / "trust.yaml").unlink(), "BACKUP_CHANGED"),
    "a link": (lambda b: (b / "more").symlink_to("/etc/passwd"), "BACKUP_CHANGED"),
    "a newer format": (lambda b: change_manifest(b, format=2), "BACKUP_TOO_NEW"),
    "a path outside": (lambda b: change_manifest(b, files={"../x": "0"}), "BACKUP_INVALID"),
    "no manifest": (lambda b: (b / "manifest.json").unlink(), "BACKUP_INVALID"),
    "a cut journal": (change_both, "JOURNAL_INVALID"),
    "a mark taken away": (unmark, "JOURNAL_INVALID"),
}


@pytest.mark.parametrize("what", CHANGED)
def test_a_backup_that_was_changed_is_refused(place: Place, what: str) -> None:
    spoil, expected = CHANGED[what]
    backup = place.home / "backup"
    assert done("restore", backup, place.home / "twin", LOST)
    spoil(backup)
    assert refused("restore", backup, place.home / "back", LOST) == expected
    assert not (place.home / "back").exists()


@pytest.fixture
def back(place: Place) -> Place:
    """The place with its site gone and restored: keys brought back, data too."""
    old = place.site.rename(place.home / "old")
    done("restore", place.home / "backup", place.site, LOST)
    for name in ("keys", "data"):
        shutil.rmtree(place.site / name)
        shutil.copytree(old / name, place.site / name)
    rewrite(place.site / "site.yaml", health_of(place.site), place.health)
    return place


def health_of(site: Path) -> str:
    lines = (site / "site.yaml").read_text("utf-8").splitlines()
    return next(line for line in lines if line.startswith("health:")).split('"')[1]


def doctor(place: Place) -> dict[str, str]:
    _, out, _ = run("doctor", place.site, "--format", "json")
    return {one["code"]: one["state"] for one in json.loads(out)["findings"]}


def test_a_restored_site_does_not_serve_until_every_open_period_is_spent(back: Place) -> None:
    assert refused("serve", back.site) == "JOURNAL_RESTORED"
    assert doctor(back)["JOURNAL"] == "fail"
    assert refused("recover", back.site) == "RECOVERY_NOT_CHOSEN"
    code, out, _ = run("recover", back.site, "--spend-open-periods", "--json")
    assert code == 0
    spent = {one["account"]: one["period"] for one in json.loads(out)["accounts"]}
    assert spent["site/demo-hospital/patients/lifetime"] == "lifetime"
    assert {name.split("/")[0] for name in spent} == {"agreement", "party", "site"}
    assert doctor(back)["JOURNAL"] == "ok"
    with serving(back.site) as server, back.asking(server.address) as gateway:
        assert reason(lambda: gateway.query(COUNT_SQL.replace("sex", "age_band"))) == "AGREEMENT_BUDGET"
        assert {b.remaining.rho.strip("0.") for b in gateway.budget() if b.remaining} == {""}
        assert gateway.query(COUNT_SQL).replayed  # what was released before the backup stays free
        assert server.stop() == 0
    check_journal(back.site / JOURNAL)
    assert refused("recover", back.site, "--spend-open-periods") == "NOT_RESTORED"


def test_a_larger_cap_in_the_folder_counts(back: Place) -> None:
    """Lost entries may have raised a cap: the policies that serve next are counted as spent too."""
    rewrite(back.agreement, "epsilon: 3,", "epsilon: 3.5,")
    before = verify_file(back.site / JOURNAL).entries
    done("recover", back.site, "--spend-open-periods")
    with serving(back.site) as server, back.asking(server.address) as gateway:
        assert reason(lambda: gateway.query(COUNT_SQL.replace("sex", "age_band"))) == "AGREEMENT_BUDGET"
        assert server.stop() == 0
    assert check_journal(back.site / JOURNAL).entries > before


def test_the_newest_known_entry_must_be_this_journals_newest(back: Place) -> None:
    old = verify_file(back.home / "old" / JOURNAL)
    here = verify_file(back.site / JOURNAL)
    recover = ("recover", back.site, "--newest-known")
    assert refused(*recover, "12") == "HEAD_INVALID"
    assert refused(*recover, f"{old.entries - 1}:{old.head}") == "JOURNAL_BEHIND"
    assert refused(*recover, f"{here.entries - 2}:{here.head}") == "JOURNAL_CONTRADICTED"
    assert refused(*recover, f"{here.entries - 1}:{old.head}") == "JOURNAL_CONTRADICTED"
    assert refused("serve", back.site) == "JOURNAL_RESTORED"
    done(*recover, f"{here.entries - 1}:{here.head}")
    with serving(back.site) as server, back.asking(server.address) as gateway:
        assert gateway.query(COUNT_SQL.replace("sex", "age_band")).rows
        assert server.stop() == 0
    report = check_journal(back.site / JOURNAL)
    assert report.entries > here.entries + 2


def test_a_copied_journal_is_marked_however_it_came_there(place: Place) -> None:
    """Without `gateway restore`: the backup's file put in the place of the site's own."""
    for found in (place.site / "journal").glob("journal.db*"):
        found.unlink()
    shutil.copyfile(place.home / "backup" / JOURNAL, place.site / JOURNAL)
    assert refused("serve", place.site) == "JOURNAL_RESTORED"
    done("recover", place.site, "--spend-open-periods")
    with serving(place.site):
        pass


BEHIND = """
from datetime import timedelta
from gateway.adapters import clock

now = clock.SystemClock.now
clock.SystemClock.now = lambda self: now(self) - timedelta(days=400)
"""


def test_the_period_of_the_last_entry_is_spent_too(place: Place, tmp_path: Path) -> None:
    """What was lost may lie in the period of the backup or in that of today: both count as spent."""
    for name in ("journal", "heads"):
        shutil.rmtree(place.site / name)
        (place.site / name).mkdir(mode=0o700)
    (tmp_path / "sitecustomize.py").write_text(BEHIND)
    with serving(place.site, patches=tmp_path) as server:
        assert server.stop() == 0
    done("backup", place.site, place.home / "old-backup")
    for found in (place.site / "journal").glob("journal.db*"):
        found.unlink()
    shutil.copyfile(place.home / "old-backup" / JOURNAL, place.site / JOURNAL)
    code, out, err = run("recover", place.site, "--spend-open-periods", "--json")
    assert code == 0, err
    then, now = datetime.now(UTC) - timedelta(days=400), datetime.now(UTC)
    years = {one["period"] for one in json.loads(out)["accounts"] if one["account"].endswith("/year")}
    assert years == {str(then.year), str(now.year)}
    check_journal(place.site / JOURNAL)


def test_policies_that_do_not_compile_are_mended_first(back: Place) -> None:
    """Caps that nobody can read cannot be counted as spent."""
    rewrite(back.agreement, "epsilon: 3,", "epsilon: three,")
    assert refused("recover", back.site, "--spend-open-periods") == "POLICY_INVALID"
    assert refused("serve", back.site) == "JOURNAL_RESTORED"
    rewrite(back.agreement, "epsilon: three,", "epsilon: 3,")
    assert done("recover", back.site, "--spend-open-periods")


def test_a_served_journal_is_not_recovered(place: Place) -> None:
    with serving(place.site):
        assert refused("recover", place.site, "--spend-open-periods") == "JOURNAL_LOCKED"
    assert refused("recover", place.site, "--spend-open-periods") == "NOT_RESTORED"


def test_a_recovery_that_dies_half_way_leaves_a_site_that_does_not_serve(
    back: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(path: Path) -> None:
        raise OSError(5, "no more", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(recovery, "_settle", dies)
        assert run("recover", back.site, "--spend-open-periods")[0] != 0
    assert not list((back.site / "journal").glob(".recovering*"))
    assert refused("serve", back.site) == "JOURNAL_RESTORED"
    done("recover", back.site, "--spend-open-periods")
    with serving(back.site):
        pass


LEFT = """
import os, sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("PRAGMA journal_mode = WAL")
database.execute("UPDATE meta SET value = value + 1 WHERE name = 'epoch'")
os._exit(0)
"""


def test_a_log_that_a_killed_process_left_is_not_read_into_the_new_journal(back: Place) -> None:
    journal = back.site / JOURNAL
    subprocess.run([sys.executable, "-c", LEFT, journal], check=True)
    assert journal.with_name("journal.db-wal").stat().st_size > 0
    done("recover", back.site, "--spend-open-periods")
    log = journal.with_name("journal.db-wal")
    assert not log.exists() or not log.stat().st_size  # an empty one is a reader's
    before = check_journal(journal)
    with serving(back.site) as server:
        assert server.stop() == 0
    assert check_journal(journal).entries >= before.entries


def test_backups_while_questions_are_answered(place: Place) -> None:
    with serving(place.site) as server, ThreadPoolExecutor(4) as threads:

        def ask(number: int) -> bool:
            with place.asking(server.address) as gateway:
                return bool(gateway.query(COUNT_SQL).rows)

        asked = [threads.submit(ask, number) for number in range(40)]
        for number in range(3):
            done("backup", place.site, place.home / f"b{number}")
        assert all(future.result(30) for future in asked)
        assert server.stop() == 0
    whole = check_journal(place.site / JOURNAL)
    for number in range(3):
        assert check_journal(place.home / f"b{number}" / JOURNAL).entries <= whole.entries


def test_an_older_journal_put_in_place_by_other_means_is_refused(place: Place) -> None:
    """A file-level copy carries no mark: what heads/ names is not in it."""
    journal, older = place.site / JOURNAL, place.home / "older.db"
    shutil.copyfile(journal, older)
    with serving(place.site) as server, place.asking(server.address) as gateway:
        gateway.query(COUNT_SQL.replace("sex", "age_band"))
        assert server.stop() == 0
    newest, newer = verify_file(journal), place.home / "newer.db"
    named = json.loads((place.site / "heads" / "newest.json").read_bytes())
    assert named == {"index": newest.entries - 1, "leaf_hash": newest.head}
    shutil.copyfile(journal, newer)
    shutil.copyfile(older, journal)
    assert refused("serve", place.site) == "JOURNAL_RESTORED"
    assert doctor(place)["JOURNAL"] == "fail"
    known = verify_file(older)
    claim = f"{known.entries - 1}:{known.head}"
    assert refused("recover", place.site, "--newest-known", claim) == "JOURNAL_BEHIND"
    shutil.copyfile(newer, journal)
    with serving(place.site) as server:  # the twin
        assert server.stop() == 0
    shutil.copyfile(older, journal)
    done("recover", place.site, "--spend-open-periods")
    with serving(place.site) as server, place.asking(server.address) as gateway:
        assert reason(lambda: gateway.query(COUNT_SQL.replace("sex", "class"))) == "AGREEMENT_BUDGET"


def test_a_journal_folder_that_is_gone_is_refused_by_what_heads_names(place: Place) -> None:
    shutil.rmtree(place.site / "journal")
    (place.site / "journal").mkdir(mode=0o700)
    assert refused("serve", place.site) == "JOURNAL_MISSING"
    assert doctor(place)["JOURNAL"] == "fail"
    named = place.site / "heads" / "newest.json"
    named.write_text("{")
    assert refused("serve", place.site) == "HEAD_UNREADABLE"
    shutil.rmtree(place.site / "heads")
    with serving(place.site):  # what nobody remembers, nobody misses
        pass


def test_heads_follow_the_journal_and_their_loss_stops_nobody(place: Place) -> None:
    named = place.site / "heads" / "newest.json"
    before = named.read_bytes()
    with serving(place.site) as server, place.asking(server.address) as gateway:
        gateway.query(COUNT_SQL.replace("sex", "age_band"))
        until(lambda: named.read_bytes() != before, 5.0)
        server.process.kill()
        server.process.wait()
    assert verify_file(place.site / JOURNAL).entries - 1 >= json.loads(named.read_bytes())["index"]
    with serving(place.site) as server, place.asking(server.address) as gateway:
        shutil.rmtree(named.parent)
        named.parent.touch()  # a file where the folder was
        assert gateway.query(COUNT_SQL).rows
        until(lambda: server.seen("head_not_written"))
        assert gateway.query(COUNT_SQL).rows
        named.parent.unlink()
        gateway.query(COUNT_SQL)
        until(named.exists)
