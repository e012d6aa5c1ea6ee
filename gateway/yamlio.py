"""YAML in, plain values with positions out. The only room of ruamel.yaml.

Law: only plain YAML 1.2 is read: no anchors, aliases, tags, directives, duplicate keys, bidirectional
or control characters; at most 256 KiB and 20 levels. Numbers never pass through a binary float. Every
fault is `PolicyInvalid` with file, line and column, in our own words.
May import: errors, ruamel.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from gateway.errors import PolicyInvalid, Violation

MOST_BYTES = 256 * 1024
MOST_DEPTH = 20
MOST_DIGITS = 40
MOST_EXPONENT = 30

Plain = None | bool | int | Decimal | str | list["Plain"] | dict[str, "Plain"]
Path = tuple[str | int, ...]
Place = tuple[int, int]

_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_HIDDEN = re.compile(f"[{_BIDI}]")
_UNFIT = re.compile(f"[{_BIDI}\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\ud800-\\udfff]")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS: Mapping[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The plain values of one file, and where each was written: line and column, both from 1.

    `value` holds None, bool, int, Decimal, str, and lists and dicts of these; keys are always the text
    as written. `exact` marks the texts whose characters stand in the file as they are.
    """

    file: str
    value: Plain
    places: Mapping[Path, Place]
    keys: Mapping[Path, Place]
    exact: Mapping[Path, Place] = field(default_factory=dict)

    def position(self, path: Path) -> Place:
        """Where the value at a path begins; for an absent one, where the nearest value around it does."""
        while path not in self.places and path:
            path = path[:-1]
        return self.places.get(path, (1, 1))

    def key_position(self, path: Path) -> Place:
        """Where the key of the value at a path begins; the value's own place where it has no key."""
        return self.keys.get(path) or self.position(path)

    def position_in_text(self, path: Path, line: int, column: int) -> Place:
        """Where a line and column (from 1) of the text at a path stand in the file.

        The beginning of the text, where escapes or folding make the exact place unknowable.
        """
        start = self.exact.get(path)
        if start is None or line < 1 or column < 1:
            return self.position(path)
        # A block text keeps its indent on each line; a text on one line only has a line 1.
        return start[0] + line - 1, start[1] + column - 1


@dataclass(slots=True, kw_only=True)
class _Open:
    """A collection that is being read: its path, its value, and in a mapping the key that waits."""

    path: Path
    value: list[Plain] | dict[str, Plain]
    key: str | None = None


def read(text: str | bytes, file: str) -> Document:
    """Read one YAML document, whose name in messages is `file`.

    Raises `PolicyInvalid` with the first fault. Numbers: integers are int, all others Decimal with the
    digits as written. Source of the scalar rules: YAML 1.2.2, section 10.3 (core schema).
    """
    content = _decode(text, file)
    try:
        return _Reader(content, file).read()
    except PolicyInvalid:
        raise
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        description = "this is not YAML"
    except Exception:  # the parser meets odd escapes and characters with errors of every kind
        place, description = (1, 1), "this file cannot be read as YAML"
    raise _refusal(file, place, description, "check indentation, quotes and brackets") from None


def _refusal(file: str, place: Place, description: str, suggestion: str = "") -> PolicyInvalid:
    fault = Violation(
        file=file, line=place[0], column=place[1], description=description, suggestion=suggestion
    )
    return PolicyInvalid(violations=[fault])


def _decode(text: str | bytes, file: str) -> str:
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if len(raw) > MOST_BYTES:
        raise _refusal(file, (1, 1), "the file is too large", f"at most {MOST_BYTES // 1024} KiB")
    try:
        content = raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        lines = raw[: error.start].decode("utf-8").split("\n")
        place = len(lines), len(lines[-1]) + 1
        raise _refusal(file, place, "the file is not UTF-8", "save it as UTF-8") from None
    if hidden := _HIDDEN.search(content):
        lines = content[: hidden.start()].split("\n")
        place = len(lines), len(lines[-1]) + 1
        raise _refusal(file, place, "a character that changes the direction of writing", "remove it")
    return content


def _place(event: Any) -> Place:
    return event.start_mark.line + 1, event.start_mark.column + 1


