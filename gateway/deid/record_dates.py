"""The days of a record in a text, in every form: 2024-03-05, 3/5/24, 5 de marzo de 2024, 20240305, Mar 5.

Law: a date is read from the text's numbers and month names and compared with the record's days, in every
order of day and month, so odd separators cost nothing. Day and month without a year count too, unless what
stands around them says that they are a score or a fraction. Linear in the text.
May import: domain words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.deid.record_date_words import BEFORE, DATE_WORDS, LINKS, MONTH_OF, ROMAN, SCORE_WORDS
from gateway.deid.words import Words, fold
from gateway.domain.deid import IdentifierType, PatientRecord, Span

FULL, PARTIAL = 1.0, 0.85  # scores of a whole date, and of day and month or month and year
_JOINT = re.compile(r"\s{0,3}[-/.,_\\|:\u2010-\u2015\u2212\u5e74\u6708]?\s{0,3}")
_HAN_END = re.compile(r"\s?[\u65e5\u53f7]")
_BEFORE_GAP = re.compile(r"[.,]?[ \t\u00a0]{1,2}(?:\r?\n)?")


@dataclass(slots=True)
class DateIndex:
    """The days of a record by what a text may say of them; a year is written in four digits or in two."""

    whole: set[tuple[int, int, int]] = field(default_factory=set)  # the three numbers in the order written
    solid: set[str] = field(default_factory=set)  # six or eight digits
    days: set[tuple[int, int]] = field(default_factory=set)  # (month, day)
    months: set[tuple[int, int]] = field(default_factory=set)  # (year, month)
    dates: set[tuple[int, int, int]] = field(default_factory=set)  # (year, month, day)
    written: set[str] = field(default_factory=set)  # every number of these as digits
    names: frozenset[str] = frozenset()  # of the months


def date_index(record: PatientRecord) -> DateIndex:
    """The index of the day of birth and the other days of a record."""
    index = DateIndex()
    for day in dict.fromkeys((*((record.birth_date,) if record.birth_date else ()), *record.dates)):
        y, m, d = day.year, day.month, day.day
        index.dates.add((y, m, d))
        index.days.add((m, d))
        index.months.add((y, m))
        for year in (y, y % 100):
            index.whole.update(((year, m, d), (d, m, year), (m, d, year), (year, d, m)))
        for year_text in (f"{y:04}", f"{y % 100:02}"):
            index.solid.update(
                (f"{year_text}{m:02}{d:02}", f"{d:02}{m:02}{year_text}", f"{m:02}{d:02}{year_text}")
            )
    if record.birth_month:
        index.months.add(record.birth_month)
    for number in {number for numbers in (*index.whole, *index.months) for number in numbers}:
        index.written.update((f"{number}", f"{number:02}", f"{number:03}", f"{number:04}"))
    index.written |= index.solid
    wanted = {month for _, month in index.months}
    index.names = frozenset(name for name, month in MONTH_OF.items() if month in wanted)
    return index


def date_spans(index: DateIndex, words: Words) -> list[Span]:
    """The record's days in the text. Spans may overlap."""
    if not index.months:
        return []
    found = list(_numeric(index, words))
    found += _worded(index, words)
    return found


def _made(words: Words, first: int, last: int, score: float) -> Span:
    """With the weekday or the article before it, and the Chinese word for day behind it."""
    if first and words.folded[first - 1] in BEFORE and _BEFORE_GAP.fullmatch(words.gap(first - 1)):
        first -= 1
    end = words.ends[last]
    if (han := _HAN_END.match(words.text, end)) is not None:
        end = han.end()
    return Span(start=words.starts[first], end=end, type=IdentifierType.DATE, score=score, source="record")


def _numeric(index: DateIndex, words: Words) -> Iterator[Span]:
    """Dates of digits alone, and of two numbers around a Roman month."""
    folded = words.folded
    for at in words.numbers:
        word = folded[at]
        if word not in index.written:
            continue
        if len(word) in (6, 8):
            if word in index.solid:
                yield _made(words, at, at, FULL)
            continue
        if len(word) > 4 or at + 1 >= len(folded):
            continue
        if at + 2 < len(folded) and _whole(index, words, at):
            yield _made(words, at, at + 2, FULL)
        elif _pair(index, words, at):
            yield _made(words, at, at + 1, PARTIAL)


def _whole(index: DateIndex, words: Words, at: int) -> bool:
    one, two, three = words.folded[at : at + 3]
    middle = ROMAN.get(two) if not two.isdigit() else int(two) if len(two) <= 4 else None
    if middle is None or not three.isdigit() or len(three) > 4:
        return False
    if (int(one), middle, int(three)) not in index.whole:
        return False
    left, right = words.gap(at), words.gap(at + 1)
    if not (left and right and _JOINT.fullmatch(left) and _JOINT.fullmatch(right)):
        return False
    return left.strip() == right.strip() or left.strip() == "\u5e74"


def _pair(index: DateIndex, words: Words, at: int) -> bool:
    """Day and month, month and year, year and month, of two numbers that nothing else is joined to."""
    one, two = words.folded[at : at + 2]
    gap = words.gap(at)
    if not two.isdigit() or len(two) > 4 or _joined_further(words, at):
        return False
    a, b = int(one), int(two)
    if len(one) == 4 or len(two) == 4:
        year_month = (a, b) if len(one) == 4 else (b, a)
        return gap.strip() in ("/", "-", ".", "\u5e74") and bool(gap.strip()) and year_month in index.months
    if (a, b) not in index.days and (b, a) not in index.days:
        return False
    if gap == "\u6708":
        return True
    return (gap == "/" or (gap == "-" and len(one) == len(two) == 2)) and not _score(words, at, b)


