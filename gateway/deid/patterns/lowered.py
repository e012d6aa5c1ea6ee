"""A Spanish text without capitals, with capitals where a name could be: rules that read capitals then apply.

Law: the copy is as long as the text, letter for letter, so that spans found in it are spans of the text.
Imports: common words, Spanish names.
"""

from __future__ import annotations

import re

from gateway.deid.common_words import ordinary
from gateway.deid.patterns.spanish_names import technical

_WORD = re.compile(r"[^\W\d_]+")
_ACCENTS = str.maketrans("áéíóúüñ", "aeiouun")
_KIND_WORDS = (
    "hospital clinica centro salud dialisis residencia consultorio ambulatorio fundacion instituto universidad universitario"
    " general comarcal dental virgen san santa ntra medico talleres bodegas ceramicas autobuses conservas colegio"
)
_KINDS = frozenset(_KIND_WORDS.split())
_LOWER_WORDS = "de del la las los el y e i en por con a al su sus un una que se le lo dr dra sr sra don"
_LOWER = frozenset(_LOWER_WORDS.split())
_MOST = 0.005
_LEAST = 40


def lowered(text: str) -> bool:
    """Whether a text has letters enough and next to no capitals."""
    letters = sum(map(str.isalpha, text))
    return letters >= _LEAST and sum(map(str.isupper, text)) <= letters * _MOST


def recased(text: str) -> str:
    """The text with a capital at each word that is no everyday one, and at words for kinds of institutions."""
    return _WORD.sub(_cased, text)


def _cased(match: re.Match[str]) -> str:
    word = match[0]
    plain = word.lower().translate(_ACCENTS)
    if plain in _LOWER or len(word) < 2 or (plain not in _KINDS and (ordinary(plain) or technical(plain))):
        return word
    first = word[0].upper()
    return first + word[1:] if len(first) == 1 else word
