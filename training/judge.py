"""Judges a model: `python -m training.judge models/en.zip` prints its scores on every set."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from gateway.adapters.tagger import Tagger
from gateway.deid.merge import merged
from gateway.deid.patterns import pattern_spans
from gateway.domain.deid import Span
from training.corpus.lists import words
from training.judged import Judged, notes, presidio, queries
from training.scores import Scores, Share, scored

WHOLE = ("recall", "precision", "touched", "clean")
LEAST = 0.5
"""The score at which the model's makers would act, whatever the type."""

Spans = Callable[[Sequence[str]], Sequence[Sequence[Span]]]


def sets(count: int, folder: Path | None) -> dict[str, list[Judged]]:
    """The sets by name. `folder` holds presidio-research's generated sets, where it is at hand."""
    made = {"held-out notes": list(notes(count)), "queries": list(queries())}
    if folder:
        names = [word for name in ("countries", "states", "state_codes") for word in words(name)]
        wide = frozenset(name.casefold() for name in names)
        for name in ("generated_large", "synth_dataset_v2"):
            made[name] = list(presidio(folder / f"{name}.json", wide))
    return made


def judged(spans: Spans, some: Mapping[str, Sequence[Judged]], least: float = LEAST) -> dict[str, Scores]:
    """The scores on each set of the spans whose own score is at least so much."""
    made = {}
    for name, items in some.items():
        found = spans([item.text for item in items])
        made[name] = scored(items, [[span for span in each if span.score >= least] for each in found])
    return made


def tables(made: Mapping[str, Scores]) -> str:
    """The scores in percent, as two Markdown tables: of all identifiers, and recall by type."""
    lines = [_row("set", "texts", *WHOLE), _row(*["---"] * (2 + len(WHOLE)))]
    for name, scores in made.items():
        lines.append(_row(name, f"{scores.texts:,}", *(_shown(getattr(scores, part)) for part in WHOLE)))
    kinds = sorted({kind for scores in made.values() for kind in scores.by_type})
    lines += ["", _row("recall of", *made), _row(*["---"] * (1 + len(made)))]
    for kind in kinds:
        lines.append(_row(kind, *(_shown(scores.by_type.get(kind)) for scores in made.values())))
    return "\n".join(lines)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _shown(share: Share | None) -> str:
    if share is None:
        return "-"
    value, low, high = (100 * part for part in share)
    return f"{value:.2f} ({low:.1f} to {high:.1f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--notes", type=int, default=400)
    parser.add_argument("--presidio", type=Path)
    parser.add_argument("--least", type=float, default=LEAST)
    given = parser.parse_args()
    data = given.model.read_bytes()
    tagger = Tagger(data, hashlib.sha256(data).hexdigest())
    some = sets(given.notes, given.presidio)
    print("The model alone:\n", tables(judged(tagger.spans, some, given.least)), sep="\n")

    def with_patterns(texts: Sequence[str]) -> list[list[Span]]:
        found = tagger.spans(texts)
        kept = [[span for span in spans if span.score >= given.least] for spans in found]
        return [
            merged(text, pattern_spans(text, "en") + spans) for text, spans in zip(texts, kept, strict=True)
        ]

    print("\nWith patterns beside it:\n", tables(judged(with_patterns, some, 0.0)), sep="\n")


if __name__ == "__main__":
    main()
