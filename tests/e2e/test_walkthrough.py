"""The walkthrough's page, run as a new user would: every shell block of it, in order, in an empty folder.

Only the two addresses are replaced, so that several runs fit on one machine. Its answers are judged against
truths that docs/walkthroughs/diabetes/truth.py counts from the file, apart from the gateway.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest

from tests.checks import check_journal
from tests.e2e.kit import environment, free_port
from tests.guards import ROOT

FOLDER = ROOT / "docs" / "walkthroughs" / "diabetes"
PAGE = (FOLDER / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
TRUTH: dict[str, Any] = run_path(str(FOLDER / "truth.py"), run_name="walkthrough_truth")
QUESTIONS = TRUTH["QUESTIONS"]
READY = "until grep -q '\"serving\"' gateway.log; do sleep 0.1; done\n"
_NUMBER = r"(-?[\d,.]+)"
_CELL = re.compile(rf"{_NUMBER} \[{_NUMBER}, {_NUMBER}\]")


@dataclass(frozen=True)
class Cell:
    """One released figure, as the table shows it."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Walk:
    """What each block printed, and the folder it was run in."""

    outputs: tuple[str, ...]
    folder: Path

    def block(self, words: str) -> str:
        (found,) = [out for block, out in zip(BLOCKS, self.outputs, strict=True) if words in block]
        return found


@pytest.fixture(scope="module")
def data(shared_data: Path) -> Path:
    return shared_data / "ehr" / "diabetes-130-hospitals"


@pytest.fixture(scope="module")
def rows(data: Path) -> Any:
    """The published table, read apart from the gateway."""
    return TRUTH["read"](data)


@pytest.fixture(scope="module")
def walk(data: Path) -> Iterator[Walk]:
    """All blocks in one shell; what fails ends it, as it would end a reader's patience."""
    listen, health = free_port(), free_port()
    with tempfile.TemporaryDirectory(prefix="gw-") as name:
        parts = []
        for block in BLOCKS:
            block = block.replace(
                "init site ", f"init site --listen 127.0.0.1:{listen} --health 127.0.0.1:{health} "
            )
            block = block.replace("127.0.0.1:8443", f"127.0.0.1:{listen}")
            parts.append(block + (READY if "gateway serve" in block else "") + "echo '%%%'\n")
        done = subprocess.run(
            ["bash", "-ec", "trap 'kill %1 2>/dev/null || true' EXIT\n" + "".join(parts) + "wait\n"],
            cwd=name,
            env={**environment(), "DATA": str(data), "REPOSITORY": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        outputs = done.stdout.split("%%%\n")
        assert len(outputs) == len(BLOCKS) + 1
        yield Walk(outputs=tuple(outputs[:-1]), folder=Path(name))


@pytest.fixture(scope="module")
def answers(walk: Walk) -> list[Mapping[str, Cell | None]]:
    """Each question's table: key to figure, None where suppressed."""
    return [read_table(walk.block(question.sql)) for question in QUESTIONS]


def read_table(text: str) -> dict[str, Cell | None]:
    cells: dict[str, Cell | None] = {}
    lines = text.splitlines()
    begin = next(i for i, line in enumerate(lines) if line.startswith("──")) + 1
    for line in lines[begin : lines.index("", begin)]:
        key, figure = re.split(r"\s{2,}", line.strip(), maxsplit=1)
        found = _CELL.fullmatch(figure)
        assert found or figure == "suppressed", line
        cells[key] = Cell(*(float(part.replace(",", "")) for part in found.groups())) if found else None
    return cells


def test_the_page_is_made_of_commands_that_are_there() -> None:
    assert "```console" not in PAGE
    assert len(BLOCKS) >= 11


def test_most_cells_are_shown_and_useful(answers: list[Mapping[str, Cell | None]]) -> None:
    cells = [cell for answer in answers for cell in answer.values()]
    shown = [cell for cell in cells if cell is not None]
    useful = [cell for cell in shown if (cell.high - cell.low) / 2 < 0.3 * cell.value]
    assert len(shown) >= len(cells) / 2
    assert len(useful) >= len(cells) / 2


def test_every_declared_cell_is_there(answers: list[Mapping[str, Cell | None]], rows: Any) -> None:
    for question, answer in zip(QUESTIONS, answers, strict=True):
        assert set(TRUTH["true_answers"](rows, question)) <= set(answer)


def test_intervals_hold_the_bounded_truths(answers: list[Mapping[str, Cell | None]], rows: Any) -> None:
    """95 % are promised, around a bounded truth that keeps other rows than the site: 85 % is asked."""
    held = []
    for question, answer in zip(QUESTIONS, answers, strict=True):
        bounded = TRUTH["bounded_answers"](rows, question)
        for key, cell in answer.items():
            if cell is not None:
                # Which rows are kept is the site's secret: a count of rows moves by a few, a mean by little.
                slack = 0.01 * bounded[key] if question.figure == "rows" else 0.005
                held.append((cell.low - slack <= bounded[key] <= cell.high + slack, key, cell, bounded[key]))
    assert sum(item[0] for item in held) >= 0.85 * len(held), held
    assert any(cell != truth for _, _, cell, truth in held)


def test_what_the_hospital_and_the_partner_see_besides(walk: Walk) -> None:
    assert "agreement" in walk.block("gateway budget")
    assert "53.00" in walk.block("gateway budget")
    checks = walk.block("gateway audit verify")
    assert "\nok: " in checks
    assert checks.count("Released") == len(QUESTIONS)
    assert "| bounded truth |" in checks
    assert "fail" not in walk.block("gateway doctor").split("journal")[0]


def test_the_journal_verifies_after_the_end(walk: Walk) -> None:
    report = check_journal(walk.folder / "site" / "journal" / "journal.db")
    assert report.open == 0


def test_the_page_shows_a_real_run() -> None:
    """Every release column is filled, and says that a run differs."""
    assert "Yours will differ" in PAGE
    for part in PAGE.split("<!-- release column")[1:]:
        lines = [line for line in part.split("\n\n")[0].splitlines() if line.startswith("| ")][1:]
        for line in lines:
            released = line.split("|")[4].strip()
            assert released == "suppressed" or _CELL.fullmatch(released), line
