"""The real engine: a plan's compiled expression on DuckDB, through Ibis. The reader of patient data.

Law: the database is read-only, reaches no file, network or extension, and its settings are locked; the
bounding secret is never SQL text; no text of the database leaves this file.
Imports: duckdb, ibis, errors, log, domain words, plans, ibis_expression, ibis_notes, snapshots.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any

import duckdb
import ibis

from gateway import log
from gateway.adapters.ibis_expression import (
    DOMAIN_TABLE,
    SECRET_COLUMN,
    SECRET_TABLE,
    domain_rows,
    figures_of,
    grids_of,
    relation,
    splits_of,
)
from gateway.adapters.ibis_notes import notes_relation, read_notes
from gateway.adapters.snapshots import NOTES_TABLE, check_schema
from gateway.adapters.source_file import name_sql
from gateway.domain.catalog import ColumnType, Dataset
from gateway.domain.expression import ExactVectors, Expression, GridColumn, Vector, VectorKind
from gateway.domain.notes import NoteRow, Position
from gateway.errors import DisclosureFailed, InvalidQuery, ReleaseFailed, SourceUnavailable
from gateway.lower.expression import tables_of
from gateway.notes import NotesPlan, NotesShape
from gateway.plan import Plan

CACHED_SHAPES = 256
LONGEST_STATEMENT = 1_000_000  # characters; what is longer takes longer to compile than it is worth
INTERRUPT_SECONDS = 0.05  # between two calls to stop: a cursor between two statements hears none
STORED_TYPES = {
    ColumnType.CATEGORY: "VARCHAR",
    ColumnType.CODE: "VARCHAR",
    ColumnType.TEXT: "VARCHAR",
    ColumnType.IDENTIFIER: "VARCHAR",
    ColumnType.INTEGER: "BIGINT",
    ColumnType.NUMBER: "DOUBLE",
    ColumnType.BOOLEAN: "BOOLEAN",
    ColumnType.DATE: "DATE",
}
# What an ingest writes, and nothing else; Ibis's own look-up of a schema breaks with DuckDB 2.
_TYPES = {
    "VARCHAR": "string",
    "BIGINT": "int64",
    "DOUBLE": "float64",
    "BOOLEAN": "boolean",
    "DATE": "date",
}


class IbisEngine:
    """Answers from one snapshot file; any number of threads may call it.

    `bounding_key` is the secret of the bounding order. `spill` is a folder of this engine's own: it is
    emptied now and holds at most `spill_limit` of plain-text intermediate results while a query runs.
    A read that takes more than `longest_read` seconds is interrupted, so that its thread comes free.
    Raises `SourceUnavailable` where the snapshot cannot be opened.
    """

    def __init__(
        self,
        path: Path,
        *,
        bounding_key: str,
        spill: Path,
        memory_limit: str = "2GB",
        spill_limit: str = "10GB",
        threads: int = 2,
        longest_read: float = 60.0,
    ) -> None:
        self._snapshot = path.stem
        self._key = bounding_key
        self._spill = spill
        self._longest_read = longest_read
        self._fit: set[str] = set()  # digests of the definitions that this snapshot fits
        self._compiling = Lock()  # Ibis's own objects are not promised to be safe between threads
        self._sql = lru_cache(CACHED_SHAPES)(self._compile)
        self._notes_sql = lru_cache(CACHED_SHAPES)(self._compile_notes)
        try:
            _wipe(spill)
            self._ibis = ibis.duckdb.connect(
                path,
                read_only=True,
                enable_external_access=False,
                autoload_known_extensions=False,
                autoinstall_known_extensions=False,
                allow_community_extensions=False,
                memory_limit=memory_limit,
                threads=threads,
                temp_directory=str(spill),
                max_temp_directory_size=spill_limit,
            )
            self._ibis.raw_sql("SET lock_configuration = true")  # at connect it would break Ibis itself
            self._check_schema()
        except (duckdb.Error, OSError) as error:
            log.defect("snapshot_unavailable", error)
            raise SourceUnavailable("the data of this site cannot be opened") from None

    def _check_schema(self) -> None:
        try:
            check_schema(self._ibis.con)
        except (duckdb.Error, SourceUnavailable):
            self.close()
            raise

    @property
    def snapshot(self) -> str:
        return self._snapshot

    def ready(self, plan: Plan) -> None:
        """Raise `SourceUnavailable` unless the table was read in as the dataset is defined now, and
        `InvalidQuery` (QUERY_TOO_COMPLEX) where the statement cannot be compiled.

        Touches no row. A snapshot never changes, so what was found once is remembered.
        """
        self._ready(plan.datasets, lambda: self._sql(plan.expression))

    def ready_notes(self, plan: NotesPlan) -> None:
        """`ready` for the statement that reads notes."""
        self._ready(plan.datasets, lambda: self._notes_sql(plan.shape))

    def _ready(self, datasets: Sequence[Dataset], compiled: Callable[[], str]) -> None:
        for dataset in datasets:
            if dataset.digest not in self._fit:
                self._check_table(dataset)
        try:
            too_long = len(compiled()) > LONGEST_STATEMENT
        except duckdb.Error as error:
            log.defect("dataset_unavailable", error)
            raise SourceUnavailable("the dataset cannot be read now") from None
        except Exception as error:  # Ibis and its compiler recurse
            log.defect("compile_failed", error)
            raise _too_complex() from None
        if too_long:
            raise _too_complex()

    def _check_table(self, dataset: Dataset) -> None:
        try:
            with self._ibis.con.cursor() as cursor:
                shape = cursor.execute(f"SELECT * FROM {name_sql(dataset.name)} LIMIT 0").description  # noqa: S608
                notes = f"SELECT source FROM {NOTES_TABLE} WHERE dataset = ?"  # noqa: S608
                note = cursor.execute(notes, [dataset.name]).fetchone()
        except duckdb.Error as error:
            log.defect("dataset_unavailable", error)
            raise SourceUnavailable("the dataset has no data at this site yet") from None
        stored = {name: str(kind) for name, kind, *_ in shape}
        if note != (dataset.source_digest,) or any(
            stored.get(name) != STORED_TYPES[column.type] for name, column in dataset.columns.items()
        ):
            raise SourceUnavailable(
                "the dataset's definition changed since its data was read in", reason="DATA_OUTDATED"
            )
        self._fit.add(dataset.digest)

    def run(self, plan: Plan) -> ExactVectors:
        """Exact vectors, in plan order. Raises only `ReleaseFailed`; called in a thread."""
        try:
            return self.evaluate(plan.expression)
        except Exception as error:
            log.defect("release_failed", error)
            raise ReleaseFailed from None

    def notes(self, plan: NotesPlan, after: Position, most: int) -> tuple[NoteRow, ...]:
        """The next page of notes after a position. Raises only `DisclosureFailed`; called in a thread."""
        try:
            sql = self._notes_sql(plan.shape)
            with self._ibis.con.cursor() as cursor, _interrupted(cursor, self._longest_read):
                return read_notes(cursor, sql, plan, after, most)
        except Exception as error:
            log.defect("disclosure_failed", error)
            raise DisclosureFailed from None

    def evaluate(self, expression: Expression) -> ExactVectors:
        """The exact vectors of one expression. A cursor is a connection of its own."""
        sql = self._sql(expression)
        with self._ibis.con.cursor() as cursor, _interrupted(cursor, self._longest_read):
            return evaluate(cursor, sql, expression, self._key)

    def close(self) -> None:
        """Close the snapshot and remove what was spilled."""
        self._ibis.disconnect()
        shutil.rmtree(self._spill, ignore_errors=True)

    def _compile(self, expression: Expression) -> str:
        with self._compiling, self._ibis.con.cursor() as cursor:
            return compile_sql(expression, cursor)

    def _compile_notes(self, shape: NotesShape) -> str:
        with self._compiling, self._ibis.con.cursor() as cursor:
            return compile_notes(shape, cursor)


def _too_complex() -> InvalidQuery:
    return InvalidQuery("the question is too complex: ask smaller ones", reason="QUERY_TOO_COMPLEX")


@contextmanager
def _interrupted(cursor: Any, seconds: float) -> Iterator[None]:
    """Interrupt whatever the cursor does once the seconds have passed, until the work gives up."""
    done = Event()

    def interrupt() -> None:
        if not done.wait(seconds):
            while not done.wait(INTERRUPT_SECONDS):
                cursor.interrupt()

    timer = Thread(target=interrupt, daemon=True)
    timer.start()
    try:
        yield
    finally:
        done.set()
        timer.join()


def compile_sql(expression: Expression, cursor: Any) -> str:
    """One DuckDB statement for an expression; the tables' column types are asked of the database."""
    tables = {name: _table(name, cursor) for name in tables_of(expression)}
    return str(ibis.to_sql(relation(expression, tables), dialect="duckdb"))


