"""Totality: outcome and shape of an answer are the same on any data, odd or neighbouring."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.adapters.memory_values import Row
from gateway.v1 import query_pb2
from tests.flows.conftest import Opener
from tests.flows.kit import ODD_ROWS, ROWS, SNAPSHOT, House, duck, memory, row

MANY = "COUNT(DISTINCT patient), COUNT(*), SUM(days), AVG(days), SUM(bmi), AVG(bmi)"
QUESTIONS = (
    f"SELECT {MANY} FROM visits",
    f"SELECT sex, ward, urgent, {MANY} FROM visits GROUP BY sex, ward, urgent",
    f"SELECT sex, {MANY} FROM visits WHERE days > -5 OR start IS NULL OR urgent = FALSE GROUP BY sex",
    f"SELECT {MANY} FROM visits WHERE start < DATE '2026-06-01' AND NOT days IN (1, 2)",
)
TABLES: dict[str, Sequence[Row]] = {
    "whole": (*ROWS, *ODD_ROWS),
    "less one patient": tuple(r for r in (*ROWS, *ODD_ROWS) if r["patient_id"] != "odd"),
    "less another": tuple(r for r in (*ROWS, *ODD_ROWS) if r["patient_id"] != "p3"),
    "odd alone": ODD_ROWS,
    "nobody's": (row(None, 1), row(None, 2, days=None)),
    "extremes": tuple(row("p", i, days=2**63 - 1, bmi=1e308) for i in range(40)),
    "empty": (),
}


def shape(answer: query_pb2.RunQueryResponse) -> tuple[Any, ...]:
    """All that is not drawn: keys, columns, presence of each value, loss, balance, contribution."""
    return (
        [(list(r.keys), [(f.suppressed, f.HasField("value")) for f in r.figures]) for r in answer.rows],
        [(c.name, c.role, c.unit) for c in answer.columns],
        [r.figures[0].sigma for r in answer.rows],
        answer.loss,
        answer.balance,
        answer.contribution,
        answer.replayed,
        list(answer.obligations),
    )


async def shapes(
    house: House, turn: str = "r", questions: Sequence[str] = QUESTIONS
) -> list[tuple[Any, ...]]:
    found = []
    for i, sql in enumerate(questions):
        message = query_pb2.RunQueryRequest(
            agreement="shared", sql=sql, spend=query_pb2.Spend(rho="0.005"), request_id=f"{turn}-{i}"
        )
        found.append(shape(await house.call("RunQuery", message)))
    return found


@pytest.mark.parametrize("kind", ["memory", "duckdb"])
async def test_outcome_and_shape_are_the_same_on_any_data(kind: str, opened: Opener, tmp_path: Path) -> None:
    found = {}
    questions = QUESTIONS if kind == "memory" else QUESTIONS[1:3]  # the real engine compiles each anew
    for number, (name, rows) in enumerate(TABLES.items()):
        snapshot = f"{SNAPSHOT[:-1]}{number}"
        engine = memory(rows, snapshot) if kind == "memory" else duck(tmp_path / name, rows, snapshot)
        house = await opened(engine)
        found[name] = await shapes(house, questions=questions)
        assert [str(k) for k in house.kinds()] == ["Charged", "Released"] * len(questions)
    assert all(answers == found["whole"] for answers in found.values())
    cells = [1, 4 * 2 * 2, 4, 1] if kind == "memory" else [4 * 2 * 2, 4]
    assert [len(answer[0]) for answer in found["empty"]] == cells


NUMBERS = st.sampled_from([None, 0, -1, 30, 31, 2**63 - 1, -(2**63)])
FLOATS = st.none() | st.floats() | st.sampled_from([1e308, -1e308, float("nan"), float("inf")])
TEXT = st.sampled_from([None, "", "female", "male", "other", "missing", "east", "\x00", "é|'", " male"])
ROW = st.builds(
    row,
    st.sampled_from([None, "", "p1", "p2", "é|"]),
    st.integers(0, 3),
    sex=TEXT,
    ward=TEXT,
    days=NUMBERS,
    bmi=FLOATS,
    urgent=st.sampled_from([None, True, False]),
)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(ROW, max_size=8))
async def test_no_table_makes_a_release_fail(house: House, rows: list[Row]) -> None:
    """One site, a new snapshot for each table; the first answer, on an empty one, is the measure."""
    house.site.engine = memory((), "empty")
    measure = [answer[:3] for answer in await shapes(house, "empty", QUESTIONS[1:3])]
    house.site.engine = memory(rows, f"s-{len(house.entries())}")
    assert [
        answer[:3] for answer in await shapes(house, house.site.engine.snapshot, QUESTIONS[1:3])
    ] == measure
    assert "Failed" not in house.kinds()
