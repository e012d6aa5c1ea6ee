"""A text's words and numbers with their places, folded for comparison; and edit distance one.

Law: one pass over the text, linear in its length; offsets are code points of the text as given.
Chinese, Japanese and Korean writing has no spaces between words and is left to its own matchers.
Imports: the standard library only.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

CJK = "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_MARKS = "\u0300-\u036f\u0591-\u05bd\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094d"
_LETTER = rf"[^\W\d_\u00aa\u00ba{CJK}]"  # the ordinal signs of Spanish are no letters here
_ASCII = re.compile(r"[A-Za-z]+|[0-9]+")
_ANY = re.compile(rf"{_LETTER}+(?:[{_MARKS}]+{_LETTER}*)*|\d+")
_HAS_CJK = re.compile(rf"[{CJK}]")
_UNMARKED = str.maketrans(
    {
        "ß": "ss",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "ð": "d",
        "\u0131": "i",
        "ħ": "h",
    }
)


@dataclass(frozen=True, slots=True)
class Words:
    """The words (runs of letters) and numbers (runs of digits) of a text, in order.

    Three equal lists; `numbers` are the places of the numbers in them, `seen` is each folded word once.
    """

    text: str
    starts: list[int]
    ends: list[int]
    folded: list[str]
    numbers: list[int]
    seen: frozenset[str]

    def gap(self, index: int) -> str:
        """What stands between word `index` and the next one; one space after the last."""
        if index + 1 >= len(self.starts):
            return " "
        return self.text[self.ends[index] : self.starts[index + 1]]

    def raw(self, index: int) -> str:
        """A word as it is written."""
        return self.text[self.starts[index] : self.ends[index]]

    def capital(self, index: int) -> bool:
        """Whether a word begins with a capital letter."""
        return self.text[self.starts[index]].isupper()


def words_of(text: str) -> Words:
    """Every word and number of a text."""
    plain = text.isascii()
    spans = [match.span() for match in (_ASCII if plain else _ANY).finditer(text)]
    if plain:
        low = text.lower()
        folded = [low[start:end] for start, end in spans]
    else:
        folded = [fold(text[start:end]) for start, end in spans]
    return Words(
        text=text,
        starts=[start for start, _ in spans],
        ends=[end for _, end in spans],
        folded=folded,
        numbers=[at for at, word in enumerate(folded) if word.isdigit()],
        seen=frozenset(folded),
    )


def fold(text: str) -> str:
    """Lower case without accents; digits of every script as 0 to 9. The length may change."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(_UNMARKED)
    return "".join(
        str(unicodedata.digit(char)) if char.isdigit() else char
        for char in plain
        if not unicodedata.combining(char)
    )


def tokens(text: str) -> list[str]:
    """The folded words and numbers of a short text, such as a name or an address line."""
    if text.isascii():
        return _ASCII.findall(text.lower())
    return [fold(word) for word in _ANY.findall(text)]


def has_cjk(text: str) -> bool:
    """Whether any character is Chinese, Japanese or Korean writing."""
    return not text.isascii() and _HAS_CJK.search(text) is not None


def near(one: str, other: str) -> bool:
    """Whether one edit at most (insertion, deletion, substitution, swap of neighbours) makes them equal."""
    short, long = sorted((one, other), key=len)
    if len(long) - len(short) > 1:
        return False
    at = 0
    while at < len(short) and short[at] == long[at]:
        at += 1
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    if short[at + 1 :] == long[at + 1 :]:
        return True
    swapped = short[at + 1 : at + 2] + short[at : at + 1]
    return swapped == long[at : at + 2] and short[at + 2 :] == long[at + 2 :]


class Neighbourhood:
    """Words to be found again with one typing error.

    An edit leaves the first or the second half of a word as it was, but for a swap across its middle,
    which is one more key. So a look-up is a few dictionary hits and then a comparison.
    """

    def __init__(self, words: set[str]) -> None:
        self._edges = {word[:2] for word in words}, {word[-2:] for word in words}
        self._heads: dict[str, list[str]] = {}
        self._tails: dict[str, list[str]] = {}
        self._swapped: dict[str, str] = {}
        for word in sorted(words):
            half = len(word) // 2
            self._heads.setdefault(word[:half], []).append(word)
            self._tails.setdefault(word[half:], []).append(word)
            middle = word[: half - 1] + word[half] + word[half - 1] + word[half + 1 :]
            self._swapped.setdefault(middle, word)
        self._head_sizes = sorted({len(head) for head in self._heads})
        self._tail_sizes = sorted({len(tail) for tail in self._tails})

    def of(self, word: str) -> str | None:
        """A known word that is one edit from this one, the same each time; None where there is none.

        Known words have five letters or more, so that one edit leaves the first or the last two as they are.
        """
        if word[:2] not in self._edges[0] and word[-2:] not in self._edges[1]:
            return None
        for size in self._head_sizes:
            for known in self._heads.get(word[:size], ()):
                if near(word, known):
                    return known
        for size in self._tail_sizes:
            for known in self._tails.get(word[-size:], ()):
                if near(word, known):
                    return known
        return self._swapped.get(word)
