"""Data-sharing agreements as compiled: what serves, and what a decision can be.

Imports: the standard library and domain words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from gateway.domain.catalog import Dataset, Population
from gateway.domain.deid import Profile
from gateway.domain.identity import Party
from gateway.domain.privacy import Budget, PrivacyLoss
from gateway.domain.query import MeasureKind, Predicate
from gateway.domain.release import Suppression


class AgreementStatus(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


class Operation(StrEnum):
    AGGREGATE = "aggregate"
    NOTES = "notes"  # clinical notes leave, de-identified
    DEIDENTIFY = "deidentify"  # text that the caller sends is de-identified for it


@dataclass(frozen=True, slots=True, kw_only=True)
class NotesTerms:
    """How the notes of a dataset leave: by which profile, with which of their columns, how many.

    Limits count notes of one recipient under one grant, those withheld included.
    """

    profile: str
    context_columns: frozenset[str]
    rows_per_day: int  # of the journal's UTC day
    rows_per_minute: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TextGrant:
    """Text that the caller sends is de-identified by a profile; limits as those of `NotesTerms`."""

    name: str
    profile: str
    rows_per_day: int
    rows_per_minute: int
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What may be asked of one dataset. Columns not listed cannot be used, in any role.

    `row_filter` and `consent` are merged into every query under this grant. A grant of the operation
    `notes` without `notes` lets no note leave: its columns only serve the cohorts of other notes.
    """

    name: str
    operation: Operation
    dataset: str
    filter_columns: frozenset[str]
    group_columns: frozenset[str]
    measure_columns: frozenset[str]
    measures: frozenset[MeasureKind]
    row_filter: Predicate | None = None
    consent: Predicate | None = None
    roles: frozenset[str] = frozenset()  # empty: any role
    notes: NotesTerms | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prohibition:
    """Beats every grant. Matches where every non-empty field meets the request."""

    reason: str
    parties: frozenset[str] = frozenset()
    purposes: frozenset[str] = frozenset()
    datasets: frozenset[str] = frozenset()
    columns: frozenset[str] = frozenset()
    measures: frozenset[MeasureKind] = frozenset()
    operations: frozenset[Operation] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyTerms:
    """The agreement's budget for each population it reaches, and how its answers are shown."""

    budget: Budget
    most_per_query: PrivacyLoss | None
    suppression: Suppression


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    requests_per_minute: int
    concurrent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    id: str
    version: int
    title: str
    status: AgreementStatus
    provider: str
    recipients: frozenset[str]
    purposes: frozenset[str]
    legal_basis: Mapping[str, str]
    valid_from: date
    valid_until: date
    review_by: date | None
    grants: tuple[Grant, ...]
    prohibitions: tuple[Prohibition, ...]
    obligations: tuple[str, ...]
    privacy: PrivacyTerms
    limits: Limits
    digest: str  # SHA-256 (hex) of the file's bytes
    text_grants: tuple[TextGrant, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PopulationBudget:
    """The site's caps for one population. `lifetime` None: written as `unlimited`."""

    population: Population
    budget: Budget
    lifetime: Budget | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """One consistent set of policies: what serves. Swapped whole, never changed."""

    site: str
    generation: int
    digest: str
    parties: Mapping[str, Party]
    party_budgets: Mapping[str, Budget]
    agreements: Mapping[str, Agreement]
    datasets: Mapping[str, Dataset]
    populations: Mapping[str, PopulationBudget]
    profiles: Mapping[str, Profile] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """`grant` covers the dataset asked, `others` the datasets of its cohorts and of patients' attributes.

    `attributes`: the question names an attribute or an age of patients.
    """

    agreement: Agreement
    grant: Grant
    others: Mapping[str, Grant] = field(default_factory=dict)
    attributes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Deny:
    """`reason` is stable; `message` names only what the caller sent or may know."""

    reason: str
    message: str


Decision = Permit | Deny


@dataclass(frozen=True, slots=True, kw_only=True)
class NotesPermit:
    """`grants` permits the filter as a question's; `columns` may leave with the notes, under `profile`."""

    grants: Permit
    terms: NotesTerms
    columns: tuple[str, ...]
    profile: Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPermit:
    """The caller's own text may be de-identified under `profile`."""

    agreement: Agreement
    grant: TextGrant
    profile: Profile
