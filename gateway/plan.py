"""Query + Permit + catalogue -> Plan: what will be computed, with which noise, at which exact price.

Law: everything here is known before any data is read. The plan lists every cell of the public domain,
and its measurement's privacy map is at most the loss that will be charged.
Imports: domain words and laws (query, privacy, audit), lower, pricing.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from gateway.audit.canonical import encode
from gateway.domain.agreement import Grant, Permit
from gateway.domain.catalog import Dataset
from gateway.domain.entry import Json
from gateway.domain.expression import ExactVectors, Expression, Vector
from gateway.domain.limits import MAX_KEYS, MAX_MEASURES
from gateway.domain.privacy import PrivacyLoss
from gateway.domain.query import And, InCohort, Measure, Not, Or, Predicate, Query, Spend, grouping_name
from gateway.domain.release import Figure, KeyLabels, NoisyVector, Release
from gateway.errors import InvalidQuery
from gateway.lower.expression import Lowered, lower, tables_of
from gateway.lower.measures import patients_index, vector_key
from gateway.lower.plain import plain
from gateway.lower.scope import NOWHERE, Catalogue, Positions, fault
from gateway.pricing import Priced, priced
from gateway.privacy.mechanisms import Measurement, make_measurement
from gateway.query.canonical import canonical, canonical_predicate, to_json

MOST_CONTRIBUTION = 10_000
MOST_DIGESTED = 16 * 1024 * 1024
MOST_LEVELS = 256
MOST_SENT = 12 * 1024 * 1024  # bytes of the cells of an answer: clients take messages of 16 MiB
MOST_STORED = 8 * 1024 * 1024
# The most that a part of an answer takes, in bytes of the message, and of an integer as stored text.
ROW_BYTES, KEY_BYTES, FIGURE_BYTES, INTEGER_BYTES = 8, 4, 40, 21


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`query` has the grants' row filters and consent rules merged in; `digest` covers all that matters.

    `patients_rule` says which rows of the patients table attributes may come from. `datasets` are those that
    the engine reads, the one asked first. `measurement` maps exact vectors to
    noisy ones, drawing fresh noise on each call.
    """

    query: Query
    patients_rule: Predicate | None
    dataset: Dataset
    datasets: tuple[Dataset, ...]
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
                column=vector_name(priced.vector),
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
    catalogue: Catalogue,
    terms: PlanTerms,
    positions: Positions = NOWHERE,
) -> Plan:
    """The plan of a permitted query. Raises `InvalidQuery`, or `PermissionDenied` over the query cap."""
    _check_shape(query, positions)
    dataset = catalogue[query.dataset]
    resolved = under_grants(query, permit, dataset.population.patients)
    suppress = permit.agreement.privacy.suppression.min_cell > 0
    rule = patients_rule(permit, dataset.population.patients)
    lowered = lower(
        canonical(resolved),
        catalogue,
        suppress=suppress,
        patients_rule=None if rule is None else canonical_predicate(rule),
        positions=positions,
    )
    _check_size(query, lowered, terms)
    loss, prices = priced(lowered, spend, permit, dataset.population.maximum, positions)
    plan = Plan(
        query=resolved,
        patients_rule=rule,
        dataset=dataset,
        datasets=tuple(catalogue[name] for name in tables_of(lowered.expression)),
        keys=lowered.keys,
        expression=lowered.expression,
        figures=lowered.figures,
        priced=prices,
        patients=patients_index(tuple(p.vector.kind for p in prices)) if suppress else None,
        snapshot=terms.snapshot,
        loss=loss,
        digest="",
        measurement=_proven(prices, loss),
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


def vector_name(vector: Vector) -> str | None:
    """What a stored vector is of: its column, or for a split a digest of what was asked."""
    if vector.split is not None:
        return hashlib.sha256(vector_key(vector)[1].encode()).hexdigest()[:32]
    return vector.column.column if vector.column else None


def _check_shape(query: Query, positions: Positions) -> None:
    """Limits on public quantities, before anything is computed from them."""
    if not 1 <= len(query.measures) <= MAX_MEASURES:
        raise InvalidQuery(f"ask for 1 to {MAX_MEASURES} measures", reason="MEASURES_INVALID")
    keys = [grouping_name(key) for key in query.group_by]
    if len({*(m.name for m in query.measures), *keys}) < len(query.measures) + len(keys):
        raise InvalidQuery("two columns of the answer have the same name", reason="NAME_REPEATED")
    if len(keys) > MAX_KEYS:
        raise fault(keys[MAX_KEYS], f"group by at most {MAX_KEYS} columns", "TOO_MANY_KEYS", positions)
    for name, bound in (("max_groups", query.max_groups), ("max_rows", query.max_rows)):
        if bound is not None and not 1 <= bound <= MOST_CONTRIBUTION:
            raise fault(name, f"must be 1 to {MOST_CONTRIBUTION}", "CONTRIBUTION_INVALID", NOWHERE)


def _check_size(query: Query, lowered: Lowered, terms: PlanTerms) -> None:
    """Public numbers alone: an answer that could not be sent or stored is never charged."""
    cells, vectors = lowered.expression.cells, lowered.expression.vectors
    if cells > terms.max_cells:
        raise InvalidQuery(
            f"the answer would have {cells} cells, more than the {terms.max_cells} allowed here",
            reason="TOO_MANY_CELLS",
        )
    labels = [[len(label.encode()) for label in key.labels] for key in lowered.keys]
    shown = sum(cells * sum(sizes) // len(sizes) + cells * KEY_BYTES for sizes in labels)
    sent = cells * (ROW_BYTES + FIGURE_BYTES * len(query.measures)) + shown
    integers = cells * sum(vector.width for vector in vectors)
    stored = integers * INTEGER_BYTES + 2 * sum(sum(sizes) for sizes in labels)
    if sent > MOST_SENT or stored > MOST_STORED:
        raise InvalidQuery(
            f"the answer would be too large: {cells} cells of {len(query.measures)} measures each",
            reason="TOO_MANY_CELLS",
        )


def under_grants(query: Query, permit: Permit, patients: str) -> Query:
    """The question with every grant's row filter and consent rule in force, in cohorts too.

    `patients` names the dataset of attributes: where its grant keeps patients out, so does every question
    that names an attribute. What the site wrote into a rule is never limited by what a partner was granted.
    """
    grants = {permit.grant.dataset: permit.grant, **permit.others}
    own = None if query.where is None else _restricted(query.where, grants)
    where = [own, *_terms(permit.grant)]
    attributes = permit.others.get(patients) if permit.attributes else None
    if attributes is not None and any(_terms(attributes)):
        where.append(InCohort(dataset=patients, where=_merged(*_terms(attributes))))
    return replace(
        query,
        where=_merged(*where),
        measures=tuple(_restricted_measure(measure, grants) for measure in query.measures),
    )


def patients_rule(permit: Permit, patients: str) -> Predicate | None:
    """Which rows of the patients table its grant lets be used, for attributes and ages as for rows."""
    grant = permit.grant if permit.grant.dataset == patients else permit.others.get(patients)
    return None if grant is None else _merged(*_terms(grant))


def _terms(grant: Grant) -> tuple[Predicate | None, Predicate | None]:
    return grant.row_filter, grant.consent


def _restricted_measure(measure: Measure, grants: Mapping[str, Grant]) -> Measure:
    if measure.condition is None:
        return measure
    return replace(measure, condition=_restricted(measure.condition, grants))


def _restricted(predicate: Predicate, grants: Mapping[str, Grant]) -> Predicate:
    """The condition with each cohort limited to the rows that its dataset's grant lets be used."""
    match predicate:
        case InCohort(dataset=name, where=where):
            inner = None if where is None else _restricted(where, grants)
            return replace(predicate, where=_merged(inner, *_terms(grants[name])))
        case Not(operand=operand):
            return Not(operand=_restricted(operand, grants))
        case And(operands=operands):
            return And(operands=tuple(_restricted(operand, grants) for operand in operands))
        case Or(operands=operands):
            return Or(operands=tuple(_restricted(operand, grants) for operand in operands))
        case _:
            return predicate


def _merged(*parts: Predicate | None) -> Predicate | None:
    present = tuple(part for part in parts if part is not None)
    return And(operands=present) if len(present) > 1 else present[0] if present else None


def _proven(prices: tuple[Priced, ...], loss: PrivacyLoss) -> Measurement:
    """The measurement, once its privacy map is shown to be within the loss; a defect of ours otherwise."""
    measurement = make_measurement([(p.l2_squared, p.sigma) for p in prices])
    if not measurement.loss.fits(loss):
        raise AssertionError("a measurement's privacy map exceeds its price")
    return measurement


def _digest(plan: Plan, terms: PlanTerms) -> str:
    """HMAC-SHA256 (hex) over the resolved plan: two plans with one digest would draw from one law.

    The expression is all that an engine computes from; how sources were read in, and what their texts mean,
    is in the datasets' own digests.
    """
    content: dict[str, Json] = {
        "v": 2,
        "datasets": [dataset.digest for dataset in plan.datasets],
        "population": plan.dataset.population.name,
        "snapshot": terms.snapshot,
        "hash_epoch": terms.hash_epoch,
        "expression": plain(plan.expression),
        "labels": [[*key.labels] for key in plan.keys],
        "mechanism": "discrete-gaussian",
        "prices": [[str(p.rho), p.sigma.hex()] for p in plan.priced],
    }
    return keyed_digest(content, terms.digest_key)
