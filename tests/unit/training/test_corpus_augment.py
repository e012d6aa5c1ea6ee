"""Faults of writers and machines: what they change, and that labels go with their words."""

from __future__ import annotations

from random import Random

import pytest

from gateway.domain.deid import IdentifierType
from training.corpus import augment
from training.corpus.augment import augmented
from training.corpus.scene import Piece

SPACING = (
    augment._lower,
    augment._upper,
    augment._lower_names,
    augment._headline,
    augment._spaced,
    augment._tight,
    augment._wrapped,
    augment._broken_names,
    augment._hyphenated,
)
PIECES: list[Piece] = [
    ("Please see ", None),
    ("Marion Kestrel", IdentifierType.NAME),
    (", seen in the clinic on the corner, at ", None),
    ("Northgate Family Clinic", IdentifierType.ORGANIZATION),
    (". Thanks. ", None),
]


def _letters(pieces: list[Piece]) -> list[tuple[str, IdentifierType | None]]:
    return [("".join(text.split()).replace("-", "").casefold(), kind) for text, kind in pieces]


@pytest.mark.parametrize("fault", SPACING)
def test_a_fault_of_case_or_space_keeps_every_letter_and_label(fault: augment.Fault) -> None:
    changed = [fault(PIECES, Random(seed)) for seed in range(200)]
    assert all(_letters(pieces) == _letters(PIECES) for pieces in changed)
    assert any(pieces != PIECES for pieces in changed)


@pytest.mark.parametrize("fault", [augment._typos, augment._unmarked])
def test_a_fault_of_letters_or_marks_keeps_the_labels(fault: augment.Fault) -> None:
    changed = [fault(PIECES, Random(seed)) for seed in range(200)]
    assert all([kind for _, kind in pieces] == [kind for _, kind in PIECES] for pieces in changed)
    assert all(text for pieces in changed for text, _ in pieces)
    assert any(pieces != PIECES for pieces in changed)


def test_lost_marks_are_not_lost_from_identifiers() -> None:
    pieces: list[Piece] = [("Call ", None), ("617.555.0142", IdentifierType.PHONE), (", now. ", None)]
    for seed in range(50):
        assert augment._unmarked(pieces, Random(seed))[1] == pieces[1]


def test_most_text_stands_as_written_and_some_is_changed() -> None:
    kept = sum(augmented(PIECES, Random(seed)) == PIECES for seed in range(1000))
    assert 600 < kept < 850
    upper = sum(augmented(PIECES, Random(seed))[1][0].isupper() for seed in range(1000))
    assert 30 < upper < 100
