"""Which single words, numbers and texts the language has.

Law: what is not a word of the language, where it may stand, is a plain name or refused.
Imports: domain words, sqlglot's tokens, and this room's faults and words.
"""

from __future__ import annotations

import re

from sqlglot.tokenizer_core import Token

from gateway.domain.limits import MAX_DIGITS, MAX_TEXT_BYTES
from gateway.query import words
from gateway.query.faults import SYNTAX, TOO_LARGE, UNSUPPORTED, fault, sign_of

_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
_AFTER_LISTS = (")", "FROM", "WHERE", "GROUP BY")


def check_word(text: str, token: Token, before: list[Token], following: Token | None) -> None:
    """Raise, unless a word or sign is the language's own, where it may stand, or a plain name."""
    sign = sign_of(token)
    signs = [sign_of(t) for t in before]
    if sign == "DISTINCT" and signs not in (["COUNT", "("], ["(", "SELECT"]):
        raise fault(
            UNSUPPORTED, text, token.start, "DISTINCT", "write COUNT(DISTINCT patient), or use GROUP BY"
        )
    if sign == "," and (following is None or sign_of(following) in _AFTER_LISTS):
        raise fault(SYNTAX, text, token.start, "a comma with nothing after it")
    if sign in words.SYMBOLS or sign == "GROUP BY":
        return
    first = sign.split(" ")[0]
    known = words.REFUSED.get(first) or words.REFUSED_SIGNS.get(sign) or words.REFUSED_SIGNS.get(sign[:1])
    if known:
        raise fault(UNSUPPORTED, text, token.start, *known)
    plain = words.PLAIN_NAME.fullmatch(token.text) and text.startswith(token.text, token.start)
    if not plain:  # also N'x' and its like, whose token holds other text than stands there
        raise fault(UNSUPPORTED, text, token.start, "this word or sign")


def check_number(text: str, token: Token, following: Token | None) -> None:
    touching = (
        following is not None and following.start == token.end + 1 and sign_of(following)[:1].isidentifier()
    )
    if touching or not _NUMBER.fullmatch(token.text):
        raise fault(
            UNSUPPORTED, text, token.start, "a number in another form", "write digits alone: 12 or 0.5"
        )
    if len(token.text) > MAX_DIGITS:
        raise fault(TOO_LARGE, text, token.start, f"a number longer than {MAX_DIGITS} characters")


def check_string(text: str, token: Token) -> None:
    if len(token.text.encode()) > MAX_TEXT_BYTES:
        raise fault(TOO_LARGE, text, token.start, f"a text longer than {MAX_TEXT_BYTES} bytes")
