"""Gold files: a line of JSON -> a document and its gold spans, or why there is none.

Law: total over any bytes. What is said of a line is where it is and what is wrong, never what stands there.
Imports: the standard library, domain words, errors, fhir_patient.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.deid.fhir_patient import record_of
from gateway.domain.deid import Document, IdentifierType, Span
from gateway.errors import GatewayError, InvalidRequest, Violation

_TYPES = {kind.value: kind for kind in IdentifierType}
MOST_FAULTS = 20  # that are told of; the rest is counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Gold:
    """A text with the spans that should be found in it."""

    document: Document
    spans: tuple[Span, ...]


class _Refused(ValueError):
    """A line is no gold; the argument says why."""


def read_gold(lines: Iterable[tuple[int, bytes | None]]) -> Iterator[Gold]:
    """The documents of a gold file: JSON lines with `id`, `text`, `spans` [{start, end, type}], and where
    known `patient` (a FHIR R4 Patient) and `language`; other members are passed over, and so are blank lines.

    Each line comes with its number, and is None where it was too long to be read. Offsets are code points of
    `text`, half-open. Raises `InvalidRequest` (GOLD_INVALID) at the end where any line was wrong, with a
    violation for each of the first ones.
    """
    faults: list[Violation] = []
    count = 0
    seen: set[str] = set()
    for number, line in lines:
        if line is not None and not line.strip():
            continue
        try:
            gold = _gold(line)
            _not_again(gold.document.id, seen)
        except _Refused as refused:
            count += 1
            if len(faults) < MOST_FAULTS:
                faults.append(Violation(description=str(refused), line=number, column=1))
            continue
        yield gold
    if count:
        more = f"{count} lines cannot be read" if count > 1 else "one line cannot be read"
        raise InvalidRequest(f"the gold file is wrong: {more}", reason="GOLD_INVALID", violations=faults)
    if not seen:
        raise InvalidRequest("the gold file has no documents", reason="GOLD_INVALID")


def _not_again(key: str, seen: set[str]) -> None:
    if key in seen:
        raise _Refused("id is there a second time")
    seen.add(key)


def _gold(line: bytes | None) -> Gold:
    if line is None:
        raise _Refused("is too long")
    content = _object(line)
    key, text = content.get("id"), content.get("text")
    if isinstance(key, bool) or not isinstance(key, str | int) or key == "":
        raise _Refused("id must be a text or a whole number")
    if not isinstance(text, str) or (not text.isascii() and not _encodes(text)):
        raise _Refused("text must be a text of whole characters")
    language = content.get("language") or ""
    if not isinstance(language, str):
        raise _Refused("language must be a text")
    spans = tuple(_spans(content, len(text)))
    return Gold(document=_document(content, str(key), text, language), spans=spans)


def _encodes(text: str) -> bool:
    """Whether there is no half of a surrogate pair in it, as JSON's escapes can make one."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _object(line: bytes) -> Mapping[str, Any]:
    try:
        content = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        raise _Refused("is no UTF-8") from None
    except (ValueError, RecursionError):
        raise _Refused("is no JSON") from None
    if not isinstance(content, dict):
        raise _Refused("must be a JSON object")
    return content


def _document(content: Mapping[str, Any], key: str, text: str, language: str) -> Document:
    patient = content.get("patient")
    if patient is None:
        return Document(id=key, text=text, language=language)
    if not isinstance(patient, dict):
        raise _Refused("patient must be a FHIR Patient")
    try:
        record = record_of(patient)
    except GatewayError as error:
        raise _Refused(error.message) from None
    subject = patient.get("id")
    return Document(
        id=key,
        text=text,
        language=language,
        subject=subject if isinstance(subject, str) else "",
        record=record,
    )


def _spans(content: Mapping[str, Any], length: int) -> Iterator[Span]:
    given = content.get("spans")
    if not isinstance(given, list):
        raise _Refused("spans must be a list")
    for place, span in enumerate(given):
        if not isinstance(span, dict):
            raise _Refused(f"spans[{place}] must be an object")
        start, end, kind = span.get("start"), span.get("end"), span.get("type")
        if type(start) is not int or type(end) is not int:
            raise _Refused(f"spans[{place}]: start and end must be whole numbers")
        if not 0 <= start < end <= length:
            raise _Refused(f"spans[{place}] must be half-open, not empty and within the text")
        if not isinstance(kind, str) or kind not in _TYPES:
            raise _Refused(f"spans[{place}]: type must be one of {', '.join(_TYPES)}")
        yield Span(start=start, end=end, type=_TYPES[kind], score=1.0, source="gold")
