"""What the patient's own record says, found in a text: the gateway holds the record, so it can look for it.

Law: a pure function of text and record, linear in the text. The text is cut into words once; the record's
own words are looked up in them (record_names.py, record_dates.py, record_numbers.py, record_places.py).
May import: domain words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from gateway.deid.common_words import ordinary
from gateway.deid.record_cjk import CjkPhrase, cjk_phrases, cjk_spans
from gateway.deid.record_dates import DateIndex, date_index, date_spans
from gateway.deid.record_names import NameIndex, name_index
from gateway.deid.record_numbers import NumberIndex, number_index, number_spans
from gateway.deid.record_people import name_spans
from gateway.deid.record_places import PlaceIndex, place_index, place_spans
from gateway.deid.words import has_cjk, words_of
from gateway.domain.deid import IdentifierType, PatientRecord, Span

_SCHEME = re.compile(r"^(?:https?://)?(?:www\.)?", re.IGNORECASE)
_SCHEME_BEFORE = re.compile(r"(?:https?://)?(?:www\.)?\Z")
RECORDS_KEPT = 64
"""Indexes of records kept in memory: documents of one patient tend to come together."""


@dataclass(frozen=True, slots=True)
class _Index:
    names: NameIndex
    dates: DateIndex
    numbers: NumberIndex
    places: PlaceIndex
    literals: tuple[tuple[str, IdentifierType], ...]
    cjk: tuple[CjkPhrase, ...]


def record_spans(text: str, record: PatientRecord) -> list[Span]:
    """Everything of the record in the text, sorted; spans of different kinds may overlap."""
    if not text:
        return []
    index = _index(record)
    words = words_of(text)
    found = [
        *name_spans(index.names, words),
        *date_spans(index.dates, words),
        *number_spans(index.numbers, words),
        *place_spans(index.places, words),
        *_literal_spans(text, index),
    ]
    if index.cjk and has_cjk(text):
        found += cjk_spans(text, index.cjk)
    return sorted(set(found), key=lambda span: (span.start, span.end, span.type, span.score))


@lru_cache(maxsize=RECORDS_KEPT)
def _index(record: PatientRecord) -> _Index:
    return _Index(
        names=name_index((*record.names, *record.others)),
        dates=date_index(record),
        numbers=number_index(record),
        places=place_index(record),
        literals=tuple(dict.fromkeys(_literals(record))),
        cjk=cjk_phrases(record),
    )


def _literals(record: PatientRecord) -> Iterator[tuple[str, IdentifierType]]:
    """E-mail addresses and URLs in small letters, and what stands before the @ where it is telling."""
    for email in record.emails:
        yield _small(email), IdentifierType.EMAIL
        local = email.partition("@")[0]
        if len(local) >= 6 and not ordinary(local.casefold()):
            yield _small(local), IdentifierType.ID
    for url in record.urls:
        bare = _SCHEME.sub("", url).rstrip("/")
        if "." in bare:
            yield _small(bare), IdentifierType.URL


def _small(text: str) -> str:
    """In small letters, character by character, so that every place stays what it was."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(char.lower()[:1] for char in text)


def _literal_spans(text: str, index: _Index) -> Iterator[Span]:
    low = _small(text) if index.literals else ""
    for literal, kind in index.literals:
        start = low.find(literal)
        while start >= 0:
            end = start + len(literal)
            if _whole(low, start, end, kind):
                if kind is IdentifierType.URL and (
                    scheme := _SCHEME_BEFORE.search(low[max(0, start - 16) : start])
                ):
                    start -= len(scheme.group())
                yield Span(start=start, end=end, type=kind, score=1.0, source="record")
            start = low.find(literal, end)


def _whole(low: str, start: int, end: int, kind: IdentifierType) -> bool:
    """Whether no word goes on at either end; an address may follow the dot of a host name, nothing else."""
    before, after = low[start - 1 : start], low[end : end + 1]
    if before == "." and kind is not IdentifierType.URL:
        return False
    return not (before.isalnum() or before == "_" or after.isalnum() or after == "_")
