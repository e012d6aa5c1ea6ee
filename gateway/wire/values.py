"""Names, numbers, dates and constants of a question: message -> domain.

Law: what is refused names its field, and never repeats what stood there. Imports: gateway.v1, domain words,
errors.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from gateway.domain.limits import MAX_DIGITS, MAX_NAME, MAX_TEXT_BYTES, is_name
from gateway.domain.query import Age, Attribute, Literal, Reference
from gateway.errors import InvalidQuery, Violation
from gateway.v1 import query_pb2

DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Subject = query_pb2.Comparison | query_pb2.Membership | query_pb2.Missing | query_pb2.Reference


def fault(path: str, description: str, *, reason: str = "", suggestion: str = "") -> InvalidQuery:
    """The refusal of one field of a question."""
    violation = Violation(field=path, description=description, suggestion=suggestion)
    return InvalidQuery(reason=reason, violations=[violation])


def read_name(text: str, path: str) -> str:
    """A name of 1 to 128 printable characters."""
    if not is_name(text):
        raise fault(path, f"must be 1 to {MAX_NAME} printable characters")
    return text


def read_decimal(text: str, path: str) -> Decimal:
    """A number in plain digits."""
    if len(text) <= MAX_DIGITS and DECIMAL.fullmatch(text):
        return Decimal(text)
    raise fault(path, f"must be digits like 36.6, at most {MAX_DIGITS} characters")


def read_date(text: str, path: str) -> date:
    """A day of the calendar."""
    try:
        if _ISO_DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise fault(path, "must be a date that exists, YYYY-MM-DD")


def read_reference(message: Subject, path: str) -> Reference:
    """What a condition compares or a key is made of."""
    match message.WhichOneof("subject"):
        case "attribute":
            return Attribute(name=read_name(message.attribute, f"{path}.attribute"))
        case "age":
            return Age(at=_moment(message.age, f"{path}.age"))
        case _:  # the plain column, also where nothing is set: it is the field to fill in
            return read_name(message.column, f"{path}.column")


def _moment(message: query_pb2.Age, path: str) -> str | date:
    match message.WhichOneof("at"):
        case "column":
            return read_name(message.column, f"{path}.column")
        case "date":
            return read_date(message.date, f"{path}.date")
    raise fault(path, "set column or date")


def read_literal(message: query_pb2.Literal, path: str) -> Literal:
    """One constant of a condition."""
    match message.WhichOneof("form"):
        case "text":
            if "\0" in message.text:
                raise fault(f"{path}.text", "holds a null character")
            if len(message.text.encode()) > MAX_TEXT_BYTES:
                raise fault(f"{path}.text", f"longer than {MAX_TEXT_BYTES} bytes", reason="QUERY_TOO_LARGE")
            return message.text
        case "boolean":
            return message.boolean
        case "integer":
            return message.integer
        case "decimal":
            return read_decimal(message.decimal, f"{path}.decimal")
        case "date":
            return read_date(message.date, f"{path}.date")
    raise fault(path, "a missing value", suggestion="to find missing values use is_missing")
