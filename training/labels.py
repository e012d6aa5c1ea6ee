"""What the model tells apart. Codes that patterns tell apart better by their label are one type here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gateway.domain.deid import IdentifierType as Type

TYPES: Final = (
    Type.NAME,
    Type.DATE,
    Type.AGE,
    Type.LOCATION,
    Type.STREET,
    Type.ZIP,
    Type.ORGANIZATION,
    Type.PHONE,
    Type.EMAIL,
    Type.URL,
    Type.MRN,
    Type.HEALTH_PLAN,
    Type.ID,
)

_MERGED = {Type.FAX: Type.PHONE, Type.IP: Type.URL}

LEARNT: Final[Mapping[Type, Type]] = MappingProxyType(
    {kind: kind if kind in TYPES else _MERGED.get(kind, Type.ID) for kind in Type}
)
"""Every type of identifier, and the type that it is learnt as."""

LABELS: Final = 1 + 2 * len(TYPES)
"""None, and a beginning and an inside of each type."""


def begin(kind: Type) -> int:
    """The label of the first word of a type; its inside is the next."""
    return 1 + 2 * TYPES.index(LEARNT[kind])
