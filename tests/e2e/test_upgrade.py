"""`gateway upgrade`: newer forms are refused, older ones ask for a backup first, else nothing is done."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from gateway.adapters.snapshots import NOTES_TABLE, SCHEMA_VERSION
from gateway.verify import SCHEMA
from tests.e2e.kit import COUNT_SQL, Place, make_place, serving
from tests.unit.client.enrolled import run

JOURNAL = Path("journal") / "journal.db"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = make_place(tmp_path_factory.mktemp("made"))
    with serving(place.site) as server, place.asking(server.address) as gateway:
        assert gateway.query(COUNT_SQL).rows
        assert server.stop() == 0
    return place


@pytest.fixture
def place(made: Place, tmp_path: Path) -> Place:
    shutil.copytree(made.home, tmp_path / "copy")
    return Place(tmp_path / "copy")


def files(place: Place) -> dict[str, bytes]:
    return {
        str(p): p.read_bytes() for p in sorted(place.site.rglob("*")) if p.is_file() and "-" not in p.suffix
    }


def journal_form(version: int) -> Callable[[Place], None]:
    def change(place: Place) -> None:
        with sqlite3.connect(place.site / JOURNAL) as database:
            database.execute(f"PRAGMA user_version = {version}")

    return change


def release_form(version: int) -> Callable[[Place], None]:
    def change(place: Place) -> None:
        with sqlite3.connect(place.site / JOURNAL) as database:
            (stored,) = database.execute("SELECT stored FROM releases").fetchone()
            content = json.dumps(json.loads(stored) | {"v": version}).encode()
            database.execute("UPDATE releases SET stored = ?", (content,))

    return change


def snapshot_form(version: int) -> Callable[[Place], None]:
    def change(place: Place) -> None:
        (path,) = (place.site / "data").glob("*.duckdb")
        with duckdb.connect(path) as connection:
            connection.execute(f"UPDATE {NOTES_TABLE} SET schema_version = {version}")

    return change


def test_the_same_forms_are_nothing_to_do(place: Place) -> None:
    before = files(place)
    code, out, _ = run("upgrade", place.site, "--json")
    found = {store["name"]: store for store in json.loads(out)["stores"]}
    assert (code, set(found)) == (0, {"journal", "stored releases", "snapshot"})
    assert {store["state"] for store in found.values()} == {"same"}
    assert (found["journal"]["found"], found["snapshot"]["found"]) == (SCHEMA, SCHEMA_VERSION)
    assert run("upgrade", place.site)[0] == 0
    assert files(place) == before
    assert run("doctor", place.site, "--format", "json")[0] == 0


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("journal", journal_form(SCHEMA + 1)),
        ("stored releases", release_form(2)),
        ("snapshot", snapshot_form(SCHEMA_VERSION + 1)),
    ],
)
def test_a_newer_form_is_refused_and_left_alone(
    place: Place, name: str, change: Callable[[Place], None]
) -> None:
    assert run("upgrade", place.site, "--backup", place.home / "b")[0] == 0
    change(place)
    before = files(place)
    code, _, err = run("upgrade", place.site, "--backup", place.home / "b")
    assert (code, err.split()[1]) == (78, "STORE_TOO_NEW:")
    assert name in err
    assert not (place.home / "b").exists()
    assert files(place) == before
    code, out, _ = run("doctor", place.site, "--format", "json")
    states = {(one["code"], one["state"]) for one in json.loads(out)["findings"]}
    assert (code, ("SCHEMAS", "fail") in states) == (78, True)


def test_an_older_snapshot_is_a_persons_to_ingest_again(place: Place) -> None:
    snapshot_form(SCHEMA_VERSION - 1)(place)
    code, _, err = run("upgrade", place.site)
    assert (code, err.split()[1]) == (78, "BACKUP_REQUIRED:")
    code, _, err = run("upgrade", place.site, "--backup", place.home / "b")
    assert (code, "error UPGRADE_BY_HAND:" in err, "ingest again" in err) == (78, True, True)
    assert (place.home / "b" / "manifest.json").exists()
    (old,) = (place.site / "data").glob("*.duckdb")
    old.rename(place.home / old.name)
    place.ingest(seed=2)
    assert run("upgrade", place.site)[0] == 0
