"""Keys, profiles and scopes for the tests of transforms."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from gateway.deid.keys import SubjectKeys, subject_keys
from gateway.deid.operators import replace
from gateway.deid.scope import Scope
from gateway.domain.deid import IdentifierType, Method, PatientRecord, Profile, Span

SITE = b"\x05" * 32
YEAR = 2026
EVERYTHING = Profile(
    name="everything",
    title="Surrogates and shifts",
    languages=frozenset({"en", "es", "zh"}),
    methods={kind: Method.SURROGATE for kind in IdentifierType} | {IdentifierType.DATE: Method.SHIFT},
    per_patient=True,
    threshold=Decimal("0.5"),
)


def keys(subject: str = "patient", *, site: bytes = SITE, profile: Profile = EVERYTHING) -> SubjectKeys:
    return subject_keys(site, profile, subject=subject, document="document")


def scope_of(
    mentions: Iterable[tuple[IdentifierType, str]] = (),
    *,
    language: str = "en",
    record: PatientRecord | None = None,
    subject: str = "patient",
    site: bytes = SITE,
) -> Scope:
    return Scope(
        keys=keys(subject, site=site), language=language, year=YEAR, record=record, mentions=mentions
    )


def surrogates(
    kind: IdentifierType,
    texts: Iterable[str],
    *,
    language: str = "en",
    record: PatientRecord | None = None,
    subject: str = "patient",
) -> list[str]:
    """The surrogates of values that stand in one document."""
    given = list(texts)
    scope = scope_of([(kind, text) for text in given], language=language, record=record, subject=subject)
    return [replace(Method.SURROGATE, text, kind, scope) for text in given]


def spans(text: str, values: Iterable[tuple[IdentifierType, str]]) -> list[Span]:
    """Spans of values in a text, each at its first place after the one before."""
    found, end = [], 0
    for kind, value in values:
        start = text.index(value, end)
        end = start + len(value)
        found.append(Span(start=start, end=end, type=kind, score=1.0, source="record"))
    return found
