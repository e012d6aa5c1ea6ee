"""The pipeline of one profile: text and record in, text without identifiers out, or nothing.

normalise -> language -> detectors -> merge -> propagate -> offsets of the text as given -> transform.
Whatever goes wrong with a document withholds it and says only that; no value is in a reason.
May import: deid, domain, the siblings presidio_detect and presidio_replace.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.adapters.presidio_detect import Detectors, SpanModel
from gateway.adapters.presidio_replace import Replacer
from gateway.adapters.token_seal import sealing
from gateway.deid.keys import subject_keys
from gateway.deid.language import language_of, other_language
from gateway.deid.merge import merged
from gateway.deid.normalise import Normalised, normalised
from gateway.deid.operators import replace
from gateway.deid.propagate import propagated
from gateway.deid.safe import safe
from gateway.deid.transform import transformed
from gateway.domain.deid import Deidentified, Document, Method, Outcome, Profile, Span, Withheld

DETECTOR_FAILED = "DETECTOR_FAILED"
LANGUAGE_UNSUPPORTED = "LANGUAGE_UNSUPPORTED"

READ = frozenset({"en", "es", "zh"})
"""Languages that the detectors are made for; English has the trained model."""

_NOT_LATIN = frozenset({"zh", "ja", "ko", "ru", "uk", "ar", "he", "hi", "bn", "ta", "th", "ka", "hy", "el"})


@dataclass(frozen=True, slots=True)
class _Read:
    """A document on its way: what the detectors see of it, and in which language."""

    place: int
    document: Document
    seen: Normalised
    language: str


class TextPipeline:
    """Detectors and transforms under one profile.

    `key` is the site's key of de-identification (empty for a profile that needs none), `models` are the
    trained models by language, `year` tells the current year. Raises `ConfigInvalid` where the profile needs
    a key and there is none.
    """

    def __init__(
        self,
        profile: Profile,
        key: bytes,
        models: Mapping[str, SpanModel],
        *,
        year: Callable[[], int],
    ) -> None:
        keys = subject_keys(key, profile, subject="", document="")  # refuses now, not at the first document
        tokens = Method.TOKEN in profile.methods.values()
        self._profile, self._key, self._year = profile, key, year
        self._seal = sealing(keys.token) if tokens else None
        self._languages = READ & profile.languages
        self._detectors = Detectors(models, self._languages or {"en"}, sure=self._sure)
        self._replacer = Replacer()

    def deidentify(self, documents: Sequence[Document]) -> list[Outcome]:
        """One outcome for each document, in order. Never raises for what is in a document."""
        outcomes: list[Outcome | None] = [None] * len(documents)
        groups: dict[str, list[_Read]] = defaultdict(list)
        for place, document in enumerate(documents):
            read = self._begun(place, document)
            if isinstance(read, Withheld):
                outcomes[place] = read
            else:
                groups[read.language].append(read)
        for language, group in groups.items():
            for read, outcome in zip(group, self._group(group, language), strict=True):
                outcomes[read.place] = outcome
        return [outcome for outcome in outcomes if outcome is not None]

    def _begun(self, place: int, document: Document) -> _Read | Withheld:
        try:
            seen = normalised(document.text)
            language = self._language(document.language, seen.text)
        except Exception:
            return Withheld(id=document.id, reason=DETECTOR_FAILED)
        if language not in self._languages:
            return Withheld(id=document.id, reason=LANGUAGE_UNSUPPORTED)
        return _Read(place, document, seen, language)

    def _language(self, declared: str, text: str) -> str:
        """What a text is read as: as declared, unless its script or its words give the declaration the lie.

        A text without a letter has no language, and is read as any; empty: in none that is known.
        """
        found = language_of(text)
        if not any(sign.isalpha() for sign in text):
            return declared or min(self._languages, default="")
        if not declared:
            return found
        if found in _NOT_LATIN or (declared in _NOT_LATIN and found):
            return found
        return other_language(text, declared) or declared

    def _group(self, group: Sequence[_Read], language: str) -> list[Outcome]:
        """All of one language in one batch of the model; where that fails, one by one."""
        try:
            artifacts = self._detectors.read([read.seen.text for read in group], language)
        except Exception:
            if len(group) > 1:
                return [self._group([read], language)[0] for read in group]
            return [Withheld(id=group[0].document.id, reason=DETECTOR_FAILED)]
        return [self._one(read, artifact) for read, artifact in zip(group, artifacts, strict=True)]

    def _one(self, read: _Read, artifacts: Any) -> Outcome:
        document = read.document
        try:
            spans = self._spans(read, artifacts)
            return self._transformed(document, spans, read.language)
        except Exception:
            return Withheld(id=document.id, reason=DETECTOR_FAILED)

    def _spans(self, read: _Read, artifacts: Any) -> tuple[Span, ...]:
        text = read.seen.text
        found = self._detectors.find(text, read.language, artifacts, read.document.record)
        found = merged(text, found)
        return _as_given(read.seen, merged(text, propagated(text, found)))

    def _sure(self, text: str, span: Span) -> bool:
        """Whether what the model found counts, by the safe list and the profile's thresholds."""
        if safe(text, span):
            return False
        return span.score >= float(self._profile.thresholds.get(span.type, self._profile.threshold))

    def _transformed(self, document: Document, spans: tuple[Span, ...], language: str) -> Deidentified:
        made = transformed(
            document.text,
            spans,
            self._profile,
            subject_keys(
                self._key,
                self._profile,
                subject=document.subject,
                document=document.id,
                realm=document.realm,
            ),
            language=language,
            record=document.record,
            year=self._year(),
            seal=self._seal,
            context=[(kind, value) for kind, value in document.context.values() if kind is not None],
            apply=self._replacer.replaced,
        )
        return Deidentified(
            id=document.id,
            text=made.text,
            spans=spans,
            language=language,
            context={
                name: value if kind is None else replace(self._profile.method(kind), value, kind, made.scope)
                for name, (kind, value) in document.context.items()
            },
        )


def _as_given(seen: Normalised, spans: Sequence[Span]) -> tuple[Span, ...]:
    """Spans in code points of the text as given, disjoint whatever was folded together."""
    given: list[Span] = []
    last = 0
    for span in spans:
        start, end = seen.span(span.start, span.end)
        start = max(start, last)
        if start < end:
            given.append(Span(start=start, end=end, type=span.type, score=span.score, source=span.source))
            last = end
    return tuple(given)
