"""The enumerations of both sides, paired once.

Law: every word of the domain has its number. Imports: gateway.v1, domain words.
"""

from __future__ import annotations

from gateway.domain.query import DateUnit, MeasureKind, Operator, ReducerKind
from gateway.v1 import query_pb2

KINDS = {
    query_pb2.Measure.KIND_COUNT_PATIENTS: MeasureKind.COUNT_PATIENTS,
    query_pb2.Measure.KIND_COUNT_ROWS: MeasureKind.COUNT_ROWS,
    query_pb2.Measure.KIND_SUM: MeasureKind.SUM,
    query_pb2.Measure.KIND_MEAN: MeasureKind.MEAN,
    query_pb2.Measure.KIND_PROPORTION: MeasureKind.PROPORTION,
}
KIND_NUMBERS = {kind: number for number, kind in KINDS.items()}
OPERATORS = {
    query_pb2.Comparison.OPERATOR_EQ: Operator.EQ,
    query_pb2.Comparison.OPERATOR_NE: Operator.NE,
    query_pb2.Comparison.OPERATOR_LT: Operator.LT,
    query_pb2.Comparison.OPERATOR_LE: Operator.LE,
    query_pb2.Comparison.OPERATOR_GT: Operator.GT,
    query_pb2.Comparison.OPERATOR_GE: Operator.GE,
}
OPERATOR_NUMBERS = {operator: number for number, operator in OPERATORS.items()}
UNITS = {
    query_pb2.Truncation.UNIT_DAY: DateUnit.DAY,
    query_pb2.Truncation.UNIT_WEEK: DateUnit.WEEK,
    query_pb2.Truncation.UNIT_MONTH: DateUnit.MONTH,
    query_pb2.Truncation.UNIT_QUARTER: DateUnit.QUARTER,
    query_pb2.Truncation.UNIT_YEAR: DateUnit.YEAR,
}
UNIT_NUMBERS = {unit: number for number, unit in UNITS.items()}
REDUCERS = {
    query_pb2.Reducer.KIND_FIRST: ReducerKind.FIRST,
    query_pb2.Reducer.KIND_LAST: ReducerKind.LAST,
}
REDUCER_NUMBERS = {kind: number for number, kind in REDUCERS.items()}


def kind_from_wire(number: query_pb2.Measure.Kind) -> MeasureKind | None:
    """The kind of measure with a number; None for one that is unspecified or not known here."""
    return KINDS.get(number)
