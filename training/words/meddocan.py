"""MEDDOCAN (SPACCC_MEDDOCAN, CC BY 4.0): Spanish clinical cases with made-up identifiers, as rows to learn from.

Its 29 types after Marimon et al., "Automatic de-identification of medical texts in Spanish: the MEDDOCAN
track", IberLEF 2019. JSON lines, gzip: id, text, spans of type, start, end in code points.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gateway.deid.words_seen import features, windows, words_of
from gateway.domain.deid import IdentifierType

T = IdentifierType
MEANS: Final = {
    "NOMBRE_SUJETO_ASISTENCIA": T.NAME,
    "NOMBRE_PERSONAL_SANITARIO": T.NAME,
    "FECHAS": T.DATE,
    "TERRITORIO": T.LOCATION,
    "CALLE": T.STREET,
    "HOSPITAL": T.ORGANIZATION,
    "INSTITUCION": T.ORGANIZATION,
    "CENTRO_SALUD": T.ORGANIZATION,
    "CORREO_ELECTRONICO": T.EMAIL,
    "NUMERO_TELEFONO": T.PHONE,
    "NUMERO_FAX": T.FAX,
    "ID_SUJETO_ASISTENCIA": T.MRN,
    "ID_CONTACTO_ASISTENCIAL": T.MRN,
    "ID_ASEGURAMIENTO": T.HEALTH_PLAN,
    "ID_TITULACION_PERSONAL_SANITARIO": T.LICENSE,
    "ID_EMPLEO_PERSONAL_SANITARIO": T.LICENSE,
    "OTROS_SUJETO_ASISTENCIA": T.ID,
}
"""What its types are here. Sex, age, country, kinship and profession are no identifiers by themselves."""


@dataclass(frozen=True, slots=True)
class Case:
    """A text and its spans: start, end, type."""

    text: str
    spans: frozenset[tuple[int, int, str]]


@dataclass(frozen=True, slots=True)
class Row:
    """A window: the columns of its words, and the number of each word's tag."""

    columns: Sequence[tuple[int, ...]]
    tags: Sequence[int]


def cases(file: Path) -> list[Case]:
    """Every case of one part of the set."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [_case(json.loads(line)) for line in lines]


def _case(line: dict[str, Any]) -> Case:
    return Case(line["text"], frozenset((s["start"], s["end"], s["type"]) for s in line["spans"]))


def tags_of(some: Sequence[Case]) -> list[str]:
    """O, then B and I of every type that occurs."""
    types = sorted({kind for case in some for _, _, kind in case.spans})
    return ["O", *(f"{mark}-{kind}" for kind in types for mark in "BI")]


def rows(some: Sequence[Case], tags: Sequence[str]) -> list[Row]:
    """The windows of all cases."""
    numbers = {tag: number for number, tag in enumerate(tags)}
    return [
        Row(features(case.text, places), _tagged(case, places, numbers))
        for case in some
        for places in windows(case.text, words_of(case.text))
    ]


def _tagged(case: Case, places: Sequence[tuple[int, int]], numbers: dict[str, int]) -> list[int]:
    found = [0] * len(places)
    for start, end, kind in case.spans:
        inside = [word for word, (first, last) in enumerate(places) if first < end and last > start]
        for word in inside:
            begins = places[word][0] <= start
            found[word] = numbers[f"{'B' if begins else 'I'}-{kind}"]
    return found
