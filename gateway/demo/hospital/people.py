"""The patients: who they are and what they have. Their rows are the patients table.

Law: names are joined from the lists below, so that they are nobody's. Imports: illness, rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from gateway.demo.hospital import illness
from gateway.demo.hospital.rows import DAYS, FIRST_DAY, Value, day_of, perhaps, pick

BANDS = ((0, 17), (18, 34), (35, 49), (50, 64), (65, 79), (80, 97))  # age on the first day
SEXES = {"female": 0.50, "male": 0.465, "other": 0.010, "unknown": 0.015, None: 0.010}
REGIONS = {"north": 0.30, "south": 0.25, "east": 0.20, "west": 0.25}
RACES = {
    "1002-5": 0.02, "2028-9": 0.07, "2054-5": 0.13, "2076-8": 0.01, "2106-3": 0.66, "2131-1": 0.06,
    None: 0.05,
}  # fmt: skip
ETHNICITIES = {"2135-2": 0.15, "2186-5": 0.80, None: 0.05}
_WEIGHTS = (0.15, 0.20, 0.19, 0.20, 0.18, 0.08)
_DEATHS = (0.001, 0.001, 0.003, 0.01, 0.03, 0.12)  # within the two years
_FIRST = ("Ama", "Bel", "Cor", "Dal", "Eri", "Fen", "Gal", "Hol", "Iva", "Jor", "Kel", "Lor", "Mar", "Nev")
_SECOND = ("dan", "lin", "mira", "nor", "rin", "sa", "tha", "vel", "wyn", "zel")
_HOUSE = (
    "Amber",
    "Birch",
    "Copper",
    "Dusk",
    "Elder",
    "Fallow",
    "Harrow",
    "Larch",
    "Marsh",
    "Quarry",
    "Thorn",
)
_END = ("bridge", "combe", "fold", "garth", "holt", "mere", "stead", "wick", "worthy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One patient. `band` is the place in BANDS; `ill` holds each lasting illness and its onset."""

    id: str
    given: str
    family: str
    sex: str | None
    birth: date
    band: int
    died: date | None
    ill: Mapping[str, date]
    rare: str | None
    glycaemia: illness.Glycaemia | None

    def has(self, code: str, on: date | None = None) -> bool:
        """Whether the patient has an illness, at all or already on a day."""
        return code in self.ill and (on is None or self.ill[code] <= on)

    def age(self, on: date) -> int:
        """Completed years."""
        return on.year - self.birth.year - ((on.month, on.day) < (self.birth.month, self.birth.day))


def person(draw: Random, seed: int, number: int) -> Person:
    """The patient with this number."""
    band = draw.choices(range(len(BANDS)), _WEIGHTS)[0]
    birth = FIRST_DAY - timedelta(days=draw.randint(*BANDS[band]) * 365 + draw.randint(30, 364))
    ill = illness.chronic(draw, band)
    unusual = illness.rare(seed, number)
    if unusual is not None:
        ill[unusual] = birth + timedelta(days=draw.randrange(1, (FIRST_DAY - birth).days))
    return Person(
        id=f"P{number:06d}",
        given=draw.choice(_FIRST) + draw.choice(_SECOND),
        family=draw.choice(_HOUSE) + draw.choice(_END),
        sex=pick(draw, SEXES),
        birth=birth,
        band=band,
        died=day_of(draw.randrange(60, DAYS)) if draw.random() < _DEATHS[band] else None,
        ill=ill,
        rare=unusual,
        glycaemia=illness.glycaemia(draw, ill),
    )


def patient_row(draw: Random, who: Person) -> dict[str, Value]:
    """The patient's row. Of a few only the year of birth, or the death but not its day, was recorded."""
    dated = who.died is not None and draw.random() < 0.9
    deceased = None if dated or draw.random() < 0.6 else who.died is not None
    return {
        "patient_id": who.id,
        "record_id": who.id,
        "sex": who.sex,
        "birth_date": perhaps(draw, who.birth, 0.005),
        "deceased": deceased,
        "deceased_date": who.died if dated else None,
        "state": perhaps(draw, pick(draw, REGIONS), 0.01),
        "country": "US",
        "race": pick(draw, RACES),
        "ethnicity": pick(draw, ETHNICITIES),
    }
