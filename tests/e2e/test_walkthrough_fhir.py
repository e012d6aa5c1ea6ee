"""The walkthrough on a FHIR export: its page is run once, and its answers are judged against truths.

The truths come from docs/walkthroughs/fhir/truth.py, which reads the export apart from the gateway. Some 18
figures are released. The tests of their intervals together fail a sound gateway less than once in 5,000 runs:
`most_missed` once in 10,000, figures that are far off once in 100,000, and few shown cells more seldom still.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest

from tests.checks import check_journal
from tests.e2e.page import CELL, Cell, Centre, Walk, centres, judge, read_tables, walked
from tests.guards import ROOT

FOLDER = ROOT / "docs" / "walkthroughs" / "fhir"
PAGE = (FOLDER / "README.md").read_text(encoding="utf-8")
TRUTH: dict[str, Any] = run_path(str(FOLDER / "truth.py"), run_name="walkthrough_truth")
QUESTIONS = TRUTH["QUESTIONS"]
ORDERS = 12

Answer = Mapping[tuple[str, ...], Cell | None]


@pytest.fixture(scope="module")
def data(shared_data: Path) -> Path:
    return shared_data / "ehr" / "fhir-r4-synthea"


@pytest.fixture(scope="module")
def tables(data: Path) -> Any:
    """The export, read apart from the gateway."""
    return TRUTH["read"](data)


@pytest.fixture(scope="module")
def walk(data: Path) -> Iterator[Walk]:
    with walked(PAGE, data) as found:
        yield found


@pytest.fixture(scope="module")
def answers(walk: Walk) -> Sequence[Answer]:
    """Each question's table, in the order of the page."""
    found = [answer for output in walk.outputs for answer in read_tables(output)]
    assert len(found) == len(QUESTIONS)
    return found


@pytest.fixture(scope="module")
def judged(answers: Sequence[Answer], tables: Any) -> Sequence[tuple[Cell, Centre]]:
    """Every figure that is shown, with its bounded truth."""
    pairs = []
    for question, answer in zip(QUESTIONS, answers, strict=True):
        draws = [TRUTH["bounded_answers"](tables, question, str(salt)) for salt in range(ORDERS)]
        bounded = centres(draws, 100 if question.shares else 1)
        pairs += [(cell, bounded[key]) for key, cell in answer.items() if cell is not None and key in bounded]
    return pairs


def test_the_cells_of_most_people_are_shown(answers: Sequence[Answer], tables: Any) -> None:
    """Cells of 70 and more stand 8 standard deviations above the threshold; empty ones 2 below it."""
    for question, answer in zip(QUESTIONS, answers, strict=True):
        truth = TRUTH["true_answers"](tables, question)
        assert set(truth) <= set(answer)
        if question.figure in ("patients", "rows"):
            hidden = [key for key, count in truth.items() if count >= 70 and answer[key] is None]
            assert not hidden, (question.name, hidden)
        empty = [key for key in answer if key not in truth and answer[key] is not None]
        assert len(empty) <= 2, (question.name, empty)


def test_what_is_shown_is_useful(judged: Sequence[tuple[Cell, Centre]]) -> None:
    assert len(judged) >= 16
    useful = [cell for cell, _ in judged if (cell.high - cell.low) / 2 < 0.25 * abs(cell.value)]
    assert len(useful) >= 0.75 * len(judged)


def test_intervals_hold_the_bounded_truths(judged: Sequence[tuple[Cell, Centre]]) -> None:
    judge(judged)
    assert any(cell.value != centre.value for cell, centre in judged)


def test_estimates_say_what_the_page_says(walk: Walk) -> None:
    mean = walk.block('--sql "$BMI"')
    (width,) = re.findall(r"± ([\d.]+) at n=120", mean)
    assert f"The estimate says ± {width} kg/m2" in PAGE
    warned = walk.block("--share 24 --estimate")
    (warning,) = re.findall(r"WARNING  (.*)", warned)
    assert warning.split(": ")[0] in PAGE
    assert "What helps: a shorter range of quarter" in warning
    (noise,) = re.findall(r"^encounters .*± (\d+)", warned, re.M)
    assert f"± {noise}" in PAGE


def test_refusals_are_those_of_the_page(walk: Walk) -> None:
    printed = walk.block("patient.race")
    shown = [line for line in PAGE.splitlines() if line.startswith("error ")]
    assert [line for line in printed.splitlines() if line.startswith("error ")] == shown
    assert printed.count("exit code") == 3


def test_what_the_hospital_and_the_partner_see_besides(walk: Walk) -> None:
    assert "64.00" in walk.block("gateway budget")
    checks = walk.block("gateway audit verify")
    assert "\nok: " in checks
    assert checks.count("Released") == len(QUESTIONS)
    assert checks.count("Refused") == 3
    assert check_journal(walk.folder / "site" / "journal" / "journal.db").open == 0


def test_the_page_shows_a_real_run() -> None:
    """Every release column is filled, and says that a run differs."""
    assert "Yours will differ" in PAGE
    for part in PAGE.split("<!-- release column")[1:]:
        lines = [line for line in part.split("\n\n")[0].splitlines() if line.startswith("| ")][1:]
        assert lines
        for line in lines:
            released = line.split("|")[4].strip()
            assert released == "suppressed" or CELL.fullmatch(released), line
