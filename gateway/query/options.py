"""The OPTION clause: the contribution bounds of one question.

Imports: domain words, sqlglot's tokens, and this room's faults and words.
"""

from __future__ import annotations

from sqlglot.tokenizer_core import Token, TokenType

from gateway.domain.limits import MAX_BOUND
from gateway.query import words
from gateway.query.faults import SYNTAX, fault, sign_of


def split_options(text: str, tokens: list[Token]) -> tuple[list[Token], dict[str, int]]:
    """Take `OPTION (max_groups = 2, max_rows = 5)` off the end."""
    signs = [sign_of(token) for token in tokens]
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
        if not value.isdecimal() or len(value) > 10 or not 1 <= int(value) <= MAX_BOUND:
            raise fault(
                SYNTAX, text, part[2].start, "a bound that is not a whole number from 1 to 2147483647"
            )
        options[name] = int(value)
    if not options:
        raise wrong
    return tokens[:at], options
