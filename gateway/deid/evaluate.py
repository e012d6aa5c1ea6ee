"""How well identifiers were found: recall, over-redaction and leaks against gold spans, with intervals.

Law: pure, and always the same for the same documents. What counts are letters and digits: a blank between two
names tells nobody anything. Recall is of the characters of gold spans that any found span covers, whatever
its type; over-redaction is the share of the other characters that were covered. No text is kept.
Imports: the standard library, domain words, bootstrap.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import accumulate

from gateway.deid.bootstrap import RESAMPLES, Bootstrap, Count, Share
from gateway.domain.deid import DIRECT, IdentifierType, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A document's gold spans and what was found; `found` is None where the document was withheld."""

    text: str
    gold: Sequence[Span]
    found: Sequence[Span] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeScores:
    """The scores of one type, or of all. A span is found by one of the same type, a character by any."""

    recall: Share  # characters of gold spans of the type that are covered
    over: Share  # characters outside of all gold spans that found spans of the type cover
    exact_recall: Share  # gold spans that were found with the same ends
    exact_precision: Share  # found spans that are gold spans with the same ends
    overlap_recall: Share  # gold spans that a found span overlaps
    overlap_precision: Share  # found spans that a gold span overlaps


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """The scores of a set. Withheld documents are counted, and are in no share."""

    documents: int
    withheld: int
    overall: TypeScores
    by_type: Mapping[IdentifierType, TypeScores]  # of the types that are in the gold spans or were found
    leaked: Share  # documents in which a letter or digit of a direct identifier is uncovered
    clean_touched: Share  # documents that identify nobody and in which something was covered


_MEASURES = tuple(each.name for each in fields(TypeScores))
_KINDS: tuple[IdentifierType | None, ...] = (None, *IdentifierType)  # None is all of them
_LEAKED, _CLEAN = "leaked", "clean_touched"
Counts = dict[Hashable, Count]


class Evaluation:
    """Scores that grow with each document. Time is linear in a text, and n log n in its spans."""

    def __init__(self, *, resamples: int = RESAMPLES) -> None:
        keys = [(measure, kind) for measure in _MEASURES for kind in _KINDS]
        self._bootstrap = Bootstrap([*keys, _LEAKED, _CLEAN], resamples=resamples)
        self._kinds: set[IdentifierType] = set()
        self._withheld = 0

    def add(self, pair: Pair) -> None:
        """Count a document, whose spans lie within its text."""
        if pair.found is None:
            self._withheld += 1
            return
        self._kinds |= {span.type for span in (*pair.gold, *pair.found)}
        self._bootstrap.add(_counts(pair.text, pair.gold, pair.found))

    def scores(self) -> Scores:
        """The scores of what was added."""
        shares = self._bootstrap.shares()
        by_kind = {
            kind: TypeScores(**{measure: shares[measure, kind] for measure in _MEASURES}) for kind in _KINDS
        }
        return Scores(
            documents=self._bootstrap.documents + self._withheld,
            withheld=self._withheld,
            overall=by_kind[None],
            by_type={kind: by_kind[kind] for kind in IdentifierType if kind in self._kinds},
            leaked=shares[_LEAKED],
            clean_touched=shares[_CLEAN],
        )


def evaluate(pairs: Iterable[Pair], *, resamples: int = RESAMPLES) -> Scores:
    """The scores of so many documents."""
    evaluation = Evaluation(resamples=resamples)
    for pair in pairs:
        evaluation.add(pair)
    return evaluation.scores()


def _counts(text: str, gold: Sequence[Span], found: Sequence[Span]) -> Counts:
    """The counts of one document, by measure and type."""
    signs = bytes(map(str.isalnum, text))
    labelled, covered = _mask(len(text), gold), _mask(len(text), found)
    counts = _over(signs, labelled, covered, found)
    counts |= _agreement("recall", gold, found)
    counts |= _agreement("precision", found, gold)
    here = [0, *accumulate(signs)]
    seen = [0, *accumulate(a & b for a, b in zip(signs, covered, strict=True))]
    parts, wholes = Counter[IdentifierType | None](), Counter[IdentifierType | None]()
    leaked = False
    for span in gold:
        part, whole = seen[span.end] - seen[span.start], here[span.end] - here[span.start]
        leaked |= span.type in DIRECT and part < whole
        for kind in (None, span.type):
            parts[kind] += part
            wholes[kind] += whole
    counts |= {("recall", kind): (parts[kind], whole) for kind, whole in wholes.items()}
    counts[_LEAKED] = (int(leaked), 1)
    if not gold:
        counts[_CLEAN] = (int(any(a & b for a, b in zip(signs, covered, strict=True))), 1)
    return counts


def _over(signs: bytes, labelled: bytearray, covered: bytearray, found: Sequence[Span]) -> Counts:
    """Characters that identify nobody: how many were covered, in all and by spans of each type."""
    harmless = bytes(sign & (1 - label) for sign, label in zip(signs, labelled, strict=True))
    whole = sum(harmless)
    before = [0, *accumulate(harmless)]
    parts = Counter[IdentifierType]()
    for span in found:
        parts[span.type] += before[span.end] - before[span.start]
    counts: Counts = {("over", kind): (parts[kind], whole) for kind in IdentifierType}
    touched = sum(a & b for a, b in zip(harmless, covered, strict=True))
    return {**counts, ("over", None): (touched, whole)}


def _agreement(side: str, spans: Sequence[Span], others: Sequence[Span]) -> Counts:
    """Of the spans, how many are among the others, type and all: with the same ends, and overlapping."""
    same = {(span.start, span.end, span.type) for span in others}
    joined = _joined(others)
    wholes, exact, overlap = (Counter[IdentifierType | None]() for _ in range(3))
    for span in spans:
        for kind in (None, span.type):
            wholes[kind] += 1
            exact[kind] += (span.start, span.end, span.type) in same
            overlap[kind] += _overlaps(span, joined.get(span.type, []))
    return {
        (f"{name}_{side}", kind): (hits[kind], whole)
        for name, hits in (("exact", exact), ("overlap", overlap))
        for kind, whole in wholes.items()
    }


def _joined(spans: Iterable[Span]) -> dict[IdentifierType, list[tuple[int, int]]]:
    """For each type its ranges in order, those that overlap made one."""
    joined: dict[IdentifierType, list[tuple[int, int]]] = {}
    for span in sorted(spans, key=lambda span: span.start):
        row = joined.setdefault(span.type, [])
        if row and span.start < row[-1][1]:
            row[-1] = (row[-1][0], max(span.end, row[-1][1]))
        else:
            row.append((span.start, span.end))
    return joined


def _overlaps(span: Span, joined: Sequence[tuple[int, int]]) -> bool:
    """Whether one of the ordered, disjoint ranges overlaps the span: by halving."""
    low, high = 0, len(joined)
    while low < high:
        middle = (low + high) // 2
        if joined[middle][1] <= span.start:
            low = middle + 1
        else:
            high = middle
    return low < len(joined) and joined[low][0] < span.end


def _mask(length: int, spans: Iterable[Span]) -> bytearray:
    mask = bytearray(length)
    for span in spans:
        mask[span.start : span.end] = b"\1" * (span.end - span.start)
    return mask
