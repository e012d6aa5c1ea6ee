"""Overlapping spans of several detectors -> disjoint, sorted spans that cover the same characters.

Law: no covered letter or digit is lost, but for a title before a name; the order of the spans given does
not matter, and merging what was merged changes nothing. Where spans overlap, the stronger keeps its
place and the weaker what is left of it:
1. an e-mail address, URL, street or organisation of the record, or of a pattern on one line (names stand
   inside them),
2. the record, 3. patterns, 4. the model, 5. what was propagated;
then of patterns those that are believed more, by a tenth; then the longer, then the more specific type.
May import: domain words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from gateway.deid.words import CJK
from gateway.domain.deid import IdentifierType as T
from gateway.domain.deid import Span

_SOURCES = {"record": 1, "pattern": 2, "model": 3, "propagated": 4}
_WRAPPING = frozenset({T.EMAIL, T.URL, T.STREET, T.ORGANIZATION})
_SPECIFIC = (
    *(T.EMAIL, T.URL, T.IP, T.SSN, T.NATIONAL_ID, T.PASSPORT, T.VEHICLE, T.MRN, T.HEALTH_PLAN, T.LICENSE),
    *(T.DEVICE, T.ACCOUNT, T.FAX, T.PHONE, T.STREET, T.DATE, T.AGE, T.ZIP, T.NAME, T.ORGANIZATION),
    *(T.LOCATION, T.ID),
)
_RANK = {kind: rank for rank, kind in enumerate(_SPECIFIC)}
_BLANK = " \t\r\n\f\v\u00a0\u2007\u200b\u202f\u3000\ufeff,;:.!?\"'`*|_~<>{}[]、。,;:\u2018\u2019\u201c\u201d"
_OPENING = "-\u2010\u2011\u2012\u2013\u2014/\\)=&"
_CLOSING = "-\u2010\u2011\u2012\u2013\u2014/\\(=&+#"
_NEAR = 40  # characters within which a bracket's partner is looked for
_TITLE = re.compile(
    r"(?:Drs?|Dra|Doctor|Doctora|Mr|Mrs|Ms|Miss|Mx|Prof|Professor|Sra?|Srta|Se\u00f1ora?|Herr|Frau|Mme)"
    r"(?:\.[ \t]*|[ \t]+)(?=\w)",
    re.IGNORECASE,
)
_NAME_JOINT = re.compile(r"[ \t\u00a0]{1,3}|[ \t]?[-'\u2010\u2011\u2019][ \t]?|[ \t]+[^\W\d_]\.?[ \t]+")
_AFTER_INITIAL = re.compile(r"\.[ \t]{0,2}(?:[^\W\d_]\.[ \t]{0,2})?")
_SAME_WORD = re.compile(rf"[^\W\d_{CJK}]{{2}}|\d\d")


def merged(text: str, spans: Iterable[Span]) -> list[Span]:
    """Disjoint spans in order. Outer blanks and stray punctuation are trimmed, pieces of a name joined.

    Offsets outside the text are cut to it. A span of blanks and punctuation alone vanishes. The score is
    the highest of what was merged into a span, the source the winner's.
    """
    found = (_cut(text, span) for span in set(spans))
    ordered = sorted((span for span in found if span), key=lambda span: (span.start, span.end))
    pieces: list[Span] = []
    cluster: list[Span] = []
    end = -1
    for span in ordered:
        if span.start >= end and cluster:
            pieces += _resolved(text, cluster)
            cluster = []
        cluster.append(span)
        end = max(end, span.end)
    if cluster:
        pieces += _resolved(text, cluster)
    return _joined(text, pieces)


def _cut(text: str, span: Span) -> Span | None:
    """Within the text, without outer blanks; None where nothing is left."""
    start, end = _trimmed(text, max(0, span.start), min(len(text), span.end))
    return _placed(span, start, end) if start < end else None


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without outer blanks, punctuation, and brackets that enclose all of it or have no partner near by."""
    while start < end:
        first, last = text[start], text[end - 1]
        if first in _BLANK or first in _OPENING:
            start += 1
        elif last in _BLANK or last in _CLOSING:
            end -= 1
        elif first == "(" and (last == ")" or text.find(")", start, min(end, start + _NEAR)) < 0):
            start += 1
        elif last == ")" and text.rfind("(", max(start, end - _NEAR), end) < 0:
            end -= 1
        else:
            break
    return start, end


