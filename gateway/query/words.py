"""The words and limits of the SQL form, and what is said about words that it refuses.

Law: nothing here depends on sqlglot's own list of keywords, which changes between its releases.
Imports: the standard library only.
"""

from __future__ import annotations

import re

MAX_BYTES = 16 * 1024
MAX_TOKENS = 2_000
MAX_NESTING = 20
INTEGERS = range(-(2**63), 2**63)

PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
SYMBOLS = frozenset({"(", ")", ",", "*", "=", "<>", "!=", "<", "<=", ">", ">=", "-", ";"})
FUNCTIONS = frozenset({"COUNT", "SUM", "AVG"})
# Ours alone: the parser sees a word that no dialect has, so that it builds nothing of its own from them.
OWN_FUNCTIONS = {
    name: f"f_{name.lower()}"
    for name in ("AGE", "BAND", "DATE_TRUNC", "PROPORTION", "CLAMP", "FIRST", "LAST")
}
FUNCTIONS_ARE = (
    "the measures are COUNT(DISTINCT patient), COUNT(*), SUM(column), AVG(column) and PROPORTION(condition); "
    "keys may be BAND(column, 1, 2) and DATE_TRUNC('month', column); AGE(column) is compared or banded"
)
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
        "HAVING",
    ]
)
OPTIONS = ("max_groups", "max_rows")

SHAPE = "SELECT keys, measures FROM dataset WHERE ... GROUP BY keys"
COHORT = "to choose patients by another dataset: patient_id IN (SELECT patient_id FROM dataset WHERE ...)"
JOIN = ("a join", f"ask one dataset; {COHORT}")
_SET = ("a set operation", "ask two questions")
_ORDER = ("an ordered or shortened answer", "every declared cell is returned, in order; sort the answer")
_PATTERN = ("matching by pattern", "list the values: column IN ('a', 'b')")
_QUANTIFIED = ("ALL, ANY and SOME", "list the values: column IN ('a', 'b')")
_WINDOW = ("a window", "use GROUP BY")
_NOW = ("the current time", "write the date: DATE '2024-01-31'")

REFUSED: dict[str, tuple[str, str]] = {
    **dict.fromkeys(["JOIN", "INNER", "LEFT", "RIGHT", "FULL", "CROSS", "NATURAL", "LATERAL"], JOIN),
    **dict.fromkeys(["UNION", "INTERSECT", "EXCEPT"], _SET),
    **dict.fromkeys(["ORDER", "LIMIT", "OFFSET", "FETCH"], _ORDER),
    **dict.fromkeys(["LIKE", "ILIKE", "SIMILAR", "RLIKE", "REGEXP", "GLOB"], _PATTERN),
    **dict.fromkeys(["ANY", "ALL", "SOME"], _QUANTIFIED),
    **dict.fromkeys(["OVER", "WINDOW", "QUALIFY"], _WINDOW),
    **dict.fromkeys(["CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP"], _NOW),
    "WITH": ("a common table expression", "ask the dataset directly: SELECT ... FROM dataset"),
    "EXISTS": ("EXISTS", COHORT),
    "CASE": ("CASE", "cut a number with BAND, or count a condition with PROPORTION(condition)"),
    "CAST": ("a cast", "write the value in the column's own type"),
    "INTERVAL": (
        "an interval here",
        "write both dates: column BETWEEN DATE '2024-01-01' AND DATE '2024-01-31'; in a cohort write "
        "column >= dataset.column - INTERVAL '365' DAY",
    ),
    "ISNULL": ("ISNULL", "write column IS NULL"),
    "NOTNULL": ("NOTNULL", "write column IS NOT NULL"),
}

REFUSED_SIGNS: dict[str, tuple[str, str]] = {
    **dict.fromkeys(
        ("+", "/", "%", "||", "&", "|", "^"), ("arithmetic", "compare and measure columns as they are")
    ),
    **dict.fromkeys(("?", ":", "@", "$", "#"), ("a parameter", "write the value itself")),
    ".": ("a point here", "write column, patient.column or 0.5"),
    "::": ("a cast", "write the value in the column's own type"),
    "==": ("==", "write ="),
    "!": ("!", "write NOT"),
    "`": ("a backquote", 'quote names with double quotes: "name"'),
}


def is_reserved(name: str) -> bool:
    """Whether a name must be written in double quotes to be a name."""
    return name.upper() in LANGUAGE or name.upper() in REFUSED
