"""One line of NDJSON -> one FHIR resource, or why it is none. The only room of orjson.

Law: total: every line is a resource or a stable reason; nothing of its content is in the reason.
Imports: orjson, sources.references.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import orjson

from gateway.sources.references import ID

_TYPE = re.compile(r"[A-Z][A-Za-z]{1,62}")
_NULL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_KEY = re.compile(rb'"[ \t\r\n]*:')
_ESCAPED_KEY = re.compile(rb'\\"[ \t\r\n]*:')
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Rejection(StrEnum):
    """Why a line was left out."""

    TOO_LONG = "LINE_TOO_LONG"
    NOT_UTF8 = "NOT_UTF8"
    NOT_JSON = "NOT_JSON"
    TOO_DEEP = "TOO_DEEP"
    KEY_TWICE = "KEY_TWICE"
    NULL_CHARACTER = "NULL_CHARACTER"
    NO_RESOURCE = "NO_RESOURCE"
    NO_ID = "NO_ID"
    TOO_MANY_ROWS = "TOO_MANY_ROWS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A resource with its type and id. `updated` is meta.lastUpdated in microseconds UTC, if it is told."""

    type: str
    id: str
    updated: int | None
    content: dict[str, Any]


def read_line(text: bytes | None) -> Resource | Rejection:
    """The resource on a line; None is a line that was too long to read."""
    if text is None:
        return Rejection.TOO_LONG
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return _unreadable(text, error)
    if not isinstance(content, dict):
        return Rejection.NO_RESOURCE
    fault = _hidden(text, content)
    if fault is not None:
        return fault
    kind, key = content.get("resourceType"), content.get("id")
    if not isinstance(kind, str) or not _TYPE.fullmatch(kind):
        return Rejection.NO_RESOURCE
    if not isinstance(key, str) or not ID.fullmatch(key):
        return Rejection.NO_ID
    return Resource(type=kind, id=key, updated=_updated(content.get("meta")), content=content)


def _unreadable(text: bytes, error: orjson.JSONDecodeError) -> Rejection:
    if "depth limit" in str(error):
        return Rejection.TOO_DEEP
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return Rejection.NOT_UTF8
    return Rejection.NOT_JSON


def _hidden(text: bytes, content: dict[str, Any]) -> Rejection | None:
    """What a JSON reader lets pass: a key written twice, of which it keeps one, and null characters.

    What was read is written again: if the same bytes come out, nothing was dropped. Otherwise the keys are
    counted in both, where a text ends in a quote and a colon follows.
    """
    if b"\\u0000" in text and _NULL.search(text):
        return Rejection.NULL_CHARACTER
    try:
        again = orjson.dumps(content)
    except TypeError:  # nested deeper than it writes
        return Rejection.TOO_DEEP
    if again != text.rstrip() and _keys(again) != _keys(text):
        return Rejection.KEY_TWICE
    return None


def _keys(text: bytes) -> int:
    if b'" ' not in text and b'"\t' not in text:
        return text.count(b'":') - text.count(b'\\":')
    return len(_KEY.findall(text)) - len(_ESCAPED_KEY.findall(text))


def _updated(meta: Any) -> int | None:
    """An instant with its time zone as microseconds since 1970, so that two zones compare."""
    written = meta.get("lastUpdated") if isinstance(meta, dict) else None
    if not isinstance(written, str):
        return None
    try:
        since = datetime.fromisoformat(written) - _EPOCH
    except (ValueError, TypeError, OverflowError):
        return None
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
