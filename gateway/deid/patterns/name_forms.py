"""How an English name is written, and what a match of one is cut to.

Law: a name has no form's words in it; a sure one begins with no ordinary word, or with a known given name.
Imports: common words, name words, surrogate names (given names in lower case), rules.
"""

from __future__ import annotations

import re

from gateway.deid.common_words import ordinary
from gateway.deid.patterns.name_words import BEFORE, ENDS
from gateway.deid.surrogate_names import ES_GIVEN_FEMALE, ES_GIVEN_MALE, GIVEN_FEMALE, GIVEN_MALE

GIVEN = frozenset(name.lower() for name in (*GIVEN_FEMALE, *GIVEN_MALE, *ES_GIVEN_FEMALE, *ES_GIVEN_MALE))

TITLED = (
    r"(?:(?:O'|D'|Mc|Mac|De|Di|La|Le|Van)?[A-ZÀ-ÞĀ-ɏ][a-zß-ɏ]{1,20}(?:[-'](?!s\b)[A-ZÀ-ÞĀ-ɏ]?[a-zß-ɏ]{1,20"
    r"}){0,2})(?![a-zß-ɏA-Z])"
)
UPPER = r"(?:(?:O'|D')?[A-ZÀ-ÞĀ-ɏ]{2,20}(?:[-'][A-ZÀ-ÞĀ-ɏ]{2,20}){0,2})(?![a-zß-ɏA-Z0-9])"
INITIAL = r"(?:[A-Z]\.(?:\s?[A-Z]\.)?|[A-Z](?![A-Za-z0-9.]))"
PARTICLE = (
    r"(?:van der|van den|van de|van|von der|von|de la|de los|de las|del|de|da|dos|di|la|le|bin"
    r"|binti|ibn|al|el|ben|ter|y|st\.?|St\.?)"
)
WORD = rf"(?:{TITLED}|{UPPER}|{INITIAL})"
SUFFIX = r"(?:,?\s(?:Jr|Sr|JR|SR|II|III|IV)\b\.?)?"
FULL = rf"(?:{PARTICLE}[ ])?{WORD}(?:[ ]{{1,2}}(?:{PARTICLE}[ ])?{WORD}){{0,3}}{SUFFIX}"
LAST_FIRST = (
    rf"(?:{PARTICLE}[ ])?(?:{TITLED}|{UPPER})(?:[ -](?:{TITLED}|{UPPER}))?,[ ]?{WORD}(?:[ "
    rf"]{WORD}){{0,2}}{SUFFIX}"
)
LOWER = r"[a-zß-ɏ]{2,20}(?:[-'][a-zß-ɏ]{2,20})?"
TITLE = r"(?:(?i:drs?|mr|mrs|ms|miss|mx|prof|professor|doctor|nurse|sir|rev)\.?\s)?"

TECHNICAL = re.compile(
    r"(?:tions?|olog(?:y|ist)|itis|osis|emia|pathy|ectomy|o[st]tomy|scopy|graphy|plasty|ical|ible|ness"
    r"|ments|ncy"
    r"|...(?<!m)(?<!e)(?<!fr)ed)\Z"
)
PIECE = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")


def bare(word: str) -> str:
    return word.lower().removesuffix("'s")


def name_only(text: str, start: int, end: int) -> tuple[int, int]:
    """The name without a form's words before and after it."""
    pieces = [piece for piece in PIECE.finditer(text, start, end)]
    while pieces and bare(pieces[0][0]) in BEFORE:
        pieces.pop(0)
    for at, piece in enumerate(pieces):
        if bare(piece[0]) in ENDS or (at and piece[0] in ("WILL", "CAN", "MAY")):
            pieces = pieces[:at]
            break
    if not pieces:
        return start, start
    last = pieces[-1].end()
    single = pieces[-1].end() - pieces[-1].start() == 1 and text[last : last + 1] == "."
    suffix = pieces[-1][0] in ("Jr", "Sr") and text[last : last + 1] == "."
    return pieces[0].start(), min(end, last + (single or suffix))


def a_word(word: str) -> bool:
    """Whether a lower-case word is an ordinary one or a technical one by its ending."""
    return word not in GIVEN and (ordinary(word) or TECHNICAL.search(word) is not None)


def surely_named(text: str, start: int, end: int) -> tuple[int, int]:
    """A name whose first word is no ordinary one, or a given name with more after it."""
    start, end = name_only(text, start, end)
    words = [piece.lower() for piece in PIECE.findall(text[start:end]) if len(piece) > 1]
    known = len(words) > 1 and (words[0] in GIVEN or not (ordinary(words[0]) or a_word(words[1])))
    return (start, end) if words and (known or not a_word(words[0])) else (start, start)


def two_named(text: str, start: int, end: int) -> tuple[int, int]:
    """As `surely_named`, where two words or more are left."""
    start, end = surely_named(text, start, end)
    return (start, end) if " " in text[start:end] else (start, start)


_TECHNICAL_TOO = re.compile(r"(?:ance|opic|icin|illin|sone|anyl|azole|statin|sound|ative|ound)\Z")


def strangers(text: str, start: int, end: int) -> tuple[int, int]:
    """As `two_named`, where no word is an ordinary or a technical one."""
    start, end = two_named(text, start, end)
    words = [piece.lower() for piece in PIECE.findall(text[start:end]) if len(piece) > 1]
    strange = not any(ordinary(word) or _TECHNICAL_TOO.search(word) for word in words)
    return (start, end) if words and strange and not TECHNICAL.search(words[-1]) else (start, start)
