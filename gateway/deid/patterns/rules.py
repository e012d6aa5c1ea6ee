"""What a rule is, and where it is tried: at a word, at a number, at a code, or by its own scan.

Law: a rule is tried only where its trigger stands, and looks a bounded way from there, so that a text of any
shape takes time linear in its length. A group named for an `IdentifierType` (with a number after it, where
one name is not enough) is a span; a group `KEEP` is something known to be no identifier.
Imports: domain.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gateway.domain.deid import IdentifierType

Check = Callable[[re.Match[str]], bool]
Needs = Callable[[str], bool]
Cut = Callable[[str, int, int], tuple[int, int]]

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
WINDOW = 100
"""How many characters before a trigger's end a `behind` rule looks at."""
MOST_WORDS = 9
"""How many words, the trigger among them, a `behind` rule may begin at."""

_TYPES = {kind.value: kind for kind in IdentifierType}


def groups(pattern: re.Pattern[str]) -> tuple[tuple[int, IdentifierType | None], ...]:
    """The pattern's groups that are spans; None stands for KEEP."""
    found: list[tuple[int, IdentifierType | None]] = []
    for name, index in pattern.groupindex.items():
        stem = name.rstrip("0123456789").rstrip("_")
        if stem == "KEEP":
            found.append((index, None))
        elif stem in _TYPES:
            found.append((index, _TYPES[stem]))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Rule:
    r"""A pattern and what its match is worth, 0 to 1; `check` has the last word on a match.

    `behind` patterns end in `\Z` and are tried from the last `words` words, the furthest first, to the end
    of the trigger. `lead` are signs before the match that belong to its first span, as the bracket before an area code;
    `tail` is what may go on after it and belongs to its last; `cut` narrows a span, to nothing perhaps. At a
    number a rule is tried only where the run of digits has from `digits[0]` to `digits[1]` of them and one
    of the signs of `then` follows (none given: any), `*` standing for all that is not ASCII.
    """

    pattern: re.Pattern[str]
    score: float
    check: Check | None = None
    behind: bool = False
    words: int = MOST_WORDS
    lead: str = ""
    digits: tuple[int, int] = (1, 99)
    then: str = ""
    tail: re.Pattern[str] | None = None
    cut: Cut | None = None
    groups: tuple[tuple[int, IdentifierType | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Scan:
    """A rule that looks through the whole text, where the text has what it `needs`."""

    needs: Needs
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Rules of one kind of identifier. `words` are lower case; `numbers` are tried at every run of digits,
    `codes` at every run of letters that goes on in digits.
    """

    words: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)
    numbers: tuple[Rule, ...] = ()
    codes: tuple[Rule, ...] = ()
    scans: tuple[Scan, ...] = ()


def rule(
    pattern: str,
    score: float,
    *,
    check: Check | None = None,
    behind: bool = False,
    words: int = MOST_WORDS,
    lead: str = "",
    digits: tuple[int, int] = (1, 99),
    then: str = "",
    tail: str = "",
    cut: Cut | None = None,
    flags: int = 0,
) -> Rule:
    """A rule of a pattern's source; `behind` adds the end."""
    compiled = re.compile(pattern + r"\Z" if behind else pattern, flags)
    goes_on = re.compile(tail) if tail else None
    return Rule(compiled, score, check, behind, words, lead, digits, then, goes_on, cut, groups(compiled))


def any_of(words: str) -> str:
    """Space-separated words as the alternatives of a pattern, longest first; `_` stands for a space."""
    found = sorted(words.split(), key=len, reverse=True)
    return "|".join(re.escape(word).replace("_", " ") for word in found)


def at_words(*entries: tuple[str, Rule]) -> dict[str, tuple[Rule, ...]]:
    """Rules by trigger, from entries of space-separated triggers and a rule."""
    table: dict[str, tuple[Rule, ...]] = {}
    for words, found in entries:
        for word in words.split():
            table[word] = (*table.get(word, ()), found)
    return table


def before(match: re.Match[str], most: int = 32) -> str:
    """What stands before a match, lower case."""
    start = match.start()
    return match.string[max(0, start - most) : start].lower()


def after(match: re.Match[str], most: int = 32) -> str:
    """What stands after a match, lower case."""
    end = match.end()
    return match.string[end : end + most].lower()
