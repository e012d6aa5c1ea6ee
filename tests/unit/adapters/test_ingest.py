"""Ingest and snapshots: strict casts, all or nothing, and names that say nothing about content."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from gateway.adapters import snapshots
from gateway.adapters.csv_ingest import IngestReport, ingest
from gateway.adapters.ibis_engine import IbisEngine
from gateway.domain.catalog import Bounds, Categories, Column, ColumnType, Dataset, Population
from gateway.domain.query import Query
from gateway.errors import GatewayError, IngestRefused, SourceUnavailable
from gateway.policy.sources import SourceColumn, SourceMapping
from tests.unit.adapters.test_ibis_engine import COUNT, plan_of

CANARY = "canary-4711"
HEADER = "pid,visit,Sex,Level,n,flag,day,unused\n"
GOOD = HEADER + (
    "p1,1,F,1.5,3,yes,2020-02-29,x\n"
    "p1,2,female,?,71.0,0,2020-03-01T08:30:00Z,x\n"
    'p2,1,"M",1e999,2.5,maybe,29.02.2020,x\n'
    ",1,F,1,1,true,2020-01-01,x\n"
    "p3,1,other,nan,,T,,x\n"
)


def dataset(name: str = "visits") -> Dataset:
    columns = (
        Column(name="patient", type=ColumnType.IDENTIFIER),
        Column(name="row_key", type=ColumnType.IDENTIFIER),
        Column(name="sex", type=ColumnType.CATEGORY, categories=Categories(values=("F", "M"))),
        Column(
            name="level",
            type=ColumnType.NUMBER,
            bounds=Bounds(low=Decimal(0), high=Decimal(10), resolution=Decimal(1)),
        ),
        Column(name="n", type=ColumnType.INTEGER),
        Column(name="flag", type=ColumnType.BOOLEAN),
        Column(name="day", type=ColumnType.DATE),
    )
    return Dataset(
        name=name,
        title="",
        description="",
        population=Population(name="adults", maximum=1000),
        patient_column="patient",
        row_key="row_key",
        columns={column.name: column for column in columns},
        max_groups=1,
        max_rows=1,
        digest="d" * 64,
        source_digest="s" * 64,
    )


def mapping(name: str = "visits") -> SourceMapping:
    names = {"patient": "pid", "row_key": "visit", "sex": "Sex", "level": "Level"}
    columns = {
        column: SourceColumn(source=names.get(column, column), mapping={}) for column in dataset().columns
    }
    columns["sex"] = SourceColumn(source="Sex", mapping={"female": "F"})
    return SourceMapping(dataset=name, nulls=frozenset({"?"}), columns=columns)


def read(folder: Path, source: Path) -> IngestReport:
    return ingest(source, dataset(), mapping(), folder)


def stored(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(path, read_only=True) as connection:
        found: list[tuple[Any, ...]] = connection.execute(sql).fetchall()
        return found


def as_csv(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def as_gzip(path: Path, text: str) -> Path:
    path.write_bytes(gzip.compress(text.encode()))
    return path


def as_parquet(path: Path, text: str) -> Path:
    plain = as_csv(path.with_suffix(".tmp"), text)
    duckdb.execute(f"COPY (FROM read_csv('{plain}', all_varchar=true)) TO '{path}' (FORMAT parquet)")
    return path


@pytest.mark.parametrize("write", [as_csv, as_gzip, as_parquet])
def test_every_format_gives_the_same_strictly_typed_rows(
    tmp_path: Path, write: Callable[[Path, str], Path]
) -> None:
    report = read(tmp_path / "data", write(tmp_path / "source[1]*.file", GOOD))
    assert stored(report.path, "SELECT * FROM visits ORDER BY ALL") == [
        ("p1", "1", "F", 1.5, 3, True, date(2020, 2, 29)),
        ("p1", "2", "F", None, 71, False, date(2020, 3, 1)),
        ("p2", "1", "M", None, None, None, None),
        ("p3", "1", "other", None, None, True, None),
    ]
    assert (report.rows, report.patients, report.without_patient) == (4, 3, 1)
    figures = {c.name: (c.missing, c.uncast, c.outside) for c in report.columns}
    assert figures == {
        "patient": (0, 0, 0),
        "row_key": (0, 0, 0),
        "sex": (0, 0, 1),
        "level": (1, 2, 0),
        "n": (1, 1, 0),
        "flag": (0, 1, 0),
        "day": (1, 1, 0),
    }


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_in_the_header(tmp_path: Path, delimiter: str) -> None:
    text = "\ufeff" + HEADER + 'p1,1,F,1,1,1,2020-01-01,"two\nlines"\n'
    for newline in ("\n", "\r\n"):
        source = tmp_path / "s.csv"
        source.write_text(text.replace(",", delimiter), encoding="utf-8", newline=newline)
        assert read(tmp_path / "data", source).rows == 1


def test_a_native_parquet_is_read_by_its_own_types(tmp_path: Path) -> None:
    source = tmp_path / "s.parquet"
    duckdb.execute(
        "COPY (SELECT 7 AS pid, 1 AS visit, 'M' AS \"Sex\", 'nan'::DOUBLE AS \"Level\", 3.0::DOUBLE AS n, "
        f"true AS flag, TIMESTAMP '2020-01-02 03:04:05' AS day) TO '{source}' (FORMAT parquet)"
    )
    report = read(tmp_path / "data", source)
    assert stored(report.path, "FROM visits") == [("7", "1", "M", None, 3, True, date(2020, 1, 2))]


def test_a_snapshot_appears_complete_private_and_named_by_time(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    stages: list[str] = []
    assert snapshots.newest(folder) is None
    source = as_csv(tmp_path / "s.csv", GOOD)

    def during(stage: str) -> None:
        assert snapshots.list_snapshots(folder) == ()
        stages.append(stage)

    report = ingest(source, dataset(), mapping(), folder, progress=during)
    assert stages == ["reading", "checking", "writing", "publishing"]
    assert snapshots.list_snapshots(folder) == (report.path,)
    assert report.path.stat().st_mode & 0o777 == 0o600
    assert {path.name for path in folder.iterdir()} == {report.path.name, ".ingest.lock"}
    (note,) = snapshots.contents(report.path)
    assert (note.dataset, note.rows, note.patients, note.definition) == ("visits", 4, 3, "d" * 64)
    again = read(folder, source)
    assert snapshots.newest(folder) == again.path
    assert again.snapshot[:16] > report.snapshot[:16]  # within one second, too
    assert again.snapshot[-8:] != report.snapshot[-8:]  # the same content, another name


def test_names_follow_each_other_even_when_the_clock_runs_back() -> None:
    now = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
    first = snapshots.next_name(now, None)
    assert first.startswith("20260504T030201Z-")
    second = snapshots.next_name(now - timedelta(hours=1), Path(f"{first}.duckdb"))
    assert second.startswith("20260504T030202Z-")


def test_other_datasets_are_carried_over_even_while_they_are_served(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    source = as_csv(tmp_path / "s.csv", GOOD)
    first = read(folder, source)
    engine = IbisEngine(first.path, bounding_key="k", spill=tmp_path / "spill")
    second = ingest(source, dataset("labs"), mapping("labs"), folder)
    assert [s.dataset for s in snapshots.contents(second.path)] == ["labs", "visits"]
    smaller = as_csv(tmp_path / "t.csv", HEADER + "p9,1,F,1,1,1,2020-01-01,x\n")
    third = read(folder, smaller)
    assert [(s.dataset, s.rows) for s in snapshots.contents(third.path)] == [("labs", 4), ("visits", 1)]
    assert stored(third.path, "SELECT count(*) FROM labs") == [(4,)]
    assert stored(third.path, "SELECT patient FROM visits") == [("p9",)]
    engine.ready(plan_of(Query(dataset="visits", measures=COUNT), dataset()))
    engine.close()
    assert len(stored(first.path, "FROM visits")) == 4  # the old snapshot is as it was


def cut(path: Path) -> None:
    whole = gzip.compress(GOOD.encode())
    path.write_bytes(whole[:-12])


def altered(path: Path) -> None:
    whole = bytearray(gzip.compress(GOOD.encode()))
    whole[-8] ^= 1  # the checksum
    path.write_bytes(whole)


def text(content: str, encoding: str = "utf-8") -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(content.encode(encoding))

    return write


REFUSALS: dict[str, tuple[Callable[[Path], None], str]] = {
    "absent": (lambda path: None, "SOURCE_UNREADABLE"),
    "folder": (lambda path: path.mkdir(), "SOURCE_UNREADABLE"),
    "cut gzip": (cut, "SOURCE_UNREADABLE"),
    "altered gzip": (altered, "SOURCE_UNREADABLE"),
    "latin-1": (text(GOOD.replace("other", "é"), "latin-1"), "SOURCE_UNREADABLE"),
    "utf-16": (text(GOOD, "utf-16"), "SOURCE_UNREADABLE"),
    "short row": (text(GOOD + f"{CANARY},1\n"), "SOURCE_UNREADABLE"),
    "long row": (text(GOOD + f"{CANARY},1,F,1,1,1,2020-01-01,x,{CANARY}\n"), "SOURCE_UNREADABLE"),
    "open quote": (text(GOOD + f'"{CANARY},1,F,1,1,1,2020-01-01,x\n'), "SOURCE_UNREADABLE"),
    "not parquet": (text("PAR1" + GOOD), "SOURCE_UNREADABLE"),
    "empty": (text(""), "SOURCE_COLUMN_MISSING"),
    "no such column": (text(GOOD.replace("Level", CANARY)), "SOURCE_COLUMN_MISSING"),
    "twice the column": (text(GOOD.replace("unused", "Level")), "SOURCE_COLUMN_AMBIGUOUS"),
    "header only": (text(HEADER), "NO_ROWS"),
    "nobody": (text(HEADER + ",1,F,1,1,1,2020-01-01,x\n"), "NO_PATIENTS"),
    "no row key": (text(GOOD.replace("p1,1", f"{CANARY},")), "ROW_KEY_MISSING"),
    "row key twice": (text(GOOD.replace("p1,2", "p1,1")), "ROW_KEY_NOT_UNIQUE"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_does_not_fit_is_refused_and_nothing_is_published(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "data"
    source = tmp_path / f"{CANARY}.csv"
    write, reason = REFUSALS[name]
    write(source)
    with pytest.raises(GatewayError) as caught:
        read(folder, source)
    assert type(caught.value) is IngestRefused
    assert caught.value.reason == reason
    assert caught.value.__cause__ is None
    assert CANARY not in str(caught.value)
    assert {path.name for path in folder.iterdir()} == {".ingest.lock"}
    if source.is_dir():
        source.rmdir()
    assert read(folder, as_csv(source, GOOD)).rows == 4  # the twin: the same place, a good file


def test_an_unreadable_row_is_named_by_its_line(tmp_path: Path) -> None:
    with pytest.raises(IngestRefused) as caught:
        read(tmp_path / "data", as_csv(tmp_path / "s.csv", GOOD + f"{CANARY},1\n"))
    (violation,) = caught.value.violations
    assert violation.line == 7


def test_one_ingest_at_a_time(tmp_path: Path) -> None:
    source = as_csv(tmp_path / "s.csv", GOOD)
    folder = tmp_path / "data"
    with snapshots.drafting(folder), pytest.raises(IngestRefused) as caught:
        read(folder, source)
    assert caught.value.reason == "INGEST_BUSY"
    assert read(folder, source).rows == 4


def test_a_killed_ingest_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    left = folder / ".draft-killed"
    left.mkdir(parents=True)
    (left / "snapshot.duckdb").write_bytes(b"half")
    assert snapshots.newest(folder) is None
    report = read(folder, as_csv(tmp_path / "s.csv", GOOD))
    assert snapshots.list_snapshots(folder) == (report.path,)
    assert not left.exists()


def test_a_broken_snapshot_before_is_refused_not_dropped(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    source = as_csv(tmp_path / "s.csv", GOOD)
    good = read(folder, source)
    broken = folder / "99991231T235958Z-00000000.duckdb"
    broken.write_bytes(b"not a database")
    with pytest.raises(IngestRefused) as caught:
        read(folder, source)
    assert caught.value.reason == "SNAPSHOT_UNREADABLE"
    with pytest.raises(SourceUnavailable):
        snapshots.contents(broken)
    broken.unlink()
    assert read(folder, source).snapshot > good.snapshot


def test_a_snapshot_of_an_older_version_before_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "data"
    source = as_csv(tmp_path / "s.csv", GOOD)
    with monkeypatch.context() as patch:
        patch.setattr(snapshots, "SCHEMA_VERSION", snapshots.SCHEMA_VERSION - 1)
        old = read(folder, source)
    for work in (lambda: read(folder, source), lambda: snapshots.contents(old.path)):
        with pytest.raises(GatewayError, match="move it out of the data folder") as caught:
            work()
        assert caught.value.reason == "SNAPSHOT_TOO_OLD"
    old.path.unlink()  # the twin
    (found,) = snapshots.contents(read(folder, source).path)
    assert found.dataset == "visits"


def test_what_was_read_in_is_asked_for_as_it_was_read_in(tmp_path: Path) -> None:
    report = read(tmp_path / "data", as_csv(tmp_path / "s.csv", GOOD))
    assert stored(report.path, "SELECT definition, source FROM _gateway") == [("d" * 64, "s" * 64)]


def test_a_full_disk_publishes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "data"
    source = as_csv(tmp_path / "s.csv", GOOD)

    def full(path: Path) -> None:
        raise OSError(28, CANARY)

    with monkeypatch.context() as patch:
        patch.setattr(snapshots, "_sync", full)
        with pytest.raises(IngestRefused) as caught:
            read(folder, source)
    assert caught.value.reason == "STORAGE_FAILED"
    assert CANARY not in str(caught.value)
    assert snapshots.newest(folder) is None
    assert read(folder, source).rows == 4


def test_names_and_texts_are_quoted(tmp_path: Path) -> None:
    odd = "od\"d's"
    about = dataset(odd)
    columns = dict(about.columns) | {odd: Column(name=odd, type=ColumnType.CATEGORY)}
    words = mapping(odd)
    source = SourceColumn(source=odd, mapping={"it's": "a'b"})
    report = ingest(
        as_csv(
            tmp_path / "it's.csv", 'pid,visit,Sex,Level,n,flag,day,"od""d\'s"\n1,1,F,1,1,1,2020-01-01,it\'s\n'
        ),
        replace(about, columns=columns),
        replace(words, columns=dict(words.columns) | {odd: source}),
        tmp_path / "data's",
    )
    assert stored(report.path, 'SELECT "od""d\'s" FROM "od""d\'s"') == [("a'b",)]
