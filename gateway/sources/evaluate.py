"""Paths over JSON: what a path finds in a resource.

Law: total. Whatever the JSON, the answer is a list of items, empty where the shape is not the expected
one; nothing is raised and nothing is changed. The work is linear in what the path touches.
May import: sources.words and references.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from gateway.sources.references import ID, reference_key
from gateway.sources.words import (
    AllOf,
    AnyOf,
    Criterion,
    Decode,
    Equals,
    Exists,
    First,
    Member,
    OfType,
    Path,
    ReferenceKey,
    ResourceKey,
    StartsWith,
    Step,
    Where,
)

LONGEST_NUMBER = 4096  # bits


def find(path: Path, item: Any) -> list[Any]:
    """The items that a path finds, beginning at one item; JSON nulls are nothing."""
    found = [item]
    for step in path:
        if not found:
            break
        found = _take(step, found)
    return found


def text_of(path: Path, item: Any) -> str | None:
    """The first item that a path finds, as a text; None where there is none or it is no plain value."""
    found = find(path, item)
    return plain(found[0]) if found else None


def plain(value: Any) -> str | None:
    """A plain JSON value as a text: truth values as `true` and `false`, numbers by their digits."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and value.bit_length() > LONGEST_NUMBER:  # Python writes no longer ones
        return None
    return repr(value) if isinstance(value, int | float) else None


def holds(criterion: Criterion, item: Any) -> bool:
    """Whether an item meets a criterion."""
    match criterion:
        case Exists(path=path, wanted=wanted):
            return bool(find(path, item)) == wanted
        case Equals(path=path, value=value, wanted=wanted):
            found = find(path, item)
            return len(found) == 1 and _same(found[0], value) == wanted
        case StartsWith(path=path, start=start):
            found = find(path, item)
            return len(found) == 1 and isinstance(found[0], str) and found[0].startswith(start)
        case AllOf(criteria=criteria):
            return all(holds(each, item) for each in criteria)
        case AnyOf(criteria=criteria):
            return any(holds(each, item) for each in criteria)


def _same(found: Any, value: str | bool | int) -> bool:
    return isinstance(found, bool) == isinstance(value, bool) and bool(found == value)


def _take(step: Step, items: list[Any]) -> list[Any]:
    match step:
        case Member(name=name):
            return _members(name, items)
        case First():
            return items[:1]
        case Where(criterion=criterion):
            return [item for item in items if holds(criterion, item)]
        case OfType(type=type):
            return [item for item in items if isinstance(item, dict) and item.get("resourceType") == type]
        case ReferenceKey(type=type):
            keys = (reference_key(item.get("reference"), type) for item in items if isinstance(item, dict))
            return [key for key in keys if key is not None]
        case ResourceKey():
            ids = (item.get("id") for item in items if isinstance(item, dict))
            return [each for each in ids if isinstance(each, str) and ID.fullmatch(each)]
        case Decode():
            texts = (_decoded(item) for item in items)
            return [text for text in texts if text is not None]


def _members(name: str, items: list[Any]) -> list[Any]:
    found: list[Any] = []
    for item in items:
        value = item.get(name) if isinstance(item, dict) else None
        if isinstance(value, list):
            found.extend(each for each in value if each is not None)
        elif value is not None:
            found.append(value)
    return found


def _decoded(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    try:
        return base64.b64decode(value, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
