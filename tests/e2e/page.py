"""A walkthrough's page, run as a reader would: its shell blocks in order, in one shell, in an empty folder.

Only addresses are replaced, so that several runs fit on one machine. Used by the tests of the walkthroughs.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from math import comb, sqrt
from pathlib import Path
from statistics import fmean, stdev

from tests.e2e.kit import environment, free_port
from tests.guards import ROOT

_NUMBER = r"(-?[\d,.]+)"
CELL = re.compile(rf"{_NUMBER}(?: %)? \[{_NUMBER}, {_NUMBER}\]")
_READY = "until grep -q '\"serving\"' {log}; do sleep 0.1; done\n"
_ADDRESS = re.compile(r"127\.0\.0\.1:(\d{4})\b")
# As far as 5.1 standard deviations: by chance, one figure in three million.
FAR = 2.6


@dataclass(frozen=True)
class Cell:
    """One released figure, as the table shows it."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Walk:
    """What each block printed, and the folder it was run in."""

    blocks: tuple[str, ...]
    outputs: tuple[str, ...]
    folder: Path

    def block(self, words: str) -> str:
        """The output of the only block that holds these words."""
        (found,) = [out for block, out in zip(self.blocks, self.outputs, strict=True) if words in block]
        return found


def blocks_of(page: str) -> tuple[str, ...]:
    return tuple(re.findall(r"```sh\n(.*?)```", page, re.DOTALL))


@contextmanager
def walked(page: str, data: Path, timeout: float = 180) -> Iterator[Walk]:
    """All blocks in one shell; what fails ends it, as it would end a reader's patience."""
    blocks = blocks_of(page)
    ports: dict[str, int] = {}

    def fresh(found: re.Match[str]) -> str:
        return f"127.0.0.1:{ports.setdefault(found[1], free_port())}"

    with tempfile.TemporaryDirectory(prefix="gw-") as name:
        parts = []
        for block in blocks:
            text = _ADDRESS.sub(fresh, _with_addresses(block))
            logs = re.findall(r"gateway serve \S+ 2> (\S+) &", text)
            parts.append(text + "".join(_READY.format(log=log) for log in logs) + "echo '%%%'\n")
        done = subprocess.run(
            ["bash", "-ec", "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n" + "".join(parts) + "wait\n"],
            cwd=name,
            env={**environment(), "DATA": str(data), "REPOSITORY": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=timeout,
        )
        assert done.returncode == 0, done.stdout
        outputs = done.stdout.split("%%%\n")
        assert len(outputs) == len(blocks) + 1
        yield Walk(blocks=blocks, outputs=tuple(outputs[:-1]), folder=Path(name))


def _with_addresses(block: str) -> str:
    """The addresses that `gateway init` takes by itself, written out, so that they can be replaced."""

    def written(found: re.Match[str]) -> str:
        line = found[0]
        for option, address in (("--listen", "127.0.0.1:8443"), ("--health", "127.0.0.1:8081")):
            line += "" if option in line else f" {option} {address}"
        return line

    return re.sub(r"^gateway init [^\n]*", written, block, flags=re.M)


def read_tables(text: str) -> list[dict[tuple[str, ...], Cell | None]]:
    """Every answer that was printed: cell to figure, None where suppressed.

    A cell is named by its keys; in an answer without keys, by the names of its measures.
    """
    lines = text.splitlines()
    answers: list[dict[tuple[str, ...], Cell | None]] = []
    for begin in (place for place, line in enumerate(lines) if line.startswith("──")):
        rows = [re.split(r"\s{2,}", line.strip()) for line in takewhile(str.strip, lines[begin + 1 :])]
        if not rows or not all(_is_figure(row[-1]) for row in rows):
            continue  # an estimate, a budget: no answer
        if all(map(_is_figure, rows[0])):
            names = re.split(r"\s{2,}", lines[begin - 1].strip())
            answers.append({(name,): _figure(text) for name, text in zip(names, rows[0], strict=True)})
        else:
            answers.append({tuple(row[:-1]): _figure(row[-1]) for row in rows})
    return answers


def _is_figure(text: str) -> bool:
    return text == "suppressed" or CELL.fullmatch(text) is not None


def _figure(text: str) -> Cell | None:
    found = CELL.fullmatch(text)
    return Cell(*(float(part.replace(",", "")) for part in found.groups())) if found else None


@dataclass(frozen=True)
class Centre:
    """The bounded truth, and one standard deviation of what the site's secret order of rows makes of it."""

    value: float
    spread: float


def centres(
    draws: Sequence[Mapping[tuple[str, ...], float]], scale: float
) -> Mapping[tuple[str, ...], Centre]:
    """From bounded truths under several orders of rows; `scale` is 100 where figures are in per cent."""
    cells = {cell for draw in draws for cell in draw}
    found = {cell: [scale * draw.get(cell, 0.0) for draw in draws] for cell in cells}
    return {cell: Centre(fmean(values), stdev(values)) for cell, values in found.items()}


def distance(cell: Cell, centre: Centre) -> float:
    """How far a figure lies from its bounded truth, in half-widths of a 95 % interval.

    The spread of the bounded truth is added in squares; so is half of the last digit that is shown.
    """
    towards = cell.value - cell.low if centre.value < cell.value else cell.high - cell.value
    width = sqrt(towards**2 + (1.96 * centre.spread) ** 2 + _rounding(cell) ** 2)
    return abs(cell.value - centre.value) / width if centre.value != cell.value else 0.0


def _rounding(cell: Cell) -> float:
    digits = max(len(f"{part:g}".partition(".")[2]) for part in (cell.value, cell.low, cell.high))
    return 0.5 * 10.0**-digits


def most_missed(figures: int, alarm: float = 1e-4) -> int:
    """The most intervals of 95 % that may miss: more of them happen with a chance below `alarm`."""
    chance = [comb(figures, k) * 0.05**k * 0.95 ** (figures - k) for k in range(figures + 1)]
    return next(k for k in range(figures + 1) if sum(chance[k + 1 :]) < alarm)


def judge(pairs: Sequence[tuple[Cell, Centre]]) -> None:
    """Fails where too many intervals miss their bounded truth, or one figure misses it by far."""
    distances = [(distance(cell, centre), cell, centre) for cell, centre in pairs]
    assert sum(found[0] > 1 for found in distances) <= most_missed(len(distances)), distances
    assert all(found[0] <= FAR for found in distances), distances
