"""Canonical JSON: one value, one text, so that a hash over the text is a hash over the value.

Law: RFC 8785 restricted to what needs no floating point: objects with ASCII keys, arrays, strings,
integers within +-2^53, true, false, null. `decode` takes only bytes that `encode` would have written.
Imports: the standard library, errors and domain words.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import NoReturn

from gateway.domain.entry import Json
from gateway.errors import JournalInvalid

MAX_BYTES = 64 * 1024
MAX_DEPTH = 32
MAX_INTEGER = 2**53

# RFC 8785 section 3.2.2.2: only the two-character escapes and \u00xx (lower case) for other control
# characters; everything else is literal UTF-8. That is what the standard encoder writes without
# `ensure_ascii`. Section 3.2.3 sorts keys by UTF-16 units, which for ASCII is the code point order.
_write = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":")
).encode

# What that encoder writes for one text.
quoted = json.encoder.encode_basestring


def encode(value: Mapping[str, Json], *, most: int = MAX_BYTES, deepest: int = MAX_DEPTH) -> bytes:
    """The one canonical text of an object, in UTF-8 (RFC 8785).

    At most `most` bytes and `deepest` levels; the defaults are those of an entry.

    Raises `JournalInvalid` for floats and other foreign types, keys that are not ASCII text, integers
    beyond +-2^53, lone surrogates, too many levels and oversize.
    """
    return bytes_of(text_of(value, deepest=deepest), most=most)


def text_of(value: Mapping[str, Json], *, deepest: int = MAX_DEPTH - 1) -> str:
    """`encode` before it is bytes; by itself, of an object that will stand in another."""
    _check(value, 1, deepest)
    return _write(value)


def bytes_of(text: str, *, most: int = MAX_BYTES) -> bytes:
    """The UTF-8 of a canonical text. Raises `JournalInvalid` for lone surrogates and oversize."""
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError:
        raise JournalInvalid("text with a lone surrogate has no canonical form") from None
    if len(data) > most:
        raise JournalInvalid(f"longer than {most} bytes")
    return data


def decode(data: bytes) -> dict[str, Json]:
    """Read an object back. Raises `JournalInvalid` unless `encode` writes exactly these bytes."""
    if len(data) > MAX_BYTES:
        raise JournalInvalid(f"longer than {MAX_BYTES} bytes")
    try:
        value = json.loads(data.decode("utf-8"), parse_float=_no_float, parse_constant=_no_float)
    except (ValueError, RecursionError):  # covers wrong UTF-8, wrong JSON and numbers too long to read
        raise JournalInvalid("not JSON of the restricted form") from None
    if not isinstance(value, dict):
        raise JournalInvalid("not a JSON object")
    # Duplicate keys, spaces, other escapes, another order, -0 and 1.0 all fail this one comparison.
    if encode(value) != data:
        raise JournalInvalid("not in canonical form")
    return value


def _no_float(_text: str) -> NoReturn:
    raise JournalInvalid("a number that is not an integer")


def _ascii(keys: Iterable[object]) -> bool:
    try:
        return "".join(keys).isascii()  # type: ignore[arg-type]
    except TypeError:
        return False


def _check(value: object, depth: int, deepest: int) -> None:
    if isinstance(value, str) or value is None or isinstance(value, bool):
        return
    if isinstance(value, int):
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise JournalInvalid("an integer beyond 2^53")
        return
    if depth > deepest:
        raise JournalInvalid(f"more than {deepest} levels")
    if isinstance(value, dict):
        if not _ascii(value):
            raise JournalInvalid("a key that is not ASCII text")
        members: Iterable[object] = value.values()
    elif isinstance(value, list):
        members = value
    else:
        raise JournalInvalid("a type that has no canonical form")
    for member in members:
        if type(member) is not str:  # most members are texts; this is the writer's hottest line
            _check(member, depth + 1, deepest)
