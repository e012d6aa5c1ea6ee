"""A text with its identifiers replaced, by profile.

Law: all spans are looked at before the first is replaced, and each is replaced once; what stands between
them is untouched. Linear in the text.
May import: domain words, deid.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.deid.keys import SubjectKeys
from gateway.deid.operators import replace
from gateway.deid.scope import Scope, Seal
from gateway.domain.deid import IdentifierType, Method, PatientRecord, Profile, Span

Apply = Callable[[str, Sequence[Span], Profile, Scope], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transformed:
    """The text, and the scope in which it was made: structured context is replaced in the same one."""

    text: str
    scope: Scope


def transformed(
    text: str,
    spans: Sequence[Span],
    profile: Profile,
    keys: SubjectKeys,
    *,
    language: str,
    record: PatientRecord | None,
    year: int,
    seal: Seal | None = None,
    context: Sequence[tuple[IdentifierType, str]] = (),
    apply: Apply | None = None,
) -> Transformed:
    """Replace every span by the profile's method for its type.

    `spans` are code points, half-open, in order and apart. `language` is that of the text, `year` the current
    one. `context` are identifiers of structured columns that go with the text, to be replaced in the scope
    that is returned. `apply` puts the replacements in their places; without it `applied` does.

    Raises ValueError for spans that overlap, are empty, out of order or out of the text; ConfigInvalid
    DEID_KEY_MISSING where a method needs a key.
    """
    _check(text, spans)
    scope = Scope(
        keys=keys,
        language=language,
        year=year,
        record=record,
        seal=seal,
        hides_old_age=profile.method(IdentifierType.AGE) is not Method.KEEP,
        mentions=[*((span.type, text[span.start : span.end]) for span in spans), *context],
    )
    return Transformed(text=(apply or applied)(text, spans, profile, scope), scope=scope)


def applied(text: str, spans: Sequence[Span], profile: Profile, scope: Scope) -> str:
    """The text with every span replaced in its scope."""
    pieces, done = [], 0
    for span in spans:
        value = text[span.start : span.end]
        pieces += [text[done : span.start], replace(profile.method(span.type), value, span.type, scope)]
        done = span.end
    return "".join([*pieces, text[done:]])


def _check(text: str, spans: Sequence[Span]) -> None:
    end = 0
    for span in spans:
        if not end <= span.start < span.end <= len(text):
            raise ValueError("spans must be in order, apart, not empty, and within the text")
        end = span.end
