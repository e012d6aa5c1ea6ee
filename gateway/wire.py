"""Protobuf <-> domain words, nothing else.

Law: whatever bytes a message was read from, reading it gives domain words or a GatewayError that names the
field; message -> domain -> message is the identity. Depth and size are checked before anything recurses.
Imports: gateway.v1, domain words, errors.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from gateway.domain.entry import Receipt
from gateway.domain.privacy import DELTA_UNIT, RHO_UNIT, AccountKind, Balance, PrivacyLoss
from gateway.domain.query import (
    And,
    Compare,
    IsMissing,
    Literal,
    Measure,
    MeasureKind,
    Not,
    OneOf,
    Operator,
    Or,
    Predicate,
    Query,
    Spend,
    SpendKind,
)
from gateway.domain.release import Row
from gateway.errors import Internal, InvalidQuery, InvalidRequest, Violation
from gateway.v1 import common_pb2, query_pb2

MAX_DEPTH = 20
MAX_NODES = 2_000
MAX_MEASURES = 16
MAX_KEYS = 4
MAX_NAME = 128  # characters
MAX_TEXT_BYTES = 1024  # UTF-8 bytes of one literal
MAX_DIGITS = 40  # characters of one decimal

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

_KINDS = {
    query_pb2.Measure.KIND_COUNT_PATIENTS: MeasureKind.COUNT_PATIENTS,
    query_pb2.Measure.KIND_COUNT_ROWS: MeasureKind.COUNT_ROWS,
    query_pb2.Measure.KIND_SUM: MeasureKind.SUM,
    query_pb2.Measure.KIND_MEAN: MeasureKind.MEAN,
}
_KIND_NUMBERS = {kind: number for number, kind in _KINDS.items()}
_OPERATORS = {
    query_pb2.Comparison.OPERATOR_EQ: Operator.EQ,
    query_pb2.Comparison.OPERATOR_NE: Operator.NE,
    query_pb2.Comparison.OPERATOR_LT: Operator.LT,
    query_pb2.Comparison.OPERATOR_LE: Operator.LE,
    query_pb2.Comparison.OPERATOR_GT: Operator.GT,
    query_pb2.Comparison.OPERATOR_GE: Operator.GE,
}
_OPERATOR_NUMBERS = {operator: number for number, operator in _OPERATORS.items()}

# --- requests: message -> domain


def question_from_wire(
    message: query_pb2.RunQueryRequest | query_pb2.EstimateQueryRequest,
) -> tuple[str, Query | str, Spend, str]:
    """The agreement's id, the question (SQL stays text), the spend, and the request id.

    An estimate has no request id: it is empty. Raises InvalidRequest for the call's own fields
    (REQUEST_INVALID, REQUEST_ID_INVALID, SPEND_INVALID) and InvalidQuery for what lies under `query`
    (QUERY_INVALID, QUERY_TOO_LARGE, QUERY_TOO_DEEP), each with the field's path.
    """
    agreement = message.agreement
    if not _is_name(agreement):
        raise _request("agreement", f"must be 1 to {MAX_NAME} printable characters")
    request_id = ""
    if isinstance(message, query_pb2.RunQueryRequest):
        request_id = message.request_id
        if not _REQUEST_ID.fullmatch(request_id):
            raise _request(
                "request_id", "must be 1 to 64 of A-Z a-z 0-9 . _ : -", reason="REQUEST_ID_INVALID"
            )
    spend = _spend(message.spend)
    match message.WhichOneof("question"):
        case "query":
            return agreement, query_from_wire(message.query), spend, request_id
        case "sql":
            return agreement, message.sql, spend, request_id
    raise _request("query", "set query or sql")


def is_request_id(text: str) -> bool:
    """Whether a text may be a request id: 1 to 64 of A-Z a-z 0-9 . _ : and the hyphen."""
    return _REQUEST_ID.fullmatch(text) is not None


def query_from_wire(message: query_pb2.Query) -> Query:
    """The question in domain words. Raises InvalidQuery, with field paths from `query`."""
    dataset = _name(message.dataset, "query.dataset")
    if len(message.group_by) > MAX_KEYS:
        raise _fault("query.group_by", f"at most {MAX_KEYS} columns", reason="QUERY_TOO_LARGE")
    keys = tuple(_name(key, f"query.group_by[{i}]") for i, key in enumerate(message.group_by))
    for i, key in enumerate(keys):
        if key in keys[:i]:
            raise _fault(f"query.group_by[{i}]", "a column that is named twice")
    where = None
    if message.HasField("where"):
        _check_size(message.where)
        where = _predicate(message.where, "query.where")
    return Query(
        dataset=dataset,
        measures=_measures(message.measures, keys),
        where=where,
        group_by=keys,
        max_groups=_bound(message.max_groups, "query.max_groups"),
        max_rows=_bound(message.max_rows, "query.max_rows"),
    )


def _measures(messages: Iterable[query_pb2.Measure], keys: tuple[str, ...]) -> tuple[Measure, ...]:
    read = list(messages)
    if not 1 <= len(read) <= MAX_MEASURES:
        reason = "QUERY_TOO_LARGE" if read else "QUERY_INVALID"
        raise _fault("query.measures", f"must be 1 to {MAX_MEASURES} measures", reason=reason)
    taken = set(keys)
    for i, message in enumerate(read):
        if not message.name:
            continue
        if _name(message.name, f"query.measures[{i}].name") in taken:
            raise _fault(f"query.measures[{i}].name", "a name that another column of the answer has")
        taken.add(message.name)
    measures = []
    for i, message in enumerate(read):
        kind, column = _kind(message, f"query.measures[{i}]")
        name = message.name or _free_name(kind, column, taken)
        taken.add(name)
        measures.append(Measure(kind=kind, name=name, column=column))
    return tuple(measures)


def _kind(message: query_pb2.Measure, path: str) -> tuple[MeasureKind, str | None]:
    kind = _KINDS.get(message.kind)
    if kind is None:
        raise _fault(f"{path}.kind", "an unknown or missing kind")
    if kind in (MeasureKind.SUM, MeasureKind.MEAN):
        return kind, _name(message.column, f"{path}.column")
    if message.column:
        raise _fault(f"{path}.column", "a count has no column", suggestion="leave it empty")
    return kind, None


def _free_name(kind: MeasureKind, column: str | None, taken: set[str]) -> str:
    """The names that the SQL form gives too: a test holds the two equal."""
    base = {MeasureKind.COUNT_PATIENTS: "patients", MeasureKind.COUNT_ROWS: "rows"}.get(
        kind, f"{kind}_{column}"
    )
    name, number = base, 2
    while name in taken:
        name, number = f"{base}_{number}", number + 1
    return name


def _check_size(where: query_pb2.Predicate) -> None:
    """Depth and number of nodes, IN values included; walked without recursion."""
    nodes, waiting = 0, [(where, 1)]
    while waiting:
        message, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise _fault("query.where", f"nested deeper than {MAX_DEPTH}", reason="QUERY_TOO_DEEP")
        nodes += 1
        match message.WhichOneof("form"):
            case "not":
                waiting.append((getattr(message, "not"), depth + 1))
            case "and" | "or" as form:
                operands = getattr(message, form).operands
                if len(operands) > MAX_NODES:
                    nodes += len(operands)
                else:
                    waiting.extend((operand, depth + 1) for operand in operands)
            case "one_of":
                nodes += len(message.one_of.values)
        if nodes + len(waiting) > MAX_NODES:
            raise _fault("query.where", f"more than {MAX_NODES} conditions", reason="QUERY_TOO_LARGE")


def _predicate(message: query_pb2.Predicate, path: str) -> Predicate:
    """Recurses at most MAX_DEPTH deep: `_check_size` went first."""
    form = message.WhichOneof("form")
    path = f"{path}.{form}"
    match form:
        case "compare":
            return _compare(message.compare, path)
        case "one_of":
            values = message.one_of.values
            if not values:
                raise _fault(f"{path}.values", "needs at least one value")
            return OneOf(
                column=_name(message.one_of.column, f"{path}.column"),
                values=tuple(_literal(value, f"{path}.values[{i}]") for i, value in enumerate(values)),
            )
        case "is_missing":
            return IsMissing(column=_name(message.is_missing.column, f"{path}.column"))
        case "not":
            return Not(operand=_predicate(getattr(message, "not"), path))
        case "and" | "or":
            parts = getattr(message, form).operands
            if len(parts) < 2:
                raise _fault(f"{path}.operands", "needs two or more", suggestion="write the operand itself")
            operands = tuple(_predicate(part, f"{path}.operands[{i}]") for i, part in enumerate(parts))
            return And(operands=operands) if form == "and" else Or(operands=operands)
    raise _fault(path.removesuffix(".None"), "an empty condition")


def _compare(message: query_pb2.Comparison, path: str) -> Compare:
    operator = _OPERATORS.get(message.operator)
    if operator is None:
        raise _fault(f"{path}.operator", "an unknown or missing operator")
    return Compare(
        column=_name(message.column, f"{path}.column"),
        operator=operator,
        value=_literal(message.value, f"{path}.value"),
    )


def _literal(message: query_pb2.Literal, path: str) -> Literal:
    match message.WhichOneof("form"):
        case "text":
            if "\0" in message.text:
                raise _fault(f"{path}.text", "holds a null character")
            if len(message.text.encode()) > MAX_TEXT_BYTES:
                raise _fault(f"{path}.text", f"longer than {MAX_TEXT_BYTES} bytes", reason="QUERY_TOO_LARGE")
            return message.text
        case "boolean":
            return message.boolean
        case "integer":
            return message.integer
        case "decimal":
            if len(message.decimal) <= MAX_DIGITS and _DECIMAL.fullmatch(message.decimal):
                return Decimal(message.decimal)
            raise _fault(f"{path}.decimal", f"must be digits like 36.6, at most {MAX_DIGITS} characters")
        case "date":
            return _date(message.date, f"{path}.date")
    raise _fault(path, "a missing value", suggestion="to find missing values use is_missing")


def _date(text: str, path: str) -> date:
    try:
        if _ISO_DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise _fault(path, "must be a date that exists, YYYY-MM-DD")


def _spend(message: query_pb2.Spend) -> Spend:
    form = message.WhichOneof("form")
    if form is None:
        raise _request("spend", "set share, rho, epsilon or within", reason="SPEND_INVALID")
    return _amount(form, getattr(message, form))


@lru_cache(maxsize=1024)
def _amount(form: str, text: str) -> Spend:
    path = f"spend.{form}"
    if len(text) > MAX_DIGITS or not _DECIMAL.fullmatch(text):
        limit = f"must be digits like 0.5, at most {MAX_DIGITS} characters"
        raise _request(path, limit, reason="SPEND_INVALID")
    amount = Decimal(text)
    if amount <= 0:
        raise _request(path, "must be more than 0", reason="SPEND_INVALID")
    if form == "share" and amount > 100:
        raise _request(path, "must be at most 100 percent", reason="SPEND_INVALID")
    return Spend(kind=SpendKind(form), amount=amount)


def _bound(value: int, path: str) -> int | None:
    if value < 0:
        raise _fault(path, "must be 1 or more, or 0 for the dataset's own")
    return value or None


def _is_name(text: str) -> bool:
    return 0 < len(text) <= MAX_NAME and text.isprintable()


def _name(text: str, path: str) -> str:
    if not _is_name(text):
        raise _fault(path, f"must be 1 to {MAX_NAME} printable characters")
    return text


def _fault(path: str, description: str, *, reason: str = "", suggestion: str = "") -> InvalidQuery:
    violation = Violation(field=path, description=description, suggestion=suggestion)
    return InvalidQuery(reason=reason, violations=[violation])


def _request(path: str, description: str, *, reason: str = "") -> InvalidRequest:
    return InvalidRequest(reason=reason, violations=[Violation(field=path, description=description)])


# --- requests: domain -> message


def query_to_wire(query: Query) -> query_pb2.Query:
    """The question as a message; what `query_from_wire` reads back as the same query."""
    return query_pb2.Query(
        dataset=query.dataset,
        where=None if query.where is None else predicate_to_wire(query.where),
        group_by=query.group_by,
        measures=[
            query_pb2.Measure(kind=_KIND_NUMBERS[m.kind], column=m.column or "", name=m.name)
            for m in query.measures
        ],
        max_groups=query.max_groups or 0,
        max_rows=query.max_rows or 0,
    )


def predicate_to_wire(predicate: Predicate) -> query_pb2.Predicate:
    """The condition as a message."""
    match predicate:
        case Compare():
            compare = query_pb2.Comparison(
                column=predicate.column,
                operator=_OPERATOR_NUMBERS[predicate.operator],
                value=_literal_to_wire(predicate.value),
            )
            return query_pb2.Predicate(compare=compare)
        case OneOf():
            values = [_literal_to_wire(value) for value in predicate.values]
            return query_pb2.Predicate(one_of=query_pb2.Membership(column=predicate.column, values=values))
        case IsMissing():
            return query_pb2.Predicate(is_missing=query_pb2.Missing(column=predicate.column))
        case Not():
            return _nested("not", predicate_to_wire(predicate.operand))
        case And() | Or():
            operands = [predicate_to_wire(operand) for operand in predicate.operands]
            form = "and" if isinstance(predicate, And) else "or"
            return _nested(form, query_pb2.Predicates(operands=operands))


def _nested(form: str, value: query_pb2.Predicate | query_pb2.Predicates) -> query_pb2.Predicate:
    """`not`, `and` and `or` are words of Python, so these fields can only be set by name."""
    fields: dict[str, Any] = {form: value}
    return query_pb2.Predicate(**fields)


def _literal_to_wire(value: Literal) -> query_pb2.Literal:
    match value:
        case bool():  # before int: True is an int to Python
            return query_pb2.Literal(boolean=value)
        case int():
            return query_pb2.Literal(integer=value)
        case Decimal():
            return query_pb2.Literal(decimal=format(value, "f"))
        case date():
            return query_pb2.Literal(date=value.isoformat())
        case str():
            return query_pb2.Literal(text=value)


def spend_to_wire(spend: Spend) -> query_pb2.Spend:
    """The amount as a plain decimal string."""
    return query_pb2.Spend(**{str(spend.kind): format(spend.amount, "f")})


# --- answers: domain -> message


def loss_to_wire(loss: PrivacyLoss, epsilon: float) -> common_pb2.PrivacyLoss:
    """Rho with 12 and delta with 18 decimals, exact; `epsilon` is what rho alone amounts to."""
    return common_pb2.PrivacyLoss(
        rho=_fixed(loss.rho, RHO_UNIT), delta=_fixed(loss.delta, DELTA_UNIT), epsilon=epsilon
    )


def _fixed(count: int, unit: int) -> str:
    return f"{count // unit}.{count % unit:0{len(str(unit)) - 1}d}"


def balance_to_wire(
    balance: Balance, epsilon: Callable[[PrivacyLoss], float], refills_at: str
) -> common_pb2.Balance:
    """One account. An unlimited one has neither cap nor remaining.

    `refills_at` is RFC 3339, empty for a lifetime. Raises Internal for the site's account, which is never
    shown to partners.
    """
    if balance.account.kind is AccountKind.SITE:
        raise Internal("the site's balance is not for partners")
    spent, cap = balance.spent, balance.cap
    remaining = None if cap is None else spent.left_of(cap)
    return common_pb2.Balance(
        account=str(balance.account.kind),
        population=balance.account.population,
        period=balance.period_key,
        cap=None if cap is None else loss_to_wire(cap, epsilon(cap)),
        spent=loss_to_wire(spent, epsilon(spent)),
        remaining=None if remaining is None else loss_to_wire(remaining, epsilon(remaining)),
        spent_percent=_percent(spent, cap),
        refills_at=refills_at,
    )


def _percent(spent: PrivacyLoss, cap: PrivacyLoss | None) -> float:
    """Of rho; an empty cap counts as fully spent, an unlimited one as untouched."""
    if cap is None:
        return 0.0
    return 100.0 * spent.rho / cap.rho if cap.rho else 100.0


def receipt_to_wire(receipt: Receipt) -> common_pb2.Receipt:
    """Where the access is recorded."""
    return common_pb2.Receipt(entry=receipt.entry, index=receipt.seq, leaf_hash=receipt.leaf_hash)


def rows_to_wire(rows: tuple[Row, ...]) -> list[query_pb2.Row]:
    """Every cell of the answer, in order. A suppressed figure carries neither value nor interval."""
    return [
        query_pb2.Row(
            keys=row.keys,
            figures=[
                query_pb2.Figure(sigma=cell.sigma, suppressed=True)
                if cell.suppressed
                else query_pb2.Figure(value=cell.value, low=cell.low, high=cell.high, sigma=cell.sigma)
                for cell in row.cells
            ],
        )
        for row in rows
    ]
