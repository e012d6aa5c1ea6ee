"""The shapes of agreement files, as strict models; the types and the root are those of `models`.

Law: as in `models`. Which fields a grant of which operation needs is checked in `grants`.
May import: domain words, policy models, pydantic.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from gateway.policy.models import (
    LARGEST,
    Count,
    Day,
    Delta,
    Epsilon,
    Measures,
    Name,
    Number,
    Operations,
    Periods,
    Purposes,
    Status,
    Strict,
    Text,
)


class ValidModel(Strict):
    """The days on which an agreement is in force, both included (UTC)."""

    first: Annotated[Day, Field(alias="from")]
    until: Day
    review_by: Day | None = None


class MostModel(Strict):
    """The most that one question may cost, at the agreement's own delta."""

    epsilon: Epsilon


class PrivacyModel(Strict):
    """The agreement's budget per population, and how its answers are shown."""

    epsilon: Epsilon
    delta: Delta
    period: Periods
    most_per_query: MostModel | None = None
    min_cell: Annotated[int, Field(ge=0, le=LARGEST)] = 11
    z: Annotated[Number, Field(ge=0, le=10)] = Decimal("1.64")


class LimitsModel(Strict):
    """Calls per minute, and calls at once."""

    requests_per_minute: Count
    concurrent: Count


class LegalBasisModel(Strict):
    """Why the sharing is lawful, and the document that says so (IRB approval, DPIA)."""

    basis: Text
    reference: Text


class GrantColumns(Strict):
    """The columns that may be used, by role."""

    filter: list[str] = Field(default_factory=list)
    group: list[str] = Field(default_factory=list)
    measure: list[str] = Field(default_factory=list)
    context: list[str] = Field(default_factory=list)


class RowLimitsModel(Strict):
    """The most notes or texts that one recipient gets under a grant."""

    rows_per_day: Count
    rows_per_minute: Count


class GrantModel(Strict):
    """What may be asked of one dataset, or under which profile text is de-identified."""

    name: Name
    operation: Operations
    dataset: str | None = None
    columns: GrantColumns | None = None
    measures: Annotated[list[Measures], Field(min_length=1)] | None = None
    profile: Name | None = None
    limits: RowLimitsModel | None = None
    where: Text | None = None
    consent: Text | None = None
    roles: list[Text] = Field(default_factory=list)


class ProhibitionModel(Strict):
    """What is never allowed under this agreement, whatever a grant says."""

    reason: Text
    parties: list[str] = Field(default_factory=list)
    purposes: list[Purposes] = Field(default_factory=list)
    datasets: list[str] = Field(default_factory=list)
    columns: list[str] = Field(default_factory=list)
    measures: list[Measures] = Field(default_factory=list)
    operations: list[Operations] = Field(default_factory=list)


class AgreementFile(Strict):
    """agreements/*.yaml: a DataSharingAgreement.

    The privacy block sits on the agreement and not on a grant, so that two grants which both match a
    question can never mean two budgets.
    """

    agreement: Name
    version: Count
    title: Text
    status: Status
    provider: Name
    recipients: Annotated[list[str], Field(min_length=1)]
    purposes: Annotated[list[Purposes], Field(min_length=1)]
    legal_basis: LegalBasisModel
    valid: ValidModel
    privacy: PrivacyModel
    limits: LimitsModel
    grants: list[GrantModel]
    prohibitions: list[ProhibitionModel] = Field(default_factory=list)
    obligations: list[Text] = Field(default_factory=list)
