from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PrivacyLoss(_message.Message):
    __slots__ = ("rho", "delta", "epsilon")
    RHO_FIELD_NUMBER: _ClassVar[int]
    DELTA_FIELD_NUMBER: _ClassVar[int]
    EPSILON_FIELD_NUMBER: _ClassVar[int]
    rho: str
    delta: str
    epsilon: float
    def __init__(self, rho: _Optional[str] = ..., delta: _Optional[str] = ..., epsilon: _Optional[float] = ...) -> None: ...

class Balance(_message.Message):
    __slots__ = ("account", "population", "period", "cap", "spent", "remaining", "spent_percent", "refills_at")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    POPULATION_FIELD_NUMBER: _ClassVar[int]
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    CAP_FIELD_NUMBER: _ClassVar[int]
    SPENT_FIELD_NUMBER: _ClassVar[int]
    REMAINING_FIELD_NUMBER: _ClassVar[int]
    SPENT_PERCENT_FIELD_NUMBER: _ClassVar[int]
    REFILLS_AT_FIELD_NUMBER: _ClassVar[int]
    account: str
    population: str
    period: str
    cap: PrivacyLoss
    spent: PrivacyLoss
    remaining: PrivacyLoss
    spent_percent: float
    refills_at: str
    def __init__(self, account: _Optional[str] = ..., population: _Optional[str] = ..., period: _Optional[str] = ..., cap: _Optional[_Union[PrivacyLoss, _Mapping]] = ..., spent: _Optional[_Union[PrivacyLoss, _Mapping]] = ..., remaining: _Optional[_Union[PrivacyLoss, _Mapping]] = ..., spent_percent: _Optional[float] = ..., refills_at: _Optional[str] = ...) -> None: ...

class Receipt(_message.Message):
    __slots__ = ("entry", "index", "leaf_hash")
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    LEAF_HASH_FIELD_NUMBER: _ClassVar[int]
    entry: str
    index: int
    leaf_hash: str
    def __init__(self, entry: _Optional[str] = ..., index: _Optional[int] = ..., leaf_hash: _Optional[str] = ...) -> None: ...
