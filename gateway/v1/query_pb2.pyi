from gateway.v1 import common_pb2 as _common_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Query(_message.Message):
    __slots__ = ("dataset", "where", "measures", "max_groups", "max_rows", "group_by")
    DATASET_FIELD_NUMBER: _ClassVar[int]
    WHERE_FIELD_NUMBER: _ClassVar[int]
    MEASURES_FIELD_NUMBER: _ClassVar[int]
    MAX_GROUPS_FIELD_NUMBER: _ClassVar[int]
    MAX_ROWS_FIELD_NUMBER: _ClassVar[int]
    GROUP_BY_FIELD_NUMBER: _ClassVar[int]
    dataset: str
    where: Predicate
    measures: _containers.RepeatedCompositeFieldContainer[Measure]
    max_groups: int
    max_rows: int
    group_by: _containers.RepeatedCompositeFieldContainer[Grouping]
    def __init__(self, dataset: _Optional[str] = ..., where: _Optional[_Union[Predicate, _Mapping]] = ..., measures: _Optional[_Iterable[_Union[Measure, _Mapping]]] = ..., max_groups: _Optional[int] = ..., max_rows: _Optional[int] = ..., group_by: _Optional[_Iterable[_Union[Grouping, _Mapping]]] = ...) -> None: ...

class Grouping(_message.Message):
    __slots__ = ("column", "attribute", "band", "truncated")
    COLUMN_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTE_FIELD_NUMBER: _ClassVar[int]
    BAND_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    column: str
    attribute: str
    band: Band
    truncated: Truncation
    def __init__(self, column: _Optional[str] = ..., attribute: _Optional[str] = ..., band: _Optional[_Union[Band, _Mapping]] = ..., truncated: _Optional[_Union[Truncation, _Mapping]] = ...) -> None: ...

class Band(_message.Message):
    __slots__ = ("name", "of", "edges")
    NAME_FIELD_NUMBER: _ClassVar[int]
    OF_FIELD_NUMBER: _ClassVar[int]
    EDGES_FIELD_NUMBER: _ClassVar[int]
    name: str
    of: Reference
    edges: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., of: _Optional[_Union[Reference, _Mapping]] = ..., edges: _Optional[_Iterable[str]] = ...) -> None: ...

