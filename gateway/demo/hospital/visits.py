"""When a patient comes, why and for how long: ordinary visits, seasons, stays and what follows them.

Law: visits of a patient do not overlap, and none begins after death. Imports: codes, people, rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from gateway.demo.hospital.codes import ASTHMA, ATTACK, COPD, FLU, HEART_FAILURE, PASSING
from gateway.demo.hospital.people import Person
from gateway.demo.hospital.rows import DAYS, FIRST_DAY, day_of, key, pick, times

AMBULATORY, EMERGENCY, INPATIENT = "AMB", "EMER", "IMP"
READMISSION_DAYS = 30
_VISITS = (0.9, 0.8, 1.0, 1.4, 2.0, 2.5)  # ordinary ones in the two years by band, before illness adds
_FLU = (0.55, 0.40, 0.35, 0.35, 0.35, 0.45)  # influenza-like illnesses in the two years
_WINTER, _SPRING = 20, 115  # the days of the year on which the two seasons are at their height
_QUIET = 0.06  # of the height, outside the season


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One encounter. `returned` says that it followed an inpatient stay within 30 days."""

    id: str
    start: date
    nights: int
    kind: str
    reason: str | None
    returned: bool = False

    @property
    def end(self) -> date:
        return self.start + timedelta(days=self.nights)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    day: int
    kind: str
    reason: str | None


def visits(draw: Random, who: Person) -> list[Visit]:
    """The patient's encounters in order of time."""
    plans = sorted(
        [*_ordinary(draw, who), *_winter(draw, who), *_spring(draw, who)], key=lambda plan: plan.day
    )
    last = DAYS if who.died is None else (who.died - FIRST_DAY).days
    found: list[Visit] = []
    free = 0
    for plan in plans:
        if not free <= plan.day < last:
            continue
        stay = _visit(draw, who, plan, len(found), last)
        found.append(stay)
        free = plan.day + stay.nights + 1
        if stay.kind == INPATIENT and draw.random() < _frail(who):
            back = _Plan(day=free + draw.randrange(READMISSION_DAYS), kind=INPATIENT, reason=stay.reason)
            if back.day < last:
                found.append(_visit(draw, who, back, len(found), last, returned=True))
                free = back.day + found[-1].nights + 1
    return found


def _visit(
    draw: Random, who: Person, plan: _Plan, number: int, last: int, *, returned: bool = False
) -> Visit:
    return Visit(
        id=key("E", who.id, number),
        start=day_of(plan.day),
        nights=min(_nights(draw, who, plan.kind), max(0, last - plan.day)),
        kind=plan.kind,
        reason=plan.reason,
        returned=returned,
    )


def _ordinary(draw: Random, who: Person) -> Iterator[_Plan]:
    """Check-ups have no reason; other visits are for a lasting illness or a passing complaint."""
    lasting = list(who.ill)
    stay = 0.09 + 0.05 * len(lasting) + 0.02 * who.band
    kinds = {AMBULATORY: max(0.3, 0.84 - stay), EMERGENCY: 0.16 - 0.01 * who.band, INPATIENT: stay}
    for day in times(draw, _VISITS[who.band] + 0.45 * len(lasting)):
        kind = pick(draw, kinds)
        known = [code for code in lasting if who.has(code, day_of(day))]
        if known and draw.random() < 0.6:
            reason: str | None = draw.choice(known)
        else:
            reason = None if kind == AMBULATORY and draw.random() < 0.6 else draw.choice(PASSING)
        yield _Plan(day=day, kind=kind, reason=reason)


def _winter(draw: Random, who: Person) -> Iterator[_Plan]:
    old = who.band >= 4
    kinds = {AMBULATORY: 0.72, EMERGENCY: 0.22, INPATIENT: 0.16 if old else 0.03}
    for day in _season(draw, _FLU[who.band] + 0.2 * who.has(COPD), _WINTER, 30):
        yield _Plan(day=day, kind=pick(draw, kinds), reason=FLU)


def _spring(draw: Random, who: Person) -> Iterator[_Plan]:
    if who.has(ASTHMA):
        kinds = {AMBULATORY: 0.45, EMERGENCY: 0.48, INPATIENT: 0.07}
        for day in _season(draw, 1.0, _SPRING, 32):
            if who.has(ASTHMA, day_of(day)):
                yield _Plan(day=day, kind=pick(draw, kinds), reason=ATTACK)


def _season(draw: Random, expected: float, peak: int, width: int) -> Iterator[int]:
    """Days of a season: drawn all over the year, and kept by how near the height they are."""
    kept = _QUIET + width * math.sqrt(2 * math.pi) / 365
    for day in times(draw, expected / kept):
        away = abs((day_of(day).timetuple().tm_yday - peak + 182) % 365 - 182)
        if draw.random() < _QUIET + math.exp(-0.5 * (away / width) ** 2):
            yield day


def _frail(who: Person) -> float:
    return 0.07 + 0.10 * who.has(HEART_FAILURE) + 0.06 * who.has(COPD) + 0.02 * (who.band >= 4)


def _nights(draw: Random, who: Person, kind: str) -> int:
    """Inpatient stays are log-normal, longer with age and illness, a few beyond 30 days."""
    if kind == AMBULATORY:
        return 0
    if kind == EMERGENCY:
        return int(draw.random() < 0.15)
    burden = 1.0 + 0.08 * who.band + 0.35 * who.has(HEART_FAILURE) + 0.2 * who.has(COPD)
    return max(1, min(90, round(burden * draw.lognormvariate(0.95, 0.75))))
