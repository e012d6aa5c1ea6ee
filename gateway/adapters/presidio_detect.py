"""Detection on Presidio: our engine, our recognisers, its `AnalyzerEngine`.

Stock Presidio reads every text with some eighty regular expressions and a spaCy model, and its context
enhancer is quadratic in the length of a document. Here one pass of patterns, one trained model and
the patient's own record take their places, as recognisers of Presidio's kind; the engine is always given, so
that Presidio never makes one of its own, which would look for a model on the network.
May import: deid, domain, the sibling tagger; presidio_analyzer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from presidio_analyzer import AnalyzerEngine, EntityRecognizer, RecognizerRegistry, RecognizerResult
from presidio_analyzer.context_aware_enhancers import ContextAwareEnhancer
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

from gateway.deid.patterns import pattern_spans
from gateway.deid.record import record_spans
from gateway.deid.scripts import unread_spans
from gateway.domain.deid import IdentifierType, PatientRecord, Span

_CHINESE = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
_LATIN_WORD = re.compile("(?![IVXivx]+(?![^\\W\\d_]))[A-Za-z\u00c0-\u024f]{2,}")
ENTITIES = [kind.value for kind in IdentifierType]

Sure = Callable[[str, Span], bool]
_Find = Callable[[str, NlpArtifacts], list[Span]]


class SpanModel(Protocol):
    """A trained model of one language."""

    def spans(self, texts: Sequence[str]) -> list[list[Span]]:
        """What it finds in each text, in code points of that text."""
        ...


class Detectors:
    """Every detector behind one call. `models` by language. A language without one has the other detectors,
    and the English model for whole names that stand in it in Latin letters.

    `sure` says which of the model's spans count. It is asked before Presidio sees them: that drops what lies
    within a span of the same type and a higher score, so an unsure one could take a pattern's with it.
    """

    def __init__(self, models: Mapping[str, SpanModel], languages: Iterable[str], *, sure: Sure) -> None:
        self._languages = sorted(languages)
        self._engine = ModelEngine(models, self._languages)
        registry = RecognizerRegistry(
            recognizers=[
                _Recogniser(name, language, find)
                for language in self._languages
                for name, find in (("model", _model_spans(sure)), ("pattern", _patterns_in(language)))
            ],
            supported_languages=self._languages,
        )
        self._analyzer = AnalyzerEngine(
            registry=registry,
            nlp_engine=self._engine,
            supported_languages=self._languages,
            context_aware_enhancer=_NoContext(),
        )

    def read(self, texts: Sequence[str], language: str) -> list[NlpArtifacts]:
        """What the model says of several texts of one language, in one batch."""
        return [artifacts for _, artifacts in self._engine.process_batch(texts, language)]

    def find(
        self, text: str, language: str, artifacts: NlpArtifacts, record: PatientRecord | None
    ) -> list[Span]:
        """The spans of all detectors, overlapping, in no order."""
        mine: list[EntityRecognizer] = []
        if record is not None:
            mine.append(_Recogniser("record", language, _record_in(record)))
        found = self._analyzer.analyze(
            text,
            language,
            entities=ENTITIES,
            ad_hoc_recognizers=mine,
            nlp_artifacts=artifacts,
            score_threshold=0.0,
        )
        return [_span(result) for result in found]


class ModelEngine(NlpEngine):
    """The trained models as an engine of Presidio's: no tokens, no lemmas, only entities."""

    def __init__(self, models: Mapping[str, SpanModel], languages: Sequence[str]) -> None:
        self._models, self._languages = models, list(languages)

    def load(self) -> None:
        """The models come loaded."""

    def is_loaded(self) -> bool:
        return True

    def process_text(self, text: str, language: str) -> NlpArtifacts:
        return next(self.process_batch([text], language))[1]

    def process_batch(
        self, texts: Iterable[str], language: str, batch_size: int = 1, n_process: int = 1, **_: object
    ) -> Iterator[tuple[str, NlpArtifacts]]:
        """All texts at once: the model makes its own batches, by length."""
        texts = list(texts)
        model = self._models.get(language, self._models.get("en"))
        found = [[] for _ in texts] if model is None else model.spans([_in_latin(text) for text in texts])
        if language not in self._models:
            found = [_whole_names(*pair) for pair in zip(texts, found, strict=True)]
        for text, spans in zip(texts, found, strict=True):
            # Our spans travel as entities; Presidio passes them on and never looks into them.
            entities: Any = spans
            none: Any = []
            yield text, NlpArtifacts(entities, none, [], [], self, language)

    def is_stopword(self, word: str, language: str) -> bool:
        return False

    def is_punct(self, word: str, language: str) -> bool:
        return False

    def get_supported_entities(self) -> list[str]:
        return ENTITIES

    def get_supported_languages(self) -> list[str]:
        return self._languages


class _Recogniser(EntityRecognizer):
    """A function from text to spans, as Presidio's kind of recogniser."""

    def __init__(self, name: str, language: str, find: _Find) -> None:
        self._find, self.source = find, name
        super().__init__(supported_entities=ENTITIES, name=name, supported_language=language)

    def load(self) -> None:
        """Nothing to load."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts) -> list[RecognizerResult]:
        return [_result(span, self) for span in self._find(text, nlp_artifacts)]


class _NoContext(ContextAwareEnhancer):
    """Context is read by the patterns themselves; Presidio's own reading of it is quadratic."""

    def __init__(self) -> None:
        super().__init__(0.0, 0.0, 0, 0)

    def enhance_using_context(
        self,
        text: str,
        raw_results: list[RecognizerResult],
        nlp_artifacts: NlpArtifacts,
        recognizers: list[EntityRecognizer],
        context: list[str] | None = None,
    ) -> list[RecognizerResult]:
        return raw_results


def _in_latin(text: str) -> str:
    """The text with a comma in the place of each Chinese sign: the models were not taught any, and miss the
    names that stand between them.
    """
    return text if text.isascii() else _CHINESE.sub(",", text)


def _whole_names(text: str, spans: Sequence[Span]) -> list[Span]:
    """Names of two words: one alone is as often an eponym, a score's name or an abbreviation."""
    names = [span for span in spans if span.type is IdentifierType.NAME]
    return [span for span in names if len(_LATIN_WORD.findall(text, span.start, span.end)) > 1]


def _model_spans(sure: Sure) -> _Find:
    def find(text: str, artifacts: NlpArtifacts) -> list[Span]:
        spans: Any = artifacts.entities
        return [span for span in spans if sure(text, span)]

    return find


def _patterns_in(language: str) -> _Find:
    def find(text: str, _: NlpArtifacts) -> list[Span]:
        return pattern_spans(text, language) + unread_spans(text, language)

    return find


def _record_in(record: PatientRecord) -> _Find:
    def find(text: str, _: NlpArtifacts) -> list[Span]:
        return record_spans(text, record)

    return find


def _result(span: Span, recogniser: _Recogniser) -> RecognizerResult:
    metadata = {
        RecognizerResult.RECOGNIZER_NAME_KEY: recogniser.source,
        RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: recogniser.id,
    }
    # Presidio drops a score of exactly 0.
    score = max(span.score, 1e-6)
    return RecognizerResult(span.type.value, span.start, span.end, score, recognition_metadata=metadata)


def _span(result: RecognizerResult) -> Span:
    return Span(
        start=result.start,
        end=result.end,
        type=IdentifierType(result.entity_type),
        score=result.score,
        source=result.recognition_metadata[RecognizerResult.RECOGNIZER_NAME_KEY],
    )