class _Reader:
    """Turns parser events into values, without recursion, and stops at the first fault."""

    def __init__(self, content: str, file: str) -> None:
        self._content = content
        self._rows = content.split("\n")
        self._file = file
        self._root: Plain = None
        self._open: list[_Open] = []
        self._places: dict[Path, Place] = {}
        self._keys: dict[Path, Place] = {}
        self._exact: dict[Path, Place] = {}

    def read(self) -> Document:
        documents = 0
        for event in self._events():
            if isinstance(event, DocumentStartEvent):
                documents += 1
                self._check_document(event, documents)
            elif isinstance(event, NodeEvent):
                self._check_node(event)
                self._node(event)
            elif isinstance(event, CollectionEndEvent):
                self._open.pop()
        return Document(
            file=self._file, value=self._root, places=self._places, keys=self._keys, exact=self._exact
        )

    def _events(self) -> Iterator[Any]:
        return iter(YAML(typ="safe", pure=True).parse(self._content))

    def _check_document(self, event: Any, documents: int) -> None:
        if documents > 1:
            raise self._refuse(event, "a second document in one file", "one file holds one document")
        if event.version or event.tags:
            raise self._refuse(event, "YAML directives are not allowed", "remove the line that begins with %")

    def _check_node(self, event: Any) -> None:
        if isinstance(event, AliasEvent):
            raise self._refuse(event, "aliases are not allowed", "write the value out")
        if event.anchor is not None:
            raise self._refuse(event, "anchors are not allowed", "write the value out where it is needed")
        if event.tag is not None:
            raise self._refuse(event, "tags are not allowed", "remove the word that begins with !")
        if len(self._open) >= MOST_DEPTH and not isinstance(event, ScalarEvent):
            raise self._refuse(event, "nested too deeply", f"at most {MOST_DEPTH} levels")

    def _node(self, event: Any) -> None:
        inside = self._open[-1] if self._open else None
        if inside is not None and isinstance(inside.value, dict) and inside.key is None:
            self._key(inside, event)
            return
        path = self._path(inside)
        self._places[path] = _place(event)
        value = self._begin(event, path)
        if inside is None:
            self._root = value
        elif isinstance(inside.value, list):
            inside.value.append(value)
        else:
            inside.value[str(inside.key)] = value
            inside.key = None
        if isinstance(value, list | dict):
            self._open.append(_Open(path=path, value=value))

    def _path(self, inside: _Open | None) -> Path:
        if inside is None:
            return ()
        if isinstance(inside.value, list):
            return (*inside.path, len(inside.value))
        return (*inside.path, str(inside.key))

    def _begin(self, event: Any, path: Path) -> Plain:
        if isinstance(event, MappingStartEvent):
            return {}
        if isinstance(event, SequenceStartEvent):
            return []
        self._check_text(event)
        if start := self._exact_start(event):
            self._exact[path] = start
        return str(event.value) if event.style else self._scalar(event)

    def _key(self, inside: _Open, event: Any) -> None:
        if not isinstance(event, ScalarEvent):
            raise self._refuse(event, "a key that is not one word or text", "write 'key: value'")
        self._check_text(event)
        inside.key = str(event.value)
        if inside.key in inside.value:
            raise self._refuse(event, f"the key '{inside.key[:60]}' is written twice", "keep one of them")
        self._keys[(*inside.path, inside.key)] = _place(event)

    def _check_text(self, event: Any) -> None:
        if _UNFIT.search(event.value):
            raise self._refuse(event, "a control character in a text", "remove it")

    def _scalar(self, event: Any) -> Plain:
        text = str(event.value)
        if text in _WORDS:
            return _WORDS[text]
        if _NOT_FINITE.fullmatch(text):
            raise self._refuse(event, "not a finite number", "a text is written in quotes")
        if not (_NUMBER.fullmatch(text) or _BASED.fullmatch(text)):
            return text
        if len(text) > MOST_DIGITS:
            raise self._refuse(event, "a number that is too long", "a text is written in quotes")
        if _BASED.fullmatch(text):
            return int(text, 0)
        if _INTEGER.fullmatch(text):
            return int(text)
        number = Decimal(text)
        if (number and abs(number.adjusted()) > MOST_EXPONENT) or abs(_exponent(number)) > MOST_EXPONENT:
            raise self._refuse(event, "a number out of range", "a text is written in quotes")
        return number

    def _exact_start(self, event: Any) -> Place | None:
        """Where a text begins, if its characters stand in the file one by one."""
        line, column = _place(event)
        if event.style == "|":
            indent = self._indent(line)
            return None if indent is None else (line + 1, indent + 1)
        quote = 1 if event.style in ("'", '"') else 0
        end = event.end_mark
        if (
            event.style == ">"
            or end.line + 1 != line
            or end.column + 1 - column != len(event.value) + 2 * quote
        ):
            return None
        return line, column + quote

    def _indent(self, line: int) -> int | None:
        first = self._rows[line] if line < len(self._rows) else ""
        return len(first) - len(first.lstrip(" ")) if first.strip() else None

    def _refuse(self, event: Any, description: str, suggestion: str) -> PolicyInvalid:
        return _refusal(self._file, _place(event), description, suggestion)


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return exponent if isinstance(exponent, int) else MOST_EXPONENT + 1
