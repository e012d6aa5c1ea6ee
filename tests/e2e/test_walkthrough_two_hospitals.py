"""The walkthrough with two hospitals: its page is run once, and its answers are judged against truths.

The truths come from docs/walkthroughs/two-hospitals/truth.py. 14 figures are released, and 7 sums made of
them. The intervals of either are judged by a test that fails a sound gateway once in 10,000 runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import hypot
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest

from tests.checks import check_journal
from tests.e2e.page import CELL, Cell, Centre, Walk, judge, walked
from tests.guards import ROOT

FOLDER = ROOT / "docs" / "walkthroughs" / "two-hospitals"
PAGE = (FOLDER / "README.md").read_text(encoding="utf-8")
TRUTH: dict[str, Any] = run_path(str(FOLDER / "truth.py"), run_name="walkthrough_truth")
QUESTIONS = TRUTH["QUESTIONS"]
COLUMNS = (*TRUTH["HOSPITALS"], "both")


@dataclass(frozen=True)
class Shown:
    """One figure of the printed tables and its truth; no figure where it is suppressed."""

    question: str
    key: str
    column: str
    cell: Cell | None
    truth: int


@pytest.fixture(scope="module")
def data(shared_data: Path) -> Path:
    return shared_data / "ehr" / "synthea-two-hospitals"


@pytest.fixture(scope="module")
def walk(data: Path) -> Iterator[Walk]:
    with walked(PAGE, data) as found:
        yield found


@pytest.fixture(scope="module")
def figures(walk: Walk, data: Path) -> list[Shown]:
    """Everything that the partner printed, by question, row and column."""
    people = TRUTH["read"](data)
    found = []
    for question in QUESTIONS:
        truth: Mapping[str, Mapping[str, int]] = TRUTH["true_answers"](people, question)
        lines = walk.block(question.sql).strip().splitlines()
        assert re.split(r"\s{2,}", lines[0])[1:] == list(COLUMNS)
        for line in lines[2:]:
            key, *cells = re.split(r"\s{2,}", line.strip())
            for column, text in zip(COLUMNS, cells, strict=True):
                found.append(
                    Shown(question.name, key, column, _cell(text), truth.get(key, {}).get(column, 0))
                )
    return found


def _cell(text: str) -> Cell | None:
    match = CELL.fullmatch(text)
    assert match or text == "suppressed", text
    return Cell(*(float(part.replace(",", "")) for part in match.groups())) if match else None


def test_most_cells_are_shown_and_useful(figures: list[Shown]) -> None:
    """Cells of 50 stand five standard deviations above the threshold."""
    assert not [shown for shown in figures if shown.truth >= 50 and shown.column != "both" and not shown.cell]
    sums = [shown.cell for shown in figures if shown.column == "both" and shown.cell is not None]
    assert len(sums) >= 4
    assert all((cell.high - cell.low) / 2 < 0.25 * cell.value for cell in sums)


@pytest.mark.parametrize("sums", [False, True])
def test_intervals_hold_the_truths(figures: list[Shown], sums: bool) -> None:
    chosen = [shown for shown in figures if (shown.column == "both") is sums and shown.cell is not None]
    judge([(shown.cell, Centre(shown.truth, 0.0)) for shown in chosen if shown.cell is not None])


def test_sums_are_sums_and_their_variances_add(figures: list[Shown]) -> None:
    rows = [figures[place : place + 3] for place in range(0, len(figures), 3)]
    for north, south, both in ([shown.cell for shown in row] for row in rows):
        if both is None:
            assert north is None or south is None
            continue
        assert north is not None
        assert south is not None
        assert both.value == north.value + south.value
        reach = hypot(*((cell.high - cell.low) / 2 for cell in (north, south)))
        assert (both.high - both.low) / 2 == pytest.approx(reach, abs=1.5)


def test_units_are_made_one(figures: list[Shown]) -> None:
    """South writes mmHg; without the map in the dataset file its answer would be empty."""
    name = QUESTIONS[2].name
    assert [shown for shown in figures if shown.question == name and shown.column == "south-hospital"]
    assert all(shown.cell for shown in figures if shown.question == name)


def test_each_hospital_has_its_own_budget_and_journal(walk: Walk) -> None:
    assert walk.block("gateway budget").count("30.00") == 4
    assert walk.block("gateway audit verify").count("ok: ") == 2
    for site in ("north", "south"):
        assert check_journal(walk.folder / site / "journal" / "journal.db").open == 0


def test_a_question_to_the_patients_table_brings_no_warning(walk: Walk) -> None:
    assert "WARNING" not in walk.block("--estimate")
