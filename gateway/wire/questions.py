"""A question: message -> domain.

Law: the same question as its SQL text; whatever is wrong is named by its path from `query`.
Imports: gateway.v1, domain words, and this room's conditions, values and words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from gateway.domain.limits import MAX_EDGES, MAX_KEYS, MAX_MEASURES
from gateway.domain.query import (
    Age,
    Attribute,
    Band,
    Grouping,
    Measure,
    MeasureKind,
    Query,
    Reducer,
    Truncated,
    grouping_name,
)
from gateway.domain.titles import titled
from gateway.v1 import query_pb2
from gateway.wire.conditions import check_size, read_predicate
from gateway.wire.values import fault, read_date, read_decimal, read_name, read_reference
from gateway.wire.words import KINDS, REDUCERS, UNITS


def query_from_wire(message: query_pb2.Query) -> Query:
    """The question in domain words. Raises InvalidQuery, with field paths from `query`."""
    dataset = read_name(message.dataset, "query.dataset")
    if len(message.group_by) > MAX_KEYS:
        raise fault("query.group_by", f"at most {MAX_KEYS} columns", reason="QUERY_TOO_LARGE")
    if not 1 <= len(message.measures) <= MAX_MEASURES:
        reason = "QUERY_TOO_LARGE" if message.measures else "QUERY_INVALID"
        raise fault("query.measures", f"must be 1 to {MAX_MEASURES} measures", reason=reason)
    check_size(_conditions(message))
    keys = [_key(key, f"query.group_by[{i}]") for i, key in enumerate(message.group_by)]
    measures = [_measure(measure, f"query.measures[{i}]") for i, measure in enumerate(message.measures)]
    _check_titles(keys, measures)
    group_by, figures = titled(keys, measures)
    return Query(
        dataset=dataset,
        measures=figures,
        where=read_predicate(message.where, "query.where") if message.HasField("where") else None,
        group_by=group_by,
        max_groups=_bound(message.max_groups, "query.max_groups"),
        max_rows=_bound(message.max_rows, "query.max_rows"),
    )


def _conditions(message: query_pb2.Query) -> Iterator[tuple[str, query_pb2.Predicate]]:
    if message.HasField("where"):
        yield "query.where", message.where
    for i, measure in enumerate(message.measures):
        if measure.HasField("condition"):
            yield f"query.measures[{i}].condition", measure.condition


def _check_titles(keys: Sequence[Grouping], measures: Iterable[Measure]) -> None:
    """No two columns of the answer may have one title; those without a title get a free one."""
    taken: set[str] = set()
    for i, key in enumerate(keys):
        title = grouping_name(key)
        if title and title in taken:
            raise fault(f"query.group_by[{i}]", "a column that is named twice")
        taken.add(title)
    for i, measure in enumerate(measures):
        if measure.name and measure.name in taken:
            raise fault(f"query.measures[{i}].name", "a name that another column of the answer has")
        taken.add(measure.name)


def _key(message: query_pb2.Grouping, path: str) -> Grouping:
    match message.WhichOneof("form"):
        case "column":
            return read_name(message.column, f"{path}.column")
        case "attribute":
            return Attribute(name=read_name(message.attribute, f"{path}.attribute"))
        case "band":
            return _band(message.band, f"{path}.band")
        case "truncated":
            return _truncated(message.truncated, f"{path}.truncated")
    raise fault(path, "set column, attribute, band or truncated")


def _title(name: str, path: str) -> str:
    return read_name(name, f"{path}.name") if name else ""


def _band(message: query_pb2.Band, path: str) -> Band:
    if not 1 <= len(message.edges) <= MAX_EDGES:
        reason = "QUERY_TOO_LARGE" if message.edges else "QUERY_INVALID"
        raise fault(f"{path}.edges", f"must be 1 to {MAX_EDGES} edges", reason=reason)
    edges = tuple(read_decimal(edge, f"{path}.edges[{i}]") for i, edge in enumerate(message.edges))
    for i, (below, edge) in enumerate(pairwise(edges), start=1):
        if below >= edge:
            raise fault(f"{path}.edges[{i}]", "an edge that is not above the one before it")
    return Band(name=_title(message.name, path), of=read_reference(message.of, f"{path}.of"), edges=edges)


def _truncated(message: query_pb2.Truncation, path: str) -> Truncated:
    of = read_reference(message.of, f"{path}.of")
    if isinstance(of, Age):
        raise fault(f"{path}.of.age", "an age is not a date", suggestion="cut it into a band")
    unit = UNITS.get(message.unit)
    if unit is None:
        raise fault(f"{path}.unit", "an unknown or missing unit")
    first = read_date(message.first, f"{path}.first")
    last = read_date(message.last, f"{path}.last")
    if first > last:
        raise fault(f"{path}.last", "a range that ends before it begins")
    return Truncated(name=_title(message.name, path), of=of, unit=unit, first=first, last=last)


def _measure(message: query_pb2.Measure, path: str) -> Measure:
    kind = KINDS.get(message.kind)
    if kind is None:
        raise fault(f"{path}.kind", "an unknown or missing kind")
    summed, proportion = kind in (MeasureKind.SUM, MeasureKind.MEAN), kind is MeasureKind.PROPORTION
    if message.column and not summed:
        raise fault(f"{path}.column", f"a {_noun(kind)} has no column", suggestion="leave it empty")
    if message.HasField("bounds") and not summed:
        raise fault(f"{path}.bounds", f"a {_noun(kind)} has no bounds", suggestion="leave them out")
    for part in ("condition", "reducer"):
        if message.HasField(part) and not proportion:
            what = f"only a proportion has a {part}"
            raise fault(f"{path}.{part}", what, suggestion="leave it out")
    if proportion and not message.HasField("condition"):
        raise fault(f"{path}.condition", "a proportion needs a condition")
    return Measure(
        kind=kind,
        name=_title(message.name, path),
        column=read_name(message.column, f"{path}.column") if summed else None,
        bounds=_bounds(message.bounds, f"{path}.bounds") if message.HasField("bounds") else None,
        condition=read_predicate(message.condition, f"{path}.condition") if proportion else None,
        reducer=_reducer(message.reducer, f"{path}.reducer") if message.HasField("reducer") else None,
    )


def _noun(kind: MeasureKind) -> str:
    return "proportion" if kind is MeasureKind.PROPORTION else "count"


def _bounds(message: query_pb2.Range, path: str) -> tuple[Decimal, Decimal]:
    low, high = read_decimal(message.low, f"{path}.low"), read_decimal(message.high, f"{path}.high")
    if low >= high:
        raise fault(path, "bounds whose low end is not below the high one")
    return low, high


def _reducer(message: query_pb2.Reducer, path: str) -> Reducer:
    kind = REDUCERS.get(message.kind)
    if kind is None:
        raise fault(f"{path}.kind", "an unknown or missing kind")
    return Reducer(kind=kind, by=read_name(message.by, f"{path}.by"))


def _bound(value: int, path: str) -> int | None:
    if value < 0:
        raise fault(path, "must be 1 or more, or 0 for the dataset's own")
    return value or None
