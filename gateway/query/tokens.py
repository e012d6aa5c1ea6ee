"""Guards on SQL text, before any parser sees it: size, characters, nesting, words.

Law: sqlglot's parser receives at most 2,000 tokens of a closed set, nested at most 20 deep, and never a
name of the caller's: each name is replaced by a placeholder, so no column called `next` or `case` can
meet the parser's own keywords. Imports: domain words, errors, sqlglot.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest

from sqlglot.tokenizer_core import Token
from sqlglot.tokens import Tokenizer

from gateway.query import words
from gateway.query.faults import SYNTAX, TOO_DEEP, TOO_LARGE, UNSUPPORTED, fault, sign_of
from gateway.query.names import Name, replace_names
from gateway.query.options import split_options
from gateway.query.subqueries import check_subqueries

# One pass over the text. Quoted parts are skipped whole; possessive repeats keep it linear.
_LEXEMES = re.compile(
    r"""(?P<comment>--[^\n]*|/\*.*?\*/)
    | '(?:[^']|'')*+' | "(?:[^"]|"")*+"
    | (?P<open>'|"|/\*)
    | (?P<bracket>[\[\]{}])
    | (?P<foreign>[^\x20-\x7e\t\r\n])""",
    re.VERBOSE | re.DOTALL,
)
_NEGATIVE = ("NOT", "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """Text that passed the guards, and the names behind the placeholders in its tokens."""

    text: str
    tokens: tuple[Token, ...]
    names: Mapping[str, Name]
    options: Mapping[str, int]


def screen(text: str) -> Screened:
    """Check SQL text and cut it into tokens that are safe to parse.

    Raises InvalidQuery with reason SQL_TOO_LARGE, SQL_TOO_DEEP, SQL_UNSUPPORTED or SQL_SYNTAX.
    """
    # The order is safety: each step is cheap because of the one before.
    # 1. Size, before anything walks the text.
    if len(text) > words.MAX_BYTES or len(text.encode(errors="replace")) > words.MAX_BYTES:
        raise fault(
            TOO_LARGE, "", 0, f"the text is longer than {words.MAX_BYTES} bytes", "ask smaller questions"
        )
    # 2. Characters outside quotes; comments become blanks of the same length.
    blank = _without_comments(text)
    # 3. Tokens.
    try:
        tokens = Tokenizer().tokenize(blank)
    except Exception:  # sqlglot's messages echo the text
        raise fault(SYNTAX, text, 0, "the text cannot be read as SQL") from None
    if len(tokens) > words.MAX_TOKENS:
        start = tokens[words.MAX_TOKENS].start
        raise fault(
            TOO_LARGE, text, start, f"more than {words.MAX_TOKENS} words and signs", "ask smaller questions"
        )
    # 4. Nesting, the closed set of words and signs, and where a SELECT may stand.
    _check_nesting(text, tokens)
    tokens, options = split_options(text, _without_last_semicolon(text, tokens))
    safe, names = replace_names(text, tokens)
    check_subqueries(text, tokens)
    return Screened(text=text, tokens=safe, names=names, options=options)


def _without_comments(text: str) -> str:
    def check(match: re.Match[str]) -> str:
        start, found = match.start(), match.group()
        match match.lastgroup:
            case "comment":
                return re.sub(r"[^\n]", " ", found)
            case "open":
                raise fault(SYNTAX, text, start, "a quote or comment that begins here never ends")
            case "bracket":
                raise fault(UNSUPPORTED, text, start, "a bracket or brace", "only ( and ) group")
            case "foreign":
                raise fault(
                    SYNTAX,
                    text,
                    start,
                    "a character that is not plain ASCII, outside quotes",
                    'quote it: "name"',
                )
        if not found.isprintable() and re.search(r"[\x00\ud800-\udfff]", found):
            raise fault(SYNTAX, text, start, "a quoted text with a character that is not text")
        return found

    return _LEXEMES.sub(check, text)


def _check_nesting(text: str, tokens: list[Token]) -> None:
    """Count open parentheses and the NOTs and minus signs that still wait for their operand."""
    waiting = [0]
    for token, following in zip_longest(tokens, tokens[1:]):
        sign = sign_of(token)
        if sign == "(":
            waiting.append(0)
        elif sign == ")":
            waiting.pop()
            if not waiting:
                raise fault(SYNTAX, text, token.start, "a ) without its (")
        elif sign in _NEGATIVE and sign_of(following) != "INTERVAL":
            waiting[-1] += 1
        elif sign in ("AND", "OR", ","):
            waiting[-1] = 0
        if len(waiting) - 1 + sum(waiting) > words.MAX_NESTING:
            raise fault(TOO_DEEP, text, token.start, f"nested deeper than {words.MAX_NESTING}", "flatten it")
    if len(waiting) > 1:
        raise fault(SYNTAX, text, tokens[-1].start, "a ( is never closed")


def _without_last_semicolon(text: str, tokens: list[Token]) -> list[Token]:
    kept = tokens[:-1] if tokens and sign_of(tokens[-1]) == ";" else tokens
    for token in kept:
        if sign_of(token) == ";":
            raise fault(
                UNSUPPORTED, text, token.start, "more than one statement", "ask one question at a time"
            )
    if not kept:
        raise fault(SYNTAX, text, 0, "there is nothing to read", "SELECT ... FROM dataset")
    return kept
