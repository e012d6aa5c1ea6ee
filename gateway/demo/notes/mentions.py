"""Names as notes mention them: in full, turned round, with initials, now and then with a slip.

Law: a title stands outside of the name. Imports: chart, pieces, typos, domain.
"""

from __future__ import annotations

from random import Random

from gateway.demo.notes.chart import Name
from gateway.demo.notes.pieces import Pieces, upper
from gateway.demo.notes.typos import TYPO_SHARE, slipped
from gateway.domain.deid import IdentifierType


def named(draw: Random, text: str) -> Pieces:
    """A mention of a name."""
    return [(slipped(draw, text) if draw.random() < TYPO_SHARE else text, IdentifierType.NAME)]


def full(draw: Random, name: Name) -> Pieces:
    """Given name first, with the middle name or its initial now and then."""
    middle = draw.choices(
        ("", f" {name.middle[:1]}.", f" {name.middle[:1]}", f" {name.middle}"), (70, 15, 10, 5)
    )[0]
    text = f"{name.given}{middle if name.middle else ''} {name.family}"
    return named(draw, upper(text) if draw.random() < 0.06 else text)


def turned(draw: Random, name: Name) -> Pieces:
    """Family name first, as on a form."""
    initial = f" {name.middle[:1]}" if name.middle and draw.random() < 0.4 else ""
    family, given = (upper(name.family), name.given) if draw.random() < 0.3 else (name.family, name.given)
    text = f"{family}{draw.choices((', ', ',', ' , '), (85, 12, 3))[0]}{given}{initial}"
    return named(draw, upper(text) if draw.random() < 0.35 else text)


def professional(draw: Random, name: Name) -> Pieces:
    """One of the staff: in full, with an initial, or by the family name."""
    text = draw.choices((name.text, f"{name.given[:1]}. {name.family}", name.family), (70, 17, 13))[0]
    return named(draw, text)
