"""The caller's names behind placeholders, so that the parser never sees one.

Law: a name, a name qualified by another and such a name moved by days are each one placeholder; a function
of ours is a word that the parser does not know. Imports: domain words, sqlglot's tokens, and this room's
faults, lexicon and words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot.tokenizer_core import Token, TokenType

from gateway.domain.limits import MAX_NAME, is_name
from gateway.query import words
from gateway.query.faults import SYNTAX, UNSUPPORTED, fault, sign_of
from gateway.query.lexicon import check_number, check_string, check_word

_DAYS = re.compile(r"([0-9]{1,5})(?: (?i:days?))?")
_INTERVAL = "write INTERVAL '365' DAY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A name as the language reads it (lower case unless quoted), and where it begins in the text.

    `of` is the name before the point, and `days` how far a date so named is moved.
    """

    text: str
    start: int
    of: str = ""
    days: int = 0


def replace_names(text: str, tokens: list[Token]) -> tuple[tuple[Token, ...], Mapping[str, Name]]:
    """Tokens that are safe to parse, and the names behind the placeholders in them."""
    safe: list[Token] = []
    names: dict[str, Name] = {}
    i = 0
    while i < len(tokens):
        token = tokens[i]
        following = tokens[i + 1] if i + 1 < len(tokens) else None
        kept = _kept(text, token, tokens[max(0, i - 2) : i], following)
        if kept is not None:
            safe.append(kept)
            i += 1
            continue
        if sign_of(following) == "(":
            raise fault(UNSUPPORTED, text, token.start, "this function", words.FUNCTIONS_ARE)
        name, i = _name(text, tokens, i)
        placeholder = f"n{len(names)}"
        safe.append(_copy(token, TokenType.VAR, placeholder))
        names[placeholder] = name
    return tuple(safe), names


def _copy(token: Token, kind: TokenType, text: str) -> Token:
    return Token(kind, text, token.line, token.col, token.start, token.end)


def _kept(text: str, token: Token, before: list[Token], following: Token | None) -> Token | None:
    """The token as the parser sees it. None: it is a name. Raises for what is refused."""
    kind, sign = token.token_type, sign_of(token)
    same = _copy(token, kind, token.text)
    if kind == TokenType.IDENTIFIER:
        return None
    if kind == TokenType.STRING:
        check_string(text, token)
        return same
    if kind == TokenType.NUMBER:
        check_number(text, token, following)
        return same
    check_word(text, token, before, following)
    if sign in words.SYMBOLS or sign in words.LANGUAGE or sign == "GROUP BY":
        return same
    if sign_of(following) == "(" and sign in words.FUNCTIONS:
        return same
    if sign_of(following) == "(" and sign in words.OWN_FUNCTIONS:
        return _copy(token, TokenType.VAR, words.OWN_FUNCTIONS[sign])
    is_day = kind == TokenType.DATE and following is not None and following.token_type == TokenType.STRING
    return same if is_day else None


def _name(text: str, tokens: list[Token], i: int) -> tuple[Name, int]:
    """The name that begins at a token, and the number of the token behind it."""
    first = _text(text, tokens[i])
    start = tokens[i].start
    if [sign_of(token) for token in tokens[i + 1 : i + 2]] != ["."] or not _may_name(
        text, tokens[i + 2 : i + 3]
    ):
        return Name(text=first, start=start), i + 1
    days, end = _shift(text, tokens, i + 3)
    return Name(text=_text(text, tokens[i + 2]), start=start, of=first, days=days), end


def _text(text: str, token: Token) -> str:
    if not is_name(token.text):
        raise fault(SYNTAX, text, token.start, f"a name is 1 to {MAX_NAME} printable characters")
    return token.text if token.token_type == TokenType.IDENTIFIER else token.text.lower()


def _may_name(text: str, tokens: list[Token]) -> bool:
    """Whether a name follows: a quoted one, or a plain word that is not the language's."""
    if not tokens or tokens[0].token_type == TokenType.IDENTIFIER:
        return bool(tokens)
    word = tokens[0].text
    plain = sign_of(tokens[0]) and words.PLAIN_NAME.fullmatch(word) and not words.is_reserved(word)
    return bool(plain) and text.startswith(word, tokens[0].start)


def _shift(text: str, tokens: list[Token], i: int) -> tuple[int, int]:
    """The days of `+ INTERVAL '30' DAY` where one stands at a token, and the number of the token behind."""
    signs = [sign_of(token) for token in tokens[i : i + 2]]
    if signs not in (["+", "INTERVAL"], ["-", "INTERVAL"]):
        return 0, i
    at, amount = tokens[i + 1].start, tokens[i + 2 : i + 3]
    wrong = fault(UNSUPPORTED, text, at, "an interval of another form", _INTERVAL)
    if not amount or amount[0].token_type not in (TokenType.STRING, TokenType.NUMBER):
        raise wrong
    found = _DAYS.fullmatch(amount[0].text)
    unit = sign_of(tokens[i + 3]) if i + 3 < len(tokens) else ""
    has_unit = unit in ("DAY", "DAYS")
    if found is None or has_unit is not amount[0].text.isdecimal():
        raise wrong
    days = int(found[1])
    return -days if signs[0] == "-" else days, i + 3 + has_unit
