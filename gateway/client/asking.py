"""What a partner asks with, as messages: amounts, assumptions, the question itself.

Law: a number stays the decimal that was written. May import: gateway.v1, wire, domain, errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from gateway import wire
from gateway.domain.query import Assumed, Query, Spend, SpendKind
from gateway.errors import InvalidRequest
from gateway.v1 import query_pb2

Amount = int | float | str | Decimal


def spend(
    share: Amount | None, rho: Amount | None, epsilon: Amount | None, within: Amount | None
) -> query_pb2.Spend:
    """At most one of the four amounts; none is 1 % share. Raises InvalidRequest."""
    amounts = {
        SpendKind.SHARE: share,
        SpendKind.RHO: rho,
        SpendKind.EPSILON: epsilon,
        SpendKind.WITHIN: within,
    }
    named = [(kind, amount) for kind, amount in amounts.items() if amount is not None]
    if len(named) > 1:
        raise InvalidRequest("name one of share, rho, epsilon and within", reason="SPEND_INVALID")
    kind, amount = named[0] if named else (SpendKind.SHARE, 1)
    exact = _exact(amount)
    if exact is None or exact <= 0:
        raise InvalidRequest(f"{kind} must be a number above 0", reason="SPEND_INVALID")
    return wire.spend_to_wire(Spend(kind=kind, amount=exact))


def assumed(assuming: Mapping[str, Amount] | None) -> query_pb2.Assumed | None:
    """What is expected of a cell: n, at or both. Raises InvalidRequest."""
    if not assuming:
        return None
    if not assuming.keys() <= {"n", "at"}:
        raise InvalidRequest("assume n, at or both")
    n, at = (_exact(assuming[name]) if name in assuming else None for name in ("n", "at"))
    if "n" in assuming and (n is None or n != n.to_integral_value() or not 1 <= n < 2**63):
        raise InvalidRequest("the assumed n must be a whole number, 1 or more")
    if "at" in assuming and at is None:
        raise InvalidRequest("the assumed mean or proportion must be a number")
    return wire.assumed_to_wire(Assumed(n=None if n is None else int(n), at=at))


def _exact(amount: Amount) -> Decimal | None:
    """The number as a decimal; None where it is none."""
    try:
        exact = Decimal(str(amount))
    except InvalidOperation:
        return None
    return exact if exact.is_finite() else None


def put_question(
    request: query_pb2.RunQueryRequest | query_pb2.EstimateQueryRequest, question: str | Query
) -> None:
    """The question into its request, in the form that it has. Raises InvalidRequest."""
    if isinstance(question, Query):
        request.query.CopyFrom(wire.query_to_wire(question))
        return
    try:
        request.sql = question
    except ValueError:  # half a surrogate pair
        raise InvalidRequest("the SQL text is not valid Unicode", reason="REQUEST_INVALID") from None