def _joined_further(words: Words, at: int) -> bool:
    """Whether another number is joined before or behind, as in 120/80/5 or 3/5.5."""
    return _joined_at(words, at - 1, at - 2) or _joined_at(words, at + 1, at + 2)


def _joined_at(words: Words, gap_at: int, pair_at: int) -> bool:
    """Whether two numbers are joined at a gap; a hyphen before or after another day is "until"."""
    if gap_at < 0 or gap_at + 1 >= len(words.folded):
        return False
    if not (words.folded[gap_at].isdigit() and words.folded[gap_at + 1].isdigit()):
        return False
    gap = words.gap(gap_at)
    until = gap == "-" and pair_at >= 0 and words.gap(pair_at) == "/"
    return gap in ("/", "-", ".", ",") and not until


def _score(words: Words, at: int, of: int) -> bool:
    """Whether two numbers are rather "3/5 strength" or "pain 5/10" than a day."""
    around = words.folded[max(0, at - 3) : at] + words.folded[at + 2 : at + 4]
    if any(word in SCORE_WORDS for word in around):
        return True
    before = words.folded[at - 1] if at else ""
    return of in (2, 3, 4, 5, 6, 10) and before not in DATE_WORDS and not words.folded[at].startswith("0")


def _worded(index: DateIndex, words: Words) -> Iterator[Span]:
    """Dates with the name of a month."""
    if index.names.isdisjoint(words.seen):
        return
    for at in [at for at, word in enumerate(words.folded) if word in index.names]:
        month = MONTH_OF[words.folded[at]]
        before, after = _number_before(words, at), _number_after(words, at)
        span = _around(index, words, at, month, before, after)
        if span is not None:
            yield span


def _around(
    index: DateIndex, words: Words, at: int, month: int, before: int | None, after: int | None
) -> Span | None:
    """The date around the month at a word, where the record has it."""
    if before is not None and (month, _day(words, before)) in index.days:
        return _with_year(index, words, month, before, before, after if after is not None else at)
    if after is None or (before is not None and words.ends[before] + 1 == words.starts[at]):
        return None
    if (month, _day(words, after)) in index.days:
        year = _number_after(words, after)
        return _with_year(
            index, words, month, after, at, year if year is not None else _end_of_day(words, after)
        )
    if len(words.folded[after]) == 4 and (int(words.folded[after]), month) in index.months:
        return _made(words, at, after, PARTIAL)
    return None


def _with_year(index: DateIndex, words: Words, month: int, day_at: int, first: int, last: int) -> Span | None:
    """Day and month, and the year where the last word is one; another year is another day."""
    day, text = _day(words, day_at), words.folded[last]
    first = min(first, day_at)
    if not text.isdigit() or last == day_at:
        return _made(words, first, last, PARTIAL)
    if len(text) not in (2, 4):
        return _made(words, first, _previous(words, last), PARTIAL)
    years = {y for y, m, d in index.dates if (m, d) == (month, day)}
    if int(text) in years or (len(text) == 2 and int(text) in {y % 100 for y in years}):
        return _made(words, first, last, FULL)
    return None if len(text) == 4 else _made(words, first, _previous(words, last), PARTIAL)


def _previous(words: Words, at: int) -> int:
    """The word before a number, without the links between."""
    at -= 1
    while words.folded[at] in LINKS - {"st", "nd", "rd", "th"}:
        at -= 1
    return at


def _end_of_day(words: Words, at: int) -> int:
    """With the letters of an ordinal: 5th."""
    ordinal = at + 1 < len(words.folded) and words.folded[at + 1] in ("st", "nd", "rd", "th")
    return at + 1 if ordinal and words.gap(at) == "" else at


def _day(words: Words, at: int) -> int:
    text = words.folded[at]
    return int(text) if len(text) <= 2 else 0


def _number_before(words: Words, at: int) -> int | None:
    """The number of at most two digits before a word, over links such as "th of"."""
    for step in range(1, 4):
        if at - step < 0 or not _near(words, at - step):
            return None
        word = words.folded[at - step]
        if word.isdigit():
            return at - step if len(word) <= 2 else None
        if word not in LINKS:
            return None
    return None


def _number_after(words: Words, at: int) -> int | None:
    """The number of at most four digits behind a word, over links such as "th," and "de"."""
    for step in range(1, 4):
        if at + step >= len(words.folded) or not _near(words, at + step - 1):
            return None
        word = words.folded[at + step]
        if word.isdigit():
            return at + step if len(word) <= 4 and not _begins_another(words, at + step) else None
        if word not in LINKS:
            return None
    return None


def _begins_another(words: Words, at: int) -> bool:
    """Whether a year begins a date of its own, as in "Mar 5, 2024-03-06"."""
    return len(words.folded[at]) == 4 and words.gap(at) in ("-", "/", ".") and words.folded[at + 1].isdigit()


def _near(words: Words, at: int) -> bool:
    """Whether little stands between a word and the next one."""
    gap = words.gap(at)
    return len(gap) <= 4 and not any(char.isalnum() for char in fold(gap)) and gap.count("\n") <= 1
