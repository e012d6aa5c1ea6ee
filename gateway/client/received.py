"""Answers off the wire, as the words of the client.

Law: a response that does not fit its own columns is refused, never guessed at.
May import: gateway.v1, wire, client.answer, errors.
"""

from __future__ import annotations

from gateway import wire
from gateway.client.answer import Answer, Column, Cost, Estimate, Expected, Figure, Receipt, Remaining
from gateway.errors import Internal
from gateway.v1 import common_pb2, query_pb2


def answer(message: query_pb2.RunQueryResponse) -> Answer:
    """A release. Raises Internal where its rows do not fit its columns."""
    columns = tuple(
        Column(
            name=c.name,
            is_key=c.role == query_pb2.Column.ROLE_KEY,
            unit=c.unit,
            kind=_kind(c.kind),
        )
        for c in message.columns
    )
    keys = sum(column.is_key for column in columns)
    measures = len(columns) - keys
    # The keys stand first, so that a row is its labels followed by its figures.
    if any(column.is_key for column in columns[keys:]) or any(
        (len(row.keys), len(row.figures)) != (keys, measures) for row in message.rows
    ):
        raise Internal("the answer's rows do not fit its columns", entry=message.receipt.entry)
    return Answer(
        release=message.release,
        replayed=message.replayed,
        loss=cost(message.loss),
        balance=remaining(message.balance),
        columns=columns,
        rows=tuple((*row.keys, *(figure(f) for f in row.figures)) for row in message.rows),
        snapshot=message.snapshot,
        max_groups=message.contribution.max_groups,
        max_rows=message.contribution.max_rows,
        receipt=Receipt(
            entry=message.receipt.entry, index=message.receipt.index, leaf_hash=message.receipt.leaf_hash
        ),
        obligations=tuple(message.obligations),
    )


def estimate(message: query_pb2.EstimateQueryResponse) -> Estimate:
    """What a question would cost."""
    return Estimate(
        loss=cost(message.loss),
        share_of_remaining_percent=message.share_of_remaining_percent,
        affordable=message.affordable,
        measures=tuple(
            Expected(
                name=m.name,
                sigma=m.sigma,
                half_width=m.half_width,
                share_percent=m.share_percent,
                curve=tuple((point.n, point.half_width) for point in m.curve),
                kind=_kind(m.kind),
            )
            for m in message.measures
        ),
        cells=message.cells,
        max_groups=message.contribution.max_groups,
        max_rows=message.contribution.max_rows,
        balance=remaining(message.balance),
        explanation=message.explanation,
        obligations=tuple(message.obligations),
        suppressed_below=message.suppressed_below,
        warnings=tuple(message.warnings),
    )


def _kind(number: query_pb2.Measure.Kind) -> str:
    """Empty where a newer site sends a kind that we do not know."""
    return str(wire.kind_from_wire(number) or "")


def cost(message: common_pb2.PrivacyLoss) -> Cost:
    """A privacy loss; an absent amount is zero."""
    return Cost(rho=message.rho or "0", delta=message.delta or "0", epsilon=message.epsilon)


def remaining(message: common_pb2.Balance) -> Remaining:
    """One account; an unlimited one has neither cap nor remaining."""
    return Remaining(
        account=message.account,
        population=message.population,
        period=message.period,
        cap=cost(message.cap) if message.HasField("cap") else None,
        spent=cost(message.spent),
        remaining=cost(message.remaining) if message.HasField("remaining") else None,
        spent_percent=message.spent_percent,
        refills_at=message.refills_at,
    )


def figure(message: query_pb2.Figure) -> Figure:
    """One figure; nothing is read of a suppressed one but its sigma."""
    shown = not message.suppressed
    return Figure(
        value=message.value if shown and message.HasField("value") else None,
        low=message.low if shown and message.HasField("low") else None,
        high=message.high if shown and message.HasField("high") else None,
        sigma=message.sigma,
        suppressed=message.suppressed,
    )
