"""Dates in a text: read in whatever form, moved by days or cut to the year, written in the same form.

Law: what is not read whole, or is no day of the calendar, is left to be redacted (None). The time between two
dates that name the day stays exactly as it was. A date that names less is an interval: its middle is moved
(the 16th of a month, 2 July of a year), and the interval in which that falls is written, so that the time
between two of them stays within half an interval each. A date without a year is moved in the document's own.
May import: the standard library, deid.date_forms, deid.date_words.
"""

from __future__ import annotations

import re
from calendar import isleap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from gateway.deid import date_words as words
from gateway.deid.date_forms import DAYS, FORMS, MOST_CHARACTERS, RANGE, plain, shown

OLDEST, NEWEST = 1800, 2199
MOST_AGE = 89  # 45 CFR 164.514(b)(2)(i)(C)
_ROLES = ("a", "a2", "B", "d", "m", "y", "x", "z", "o", "D", "M", "Y")
_TWO_ORDERS = ({"x": "m", "z": "d"}, {"x": "d", "z": "m"})
_FULL_WIDTH = {ord(digit): 0xFF10 + int(digit) for digit in "0123456789"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a document's dates are read.

    `day_first` decides 3/4/2024; `year` is the current one, the pivot of two-digit years: they are at most a
    year ahead. `usual` is the year meant where none is written, 0: the current one. `known` are days of the
    patient's record: a two-digit year that makes one of them is that year.
    """

    language: str
    year: int
    day_first: bool = False
    usual: int = 0
    known: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A date as read. `pieces` are (role, start, end) in `text`, in order; see date_forms for the roles.

    `day_first` is None unless two numbers were day and month, in an order that had to be decided.
    """

    text: str
    pieces: tuple[tuple[str, int, int], ...]
    reading: Reading
    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    day_first: bool | None = None

    @property
    def meant(self) -> date:
        """The day, or the middle of the interval. Raises ValueError where there is no such day."""
        year = self.year if self.year is not None else self.reading.usual or self.reading.year
        if self.month is None:
            return date(year, 7, 2)
        if self.day is None:
            return date(year, self.month, 16)
        if self.year is None and (self.month, self.day) == (2, 29):
            year -= year % 4
        return date(year, self.month, self.day)


def shifted(text: str, days: int, reading: Reading) -> str | None:
    """The date or period, moved by days; None where it is not understood."""
    moved = [_moved(end, days) if isinstance(end, Mention) else end for end in _ends(text, reading)]
    parts = [part for part in moved if part is not None]
    return "".join(parts) if parts and len(parts) == len(moved) else None


def year_of(text: str, reading: Reading) -> str | None:
    """The year of the date, or years of the period, in four digits; None where it tells none.

    None as well for a year in which somebody who is now over 89 was born (45 CFR 164.514(b)(2)(i)(C)): an
    event of such a year tells the same age.
    """
    years = [end.year for end in _ends(text, reading) if isinstance(end, Mention)]
    if not years or years[-1] is None or tells_old_age(text, reading):
        return None
    return "-".join(dict.fromkeys(str(year) for year in years if year is not None))


def tells_old_age(text: str, reading: Reading) -> bool:
    """Whether the date or period is of a year in which somebody who is now over 89 was born."""
    years = [end.year for end in _ends(text, reading) if isinstance(end, Mention)]
    return any(year is not None and reading.year - year > MOST_AGE for year in years)


def reading_of(texts: Iterable[str], language: str, year: int, known: Iterable[date] = ()) -> Reading:
    """How the dates of one document are to be read, from the dates themselves.

    The order of day and month is that of the dates which can be read in one order alone, or which make a day
    of the record in one order alone; without such evidence that of the language: month first in English.
    The usual year is the latest that is written and not ahead of the current one.
    """
    by_month = Reading(language=language, year=year, known=frozenset(known))
    by_day = replace(by_month, day_first=True)
    evidence = usual = 0
    for text in texts:
        one = _read(text, by_month)
        if one is not None and one.day_first is not None:
            evidence += _evidence(one, _read(text, by_day))
        if one is not None and one.year and usual < one.year <= year:
            usual = one.year
    return replace(by_month, day_first=evidence > 0 if evidence else language != "en", usual=usual)


def _evidence(by_month: Mention, by_day: Mention | None) -> int:
    """1 where a date can only begin with the day, -1 with the month, 0 where both are possible."""
    if by_day is None:
        return 0
    if by_month.day_first == by_day.day_first:
        return 1 if by_month.day_first else -1
    return (by_day.meant in by_day.reading.known) - (by_month.meant in by_month.reading.known)


def _ends(text: str, reading: Reading) -> list[Mention | str]:
    """The date, or both ends of a period around what joins them; empty where it is not understood.

    A first end without a year is in the year of the second.
    """
    whole = _read(text, reading)
    if whole is not None:
        return [whole]
    visible = shown(text)
    if len(visible) > 2 * MOST_CHARACTERS:
        return []
    simple = plain(visible)
    if days := DAYS.fullmatch(simple):
        before, after = visible[: days.end("before")], visible[days.start("after") :]
        both = [_read(before + days[end] + after, reading) for end in ("first", "last")]
        if both[0] is not None and both[1] is not None and both[0].day and both[1].day:
            return [both[0], visible[days.start("joint") : days.end("joint")], both[1]]
    for joint in RANGE.finditer(simple):
        last = _read(visible[joint.end() :], reading)
        if last is None:
            continue
        first = _read(visible[: joint.start()], replace(reading, usual=last.year or reading.usual))
        if first is not None and (first.day is None) == (last.day is None):
            return [first, visible[joint.start() : joint.end()], last]
    return []


def _read(text: str, reading: Reading) -> Mention | None:
    visible = shown(text)
    if len(visible) > MOST_CHARACTERS:
        return None
    simple = plain(visible)
    for form in FORMS:
        found = form.fullmatch(simple)
        mention = _mention(visible, found, reading) if found else None
        if mention is not None:
            return mention
    return None


def _mention(text: str, found: re.Match[str], reading: Reading) -> Mention | None:
    """What a matched form says; None where that is no day, month or year."""
    groups = {role: part for role, part in found.groupdict().items() if part and role in _ROLES}
    try:
        roles = _decided(groups, reading) if "x" in groups else {}
        parts = {roles.get(group, group): part for group, part in groups.items()}
        places = sorted((*found.span(group), roles.get(group, group)) for group in groups)
        mention = Mention(
            text=text,
            pieces=tuple((role, start, end) for start, end, role in places),
            reading=reading,
            weekday=_weekday(parts),
            day_first=_TWO_ORDERS.index(roles) == 1 if roles in _TWO_ORDERS else None,
            **_numbers(parts, reading),
        )
        if {role for role, _, _ in mention.pieces} - {"a", "a2"}:
            mention.meant  # noqa: B018 - raises where there is no such day
    except ValueError:
        return None
    return mention


def _decided(groups: Mapping[str, str], reading: Reading) -> dict[str, str]:
    """What two or three numbers in a row are."""
    first, second, year = int(groups["x"]), int(groups["z"]), groups.get("y", "")
    if not year and second > 31:
        return {"x": "m", "z": "y"}  # 03/98
    if year and len(year) == 2 and (reading.language == "zh" or first > 31):
        return {"x": "y", "z": "m", "y": "d"}  # 24/03/05
    return dict(_TWO_ORDERS[first > 12 or (second <= 12 and reading.day_first)])


def _weekday(parts: Mapping[str, str]) -> int | None:
    name = parts.get("a") or parts.get("a2")
    return words.weekday_number(name) if name else None


def _numbers(parts: Mapping[str, str], reading: Reading) -> dict[str, int | None]:
    """Year, month and day. Raises ValueError."""
    month = words.month_number(parts["B"]) if "B" in parts else _number(parts, "m", "M")
    day = _number(parts, "d", "D")
    written = parts.get("y", "").lstrip("'") or parts.get("Y", "")
    year = _number({"y": written, "Y": written}, "y" if "y" in parts else "-", "Y") if written else None
    if year is not None and len(written) == 2:
        year = _full_year(year, month, day, reading)
    if year is not None and not OLDEST <= year <= NEWEST:
        raise ValueError("not a year of ours")
    return {"year": year, "month": month, "day": day}


def _number(parts: Mapping[str, str], digits: str, numeral: str) -> int | None:
    if digits in parts:
        return int(parts[digits])
    return words.zh_number(parts[numeral]) if numeral in parts else None


def _full_year(short: int, month: int | None, day: int | None, reading: Reading) -> int:
    """The year meant by its last two digits: that of a known day, or the latest up to next year."""
    if month and day and reading.known:
        for year in range(OLDEST + short, NEWEST, 100):
            if ((month, day) != (2, 29) or isleap(year)) and date(year, month, day) in reading.known:
                return year
    latest = reading.year + 1
    return latest - (latest - short) % 100


def _moved(mention: Mention, days: int) -> str | None:
    """The mention, of the day that it means moved by days."""
    try:
        to = mention.meant + timedelta(days=days)
    except OverflowError:
        return None
    if not OLDEST <= to.year <= NEWEST:
        return None
    weekday = to.weekday() if mention.year and mention.day else ((mention.weekday or 0) + days) % 7
    written, done = [], 0
    for role, start, end in mention.pieces:
        was = mention.text[start:end]
        written += [mention.text[done:start], _written(role, was, mention, to, weekday)]
        done = end
    return "".join(written) + mention.text[done:]


def _written(role: str, was: str, mention: Mention, to: date, weekday: int) -> str:
    """One part of the new date, as that of the old one was written."""
    language = mention.reading.language
    if role in ("a", "a2"):
        return words.weekday_name(weekday, was, language)
    if role == "B":
        return words.month_name(to.month, was, language, short=_abbreviates(mention))
    if role == "o":
        return _ordinal(to.day, was)
    if role in ("D", "M"):
        return words.zh_numeral(to.day if role == "D" else to.month)
    year = f"{to.year % 100:02d}" if len(was.lstrip("'")) == 2 else f"{to.year}"
    if role == "Y":
        return words.zh_positional(year, was)
    if role == "y":
        return was[: len(was) - len(was.lstrip("'"))] + _digits(year, was)
    number = to.day if role == "d" else to.month
    return _digits(f"{number:02d}" if _padded(mention) else f"{number}", was)


def _digits(number: str, was: str) -> str:
    """In full width where the old ones were."""
    return number.translate(_FULL_WIDTH) if "\uff10" <= was[-1] <= "\uff19" else number


def _padded(mention: Mention) -> bool:
    """Whether days and months have two digits: one of them begins with 0, or nothing shows that they do not.

    Beside a month's name, and in Chinese, only a 0 tells.
    """
    parts = [mention.text[start:end] for role, start, end in mention.pieces if role in ("d", "m")]
    if any(int(part[0]) == 0 for part in parts):
        return True
    numeric = not any(role == "B" for role, _, _ in mention.pieces) and "月" not in mention.text
    return numeric and all(len(part) == 2 for part in parts)


def _abbreviates(mention: Mention) -> bool:
    """Whether "May" is one of the short names: 14-May-24, 14MAY2024, May. 14."""
    ((start, end),) = ((start, end) for role, start, end in mention.pieces if role == "B")
    around = plain(mention.text[max(0, start - 1) : start] + mention.text[end : end + 1])
    return any(char in "-/." or char.isdigit() for char in around)


def _ordinal(day: int, was: str) -> str:
    ending = "th" if day in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return ending.upper() if was.isupper() else ending
