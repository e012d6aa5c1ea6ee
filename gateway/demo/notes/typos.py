"""Slips of the hand in names.

Law: a slip is one letter left out, doubled, changed, or swapped with its neighbour. Imports: the standard library.
"""

from __future__ import annotations

from random import Random

TYPO_SHARE = 0.08  # of the mentions of a name
_LEAST = 5  # letters of a name in which a slip is made: shorter ones would become another name
_NEAR = dict(zip("abcdefghijklmnopqrstuvwxyz", "snvfrdghuokknmiaoedtyibcux", strict=True))


def slipped(draw: Random, name: str) -> str:
    """The name with one slip in one of its words of five letters or more, if it has one."""
    words = [place for place, word in enumerate(name.split(" ")) if sum(map(str.isalpha, word)) >= _LEAST]
    if not words:
        return name
    parts = name.split(" ")
    place = draw.choice(words)
    parts[place] = _slip(draw, parts[place])
    return " ".join(parts)


def _slip(draw: Random, word: str) -> str:
    at = draw.choice([i for i, letter in enumerate(word) if i and letter.isalpha()])
    before, letter, after = word[:at], word[at], word[at + 1 :]
    made = draw.choice(("drop", "double", "change", "swap"))
    if made == "drop":
        return before + after
    if made == "swap" and after[:1].isalpha() and after[0] != letter:
        return before + after[0] + letter + after[1:]
    if made == "change" and letter.lower() in _NEAR:
        near = _NEAR[letter.lower()]
        return before + (near.upper() if letter.isupper() else near) + after
    return before + letter + letter + after
