"""How large a question may be, in either of its forms.

Law: public numbers only; SQL text and message keep the same ones. Imports: nothing.
"""

from __future__ import annotations

MAX_DEPTH = 20  # of a condition; a comparison is 1 deep, the condition of a cohort one deeper than the cohort
MAX_NODES = 2_000  # conditions and listed values of a question, those of cohorts and proportions included
MAX_COHORTS = 8  # of a question
MAX_COHORT_DEPTH = 2  # a cohort, and one within it
MAX_MEASURES = 16
MAX_KEYS = 4
MAX_EDGES = 200  # of one band
MAX_AT_LEAST = 10_000  # rows that a cohort may ask for
MAX_DAYS = 40_000  # of a window's ends, either way
MAX_NAME = 128  # characters of a dataset, column, key or measure name
MAX_TEXT_BYTES = 1024  # UTF-8 bytes of one text literal
MAX_DIGITS = 40  # characters of one number
MAX_BOUND = 2**31 - 1  # of max_groups and max_rows, which the message form holds in an int32


def is_name(text: str) -> bool:
    """Whether a text can name a dataset, a column or a title: 1 to 128 printable characters."""
    return 0 < len(text) <= MAX_NAME and text.isprintable()
