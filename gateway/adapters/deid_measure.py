"""A gold file through a `Deidentifier`, and the scores of what it found: with records and without.

Law: the whole file is read before anything is measured, so that a wrong line costs no minutes. Texts stay in
memory a batch at a time. May import: the standard library, deid_source, deid (evaluate, gold), domain, ports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from gateway.adapters.deid_source import numbered_lines
from gateway.deid.evaluate import Evaluation, Pair, Scores
from gateway.deid.gold import Gold, read_gold
from gateway.domain.deid import Deidentified, Outcome, Profile, Span
from gateway.ports import Deidentifier

BATCH = 256  # documents


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The scores of the same documents: `with_record` is None where no line has a patient."""

    without_record: Scores
    with_record: Scores | None


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
    without = await _scores(path, deidentifier, profile, False, lambda done: tell(done, total))
    if not patients:
        return Measured(without_record=without, with_record=None)
    known = await _scores(path, deidentifier, profile, True, lambda done: tell(count + done, total))
    return Measured(without_record=without, with_record=known)


async def _scores(
    path: Path, deidentifier: Deidentifier, profile: Profile, records: bool, tell: Callable[[int], None]
) -> Scores:
    evaluation = Evaluation()
    done = 0
    for batch in _batches(read_gold(numbered_lines(path))):
        documents = [
            gold.document if records else replace(gold.document, record=None, subject="") for gold in batch
        ]
        outcomes = await deidentifier.deidentify(documents, profile)
        for gold, outcome in zip(batch, outcomes, strict=True):
            evaluation.add(Pair(text=gold.document.text, gold=gold.spans, found=_found(outcome)))
        done += len(batch)
        tell(done)
    return evaluation.scores()


def _found(outcome: Outcome) -> Sequence[Span] | None:
    return outcome.spans if isinstance(outcome, Deidentified) else None


def _batches(golds: Iterable[Gold]) -> Iterator[list[Gold]]:
    left = iter(golds)
    while batch := list(islice(left, BATCH)):
        yield batch
