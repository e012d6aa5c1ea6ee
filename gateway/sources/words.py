"""The words of a mapping from FHIR: paths, criteria, and the rows that a resource becomes.

A small subset of FHIRPath (HL7, normative release 2), chosen so that each table can be written as a
SQL-on-FHIR v2 ViewDefinition. Imports: the standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """`name`: the element of that name of each item."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfType:
    """`contained.ofType(Medication)`: the items that are resources of that type."""

    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class First:
    """`first()`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """`where(criterion)`: the items that meet it."""

    criterion: Criterion


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceKey:
    """`getResourceKey()`: the id of the resource."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceKey:
    """`getReferenceKey(Type)`: the id that a reference names; of any type where none is given."""

    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decode:
    """`decode('base64')`: the UTF-8 text of base64 data."""


Step = Member | OfType | First | Where | ResourceKey | ReferenceKey | Decode
Path = tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exists:
    """`path.exists()`, or `path.empty()` where it is not `wanted`."""

    path: Path
    wanted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Equals:
    """`path = literal`, or `!=` where it is not `wanted`; false unless the path gives exactly one item."""

    path: Path
    value: str | bool | int
    wanted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StartsWith:
    """`path.startsWith('text')`; false unless the path gives exactly one text."""

    path: Path
    start: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf:
    """`a and b`."""

    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """`a or b`."""

    criteria: tuple[Criterion, ...]


Criterion = Exists | Equals | StartsWith | AllOf | AnyOf


@dataclass(frozen=True, slots=True, kw_only=True)
class RowForm:
    """One kind of row: of the resource itself, or of every item of `each`, that meets `where`.

    `where` and the paths of `columns` begin at the item. A column has alternatives: the first that gives
    a value counts.
    """

    each: Path | None
    where: Criterion | None
    columns: Mapping[str, tuple[Path, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirTable:
    """One dataset made of the resources of one type that meet `where`.

    `columns` are the same in every row of a resource; their paths begin at the resource. The row key is
    the resource's id, followed by `#n` for the n-th item of `each`.
    """

    dataset: str
    resource: str
    row_key: str
    where: Criterion | None
    columns: Mapping[str, tuple[Path, ...]]
    forms: tuple[RowForm, ...]
