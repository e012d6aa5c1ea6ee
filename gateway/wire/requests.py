"""The calls around a question: message -> domain, and the amounts back.

Law: whatever is wrong is named by its path. Imports: gateway.v1, domain words, errors, and this room's
questions and values.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from gateway.domain.limits import MAX_DIGITS, MAX_NAME, is_name
from gateway.domain.query import Assumed, Query, Spend, SpendKind
from gateway.errors import InvalidRequest, Violation
from gateway.v1 import query_pb2
from gateway.wire.questions import query_from_wire
from gateway.wire.values import DECIMAL

MAX_ASSUMED = 10**12  # values or patients of a cell

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")


def question_from_wire(
    message: query_pb2.RunQueryRequest | query_pb2.EstimateQueryRequest,
) -> tuple[str, Query | str, Spend, str]:
    """The agreement's id, the question (SQL stays text), the spend, and the request id.

    An estimate has no request id: it is empty. Raises InvalidRequest for the call's own fields
    (REQUEST_INVALID, REQUEST_ID_INVALID, SPEND_INVALID) and InvalidQuery for what lies under `query`
    (QUERY_INVALID, QUERY_TOO_LARGE, QUERY_TOO_DEEP), each with the field's path.
    """
    agreement = message.agreement
    if not is_name(agreement):
        raise _fault("agreement", f"must be 1 to {MAX_NAME} printable characters")
    request_id = ""
    if isinstance(message, query_pb2.RunQueryRequest):
        request_id = message.request_id
        if not is_request_id(request_id):
            limit = "must be 1 to 64 of A-Z a-z 0-9 . _ : -"
            raise _fault("request_id", limit, reason="REQUEST_ID_INVALID")
    spend = _spend(message.spend)
    match message.WhichOneof("question"):
        case "query":
            return agreement, query_from_wire(message.query), spend, request_id
        case "sql":
            return agreement, message.sql, spend, request_id
    raise _fault("query", "set query or sql")


def is_request_id(text: str) -> bool:
    """Whether a text may be a request id: 1 to 64 of A-Z a-z 0-9 . _ : and the hyphen."""
    return _REQUEST_ID.fullmatch(text) is not None


def assumed_from_wire(message: query_pb2.EstimateQueryRequest) -> Assumed:
    """The asker's own numbers about a cell; empty where none are given. Raises InvalidRequest."""
    assuming = message.assuming
    n = assuming.n if assuming.HasField("n") else None
    if n is not None and not 1 <= n <= MAX_ASSUMED:
        raise _fault("assuming.n", f"must be 1 to {MAX_ASSUMED:,}")
    return Assumed(n=n, at=_decimal(assuming.at, "assuming.at") if assuming.at else None)


def assumed_to_wire(assumed: Assumed) -> query_pb2.Assumed:
    """The numbers as a message; what `assumed_from_wire` reads back."""
    at = "" if assumed.at is None else format(assumed.at, "f")
    return query_pb2.Assumed(n=assumed.n, at=at)


def spend_to_wire(spend: Spend) -> query_pb2.Spend:
    """The amount as a plain decimal string."""
    return query_pb2.Spend(**{str(spend.kind): format(spend.amount, "f")})


def _spend(message: query_pb2.Spend) -> Spend:
    form = message.WhichOneof("form")
    if form is None:
        raise _fault("spend", "set share, rho, epsilon or within", reason="SPEND_INVALID")
    return _amount(form, getattr(message, form))


@lru_cache(maxsize=1024)
def _amount(form: str, text: str) -> Spend:
    path = f"spend.{form}"
    amount = _decimal(text, path, reason="SPEND_INVALID")
    if amount <= 0:
        raise _fault(path, "must be more than 0", reason="SPEND_INVALID")
    if form == "share" and amount > 100:
        raise _fault(path, "must be at most 100 percent", reason="SPEND_INVALID")
    return Spend(kind=SpendKind(form), amount=amount)


def _decimal(text: str, path: str, *, reason: str = "") -> Decimal:
    if len(text) > MAX_DIGITS or not DECIMAL.fullmatch(text):
        limit = f"must be digits like 0.5, at most {MAX_DIGITS} characters"
        raise _fault(path, limit, reason=reason)
    return Decimal(text)


def _fault(path: str, description: str, *, reason: str = "") -> InvalidRequest:
    return InvalidRequest(reason=reason, violations=[Violation(field=path, description=description)])
