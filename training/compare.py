"""The small network beside the transformer: `python -m training.compare` fits it to the same text.

It is the network of `training.words`, of hashed words and gated convolutions, from scratch. It is
judged on the same sets and not shipped for English: the model card has the scores of both.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

from gateway.adapters.word_tagger import WordTagger
from training.corpus import snippets
from training.judge import judged, sets, tables
from training.labels import LEARNT
from training.train import COUNT, SEED
from training.words.export import exported
from training.words.fit import fitted
from training.words.meddocan import Case, rows, tags_of

PASSES = 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--notes", type=int, default=400)
    parser.add_argument("--presidio", type=Path)
    given = parser.parse_args()
    cases = [
        Case(made.text, frozenset((span.start, span.end, LEARNT[span.type].value) for span in made.spans))
        for made in snippets(SEED, given.count)
    ]
    tags = tags_of(cases)
    model, chain = fitted(rows(cases, tags), len(tags), PASSES, SEED)
    types = {kind.value: kind.value for kind in set(LEARNT.values())}
    data = exported(model, chain, tags, types, {})
    tagger = WordTagger(data, hashlib.sha256(data).hexdigest())
    print(tables(judged(tagger.spans, sets(given.notes, given.presidio), least=0.0)))


if __name__ == "__main__":
    main()
