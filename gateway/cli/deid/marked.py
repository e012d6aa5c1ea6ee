"""Texts with their identifiers marked: read from a run's input and output, cut at the spans, counted.

Law: a span that does not fit its text is an error, not a guess. May import: the standard library,
adapters.deid_source, deid.files, domain.deid, errors.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.adapters.deid_source import numbered_lines
from gateway.deid.files import read_line
from gateway.domain.deid import NO_RECORD, IdentifierType, PatientRecord, Span
from gateway.errors import ConfigInvalid

T = IdentifierType
GROUPS: dict[str, tuple[IdentifierType, ...]] = {
    "person": (T.NAME,),
    "time": (T.DATE, T.AGE),
    "place": (T.LOCATION, T.STREET, T.ZIP),
    "organisation": (T.ORGANIZATION,),
    "contact": (T.PHONE, T.FAX, T.EMAIL, T.URL, T.IP),
    "number": (
        *(T.SSN, T.MRN, T.HEALTH_PLAN, T.ACCOUNT, T.LICENSE, T.VEHICLE, T.DEVICE, T.NATIONAL_ID),
        *(T.PASSPORT, T.ID),
    ),
}
"""Types by what they tell; a group has one colour."""
GROUP_OF = {kind: group for group, kinds in GROUPS.items() for kind in kinds}


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A text as given with the spans found in it, or why it was withheld."""

    id: str
    text: str = ""
    language: str = ""
    spans: tuple[Span, ...] = ()
    withheld: str = ""


def pieces(marked: Marked) -> Iterator[tuple[str, Span | None]]:
    """The text in order, each piece with the span that it is, or None between spans."""
    last = 0
    for span in marked.spans:
        if last < span.start:
            yield marked.text[last : span.start], None
        yield marked.text[span.start : span.end], span
        last = span.end
    if last < len(marked.text):
        yield marked.text[last:], None


def counts(notes: Sequence[Marked]) -> list[tuple[IdentifierType, int]]:
    """How often each type occurs, in the order of the groups; types that do not are left out."""
    found = Counter(span.type for note in notes for span in note.spans)
    return [(kind, found[kind]) for kind in GROUP_OF if found[kind]]


def pairs(output: Path, given: Path, *, key: str, most: int) -> Iterator[Marked]:
    """Up to `most` texts of a run's input with the spans of its output; with `key`, those of that id alone.

    Raises `ConfigInvalid`: FILE_INVALID (no run's output), INPUT_MISMATCH (not its input).
    """
    texts = None if given.is_dir() else _texts(given)
    shown = 0
    for number, content in numbered_lines(output):
        line = _line(output, number, content)
        text = _file(given, line["id"]) if texts is None else _next(texts, line, output, number)
        if key and line["id"] != key:
            continue
        yield _marked(output, number, line, text)
        shown += 1
        if shown >= most:
            return


def _texts(given: Path) -> Iterator[tuple[str, str | None]]:
    """Id and text of each line of a run's input, in the same order as its output."""
    for number, content in numbered_lines(given):
        line = read_line(content, _unread, number=number, end=0)
        yield str("" if line.id is None else line.id), line.document.text if line.document else None


def _unread(key: str) -> PatientRecord:
    """A record is of no use here; that somebody is known was the run's to check."""
    return NO_RECORD


def _line(output: Path, number: int, content: bytes | None) -> dict[str, Any]:
    try:
        line = json.loads(content or b"")
    except (ValueError, RecursionError):
        line = None
    if not isinstance(line, dict) or not ({"withheld", "spans"} & line.keys()):
        raise _invalid(output, number)
    return {**line, "id": "" if line.get("id") is None else str(line["id"])}


def _next(texts: Iterator[tuple[str, str | None]], line: dict[str, Any], output: Path, number: int) -> str:
    key, text = next(texts, (None, None))
    if key is None or (line["id"] and key != line["id"]) or ("spans" in line and text is None):
        raise ConfigInvalid(
            f"line {number} of {output} does not belong to the text in its place in --input; give the very "
            "file that the run read",
            reason="INPUT_MISMATCH",
        )
    return text or ""


def _file(folder: Path, key: str) -> str:
    path = folder / key
    if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
        raise ConfigInvalid(f"{folder} does not hold a file that the run read", reason="INPUT_MISMATCH")
    return path.read_bytes().decode("utf-8", "replace")


def _marked(output: Path, number: int, line: dict[str, Any], text: str) -> Marked:
    if "withheld" in line:
        return Marked(id=line["id"], withheld=str(line["withheld"]))
    spans = tuple(_span(each, output, number) for each in line["spans"])
    places = [0, *(place for span in spans for place in (span.start, span.end)), len(text)]
    if places != sorted(places):
        raise _invalid(output, number)
    return Marked(id=line["id"], text=text, language=str(line.get("language", "")), spans=spans)


def _span(content: Any, output: Path, number: int) -> Span:
    try:
        return Span(
            start=int(content["start"]),
            end=int(content["end"]),
            type=IdentifierType(content["type"]),
            score=float(content["score"]),
            source=str(content["source"]),
        )
    except (KeyError, TypeError, ValueError):
        raise _invalid(output, number) from None


def _invalid(output: Path, number: int) -> ConfigInvalid:
    return ConfigInvalid(f"line {number} of {output} is none of `gateway deid run`", reason="FILE_INVALID")
