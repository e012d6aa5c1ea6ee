"""Paths over JSON: what a path finds in a resource. Each is made into functions once, and then only called.

Law: total. Whatever the JSON, the answer is a list of items, empty where the shape is not the expected
one; nothing is raised and nothing is changed. The work is linear in what the path touches.
May import: sources.words and references.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator
from itertools import groupby
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

Find = Callable[[Any], list[Any]]
"""The items that a path finds, beginning at one item; JSON nulls are nothing."""

Holds = Callable[[Any], bool]
"""Whether an item meets a criterion."""

_Take = Callable[[list[Any]], list[Any]]
_NOTHING: list[Any] = []  # never changed, as no list here is


def finder(path: Path) -> Find:
    """How to find what a path names."""
    takes = tuple(_takes(path))

    def find(item: Any) -> list[Any]:
        found = [item]
        for take in takes:
            found = take(found)
            if not found:
                return _NOTHING
        return found

    return find


def plain(value: Any) -> str | None:
    """A plain JSON value as a text: truth values as `true` and `false`, numbers by their digits."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and value.bit_length() > LONGEST_NUMBER:  # Python writes no longer ones
        return None
    return repr(value) if isinstance(value, int | float) else None


def holder(criterion: Criterion) -> Holds:
    """How to tell whether an item meets a criterion."""
    match criterion:
        case Exists(path=path, wanted=wanted):
            find = finder(path)
            return lambda item: bool(find(item)) == wanted
        case Equals(path=path, value=value, wanted=wanted):
            return _equals(finder(path), value, wanted)
        case StartsWith(path=path, start=start):
            return _starts(finder(path), start)
        case AllOf(criteria=criteria):
            parts = tuple(holder(each) for each in criteria)
            return lambda item: all(part(item) for part in parts)
        case AnyOf(criteria=criteria):
            parts = tuple(holder(each) for each in criteria)
            return lambda item: any(part(item) for part in parts)


def _equals(find: Find, value: str | bool | int, wanted: bool) -> Holds:
    logical = isinstance(value, bool)

    def holds(item: Any) -> bool:
        found = find(item)
        if len(found) != 1:
            return False
        only = found[0]  # 1 equals true in Python, and not here
        return (isinstance(only, bool) == logical and bool(only == value)) == wanted

    return holds


def _starts(find: Find, start: str) -> Holds:
    def holds(item: Any) -> bool:
        found = find(item)
        return len(found) == 1 and isinstance(found[0], str) and found[0].startswith(start)

    return holds


def _takes(path: Path) -> Iterator[_Take]:
    """One function for each step, and a single one for names that follow one another."""
    for members, steps in groupby(path, key=lambda step: isinstance(step, Member)):
        if members:
            yield _members(tuple(step.name for step in steps if isinstance(step, Member)))
        else:
            yield from (_take(step) for step in steps)


def _take(step: Step) -> _Take:
    match step:
        case Member(name=name):
            return _members((name,))
        case First():
            return lambda items: items[:1]
        case Where(criterion=criterion):
            holds = holder(criterion)
            return lambda items: [item for item in items if holds(item)]
        case OfType(type=type):
            return lambda items: [item for item in items if _of(item, "resourceType") == type]
        case ReferenceKey(type=type):
            return lambda items: _known(reference_key(_of(item, "reference"), type) for item in items)
        case ResourceKey():
            return lambda items: _known(_id(_of(item, "id")) for item in items)
        case Decode():
            return lambda items: _known(_decoded(item) for item in items)


def _members(names: tuple[str, ...]) -> _Take:
    def take(items: list[Any]) -> list[Any]:
        for name in names:
            if len(items) == 1:  # by far the most common, and worth a way of its own
                item = items[0]
                value = item.get(name) if isinstance(item, dict) else None
                if value is None:
                    return _NOTHING
                items = value if isinstance(value, list) else [value]
                if None in items:
                    items = _known(items)
            else:
                items = [each for item in items for each in _several(_of(item, name))]
        return items

    return take


def _several(value: Any) -> list[Any]:
    if isinstance(value, list):
        return _known(value)
    return _NOTHING if value is None else [value]


def _of(item: Any, name: str) -> Any:
    return item.get(name) if isinstance(item, dict) else None


def _known(items: Any) -> list[Any]:
    return [item for item in items if item is not None]


def _id(value: Any) -> str | None:
    return value if isinstance(value, str) and ID.fullmatch(value) else None


def _decoded(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    try:
        return base64.b64decode(value, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
