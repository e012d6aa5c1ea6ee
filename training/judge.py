"""Judges a model: `python -m training.judge models/en.onnx` prints its scores on every set."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Sequence
from pathlib import Path

from gateway.adapters.tagger import Tagger
from gateway.domain.deid import Span
from training.corpus.lists import words
from training.judged import Judged, notes, presidio, queries
from training.scores import Scores, Share, scored


def table(name: str, scores: Scores) -> str:
    """The scores in lines of a Markdown table, in percent with their intervals."""
    whole = ("recall", "precision", "touched", "clean")
    lines = [
        f"| {name} ({scores.texts:,} texts) | {part} | {_shown(getattr(scores, part))} |" for part in whole
    ]
    lines += [f"| {name} | recall of {kind} | {_shown(share)} |" for kind, share in scores.by_type.items()]
    return "\n".join(lines)


def _shown(share: Share) -> str:
    value, low, high = (100 * part for part in share)
    return f"{value:.2f} ({low:.2f} to {high:.2f})"


def sets(count: int, folder: Path | None) -> dict[str, list[Judged]]:
    """The sets by name. `folder` holds presidio-research's generated sets, where it is at hand."""
    made = {"held-out notes": list(notes(count)), "queries": list(queries())}
    if folder:
        wide = frozenset(
            word.casefold() for name in ("countries", "states", "state_codes") for word in words(name)
        )
        for name in ("generated_large", "synth_dataset_v2"):
            made[name] = list(presidio(folder / f"{name}.json", wide))
    return made


def kept(found: Sequence[Sequence[Span]], least: float) -> list[list[Span]]:
    """The spans whose score is at least so much."""
    return [[span for span in spans if span.score >= least] for spans in found]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--notes", type=int, default=400)
    parser.add_argument("--presidio", type=Path)
    parser.add_argument("--least", type=float, nargs="+", default=[0.1, 0.3, 0.5])
    given = parser.parse_args()
    data = given.model.read_bytes()
    tagger = Tagger(data, hashlib.sha256(data).hexdigest())
    for name, judged in sets(given.notes, given.presidio).items():
        found = tagger.spans([item.text for item in judged])
        for least in given.least:
            print(table(f"{name} at {least}", scored(judged, kept(found, least))))


if __name__ == "__main__":
    main()
