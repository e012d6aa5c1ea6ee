"""What was found once in a document is found everywhere in it.

Law: linear in the text. A whole phrase (two words or more, or a code) is carried in any case; a single word
of a name only where it is long, no ordinary word, sure enough, and written with the same capitals or in
capitals throughout. What is covered already is left alone.
May import: domain words.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

from gateway.deid.clinical_words import EPONYMS
from gateway.deid.common_words import ordinary
from gateway.deid.record_numbers import code_index, number_spans
from gateway.deid.record_words import PARTICLES, TITLES
from gateway.deid.words import Words, has_cjk, words_of
from gateway.domain.deid import IdentifierType as T
from gateway.domain.deid import Span

SURE_ENOUGH = 0.6  # score below which no single word of a name is carried
SHORTEST_NAME = 4  # letters of a single word of a name
SHORTEST_CODE = 6  # letters and digits of a number or code
CARRIED = 0.9  # a carried span's score is at most this share of its origin's
_LONGEST_PHRASE = 12  # words
_LONGEST_CJK = 12  # characters
_Key = TypeVar("_Key")
_PHRASES = frozenset({T.NAME, T.ORGANIZATION, T.STREET})
_LITERAL = _PHRASES | {T.EMAIL, T.URL}
_NOT_CARRIED = frozenset({T.DATE, T.AGE, T.LOCATION, T.ZIP})
_LONGEST_CODE = 64  # letters and digits
_LITTLE = 4  # characters that may stand between two words of a phrase


@dataclass(slots=True)
class _Wanted:
    """Phrases by their first word, codes, single words by their writing, rows of characters by length."""

    phrases: dict[str, dict[tuple[str, ...], tuple[T, float]]] = field(default_factory=dict)
    codes: dict[str, tuple[T, float]] = field(default_factory=dict)
    singles: dict[str, tuple[T, float]] = field(default_factory=dict)
    rows: dict[int, dict[str, tuple[T, float]]] = field(default_factory=dict)


def propagated(text: str, spans: Iterable[Span]) -> list[Span]:
    """The spans given, sorted, and with them (source "propagated") the other places of what they cover."""
    given = sorted(set(spans), key=lambda span: (span.start, span.end, span.type, span.score, span.source))
    if not given:
        return []
    words = words_of(text)
    wanted = _wanted(words, given)
    covered = _union(given)
    found = [*_phrases(words, wanted), *_codes(words, wanted), *_singles(words, wanted), *_rows(text, wanted)]
    fresh = {span for span in found if not _within(covered, span)}
    return sorted(
        {*given, *fresh}, key=lambda span: (span.start, span.end, span.type, span.score, span.source)
    )


def _wanted(words: Words, spans: list[Span]) -> _Wanted:
    wanted = _Wanted()
    for span in spans:
        if not 0 <= span.start < span.end <= len(words.text):
            continue
        if has_cjk(words.text[span.start : span.end]):
            _want_row(wanted, words.text[span.start : span.end], span)
            continue
        first, last = bisect_left(words.starts, span.start), bisect_left(words.starts, span.end)
        _want_whole(wanted, tuple(words.folded[first:last]), span)
        if span.type is T.NAME and span.score >= SURE_ENOUGH and last - first <= _LONGEST_PHRASE:
            for at in range(first, last):
                if _carried_alone(words, at):
                    _keep(wanted.singles, words.raw(at), span)
    return wanted


def _want_row(wanted: _Wanted, written: str, span: Span) -> None:
    if 2 <= len(written) <= _LONGEST_CJK and span.type in _PHRASES:
        _keep(wanted.rows.setdefault(len(written), {}), written, span)


def _want_whole(wanted: _Wanted, phrase: tuple[str, ...], span: Span) -> None:
    if not 0 < len(phrase) <= _LONGEST_PHRASE or not _carried_whole(phrase, span.type):
        return
    if span.type in _LITERAL:
        _keep(wanted.phrases.setdefault(phrase[0], {}), phrase, span)
    else:
        _keep(wanted.codes, "".join(phrase), span)


def _keep(known: dict[_Key, tuple[T, float]], key: _Key, span: Span) -> None:
    """The surest origin of each key."""
    if key not in known or (-span.score, span.type) < (-known[key][1], known[key][0]):
        known[key] = span.type, span.score


def _carried_whole(phrase: tuple[str, ...], kind: T) -> bool:
    """A phrase of several words that are not all ordinary, an address, or a code that is long enough."""
    size = sum(map(len, phrase))
    if kind in _PHRASES:
        return len(phrase) > 1 and size >= SHORTEST_CODE and any(not ordinary(word) for word in phrase)
    if kind in _LITERAL:
        return size >= SHORTEST_CODE
    digits = any(word.isdigit() for word in phrase)
    return kind not in _NOT_CARRIED and SHORTEST_CODE <= size <= _LONGEST_CODE and digits


def _carried_alone(words: Words, at: int) -> bool:
    word = words.folded[at]
    if len(word) < SHORTEST_NAME or not words.capital(at):
        return False
    return not (ordinary(word) or word in EPONYMS or word in TITLES or word in PARTICLES)


def _phrases(words: Words, wanted: _Wanted) -> Iterator[Span]:
    """The longest phrase at each word; the next one begins behind it."""
    folded = words.folded
    lengths = {word: sorted(set(map(len, known)), reverse=True) for word, known in wanted.phrases.items()}
    behind = 0
    for first, word in enumerate(folded):
        if first < behind or word not in lengths:
            continue
        for length in lengths[word]:
            last = first + length - 1
            origin = wanted.phrases[word].get(tuple(folded[first : last + 1])) if last < len(folded) else None
            if origin and _one_phrase(words, first, last):
                yield _made(words.starts[first], words.ends[last], *origin)
                behind = last + 1
                break


def _one_phrase(words: Words, first: int, last: int) -> bool:
    """Whether little stands between the words, and no number or word goes on at either end."""
    for at in range(first, last):
        gap = words.gap(at)
        if len(gap) > _LITTLE or any(char.isalnum() for char in gap):
            return False
    before = first == 0 or words.gap(first - 1) != ""
    after = last + 1 >= len(words.folded) or words.gap(last) != ""
    return before and after


def _codes(words: Words, wanted: _Wanted) -> Iterator[Span]:
    """Numbers and codes in any punctuation; a type's score is that of its surest code."""
    if not wanted.codes:
        return
    scores: dict[T, float] = {}
    for kind, score in wanted.codes.values():
        scores[kind] = max(score, scores.get(kind, 0.0))
    index = code_index({code: kind for code, (kind, _) in wanted.codes.items()})
    for span in number_spans(index, words):
        yield replace(span, score=scores[span.type] * CARRIED, source="propagated")


