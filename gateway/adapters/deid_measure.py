"""A gold file through a `Deidentifier`, and the scores of what it found: with records and without.

Law: the whole file is read before anything is measured, so that a wrong line costs no minutes. Texts stay in
memory a batch at a time. May import: the standard library, deid_source, deid (evaluate, gold), domain, ports.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from gateway.adapters.deid_source import numbered_lines
from gateway.deid.evaluate import Evaluation, Pair, Scores
from gateway.deid.gold import Gold, read_gold
from gateway.domain.deid import Outcome, Profile, Span, Withheld
from gateway.ports import Deidentifier

BATCH = 256  # documents


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The scores of the same documents: `with_record` is None where no line has a patient.

    `reasons` are those of texts that were withheld, in all searches, and how often.
    """

    without_record: Scores
    with_record: Scores | None
    reasons: Mapping[str, int]


async def measured(
    path: Path, deidentifier: Deidentifier, profile: Profile, *, tell: Callable[[int, int], None]
) -> Measured:
    """Score a gold file, plain or gzip. `tell` is called with the searches done and those in all.

    Raises `ConfigInvalid` (SOURCE_UNREADABLE), `InvalidRequest` (GOLD_INVALID), and whatever the
    deidentifier raises.
    """
    count, patients = 0, 0
    for gold in read_gold(numbered_lines(path)):
        count += 1
        patients += gold.document.record is not None
    total = count * (2 if patients else 1)
    search = _Search(path, deidentifier, profile)
    without = await search.scores(records=False, tell=lambda done: tell(done, total))
    known = None
    if patients:
        known = await search.scores(records=True, tell=lambda done: tell(count + done, total))
    return Measured(without_record=without, with_record=known, reasons=search.reasons)


class _Search:
    """Searches of one file; `reasons` counts why texts were withheld."""

    def __init__(self, path: Path, deidentifier: Deidentifier, profile: Profile) -> None:
        self._path, self._deidentifier, self._profile = path, deidentifier, profile
        self.reasons: Counter[str] = Counter()

    async def scores(self, *, records: bool, tell: Callable[[int], None]) -> Scores:
        evaluation = Evaluation()
        done = 0
        for batch in _batches(read_gold(numbered_lines(self._path))):
            documents = [
                gold.document if records else replace(gold.document, record=None, subject="")
                for gold in batch
            ]
            outcomes = await self._deidentifier.deidentify(documents, self._profile)
            for gold, outcome in zip(batch, outcomes, strict=True):
                evaluation.add(Pair(text=gold.document.text, gold=gold.spans, found=self._found(outcome)))
            done += len(batch)
            tell(done)
        return evaluation.scores()

    def _found(self, outcome: Outcome) -> Sequence[Span] | None:
        if isinstance(outcome, Withheld):
            self.reasons[outcome.reason] += 1
            return None
        return outcome.spans


def _batches(golds: Iterable[Gold]) -> Iterator[list[Gold]]:
    left = iter(golds)
    while batch := list(islice(left, BATCH)):
        yield batch