class Truncation(_message.Message):
    __slots__ = ("name", "of", "unit", "first", "last")
    class Unit(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNIT_UNSPECIFIED: _ClassVar[Truncation.Unit]
        UNIT_DAY: _ClassVar[Truncation.Unit]
        UNIT_WEEK: _ClassVar[Truncation.Unit]
        UNIT_MONTH: _ClassVar[Truncation.Unit]
        UNIT_QUARTER: _ClassVar[Truncation.Unit]
        UNIT_YEAR: _ClassVar[Truncation.Unit]
    UNIT_UNSPECIFIED: Truncation.Unit
    UNIT_DAY: Truncation.Unit
    UNIT_WEEK: Truncation.Unit
    UNIT_MONTH: Truncation.Unit
    UNIT_QUARTER: Truncation.Unit
    UNIT_YEAR: Truncation.Unit
    NAME_FIELD_NUMBER: _ClassVar[int]
    OF_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    FIRST_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    name: str
    of: Reference
    unit: Truncation.Unit
    first: str
    last: str
    def __init__(self, name: _Optional[str] = ..., of: _Optional[_Union[Reference, _Mapping]] = ..., unit: _Optional[_Union[Truncation.Unit, str]] = ..., first: _Optional[str] = ..., last: _Optional[str] = ...) -> None: ...

class Reference(_message.Message):
    __slots__ = ("column", "attribute", "age")
    COLUMN_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTE_FIELD_NUMBER: _ClassVar[int]
    AGE_FIELD_NUMBER: _ClassVar[int]
    column: str
    attribute: str
    age: Age
    def __init__(self, column: _Optional[str] = ..., attribute: _Optional[str] = ..., age: _Optional[_Union[Age, _Mapping]] = ...) -> None: ...

class Age(_message.Message):
    __slots__ = ("column", "date")
    COLUMN_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    column: str
    date: str
    def __init__(self, column: _Optional[str] = ..., date: _Optional[str] = ...) -> None: ...

class Measure(_message.Message):
    __slots__ = ("kind", "column", "name", "reducer", "bounds", "condition")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[Measure.Kind]
        KIND_COUNT_PATIENTS: _ClassVar[Measure.Kind]
        KIND_COUNT_ROWS: _ClassVar[Measure.Kind]
        KIND_SUM: _ClassVar[Measure.Kind]
        KIND_MEAN: _ClassVar[Measure.Kind]
        KIND_PROPORTION: _ClassVar[Measure.Kind]
    KIND_UNSPECIFIED: Measure.Kind
    KIND_COUNT_PATIENTS: Measure.Kind
    KIND_COUNT_ROWS: Measure.Kind
    KIND_SUM: Measure.Kind
    KIND_MEAN: Measure.Kind
    KIND_PROPORTION: Measure.Kind
    KIND_FIELD_NUMBER: _ClassVar[int]
    COLUMN_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    REDUCER_FIELD_NUMBER: _ClassVar[int]
    BOUNDS_FIELD_NUMBER: _ClassVar[int]
    CONDITION_FIELD_NUMBER: _ClassVar[int]
    kind: Measure.Kind
    column: str
    name: str
    reducer: Reducer
    bounds: Range
    condition: Predicate
    def __init__(self, kind: _Optional[_Union[Measure.Kind, str]] = ..., column: _Optional[str] = ..., name: _Optional[str] = ..., reducer: _Optional[_Union[Reducer, _Mapping]] = ..., bounds: _Optional[_Union[Range, _Mapping]] = ..., condition: _Optional[_Union[Predicate, _Mapping]] = ...) -> None: ...

class Range(_message.Message):
    __slots__ = ("low", "high")
    LOW_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    low: str
    high: str
    def __init__(self, low: _Optional[str] = ..., high: _Optional[str] = ...) -> None: ...

class Reducer(_message.Message):
    __slots__ = ("kind", "by")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[Reducer.Kind]
        KIND_FIRST: _ClassVar[Reducer.Kind]
        KIND_LAST: _ClassVar[Reducer.Kind]
    KIND_UNSPECIFIED: Reducer.Kind
    KIND_FIRST: Reducer.Kind
    KIND_LAST: Reducer.Kind
    KIND_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    kind: Reducer.Kind
    by: str
    def __init__(self, kind: _Optional[_Union[Reducer.Kind, str]] = ..., by: _Optional[str] = ...) -> None: ...

class Predicate(_message.Message):
    __slots__ = ("compare", "one_of", "is_missing", "in_cohort")
    COMPARE_FIELD_NUMBER: _ClassVar[int]
    ONE_OF_FIELD_NUMBER: _ClassVar[int]
    IS_MISSING_FIELD_NUMBER: _ClassVar[int]
    NOT_FIELD_NUMBER: _ClassVar[int]
    AND_FIELD_NUMBER: _ClassVar[int]
    OR_FIELD_NUMBER: _ClassVar[int]
    IN_COHORT_FIELD_NUMBER: _ClassVar[int]
    compare: Comparison
    one_of: Membership
    is_missing: Missing
    in_cohort: Cohort
    def __init__(self, compare: _Optional[_Union[Comparison, _Mapping]] = ..., one_of: _Optional[_Union[Membership, _Mapping]] = ..., is_missing: _Optional[_Union[Missing, _Mapping]] = ..., in_cohort: _Optional[_Union[Cohort, _Mapping]] = ..., **kwargs) -> None: ...

class Cohort(_message.Message):
    __slots__ = ("dataset", "where", "at_least", "window")
    DATASET_FIELD_NUMBER: _ClassVar[int]
    WHERE_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    dataset: str
    where: Predicate
    at_least: int
    window: Window
    def __init__(self, dataset: _Optional[str] = ..., where: _Optional[_Union[Predicate, _Mapping]] = ..., at_least: _Optional[int] = ..., window: _Optional[_Union[Window, _Mapping]] = ...) -> None: ...

class Window(_message.Message):
    __slots__ = ("column", "anchor", "first", "last")
    COLUMN_FIELD_NUMBER: _ClassVar[int]
    ANCHOR_FIELD_NUMBER: _ClassVar[int]
    FIRST_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    column: str
    anchor: str
    first: int
    last: int
    def __init__(self, column: _Optional[str] = ..., anchor: _Optional[str] = ..., first: _Optional[int] = ..., last: _Optional[int] = ...) -> None: ...

class Predicates(_message.Message):
    __slots__ = ("operands",)
    OPERANDS_FIELD_NUMBER: _ClassVar[int]
    operands: _containers.RepeatedCompositeFieldContainer[Predicate]
    def __init__(self, operands: _Optional[_Iterable[_Union[Predicate, _Mapping]]] = ...) -> None: ...

class Comparison(_message.Message):
    __slots__ = ("column", "attribute", "age", "operator", "value")
    class Operator(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        OPERATOR_UNSPECIFIED: _ClassVar[Comparison.Operator]
        OPERATOR_EQ: _ClassVar[Comparison.Operator]
        OPERATOR_NE: _ClassVar[Comparison.Operator]
        OPERATOR_LT: _ClassVar[Comparison.Operator]
        OPERATOR_LE: _ClassVar[Comparison.Operator]
        OPERATOR_GT: _ClassVar[Comparison.Operator]
        OPERATOR_GE: _ClassVar[Comparison.Operator]
    OPERATOR_UNSPECIFIED: Comparison.Operator
    OPERATOR_EQ: Comparison.Operator
    OPERATOR_NE: Comparison.Operator
    OPERATOR_LT: Comparison.Operator
    OPERATOR_LE: Comparison.Operator
    OPERATOR_GT: Comparison.Operator
    OPERATOR_GE: Comparison.Operator
    COLUMN_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTE_FIELD_NUMBER: _ClassVar[int]
    AGE_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    column: str
    attribute: str
    age: Age
    operator: Comparison.Operator
    value: Literal
    def __init__(self, column: _Optional[str] = ..., attribute: _Optional[str] = ..., age: _Optional[_Union[Age, _Mapping]] = ..., operator: _Optional[_Union[Comparison.Operator, str]] = ..., value: _Optional[_Union[Literal, _Mapping]] = ...) -> None: ...

class Membership(_message.Message):
    __slots__ = ("column", "attribute", "age", "values")
    COLUMN_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTE_FIELD_NUMBER: _ClassVar[int]
    AGE_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    column: str
    attribute: str
    age: Age
    values: _containers.RepeatedCompositeFieldContainer[Literal]
    def __init__(self, column: _Optional[str] = ..., attribute: _Optional[str] = ..., age: _Optional[_Union[Age, _Mapping]] = ..., values: _Optional[_Iterable[_Union[Literal, _Mapping]]] = ...) -> None: ...

class Missing(_message.Message):
    __slots__ = ("column", "attribute", "age")
    COLUMN_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTE_FIELD_NUMBER: _ClassVar[int]
    AGE_FIELD_NUMBER: _ClassVar[int]
    column: str
    attribute: str
    age: Age
    def __init__(self, column: _Optional[str] = ..., attribute: _Optional[str] = ..., age: _Optional[_Union[Age, _Mapping]] = ...) -> None: ...

class Literal(_message.Message):
    __slots__ = ("text", "boolean", "integer", "decimal", "date")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    BOOLEAN_FIELD_NUMBER: _ClassVar[int]
    INTEGER_FIELD_NUMBER: _ClassVar[int]
    DECIMAL_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    text: str
    boolean: bool
    integer: int
    decimal: str
    date: str
    def __init__(self, text: _Optional[str] = ..., boolean: _Optional[bool] = ..., integer: _Optional[int] = ..., decimal: _Optional[str] = ..., date: _Optional[str] = ...) -> None: ...

class Spend(_message.Message):
    __slots__ = ("share", "rho", "epsilon", "within")
    SHARE_FIELD_NUMBER: _ClassVar[int]
    RHO_FIELD_NUMBER: _ClassVar[int]
    EPSILON_FIELD_NUMBER: _ClassVar[int]
    WITHIN_FIELD_NUMBER: _ClassVar[int]
    share: str
    rho: str
    epsilon: str
    within: str
    def __init__(self, share: _Optional[str] = ..., rho: _Optional[str] = ..., epsilon: _Optional[str] = ..., within: _Optional[str] = ...) -> None: ...

class EstimateQueryRequest(_message.Message):
    __slots__ = ("agreement", "query", "sql", "spend", "assuming")
    AGREEMENT_FIELD_NUMBER: _ClassVar[int]
    QUERY_FIELD_NUMBER: _ClassVar[int]
    SQL_FIELD_NUMBER: _ClassVar[int]
    SPEND_FIELD_NUMBER: _ClassVar[int]
    ASSUMING_FIELD_NUMBER: _ClassVar[int]
    agreement: str
    query: Query
    sql: str
    spend: Spend
    assuming: Assumed
    def __init__(self, agreement: _Optional[str] = ..., query: _Optional[_Union[Query, _Mapping]] = ..., sql: _Optional[str] = ..., spend: _Optional[_Union[Spend, _Mapping]] = ..., assuming: _Optional[_Union[Assumed, _Mapping]] = ...) -> None: ...

class Assumed(_message.Message):
    __slots__ = ("n", "at")
    N_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    n: int
    at: str
    def __init__(self, n: _Optional[int] = ..., at: _Optional[str] = ...) -> None: ...

class EstimateQueryResponse(_message.Message):
    __slots__ = ("loss", "share_of_remaining_percent", "affordable", "measures", "cells", "contribution", "balance", "explanation", "obligations", "suppressed_below", "warnings")
    LOSS_FIELD_NUMBER: _ClassVar[int]
    SHARE_OF_REMAINING_PERCENT_FIELD_NUMBER: _ClassVar[int]
    AFFORDABLE_FIELD_NUMBER: _ClassVar[int]
    MEASURES_FIELD_NUMBER: _ClassVar[int]
    CELLS_FIELD_NUMBER: _ClassVar[int]
    CONTRIBUTION_FIELD_NUMBER: _ClassVar[int]
    BALANCE_FIELD_NUMBER: _ClassVar[int]
    EXPLANATION_FIELD_NUMBER: _ClassVar[int]
    OBLIGATIONS_FIELD_NUMBER: _ClassVar[int]
    SUPPRESSED_BELOW_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    loss: _common_pb2.PrivacyLoss
    share_of_remaining_percent: float
    affordable: bool
    measures: _containers.RepeatedCompositeFieldContainer[MeasureEstimate]
    cells: int
    contribution: Contribution
    balance: _common_pb2.Balance
    explanation: str
    obligations: _containers.RepeatedScalarFieldContainer[str]
    suppressed_below: float
    warnings: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, loss: _Optional[_Union[_common_pb2.PrivacyLoss, _Mapping]] = ..., share_of_remaining_percent: _Optional[float] = ..., affordable: _Optional[bool] = ..., measures: _Optional[_Iterable[_Union[MeasureEstimate, _Mapping]]] = ..., cells: _Optional[int] = ..., contribution: _Optional[_Union[Contribution, _Mapping]] = ..., balance: _Optional[_Union[_common_pb2.Balance, _Mapping]] = ..., explanation: _Optional[str] = ..., obligations: _Optional[_Iterable[str]] = ..., suppressed_below: _Optional[float] = ..., warnings: _Optional[_Iterable[str]] = ...) -> None: ...

class MeasureEstimate(_message.Message):
    __slots__ = ("name", "sigma", "half_width", "share_percent", "curve", "kind")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SIGMA_FIELD_NUMBER: _ClassVar[int]
    HALF_WIDTH_FIELD_NUMBER: _ClassVar[int]
    SHARE_PERCENT_FIELD_NUMBER: _ClassVar[int]
    CURVE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    name: str
    sigma: float
    half_width: float
    share_percent: float
    curve: _containers.RepeatedCompositeFieldContainer[ErrorPoint]
    kind: Measure.Kind
    def __init__(self, name: _Optional[str] = ..., sigma: _Optional[float] = ..., half_width: _Optional[float] = ..., share_percent: _Optional[float] = ..., curve: _Optional[_Iterable[_Union[ErrorPoint, _Mapping]]] = ..., kind: _Optional[_Union[Measure.Kind, str]] = ...) -> None: ...

class ErrorPoint(_message.Message):
    __slots__ = ("n", "half_width")
    N_FIELD_NUMBER: _ClassVar[int]
    HALF_WIDTH_FIELD_NUMBER: _ClassVar[int]
    n: int
    half_width: float
    def __init__(self, n: _Optional[int] = ..., half_width: _Optional[float] = ...) -> None: ...

class Contribution(_message.Message):
    __slots__ = ("max_groups", "max_rows")
    MAX_GROUPS_FIELD_NUMBER: _ClassVar[int]
    MAX_ROWS_FIELD_NUMBER: _ClassVar[int]
    max_groups: int
    max_rows: int
    def __init__(self, max_groups: _Optional[int] = ..., max_rows: _Optional[int] = ...) -> None: ...

class RunQueryRequest(_message.Message):
    __slots__ = ("agreement", "query", "sql", "spend", "request_id")
    AGREEMENT_FIELD_NUMBER: _ClassVar[int]
    QUERY_FIELD_NUMBER: _ClassVar[int]
    SQL_FIELD_NUMBER: _ClassVar[int]
    SPEND_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    agreement: str
    query: Query
    sql: str
    spend: Spend
    request_id: str
    def __init__(self, agreement: _Optional[str] = ..., query: _Optional[_Union[Query, _Mapping]] = ..., sql: _Optional[str] = ..., spend: _Optional[_Union[Spend, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class RunQueryResponse(_message.Message):
    __slots__ = ("release", "replayed", "loss", "balance", "columns", "rows", "snapshot", "contribution", "receipt", "obligations")
    RELEASE_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    LOSS_FIELD_NUMBER: _ClassVar[int]
    BALANCE_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    CONTRIBUTION_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    OBLIGATIONS_FIELD_NUMBER: _ClassVar[int]
    release: str
    replayed: bool
    loss: _common_pb2.PrivacyLoss
    balance: _common_pb2.Balance
    columns: _containers.RepeatedCompositeFieldContainer[Column]
    rows: _containers.RepeatedCompositeFieldContainer[Row]
    snapshot: str
    contribution: Contribution
    receipt: _common_pb2.Receipt
    obligations: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, release: _Optional[str] = ..., replayed: _Optional[bool] = ..., loss: _Optional[_Union[_common_pb2.PrivacyLoss, _Mapping]] = ..., balance: _Optional[_Union[_common_pb2.Balance, _Mapping]] = ..., columns: _Optional[_Iterable[_Union[Column, _Mapping]]] = ..., rows: _Optional[_Iterable[_Union[Row, _Mapping]]] = ..., snapshot: _Optional[str] = ..., contribution: _Optional[_Union[Contribution, _Mapping]] = ..., receipt: _Optional[_Union[_common_pb2.Receipt, _Mapping]] = ..., obligations: _Optional[_Iterable[str]] = ...) -> None: ...

class Column(_message.Message):
    __slots__ = ("name", "role", "unit", "kind")
    class Role(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        ROLE_UNSPECIFIED: _ClassVar[Column.Role]
        ROLE_KEY: _ClassVar[Column.Role]
        ROLE_MEASURE: _ClassVar[Column.Role]
    ROLE_UNSPECIFIED: Column.Role
    ROLE_KEY: Column.Role
    ROLE_MEASURE: Column.Role
    NAME_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    name: str
    role: Column.Role
    unit: str
    kind: Measure.Kind
    def __init__(self, name: _Optional[str] = ..., role: _Optional[_Union[Column.Role, str]] = ..., unit: _Optional[str] = ..., kind: _Optional[_Union[Measure.Kind, str]] = ...) -> None: ...

class Row(_message.Message):
    __slots__ = ("keys", "figures")
    KEYS_FIELD_NUMBER: _ClassVar[int]
    FIGURES_FIELD_NUMBER: _ClassVar[int]
    keys: _containers.RepeatedScalarFieldContainer[str]
    figures: _containers.RepeatedCompositeFieldContainer[Figure]
    def __init__(self, keys: _Optional[_Iterable[str]] = ..., figures: _Optional[_Iterable[_Union[Figure, _Mapping]]] = ...) -> None: ...

class Figure(_message.Message):
    __slots__ = ("value", "low", "high", "sigma", "suppressed")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    SIGMA_FIELD_NUMBER: _ClassVar[int]
    SUPPRESSED_FIELD_NUMBER: _ClassVar[int]
    value: float
    low: float
    high: float
    sigma: float
    suppressed: bool
    def __init__(self, value: _Optional[float] = ..., low: _Optional[float] = ..., high: _Optional[float] = ..., sigma: _Optional[float] = ..., suppressed: _Optional[bool] = ...) -> None: ...
