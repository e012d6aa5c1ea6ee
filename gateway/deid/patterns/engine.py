"""One pass over a text: its words, numbers and codes wake the rules that could match there.

Law: linear in the text's length (see rules.py); a known non-identifier vetoes weaker matches that touch it.
Imports: domain, rules.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence

from gateway.deid.patterns.rules import WINDOW, Family, Rule, Scan
from gateway.domain.deid import IdentifierType, Span

_TOKEN = re.compile(r"[0-9]+|[^\W\d_]+")

_MOST_LETTERS = 12
_MOST_DIGITS = 40
_NESTED = 6

Found = tuple[int, int, IdentifierType | None, float]


class Engine:
    """Families of rules as one table. Of a text it keeps which signs follow numbers, no more."""

    def __init__(self, families: Iterable[Family]) -> None:
        words: dict[str, tuple[Rule, ...]] = {}
        numbers: list[Rule] = []
        codes: list[Rule] = []
        scans: list[Scan] = []
        for family in families:
            for word, rules in family.words.items():
                words[word] = (*words.get(word, ()), *rules)
            numbers += family.numbers
            codes += family.codes
            scans += family.scans
        self._words, self._numbers, self._codes, self._scans = (
            words,
            tuple(numbers),
            tuple(codes),
            tuple(scans),
        )
        self._fitting: dict[tuple[int, str], tuple[Rule, ...]] = {}

    def spans(self, text: str) -> list[Span]:
        """Spans in order of their start; one lies within another only where it is believed more."""
        found: list[Found] = []
        self._tokens(text, found)
        for scan in self._scans:
            if scan.needs(text):
                for match in scan.rule.pattern.finditer(text):
                    _add(scan.rule, match, found)
        return [Span(start=s, end=e, type=t, score=p, source="pattern") for s, e, t, p in _settled(found)]

    def _tokens(self, text: str, found: list[Found]) -> None:
        words, codes = self._words, self._codes
        starts: list[int] = []
        for token in _TOKEN.finditer(text):
            start, end = token.span()
            starts.append(start)
            word = token[0]
            if word[0] > "9":
                rules = words.get(word.lower())
                if rules:
                    _try(rules, text, start, end, found, starts)
                continue
            joined = start > 1 and text[start - 1] == "-"
            code = _letters_before(text, start - joined)
            if code < start - joined:
                _try(codes, text, code, end, found)
            if joined or code == start:
                _try(self._fit(end - start, text[end : end + 1]), text, start, end, found)

    def _fit(self, digits: int, sign: str) -> tuple[Rule, ...]:
        """The rules for a number of so many digits before a sign."""
        key = min(digits, _MOST_DIGITS), sign if sign.isascii() else "*"
        rules = self._fitting.get(key)
        if rules is None:
            rules = tuple(rule for rule in self._numbers if _fits(rule, *key))
            self._fitting[key] = rules
        return rules


def _fits(rule: Rule, digits: int, sign: str) -> bool:
    least, most = rule.digits
    return least <= digits <= most and (not rule.then or (bool(sign) and sign in rule.then))


def _letters_before(text: str, place: int) -> int:
    """Where the ASCII letters that end at a place begin, a bounded way back; the place if there are none."""
    least = max(0, place - _MOST_LETTERS)
    while place > least and text[place - 1].isascii() and text[place - 1].isalpha():
        place -= 1
    return place


def _try(
    rules: Sequence[Rule], text: str, start: int, end: int, found: list[Found], starts: Sequence[int] = ()
) -> None:
    for rule in rules:
        pattern = rule.pattern
        match = (
            _behind(pattern, text, end, starts[-rule.words :]) if rule.behind else pattern.match(text, start)
        )
        if match is not None:
            _add(rule, match, found)


def _behind(pattern: re.Pattern[str], text: str, end: int, starts: Sequence[int]) -> re.Match[str] | None:
    """The longest match that ends at a place and begins with one of the last words."""
    for start in starts:
        if start >= end - WINDOW:
            match = pattern.match(text, start, end)
            if match is not None:
                return match
    return None


def _add(rule: Rule, match: re.Match[str], found: list[Found]) -> None:
    if rule.check is not None and not rule.check(match):
        return
    for index, kind in rule.groups:
        start, end = match.span(index)
        if start < 0:
            continue
        while rule.lead and start and match.string[start - 1] in rule.lead:
            start -= 1
        if rule.tail is not None and index == rule.groups[-1][0]:
            more = rule.tail.match(match.string, end)
            end = more.end() if more else end
        if rule.cut is not None:
            start, end = rule.cut(match.string, start, end)
        if start < end:
            found.append((start, end, kind, rule.score))


def _settled(found: list[Found]) -> list[tuple[int, int, IdentifierType, float]]:
    """Without vetoed matches and without those within one as long that is believed as much."""
    vetoes = [(start, end, score) for start, end, kind, score in found if kind is None]
    spans = [(s, e, t, p) for s, e, t, p in found if t is not None]
    if vetoes:
        vetoes.sort()
        spans = [span for span in spans if not _vetoed(span, vetoes)]
    spans.sort(key=lambda span: (span[0], -span[1], -span[3]))
    settled: list[tuple[int, int, IdentifierType, float]] = []
    for span in spans:
        if not any(end >= span[1] and score >= span[3] for _, end, _, score in settled[-_NESTED:]):
            settled.append(span)
    return settled


def _vetoed(span: tuple[int, int, IdentifierType, float], vetoes: list[tuple[int, int, float]]) -> bool:
    start, end, _, score = span
    at = bisect_left(vetoes, (end, 0, 0.0))
    while at and vetoes[at - 1][0] > start - WINDOW:
        at -= 1
        if vetoes[at][1] > start and score < vetoes[at][2]:
            return True
    return False
