"""Who is ill with what, and since when: chronic illness by age, rare diseases, and blood sugar's course.

Law: of rare diseases there are a few patients each, whatever the seed. Imports: codes, rows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from gateway.demo.hospital.codes import (
    ASTHMA,
    COPD,
    DEPRESSION,
    DIABETES,
    FIBRILLATION,
    HEART_FAILURE,
    HYPERTENSION,
    KIDNEY,
    LIPIDS,
    RARE,
)
from gateway.demo.hospital.rows import DAYS, FIRST_DAY, day_of

# How many of a band have it, in the order of BANDS (0-17, 18-34, 35-49, 50-64, 65-79, 80 and above).
PREVALENCE = {
    HYPERTENSION: (0.002, 0.04, 0.16, 0.36, 0.56, 0.64),
    DIABETES: (0.002, 0.015, 0.06, 0.14, 0.22, 0.20),
    ASTHMA: (0.11, 0.09, 0.08, 0.07, 0.06, 0.05),
    COPD: (0.0, 0.002, 0.01, 0.05, 0.11, 0.13),
    HEART_FAILURE: (0.0, 0.001, 0.006, 0.02, 0.07, 0.16),
    KIDNEY: (0.0, 0.002, 0.01, 0.03, 0.10, 0.20),
    FIBRILLATION: (0.0, 0.001, 0.005, 0.02, 0.07, 0.13),
    DEPRESSION: (0.02, 0.08, 0.09, 0.09, 0.07, 0.06),
    LIPIDS: (0.001, 0.03, 0.12, 0.25, 0.33, 0.28),
}
RARE_EVERY = 700  # about one patient in so many has a given rare disease
_NEW = 0.3  # of the chronic illnesses that begin within the time that is told of


@dataclass(frozen=True, slots=True, kw_only=True)
class Glycaemia:
    """HbA1c in per cent: `before` treatment, and falling to `after` within months from its first day."""

    before: float
    after: float
    treated: date

    def at(self, day: date) -> float:
        """The patient's usual value on a day."""
        weeks = max(0, (day - self.treated).days) / 7
        return self.after + (self.before - self.after) * math.exp(-weeks / 17)


def chronic(draw: Random, band: int) -> dict[str, date]:
    """Each chronic illness with its onset. Hypertension makes diabetes likelier, both the failing heart."""
    ill: dict[str, date] = {}
    for code, rates in PREVALENCE.items():
        rate = rates[band]
        if code == DIABETES and HYPERTENSION in ill:
            rate *= 1.6
        if code == HEART_FAILURE:
            rate *= 1.0 + 0.5 * (HYPERTENSION in ill) + 0.6 * (DIABETES in ill)
        if code == KIDNEY and DIABETES in ill:
            rate *= 1.5
        if draw.random() < rate:
            ill[code] = _onset(draw, band)
    return ill


def rare(seed: int, number: int) -> str | None:
    """The rare disease of the patient with this number: each disease returns at even steps."""
    place = (number + Random(f"{seed}/rare").randrange(RARE_EVERY)) % RARE_EVERY  # noqa: S311 - no secret
    disease, rest = divmod(place, RARE_EVERY // len(RARE))
    return RARE[disease] if rest == 0 and disease < len(RARE) else None


def glycaemia(draw: Random, ill: Mapping[str, date]) -> Glycaemia | None:
    """How well a diabetic's blood sugar is controlled; treatment begins within two months of the onset."""
    if DIABETES not in ill:
        return None
    treated = ill[DIABETES] + timedelta(days=draw.randint(5, 60))
    return Glycaemia(before=draw.gauss(8.9, 0.9), after=draw.gauss(6.9, 0.6), treated=treated)


def _onset(draw: Random, band: int) -> date:
    """Within the two years for some, else earlier, but not before the patient was born."""
    if draw.random() < _NEW:
        return day_of(draw.randrange(DAYS))
    return FIRST_DAY - timedelta(days=draw.randint(1, 300 if band == 0 else 3650))
