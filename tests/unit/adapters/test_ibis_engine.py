"""The DuckDB engine: locked down, total on any data, one answer to every failure, safe between threads."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import Any

import duckdb
import pytest

from gateway.adapters import ibis_engine, snapshots
from gateway.adapters.ibis_engine import IbisEngine
from gateway.adapters.memory_engine import MemoryEngine
from gateway.domain.catalog import Bounds, Categories, Column, ColumnType, Dataset, Population
from gateway.domain.expression import ExactVectors, Expression, VectorKind
from gateway.domain.privacy import NOTHING
from gateway.domain.query import (
    And,
    Compare,
    IsMissing,
    Literal,
    Measure,
    MeasureKind,
    Not,
    OneOf,
    Operator,
    Or,
    Predicate,
    Query,
)
from gateway.errors import GatewayError, InvalidQuery, ReleaseFailed, SourceUnavailable
from gateway.log import JsonLines
from gateway.lower.expression import lower
from gateway.plan import Plan

SECRET = "a-secret-for-the-order-of-bounding"
CANARY = "canary-4711"


def dataset(name: str = "visits", *, max_groups: int = 2, max_rows: int = 2) -> Dataset:
    columns = (
        Column(name="patient", type=ColumnType.IDENTIFIER),
        Column(name="row_key", type=ColumnType.IDENTIFIER),
        Column(
            name="sex", type=ColumnType.CATEGORY, categories=Categories(values=("F", "M"), missing="unknown")
        ),
        Column(
            name="level",
            type=ColumnType.NUMBER,
            bounds=Bounds(low=Decimal("-1"), high=Decimal("9.5"), resolution=Decimal("0.5")),
        ),
        Column(name="count", type=ColumnType.INTEGER),
    )
    return Dataset(
        name=name,
        title="",
        description="",
        population=Population(name="adults", maximum=1000),
        patient_column="patient",
        row_key="row_key",
        columns={column.name: column for column in columns},
        max_groups=max_groups,
        max_rows=max_rows,
        digest="d" * 64,
        source_digest="s" * 64,
    )


EVERY = (
    Measure(kind=MeasureKind.COUNT_PATIENTS, name="patients"),
    Measure(kind=MeasureKind.COUNT_ROWS, name="rows"),
    Measure(kind=MeasureKind.SUM, name="sum", column="level"),
    Measure(kind=MeasureKind.MEAN, name="mean", column="level"),
    Measure(
        kind=MeasureKind.PROPORTION,
        name="high",
        condition=Compare(column="level", operator=Operator.GT, value=3),
    ),
)
COUNT, ROWS_ONLY, SUM = EVERY[:1], EVERY[1:2], EVERY[2:3]


def plan_of(query: Query, about: Dataset) -> Plan:
    """A plan without its prices."""
    return Plan(
        query=query,
        patients_rule=None,
        dataset=about,
        datasets=(about,),
        keys=(),
        expression=lower(query, {query.dataset: about}).expression,
        figures=(),
        priced=(),
        patients=None,
        snapshot="",
        loss=NOTHING,
        digest="",
        measurement=lambda exact: exact,
    )


def write(path: Path, rows: list[tuple[object, ...]], *, schema: int = snapshots.SCHEMA_VERSION) -> Path:
    with duckdb.connect(path) as connection:
        connection.execute(snapshots.CREATE_NOTES)
        connection.execute(
            "INSERT INTO _gateway VALUES ('visits', 0, 0, 'd', ?, '2026-01-01T00:00:00+00:00', ?)",
            ["s" * 64, schema],
        )
        connection.execute(
            "CREATE TABLE visits (patient VARCHAR, row_key VARCHAR, sex VARCHAR, level DOUBLE, count BIGINT)"
        )
        for row in rows:
            connection.execute("INSERT INTO visits VALUES (?, ?, ?, ?, ?)", row)
    return path


ROWS: list[tuple[object, ...]] = [
    ("p1", "1", "F", 1.25, 1),
    ("p1", "2", "F", float("nan"), 2),
    ("p1", "3", "F", 1e308, 3),
    ("p2", "1", "M", float("-inf"), 2**63 - 1),
    ("p2", "2", None, 0.75, None),
    (None, "9", "F", 5.0, 5),
    ("p3", "1", CANARY, 5.0, 7),
]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[IbisEngine]:
    path = write(tmp_path / "snapshot.duckdb", ROWS)
    opened = IbisEngine(path, bounding_key=SECRET, spill=tmp_path / "spill")
    yield opened
    opened.close()


def asked(**changes: Any) -> Plan:
    query = Query(dataset="visits", measures=EVERY, group_by=("sex",))
    return plan_of(replace(query, **changes), dataset())


def patients_of(exact: ExactVectors) -> tuple[int, ...]:
    """The count of patients among the vectors of `asked`."""
    kinds = [vector.kind for vector in asked().expression.vectors]
    return exact[kinds.index(VectorKind.PATIENTS)]


def test_it_answers_like_the_reference(engine: IbisEngine) -> None:
    names = ("patient", "row_key", "sex", "level", "count")
    tables = {"visits": [dict(zip(names, row, strict=True)) for row in ROWS]}
    reference = MemoryEngine(tables, snapshot="snapshot", bounding_key=SECRET)  # type: ignore[arg-type]
    exact = engine.run(asked())
    assert exact == reference.run(asked())
    kinds = [vector.kind for vector in asked().expression.vectors]
    assert set(kinds) == set(VectorKind)
    patients, rows = (exact[kinds.index(kind)] for kind in (VectorKind.PATIENTS, VectorKind.ROWS))
    assert patients == (1, 1, 1)  # F, M, unknown: p3's category lies outside the domain
    assert rows == (2, 1, 1)  # three rows of p1, of which two are kept
    assert engine.snapshot == reference.snapshot == "snapshot"


def test_ties_are_rounded_away_from_zero_after_clamping(tmp_path: Path) -> None:
    values = (0.75, -0.75, 0.25, -0.25, 0.24999999999999997, 100.0, -100.0)
    rows: list[tuple[object, ...]] = [(f"p{i}", "1", "F", value, 0) for i, value in enumerate(values)]
    engine = IbisEngine(write(tmp_path / "s.duckdb", rows), bounding_key=SECRET, spill=tmp_path / "spill")
    for i, steps in enumerate((2, -2, 1, -1, 0, 19, -2)):
        alone: list[tuple[object, ...]] = [rows[i]]
        one = IbisEngine(
            write(tmp_path / f"{i}.duckdb", alone), bounding_key=SECRET, spill=tmp_path / f"spill{i}"
        )
        plan = plan_of(Query(dataset="visits", measures=SUM), dataset())
        assert one.run(plan) == ((steps,),)
        one.close()
    plan = plan_of(Query(dataset="visits", measures=SUM), dataset())
    assert engine.run(plan) == ((17,),)
    engine.close()


@pytest.mark.parametrize(
    ("column", "literal", "patients"),
    [
        ("count", 2**53, 1),
        ("count", Decimal("0.000000000000000000000000000000001"), 3),
        ("count", Decimal("2.5"), 3),
        ("level", Decimal("0.30000000000000004"), 3),
        ("level", Decimal("1e15"), 1),
        ("level", Decimal("-1e15"), 3),
    ],
)
def test_no_literal_makes_a_comparison_fail(
    engine: IbisEngine, column: str, literal: Literal, patients: int
) -> None:
    where = Compare(column=column, operator=Operator.GT, value=literal)
    plan = plan_of(Query(dataset="visits", measures=COUNT, where=where), dataset())
    assert engine.run(plan) == ((patients,),)


SEX_F = Compare(column="sex", operator=Operator.EQ, value="F")
SEX_UNKNOWN = Compare(column="sex", operator=Operator.EQ, value="unknown")
LEVEL_LOW = Compare(column="level", operator=Operator.LT, value=100)


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        (SEX_F, 3),
        (SEX_UNKNOWN, 1),  # a null is its declared label
        (Not(operand=SEX_F), 2),  # M and unknown; what lies outside the domain stays unknown
        (Not(operand=SEX_UNKNOWN), 4),
        (OneOf(column="sex", values=("M", "unknown")), 2),
        (IsMissing(column="sex"), 1),
        (LEVEL_LOW, 4),  # NaN is missing, neither low nor high
        (Not(operand=LEVEL_LOW), 1),
        (IsMissing(column="level"), 1),
        (Not(operand=IsMissing(column="level")), 5),
        (Or(operands=(IsMissing(column="count"), Not(operand=LEVEL_LOW))), 2),
        (And(operands=(Not(operand=LEVEL_LOW), SEX_UNKNOWN)), 0),
        (OneOf(column="count", values=(Decimal("1.5"),)), 0),
        (Not(operand=OneOf(column="count", values=(Decimal("1.5"), 1))), 4),
    ],
)
def test_predicates_have_three_values(engine: IbisEngine, where: Predicate, rows: int) -> None:
    query = Query(dataset="visits", measures=ROWS_ONLY, where=where, max_rows=9)
    assert engine.run(plan_of(query, dataset())) == ((rows,),)


def statement(engine: IbisEngine, sql: str) -> object:
    return engine._ibis.con.cursor().execute(sql).fetchall()


def test_nothing_outside_the_snapshot_can_be_reached(engine: IbisEngine, tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text("a\n1\n")
    for sql in (
        f"SELECT * FROM read_csv('{outside}')",
        f"ATTACH '{tmp_path / 'other.duckdb'}'",
        f"COPY visits TO '{tmp_path / 'copy.csv'}'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "INSERT INTO visits VALUES ('x', 'x', 'x', 1, 1)",
        "SET enable_external_access = true",
        "SET memory_limit = '64GB'",
    ):
        with pytest.raises(duckdb.Error):
            statement(engine, sql)
    assert statement(engine, "SELECT count(*) FROM visits") == [(len(ROWS),)]  # the twin: the snapshot itself
    with duckdb.connect() as free:
        assert free.execute(f"SELECT * FROM read_csv('{outside}')").fetchall() == [(1,)]


def test_limits_and_spill_are_set_and_spill_starts_empty(tmp_path: Path) -> None:
    spill = tmp_path / "spill"
    spill.mkdir()
    (spill / "left.tmp").write_text(CANARY)
    path = write(tmp_path / "snapshot.duckdb", ROWS)
    engine = IbisEngine(
        path, bounding_key=SECRET, spill=spill, memory_limit="100MB", spill_limit="50MB", threads=1
    )
    names = ("temp_directory", "threads", "max_temp_directory_size", "enable_external_access")
    settings = statement(engine, "SELECT " + ", ".join(f"current_setting('{name}')" for name in names))
    assert settings == [(str(spill), 1, "47.6 MiB", False)]
    assert list(spill.iterdir()) == []
    assert spill.stat().st_mode & 0o777 == 0o700
    engine.close()


def test_the_secret_is_never_sql_text(engine: IbisEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    expression = asked(max_groups=1, max_rows=1).expression
    assert "SHA256" in engine._sql(expression)
    assert SECRET not in engine._sql(expression)


def about(defined: Dataset) -> Plan:
    """A plan over a dataset defined in this way."""
    return replace(asked(), dataset=defined, datasets=(defined,))


def test_a_dataset_without_a_table_is_unavailable(engine: IbisEngine) -> None:
    engine.ready(about(dataset()))
    with pytest.raises(SourceUnavailable) as caught:
        engine.ready(about(replace(dataset("labs"), digest="e" * 64)))
    assert caught.value.reason == "DATA_UNAVAILABLE"


@pytest.mark.parametrize("kind", [ColumnType.CATEGORY, ColumnType.BOOLEAN])
def test_a_definition_that_the_table_does_not_fit_is_outdated(engine: IbisEngine, kind: ColumnType) -> None:
    def declaring(digest: str, *columns: Column) -> Dataset:
        return replace(dataset(), digest=digest, columns={c.name: c for c in columns})

    engine.ready(about(declaring("1" * 64, Column(name="sex", type=ColumnType.CATEGORY))))  # the twin
    name = "ward" if kind is ColumnType.CATEGORY else "sex"  # not there, or of another type
    with pytest.raises(SourceUnavailable) as caught:
        engine.ready(about(declaring("2" * 64, Column(name=name, type=kind))))
    assert caught.value.reason == "DATA_OUTDATED"


def test_data_that_was_read_in_otherwise_is_outdated(engine: IbisEngine) -> None:
    """Its columns and types are the same, and its values may mean something else."""
    other = replace(dataset(), digest="3" * 64, title="Other words")
    engine.ready(about(other))  # the twin: the definition changed, and not how the data is read in
    with pytest.raises(SourceUnavailable) as caught:
        engine.ready(about(replace(other, digest="4" * 64, source_digest="t" * 64)))
    assert caught.value.reason == "DATA_OUTDATED"


@pytest.mark.parametrize(
    ("fault", "reason"), [("absent", "DATA_UNAVAILABLE"), ("corrupt", "DATA_UNAVAILABLE")]
)
def test_a_snapshot_that_cannot_be_opened_is_unavailable(tmp_path: Path, fault: str, reason: str) -> None:
    path = tmp_path / "snapshot.duckdb"
    if fault == "corrupt":
        path.write_bytes(b"not a database " + CANARY.encode())
    with pytest.raises(SourceUnavailable) as caught:
        IbisEngine(path, bounding_key=SECRET, spill=tmp_path / "spill")
    assert caught.value.reason == reason
    assert CANARY not in str(caught.value)
    path.unlink(missing_ok=True)
    IbisEngine(write(path, ROWS), bounding_key=SECRET, spill=tmp_path / "spill").close()  # the twin


def test_a_snapshot_of_another_version_is_refused(tmp_path: Path) -> None:
    newer = write(tmp_path / "newer.duckdb", ROWS, schema=snapshots.SCHEMA_VERSION + 1)
    with pytest.raises(SourceUnavailable) as caught:
        IbisEngine(newer, bounding_key=SECRET, spill=tmp_path / "spill")
    assert caught.value.reason == "SNAPSHOT_TOO_NEW"
    older = write(tmp_path / "older.duckdb", ROWS, schema=snapshots.SCHEMA_VERSION - 1)
    with pytest.raises(SourceUnavailable) as caught:
        IbisEngine(older, bounding_key=SECRET, spill=tmp_path / "spill")
    assert caught.value.reason == "SNAPSHOT_TOO_OLD"
    same = write(tmp_path / "same.duckdb", ROWS)
    IbisEngine(same, bounding_key=SECRET, spill=tmp_path / "spill").close()


def failing(monkeypatch: pytest.MonkeyPatch, engine: IbisEngine) -> None:
    def fail(expression: Expression) -> ExactVectors:
        raise duckdb.ConversionException(f"value {CANARY} is out of range")

    monkeypatch.setattr(engine, "evaluate", fail)


def test_every_failure_is_one_answer_and_leaks_no_text(
    engine: IbisEngine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert engine.run(asked())
    failing(monkeypatch, engine)
    with caplog.at_level(logging.DEBUG), pytest.raises(GatewayError) as caught:
        engine.run(asked())
    assert type(caught.value) is ReleaseFailed
    assert caught.value.reason == "RELEASE_FAILED"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    lines = [JsonLines().format(record) for record in caplog.records]
    assert any(json.loads(line)["error"] == "ConversionException" for line in lines)
    assert CANARY not in "".join([*lines, caplog.text, str(caught.value)])


def test_a_missing_column_fails_the_release_and_says_nothing(engine: IbisEngine) -> None:
    plan = asked()
    with pytest.raises(ReleaseFailed):
        engine.run(replace(plan, expression=replace(plan.expression, patient_column="gone")))
    assert engine.run(plan)


def test_an_empty_table_answers_in_the_same_shape(engine: IbisEngine, tmp_path: Path) -> None:
    empty = IbisEngine(write(tmp_path / "e.duckdb", []), bounding_key=SECRET, spill=tmp_path / "other")
    full, none = engine.run(asked()), empty.run(asked())
    assert [len(vector) for vector in full] == [len(vector) for vector in none]
    assert not any(any(vector) for vector in none)
    empty.close()


def test_threads_share_one_engine(engine: IbisEngine) -> None:
    plans = [asked(max_groups=1 + i % 3, max_rows=1 + i % 2) for i in range(24)]
    expected = [engine.run(plan) for plan in plans]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(engine.run, plans)) == expected


def test_a_repeated_shape_is_compiled_once(engine: IbisEngine) -> None:
    for _ in range(5):
        engine.run(asked())
    assert engine._sql.cache_info().misses == 1
    engine.run(asked(max_rows=1))
    assert engine._sql.cache_info().misses == 2


def leaf(number: int) -> Predicate:
    """One condition of a kind that goes round; numbers differ, so that no two are one."""
    third = Decimal(number) / 8
    return (
        Compare(column="count", operator=Operator.EQ, value=number),
        Compare(column="level", operator=Operator.GT, value=third),
        SEX_F,
        IsMissing(column="sex"),
        OneOf(column="count", values=(number, third)),
    )[number % 5]


def nested(depth: int, width: int) -> Predicate:
    """Conditions in conditions, each beside `width` leaves."""
    found = leaf(0)
    for level in range(depth):
        leaves = tuple(leaf(level * width + i) for i in range(1, width + 1))
        found = (And, Or)[level % 2](operands=(*leaves, found)) if width else Not(operand=found)
    return found


LARGEST = {
    "1,900 operands": Or(operands=tuple(leaf(i) for i in range(1900))),
    "20 deep": nested(19, 0),
    "20 deep and 1,900 wide": nested(19, 99),
}


@pytest.mark.parametrize("name", LARGEST)
def test_the_largest_conditions_are_answered(engine: IbisEngine, name: str) -> None:
    names = ("patient", "row_key", "sex", "level", "count")
    tables = {"visits": [dict(zip(names, row, strict=True)) for row in ROWS]}
    reference = MemoryEngine(tables, snapshot="snapshot", bounding_key=SECRET)  # type: ignore[arg-type]
    plan = asked(where=LARGEST[name])
    engine.ready(plan)
    assert engine._sql.cache_info().misses == 1
    assert engine.run(plan) == reference.run(plan)
    assert engine._sql.cache_info().misses == 1  # what was compiled before the charge is what runs


def test_the_most_measures_of_the_most_keys_are_answered(tmp_path: Path) -> None:
    numbers = [f"n{i}" for i in range(15)]
    keys = [f"k{i}" for i in range(4)]
    texts = ["patient", "row_key", *keys]
    path = write(tmp_path / "s.duckdb", [])
    types = [f"{name} VARCHAR" for name in texts] + [f"{name} DOUBLE" for name in numbers]
    rows = [
        {"patient": f"p{i % 3}", "row_key": str(i), **dict.fromkeys(keys, "FM"[i % 2])}
        | {name: float(i * place) for place, name in enumerate(numbers)}
        for i in range(30)
    ]
    with duckdb.connect(path) as connection:
        connection.execute(f"CREATE OR REPLACE TABLE visits ({', '.join(types)})")
        for row in rows:
            marks = ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO visits VALUES ({marks})", list(row.values()))
    level, sex = dataset().columns["level"], dataset().columns["sex"]
    columns = {name: Column(name=name, type=ColumnType.IDENTIFIER) for name in texts[:2]}
    columns |= {name: replace(sex, name=name) for name in keys}
    columns |= {name: replace(level, name=name) for name in numbers}
    defined = replace(dataset(), columns=columns)
    means = [Measure(kind=MeasureKind.MEAN, name=name, column=name) for name in numbers]
    query = Query(dataset="visits", measures=(*COUNT, *means), group_by=tuple(keys))
    plan = plan_of(query, defined)
    engine = IbisEngine(path, bounding_key=SECRET, spill=tmp_path / "spill")
    engine.ready(plan)
    reference = MemoryEngine({"visits": rows}, snapshot="s", bounding_key=SECRET)
    assert engine.run(plan) == reference.run(plan)
    engine.close()


def test_what_cannot_be_compiled_is_refused_before_the_charge(
    engine: IbisEngine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> str:
        raise RecursionError(CANARY)

    engine.ready(asked())  # the twin
    monkeypatch.setattr(ibis_engine, "compile_sql", fail)
    engine.ready(asked())  # known, and so not compiled again
    with pytest.raises(InvalidQuery) as caught:
        engine.ready(asked(max_rows=1))
    assert caught.value.reason == "QUERY_TOO_COMPLEX" and caught.value.__suppress_context__
    assert CANARY not in str(caught.value) + caplog.text


def test_a_read_that_takes_too_long_is_interrupted(tmp_path: Path) -> None:
    path = write(tmp_path / "s.duckdb", [])
    with duckdb.connect(path) as connection:
        connection.execute(
            "INSERT INTO visits SELECT 'p' || (i % 100000), i, 'F', i % 9, i FROM range(1000000) t(i)"
        )
    slow = asked(max_groups=1, max_rows=1)
    short = IbisEngine(path, bounding_key=SECRET, spill=tmp_path / "spill", longest_read=0.05)
    short.ready(slow)
    began = perf_counter()
    with pytest.raises(ReleaseFailed):
        short.run(slow)
    took = perf_counter() - began
    assert list(short._spill.iterdir()) == []
    short.close()
    engine = IbisEngine(path, bounding_key=SECRET, spill=tmp_path / "spill", longest_read=60.0)
    engine.ready(slow)
    began = perf_counter()
    assert patients_of(engine.run(slow)) == (100_000, 0, 0)  # the twin
    assert took < perf_counter() - began
    engine.close()


def test_the_reference_engine_fails_the_same_way() -> None:
    good: dict[str, Any] = {"patient": "p1", "row_key": "1", "sex": "F", "level": 1.0}
    tables = {"visits": [good]}
    engine = MemoryEngine(tables, snapshot="s", bounding_key=SECRET)
    engine.ready(about(dataset()))
    assert patients_of(engine.run(asked())) == (1, 0, 0)
    with pytest.raises(SourceUnavailable):
        engine.ready(about(dataset("labs")))
    with pytest.raises(ReleaseFailed):
        MemoryEngine({}, snapshot="s", bounding_key=SECRET).run(asked())
