"""Where a question may hold another: the cohorts, and nothing else.

Law: the parser meets SELECT and HAVING only where a cohort may stand, and a bounded number of them.
Imports: domain words, sqlglot's tokens, and this room's faults and words.
"""

from __future__ import annotations

from sqlglot.tokenizer_core import Token

from gateway.domain.limits import MAX_COHORTS
from gateway.query import words
from gateway.query.faults import TOO_LARGE, UNSUPPORTED, fault, sign_of


def check_subqueries(text: str, tokens: list[Token]) -> None:
    """Refuse SELECT but at the beginning and in `IN (SELECT`, and HAVING outside of it."""
    signs = [sign_of(token) for token in tokens]
    open_selects: list[bool] = []  # for each open parenthesis, whether a SELECT begins in it
    selects = 0
    for i, (token, sign) in enumerate(zip(tokens, signs, strict=True)):
        if sign == "(":
            open_selects.append(signs[i + 1 : i + 2] == ["SELECT"])
        elif sign == ")":
            open_selects.pop()
        elif sign == "SELECT" and i:
            if signs[max(0, i - 2) : i] != ["IN", "("]:
                raise fault(UNSUPPORTED, text, token.start, "a subquery here", words.COHORT)
            selects += 1
            if selects > MAX_COHORTS:
                limit = f"more than {MAX_COHORTS} cohorts"
                raise fault(TOO_LARGE, text, token.start, limit, "ask smaller questions")
        elif sign == "HAVING" and not any(open_selects[-1:]):
            advice = "ask for all groups and choose among the answer's rows"
            raise fault(UNSUPPORTED, text, token.start, "HAVING outside a cohort", advice)
