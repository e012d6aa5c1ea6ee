"""The shapes of the policy files, as strict models: what may be written, field by field.

Law: nothing is coerced and nothing unknown is accepted. A number keeps its decimal digits, a code stays
text. What a field means and how files fit together is checked by the modules that make words of them.
May import: domain words, pydantic.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from gateway.domain.agreement import AgreementStatus, Operation
from gateway.domain.catalog import ColumnType, IdentityRole
from gateway.domain.deid import IdentifierType
from gateway.domain.identity import Purpose
from gateway.domain.privacy import Period
from gateway.domain.query import MeasureKind

LARGEST = 10**12
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def _fault(code: str, description: str, **context: str) -> PydanticCustomError:
    return PydanticCustomError(code, "{description}", {"description": description, **context})


def _number(value: object) -> object:
    """An integer is a number too; a truth value is not."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if not isinstance(value, Decimal):
        raise _fault("own_number", "must be a number")
    return value


def _day(value: object) -> object:
    if isinstance(value, str) and _ISO_DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise _fault("own_date", "must be a date that exists", suggestion="write it as 2026-01-31")


def _mapped(value: object) -> object:
    """The target of a value map: a text, or a truth value as the text that is stored."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value


def _alternatives(value: object) -> object:
    """One path, or a list of paths of which the first that gives a value counts."""
    return [value] if isinstance(value, str) else value


def _lifetime(value: object) -> object:
    """A lifetime without a cap must be written as such; an empty field is no decision."""
    if value == "unlimited":
        return None
    if value is None:
        raise _fault("own_lifetime", "must be a cap or the word unlimited")
    return value


def _member(
    options: type[
        AgreementStatus
        | Operation
        | ColumnType
        | Purpose
        | Period
        | MeasureKind
        | IdentifierType
        | IdentityRole
    ],
) -> object:
    """A validator from a text to one member of a closed list of words."""

    def choose(value: object) -> object:
        words = {str(option.value): option for option in options}
        if isinstance(value, str) and value in words:
            return words[value]
        raise _fault("own_choice", "is not one of the known words", options=" ".join(words))

    return choose


Number = Annotated[Decimal, BeforeValidator(_number)]
Day = Annotated[date, BeforeValidator(_day)]
Mapped = Annotated[str, BeforeValidator(_mapped), Field(max_length=200)]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
Label = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^\S(.*\S)?$")]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
ColumnName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
ResourceName = Annotated[str, Field(pattern=r"^[A-Z][A-Za-z]{1,62}$")]
Paths = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=500)]],
    BeforeValidator(_alternatives),
    Field(min_length=1, max_length=8),
]
Count = Annotated[int, Field(ge=1, le=LARGEST)]
Epsilon = Annotated[Number, Field(gt=0, le=100)]
Delta = Annotated[Number, Field(gt=0, lt=1)]
Status = Annotated[AgreementStatus, BeforeValidator(_member(AgreementStatus))]
Operations = Annotated[Operation, BeforeValidator(_member(Operation))]
Types = Annotated[ColumnType, BeforeValidator(_member(ColumnType))]
Purposes = Annotated[Purpose, BeforeValidator(_member(Purpose))]
Periods = Annotated[Period, BeforeValidator(_member(Period))]
Measures = Annotated[MeasureKind, BeforeValidator(_member(MeasureKind))]
Identifiers = Annotated[IdentifierType, BeforeValidator(_member(IdentifierType))]
Identities = Annotated[IdentityRole, BeforeValidator(_member(IdentityRole))]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]


class Strict(BaseModel):
    """The root of all file models."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class BudgetModel(Strict):
    """A cap as (epsilon, delta) per calendar period (UTC)."""

    epsilon: Epsilon
    delta: Delta
    period: Periods


class LifetimeModel(Strict):
    """A cap that never refills."""

    epsilon: Epsilon
    delta: Delta


class PatientsModel(Strict):
    """Where the patients' attributes stand: a dataset of the population, and its date of birth."""

    dataset: ColumnName
    birth_date: ColumnName | None = None


class PopulationFile(Strict):
    """populations/*.yaml: a set of patients, and the site's own account for it."""

    population: Name
    title: Text
    description: str = ""
    maximum: Count
    patients: PatientsModel | None = None
    budget: BudgetModel
    lifetime: Annotated[LifetimeModel | None, BeforeValidator(_lifetime)]


