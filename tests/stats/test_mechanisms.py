"""The noise as it falls: its distribution, bias, coverage, and a distinguisher that catches broken ones.

Every test here draws real noise and may fail by chance; each one's false-alarm rate is at most 1e-6 and is
worked out beside it. The distinguisher is shown mechanisms that are broken on purpose, and must object.
"""

import itertools
import math
from collections.abc import Callable, Sequence

import pytest
from scipy import stats

from gateway.domain.expression import ExactVectors, GridColumn, Vector, VectorKind
from gateway.domain.privacy import RHO_UNIT, PrivacyLoss
from gateway.domain.query import MeasureKind
from gateway.domain.release import Cell, Figure, KeyLabels, NoisyVector, Release
from gateway.privacy.mechanisms import make_measurement, price, sigma_for
from gateway.privacy.pmf import mass
from gateway.privacy.rendering import render
from gateway.privacy.sensitivity import l2_squared

ALARM = 1e-6


def draws(sigma: float, count: int, total: int = 0) -> tuple[int, ...]:
    """Independent draws of noise: the cells of one vector."""
    (noisy,) = make_measurement([(1, sigma)])(((total,) * count,))
    return tuple(value - total for value in noisy)


# -- The distribution ---------------------------------------------------------------------------------


def fit(noise: Sequence[int], sigma: float) -> float:
    """The p-value of a chi-square test against the exact masses; at least 50 draws expected in a bin."""
    n, edge = len(noise), 0
    while n * mass(edge + 1, sigma) >= 50:
        edge += 1
    bins = range(-edge, edge + 1)
    expected = [n * mass(k, sigma) for k in bins]
    observed = [sum(1 for x in noise if x == k) for k in bins]
    tail = (n - math.fsum(expected)) / 2
    if tail >= 50:
        expected += [tail, tail]
        observed += [sum(1 for x in noise if x < -edge), sum(1 for x in noise if x > edge)]
    else:
        expected.append(2 * tail)
        observed.append(n - sum(observed))
    terms = [(o - e) ** 2 / max(e, 1.0) for o, e in zip(observed, expected, strict=True)]
    return float(stats.chi2.sf(math.fsum(terms), len(terms) - 1))


@pytest.mark.parametrize("sigma", [0.6, 1.0, 4.2, 15.0])
def test_the_noise_is_the_discrete_gaussian(sigma: float) -> None:
    """False alarm 1e-9 nominal: a margin of 1,000 for the chi-square approximation in its tail."""
    assert fit(draws(sigma, 30_000), sigma) > 1e-9


@pytest.mark.parametrize("wrong", [0.95, 1.05])
def test_the_fit_notices_a_scale_off_by_a_twentieth(wrong: float) -> None:
    assert fit(draws(4.2 * wrong, 30_000), 4.2) < 1e-9


def test_the_fit_notices_a_rounded_continuous_gaussian() -> None:
    rounded = [round(x) for x in stats.norm.rvs(scale=0.6, size=30_000, random_state=7)]
    assert fit(rounded, 0.6) < 1e-9


@pytest.mark.parametrize("total", [0, 5, -17, 2**40])
def test_the_noise_has_no_bias(total: int) -> None:
    """False alarm 2 exp(-5.6^2 / 2) = 3e-7 at most: the discrete Gaussian is sub-Gaussian of its scale."""
    sigma, n = 6.0, 20_000
    mean = math.fsum(draws(sigma, n, total)) / n
    assert abs(mean) <= 5.6 * sigma / math.sqrt(n)


def test_cells_are_independent() -> None:
    """False alarm about 1e-8: the correlation of neighbours is normal with deviation 1 / sqrt(n)."""
    noise, n = draws(9.0, 20_001), 20_000
    product = math.fsum(a * b for a, b in itertools.pairwise(noise)) / (n * 81.0)
    assert abs(product) <= 5.8 / math.sqrt(n)


# -- Coverage of the intervals that are shown ---------------------------------------------------------

CELLS = 8_000
UNIT = 0.05  # half a resolution of 0.1; bounds 1.0 to 14.0 are 10 to 140 steps, their centre 150 halves


def shown(figure: Figure, exact: Sequence[int], sigmas: Sequence[float]) -> list[Cell]:
    """The figure in 8,000 cells of equal truth, each with its own noise."""
    measurement = make_measurement([(1, sigma) for sigma in sigmas])
    noisy = measurement(tuple((total,) * CELLS for total in exact))
    release = Release(
        dataset="d",
        population="p",
        snapshot="s",
        keys=(KeyLabels(column="k", labels=tuple(map(str, range(CELLS)))),),
        vectors=tuple(
            NoisyVector(kind=VectorKind.ROWS, column=None, sigma=sigma, rho=1, values=values)
            for sigma, values in zip(sigmas, noisy, strict=True)
        ),
        figures=(figure,),
        loss=measurement.loss,
        max_groups=1,
        max_rows=1,
        patients=None,
    )
    return [row.cells[0] for row in render(release, None)]


