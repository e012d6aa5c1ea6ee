"""An expression as JSON: whatever an engine reads is in it, and unequal expressions differ."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from typing import Any

from hypothesis import HealthCheck, given, settings

from gateway.lower.plain import NOT_COMPUTED, plain
from tests.property.generators import Case, cases


def names(node: Any) -> set[str]:
    """Every field name of every dataclass in an expression."""
    if isinstance(node, tuple):
        return {name for inner in node for name in names(inner)}
    if not is_dataclass(node):
        return set()
    own = {field.name for field in fields(node)} - NOT_COMPUTED
    return own | {name for field in own for name in names(getattr(node, field))}


def keys(node: Any) -> set[str]:
    if isinstance(node, list):
        return {key for inner in node for key in keys(inner)}
    if not isinstance(node, dict):
        return set()
    return set(node) | {key for inner in node.values() for key in keys(inner)}


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases(), cases())
def test_every_part_is_in_it_and_unequal_ones_differ(one: Case, other: Case) -> None:
    text = plain(one.expression)
    assert names(one.expression) <= keys(text)
    same = json.dumps(text) == json.dumps(plain(other.expression))
    assert same == (repr(computed(one.expression)) == repr(computed(other.expression)))


def computed(node: Any) -> Any:
    """Everything in an expression but the words that nothing is computed from."""
    if isinstance(node, tuple):
        return [computed(inner) for inner in node]
    if isinstance(node, frozenset):
        return sorted(node)
    if not is_dataclass(node):
        return node
    kept = [field.name for field in fields(node) if field.name not in NOT_COMPUTED]
    return [type(node).__name__, *((name, computed(getattr(node, name))) for name in kept)]
