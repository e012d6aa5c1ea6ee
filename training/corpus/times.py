"""Dates and ages. A year alone, a season, a weekday alone and an age under 90 identify nobody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from gateway.domain.deid import IdentifierType
from training.corpus.lists import words
from training.corpus.scene import Filler, Piece, Scene
from training.corpus.spoken import spelled, spelled_ordinal, spelled_year

DATE, AGE = IdentifierType.DATE, IdentifierType.AGE

_EPOCH = date(1985, 1, 1)
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_SHORT = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def _ordinal(day: int) -> str:
    suffix = "th" if 10 <= day <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{suffix}"


def _numeric(day: date, rng: Random) -> str:
    mark = rng.choice("///-.")
    year = rng.choice((f"{day:%Y}", f"{day:%Y}", f"{day:%y}"))
    first, second = (day.month, day.day) if rng.random() < 0.7 else (day.day, day.month)
    width = rng.choice((1, 2))
    return f"{first:0{width}d}{mark}{second:0{width}d}{mark}{year}"


def _iso(day: date, rng: Random) -> str:
    return day.strftime(rng.choice(("%Y-%m-%d", "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d")))


def _month_word(day: date, rng: Random) -> str:
    return rng.choice(
        (_MONTHS[day.month - 1], _MONTHS[day.month - 1], _SHORT[day.month - 1], _SHORT[day.month - 1] + ".")
    )


def _text(day: date, rng: Random) -> str:
    month, number = _month_word(day, rng), rng.choice((str(day.day), str(day.day), _ordinal(day.day)))
    return rng.choice(
        (
            f"{month} {number}, {day.year}",
            f"{month} {number}, {day.year}",
            f"{number} {month} {day.year}",
            f"{number} {month} {day.year}",
            f"{month} {number} {day.year}",
            f"the {_ordinal(day.day)} of {month} {day.year}"[4:],
        )
    )


def _dashed(day: date, rng: Random) -> str:
    month = _SHORT[day.month - 1]
    return rng.choice(
        (
            f"{day.day:02d}-{month}-{day.year}",
            f"{day.day:02d}{month.upper()}{day:%y}",
            f"{day.day}-{month}-{day:%y}",
        )
    )


def _month_day(day: date, rng: Random) -> str:
    month, number = _month_word(day, rng), rng.choice((str(day.day), _ordinal(day.day)))
    return rng.choice(
        (f"{month} {number}", f"{month} {number}", f"{number} {month}", f"{_ordinal(day.day)} of {month}")
    )


def _short(day: date, rng: Random) -> str:
    return rng.choice(
        (
            f"{day.month}/{day.day}",
            f"{day.month:02d}/{day.day:02d}",
            f"{day.month}-{day.day}",
            f"{day.day}/{day.month}",
        )
    )


def _month_year(day: date, rng: Random) -> str:
    month = _month_word(day, rng)
    return rng.choice(
        (
            f"{month} {day.year}",
            f"{month} {day.year}",
            f"{month} of {day.year}",
            f"{month}, {day.year}",
            f"{day.month:02d}/{day.year}",
        )
    )


def _month(day: date, rng: Random) -> str:
    return _MONTHS[day.month - 1]


def _spoken(day: date, rng: Random) -> str:
    month, number = _MONTHS[day.month - 1], spelled_ordinal(day.day)
    spoken = rng.choice((f"{month} {number}", f"{number} of {month}", f"{month} {spelled(day.day)}"))
    return f"{spoken} {spelled_year(day.year)}" if rng.random() < 0.5 else spoken


def _day_alone(day: date, rng: Random) -> str:
    return _ordinal(day.day)


def _holiday(day: date, rng: Random) -> str:
    name = rng.choice(words("holidays"))
    return f"{name} {day.year}" if rng.random() < 0.3 else name


def _weekday(day: date, rng: Random) -> str:
    return (
        f"{_DAYS[day.weekday()]}, {_text(day, rng)}"
        if rng.random() < 0.5
        else f"{_DAYS[day.weekday()]} {_month_day(day, rng)}"
    )


_FORMS: dict[str, tuple[int, Callable[[date, Random], str]]] = {
    "num": (10, _numeric),
    "text": (9, _text),
    "iso": (3, _iso),
    "dashed": (2, _dashed),
    "md": (5, _month_day),
    "short": (3, _short),
    "my": (3, _month_year),
    "month": (1, _month),
    "weekday": (1, _weekday),
    "spoken": (0, _spoken),
    "dayth": (0, _day_alone),
    "holiday": (0, _holiday),
}
_ANY = tuple(name for name, (weight, _) in _FORMS.items() for _ in range(weight))
_ANY_FULL = ("num",) * 6 + ("text",) * 4 + ("iso",) * 2 + ("dashed",)


def _date(oldest: int, newest: int, any_forms: tuple[str, ...]) -> Filler:
    def fill(scene: Scene, form: str) -> list[Piece]:
        day = _EPOCH + timedelta(days=scene.rng.randint(oldest, newest))
        return [(_FORMS[form or scene.rng.choice(any_forms)][1](day, scene.rng), DATE)]

    return fill


def _age(scene: Scene, form: str) -> list[Piece]:
    rng = scene.rng
    if form == "old":
        return [(str(rng.randint(90, 104)), AGE)]
    if form == "child":
        return [(str(rng.randint(2, 17)), None)]
    return [(str(rng.randint(18, 89)), None)]


def _year_old(scene: Scene, form: str) -> list[Piece]:
    rng = scene.rng
    age, kind = (rng.randint(90, 103), AGE) if rng.random() < 0.12 else (rng.randint(18, 89), None)
    if form == "child":
        age, kind = rng.randint(2, 17), None
    suffix = rng.choice(
        (
            "-year-old",
            "-year-old",
            "-year-old",
            " year old",
            " yo",
            "yo",
            " y/o",
            "y/o",
            "-yo",
            " y.o.",
            " yr old",
            " years old",
        )
    )
    if rng.random() < 0.05 and age < 100:
        return [(spelled(age), kind), (rng.choice(("-year-old", " year old")), None)]
    return [(str(age), kind), (suffix, None)]


def _simple(make: Callable[[Random], str]) -> Filler:
    def fill(scene: Scene, form: str) -> list[Piece]:
        return [(make(scene.rng), None)]

    return fill


def _ago(rng: Random) -> str:
    unit = rng.choice(("day", "week", "month", "year", "hour"))
    count = rng.randint(2, 11)
    return rng.choice(
        (
            f"{count} {unit}s ago", f"{count} {unit}s ago", f"about {count} {unit}s ago", "yesterday", "this morning", "last night",
            "last week", "last month", "last year", "earlier this year", f"last {rng.choice(_DAYS)}", "last spring", "a few weeks ago",
            f"{count}{unit[0]} ago", "the day before yesterday", "two nights ago", f"{count} {unit}s prior",
        )
    )  # fmt: skip


def _duration(rng: Random) -> str:
    unit = rng.choice(("day", "week", "month", "year", "hour"))
    count = rng.randint(2, 14)
    return rng.choice(
        (
            f"{count} {unit}s",
            f"{count} {unit}s",
            f"{count}-{count + 2} {unit}s",
            f"{count} {unit[0:2]}",
            f"several {unit}s",
            f"a {unit}",
        )
    )


def _time(rng: Random) -> str:
    hour, minute = rng.randint(0, 23), rng.randint(0, 59)
    return rng.choice(
        (
            f"{hour:02d}:{minute:02d}",
            f"{hour:02d}{minute:02d}",
            f"{hour % 12 or 12}:{minute:02d} {rng.choice(('AM', 'PM', 'am', 'pm'))}",
            f"{hour % 12 or 12} {rng.choice(('am', 'pm', 'a.m.', 'p.m.'))}",
            f"{hour:02d}{minute:02d}h",
        )
    )


FILLERS: dict[str, Filler] = {
    "date": _date(5500, 15600, _ANY),
    "day": _date(7000, 15600, _ANY_FULL),
    "dob": _date(-16000, 13000, _ANY_FULL),
    "soon": _date(14000, 15900, _ANY),
    "age": _age,
    "yo": _year_old,
    "year": _simple(lambda rng: str(rng.randint(1968, 2027))),
    "ago": _simple(_ago),
    "dur": _simple(_duration),
    "time": _simple(_time),
    "weekday": _simple(lambda rng: rng.choice(_DAYS)),
    "season": _simple(lambda rng: rng.choice(("spring", "summer", "fall", "autumn", "winter"))),
    "pod": _simple(
        lambda rng: rng.choice(
            (
                f"POD {rng.randint(0, 9)}",
                f"POD#{rng.randint(1, 9)}",
                f"hospital day {rng.randint(2, 14)}",
                f"HD {rng.randint(2, 12)}",
                f"day {rng.randint(2, 21)}",
            )
        )
    ),
}
