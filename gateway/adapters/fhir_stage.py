# ruff: noqa: S608 - names of the dataset files are quoted
"""One table made of FHIR resources, in the making: rows of texts in batches, and which versions count.

Law: memory holds one batch. A resource that is read again replaces what was read of it before, also where
its later version has no rows.
Imports: pyarrow, domain words, policy.sources, sources, fhir_line, source_file, staged.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any

import pyarrow as pa

from gateway.adapters.fhir_line import Rejection, Resource
from gateway.adapters.source_file import name_sql
from gateway.adapters.staged import cleaned
from gateway.domain.catalog import ColumnType, Dataset
from gateway.policy.sources import SourceMapping
from gateway.sources.tables import Row, rows_of
from gateway.sources.words import FhirTable

BATCH_ROWS = 20_000
MOST_ROWS = 10_000  # of one resource
_BATCH = "batch"
_MARKS = (("_id", pa.string()), ("_updated", pa.int64()), ("_order", pa.int64()), ("_real", pa.bool_()))


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirSource:
    """One dataset that is read from FHIR: what it is, how resources become its rows, how texts are read."""

    dataset: Dataset
    table: FhirTable
    mapping: SourceMapping


class StagedTable:
    """Rows of one dataset in the attached database `staging`. `relation` is what counts, once settled."""

    def __init__(self, connection: Any, source: FhirSource) -> None:
        dataset = source.dataset
        self.resource = source.table.resource
        self._connection = connection
        self._source = source
        self._columns = tuple(dataset.columns)
        long = frozenset(name for name, c in dataset.columns.items() if c.type is ColumnType.TEXT)
        self._rows_of = rows_of(source.table, self._columns, long)
        self._nothing = (None,) * len(self._columns)
        self._cells: list[Row] = []
        self._marks: list[tuple[str, int | None, int, bool]] = []
        self._table = f"staging.{name_sql(dataset.name)}"
        self._old = f"staging.{name_sql('_old_' + dataset.name)}"
        self.relation = name_sql(f"_staged_{dataset.name}")
        texts = "".join(f"{name_sql(name)} VARCHAR, " for name in self._columns)
        marks = "_id VARCHAR, _updated BIGINT, _order BIGINT, _real BOOLEAN"
        connection.execute(f"CREATE TABLE {self._table} ({texts}{marks})")

    def add(self, resource: Resource, order: int) -> Rejection | None:
        """Take a resource in; `order` grows with each. A resource without rows is kept as a mark."""
        rows = list(islice(self._rows_of(resource.id, resource.content), MOST_ROWS + 1))
        if len(rows) > MOST_ROWS:
            return Rejection.TOO_MANY_ROWS
        real = bool(rows)
        for row in rows or (self._nothing,):
            self._cells.append(row)
            self._marks.append((resource.id, resource.updated, order, real))
        if len(self._cells) >= BATCH_ROWS:
            self.flush()
        return None

    def flush(self) -> None:
        """Write the batch out of memory."""
        if not self._cells:
            return
        columns = [pa.array(column, pa.string()) for column in zip(*self._cells, strict=True)]
        marks = zip(zip(*self._marks, strict=True), _MARKS, strict=True)
        columns += [pa.array(values, kind) for values, (_, kind) in marks]
        names = [*self._columns, *(name for name, _ in _MARKS)]
        self._connection.register(_BATCH, pa.table(columns, names=names))
        self._connection.execute(f"INSERT INTO {self._table} FROM {_BATCH}")
        self._connection.unregister(_BATCH)
        self._cells.clear()
        self._marks.clear()

    def settle(self) -> int:
        """Let the last version of each resource count; returns how many were superseded.

        The last is the one with the latest `meta.lastUpdated`; without it, or among equals, the last read.
        """
        self.flush()
        self._connection.execute(
            f"CREATE TABLE {self._old} AS SELECT DISTINCT _order FROM (SELECT _id, _updated, _order "
            f"FROM {self._table} WHERE _id IN (SELECT _id FROM {self._table} GROUP BY _id "
            "HAVING min(_order) < max(_order)) QUALIFY _order <> first_value(_order) OVER (PARTITION BY _id "
            "ORDER BY _updated DESC NULLS LAST, _order DESC))"
        )
        ((superseded,),) = self._connection.execute(f"SELECT count(*) FROM {self._old}").fetchall()
        columns = ", ".join(
            f"{cleaned(name_sql(name), name, self._source.mapping)} AS {name_sql(name)}"
            for name in self._columns
        )
        self._connection.execute(
            f"CREATE TEMP VIEW {self.relation} AS SELECT {columns} FROM {self._table} "
            f"WHERE _real AND _order NOT IN (SELECT _order FROM {self._old})"
        )
        return int(superseded)