def _singles(words: Words, wanted: _Wanted) -> Iterator[Span]:
    if not wanted.singles:
        return
    shouted: dict[str, tuple[T, float]] = {}
    for written, origin in sorted(wanted.singles.items()):
        shouted.setdefault(written.upper(), origin)
    for at in range(len(words.starts)):
        written = words.raw(at)
        single = wanted.singles.get(written) or shouted.get(written)
        if single:
            yield _made(words.starts[at], words.ends[at], *single)


def _rows(text: str, wanted: _Wanted) -> Iterator[Span]:
    """Chinese, Japanese or Korean phrases wherever the same characters stand, the longest first."""
    if not wanted.rows:
        return
    firsts = {row[0] for rows in wanted.rows.values() for row in rows}
    longest_first = sorted(wanted.rows.items(), reverse=True)
    behind = 0
    for start in [at for at, char in enumerate(text) if char in firsts]:
        for length, rows in longest_first if start >= behind else ():
            origin = rows.get(text[start : start + length])
            if origin:
                yield _made(start, start + length, *origin)
                behind = start + length
                break


def _made(start: int, end: int, kind: T, score: float) -> Span:
    return Span(start=start, end=end, type=kind, score=score * CARRIED, source="propagated")


def _union(spans: list[Span]) -> tuple[list[int], list[int]]:
    """Starts and ends of the stretches that sorted spans cover, touching ones joined."""
    starts: list[int] = []
    ends: list[int] = []
    for span in spans:
        if ends and span.start <= ends[-1]:
            ends[-1] = max(ends[-1], span.end)
        else:
            starts.append(span.start)
            ends.append(span.end)
    return starts, ends


def _within(covered: tuple[list[int], list[int]], span: Span) -> bool:
    starts, ends = covered
    at = bisect_left(starts, span.start + 1) - 1
    return at >= 0 and span.end <= ends[at]
