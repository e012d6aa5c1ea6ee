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
from gateway.adapters.memory_engine import Row
from gateway.domain.catalog import Bounds, Categories, Column, ColumnType, Dataset, Population
from gateway.domain.expression import ExactVectors, Vector, VectorKind
from gateway.domain.query import Query
from gateway.lower import grid_of, lower
from gateway.privacy.sensitivity import l2_squared
from tests.property.generators import KEY, Case, cases

COLUMNS = {
    "patient": "VARCHAR",
    "row_key": "VARCHAR",
    "sex": "VARCHAR",
    "ward": "VARCHAR",
    "site": "VARCHAR",
    "flag": "BOOLEAN",
    "day": "DATE",
    "age": "BIGINT",
    "level": "DOUBLE",
}


class Duck:
    """One in-process database for all examples, through the very functions of the real engine."""

    def __init__(self) -> None:
        self.con: Any = duckdb.connect()
        self.con.execute("CREATE TABLE visits (" + ", ".join(f"{n} {t}" for n, t in COLUMNS.items()) + ")")

    def fill(self, rows: Sequence[Row]) -> None:
        self.con.execute("DELETE FROM visits")
        if rows:
            marks = ", ".join("(" + ", ".join("?" * len(COLUMNS)) + ")" for _ in rows)
            self.con.execute(f"INSERT INTO visits VALUES {marks}", [row[n] for row in rows for n in COLUMNS])

    def run(self, case: Case, rows: Sequence[Row], sql: str, key: str = KEY) -> ExactVectors:
        self.fill(rows)
        return evaluate(self.con, sql, case.expression, key)


@pytest.fixture(scope="module")
def duck() -> Iterator[Duck]:
    database = Duck()
    yield database
    database.con.close()


def reference(case: Case, rows: Sequence[Row], key: str = KEY) -> ExactVectors:
    return memory_engine.evaluate(rows, case.query, case.dataset, case.expression.vectors, key)


@given(case=cases())
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_engines_agree_on_every_cell(duck: Duck, case: Case) -> None:
    assert duck.run(case, case.rows, compile_sql(case.expression, duck.con)) == reference(case, case.rows)


@given(case=cases())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_on_duckdb_one_patient_moves_a_vector_no_further_than_declared(duck: Duck, case: Case) -> None:
    sql = compile_sql(case.expression, duck.con)
    groups = min(case.expression.max_groups, case.expression.cells)
    whole = duck.run(case, case.rows, sql)
    for patient in case.patients:
        less = duck.run(case, case.without(patient), sql)
        for vector, one, other in zip(case.expression.vectors, whole, less, strict=True):
            moved = sum((a - b) ** 2 for a, b in zip(one, other, strict=True))
            assert moved <= l2_squared(vector, groups=groups, max_rows=case.expression.max_rows)


@given(case=cases())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_shape_is_the_same_on_any_data(duck: Duck, case: Case) -> None:
    sql = compile_sql(case.expression, duck.con)
    for answer in (duck.run(case, (), sql), duck.run(case, case.rows, sql), reference(case, ())):
        assert [len(vector) for vector in answer] == [case.expression.cells] * len(case.expression.vectors)


GOLDEN = json.loads((Path(__file__).parent.parent / "vectors" / "bounding.json").read_text(encoding="utf-8"))


def golden_case(rows: Sequence[dict[str, Any]], kind: VectorKind) -> Case:
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
    query = Query(dataset=dataset.name, measures=(), group_by=("site",))
    column = grid_of(dataset.columns["age"]) if kind is VectorKind.SUM else None
    expression = lower(query, dataset, (Vector(kind=kind, column=column),))
    full = tuple({**dict.fromkeys(COLUMNS), **row} for row in rows)
    return Case(rows=full, query=query, dataset=dataset, expression=expression)


def answers(duck: Duck, case: Case) -> list[tuple[int, ...]]:
    sql = compile_sql(case.expression, duck.con)
    return [duck.run(case, case.rows, sql, GOLDEN["key"])[0], reference(case, case.rows, GOLDEN["key"])[0]]


@pytest.mark.parametrize("entry", GOLDEN["groups"], ids=range(len(GOLDEN["groups"])))
def test_both_engines_keep_the_golden_groups(duck: Duck, entry: dict[str, Any]) -> None:
    rows = [{"patient": entry["patient"], "row_key": "1", "site": str(c)} for c in range(GOLDEN["cells"])]
    for answer in answers(duck, golden_case(rows, VectorKind.PATIENTS)):
        assert [cell for cell, count in enumerate(answer) if count] == entry["kept"]


@pytest.mark.parametrize("entry", GOLDEN["rows"], ids=range(len(GOLDEN["rows"])))
def test_both_engines_keep_the_golden_rows(duck: Duck, entry: dict[str, Any]) -> None:
    keys = entry["row_keys"]
    rows = [
        {"patient": entry["patient"], "row_key": key, "site": "0", "age": 2**i} for i, key in enumerate(keys)
    ]
    for answer in answers(duck, golden_case(rows, VectorKind.SUM)):
        kept = [key for i, key in enumerate(keys) if answer[0] >> i & 1]
        assert sorted(kept) == entry["kept"]


def test_another_key_keeps_other_groups(duck: Duck) -> None:
    rows = [{"patient": f"p{i}", "row_key": "1", "site": str(c)} for i in range(20) for c in range(6)]
    case = golden_case(rows, VectorKind.PATIENTS)
    sql = compile_sql(case.expression, duck.con)
    assert duck.run(case, case.rows, sql, "one") == duck.run(case, case.rows, sql, "one")
    assert duck.run(case, case.rows, sql, "one") != duck.run(case, case.rows, sql, "two")