class BoundsModel(Strict):
    """The range of a summed column, in its unit: `low` and `high` are multiples of `resolution`."""

    low: Number
    high: Number
    resolution: Number


class CodedBoundsModel(BoundsModel):
    """The bounds of one kind of measurement: of the rows that hold the values `when`, in column order."""

    when: Annotated[list[Label], Field(min_length=1, max_length=4)]
    title: str = ""
    source: Text


class BoundsByModel(Strict):
    """Bounds that depend on the values of other columns: a code, and a unit where it can vary."""

    columns: Annotated[list[ColumnName], Field(min_length=1, max_length=4)]
    entries: Annotated[list[CodedBoundsModel], Field(min_length=1, max_length=2000)]


class CategoriesModel(Strict):
    """The declared values in order; `other` and `missing` are labels for everything else and for nulls."""

    values: Annotated[list[Label], Field(min_length=1, max_length=1000)]
    other: Label | None = None
    missing: Label | None = None


class ColumnModel(Strict):
    """One column. `from` is its name in the source file, `map` turns source texts into values."""

    type: Types
    description: str = ""
    unit: str = ""
    code_system: str = ""
    bounds: BoundsModel | None = None
    bounds_by: BoundsByModel | None = None
    categories: CategoriesModel | None = None
    source: str = ""
    identifies: Identifiers | None = None
    source_name: Annotated[str | None, Field(alias="from", min_length=1, max_length=200)] = None
    source_map: Annotated[dict[str, Mapped], Field(alias="map")] = Field(default_factory=dict)


class FhirRowsModel(Strict):
    """One kind of row: of the resource, or of each item of a path, that meets `where`."""

    each: Text | None = None
    where: Text | None = None
    columns: dict[ColumnName, Paths] = Field(default_factory=dict)


class FhirModel(Strict):
    """How the resources of one FHIR type become rows. `columns` are the same in every row of a resource."""

    resource: ResourceName
    where: Text | None = None
    columns: Annotated[dict[ColumnName, Paths], Field(min_length=1)]
    rows: Annotated[list[FhirRowsModel], Field(max_length=16)] = Field(default_factory=list)


class NotesModel(Strict):
    """The columns that make a dataset one of notes; `spoken` is the language of those without a tag."""

    text: ColumnName
    language: ColumnName | None = None
    spoken: Language | None = None


class DatasetFile(Strict):
    """datasets/*.yaml: one table of a population, its columns and contribution bounds."""

    dataset: ColumnName
    title: Text
    description: str = ""
    population: Name
    patient: ColumnName
    row_key: ColumnName
    max_groups: Annotated[int, Field(ge=1, le=10_000)]
    max_rows: Annotated[int, Field(ge=1, le=10_000)]
    nulls: list[str] = Field(default_factory=list)
    fhir: FhirModel | None = None
    notes: NotesModel | None = None
    identities: Annotated[dict[ColumnName, Identities], Field(min_length=1)] | None = None
    columns: Annotated[dict[ColumnName, ColumnModel], Field(min_length=1, max_length=500)]


class PinnedModel(Strict):
    """A pinned leaf: SHA-256 (lower-case hex) of its SubjectPublicKeyInfo, and its certificate (PEM)."""

    key: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    certificate: Text


class CertificateModel(Strict):
    """How the party's client certificate is known: its own CA and a SAN, or pinned leaf keys."""

    issuer: Annotated[str | None, Field(max_length=20_000)] = None
    san: Annotated[str | None, Field(min_length=1, max_length=255)] = None
    pinned: Annotated[list[PinnedModel], Field(max_length=8)] = Field(default_factory=list)


class KeySetModel(Strict):
    """A JSON Web Key Set (RFC 7517) of public keys; what each key may hold is checked in `parties`."""

    keys: Annotated[list[dict[str, str]], Field(min_length=1, max_length=16)]


class PartyFile(Strict):
    """parties/*.yaml: a partner institution, how it proves itself, and its account over all agreements."""

    party: Name
    name: Text
    organisation: Text
    certificate: CertificateModel
    jwks: KeySetModel
    persons: list[Text] = Field(default_factory=list)
    contacts: list[Text] = Field(default_factory=list)
    budget: BudgetModel


Kind = Literal["population", "dataset", "party", "agreement", "profile"]
