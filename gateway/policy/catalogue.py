"""What a partner may see of the catalogue: only what its own active agreements name.

Law: a function of policy text alone; a dataset or column that no grant names does not appear.
May import: domain words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.domain.agreement import Agreement, AgreementStatus, Compiled, Grant, Limits, Operation
from gateway.domain.catalog import BoundsBy, Column, Dataset

UNNAMED_LIMITS = Limits(requests_per_minute=60, concurrent=4)  # of a party without an active agreement


@dataclass(frozen=True, slots=True, kw_only=True)
class VisibleColumn:
    """A column, and what the partner may do with it under some agreement.

    `bounds_by` is the column's own where the partner may see each of the columns that it names.
    """

    column: Column
    bounds_by: BoundsBy | None
    filter: bool
    group: bool
    measure: bool
    notes_filter: bool = False
    notes_context: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VisibleDataset:
    """A dataset and the columns that may be shown. `dataset.columns` holds more and is not for partners."""

    dataset: Dataset
    columns: tuple[VisibleColumn, ...]


def visible_agreements(compiled: Compiled, party: str) -> tuple[Agreement, ...]:
    """The active agreements of a party, by id, whether or not they are in force today."""
    return tuple(
        agreement
        for _, agreement in sorted(compiled.agreements.items())
        if agreement.status is AgreementStatus.ACTIVE and party in agreement.recipients
    )


def visible_datasets(compiled: Compiled, party: str) -> tuple[VisibleDataset, ...]:
    """The datasets that the party's active agreements grant, by name; columns in the file's order."""
    grants = [grant for agreement in visible_agreements(compiled, party) for grant in agreement.grants]
    names = sorted({grant.dataset for grant in grants})
    return tuple(
        _visible(compiled.datasets[name], [grant for grant in grants if grant.dataset == name])
        for name in names
    )


def _visible(dataset: Dataset, grants: list[Grant]) -> VisibleDataset:
    asked = [grant for grant in grants if grant.operation is Operation.AGGREGATE]
    filtered = _named(grant.filter_columns for grant in asked)
    grouped = _named(grant.group_columns for grant in asked)
    measured = _named(grant.measure_columns for grant in asked)
    of_notes = _named(grant.filter_columns for grant in grants if grant.operation is Operation.NOTES)
    context = _named(grant.notes.context_columns for grant in grants if grant.notes is not None)
    named = filtered | grouped | measured | of_notes | context
    columns = tuple(
        VisibleColumn(
            column=column,
            bounds_by=_visible_bounds(column, named),
            filter=name in filtered,
            group=name in grouped,
            measure=name in measured,
            notes_filter=name in of_notes,
            notes_context=name in context,
        )
        for name, column in dataset.columns.items()
        if name in named
    )
    return VisibleDataset(dataset=dataset, columns=columns)


def _named(columns: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset[str]().union(*columns)


def _visible_bounds(column: Column, named: frozenset[str]) -> BoundsBy | None:
    declared = column.bounds_by
    return declared if declared is not None and named.issuperset(declared.columns) else None


def limits_of(compiled: Compiled, party: str) -> Limits:
    """The widest limits of the party's active agreements; a few calls where it has none."""
    found = [agreement.limits for agreement in visible_agreements(compiled, party)]
    if not found:
        return UNNAMED_LIMITS
    return Limits(
        requests_per_minute=max(limits.requests_per_minute for limits in found),
        concurrent=max(limits.concurrent for limits in found),
    )
