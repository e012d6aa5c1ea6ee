"""Refusals of a place in SQL text.

Law: a message is made of our own words and of the caller's own names, never of literals.
Imports: errors, sqlglot's tokens.
"""

from __future__ import annotations

from sqlglot.tokenizer_core import Token, TokenType

from gateway.errors import InvalidQuery, Violation

UNSUPPORTED, SYNTAX = "SQL_UNSUPPORTED", "SQL_SYNTAX"
TOO_LARGE, TOO_DEEP = "SQL_TOO_LARGE", "SQL_TOO_DEEP"


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


def sign_of(token: Token | None) -> str:
    """The word or sign of a token in upper case; empty for quoted text, quoted names and numbers."""
    quoted = (TokenType.STRING, TokenType.IDENTIFIER, TokenType.NUMBER)
    return "" if token is None or token.token_type in quoted else " ".join(token.text.upper().split())
