"""Guards on SQL text, before any parser sees it: size, characters, nesting, words.

Law: sqlglot's parser receives at most 2,000 tokens of a closed set, nested at most 20 deep, and never a
name of the caller's: each name is replaced by a placeholder, so no column called `next` or `case` can
meet the parser's own keywords. Imports: domain words, errors, sqlglot.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot.tokenizer_core import Token, TokenType
from sqlglot.tokens import Tokenizer

from gateway.errors import InvalidQuery, Violation
from gateway.query import words

UNSUPPORTED, SYNTAX = "SQL_UNSUPPORTED", "SQL_SYNTAX"
TOO_LARGE, TOO_DEEP = "SQL_TOO_LARGE", "SQL_TOO_DEEP"

# One pass over the text. Quoted parts are skipped whole; possessive repeats keep it linear.
_LEXEMES = re.compile(
    r"""(?P<comment>--[^\n]*|/\*.*?\*/)
    | '(?:[^']|'')*+' | "(?:[^"]|"")*+"
    | (?P<open>'|"|/\*)
    | (?P<bracket>[\[\]{}])
    | (?P<foreign>[^\x20-\x7e\t\r\n])""",
    re.VERBOSE | re.DOTALL,
)
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
_NEGATIVE = ("NOT", "-")
_AFTER_LISTS = (")", "FROM", "WHERE", "GROUP BY")


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A name as the language reads it (lower case unless quoted), and where it begins in the text."""

    text: str
    start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """Text that passed the guards, and the names behind the placeholders in its tokens."""

    text: str
    tokens: tuple[Token, ...]
    names: Mapping[str, Name]
    options: Mapping[str, int]


def place(text: str, start: int) -> tuple[int, int]:
    """Line and column, both from 1, of an offset in a text."""
    return text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)


def fault(reason: str, text: str, start: int, description: str, suggestion: str = "") -> InvalidQuery:
    """The refusal of one place in the text."""
    line, column = place(text, start)
    if reason == UNSUPPORTED:
        description = f"not in the language: {description}"
    violation = Violation(description=description, line=line, column=column, suggestion=suggestion)
    return InvalidQuery(reason=reason, violations=[violation])


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
    # 4. Nesting, then the closed set of words and signs.
    _check_nesting(text, tokens)
    tokens, options = _split_options(text, _without_last_semicolon(text, tokens))
    return _replace_names(text, tokens, options)


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


def _sign(token: Token) -> str:
    """The word or sign of a token in upper case; empty for quoted text, quoted names and numbers."""
    quoted = (TokenType.STRING, TokenType.IDENTIFIER, TokenType.NUMBER)
    return "" if token.token_type in quoted else " ".join(token.text.upper().split())


def _check_nesting(text: str, tokens: list[Token]) -> None:
    """Count open parentheses and the NOTs and minus signs that still wait for their operand."""
    waiting = [0]
    for token in tokens:
        sign = _sign(token)
        if sign == "(":
            waiting.append(0)
        elif sign == ")":
            waiting.pop()
            if not waiting:
                raise fault(SYNTAX, text, token.start, "a ) without its (")
        elif sign in _NEGATIVE:
            waiting[-1] += 1
        elif sign in ("AND", "OR", ","):
            waiting[-1] = 0
        if len(waiting) - 1 + sum(waiting) > words.MAX_NESTING:
            raise fault(TOO_DEEP, text, token.start, f"nested deeper than {words.MAX_NESTING}", "flatten it")
    if len(waiting) > 1:
        raise fault(SYNTAX, text, tokens[-1].start, "a ( is never closed")


def _without_last_semicolon(text: str, tokens: list[Token]) -> list[Token]:
    kept = tokens[:-1] if tokens and _sign(tokens[-1]) == ";" else tokens
    for token in kept:
        if _sign(token) == ";":
            raise fault(
                UNSUPPORTED, text, token.start, "more than one statement", "ask one question at a time"
            )
    if not kept:
        raise fault(SYNTAX, text, 0, "there is nothing to read", "SELECT ... FROM dataset")
    return kept


