"""The numbers and codes of a record in a text: phones, identifiers, postal codes, in any punctuation.

Law: digits and letters are compared, what stands between them is not; a match begins and ends with a whole
run of digits or letters. Leading zeros may be missing. Long numbers (eight digits or more) may have one
typing error. Linear in the text.
May import: domain words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from gateway.deid.words import Words, fold
from gateway.domain.deid import Identifier, IdentifierType, PatientRecord, Span

SURE, MISTYPED, BY_LABEL = 1.0, 0.85, 0.9  # scores
SHORTEST = 4  # characters of a code that may stand alone
SHORTEST_PHONE = 7
SHORTEST_MISTYPED = 8
_MOST_RUNS = 40  # of digits or letters in one code: a UUID has up to 32
_MOST_GROUPS = 9  # of digits in a number that may be mistyped
_EXTENSION = re.compile(r"[ ,;]{0,3}(?:ext(?:ension|n)?|x|#)[.: ]{0,3}\d{1,6}(?!\d)", re.IGNORECASE)
_GAP = re.compile(
    r"[ \t\u00a0]{0,3}[-./()_#\u2010-\u2015\u2212\u00b7]{0,2}[ \t\u00a0(]{0,3}(?:[-\u2010]?\r?\n[ \t]{0,4})?"
)
_COUNTRY = re.compile(r"(?:\+|00)[ ]?\d{1,3}[\s().-]{0,3}(?:\(0\)[ .-]?)?\Z|(?<![\d-])(?:1|0)[ ().-]{1,2}\Z")
_LAST_FOUR = re.compile(
    r"(?:last[ -]*(?:4|four)|end(?:ing|s)[ ]+(?:in|with)|ssn|social|[x*#]{2,}[- ]?)[^\w\n]{0,4}"
    r"(?:(?:of|digits?|ssn|is|are|in|the|social|#)[^\w\n]{1,3}){0,4}\Z",
    re.IGNORECASE,
)
_PLUS_FOUR = re.compile(r"-\d{4}(?!\d)")
_PHONE_CUT = re.compile(r"(?:ext|x|;)", re.IGNORECASE)


@dataclass(slots=True)
class NumberIndex:
    """Type by folded code without punctuation; every beginning of a code, to know when to read on."""

    codes: dict[str, IdentifierType] = field(default_factory=dict)
    phones: set[str] = field(default_factory=set)  # those of `codes` that are national numbers
    local: set[str] = field(default_factory=set)  # seven digits, as 3 and 4
    beginnings: set[str] = field(default_factory=set)
    mistyped: dict[int, list[str]] = field(default_factory=dict)  # codes of digits by length
    last_four: set[str] = field(default_factory=set)


def number_index(record: PatientRecord) -> NumberIndex:
    """The index of a record's phones, identifiers and postal codes."""
    index = NumberIndex()
    for address in record.addresses:
        _add_postal(index, address.postal_code)
    for phone in record.phones:
        _add_phone(index, phone, IdentifierType.PHONE)
    for identifier in record.identifiers:
        if identifier.type in (IdentifierType.FAX, IdentifierType.PHONE):
            _add_phone(index, identifier.value, identifier.type)
        else:
            _add_identifier(index, identifier)
    _close(index)
    for code in index.codes:
        if len(code) >= SHORTEST_MISTYPED and code.isdigit():
            index.mistyped.setdefault(len(code), []).append(code)
    return index


def code_index(codes: Mapping[str, IdentifierType]) -> NumberIndex:
    """An index of codes as `code_of` gives them, without typing errors."""
    index = NumberIndex(codes=dict(codes))
    index.phones = {
        code for code, kind in codes.items() if kind in (IdentifierType.PHONE, IdentifierType.FAX)
    }
    _close(index)
    return index


def _close(index: NumberIndex) -> None:
    for code in index.codes:
        index.beginnings.update(code[:size] for size in range(1, len(code) + 1))


def code_of(text: str) -> str:
    """Letters and digits alone, folded."""
    return "".join(char for char in fold(text) if char.isalnum())


