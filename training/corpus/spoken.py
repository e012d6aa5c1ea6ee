"""Numbers as they are said, for dictation."""

from __future__ import annotations

_UNITS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_IRREGULAR = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}


def spelled(number: int) -> str:
    """A number below a hundred in words."""
    if number < 20:
        return _UNITS[number]
    return _TENS[number // 10] + (f"-{_UNITS[number % 10]}" if number % 10 else "")


def spelled_ordinal(number: int) -> str:
    """Its ordinal in words."""
    head, dash, last = spelled(number).rpartition("-")
    ending = _IRREGULAR.get(last) or (last[:-1] + "ieth" if last.endswith("y") else f"{last}th")
    return head + dash + ending


def spelled_year(year: int) -> str:
    """A year as it is said."""
    if 2000 <= year < 2010:
        return f"two thousand {spelled(year % 100)}" if year % 100 else "two thousand"
    return (
        f"{spelled(year // 100)} {spelled(year % 100) if year % 100 >= 10 else 'oh ' + spelled(year % 100)}"
    )