def _split_options(text: str, tokens: list[Token]) -> tuple[list[Token], dict[str, int]]:
    """Take `OPTION (max_groups = 2, max_rows = 5)` off the end."""
    signs = [_sign(token) for token in tokens]
    at = next((i for i in range(1, len(signs) - 1) if signs[i : i + 2] == ["OPTION", "("]), None)
    if at is None:
        return tokens, {}
    options: dict[str, int] = {}
    wrong = fault(
        SYNTAX,
        text,
        tokens[at].start,
        "an OPTION clause of another form",
        "end with OPTION (max_groups = 2, max_rows = 5)",
    )
    for begin in range(at + 2, len(tokens), 4):
        part = tokens[begin : begin + 4]
        if (
            len(part) < 4
            or signs[begin + 1] != "="
            or signs[begin + 3] != (")" if part[-1] is tokens[-1] else ",")
        ):
            raise wrong
        name, value = signs[begin].lower(), part[2].text
        if name not in words.OPTIONS or name in options or part[2].token_type != TokenType.NUMBER:
            raise wrong
        if not value.isdecimal() or len(value) > 10 or not 1 <= int(value) <= words.MAX_BOUND:
            raise fault(
                SYNTAX, text, part[2].start, "a bound that is not a whole number from 1 to 2147483647"
            )
        options[name] = int(value)
    if not options:
        raise wrong
    return tokens[:at], options


def _replace_names(text: str, tokens: list[Token], options: Mapping[str, int]) -> Screened:
    safe: list[Token] = []
    names: dict[str, Name] = {}
    for i, token in enumerate(tokens):
        following = tokens[i + 1] if i + 1 < len(tokens) else None
        if _is_kept(text, token, tokens[max(0, i - 2) : i], following):
            safe.append(_copy(token, token.token_type, token.text))
            continue
        quoted = token.token_type == TokenType.IDENTIFIER
        if following is not None and _sign(following) == "(":
            raise fault(
                UNSUPPORTED, text, token.start, "a function other than COUNT, SUM and AVG",
                "the measures are COUNT(DISTINCT patient), COUNT(*), SUM(column) and AVG(column)",
            )  # fmt: skip
        if not words.is_name(token.text):
            raise fault(SYNTAX, text, token.start, f"a name is 1 to {words.MAX_NAME} printable characters")
        placeholder = f"n{len(names)}"
        safe.append(_copy(token, TokenType.VAR, placeholder))
        names[placeholder] = Name(text=token.text if quoted else token.text.lower(), start=token.start)
    return Screened(text=text, tokens=tuple(safe), names=names, options=options)


def _copy(token: Token, kind: TokenType, text: str) -> Token:
    return Token(kind, text, token.line, token.col, token.start, token.end)


def _is_kept(text: str, token: Token, before: list[Token], following: Token | None) -> bool:
    """Whether the parser sees this token as it is. False: it is a name. Raises for what is refused."""
    kind, sign = token.token_type, _sign(token)
    if kind == TokenType.IDENTIFIER:
        return False
    if kind == TokenType.STRING:
        _check_string(text, token)
        return True
    if kind == TokenType.NUMBER:
        _check_number(text, token, following)
        return True
    _check_word(text, token, before, following)
    if sign in words.SYMBOLS or sign in words.LANGUAGE or sign == "GROUP BY":
        return True
    if sign in words.FUNCTIONS:
        return following is not None and _sign(following) == "("
    return kind == TokenType.DATE and following is not None and following.token_type == TokenType.STRING


def _check_word(text: str, token: Token, before: list[Token], following: Token | None) -> None:
    """Raise, unless a word or sign is the language's own, where it may stand, or a plain name."""
    sign = _sign(token)
    if sign == "DISTINCT" and [_sign(t) for t in before] != ["COUNT", "("]:
        raise fault(
            UNSUPPORTED, text, token.start, "DISTINCT", "write COUNT(DISTINCT patient), or use GROUP BY"
        )
    if sign == "SELECT" and before:
        raise fault(UNSUPPORTED, text, token.start, "a subquery", "list the values: column IN ('a', 'b')")
    if sign == "," and (following is None or _sign(following) in _AFTER_LISTS):
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


def _check_number(text: str, token: Token, following: Token | None) -> None:
    touching = (
        following is not None and following.start == token.end + 1 and _sign(following)[:1].isidentifier()
    )
    if touching or not _NUMBER.fullmatch(token.text):
        raise fault(
            UNSUPPORTED, text, token.start, "a number in another form", "write digits alone: 12 or 0.5"
        )
    if len(token.text) > words.MAX_DIGITS:
        raise fault(TOO_LARGE, text, token.start, f"a number longer than {words.MAX_DIGITS} characters")


def _check_string(text: str, token: Token) -> None:
    if len(token.text.encode()) > words.MAX_TEXT_BYTES:
        raise fault(TOO_LARGE, text, token.start, f"a text longer than {words.MAX_TEXT_BYTES} bytes")
