"""`python -m training.words`: the Spanish model from MEDDOCAN's train part, and its scores on the dev part."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Sequence
from pathlib import Path

from gateway.adapters.word_tagger import WordTagger
from training.words.export import exported
from training.words.fit import fitted
from training.words.meddocan import MEANS, Case, cases, rows, tags_of

SEED = 1
PASSES = 24


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/text/meddocan"))
    parser.add_argument("--out", type=Path, default=Path("models/es.onnx"))
    parser.add_argument("--passes", type=int, default=PASSES)
    given = parser.parse_args()
    train, dev = cases(given.data / "train.jsonl.gz"), cases(given.data / "dev.jsonl.gz")
    tags = tags_of(train)
    model, chain = fitted(rows(train, tags), len(tags), given.passes, SEED)
    text = hashlib.sha256("\0".join(case.text for case in train).encode()).hexdigest()
    card = {"text": text, "source": "SPACCC_MEDDOCAN, CC BY 4.0", "passes": given.passes}
    data = exported(model, chain, tags, {name: kind.value for name, kind in MEANS.items()}, card)
    given.out.parent.mkdir(exist_ok=True)
    given.out.write_bytes(data)
    sha256 = hashlib.sha256(data).hexdigest()
    print(f"{given.out}: {len(data):,} bytes, SHA-256 {sha256}")
    print(scored(WordTagger(data, sha256, threads=2), dev))


def scored(tagger: WordTagger, some: Sequence[Case]) -> str:
    """Precision, recall and F1 of exact spans with their types, all types together (the track's measure)."""
    right = found = wanted = 0
    for case in some:
        said = {(start, end, kind) for start, end, kind, _ in tagger.tagged([case.text])[0]}
        right, found, wanted = right + len(said & case.spans), found + len(said), wanted + len(case.spans)
    precision, recall = right / max(found, 1), right / wanted
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    return f"exact spans: precision {precision:.4f}, recall {recall:.4f}, F1 {f1:.4f} ({wanted} spans)"


if __name__ == "__main__":
    main()
