"""The sets that a model is judged by: none of them was written by the makers of the training text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gateway.demo.notes import labelled_notes
from gateway.domain.deid import IdentifierType as Type
from gateway.domain.deid import Span

QUERIES: Final = Path(__file__).with_name("queries.txt")
NOTES_SEED: Final = 31

_MARK = re.compile(r"\{([A-Z_]+)\|([^{}|]+)\}")
_YEAR = re.compile(r"\W*(?:1[89]|20)\d\d\W*")

# Kinds of presidio-research that are identifiers here. Of the others (titles, nationalities, ages) some
# are and some are not, so neither finding nor leaving them counts.
_PRESIDIO: Final = {
    "PERSON": Type.NAME,
    "ADDRESS": Type.STREET,
    "STREET_ADDRESS": Type.STREET,
    "LOCATION": Type.LOCATION,
    "GPE": Type.LOCATION,
    "ORGANIZATION": Type.ORGANIZATION,
    "CREDIT_CARD": Type.ACCOUNT,
    "IBAN_CODE": Type.ACCOUNT,
    "PHONE_NUMBER": Type.PHONE,
    "DATE_TIME": Type.DATE,
    "EMAIL_ADDRESS": Type.EMAIL,
    "DOMAIN_NAME": Type.URL,
    "IP_ADDRESS": Type.IP,
    "US_SSN": Type.SSN,
    "US_DRIVER_LICENSE": Type.LICENSE,
    "ZIP_CODE": Type.ZIP,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A text and its identifiers; what lies in `either` counts neither way."""

    text: str
    gold: tuple[Span, ...]
    either: tuple[Span, ...] = ()


def queries(path: Path = QUERIES) -> Iterator[Judged]:
    """The queries written by hand: one a line, identifiers as {TYPE|text}."""
    for line in path.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield marked(line)


def marked(line: str) -> Judged:
    """A line with its marks taken out and their places kept."""
    spans, parts, done, length = [], [], 0, 0
    for match in _MARK.finditer(line):
        before, inside = line[done : match.start()], match[2]
        start = length + len(before)
        length = start + len(inside)
        spans.append(_gold(start, length, Type(match[1])))
        parts += [before, inside]
        done = match.end()
    return Judged(text="".join([*parts, line[done:]]), gold=tuple(spans))


def notes(count: int) -> Iterator[Judged]:
    """Notes of the demo's held-out generator."""
    for note in labelled_notes(NOTES_SEED, count):
        yield Judged(text=note.text, gold=note.spans)


def presidio(path: Path, countries: frozenset[str]) -> Iterator[Judged]:
    """A generated set of presidio-research (MIT). A country or a year alone is no identifier here."""
    for item in json.loads(path.read_text("utf-8")):
        gold: list[Span] = []
        either: list[Span] = []
        for entity in item["spans"]:
            kind = _presidio_type(entity, countries)
            span = _gold(entity["start_position"], entity["end_position"], kind or Type.ID)
            (gold if kind else either).append(span)
        yield Judged(text=item["full_text"], gold=tuple(gold), either=tuple(either))


def _presidio_type(entity: dict[str, Any], countries: frozenset[str]) -> Type | None:
    kind, value = _PRESIDIO.get(entity["entity_type"]), entity["entity_value"]
    if kind is Type.LOCATION and value.casefold() in countries:
        return None
    if kind is Type.DATE and _YEAR.fullmatch(value):
        return None
    return kind


def _gold(start: int, end: int, kind: Type) -> Span:
    return Span(start=start, end=end, type=kind, score=1.0, source="gold")