def hits(cells: Sequence[Cell], truth: float) -> int:
    slack = 1e-9
    return sum(
        1
        for c in cells
        if c.low is not None and c.high is not None and c.low - slack <= truth <= c.high + slack
    )


def limits(probability: float) -> tuple[int, int]:
    """Where a binomial count of hits lies but for a chance of 1e-6, both tails together."""
    low, high = stats.binom.ppf([ALARM / 2, 1 - ALARM / 2], CELLS, probability)
    return int(low), int(high)


@pytest.mark.parametrize("unit", [1.0, 0.1])
@pytest.mark.parametrize("sigma", [0.5, 1.3, 7.7, 250.0])
@pytest.mark.parametrize("truth", [0, 41])
def test_counts_and_sums_are_covered_as_often_as_their_tail_says(
    truth: int, sigma: float, unit: float
) -> None:
    """False alarm 1e-6 exactly: the number of hits is binomial with the exact mass."""
    figure = Figure(name="n", kind=MeasureKind.SUM, column="x", numerator=0, unit=unit)
    cells = shown(figure, [truth], [sigma])
    width = round(((cells[0].high or 0) - (cells[0].value or 0)) / unit)
    probability = math.fsum(mass(k, sigma) for k in range(-width, width + 1))
    low, high = limits(probability)
    assert probability >= 0.95
    assert low <= hits(cells, truth * unit) <= high


@pytest.mark.parametrize(
    ("count", "mean_steps", "sigma_sum", "sigma_count"),
    [
        (400, 43, 260.0, 2.0),
        (60, 43, 260.0, 4.0),
        (25, 139, 130.0, 6.0),
        (6, 12, 130.0, 6.0),
        (3000, 75, 1300.0, 10.0),
    ],
)
def test_means_are_covered(count: int, mean_steps: int, sigma_sum: float, sigma_count: float) -> None:
    """False alarm 1e-6: hits are binomial with at least 0.95. Small counts included, where no
    symmetric interval would do."""
    figure = Figure(
        name="m",
        kind=MeasureKind.MEAN,
        column="x",
        numerator=0,
        denominator=1,
        unit=UNIT,
        centre=150,
        low=1.0,
        high=14.0,
    )
    cells = shown(figure, [count * (2 * mean_steps - 150), count], [sigma_sum, sigma_count])
    assert hits(cells, mean_steps * 2 * UNIT) >= limits(0.95)[0]
    if count >= 400:
        assert hits(cells, mean_steps * 2 * UNIT) <= limits(0.953)[1]  # and not by being too wide


# -- A distinguisher that sees outputs alone ----------------------------------------------------------

Mechanism = Callable[[tuple[int, ...]], tuple[int, ...]]
RUNS = 4_000
ORDERS = [1 + math.exp(t / 8) for t in range(-24, 33)]


def allowed(probability: float, rho: float) -> float:
    """The largest chance of an event on one data set when it has `probability` on a neighbour.

    ln P' <= (a - 1) rho + (1 - 1/a) ln P for every order a (Mironov 2017, Proposition 10; rho-zCDP).
    """
    return min(math.exp((a - 1) * rho + (1 - 1 / a) * math.log(probability)) for a in ORDERS)