def compile_notes(shape: NotesShape, cursor: Any) -> str:
    """One DuckDB statement for the notes of a shape, in no order."""
    tables = {name: _table(name, cursor) for name in tables_of(shape.expression)}
    return str(ibis.to_sql(notes_relation(shape, tables), dialect="duckdb"))


def _table(name: str, cursor: Any) -> Any:
    cursor.execute(f"DESCRIBE {name_sql(name)}")
    return ibis.table({column: _TYPES[kind] for column, kind, *_ in cursor.fetchall()}, name=name)


def evaluate(cursor: Any, sql: str, expression: Expression, bounding_key: str) -> ExactVectors:
    """Run a compiled statement: one statement is one read transaction. Temporary tables are the cursor's."""
    cursor.execute(f"CREATE OR REPLACE TEMP TABLE {SECRET_TABLE} ({SECRET_COLUMN} VARCHAR)")
    cursor.execute(f"INSERT INTO {SECRET_TABLE} VALUES (?)", [bounding_key])  # noqa: S608 - a constant name
    cursor.execute(f"CREATE OR REPLACE TEMP TABLE {DOMAIN_TABLE} (number BIGINT, text VARCHAR, place BIGINT)")
    known = domain_rows(expression)
    if known:
        columns = [list(column) for column in zip(*known, strict=True)]
        cursor.execute(f"INSERT INTO {DOMAIN_TABLE} SELECT unnest(?), unnest(?), unnest(?)", columns)
    return _vectors(expression, cursor.execute(sql).fetchall())


