from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListDatasetsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListDatasetsResponse(_message.Message):
    __slots__ = ("datasets", "next_page_token")
    DATASETS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    datasets: _containers.RepeatedCompositeFieldContainer[Dataset]
    next_page_token: str
    def __init__(self, datasets: _Optional[_Iterable[_Union[Dataset, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetDatasetRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetDatasetResponse(_message.Message):
    __slots__ = ("dataset",)
    DATASET_FIELD_NUMBER: _ClassVar[int]
    dataset: Dataset
    def __init__(self, dataset: _Optional[_Union[Dataset, _Mapping]] = ...) -> None: ...

class Dataset(_message.Message):
    __slots__ = ("name", "title", "description", "population", "columns", "max_groups", "max_rows", "digest")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    POPULATION_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    MAX_GROUPS_FIELD_NUMBER: _ClassVar[int]
    MAX_ROWS_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    name: str
    title: str
    description: str
    population: str
    columns: _containers.RepeatedCompositeFieldContainer[DatasetColumn]
    max_groups: int
    max_rows: int
    digest: str
    def __init__(self, name: _Optional[str] = ..., title: _Optional[str] = ..., description: _Optional[str] = ..., population: _Optional[str] = ..., columns: _Optional[_Iterable[_Union[DatasetColumn, _Mapping]]] = ..., max_groups: _Optional[int] = ..., max_rows: _Optional[int] = ..., digest: _Optional[str] = ...) -> None: ...

class DatasetColumn(_message.Message):
    __slots__ = ("name", "type", "description", "unit", "code_system", "labels", "low", "high", "resolution", "filter", "group", "measure", "bounds_by", "coded_bounds", "notes_filter", "notes_context")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    CODE_SYSTEM_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    RESOLUTION_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    MEASURE_FIELD_NUMBER: _ClassVar[int]
    BOUNDS_BY_FIELD_NUMBER: _ClassVar[int]
    CODED_BOUNDS_FIELD_NUMBER: _ClassVar[int]
    NOTES_FILTER_FIELD_NUMBER: _ClassVar[int]
    NOTES_CONTEXT_FIELD_NUMBER: _ClassVar[int]
    name: str
    type: str
    description: str
    unit: str
    code_system: str
    labels: _containers.RepeatedScalarFieldContainer[str]
    low: str
    high: str
    resolution: str
    filter: bool
    group: bool
    measure: bool
    bounds_by: _containers.RepeatedScalarFieldContainer[str]
    coded_bounds: _containers.RepeatedCompositeFieldContainer[CodedBounds]
    notes_filter: bool
    notes_context: bool
    def __init__(self, name: _Optional[str] = ..., type: _Optional[str] = ..., description: _Optional[str] = ..., unit: _Optional[str] = ..., code_system: _Optional[str] = ..., labels: _Optional[_Iterable[str]] = ..., low: _Optional[str] = ..., high: _Optional[str] = ..., resolution: _Optional[str] = ..., filter: _Optional[bool] = ..., group: _Optional[bool] = ..., measure: _Optional[bool] = ..., bounds_by: _Optional[_Iterable[str]] = ..., coded_bounds: _Optional[_Iterable[_Union[CodedBounds, _Mapping]]] = ..., notes_filter: _Optional[bool] = ..., notes_context: _Optional[bool] = ...) -> None: ...

class CodedBounds(_message.Message):
    __slots__ = ("values", "low", "high", "resolution", "source")
    VALUES_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    RESOLUTION_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedScalarFieldContainer[str]
    low: str
    high: str
    resolution: str
    source: str
    def __init__(self, values: _Optional[_Iterable[str]] = ..., low: _Optional[str] = ..., high: _Optional[str] = ..., resolution: _Optional[str] = ..., source: _Optional[str] = ...) -> None: ...

class ListAgreementsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListAgreementsResponse(_message.Message):
    __slots__ = ("agreements", "next_page_token")
    AGREEMENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    agreements: _containers.RepeatedCompositeFieldContainer[Agreement]
    next_page_token: str
    def __init__(self, agreements: _Optional[_Iterable[_Union[Agreement, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class Agreement(_message.Message):
    __slots__ = ("id", "version", "title", "status", "provider", "purposes", "valid_from", "valid_until", "datasets", "obligations", "epsilon", "delta", "period", "min_cell", "texts")
    ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    PURPOSES_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_FIELD_NUMBER: _ClassVar[int]
    DATASETS_FIELD_NUMBER: _ClassVar[int]
    OBLIGATIONS_FIELD_NUMBER: _ClassVar[int]
    EPSILON_FIELD_NUMBER: _ClassVar[int]
    DELTA_FIELD_NUMBER: _ClassVar[int]
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    MIN_CELL_FIELD_NUMBER: _ClassVar[int]
    TEXTS_FIELD_NUMBER: _ClassVar[int]
    id: str
    version: int
    title: str
    status: str
    provider: str
    purposes: _containers.RepeatedScalarFieldContainer[str]
    valid_from: str
    valid_until: str
    datasets: _containers.RepeatedScalarFieldContainer[str]
    obligations: _containers.RepeatedScalarFieldContainer[str]
    epsilon: str
    delta: str
    period: str
    min_cell: int
    texts: _containers.RepeatedCompositeFieldContainer[TextTerms]
    def __init__(self, id: _Optional[str] = ..., version: _Optional[int] = ..., title: _Optional[str] = ..., status: _Optional[str] = ..., provider: _Optional[str] = ..., purposes: _Optional[_Iterable[str]] = ..., valid_from: _Optional[str] = ..., valid_until: _Optional[str] = ..., datasets: _Optional[_Iterable[str]] = ..., obligations: _Optional[_Iterable[str]] = ..., epsilon: _Optional[str] = ..., delta: _Optional[str] = ..., period: _Optional[str] = ..., min_cell: _Optional[int] = ..., texts: _Optional[_Iterable[_Union[TextTerms, _Mapping]]] = ...) -> None: ...

class TextTerms(_message.Message):
    __slots__ = ("dataset", "profile", "rows_per_day", "rows_per_minute")
    DATASET_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    ROWS_PER_DAY_FIELD_NUMBER: _ClassVar[int]
    ROWS_PER_MINUTE_FIELD_NUMBER: _ClassVar[int]
    dataset: str
    profile: str
    rows_per_day: int
    rows_per_minute: int
    def __init__(self, dataset: _Optional[str] = ..., profile: _Optional[str] = ..., rows_per_day: _Optional[int] = ..., rows_per_minute: _Optional[int] = ...) -> None: ...
