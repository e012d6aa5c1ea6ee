"""The shipped models, each loaded once in a process.

May import: shipped, the siblings tagger and word_tagger.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Final

from gateway.adapters.presidio_detect import SpanModel
from gateway.adapters.tagger import MODELS, shipped_tagger
from gateway.adapters.word_tagger import WordTagger
from gateway.shipped import shipped

WORD_MODELS: Final = {"es": "d608013b27dcd07c6f7738cb2799457ba4d6f765d97b889f3d4d9722a575e927"}
"""SHA-256 of the shipped word models, by language."""


def text_models(languages: Iterable[str]) -> dict[str, SpanModel]:
    """The models of those languages that have one. Raises `ConfigInvalid` where a file is another."""
    return {language: _model(language) for language in languages if language in MODELS | WORD_MODELS}


@cache
def _model(language: str) -> SpanModel:
    if language in MODELS:
        return shipped_tagger(language)
    return WordTagger(shipped("models") / f"{language}.onnx", WORD_MODELS[language])
