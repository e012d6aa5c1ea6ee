"""What goes over the pipes between the gateway and its text workers: JSON in frames with a length.

Law: nothing that a worker writes can run code here or stand for another document. An answer is taken only
where every field has its type and its range; else it is `MalformedAnswer`, which quotes nothing of it.
Imports: the standard library, domain.deid.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any, BinaryIO

from gateway.domain.deid import (
    Address,
    Deidentified,
    Document,
    HumanName,
    Identifier,
    IdentifierType,
    Method,
    Outcome,
    PatientRecord,
    Profile,
    Span,
    Withheld,
)

HEAD = struct.Struct(">I")  # the length of what follows, in bytes
MOST = (1 << 32) - 1

_REASONS = frozenset({"DETECTOR_FAILED", "LANGUAGE_UNSUPPORTED"})
"""Why a pipeline withholds. No other word is taken: reasons go on record, and a word could be a name."""
_LANGUAGE = re.compile(r"(?:[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4})?")
_SOURCES = frozenset({"record", "pattern", "model", "propagated"})
_TYPES = frozenset(IdentifierType)


class MalformedAnswer(ValueError):
    """A worker's answer that does not fit what it was asked; its text is never quoted."""


def framed(payload: bytes) -> bytes:
    """A frame: four bytes of length, most significant first, then the payload."""
    return HEAD.pack(len(payload)) + payload


def read_frame(stream: BinaryIO) -> bytes | None:
    """The next frame's payload from a blocking stream; None at its end. Raises `EOFError` inside a frame."""
    head = stream.read(HEAD.size)
    if not head:
        return None
    if len(head) < HEAD.size:
        raise EOFError
    (length,) = HEAD.unpack(head)
    payload = stream.read(length)
    if len(payload) < length:
        raise EOFError
    return payload


