"""Presidio as its documentation shows it: default recognisers, a spaCy model of default size, one process.

The default model's weights cannot be had without a download, so the pipeline here has the default's
components and sizes (a shared tok2vec of width 96 and depth 4 over 300-dimensional vectors, tagger, parser,
named entities) and weights trained for a moment on a few sentences: it costs what the default costs, and
what it finds is not judged. Its e-mail recogniser gets tldextract's bundled list, so that nothing is
fetched.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import spacy
import tldextract
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NlpEngineProvider
from presidio_anonymizer import AnonymizerEngine
from spacy.language import Language
from spacy.training import Example

ENTITIES = ("PERSON", "GPE", "ORG", "DATE", "CARDINAL", "NORP", "FAC", "LOC", "TIME")
TAGS = ("NN", "NNP", "VBD", "IN", "DT", "JJ", "CD", ".", ",", "PRP", "RB", "CC")
DEPENDENCIES = ("nsubj", "dobj", "prep", "pobj", "det", "amod", "punct", "advmod", "cc", "conj")


def stock(folder: Path, texts: list[str]) -> Callable[[str], str]:
    """Presidio's own two engines; `texts` give the model its words, `folder` is where it is kept."""
    bundled: Any = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    tldextract.extract = bundled
    _model(texts).to_disk(folder)
    engine = NlpEngineProvider(
        nlp_configuration={
            "nlp_engine_name": "spacy",
            "models": [{"lang_code": "en", "model_name": str(folder)}],
        }
    ).create_engine()
    analyzer: Any = AnalyzerEngine(nlp_engine=engine)
    anonymizer: Any = AnonymizerEngine()  # type: ignore[no-untyped-call]

    def deidentified(text: str) -> str:
        found = analyzer.analyze(text=text, language="en")
        return str(anonymizer.anonymize(text=text, analyzer_results=found).text)

    return deidentified


def _model(texts: list[str]) -> Language:
    nlp = spacy.blank("en")
    words = sorted({word.text for text in texts for word in nlp(text)})
    vector: Any = partial(np.random.default_rng(1).standard_normal, dtype=np.float32)
    for word in words:
        nlp.vocab.set_vector(word, vector(300))
    embed = {"width": 96, "attrs": ["NORM", "PREFIX", "SUFFIX", "SHAPE"], "rows": [5000, 1000, 2500, 2500]}
    nlp.add_pipe(
        "tok2vec",
        config={
            "model": {
                "@architectures": "spacy.Tok2Vec.v2",
                "embed": {
                    "@architectures": "spacy.MultiHashEmbed.v2",
                    "include_static_vectors": True,
                    **embed,
                },
                "encode": {
                    "@architectures": "spacy.MaxoutWindowEncoder.v2",
                    "width": 96,
                    "depth": 4,
                    "window_size": 1,
                    "maxout_pieces": 3,
                },
            }
        },
    )
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": 96}
    for name in ("tagger", "parser", "ner"):
        model = (nlp.get_factory_meta(name).default_config or {})["model"]
        nlp.add_pipe(name, config={"model": {**model, "tok2vec": listener}})
    examples = [_example(nlp, text, random.Random(place)) for place, text in enumerate(texts[:16])]
    optimizer = nlp.initialize(lambda: examples)
    with nlp.select_pipes(disable=["parser"]):  # made-up trees are none it could learn
        for _ in range(10):
            nlp.update(examples, sgd=optimizer)
    return nlp


def _example(nlp: Language, text: str, draw: random.Random) -> Example:
    """A sentence with made-up heads, tags and entities, so that every label is known."""
    doc = nlp.make_doc(text[:400])
    count = len(doc)
    entities = ["O"] * count
    words = [place for place, word in enumerate(doc) if word.is_alpha]
    for place, label in zip(words[::5], ENTITIES * 9, strict=False):
        entities[place] = f"U-{label}"
    return Example.from_dict(
        doc,
        {
            "tags": [TAGS[place % len(TAGS)] for place in range(count)],
            "heads": [max(place - 1, 0) for place in range(count)],
            "deps": ["ROOT" if place == 0 else draw.choice(DEPENDENCIES) for place in range(count)],
            "entities": entities,
        },
    )
