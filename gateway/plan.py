"""Query + Permit + Dataset -> Plan: what will be computed, with which noise, at which exact price.

Law: everything here is known before any data is read. The plan lists every cell of the public domain,
and its measurement's privacy map is at most the loss that will be charged.
Imports: domain words and laws (query, privacy, audit), lower.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from math import ceil

from gateway.audit.canonical import encode
from gateway.domain.agreement import Permit
from gateway.domain.catalog import Dataset
from gateway.domain.entry import Json
from gateway.domain.expression import ExactVectors, Expression, Vector, VectorKind
from gateway.domain.privacy import RHO_UNIT, PrivacyLoss
from gateway.domain.query import And, Measure, MeasureKind, Predicate, Query, Spend, SpendKind
from gateway.domain.release import Figure, KeyLabels, NoisyVector, Release
from gateway.errors import InvalidQuery, PermissionDenied
from gateway.lower import NOWHERE, Positions, column_of, fault, grid_of, labels_of, lower
from gateway.privacy.accounting import rho_from_epsilon
from gateway.privacy.intervals import sigma_within
from gateway.privacy.mechanisms import Measurement, make_measurement, sigma_for
from gateway.privacy.sensitivity import check_overflow, l2_squared
from gateway.query.canonical import canonical, to_json

MOST_KEYS = 4
MOST_MEASURES = 16
MOST_CONTRIBUTION = 10_000
LARGEST_SIGMA = 1e15
MOST_DIGESTED = 16 * 1024 * 1024
MOST_LEVELS = 128
MOST_SENT = 12 * 1024 * 1024  # bytes of the cells of an answer: clients take messages of 16 MiB
MOST_STORED = 8 * 1024 * 1024
# The most that a part of an answer takes, in bytes of the message, and of an integer as stored text.
ROW_BYTES, KEY_BYTES, FIGURE_BYTES, INTEGER_BYTES = 8, 4, 40, 21


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """A vector with its squared L2 sensitivity (exact), its price and the scale of its noise."""

    vector: Vector
    l2_squared: int
    rho: int
    sigma: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`query` has the grant's row filter and consent rule merged in; `digest` covers all that matters.

    `measurement` maps exact vectors to noisy ones, drawing fresh noise on each call.
    """

    query: Query
    dataset: Dataset
    keys: tuple[KeyLabels, ...]
    expression: Expression
    figures: tuple[Figure, ...]
    priced: tuple[Priced, ...]
    patients: int | None
    snapshot: str
    loss: PrivacyLoss
    digest: str
    measurement: Callable[[ExactVectors], ExactVectors]

    def release_of(self, noisy: ExactVectors) -> Release:
        """The release that one draw of noise makes."""
        vectors = tuple(
            NoisyVector(
                kind=priced.vector.kind,
                column=priced.vector.column.column if priced.vector.column else None,
                sigma=priced.sigma,
                rho=priced.rho,
                values=values,
            )
            for priced, values in zip(self.priced, noisy, strict=True)
        )
        return Release(
            dataset=self.dataset.name,
            population=self.dataset.population.name,
            snapshot=self.snapshot,
            keys=self.keys,
            vectors=vectors,
            figures=self.figures,
            loss=self.loss,
            max_groups=self.expression.max_groups,
            max_rows=self.expression.max_rows,
            patients=self.patients,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTerms:
    """What a plan needs beside the question: the snapshot, the site's keys' names and its limits."""

    snapshot: str
    digest_key: bytes
    hash_epoch: str
    max_cells: int = 10_000


def make_plan(
    query: Query,
    spend: Spend,
    permit: Permit,
    dataset: Dataset,
    terms: PlanTerms,
    positions: Positions = NOWHERE,
) -> Plan:
    """The plan of a permitted query. Raises `InvalidQuery`, or `PermissionDenied` over the query cap."""
    _check_shape(query, positions)
    resolved = replace(query, where=_merged(query.where, permit.grant.row_filter, permit.grant.consent))
    suppress = permit.agreement.privacy.suppression.min_cell > 0
    vectors = _vectors(query, dataset, suppress, positions)
    expression = lower(resolved, dataset, vectors, positions)
    keys = tuple(KeyLabels(column=name, labels=labels_of(dataset.columns[name])) for name in query.group_by)
    _check_size(query, expression, keys, terms)
    loss, prices = _prices(query, spend, permit, expression, dataset, positions)
    priced = tuple(_priced(v, rho, expression, dataset) for v, rho in zip(vectors, prices, strict=True))
    measurement = _proven(priced, loss)
    plan = Plan(
        query=resolved,
        dataset=dataset,
        keys=keys,
        expression=expression,
        figures=tuple(_figure(m, vectors, dataset) for m in query.measures),
        priced=priced,
        patients=_find(vectors, VectorKind.PATIENTS) if suppress else None,
        snapshot=terms.snapshot,
        loss=loss,
        digest="",
        measurement=measurement,
    )
    return replace(plan, digest=_digest(plan, terms))


def query_digest(agreement: str, query: Query, spend: Spend, key: bytes) -> str:
    """HMAC-SHA256 (hex) over what the caller asked; binds a request id to its question."""
    asked: dict[str, Json] = {
        "agreement": agreement,
        "query": to_json(query),
        "spend": [spend.kind.value, format(spend.amount.normalize(), "f")],
    }
    return keyed_digest(asked, key)


def keyed_digest(content: Mapping[str, Json], key: bytes) -> str:
    """HMAC-SHA256 (hex) over canonical JSON; a query may be deeper and longer than an entry."""
    encoded = encode(content, most=MOST_DIGESTED, deepest=MOST_LEVELS)
    return hmac.new(key, encoded, hashlib.sha256).hexdigest()


def _check_shape(query: Query, positions: Positions) -> None:
    """Limits on public quantities, before anything is computed from them."""
    if not 1 <= len(query.measures) <= MOST_MEASURES:
        raise InvalidQuery(f"ask for 1 to {MOST_MEASURES} measures", reason="MEASURES_INVALID")
    if len({m.name for m in query.measures} | set(query.group_by)) < len(query.measures) + len(
        query.group_by
    ):
        raise InvalidQuery("two columns of the answer have the same name", reason="NAME_REPEATED")
    if len(query.group_by) > MOST_KEYS:
        raise fault(
            query.group_by[MOST_KEYS], f"group by at most {MOST_KEYS} columns", "TOO_MANY_KEYS", positions
        )
    for name, bound in (("max_groups", query.max_groups), ("max_rows", query.max_rows)):
        if bound is not None and not 1 <= bound <= MOST_CONTRIBUTION:
            raise fault(name, f"must be 1 to {MOST_CONTRIBUTION}", "CONTRIBUTION_INVALID", NOWHERE)


def _check_size(query: Query, expression: Expression, keys: tuple[KeyLabels, ...], terms: PlanTerms) -> None:
    """Public numbers alone: an answer that could not be sent or stored is never charged."""
    cells = expression.cells
    if cells > terms.max_cells:
        raise InvalidQuery(
            f"the answer would have {cells} cells, more than the {terms.max_cells} allowed here",
            reason="TOO_MANY_CELLS",
        )
    labels = [[len(label.encode()) for label in key.labels] for key in keys]
    shown = sum(cells * sum(sizes) // len(sizes) + cells * KEY_BYTES for sizes in labels)
    sent = cells * (ROW_BYTES + FIGURE_BYTES * len(query.measures)) + shown
    stored = cells * INTEGER_BYTES * len(expression.vectors) + 2 * sum(sum(sizes) for sizes in labels)
    if sent > MOST_SENT or stored > MOST_STORED:
        raise InvalidQuery(
            f"the answer would be too large: {cells} cells of {len(query.measures)} measures each",
            reason="TOO_MANY_CELLS",
        )


def _merged(*parts: Predicate | None) -> Predicate | None:
    present = tuple(part for part in parts if part is not None)
    return And(operands=present) if len(present) > 1 else present[0] if present else None


_NEEDED = {
    MeasureKind.COUNT_PATIENTS: (VectorKind.PATIENTS,),
    MeasureKind.COUNT_ROWS: (VectorKind.ROWS,),
    MeasureKind.SUM: (VectorKind.SUM,),
    MeasureKind.MEAN: (VectorKind.CENTRED_SUM, VectorKind.VALUES),
}
_COLUMNLESS = (VectorKind.PATIENTS, VectorKind.ROWS)


def _vectors(query: Query, dataset: Dataset, suppress: bool, positions: Positions) -> tuple[Vector, ...]:
    """The distinct vectors behind the measures, in canonical order, so that names and order are free."""
    found: dict[tuple[str, str], Vector] = {}
    if suppress:
        found[(VectorKind.PATIENTS.value, "")] = Vector(kind=VectorKind.PATIENTS)
    for measure in query.measures:
        grid = None
        if measure.kind in (MeasureKind.SUM, MeasureKind.MEAN):
            grid = grid_of(column_of(dataset, measure.column or "", positions), positions)
        for kind in _NEEDED[measure.kind]:
            column = None if kind in _COLUMNLESS else grid
            found[(kind.value, column.column if column else "")] = Vector(kind=kind, column=column)
    return tuple(found[key] for key in sorted(found))


def _find(vectors: tuple[Vector, ...], kind: VectorKind, column: str | None = None) -> int:
    name = None if kind in _COLUMNLESS else column
    return next(
        i
        for i, vector in enumerate(vectors)
        if vector.kind is kind and (vector.column.column if vector.column else None) == name
    )


def _figure(measure: Measure, vectors: tuple[Vector, ...], dataset: Dataset) -> Figure:
    needed = [_find(vectors, kind, measure.column) for kind in _NEEDED[measure.kind]]
    bounds = dataset.columns[measure.column].bounds if measure.column else None
    if bounds is None:
        return Figure(name=measure.name, kind=measure.kind, column=None, numerator=needed[0])
    mean = measure.kind is MeasureKind.MEAN
    return Figure(
        name=measure.name,
        kind=measure.kind,
        column=measure.column,
        numerator=needed[0],
        denominator=needed[1] if mean else None,
        unit=float(bounds.resolution / 2 if mean else bounds.resolution),
        centre=bounds.low_steps + bounds.high_steps,
        low=float(bounds.low),
        high=float(bounds.high),
    )


def _prices(
    query: Query,
    spend: Spend,
    permit: Permit,
    expression: Expression,
    dataset: Dataset,
    positions: Positions,
) -> tuple[PrivacyLoss, tuple[int, ...]]:
    """The whole loss and each vector's part of it, in rho; equal parts unless an error is asked for."""
    count = len(expression.vectors)
    if spend.kind is SpendKind.WITHIN:
        parts = _within(query, spend.amount, expression, dataset, positions)
        total = sum(parts)
    else:
        total = total_rho(spend, permit)
        parts = (total // count,) * count
    if min(parts) < 1:
        raise InvalidQuery("the amount is too small to buy any answer", reason="SPEND_TOO_SMALL")
    most = permit.agreement.privacy.most_per_query
    loss = PrivacyLoss(rho=total)
    if most is not None and not loss.fits(most):
        raise PermissionDenied(
            f"the agreement allows at most rho {most.rho_decimal} per query, not {loss.rho_decimal}",
            reason="MOST_PER_QUERY",
        )
    return loss, parts


def total_rho(spend: Spend, permit: Permit) -> int:
    """What a share, a rho or an epsilon amounts to, in 1e-12 of rho."""
    budget = permit.agreement.privacy.budget
    match spend.kind:
        case SpendKind.SHARE:
            exact = Decimal(budget.cap.rho) * spend.amount / 100
            return int(exact.to_integral_value(ROUND_FLOOR))
        case SpendKind.RHO:
            return int((spend.amount * RHO_UNIT).to_integral_value(ROUND_CEILING))
        case _:
            return rho_from_epsilon(spend.amount, budget.delta / 2)


def _within(
    query: Query, width: Decimal, expression: Expression, dataset: Dataset, positions: Positions
) -> tuple[int, ...]:
    """Prices at which every asked count and sum has an interval of the given half-width, in its unit.

    The vector that only suppression reads is priced like the dearest asked one.
    """
    asked: dict[tuple[VectorKind, str | None], int] = {}
    for measure in query.measures:
        if measure.kind is MeasureKind.MEAN:
            raise fault(
                measure.name,
                "a half-width cannot be promised for a mean, whose error depends on the data",
                "WITHIN_NEEDS_COUNTS",
                positions,
                "spend a share, a rho or an epsilon; the estimate shows the error for assumed counts",
            )
        kind = _NEEDED[measure.kind][0]
        asked[(kind, measure.column if kind is VectorKind.SUM else None)] = 0
    for vector in expression.vectors:
        name = (vector.kind, vector.column.column if vector.column else None)
        if name in asked:
            asked[name] = _rho_within(vector, width, expression, dataset)
    dearest = max(asked.values())
    return tuple(
        asked.get((v.kind, v.column.column if v.column else None), dearest) for v in expression.vectors
    )


def _rho_within(vector: Vector, width: Decimal, expression: Expression, dataset: Dataset) -> int:
    bounds = dataset.columns[vector.column.column].bounds if vector.column else None
    steps = int(Fraction(width) / (Fraction(bounds.resolution) if bounds else 1))
    if steps < 1:
        raise InvalidQuery("the half-width is finer than the grid of the measure", reason="WITHIN_TOO_FINE")
    sigma = sigma_within(min(steps, int(LARGEST_SIGMA)))
    squared = l2_squared(vector, groups=_groups(expression), max_rows=expression.max_rows)
    return max(1, ceil(Decimal(squared) * RHO_UNIT / (2 * Decimal(sigma) ** 2)))


def _groups(expression: Expression) -> int:
    return min(expression.max_groups, expression.cells)


def _priced(vector: Vector, rho: int, expression: Expression, dataset: Dataset) -> Priced:
    groups = _groups(expression)
    squared = l2_squared(vector, groups=groups, max_rows=expression.max_rows)
    check_overflow(
        vector,
        population_maximum=dataset.population.maximum,
        groups=groups,
        max_rows=expression.max_rows,
    )
    sigma = sigma_for(squared, rho)
    if sigma > LARGEST_SIGMA:
        raise InvalidQuery("the amount is too small to buy any answer", reason="SPEND_TOO_SMALL")
    return Priced(vector=vector, l2_squared=squared, rho=rho, sigma=sigma)


def _proven(priced: tuple[Priced, ...], loss: PrivacyLoss) -> Measurement:
    """The measurement, once its privacy map is shown to be within the loss; a defect of ours otherwise."""
    measurement = make_measurement([(p.l2_squared, p.sigma) for p in priced])
    if not measurement.loss.fits(loss):
        raise AssertionError("a measurement's privacy map exceeds its price")
    return measurement


def _digest(plan: Plan, terms: PlanTerms) -> str:
    """HMAC-SHA256 (hex) over the resolved plan: two plans with one digest would draw from one law."""
    where = canonical(plan.query).where
    content: dict[str, Json] = {
        "v": 1,
        "dataset": plan.dataset.digest,
        "population": plan.dataset.population.name,
        "snapshot": terms.snapshot,
        "hash_epoch": terms.hash_epoch,
        "where": None if where is None else to_json(where),
        "group_by": list(plan.query.group_by),
        "max_groups": plan.expression.max_groups,
        "max_rows": plan.expression.max_rows,
        "mechanism": "discrete-gaussian",
        "vectors": [
            [
                p.vector.kind.value,
                p.vector.column.column if p.vector.column else "",
                str(p.rho),
                p.sigma.hex(),
            ]
            for p in plan.priced
        ],
    }
    return keyed_digest(content, terms.digest_key)