def _add_postal(index: NumberIndex, text: str) -> None:
    code = code_of(text)
    if len(code) >= 5:
        index.codes.setdefault(code, IdentifierType.ZIP)
        if code.isdigit() and len(code) == 9:
            index.codes.setdefault(code[:5], IdentifierType.ZIP)


def _add_phone(index: NumberIndex, text: str, kind: IdentifierType) -> None:
    """A phone as written and without its country code; a country code has one to three digits."""
    cut = _PHONE_CUT.search(text)
    digits = "".join(char for char in fold(text[: cut.start()] if cut else text) if char.isdigit())
    national = {digits, digits.lstrip("0")}
    if text.lstrip().startswith(("+", "00")):
        plain = digits.removeprefix("00")
        national.update(plain[size:].lstrip("0") for size in (1, 2, 3) if len(plain) - size >= 8)
    elif len(digits) == 11 and digits[0] == "1":
        national.add(digits[1:])
    for number in national:
        if len(number) >= SHORTEST_PHONE:
            index.codes.setdefault(number, kind)
            index.phones.add(number)
            index.codes.setdefault("0" + number, kind)
        if len(number) == 10:
            index.codes.setdefault("1" + number, kind)
            index.local.add(number[3:])
            index.codes.setdefault(number[3:], kind)


def _add_identifier(index: NumberIndex, identifier: Identifier) -> None:
    code = code_of(identifier.value)
    for spelling in (code, code.lstrip("0")):
        if len(spelling) >= SHORTEST and any(char.isdigit() for char in spelling):
            index.codes.setdefault(spelling, identifier.type)
    if identifier.type is IdentifierType.SSN and len(code) == 9:
        index.last_four.add(code[-4:])


def number_spans(index: NumberIndex, words: Words) -> list[Span]:
    """The record's numbers in the text, in no order."""
    if not index.codes:
        return []
    found = list(_exact(index, words))
    if index.mistyped:
        found += _with_typing_errors(index, words)
    return found


def _exact(index: NumberIndex, words: Words) -> Iterator[Span]:
    """The longest code at each run, and numbers that need a second look."""
    for first, code in _candidates(index, words):
        longest = _longest(index, words, first, code)
        if longest:
            yield _made(index, words, first, *longest)
    for at in words.numbers:
        word = words.folded[at]
        if word in index.last_four and (span := _by_label(words, at)):
            yield span
        if 8 < len(word) < 16 and (span := _abroad(index, words, at)):
            yield span


def _candidates(index: NumberIndex, words: Words) -> Iterator[tuple[int, str]]:
    """Runs that a code begins with, without leading zeros where the code has none."""
    beginnings, folded = index.beginnings, words.folded
    if not beginnings.isdisjoint(words.seen):
        yield from ((at, word) for at, word in enumerate(folded) if word in beginnings)
    for at in words.numbers:
        word = folded[at]
        if word[0] == "0" and (bare := word.lstrip("0")) in beginnings:
            yield at, bare


def _longest(index: NumberIndex, words: Words, first: int, code: str) -> tuple[int, str] | None:
    """The last run of the longest code that begins at a run, with the code."""
    if not _begins_whole(words, first):
        return None
    best = None
    last = first
    while True:
        if code in index.codes and _ends_whole(words, last) and _well_formed(index, words, first, last, code):
            best = last, code
        if last + 1 >= len(words.folded) or last - first >= _MOST_RUNS or not _GAP.fullmatch(words.gap(last)):
            return best
        last += 1
        code += words.folded[last]
        if code not in index.beginnings:
            return best


def _begins_whole(words: Words, first: int) -> bool:
    """Not in the middle of a number with a decimal point; letters before digits are a label."""
    if first == 0 or words.gap(first - 1) != "":
        return True
    return not words.folded[first - 1].isdigit()


def _ends_whole(words: Words, last: int) -> bool:
    return last + 1 >= len(words.folded) or words.gap(last) != "" or len(words.folded[last]) >= 6


