"""An expression as plain JSON: what digests cover and what vectors are ordered by.

Law: every field of every part that an engine reads is in it, so that two expressions with one JSON are one.
Imports: domain words.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from enum import Enum

from gateway.domain.entry import Json

NOT_COMPUTED = frozenset({"asked"})  # the question's own words beside what was compiled from them


def plain(part: object) -> Json:
    """Part by part; doubles in hexadecimal, sets in order, each dataclass with its name."""
    match part:
        case None | bool() | int() | str():
            return part.value if isinstance(part, Enum) else part
        case float():
            return {"double": part.hex()}
        case tuple():
            return [plain(item) for item in part]
        case frozenset():
            return sorted(part)
    if is_dataclass(part):
        shown = {
            field.name: plain(getattr(part, field.name))
            for field in fields(part)
            if field.name not in NOT_COMPUTED
        }
        return {"is": type(part).__name__, **shown}
    raise AssertionError(f"an expression holds no {type(part).__name__}")
