"""The shapes that all the other files share: rows, the time that is told of, small games of chance.

Law: whatever is drawn comes from the generator that is handed in. Imports: the standard library only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from gateway.demo.hospital.identities import Identity

T = TypeVar("T")
Value = str | int | float | bool | date | None
Row = Mapping[str, Value]

FIRST_DAY = date(2024, 1, 1)
DAYS = 731  # 2024 is a leap year
LAST_DAY = FIRST_DAY + timedelta(days=DAYS - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hospital:
    """Everything planted: the rows of each standard table, by the dataset's name; None is a missing value.

    `names` are the patients' invented names, by patient: given name and family name. `born` are their days of
    birth, also of those whose record holds only the year. `identities` are what else identifies them.
    """

    seed: int
    tables: Mapping[str, Sequence[Row]]
    names: Mapping[str, tuple[str, str]]
    born: Mapping[str, date]
    identities: Mapping[str, Identity] = field(default_factory=dict)


def day_of(number: int) -> date:
    """The day so many days after the first."""
    return FIRST_DAY + timedelta(days=number)


def pick(draw: Random, weights: Mapping[T, float]) -> T:
    """One of the keys, by its weight."""
    return draw.choices(list(weights), list(weights.values()))[0]


def perhaps(draw: Random, value: T, share: float) -> T | None:
    """The value, or nothing in so great a share of cases."""
    return None if draw.random() < share else value


def times(draw: Random, expected: float, first: int = 0, last: int = DAYS) -> Iterator[int]:
    """Days between two, at random: so many are expected over all the days that are told of."""
    if expected <= 0:
        return
    day = first + draw.expovariate(expected / DAYS)
    while day < last:
        yield int(day)
        day += draw.expovariate(expected / DAYS)


def key(letter: str, person: str, number: int) -> str:
    """The key of a row: it does not depend on the other patients, so that more patients change no row."""
    return f"{letter}{person[1:]}-{number}"
