"""Conditions: message -> domain.

Law: size and depth are known to be small before anything recurses. Imports: gateway.v1, domain words, and
this room's values and words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gateway.domain.limits import (
    MAX_AT_LEAST,
    MAX_COHORT_DEPTH,
    MAX_COHORTS,
    MAX_DAYS,
    MAX_DEPTH,
    MAX_NODES,
)
from gateway.domain.query import And, Compare, InCohort, IsMissing, Not, OneOf, Or, Predicate, Window
from gateway.v1 import query_pb2
from gateway.wire.values import fault, read_literal, read_name, read_reference
from gateway.wire.words import OPERATORS


def check_size(conditions: Iterable[tuple[str, query_pb2.Predicate]]) -> None:
    """Depth, number of nodes (IN values included) and cohorts of a question, walked without recursion.

    `conditions` are all of the question's, each with its path. Raises InvalidQuery QUERY_TOO_DEEP or
    QUERY_TOO_LARGE.
    """
    nodes = cohorts = 0
    for path, condition in conditions:
        waiting = [(condition, 1, 0)]
        while waiting:
            message, depth, within = waiting.pop()
            if depth > MAX_DEPTH:
                raise fault(path, f"nested deeper than {MAX_DEPTH}", reason="QUERY_TOO_DEEP")
            nodes += 1
            operands, values = _parts(message)
            in_cohort = message.WhichOneof("form") == "in_cohort"
            cohorts, within = cohorts + in_cohort, within + in_cohort
            if within > MAX_COHORT_DEPTH:
                limit = f"cohorts nested deeper than {MAX_COHORT_DEPTH}"
                raise fault(path, limit, reason="QUERY_TOO_DEEP")
            if cohorts > MAX_COHORTS:
                raise fault(path, f"more than {MAX_COHORTS} cohorts", reason="QUERY_TOO_LARGE")
            if nodes + values + len(operands) + len(waiting) > MAX_NODES:
                raise fault(path, f"more than {MAX_NODES} conditions", reason="QUERY_TOO_LARGE")
            nodes += values
            waiting.extend((operand, depth + 1, within) for operand in operands)


def _parts(message: query_pb2.Predicate) -> tuple[Sequence[query_pb2.Predicate], int]:
    """The conditions directly within one, and the number of its listed values."""
    match message.WhichOneof("form"):
        case "not":
            return [getattr(message, "not")], 0
        case "and" | "or" as form:
            return getattr(message, form).operands, 0
        case "in_cohort":
            cohort = message.in_cohort
            return [cohort.where] if cohort.HasField("where") else [], 0
        case "one_of":
            return [], len(message.one_of.values)
    return [], 0


def read_predicate(message: query_pb2.Predicate, path: str) -> Predicate:
    """A condition in domain words. Recurses at most MAX_DEPTH deep: `check_size` goes first."""
    form = message.WhichOneof("form")
    path = f"{path}.{form}"
    match form:
        case "compare":
            return _compare(message.compare, path)
        case "one_of":
            return _one_of(message.one_of, path)
        case "is_missing":
            return IsMissing(column=read_reference(message.is_missing, path))
        case "in_cohort":
            return _cohort(message.in_cohort, path)
        case "not":
            return Not(operand=read_predicate(getattr(message, "not"), path))
        case "and" | "or":
            parts = getattr(message, form).operands
            if len(parts) < 2:
                raise fault(f"{path}.operands", "needs two or more", suggestion="write the operand itself")
            operands = tuple(read_predicate(part, f"{path}.operands[{i}]") for i, part in enumerate(parts))
            return And(operands=operands) if form == "and" else Or(operands=operands)
    raise fault(path.removesuffix(".None"), "an empty condition")


def _compare(message: query_pb2.Comparison, path: str) -> Compare:
    operator = OPERATORS.get(message.operator)
    if operator is None:
        raise fault(f"{path}.operator", "an unknown or missing operator")
    return Compare(
        column=read_reference(message, path),
        operator=operator,
        value=read_literal(message.value, f"{path}.value"),
    )


def _one_of(message: query_pb2.Membership, path: str) -> OneOf:
    if not message.values:
        raise fault(f"{path}.values", "needs at least one value")
    values = tuple(read_literal(value, f"{path}.values[{i}]") for i, value in enumerate(message.values))
    return OneOf(column=read_reference(message, path), values=values)


def _cohort(message: query_pb2.Cohort, path: str) -> InCohort:
    if not 0 <= message.at_least <= MAX_AT_LEAST:
        raise fault(f"{path}.at_least", f"must be 1 to {MAX_AT_LEAST:,} rows, or 0 for one")
    return InCohort(
        dataset=read_name(message.dataset, f"{path}.dataset"),
        where=read_predicate(message.where, f"{path}.where") if message.HasField("where") else None,
        at_least=message.at_least or 1,
        window=_window(message.window, f"{path}.window") if message.HasField("window") else None,
    )


def _window(message: query_pb2.Window, path: str) -> Window:
    first = message.first if message.HasField("first") else None
    last = message.last if message.HasField("last") else None
    for name, days in (("first", first), ("last", last)):
        if days is not None and abs(days) > MAX_DAYS:
            raise fault(f"{path}.{name}", f"must be -{MAX_DAYS:,} to {MAX_DAYS:,} days")
    if first is None and last is None:
        raise fault(path, "a window that is open at both ends", suggestion="set first or last")
    if first is not None and last is not None and first > last:
        raise fault(path, "a window that ends before it begins", suggestion="set first to at most last")
    return Window(
        column=read_name(message.column, f"{path}.column"),
        anchor=read_name(message.anchor, f"{path}.anchor"),
        first=first,
        last=last,
    )
