"""Days as notes write them.

Law: a form with a day or a month is an identifier, a year alone is none. Imports: the standard library only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from random import Random

_EN = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_ES = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
    "diciembre",
)  # fmt: skip
_WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
Form = Callable[[date], str]


def _ordinal(day: int) -> str:
    ending = "th" if 10 < day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"


def _en(day: date) -> str:
    return _EN[day.month - 1]


NUMERIC: Sequence[Form] = (
    lambda d: f"{d:%m/%d/%Y}",
    lambda d: f"{d:%m/%d/%Y}",
    lambda d: f"{d.month}/{d.day}/{d:%Y}",
    lambda d: f"{d.month}/{d.day}/{d:%y}",
    lambda d: f"{d:%m/%d/%y}",
    lambda d: f"{d:%m-%d-%Y}",
    lambda d: d.isoformat(),
    lambda d: f"{d:%d}-{_en(d)[:3]}-{d:%Y}",
    lambda d: f"{d:%d}{_en(d)[:3].upper()}{d:%Y}",
    lambda d: f"{d.day}.{d.month}.{d:%Y}",
    lambda d: f"{d:%Y/%m/%d}",
    lambda d: f"{d:%d/%m/%Y}",
)
WORDED: Sequence[Form] = (
    lambda d: f"{_en(d)} {d.day}, {d.year}",
    lambda d: f"{d.day} {_en(d)} {d.year}",
    lambda d: f"{_en(d)[:3]} {d.day}, {d.year}",
    lambda d: f"{_en(d)[:3]}. {d.day}, {d.year}",
    lambda d: f"{_en(d)} {_ordinal(d.day)}, {d.year}",
    lambda d: f"{_ordinal(d.day)} of {_en(d)} {d.year}",
    lambda d: f"{_WEEK[d.weekday()]}, {_en(d)} {d.day}, {d.year}",
    lambda d: f"{_en(d)} {d.day} {d.year}",
)
YEARLESS: Sequence[Form] = (
    lambda d: f"{d.month}/{d.day}",
    lambda d: f"{_en(d)} {d.day}",
    lambda d: f"{_en(d)} {_ordinal(d.day)}",
    lambda d: f"{d.day} {_en(d)[:3]}",
    lambda d: f"{_en(d)[:3]} {d.day}",
    lambda d: f"{d:%m/%d}",
)
MONTHS: Sequence[Form] = (
    lambda d: f"{_en(d)} {d.year}",
    _en,
    lambda d: f"{_en(d)} of {d.year}",
    lambda d: f"{_en(d)[:3]} {d.year}",
    lambda d: f"{d.month}/{d.year}",
)
SPANISH: Sequence[Form] = (
    lambda d: f"{d:%d/%m/%Y}",
    lambda d: f"{d.day}/{d.month}/{d:%Y}",
    lambda d: f"{d:%d-%m-%Y}",
    lambda d: f"{d.day} de {_ES[d.month - 1]} de {d.year}",
    lambda d: f"{d.day} de {_ES[d.month - 1]} del {d.year}",
    lambda d: f"{d:%d.%m.%y}",
    lambda d: d.isoformat(),
)
SPANISH_SHORT: Sequence[Form] = (
    lambda d: f"{d.day} de {_ES[d.month - 1]}",
    lambda d: f"{d.day}/{d.month}",
    lambda d: f"{_ES[d.month - 1]} de {d.year}",
)
CHINESE: Sequence[Form] = (
    lambda d: f"{d.year}年{d.month}月{d.day}日",
    lambda d: f"{d.year}年{d.month:02d}月{d.day:02d}日",
    lambda d: d.isoformat(),
    lambda d: f"{d.year}.{d.month:02d}.{d.day:02d}",
    lambda d: f"{d:%Y/%m/%d}",
)
CHINESE_SHORT: Sequence[Form] = (
    lambda d: f"{d.month}月{d.day}日",
    lambda d: f"{d.year}年{d.month}月",
    lambda d: f"{d.month}月{d.day}号",
)


def written(draw: Random, day: date, forms: Sequence[Form]) -> str:
    """The day in one of the forms."""
    return draw.choice(forms)(day)
