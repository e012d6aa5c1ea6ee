"""The discrete Gaussian, exactly: P(X = k) proportional to exp(-k^2 / (2 sigma^2)) on the integers.

Law: independent of the library that draws the noise, so that a fault in either shows.
Imports: the standard library.
Source: Canonne, Kamath and Steinke 2020, "The Discrete Gaussian for Differential Privacy".
"""

from __future__ import annotations

import math
from fractions import Fraction


def weight(k: int, sigma: float) -> float:
    """exp(-k^2 / (2 sigma^2)); 0 where that underflows."""
    scaled = k / sigma
    return math.exp(-scaled * scaled / 2)


def normaliser(sigma: float) -> float:
    """The sum of all weights, to double precision.

    From sigma 1 on by Poisson summation, whose third term is below 1e-34; below by plain summation, whose
    terms vanish within 40 sigma.
    """
    if sigma >= 1:
        return sigma * math.sqrt(2 * math.pi) * (1 + 2 * math.exp(-2 * (math.pi * sigma) ** 2))
    return 1 + 2 * math.fsum(weight(k, sigma) for k in range(1, 41))


def mass(k: int, sigma: float) -> float:
    """P(X = k)."""
    return weight(k, sigma) / normaliser(sigma)


def zcdp_bound(l2_squared: int, sigma: float) -> Fraction:
    """The rho of a vector whose squared L2 sensitivity is `l2_squared`: l2_squared / (2 sigma^2), exactly.

    Independent discrete Gaussians of equal scale, shifted by an integer vector, stay within this rho
    (Theorem 14 there).
    """
    return Fraction(l2_squared) / (2 * Fraction(sigma) ** 2)
