"""Engines agree: the compiled plan on DuckDB gives, cell by cell, what the row-by-row reference gives.

Also the golden bounding vector, and that the shape of an answer never depends on data.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings

from gateway.adapters import memory_engine
from gateway.adapters.ibis_engine import compile_sql, evaluate
from gateway.domain.catalog import Bounds, Categories, Column, ColumnType, Dataset, Population
from gateway.domain.expression import ExactVectors
from gateway.domain.query import Measure, MeasureKind, Query
from gateway.lower.expression import lower
from gateway.privacy.sensitivity import l2_squared
from tests.property.generators import KEY, Case, Tables, cases

STORED = {
    "visits": {
        "patient": "VARCHAR",
        "row_key": "VARCHAR",
        "sex": "VARCHAR",
        "ward": "VARCHAR",
        "site": "VARCHAR",
        "flag": "BOOLEAN",
        "day": "DATE",
        "age": "BIGINT",
        "level": "DOUBLE",
        "kind": "VARCHAR",
        "value": "DOUBLE",
    },
    "people": {
        "patient": "VARCHAR",
        "row_key": "VARCHAR",
        "sex": "VARCHAR",
        "flag": "BOOLEAN",
        "born": "DATE",
        "income": "DOUBLE",
        "member": "BOOLEAN",
        "birth": "DATE",
        "cohort0": "BOOLEAN",
    },
    "events": {
        "patient": "VARCHAR",
        "row_key": "VARCHAR",
        "kind": "VARCHAR",
        "when": "DATE",
        "score": "BIGINT",
    },
}


class Duck:
    """One in-process database for all examples, through the very functions of the real engine."""

    def __init__(self) -> None:
        self.con: Any = duckdb.connect()
        for table, columns in STORED.items():
            listed = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
            self.con.execute(f"CREATE TABLE {table} ({listed})")

    def fill(self, tables: Tables) -> None:
        for table, columns in STORED.items():
            self.con.execute(f"DELETE FROM {table}")
            rows = tables.get(table, ())
            if rows:
                marks = ", ".join("(" + ", ".join("?" * len(columns)) + ")" for _ in rows)
                values = [row[name] for row in rows for name in columns]
                self.con.execute(f"INSERT INTO {table} VALUES {marks}", values)

    def run(self, case: Case, tables: Tables, sql: str, key: str = KEY) -> ExactVectors:
        self.fill(tables)
        return evaluate(self.con, sql, case.expression, key)


@pytest.fixture(scope="module")
def duck() -> Iterator[Duck]:
    database = Duck()
    yield database
    database.con.close()


def reference(case: Case, tables: Tables, key: str = KEY) -> ExactVectors:
    return memory_engine.evaluate_in(case.world(tables), case.query, case.expression.vectors, key)


@given(case=cases())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_engines_agree_on_every_cell(duck: Duck, case: Case) -> None:
    sql = compile_sql(case.expression, duck.con)
    assert duck.run(case, case.tables, sql) == reference(case, case.tables)


@given(case=cases())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_on_duckdb_one_patient_moves_a_vector_no_further_than_declared(duck: Duck, case: Case) -> None:
    sql = compile_sql(case.expression, duck.con)
    whole = duck.run(case, case.tables, sql)
    for patient in case.patients:
        less = duck.run(case, case.without(patient), sql)
        for vector, one, other in zip(case.expression.vectors, whole, less, strict=True):
            moved = sum((a - b) ** 2 for a, b in zip(one, other, strict=True))
            expression = case.expression
            assert moved <= l2_squared(vector, groups=expression.groups, max_rows=expression.max_rows)


@given(case=cases())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_shape_is_the_same_on_any_data(duck: Duck, case: Case) -> None:
    sql = compile_sql(case.expression, duck.con)
    expected = [case.expression.cells * vector.width for vector in case.expression.vectors]
    none = case.empty()
    for answer in (duck.run(case, none, sql), duck.run(case, case.tables, sql), reference(case, none)):
        assert [len(vector) for vector in answer] == expected


GOLDEN = json.loads((Path(__file__).parent.parent / "vectors" / "bounding.json").read_text(encoding="utf-8"))


def golden_case(rows: Sequence[dict[str, Any]], kind: MeasureKind) -> Case:
    """Rows of the golden file as a case: `site` has one value per golden cell, `age` takes powers of two."""
    site = Categories(values=tuple(str(cell) for cell in range(GOLDEN["cells"])))
    age = Bounds(low=Decimal(0), high=Decimal(2**20), resolution=Decimal(1))
    dataset = Dataset(
        name="visits",
        title="",
        description="",
        population=Population(name=GOLDEN["population"], maximum=1000),
        patient_column="patient",
        row_key="row_key",
        columns={
            "site": Column(name="site", type=ColumnType.CATEGORY, categories=site),
            "age": Column(name="age", type=ColumnType.INTEGER, bounds=age),
        },
        max_groups=GOLDEN["max_groups"],
        max_rows=GOLDEN["max_rows"],
        digest="",
        source_digest="",
    )
    column = "age" if kind is MeasureKind.SUM else None
    query = Query(
        dataset="visits", measures=(Measure(kind=kind, name="n", column=column),), group_by=("site",)
    )
    catalogue = {"visits": dataset}
    full = tuple({**dict.fromkeys(STORED["visits"]), **row} for row in rows)
    expression = lower(query, catalogue).expression
    return Case(tables={"visits": full}, query=query, catalogue=catalogue, expression=expression)


def answers(duck: Duck, case: Case) -> list[tuple[int, ...]]:
    sql = compile_sql(case.expression, duck.con)
    return [
        duck.run(case, case.tables, sql, GOLDEN["key"])[0],
        reference(case, case.tables, GOLDEN["key"])[0],
    ]


@pytest.mark.parametrize("entry", GOLDEN["groups"], ids=range(len(GOLDEN["groups"])))
def test_both_engines_keep_the_golden_groups(duck: Duck, entry: dict[str, Any]) -> None:
    rows = [{"patient": entry["patient"], "row_key": "1", "site": str(c)} for c in range(GOLDEN["cells"])]
    for answer in answers(duck, golden_case(rows, MeasureKind.COUNT_PATIENTS)):
        assert [cell for cell, count in enumerate(answer) if count] == entry["kept"]


@pytest.mark.parametrize("entry", GOLDEN["rows"], ids=range(len(GOLDEN["rows"])))
def test_both_engines_keep_the_golden_rows(duck: Duck, entry: dict[str, Any]) -> None:
    keys = entry["row_keys"]
    rows = [
        {"patient": entry["patient"], "row_key": key, "site": "0", "age": 2**i} for i, key in enumerate(keys)
    ]
    for answer in answers(duck, golden_case(rows, MeasureKind.SUM)):
        kept = [key for i, key in enumerate(keys) if answer[0] >> i & 1]
        assert sorted(kept) == entry["kept"]


def test_another_key_keeps_other_groups(duck: Duck) -> None:
    rows = [{"patient": f"p{i}", "row_key": "1", "site": str(c)} for i in range(20) for c in range(6)]
    case = golden_case(rows, MeasureKind.COUNT_PATIENTS)
    sql = compile_sql(case.expression, duck.con)
    assert duck.run(case, case.tables, sql, "one") == duck.run(case, case.tables, sql, "one")
    assert duck.run(case, case.tables, sql, "one") != duck.run(case, case.tables, sql, "two")