def dumps(content: object) -> bytes:
    """Compact JSON in UTF-8. Raises `UnicodeEncodeError` where a text holds a lone surrogate."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_plain)
    return text.encode("utf-8")


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(type(value).__name__)


# --- the gateway asks ---


def encoded_document(document: Document) -> bytes:
    """A document as JSON. Raises `UnicodeEncodeError` as `dumps` does."""
    return dumps(
        {
            "id": document.id,
            "text": document.text,
            "language": document.language,
            "subject": document.subject,
            "realm": document.realm,
            "record": None if document.record is None else asdict(document.record),
            "context": dict(document.context),
        }
    )


def encoded_profile(profile: Profile) -> bytes:
    """A profile as JSON; the same bytes for equal profiles."""
    return dumps(
        {
            "name": profile.name,
            "title": profile.title,
            "languages": sorted(profile.languages),
            "methods": dict(sorted(profile.methods.items())),
            "per_patient": profile.per_patient,
            "threshold": profile.threshold,
            "thresholds": dict(sorted(profile.thresholds.items())),
            "digest": profile.digest,
        }
    )


def request(number: int, profile: bytes, documents: Sequence[bytes]) -> bytes:
    """A request for outcomes from parts that are encoded already. Without documents: build the pipeline."""
    return b'{"n":%d,"profile":%b,"documents":[%b]}' % (number, profile, b",".join(documents))


# --- the worker reads (it trusts the gateway) ---


def decoded_profile(content: Mapping[str, Any]) -> Profile:
    """The twin of `encoded_profile`."""
    return Profile(
        name=content["name"],
        title=content["title"],
        languages=frozenset(content["languages"]),
        methods={IdentifierType(kind): Method(how) for kind, how in content["methods"].items()},
        per_patient=content["per_patient"],
        threshold=Decimal(content["threshold"]),
        thresholds={IdentifierType(kind): Decimal(least) for kind, least in content["thresholds"].items()},
        digest=content["digest"],
    )


def decoded_document(content: Mapping[str, Any]) -> Document:
    """The twin of `encoded_document`."""
    record = content["record"]
    return Document(
        id=content["id"],
        text=content["text"],
        language=content["language"],
        subject=content["subject"],
        realm=content["realm"],
        record=None if record is None else _record(record),
        context={
            name: (None if kind is None else IdentifierType(kind), value)
            for name, (kind, value) in content["context"].items()
        },
    )


def _record(content: Mapping[str, Any]) -> PatientRecord:
    born = content["birth_date"]
    return PatientRecord(
        names=_names(content["names"]),
        others=_names(content["others"]),
        gender=content["gender"],
        birth_date=None if born is None else date.fromisoformat(born),
        dates=tuple(date.fromisoformat(day) for day in content["dates"]),
        phones=tuple(content["phones"]),
        emails=tuple(content["emails"]),
        urls=tuple(content["urls"]),
        addresses=tuple(
            Address(**{**address, "line": tuple(address["line"])}) for address in content["addresses"]
        ),
        organizations=tuple(content["organizations"]),
        identifiers=tuple(
            Identifier(type=IdentifierType(each["type"]), value=each["value"])
            for each in content["identifiers"]
        ),
    )


def _names(names: Sequence[Mapping[str, Any]]) -> tuple[HumanName, ...]:
    return tuple(HumanName(given=tuple(each["given"]), family=tuple(each["family"])) for each in names)


def encoded_outcomes(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """Outcomes as values for `dumps`."""
    return [_outcome_content(outcome) for outcome in outcomes]


def _outcome_content(outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, Withheld):
        return {"id": outcome.id, "withheld": outcome.reason}
    return {
        "id": outcome.id,
        "text": outcome.text,
        "spans": [[s.start, s.end, s.type, s.score, s.source] for s in outcome.spans],
        "language": outcome.language,
        "context": dict(outcome.context),
    }


# --- the gateway believes nothing that a worker says ---


def decoded_answer(payload: bytes, number: int) -> dict[str, Any]:
    """The answer to request `number` as a JSON object. Raises `MalformedAnswer`."""
    try:
        content = json.loads(payload.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise MalformedAnswer from None
    if not isinstance(content, dict) or content.get("n") != number:
        raise MalformedAnswer
    return content


def _no_constant(name: str) -> float:
    raise MalformedAnswer


def decoded_outcomes(content: object, documents: Sequence[Document]) -> list[Outcome]:
    """One outcome for each document, in order, with spans inside that document's text.

    Raises `MalformedAnswer` where one is missing, too many, of another document or out of range.
    """
    if not isinstance(content, list) or len(content) != len(documents):
        raise MalformedAnswer
    return [_outcome(each, document) for each, document in zip(content, documents, strict=True)]


def _outcome(content: object, document: Document) -> Outcome:
    if not isinstance(content, dict) or content.get("id") != document.id:
        raise MalformedAnswer
    if content.keys() == {"id", "withheld"}:
        return Withheld(id=document.id, reason=_reason(content["withheld"]))
    if content.keys() != {"id", "text", "spans", "language", "context"}:
        raise MalformedAnswer
    if not isinstance(content["spans"], list):
        raise MalformedAnswer
    return Deidentified(
        id=document.id,
        text=_text(content["text"]),
        spans=tuple(_span(span, len(document.text)) for span in content["spans"]),
        language=_matching(content["language"], _LANGUAGE),
        context=_context(content["context"], document),
    )


def _span(content: object, length: int) -> Span:
    if not isinstance(content, list) or len(content) != 5:
        raise MalformedAnswer
    start, end, kind, score, source = content
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= length:
        raise MalformedAnswer
    if type(score) not in (int, float) or not 0 <= score <= 1:
        raise MalformedAnswer
    if (
        not isinstance(kind, str)
        or kind not in _TYPES
        or not isinstance(source, str)
        or source not in _SOURCES
    ):
        raise MalformedAnswer
    return Span(start=start, end=end, type=IdentifierType(kind), score=float(score), source=source)


def _context(content: object, document: Document) -> dict[str, str]:
    if not isinstance(content, dict) or content.keys() != document.context.keys():
        raise MalformedAnswer
    return {name: _text(value) for name, value in content.items()}


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise MalformedAnswer
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:  # "\ud800" in JSON
        raise MalformedAnswer from None
    return value


def _reason(value: object) -> str:
    if not isinstance(value, str) or value not in _REASONS:
        raise MalformedAnswer
    return value


def _matching(value: object, pattern: re.Pattern[str]) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise MalformedAnswer
    return value