def _well_formed(index: NumberIndex, words: Words, first: int, last: int, code: str) -> bool:
    """A local phone number is written 3 and 4; a short code is one run, or joined by hyphens."""
    if code in index.local:
        return last == first or [len(words.folded[at]) for at in range(first, last + 1)] == [3, 4]
    if last == first:
        return True
    if last == first + 1 and words.gap(first) == "." and code not in index.phones:
        return False  # a decimal point
    if len(code) >= 6:
        return True
    return all(words.gap(at) in ("", "-") for at in range(first, last)) or any(
        char.isalpha() for char in code
    )


def _made(index: NumberIndex, words: Words, first: int, last: int, code: str) -> Span:
    start, end = words.starts[first], words.ends[last]
    kind = index.codes[code]
    if kind in (IdentifierType.PHONE, IdentifierType.FAX):
        start, end = _whole_phone(words.text, start, end)
    elif kind is IdentifierType.ZIP and _PLUS_FOUR.match(words.text, end):
        end += 5
    return Span(start=start, end=end, type=kind, score=SURE, source="record")


def _whole_phone(text: str, start: int, end: int) -> tuple[int, int]:
    """With the country code and the opening bracket before, and the extension behind."""
    head = max(0, start - 12)
    while start > head and text[start - 1] in "(+":
        start -= 1
    if (country := _COUNTRY.search(text[head:start])) is not None:
        start = head + country.start()
    if (extension := _EXTENSION.match(text, end)) is not None:
        end = extension.end()
    return start, end


def _abroad(index: NumberIndex, words: Words, at: int) -> Span | None:
    """A phone number in one run with a country code before it: +44791..., 0044791..."""
    word, start = words.folded[at], words.starts[at]
    if words.text[start - 1 : start] != "+" and not word.startswith("00"):
        return None
    digits = word.removeprefix("00")
    for size in (1, 2, 3):
        if digits[size:] in index.phones:
            return _made(index, words, at, at, digits[size:])
    return None


def _by_label(words: Words, at: int) -> Span | None:
    """The last four digits of a social security number behind words that say so."""
    start = words.starts[at]
    if not _LAST_FOUR.search(words.text[max(0, start - 40) : start]):
        return None
    return Span(start=start, end=words.ends[at], type=IdentifierType.SSN, score=BY_LABEL, source="record")


def _with_typing_errors(index: NumberIndex, words: Words) -> Iterator[Span]:
    """Long numbers with one digit wrong or two swapped; a whole chain of digits is compared."""
    sizes = index.mistyped
    for first, last in _chains(words):
        digits = "".join(words.folded[first : last + 1])
        if len(digits) not in sizes or digits in index.codes:
            continue
        for code in sizes[len(digits)]:
            if _one_slip(digits, code):
                yield _made_mistyped(index, words, first, last, code)
                break


def _made_mistyped(index: NumberIndex, words: Words, first: int, last: int, code: str) -> Span:
    span = _made(index, words, first, last, code)
    return Span(start=span.start, end=span.end, type=span.type, score=MISTYPED, source="record")


def _one_slip(one: str, other: str) -> bool:
    differing = [at for at in range(len(one)) if one[at] != other[at]]
    if len(differing) == 2:
        a, b = differing
        return b == a + 1 and one[a] == other[b] and one[b] == other[a]
    return len(differing) == 1


def _chains(words: Words) -> Iterable[tuple[int, int]]:
    """Runs of digits joined by single punctuation: first and last run of each chain, short chains only."""
    digits = words.numbers
    begin = 0
    while begin < len(digits):
        end = begin
        while end + 1 < len(digits) and digits[end + 1] == digits[end] + 1 and _joined(words, digits[end]):
            end += 1
        if end - begin <= _MOST_GROUPS:
            yield digits[begin], digits[end]
            if end > begin:
                yield from ((digits[at], digits[at]) for at in range(begin, end + 1))
        begin = end + 1


def _joined(words: Words, at: int) -> bool:
    gap = words.gap(at)
    return len(gap) <= 2 and all(char in "-./() \u2010\u2011\u2012\u2013" for char in gap)
