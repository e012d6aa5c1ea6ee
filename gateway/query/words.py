"""The words and limits of the SQL form, and what is said about words that it refuses.

Law: nothing here depends on sqlglot's own list of keywords, which changes between its releases.
Imports: the standard library only.
"""

from __future__ import annotations

import re

MAX_BYTES = 16 * 1024
MAX_TOKENS = 2_000
MAX_NESTING = 20
MAX_NODES = 2_000
MAX_MEASURES = 16
MAX_KEYS = 4
MAX_NAME = 128  # characters of a dataset, column or measure name
MAX_TEXT_BYTES = 1024  # UTF-8 bytes of one text literal
MAX_DIGITS = 40  # characters of one number
MAX_BOUND = 2**31 - 1  # of max_groups and max_rows, which the message form holds in an int32
INTEGERS = range(-(2**63), 2**63)

PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
SYMBOLS = frozenset({"(", ")", ",", "*", "=", "<>", "!=", "<", "<=", ">", ">=", "-", ";"})
FUNCTIONS = frozenset({"COUNT", "SUM", "AVG"})
LANGUAGE = frozenset(
    [
        "SELECT",
        "FROM",
        "WHERE",
        "GROUP",
        "BY",
        "AS",
        "AND",
        "OR",
        "NOT",
        "IN",
        "IS",
        "NULL",
        "BETWEEN",
        "TRUE",
        "FALSE",
        "DISTINCT",
    ]
)
OPTIONS = ("max_groups", "max_rows")

_JOIN = ("a join", "ask one dataset at a time")
_SET = ("a set operation", "ask two questions")
_ORDER = ("an ordered or shortened answer", "every declared cell is returned, in order; sort the answer")
_PATTERN = ("matching by pattern", "list the values: column IN ('a', 'b')")
_QUANTIFIED = ("ALL, ANY, SOME and EXISTS", "list the values: column IN ('a', 'b')")
_WINDOW = ("a window", "use GROUP BY")
_NOW = ("the current time", "write the date: DATE '2024-01-31'")

REFUSED: dict[str, tuple[str, str]] = {
    **dict.fromkeys(["JOIN", "INNER", "LEFT", "RIGHT", "FULL", "CROSS", "NATURAL", "LATERAL"], _JOIN),
    **dict.fromkeys(["UNION", "INTERSECT", "EXCEPT"], _SET),
    **dict.fromkeys(["ORDER", "LIMIT", "OFFSET", "FETCH"], _ORDER),
    **dict.fromkeys(["LIKE", "ILIKE", "SIMILAR", "RLIKE", "REGEXP", "GLOB"], _PATTERN),
    **dict.fromkeys(["EXISTS", "ANY", "ALL", "SOME"], _QUANTIFIED),
    **dict.fromkeys(["OVER", "WINDOW", "QUALIFY"], _WINDOW),
    **dict.fromkeys(["CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP"], _NOW),
    "WITH": ("a common table expression", "ask the dataset directly: SELECT ... FROM dataset"),
    "HAVING": ("HAVING", "ask for all groups and choose among the answer's rows"),
    "CASE": ("CASE", "ask one question for each condition, with WHERE"),
    "CAST": ("a cast", "write the value in the column's own type"),
    "INTERVAL": ("an interval", "write both dates: column BETWEEN DATE '2024-01-01' AND DATE '2024-01-31'"),
    "ISNULL": ("ISNULL", "write column IS NULL"),
    "NOTNULL": ("NOTNULL", "write column IS NOT NULL"),
}

REFUSED_SIGNS: dict[str, tuple[str, str]] = {
    **dict.fromkeys(
        ("+", "/", "%", "||", "&", "|", "^"), ("arithmetic", "compare and measure columns as they are")
    ),
    **dict.fromkeys(("?", ":", "@", "$", "#"), ("a parameter", "write the value itself")),
    ".": ("a qualified name or a number without its leading 0", "write column, or 0.5"),
    "::": ("a cast", "write the value in the column's own type"),
    "==": ("==", "write ="),
    "!": ("!", "write NOT"),
    "`": ("a backquote", 'quote names with double quotes: "name"'),
}


def is_reserved(name: str) -> bool:
    """Whether a name must be written in double quotes to be a name."""
    return name.upper() in LANGUAGE or name.upper() in REFUSED


def is_name(text: str) -> bool:
    """Whether a text can name a dataset, a column or a measure: 1 to 128 printable characters."""
    return 0 < len(text) <= MAX_NAME and text.isprintable()
