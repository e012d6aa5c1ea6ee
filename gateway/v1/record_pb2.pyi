from gateway.v1 import common_pb2 as _common_pb2
from gateway.v1 import query_pb2 as _query_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class StreamNotesRequest(_message.Message):
    __slots__ = ("agreement", "dataset", "where", "sql", "columns", "page_size", "page_token")
    AGREEMENT_FIELD_NUMBER: _ClassVar[int]
    DATASET_FIELD_NUMBER: _ClassVar[int]
    WHERE_FIELD_NUMBER: _ClassVar[int]
    SQL_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    agreement: str
    dataset: str
    where: _query_pb2.Predicate
    sql: str
    columns: ColumnNames
    page_size: int
    page_token: str
    def __init__(self, agreement: _Optional[str] = ..., dataset: _Optional[str] = ..., where: _Optional[_Union[_query_pb2.Predicate, _Mapping]] = ..., sql: _Optional[str] = ..., columns: _Optional[_Union[ColumnNames, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ColumnNames(_message.Message):
    __slots__ = ("names",)
    NAMES_FIELD_NUMBER: _ClassVar[int]
    names: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, names: _Optional[_Iterable[str]] = ...) -> None: ...

class StreamNotesResponse(_message.Message):
    __slots__ = ("notes", "withheld", "next_page_token", "receipt", "profile", "profile_digest", "snapshot", "obligations")
    NOTES_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    PROFILE_DIGEST_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    OBLIGATIONS_FIELD_NUMBER: _ClassVar[int]
    notes: _containers.RepeatedCompositeFieldContainer[Note]
    withheld: _containers.RepeatedCompositeFieldContainer[WithheldText]
    next_page_token: str
    receipt: _common_pb2.Receipt
    profile: str
    profile_digest: str
    snapshot: str
    obligations: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, notes: _Optional[_Iterable[_Union[Note, _Mapping]]] = ..., withheld: _Optional[_Iterable[_Union[WithheldText, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., receipt: _Optional[_Union[_common_pb2.Receipt, _Mapping]] = ..., profile: _Optional[str] = ..., profile_digest: _Optional[str] = ..., snapshot: _Optional[str] = ..., obligations: _Optional[_Iterable[str]] = ...) -> None: ...

class Note(_message.Message):
    __slots__ = ("id", "text", "language", "context", "identifiers")
    class ContextEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class IdentifiersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    id: str
    text: str
    language: str
    context: _containers.ScalarMap[str, str]
    identifiers: _containers.ScalarMap[str, int]
    def __init__(self, id: _Optional[str] = ..., text: _Optional[str] = ..., language: _Optional[str] = ..., context: _Optional[_Mapping[str, str]] = ..., identifiers: _Optional[_Mapping[str, int]] = ...) -> None: ...

class WithheldText(_message.Message):
    __slots__ = ("id", "reason")
    ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    id: str
    reason: str
    def __init__(self, id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class DeidentifyTextRequest(_message.Message):
    __slots__ = ("agreement", "documents")
    AGREEMENT_FIELD_NUMBER: _ClassVar[int]
    DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    agreement: str
    documents: _containers.RepeatedCompositeFieldContainer[TextDocument]
    def __init__(self, agreement: _Optional[str] = ..., documents: _Optional[_Iterable[_Union[TextDocument, _Mapping]]] = ...) -> None: ...

class TextDocument(_message.Message):
    __slots__ = ("id", "text", "language", "subject", "patient")
    ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    PATIENT_FIELD_NUMBER: _ClassVar[int]
    id: str
    text: str
    language: str
    subject: str
    patient: str
    def __init__(self, id: _Optional[str] = ..., text: _Optional[str] = ..., language: _Optional[str] = ..., subject: _Optional[str] = ..., patient: _Optional[str] = ...) -> None: ...

class DeidentifyTextResponse(_message.Message):
    __slots__ = ("texts", "withheld", "receipt", "profile", "profile_digest", "obligations")
    TEXTS_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    PROFILE_DIGEST_FIELD_NUMBER: _ClassVar[int]
    OBLIGATIONS_FIELD_NUMBER: _ClassVar[int]
    texts: _containers.RepeatedCompositeFieldContainer[DeidentifiedText]
    withheld: _containers.RepeatedCompositeFieldContainer[WithheldText]
    receipt: _common_pb2.Receipt
    profile: str
    profile_digest: str
    obligations: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, texts: _Optional[_Iterable[_Union[DeidentifiedText, _Mapping]]] = ..., withheld: _Optional[_Iterable[_Union[WithheldText, _Mapping]]] = ..., receipt: _Optional[_Union[_common_pb2.Receipt, _Mapping]] = ..., profile: _Optional[str] = ..., profile_digest: _Optional[str] = ..., obligations: _Optional[_Iterable[str]] = ...) -> None: ...

class DeidentifiedText(_message.Message):
    __slots__ = ("id", "text", "language", "spans")
    ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    SPANS_FIELD_NUMBER: _ClassVar[int]
    id: str
    text: str
    language: str
    spans: _containers.RepeatedCompositeFieldContainer[TextSpan]
    def __init__(self, id: _Optional[str] = ..., text: _Optional[str] = ..., language: _Optional[str] = ..., spans: _Optional[_Iterable[_Union[TextSpan, _Mapping]]] = ...) -> None: ...

class TextSpan(_message.Message):
    __slots__ = ("start", "end", "type", "score", "source")
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    start: int
    end: int
    type: str
    score: float
    source: str
    def __init__(self, start: _Optional[int] = ..., end: _Optional[int] = ..., type: _Optional[str] = ..., score: _Optional[float] = ..., source: _Optional[str] = ...) -> None: ...
