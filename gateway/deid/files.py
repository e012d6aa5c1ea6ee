"""Files of texts, a line at a time: JSON in -> a document or why there is none; an outcome -> JSON out.

Law: total over any bytes. A line that cannot be read whole is withheld with a stable reason, and so is a
text whose patient was named and is not known: it is never searched without the record that belongs to it.
Nothing of a line is in a reason. Imports: the standard library, domain words, errors, fhir_patient.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.deid.fhir_patient import record_of
from gateway.domain.deid import Document, Outcome, PatientRecord, Span, Withheld
from gateway.errors import GatewayError

LINE_TOO_LONG = "LINE_TOO_LONG"
INVALID_UTF8 = "INVALID_UTF8"
INVALID_JSON = "INVALID_JSON"
ID_MISSING = "ID_MISSING"
TEXT_MISSING = "TEXT_MISSING"
LANGUAGE_INVALID = "LANGUAGE_INVALID"
PATIENT_INVALID = "PATIENT_INVALID"
PATIENT_UNKNOWN = "PATIENT_UNKNOWN"
UNREADABLE = "UNREADABLE"
INVALID_NAME = "INVALID_NAME"

LONGEST_ID = 1_000  # characters
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{1,8}){0,6}")

Patients = Callable[[str], PatientRecord | None]
"""The record of a patient by id; None where there is none. Raises `GatewayError` where it is unreadable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What became of one line: the id as it was written (None where it has none), and a document or a reason.

    `number` counts from 1; `end` is the offset in bytes where the next line begins.
    """

    number: int
    end: int
    id: str | int | None
    document: Document | None = None
    reason: str = ""


class _Refused(ValueError):
    """A line is withheld; the argument is the reason."""

    @property
    def reason(self) -> str:
        return str(self.args[0])


def no_patients(key: str) -> PatientRecord | None:
    """Where no file of patients was given, nobody is known."""
    return None


def read_line(
    content: bytes | None, patients: Patients, *, number: int, end: int, language: str = ""
) -> Line:
    """One line of JSON: `id`, `text`, and where known `patient` or `patient_id`, and `language`.

    `content` is None where the line was too long to be read. `language` holds for lines that name none.
    """
    written: str | int | None = None
    try:
        fields = _fields(content)
        written = _id(fields)
        document = _document(fields, str(written), patients, language)
    except _Refused as refused:
        return Line(number=number, end=end, id=written, reason=refused.reason)
    return Line(number=number, end=end, id=written, document=document)


def read_text(content: bytes | None, key: str, *, number: int, language: str = "") -> Line:
    """A whole file as one text; None where it is too large."""
    if content is None:
        return Line(number=number, end=number, id=key, reason=LINE_TOO_LONG)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return Line(number=number, end=number, id=key, reason=INVALID_UTF8)
    return Line(number=number, end=number, id=key, document=Document(id=key, text=text, language=language))


def _fields(content: bytes | None) -> dict[str, Any]:
    if content is None:
        raise _Refused(LINE_TOO_LONG)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise _Refused(INVALID_UTF8) from None
    try:
        fields = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise _Refused(INVALID_JSON) from None
    if not isinstance(fields, dict):
        raise _Refused(INVALID_JSON)
    return fields


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object. A key that is there twice would be two texts of which one is read, so it is a fault."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError
    return fields


def _id(fields: Mapping[str, Any]) -> str | int:
    written = fields.get("id")
    if isinstance(written, bool) or not isinstance(written, str | int):
        raise _Refused(ID_MISSING)
    if not 0 < len(str(written)) <= LONGEST_ID or not _encodes(str(written)):
        raise _Refused(ID_MISSING)
    return written


def _document(fields: Mapping[str, Any], key: str, patients: Patients, language: str) -> Document:
    text = fields.get("text")
    if not isinstance(text, str):
        raise _Refused(TEXT_MISSING)
    if not _encodes(text):
        raise _Refused(INVALID_UTF8)
    subject, record = _patient(fields, patients)
    return Document(id=key, text=text, language=_language(fields) or language, subject=subject, record=record)


def _encodes(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:  # half of a pair, as in "\ud83d"
        return False
    return True


def _language(fields: Mapping[str, Any]) -> str:
    """The primary subtag, in lower case; empty where none is named."""
    language = fields.get("language")
    if language is None or language == "":
        return ""
    found = _LANGUAGE.fullmatch(language) if isinstance(language, str) else None
    if found is None:
        raise _Refused(LANGUAGE_INVALID)
    return found[1].lower()


def _patient(fields: Mapping[str, Any], patients: Patients) -> tuple[str, PatientRecord | None]:
    """Whose text it is and what the record says; the resource on the line goes before the named one."""
    resource, named = fields.get("patient"), fields.get("patient_id")
    try:
        if resource is not None:
            if not isinstance(resource, dict):
                raise _Refused(PATIENT_INVALID)
            return _subject(named if named is not None else resource.get("id")), record_of(resource)
        subject = _subject(named)
        record = patients(subject) if subject else None
    except GatewayError as error:
        raise _Refused(error.reason) from None
    if subject and record is None:
        raise _Refused(PATIENT_UNKNOWN)
    return subject, record


def _subject(named: object) -> str:
    """The id of a patient, also as a reference (Patient/123); empty where there is none."""
    if named is None:
        return ""
    if isinstance(named, bool) or not isinstance(named, str | int):
        raise _Refused(PATIENT_INVALID)
    subject = str(named).strip().removeprefix("Patient/")
    if not subject or len(subject) > LONGEST_ID or not _encodes(subject):
        raise _Refused(PATIENT_INVALID)
    return subject


def span_content(span: Span) -> dict[str, Any]:
    """A span as it is written: offsets in code points of the input, the score to three decimals."""
    return {
        "start": span.start,
        "end": span.end,
        "type": str(span.type),
        "score": round(span.score, 3),
        "source": span.source,
    }


def written(line: Line, outcome: Outcome | None, *, text: bool = True) -> bytes:
    """A line of output. None stands for a line that was no document. Without `text`, the spans alone."""
    if outcome is None or isinstance(outcome, Withheld):
        content: dict[str, Any] = {"id": line.id}
        if line.id is None:
            content["line"] = line.number
        content["withheld"] = line.reason if outcome is None else outcome.reason
    else:
        content = {"id": line.id}
        if text:
            content["text"] = outcome.text
        content["language"] = outcome.language
        content["spans"] = [span_content(span) for span in outcome.spans]
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8") + b"\n"
