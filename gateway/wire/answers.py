"""Answers: domain -> message.

Law: a suppressed figure carries neither value nor interval, and the site's balance never leaves.
Imports: gateway.v1, domain words, errors.
"""

from __future__ import annotations

from collections.abc import Callable

from gateway.domain.entry import Receipt
from gateway.domain.privacy import DELTA_UNIT, RHO_UNIT, AccountKind, Balance, PrivacyLoss
from gateway.domain.release import Row
from gateway.errors import Internal
from gateway.v1 import common_pb2, query_pb2


def loss_to_wire(loss: PrivacyLoss, epsilon: float) -> common_pb2.PrivacyLoss:
    """Rho with 12 and delta with 18 decimals, exact; `epsilon` is what rho alone amounts to."""
    return common_pb2.PrivacyLoss(
        rho=_fixed(loss.rho, RHO_UNIT), delta=_fixed(loss.delta, DELTA_UNIT), epsilon=epsilon
    )


def _fixed(count: int, unit: int) -> str:
    return f"{count // unit}.{count % unit:0{len(str(unit)) - 1}d}"


def balance_to_wire(
    balance: Balance, epsilon: Callable[[PrivacyLoss], float], refills_at: str
) -> common_pb2.Balance:
    """One account. An unlimited one has neither cap nor remaining.

    `refills_at` is RFC 3339, empty for a lifetime. Raises Internal for the site's account, which is never
    shown to partners.
    """
    if balance.account.kind is AccountKind.SITE:
        raise Internal("the site's balance is not for partners")
    spent, cap = balance.spent, balance.cap
    remaining = None if cap is None else spent.left_of(cap)
    return common_pb2.Balance(
        account=str(balance.account.kind),
        population=balance.account.population,
        period=balance.period_key,
        cap=None if cap is None else loss_to_wire(cap, epsilon(cap)),
        spent=loss_to_wire(spent, epsilon(spent)),
        remaining=None if remaining is None else loss_to_wire(remaining, epsilon(remaining)),
        spent_percent=_percent(spent, cap),
        refills_at=refills_at,
    )


def _percent(spent: PrivacyLoss, cap: PrivacyLoss | None) -> float:
    """Of rho; an empty cap counts as fully spent, an unlimited one as untouched."""
    if cap is None:
        return 0.0
    return 100.0 * spent.rho / cap.rho if cap.rho else 100.0


def receipt_to_wire(receipt: Receipt) -> common_pb2.Receipt:
    """Where the access is recorded."""
    return common_pb2.Receipt(entry=receipt.entry, index=receipt.seq, leaf_hash=receipt.leaf_hash)


def rows_to_wire(rows: tuple[Row, ...]) -> list[query_pb2.Row]:
    """Every cell of the answer, in order. A suppressed figure carries neither value nor interval."""
    return [
        query_pb2.Row(
            keys=row.keys,
            figures=[
                query_pb2.Figure(sigma=cell.sigma, suppressed=True)
                if cell.suppressed
                else query_pb2.Figure(value=cell.value, low=cell.low, high=cell.high, sigma=cell.sigma)
                for cell in row.cells
            ],
        )
        for row in rows
    ]
