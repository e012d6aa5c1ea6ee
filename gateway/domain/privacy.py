"""Privacy loss and budgets, in exact integers.

rho counts 1e-12 and delta 1e-18; what is spent is rounded up, what is granted is rounded down.
Imports: the standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

RHO_UNIT = 10**12
DELTA_UNIT = 10**18


@dataclass(frozen=True, slots=True, kw_only=True, order=False)
class PrivacyLoss:
    """A loss in zero-concentrated differential privacy (Bun and Steinke 2016), with a delta beside it.

    `rho` is in units of 1e-12 and `delta` in units of 1e-18. Losses compose by addition.
    """

    rho: int
    delta: int = 0

    def __post_init__(self) -> None:
        if self.rho < 0 or self.delta < 0:
            raise ValueError("a privacy loss is never negative")

    def __add__(self, other: PrivacyLoss) -> PrivacyLoss:
        return PrivacyLoss(rho=self.rho + other.rho, delta=self.delta + other.delta)

    def fits(self, cap: PrivacyLoss) -> bool:
        """Whether this loss is within the cap, in both parts."""
        return self.rho <= cap.rho and self.delta <= cap.delta

    def left_of(self, cap: PrivacyLoss) -> PrivacyLoss:
        """What remains of a cap after this loss; never below zero."""
        return PrivacyLoss(rho=max(0, cap.rho - self.rho), delta=max(0, cap.delta - self.delta))

    @property
    def rho_decimal(self) -> Decimal:
        return Decimal(self.rho) / RHO_UNIT

    @property
    def delta_decimal(self) -> Decimal:
        return Decimal(self.delta) / DELTA_UNIT


NOTHING = PrivacyLoss(rho=0, delta=0)


class Period(StrEnum):
    """How often a cap refills: UTC calendar periods of journal time. A lifetime never refills."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    LIFETIME = "lifetime"

    def key(self, when: datetime) -> str:
        """The name of the period that holds a UTC time, such as `2026-Q4`."""
        match self:
            case Period.DAY:
                return f"{when.year:04d}-{when.month:02d}-{when.day:02d}"
            case Period.MONTH:
                return f"{when.year:04d}-{when.month:02d}"
            case Period.QUARTER:
                return f"{when.year:04d}-Q{(when.month + 2) // 3}"
            case Period.YEAR:
                return f"{when.year:04d}"
            case Period.LIFETIME:
                return "lifetime"

    def refills_at(self, key: str) -> datetime | None:
        """When the period of that name ends and the next begins, in UTC; None for a lifetime."""
        match self:
            case Period.DAY:
                return datetime.fromisoformat(key).replace(tzinfo=UTC) + timedelta(days=1)
            case Period.MONTH:
                return _month(int(key[:4]), int(key[5:]) + 1)
            case Period.QUARTER:
                return _month(int(key[:4]), 3 * int(key[6:]) + 1)
            case Period.YEAR:
                return _month(int(key) + 1, 1)
            case Period.LIFETIME:
                return None


def _month(year: int, month: int) -> datetime:
    """The first instant of a month; month 13 is the next year's first."""
    return datetime(year + (month - 1) // 12, (month - 1) % 12 + 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A cap as people write it, (epsilon, delta) per period, and the same cap as a loss.

    Half of delta belongs to the conversion of rho; the other half is `cap.delta`, kept for the
    discovery of keys.
    """

    epsilon: Decimal
    delta: Decimal
    period: Period
    cap: PrivacyLoss


class AccountKind(StrEnum):
    """Only the site account is the guarantee against colluders; the others ration."""

    AGREEMENT = "agreement"
    PARTY = "party"
    SITE = "site"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Account:
    """Who pays, for which population, per which kind of period. Never contains a snapshot."""

    kind: AccountKind
    holder: str
    population: str
    period: Period
    key: str = field(init=False, compare=False, repr=False)  # as it stands in the journal

    def __post_init__(self) -> None:
        key = f"{self.kind}/{self.holder}/{self.population}/{self.period}"
        object.__setattr__(self, "key", key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """A loss asked of one account, and the account's cap for one period (None: unlimited, written so)."""

    account: Account
    loss: PrivacyLoss
    cap: PrivacyLoss | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """One account in one period, as the journal stands."""

    account: Account
    period_key: str
    spent: PrivacyLoss
    cap: PrivacyLoss | None
