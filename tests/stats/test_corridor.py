"""2,000 fresh releases through the whole corridor have the spread that was charged, and no bias.

The journal's own entries say what was charged; the answers, as rendered, say what was drawn. A patient may
be in two groups, with two rows in each, so that a price that forgot either shows as too small a spread.
False alarms: 4e-6 in all, worked out beside each test of chance.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import pytest
from scipy import stats

from gateway.domain.privacy import RHO_UNIT
from gateway.verify import export
from tests.checks import check_journal
from tests.flows.kit import FILES, House, changed, memory, row

RELEASES = 2_000
AT_ONCE = 50  # their entries are committed together
PATIENTS = 12
DAYS = 4
GROUPS, VISITS = 2, 2  # of each patient, and as many as are kept
ROWS = tuple(
    row(f"p{i}", 2 * visit + place, days=DAYS, ward=ward)
    for i in range(PATIENTS)
    for place, ward in enumerate(("east", "west"))
    for visit in range(VISITS)
)
SQL = (
    "SELECT ward, COUNT(DISTINCT patient) AS n, SUM(days) AS total FROM visits WHERE days < {} GROUP BY ward"
)
ROOMY = {
    path: text.replace("epsilon: 20,", "epsilon: 100,")
    .replace("epsilon: 30,", "epsilon: 100,")
    .replace("epsilon: 25,", "epsilon: 100,")
    .replace("lifetime: {epsilon: 80,", "lifetime: {epsilon: 100,")
    for path, text in FILES.items()
}
TWO_ROWS = changed("datasets/visits.yaml", "max_rows: 5", f"max_rows: {VISITS}", ROOMY)
RHO = Fraction(1, 50)


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[int], list[int]]:
    """What each cell of each release was off by, for both measures: the cells of a release side by side."""
    folder = tmp_path_factory.mktemp("corridor")
    found = asyncio.run(released(folder))
    check_charges(folder)
    return found


async def released(folder: Path) -> tuple[list[int], list[int]]:
    """Each question is a new one that finds the same rows."""
    house = await House.open(folder, memory(ROWS), TWO_ROWS)
    counts: list[int] = []
    sums: list[int] = []

    async def one(number: int) -> None:
        answer = await house.ask(SQL.format(1000 + number), f"rho {float(RHO)}", request_id=f"r-{number}")
        assert not answer.replayed
        for shown in answer.shown.rows:
            count, total = shown.cells
            assert count.value is not None and total.value is not None
            counts.append(round(count.value) - PATIENTS)
            sums.append(round(total.value) - PATIENTS * VISITS * DAYS)

    try:
        for first in range(0, RELEASES, AT_ONCE):
            await asyncio.gather(*(one(number) for number in range(first, first + AT_ONCE)))
    finally:
        await house.close()
    return counts, sums


def check_charges(folder: Path) -> None:
    """Every release has its own charge of the same loss, to each of its four accounts."""
    report = check_journal(folder / "journal.db")
    export(folder / "journal.db", folder / "log")
    charged = [line for line in (folder / "log").read_bytes().splitlines() if b'"kind":"Charged"' in line]
    assert len(charged) == RELEASES and report.open == 0
    rho = f'"rho":"{int(RHO * RHO_UNIT)}"'.encode()
    assert all(line.count(rho) == 4 for line in charged)


def variance_fits(noise: Sequence[int], sigma: float) -> bool:
    """Whether the mean square is sigma^2: chi-square with n degrees, both tails 5e-7 together 1e-6.

    At these scales (sigma above 2) the discrete Gaussian's variance is sigma^2 to 1e-30 and its kurtosis
    the normal's, so that the sum of squares over sigma^2 is a chi-square's to well within the margin.
    """
    total = math.fsum(x * x for x in noise) / sigma**2
    low, high = stats.chi2.ppf((5e-7, 1 - 5e-7), len(noise))
    return bool(low <= total <= high)


# Half of the loss goes to each vector; in each of 2 groups a patient moves the count by 1 and the sum by at
# most 2 rows of 30 days.
COUNT_SIGMA = math.sqrt(GROUPS / (2 * RHO / 2))
SCALES = [(0, COUNT_SIGMA), (1, VISITS * 30 * COUNT_SIGMA)]


@pytest.mark.parametrize(("measure", "sigma"), SCALES, ids=["count", "sum"])
def test_the_spread_is_what_was_charged(
    noise: tuple[list[int], list[int]], measure: int, sigma: float
) -> None:
    """4,000 draws see an error of a tenth: the interval is 0.89 to 1.12 of sigma^2."""
    found = noise[measure]
    assert len(found) == GROUPS * RELEASES
    assert variance_fits(found, sigma)
    assert not variance_fits([round(x * 1.15) for x in found], sigma)  # the twins: it can object
    assert not variance_fits([round(x / 1.15) for x in found], sigma)


@pytest.mark.parametrize(("measure", "sigma"), SCALES, ids=["count", "sum"])
def test_there_is_no_bias(noise: tuple[list[int], list[int]], measure: int, sigma: float) -> None:
    """False alarm 2 exp(-5.5^2 / 2) = 5.4e-7: the discrete Gaussian is sub-Gaussian of its own scale."""
    assert abs(math.fsum(noise[measure])) <= 5.5 * sigma * math.sqrt(GROUPS * RELEASES)


def test_draws_are_not_drawn_together(noise: tuple[list[int], list[int]]) -> None:
    """False alarm about 7e-9 each: correlations of independent draws are normal, 1 / sqrt(n)."""
    counts, sums = noise
    for left, right in ((counts, sums), (counts[1:], counts[:-1]), (sums[::2], sums[1::2])):
        found = float(stats.pearsonr(left, right).statistic)
        assert abs(found) <= 5.8 / math.sqrt(len(left))
    assert len(set(sums)) > 200