def _placed(span: Span, start: int, end: int) -> Span:
    return span if (start, end) == (span.start, span.end) else replace(span, start=start, end=end)


def _strength(text: str, span: Span) -> tuple[int, float, int, int, float, int, str]:
    """Smaller is stronger; no two different spans are equal."""
    source = _SOURCES.get(span.source, 3)
    if source <= 2 and span.type in _WRAPPING and (source == 1 or "\n" not in text[span.start : span.end]):
        source = 0
    believed = round(span.score, 1) if span.source == "pattern" else 0.0
    return source, -believed, span.start - span.end, _RANK[span.type], -span.score, span.start, span.source


def _resolved(text: str, cluster: list[Span]) -> list[Span]:
    """Spans that overlap, painted in order of strength: each character goes to the strongest over it."""
    if len(cluster) == 1:
        return cluster
    base = min(span.start for span in cluster)
    size = max(span.end for span in cluster) - base
    owner: list[Span | None] = [None] * size
    # The next unpainted place from each place on; paths are shortened as they are walked.
    free = list(range(size + 1))
    for span in sorted(cluster, key=lambda each: _strength(text, each)):
        at = _next(free, span.start - base)
        while at < span.end - base:
            owner[at] = span
            free[at] = at + 1
            at = _next(free, at)
    score: dict[T, float] = {}
    for span in cluster:
        score[span.type] = max(span.score, score.get(span.type, 0.0))
    return _runs(owner, base, score)


def _next(free: list[int], at: int) -> int:
    root = at
    while free[root] != root:
        root = free[root]
    while free[at] != root:
        free[at], at = root, free[at]
    return root


def _runs(owner: list[Span | None], base: int, score: dict[T, float]) -> list[Span]:
    """One span for each stretch of one owner; `score` by type is of the whole cluster."""
    pieces = []
    start = 0
    for at in range(1, len(owner) + 1):
        if at < len(owner) and owner[at] is owner[start]:
            continue
        span = owner[start]
        if span is not None:
            pieces.append(replace(span, start=base + start, end=base + at, score=score[span.type]))
        start = at
    return pieces


def _joined(text: str, pieces: list[Span]) -> list[Span]:
    """Touching pieces of one type or of one word become one, then pieces of one name; titles go."""
    whole: list[Span] = []
    for piece in pieces:
        if whole and whole[-1].end == piece.start and _one(text, whole[-1], piece):
            whole[-1] = _union(text, whole[-1], piece)
        else:
            whole.append(piece)
    names: list[Span] = []
    for piece in whole:
        cut = _untitled(text, piece)
        if cut is None:
            continue
        if names and names[-1].type is cut.type is T.NAME and _one_name(text, names[-1], cut):
            cut = _union(text, names.pop(), cut)
        names.append(cut)
    return names


def _one(text: str, left: Span, right: Span) -> bool:
    return left.type is right.type or _SAME_WORD.match(text, right.start - 1) is not None


def _union(text: str, left: Span, right: Span) -> Span:
    winner = min(left, right, key=lambda each: _strength(text, each))
    return replace(winner, start=left.start, end=right.end, score=max(left.score, right.score))


def _untitled(text: str, span: Span) -> Span | None:
    """Trimmed once more, as a piece may be the rest of a longer span; a name without its title."""
    start, end = _trimmed(text, span.start, span.end)
    while span.type is T.NAME and (title := _TITLE.match(text, start, end)) is not None:
        start = title.end()
    return _placed(span, start, end) if start < end else None


def _one_name(text: str, left: Span, right: Span) -> bool:
    if right.start - left.end > 8:
        return False
    if _NAME_JOINT.fullmatch(text, left.end, right.start):
        return True
    initial = left.end - left.start == 1 or not text[left.end - 2].isalnum()
    return initial and _AFTER_INITIAL.fullmatch(text, left.end, right.start) is not None