def leaks(mechanism: Mechanism, exact: tuple[int, ...], without: tuple[int, ...], loss: PrivacyLoss) -> bool:
    """Whether outputs on neighbours differ by more than the loss allows, beyond chance.

    Outputs are projected on the difference of the two exact vectors; events are "at least t" at 30 points.
    Both chances are bounded by Clopper and Pearson at 1e-8 each: false alarm at most 60 * 1e-8.
    """
    direction = [a - b for a, b in zip(exact, without, strict=True)]

    def project(source: tuple[int, ...]) -> list[int]:
        runs = mechanism(source * RUNS)
        size = len(source)
        return sorted(
            sum(d * x for d, x in zip(direction, runs[i : i + size], strict=True))
            for i in range(0, len(runs), size)
        )

    here, there = project(exact), project(without)
    rho = loss.rho / RHO_UNIT
    for t in here[:: RUNS // 30][:30]:
        with_patient = sum(1 for x in here if x >= t)
        without_patient = sum(1 for x in there if x >= t)
        at_least = stats.beta.ppf(1e-8, with_patient, RUNS - with_patient + 1)
        at_most = (
            stats.beta.ppf(1 - 1e-8, without_patient + 1, RUNS - without_patient)
            if without_patient < RUNS
            else 1
        )
        if at_least > allowed(float(at_most), rho):
            return True
    return False


def noised(l2: int, rho: int) -> tuple[Mechanism, PrivacyLoss]:
    """The real mechanism for one vector, and what it says it costs."""
    measurement = make_measurement([(l2, sigma_for(l2, rho))])

    def run(vector: tuple[int, ...]) -> tuple[int, ...]:
        exact: ExactVectors = (vector,)
        return measurement(exact)[0]

    return run, measurement.loss


GRID = GridColumn(column="x", low=0.0, high=9.0, multiplier=1.0, low_steps=0, high_steps=9)
ROWS = Vector(kind=VectorKind.ROWS)
CENTRED = Vector(kind=VectorKind.CENTRED_SUM, column=GRID)
# The worst patient of each vector: three groups of two rows, each at the end of the range.
NEIGHBOURS = [
    (ROWS, (2, 7, 2, 0, 2), (0, 7, 0, 0, 0)),
    (CENTRED, (18, 40, 18, -5, 18), (0, 40, 0, -5, 0)),
]
HALF = RHO_UNIT // 2


@pytest.mark.parametrize(("vector", "exact", "without"), NEIGHBOURS)
@pytest.mark.parametrize("rho", [HALF // 10, HALF, 3 * HALF])
def test_the_real_mechanism_does_not_leak(
    vector: Vector, exact: tuple[int, ...], without: tuple[int, ...], rho: int
) -> None:
    """False alarm at most 6e-7 (see `leaks`)."""
    mechanism, loss = noised(l2_squared(vector, groups=3, max_rows=2), rho)
    assert loss.rho <= rho
    assert not leaks(mechanism, exact, without, loss)


@pytest.mark.parametrize(("vector", "exact", "without"), NEIGHBOURS)
def test_no_noise_is_caught(vector: Vector, exact: tuple[int, ...], without: tuple[int, ...]) -> None:
    assert leaks(lambda source: source, exact, without, PrivacyLoss(rho=HALF))


@pytest.mark.parametrize(("vector", "exact", "without"), NEIGHBOURS)
def test_half_the_scale_is_caught(vector: Vector, exact: tuple[int, ...], without: tuple[int, ...]) -> None:
    l2 = l2_squared(vector, groups=3, max_rows=2)
    broken = make_measurement([(l2, sigma_for(l2, HALF) / 2)])
    assert leaks(lambda source: broken((source,))[0], exact, without, PrivacyLoss(rho=HALF))


@pytest.mark.parametrize(("vector", "exact", "without"), NEIGHBOURS)
def test_a_sensitivity_that_forgets_the_groups_is_caught(
    vector: Vector, exact: tuple[int, ...], without: tuple[int, ...]
) -> None:
    mechanism, loss = noised(l2_squared(vector, groups=1, max_rows=2), HALF)
    assert leaks(mechanism, exact, without, loss)


@pytest.mark.parametrize(("vector", "exact", "without"), NEIGHBOURS)
def test_a_sensitivity_that_forgets_the_rows_is_caught(
    vector: Vector, exact: tuple[int, ...], without: tuple[int, ...]
) -> None:
    mechanism, loss = noised(l2_squared(vector, groups=3, max_rows=1), HALF)
    assert leaks(mechanism, exact, without, loss)


def test_prefix_counts_noised_as_if_disjoint_are_caught() -> None:
    """One patient in the first of eight bins moves every prefix count: L2 is sqrt(8), not 1."""
    exact, without = (5, 6, 6, 8, 9, 9, 9, 12), (4, 5, 5, 7, 8, 8, 8, 11)
    broken, claimed = noised(1, HALF)
    assert leaks(broken, exact, without, claimed)
    honest, loss = noised(8, HALF)
    assert not leaks(honest, exact, without, loss)


def test_the_same_noise_for_every_cell_is_caught() -> None:
    """One draw added to all cells: differences of cells are exact."""

    def broken(source: tuple[int, ...]) -> tuple[int, ...]:
        shared = draws(3.0, len(source) // 2)
        return tuple(value + shared[i // 2] for i, value in enumerate(source))

    loss = PrivacyLoss(rho=price(1, 3.0))
    assert leaks(broken, (1, 0), (0, 0), loss) or leaks(_differences(broken), (1, 0), (0, 0), loss)
    honest = make_measurement([(1, 3.0)])
    assert not leaks(_differences(lambda source: honest((source,))[0]), (1, 0), (0, 0), loss)


def _differences(mechanism: Mechanism) -> Mechanism:
    """Post-processing by an attacker: the first cell less the second."""

    def run(source: tuple[int, ...]) -> tuple[int, ...]:
        noisy = mechanism(source)
        return tuple(x - noisy[i + 1] if i % 2 == 0 else 0 for i, x in enumerate(noisy))

    return run
