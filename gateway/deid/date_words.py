"""Names of months and days of the week, Chinese numerals: read, and written as the original was.

Law: a name keeps its language, its length and its letter case. Months and days follow ISO 8601: months from
1, Monday is 0 as in `datetime.date.weekday`.
May import: the standard library.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# One row per style; the first name of a row is that of January, or of Monday.
_EN_MONTHS = "January February March April May June July August September October November December"
_ES_MONTHS = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
_MONTHS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("en", _split(_EN_MONTHS)),
    ("en", _split("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec")),
    ("en", _split("Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec")),
    ("es", _split(_ES_MONTHS)),
    ("es", _split(_ES_MONTHS.replace("septiembre", "setiembre"))),
    ("es", _split("ene feb mar abr may jun jul ago sep oct nov dic")),
    ("es", _split("ene feb mar abr may jun jul ago sept oct nov dic")),
)
_DAYS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("en", _split("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")),
    ("en", _split("Mon Tue Wed Thu Fri Sat Sun")),
    ("en", _split("Mon Tues Wed Thurs Fri Sat Sun")),
    ("en", _split("Mon Tues Weds Thur Fri Sat Sun")),
    ("es", _split("lunes martes miércoles jueves viernes sábado domingo")),
    ("es", _split("lunes martes miercoles jueves viernes sabado domingo")),
    ("es", _split("lun mar mié jue vie sáb dom")),
    ("es", _split("lun mar mie jue vie sab dom")),
    ("zh", tuple(f"星期{day}" for day in "一二三四五六日")),
    ("zh", tuple(f"星期{day}" for day in "一二三四五六天")),
    ("zh", tuple(f"周{day}" for day in "一二三四五六日")),
    ("zh", tuple(f"礼拜{day}" for day in "一二三四五六日")),
    ("zh", tuple(f"礼拜{day}" for day in "一二三四五六天")),
)
_DIGITS = "零一二三四五六七八九"
_ZEROS = "〇○零"  # noqa: RUF001
_VALUES: Mapping[str, int] = {**{digit: n for n, digit in enumerate(_DIGITS)}, **dict.fromkeys(_ZEROS, 0)}
ZH_DIGITS = "".join(sorted(_VALUES))


def month_number(name: str) -> int:
    """1 to 12. `name` is one that `MONTH` matches."""
    return _row(_MONTHS, name, "", None).index(name.casefold()) + 1


def month_name(number: int, like: str, language: str, *, short: bool | None = None) -> str:
    """The name of a month in the style of `like`. `short` decides for "May", which is both."""
    names = _row(_MONTHS, like, language, short if like.casefold() == "may" else None)
    return _cased(names[number - 1], like)


def weekday_number(name: str) -> int:
    """0 for Monday to 6. `name` is one that `WEEKDAY` matches."""
    return _row(_DAYS, name, "", None).index(name.casefold())


def weekday_name(number: int, like: str, language: str) -> str:
    """The name of a day of the week in the style of `like`."""
    return _cased(_row(_DAYS, like, language, None)[number], like)


def zh_number(text: str) -> int:
    """The value of a Chinese numeral: positional (二〇二四) or below 100 (二十四). Raises ValueError."""
    if "十" not in text:
        return int("".join(str(_digit(char)) for char in text))
    tens, _, ones = text.partition("十")
    if len(tens) > 1 or len(ones) > 1:
        raise ValueError("not a numeral below 100")
    return 10 * (_digit(tens) if tens else 1) + (_digit(ones) if ones else 0)


def zh_numeral(number: int) -> str:
    """1 to 99 as a Chinese numeral."""
    tens, ones = divmod(number, 10)
    head = "" if not tens else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return head + (_DIGITS[ones] if ones else "")


def zh_positional(digits: str, like: str) -> str:
    """Digits one by one, with the zero that `like` uses."""
    zero = next((char for char in like if char in _ZEROS), _ZEROS[0])
    return "".join(zero if digit == "0" else _DIGITS[int(digit)] for digit in digits)


def _digit(char: str) -> int:
    if char not in _VALUES:
        raise ValueError("not a numeral")
    return _VALUES[char]


def _row(
    styles: tuple[tuple[str, tuple[str, ...]], ...], name: str, language: str, short: bool | None
) -> list[str]:
    """The first style that has the name, the document's own language before others; case folded."""
    folded = name.casefold()
    rows = [(of, [word.casefold() for word in words]) for of, words in styles]
    fitting = [(of, words) for of, words in rows if folded in words]
    if short is not None:
        fitting = [row for row in fitting if (len(row[1][0]) == 3) is short]
    own = [words for of, words in fitting if of == language]
    return own[0] if own else fitting[0][1]


def _cased(word: str, like: str) -> str:
    if like.isupper():
        return word.upper()
    return word.lower() if like.islower() else word.capitalize()


def _pattern(styles: Iterable[tuple[str, tuple[str, ...]]]) -> str:
    words = {word.casefold() for _, row in styles for word in row}
    return "|".join(sorted(words, key=lambda word: (-len(word), word)))


MONTH = _pattern(_MONTHS)  # alternatives of a regular expression, to be matched without regard to case
WEEKDAY = _pattern(_DAYS)
