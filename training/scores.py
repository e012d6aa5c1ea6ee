"""How well spans cover the identifiers of texts: character recall, what is touched beside, with intervals.

Only characters other than white space count. An interval is the middle 95 % of 1,000 draws of as many
texts with replacement (the percentile bootstrap: Efron and Tibshirani 1993, chapter 13).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gateway.domain.deid import Span
from training.judged import Judged

DRAWS: Final = 1000

Counts = NDArray[np.int64]
Share = tuple[float, float, float]
"""A share between 0 and 1, and the ends of its interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """`recall` of all identifiers' characters and by type; `touched` other characters; `precision` of the
    characters found; `clean` the share of texts without identifiers in which anything was found.
    """

    texts: int
    recall: Share
    precision: Share
    touched: Share
    clean: Share
    by_type: Mapping[str, Share]


def scored(judged: Sequence[Judged], found: Sequence[Sequence[Span]]) -> Scores:
    """The scores of the spans that were found in each text."""
    kinds = sorted({span.type.value for item in judged for span in item.gold})
    rows = np.array(
        [_counted(item, spans, kinds) for item, spans in zip(judged, found, strict=True)], np.int64
    )
    draws = np.random.default_rng(0).integers(0, len(rows), (DRAWS, len(rows)))
    sums = np.vstack([rows.sum(axis=0), *(rows[draw].sum(axis=0)[None] for draw in draws)])
    hits, all_gold, other, others, clean_hit, clean = sums[:, :6].T
    return Scores(
        texts=len(rows),
        recall=_share(hits, all_gold),
        precision=_share(hits, hits + other),
        touched=_share(other, others),
        clean=_share(clean_hit, clean),
        by_type={kind: _share(sums[:, 6 + 2 * at], sums[:, 7 + 2 * at]) for at, kind in enumerate(kinds)},
    )


def _counted(item: Judged, spans: Sequence[Span], kinds: Sequence[str]) -> list[int]:
    size = len(item.text)
    solid = np.array([not sign.isspace() for sign in item.text], bool)
    hit, gold, either = (_covered(size, part) & solid for part in (spans, item.gold, item.either))
    other = solid & ~gold & ~either
    touched = int((hit & other).sum())
    counts = [int((hit & gold).sum()), int(gold.sum()), touched, int(other.sum())]
    clean = not item.gold
    counts += [int(clean and touched > 0), int(clean)]
    for kind in kinds:
        of_kind = _covered(size, [span for span in item.gold if span.type.value == kind]) & solid
        counts += [int((hit & of_kind).sum()), int(of_kind.sum())]
    return counts


def _covered(size: int, spans: Sequence[Span]) -> NDArray[np.bool_]:
    covered = np.zeros(size, bool)
    for span in spans:
        covered[span.start : span.end] = True
    return covered


def _share(parts: Counts, wholes: Counts) -> Share:
    shares = parts / np.maximum(wholes, 1)
    low, high = np.quantile(shares[1:], [0.025, 0.975])
    return float(shares[0]), float(low), float(high)
