"""Elements of a FHIR resource as parsed from JSON, read with a suspicious eye.

Law: what is null or absent is nothing; a number where text belongs is read as text, one object or text
where a list belongs as a list of one. Every other wrong shape, and anything huge, is refused; the error
names the element, never a value.
May import: errors.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.errors import InvalidRequest

MOST_ITEMS = 200  # of one list
LONGEST_TEXT = 2_000  # characters of one value


def refused(element: str, fault: str) -> InvalidRequest:
    """The one error of a patient resource, with the reason PATIENT_INVALID."""
    return InvalidRequest(f"patient: {element} {fault}", reason="PATIENT_INVALID")


def objects(parent: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    """An element's objects. Raises `InvalidRequest` where one of them is something else."""
    found: list[Mapping[str, object]] = []
    for item in _items(parent, name):
        if not isinstance(item, Mapping):
            raise refused(name, "holds something that is no object")
        found.append(item)
    return found


def texts_at(parent: Mapping[str, object], name: str) -> list[str]:
    """An element's texts that are not blank, trimmed. Raises `InvalidRequest` where one is something else."""
    texts = [_text(item, name) for item in _items(parent, name)]
    return [text for text in texts if text]


def text_at(parent: Mapping[str, object], name: str) -> str:
    """One text, trimmed; "" where it is absent. Raises `InvalidRequest` where it is something else."""
    value = parent.get(name)
    return "" if value is None else _text(value, name)


def _items(parent: Mapping[str, object], name: str) -> list[object]:
    value = parent.get(name)
    items = value if isinstance(value, list | tuple) else [value]
    if len(items) > MOST_ITEMS:
        raise refused(name, f"has more than {MOST_ITEMS} items")
    return [item for item in items if item is not None]


def _text(value: object, name: str) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = repr(value) if isinstance(value, float) or abs(value) < 10**40 else None
    if not isinstance(value, str):
        raise refused(name, "holds something that is no text")
    if len(value) > LONGEST_TEXT:
        raise refused(name, f"is longer than {LONGEST_TEXT} characters")
    return value.strip()
