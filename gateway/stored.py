"""A release as stored for replay: canonical JSON of the noisy vectors, before suppression.

Doubles are written in hexadecimal, so that what is read back is bit for bit what was drawn.
Imports: the standard library, domain words, audit's canonical encoding, errors.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from gateway.audit.canonical import encode
from gateway.domain.entry import Json
from gateway.domain.expression import VectorKind
from gateway.domain.privacy import PrivacyLoss
from gateway.domain.query import MeasureKind
from gateway.domain.release import Figure, KeyLabels, NoisyVector, Release
from gateway.errors import JournalInvalid

VERSION = 1
LONGEST_VALUE = 22  # characters of a noisy integer below 2^64 with its sign and the space after it
MOST_BYTES = 64 * 1024 * 1024  # of a hundred thousand cells, many times over


def encode_release(release: Release, draw: str, ticks: int = 1) -> bytes:
    """The bytes to store. `draw` is the id of the entry that charged for it; `ticks` of the answer grid is
    how long it took, so that whoever else sees it first is kept waiting as long.
    """
    content: dict[str, Json] = {
        "v": VERSION,
        "draw": draw,
        "dataset": release.dataset,
        "population": release.population,
        "snapshot": release.snapshot,
        "keys": [[key.column, list(key.labels)] for key in release.keys],
        "vectors": [
            [v.kind.value, v.column, v.sigma.hex(), str(v.rho), " ".join(map(str, v.values))]
            for v in release.vectors
        ],
        "figures": [_figure_parts(figure) for figure in release.figures],
        "loss": [str(release.loss.rho), str(release.loss.delta)],
        "max_groups": release.max_groups,
        "max_rows": release.max_rows,
        "patients": release.patients,
        "ticks": ticks,
    }
    return encode(content, most=MOST_BYTES)


def most_bytes(*, keys: Sequence[KeyLabels], vectors: int, integers: int, figures: int) -> int:
    """No less than `encode_release` can write for such a plan, whatever the data: public numbers alone.

    `integers` are those of all vectors together, of which a split has two for each cell.
    """
    labels = sum(len(json.dumps([key.column, list(key.labels)])) for key in keys)  # escapes never shorten
    return 4096 + labels + vectors * 256 + integers * LONGEST_VALUE + figures * 1024


def _figure_parts(figure: Figure) -> list[Json]:
    read = [figure.name, figure.kind.value, figure.column, figure.numerator, figure.denominator]
    return [*read, figure.unit.hex(), str(figure.centre), figure.low.hex(), figure.high.hex(), figure.ucum]


def decode_release(stored: bytes) -> tuple[Release, str]:
    """The release and the id of its draw. Raises `JournalInvalid`, without a word of the content."""
    try:
        content = json.loads(stored)
        if content["v"] != VERSION:
            raise ValueError
        return _release(content), str(content["draw"])
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, RecursionError):
        raise JournalInvalid("a stored release cannot be read", reason="STORED_RELEASE_INVALID") from None


def ticks_of(stored: bytes) -> int:
    """How many ticks the draw took; 1 where it was stored before that was kept. Raises `JournalInvalid`."""
    try:
        ticks = json.loads(stored).get("ticks", 1)
    except (ValueError, AttributeError, RecursionError):
        ticks = 0
    if type(ticks) is not int or ticks < 1:
        raise JournalInvalid("a stored release cannot be read", reason="STORED_RELEASE_INVALID")
    return ticks


def _release(content: dict[str, Any]) -> Release:
    rho, delta = content["loss"]
    return Release(
        dataset=content["dataset"],
        population=content["population"],
        snapshot=content["snapshot"],
        keys=tuple(KeyLabels(column=name, labels=tuple(labels)) for name, labels in content["keys"]),
        vectors=tuple(_vector(*parts) for parts in content["vectors"]),
        figures=tuple(_figure(*parts) for parts in content["figures"]),
        loss=PrivacyLoss(rho=int(rho), delta=int(delta)),
        max_groups=content["max_groups"],
        max_rows=content["max_rows"],
        patients=content["patients"],
    )


def _vector(kind: str, column: str | None, sigma: str, rho: str, values: str) -> NoisyVector:
    return NoisyVector(
        kind=VectorKind(kind),
        column=column,
        sigma=float.fromhex(sigma),
        rho=int(rho),
        values=tuple(map(int, values.split())),
    )


def _figure(
    name: str, kind: str, column: str | None, numerator: int, denominator: int | None, *numbers: str
) -> Figure:
    unit, centre, low, high, *ucum = numbers
    return Figure(
        name=name,
        kind=MeasureKind(kind),
        column=column,
        numerator=numerator,
        denominator=denominator,
        unit=float.fromhex(unit),
        centre=int(centre),
        low=float.fromhex(low),
        high=float.fromhex(high),
        ucum=str(*ucum),  # empty where it was stored before units were
    )
