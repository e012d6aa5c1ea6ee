"""The reference engine: a plan's query over rows held in memory, one row at a time, in plain Python.

Law: computed from the `Query` and the datasets, never from the compiled expression, so that a fault in
compiling or in a real engine shows as a disagreement. Slow on purpose; also the local engine for trying
a query on dummy rows.
Imports: the standard library, domain words, errors, log, plan, memory_values, memory_notes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor, inf, isnan

from gateway import log
from gateway.adapters.memory_notes import page_of
from gateway.adapters.memory_values import Datum, Place, Row, World, labels_of
from gateway.domain.catalog import Dataset
from gateway.domain.expression import ExactVectors, GridColumn, Split, Vector, VectorKind
from gateway.domain.notes import NoteRow, Position
from gateway.domain.query import Query, ReducerKind
from gateway.errors import DisclosureFailed, ReleaseFailed, SourceUnavailable
from gateway.notes import NotesPlan
from gateway.plan import Plan


class MemoryEngine:
    """Answers from tables given as lists of rows. `bounding_key` is the secret of the bounding order."""

    def __init__(self, tables: Mapping[str, Sequence[Row]], *, snapshot: str, bounding_key: str) -> None:
        self._tables = tables
        self._snapshot = snapshot
        self._key = bounding_key

    @property
    def snapshot(self) -> str:
        return self._snapshot

    def ready(self, plan: Plan) -> None:
        """Raise `SourceUnavailable` unless every table of the plan is here."""
        self._check(plan.datasets)

    def ready_notes(self, plan: NotesPlan) -> None:
        """Raise `SourceUnavailable` unless every table of the plan is here."""
        self._check(plan.datasets)

    def _check(self, datasets: Sequence[Dataset]) -> None:
        if any(dataset.name not in self._tables for dataset in datasets):
            raise SourceUnavailable("the dataset has no data at this site yet")

    def notes(self, plan: NotesPlan, after: Position, most: int) -> tuple[NoteRow, ...]:
        """The next page of notes after a position. Raises only `DisclosureFailed`."""
        try:
            catalogue = {dataset.name: dataset for dataset in plan.datasets}
            return page_of(World(self._tables, catalogue, plan.patients_rule), plan, after, most)
        except Exception as error:
            log.defect("disclosure_failed", error)
            raise DisclosureFailed from None

    def close(self) -> None:
        """Nothing is held."""

    def run(self, plan: Plan) -> ExactVectors:
        """Exact vectors, in plan order. Raises only `ReleaseFailed`."""
        try:
            catalogue = {dataset.name: dataset for dataset in plan.datasets}
            world = World(self._tables, catalogue, plan.patients_rule)
            return evaluate_in(world, plan.query, plan.expression.vectors, self._key)
        except Exception as error:
            log.defect("release_failed", error)
            raise ReleaseFailed from None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """One row that survived bounding: its cell and its grid steps by measured column."""

    cell: int
    steps: Mapping[GridColumn, int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Patient:
    """What counts of one patient: kept rows, and all rows of kept groups for the splits."""

    kept: Sequence[_Kept]
    groups: Mapping[int, Sequence[Place]]


def evaluate(
    tables: Mapping[str, Sequence[Row]],
    query: Query,
    catalogue: Mapping[str, Dataset],
    vectors: Sequence[Vector],
    key: str,
) -> ExactVectors:
    """The exact vectors of a query over rows. Semantics: `domain.query` and `domain.expression`."""
    return evaluate_in(World(tables, catalogue), query, vectors, key)


def evaluate_in(world: World, query: Query, vectors: Sequence[Vector], key: str) -> ExactVectors:
    """The same, in a world that may know only some rows of the patients table."""
    catalogue, tables = world.catalogue, world.tables
    dataset = catalogue[query.dataset]
    labels = [labels_of(grouping, dataset, catalogue) for grouping in query.group_by]
    cells = 1
    for domain in labels:
        cells *= len(domain)
    patients: dict[str, dict[int, list[Place]]] = {}
    for row in tables[dataset.name]:
        if row[dataset.patient_column] is None:
            continue
        place = Place(world=world, dataset=dataset, patient=str(row[dataset.patient_column]), row=row)
        if query.where is not None and place.truth(query.where) is not True:
            continue
        cell = _cell(place, query, labels)
        if cell is not None:
            patients.setdefault(place.patient, {}).setdefault(cell, []).append(place)
    measured = list(dict.fromkeys(v.column for v in vectors if v.column is not None))
    counted = [_bounded(p, groups, query, dataset, measured, key) for p, groups in patients.items()]
    return tuple(_vector(vector, cells, counted) for vector in vectors)


def _cell(place: Place, query: Query, labels: Sequence[tuple[str, ...]]) -> int | None:
    cell = 0
    for grouping, domain in zip(query.group_by, labels, strict=True):
        index = place.index(grouping, domain)
        if index is None:
            return None
        cell = cell * len(domain) + index
    return cell


def _bounded(
    patient: str,
    groups: Mapping[int, list[Place]],
    query: Query,
    dataset: Dataset,
    measured: Sequence[GridColumn],
    key: str,
) -> _Patient:
    """The rows of one patient that count: first groups, then first rows of each, in the keyed order."""
    max_groups = query.max_groups or dataset.max_groups
    max_rows = query.max_rows or dataset.max_rows
    population = dataset.population.name

    def group_order(cell: int) -> tuple[str, int]:
        return _digest(f"{key}|{population}|g|{cell}|{patient}"), cell

    def row_order(entry: tuple[str, _Kept]) -> tuple[object, ...]:
        row_key, kept = entry
        digest = _digest(f"{key}|{population}|r|{len(patient)}|{patient}{row_key}")
        steps = [(kept.steps[grid] is None, kept.steps[grid] or 0) for grid in measured]
        return digest, row_key, steps

    chosen = sorted(groups, key=group_order)[:max_groups]
    kept = []
    for cell in chosen:
        entries = []
        for place in groups[cell]:
            steps = {grid: _steps(place.row[grid.column], grid) for grid in measured}
            entries.append((_row_key(place), _Kept(cell=cell, steps=steps)))
        kept += [row for _, row in sorted(entries, key=row_order)[:max_rows]]
    return _Patient(kept=kept, groups={cell: groups[cell] for cell in chosen})


def _row_key(place: Place) -> str:
    value = place.row[place.dataset.row_key]
    return "" if value is None else str(value)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _steps(value: Datum, grid: GridColumn) -> int | None:
    """A value on its grid: clamped, scaled, rounded with ties away from zero, clamped again."""
    if not isinstance(value, int | float) or isnan(value):
        return None
    scaled = min(max(float(value), grid.low), grid.high) * grid.multiplier
    if scaled in (inf, -inf):
        return grid.high_steps if scaled > 0 else grid.low_steps
    whole = floor(abs(scaled))
    whole += abs(scaled) - whole >= 0.5  # exact: the difference of a double and its floor is a double
    return min(max(whole if scaled > 0 else -whole, grid.low_steps), grid.high_steps)


def _vector(vector: Vector, cells: int, patients: Sequence[_Patient]) -> tuple[int, ...]:
    """One exact integer per cell, two for a split; cells that nobody reaches stay zero."""
    counts = [0] * cells * vector.width
    for patient in patients:
        if vector.split is not None:
            for cell, places in patient.groups.items():
                met = _decided(vector.split, places)
                if met is not None:
                    counts[cell if met else cells + cell] += 1
        elif vector.kind is VectorKind.PATIENTS:
            for cell in patient.groups:
                counts[cell] += 1
        else:
            for row in patient.kept:
                counts[row.cell] += _contribution(vector, row)
    return tuple(counts)


def _decided(split: Split, places: Sequence[Place]) -> bool | None:
    """Whether a patient meets the split's condition in one cell; None for whom it counts neither way."""
    if split.members and not places[0].world.is_member(places[0].dataset, places[0].patient):
        return None
    met = [place.truth(split.asked) is True for place in places]
    if split.reducer is None or split.by is None:
        return any(met)
    by, last = split.by, split.reducer is ReducerKind.LAST
    days = [str(place.row[by] or "") for place in places]
    dated = [i for i, day in enumerate(days) if day] or range(len(places))
    order = [(days[i], _row_key(places[i]), met[i] if last else not met[i], met[i]) for i in dated]
    return (max if last else min)(order)[-1]


def _contribution(vector: Vector, row: _Kept) -> int:
    if vector.kind is VectorKind.ROWS or vector.column is None:
        return 1
    steps = row.steps[vector.column]
    if steps is None:
        return 0
    match vector.kind:
        case VectorKind.VALUES:
            return 1
        case VectorKind.SUM:
            return steps
        case _:
            return 2 * steps - vector.column.low_steps - vector.column.high_steps