def _wipe(spill: Path) -> None:
    """Spilled results are plain text and outlive a killed process, so that each start begins empty."""
    if spill.exists():
        shutil.rmtree(spill)
    spill.mkdir(parents=True, mode=0o700)


def _vectors(expression: Expression, found: list[tuple[Any, ...]]) -> ExactVectors:
    """Place what was found into the public cells; absent cells are exact zeros."""
    names = figures_of(expression)
    totals = [dict.fromkeys(names, 0) for _ in range(expression.cells)]
    for cell, *figures in found:
        total = totals[cell]
        for name, figure in zip(names, figures, strict=True):
            total[name] += int(figure)
    return tuple(_figures(vector, expression, totals) for vector in expression.vectors)


def _figures(vector: Vector, expression: Expression, totals: list[dict[str, int]]) -> tuple[int, ...]:
    """One vector read off the totals of every cell."""
    if vector.kind is VectorKind.PATIENTS:
        return tuple(total["patients"] for total in totals)
    if vector.split is not None:
        number = splits_of(expression).index(vector.split)
        return tuple(total[f"{half}{number}"] for half in "yn" for total in totals)
    if vector.kind is VectorKind.ROWS or vector.column is None:
        return tuple(total["rows"] for total in totals)
    grid = vector.column
    number = grids_of(expression).index(grid)
    return tuple(_measured(vector.kind, grid, total[f"v{number}"], total[f"s{number}"]) for total in totals)


def _measured(kind: VectorKind, grid: GridColumn, values: int, steps: int) -> int:
    match kind:
        case VectorKind.VALUES:
            return values
        case VectorKind.SUM:
            return steps
        case _:
            return 2 * steps - values * (grid.low_steps + grid.high_steps)
