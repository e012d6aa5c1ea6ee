# ruff: noqa: S608 - the path is quoted
"""A source file as SQL: its format, its header, and where each wanted column stands.

Law: what cannot be read is refused, and no message holds a value, a file name or text of the database.
Imports: duckdb, errors.
"""

from __future__ import annotations

import csv
import glob
import gzip
import io
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import duckdb

from gateway.errors import IngestRefused, Violation

LONGEST_HEADER = 1 << 20
_DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source as SQL: the relation to select from, and its column names in SQL by their own name."""

    relation: str
    names: Mapping[str, str]


def open_source(connection: Any, source: Path, wanted: list[str]) -> Source:
    """Find out the format by the first bytes, and the place of every wanted column.

    Raises `IngestRefused`: SOURCE_UNREADABLE, SOURCE_COLUMN_MISSING, SOURCE_COLUMN_AMBIGUOUS.
    """
    try:
        with source.open("rb") as stream:
            magic = stream.read(4)
        path = text_sql(glob.escape(str(source.resolve())))
        if magic == b"PAR1":
            relation = f"read_parquet({path})"
            described = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
            present = [row[0] for row in described]
            _require(wanted, present)
            return Source(relation=relation, names={name: name_sql(name) for name in present})
        packed = magic[:2] == b"\x1f\x8b"
        if packed:
            _check_gzip(source)
        delimiter, header = _header(source, packed, wanted)
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error, duckdb.Error):
        raise unreadable("the source is not a readable CSV (UTF-8, also gzip) or Parquet file") from None
    _require(wanted, header)
    places = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(header)))
    relation = (
        f"read_csv({path}, auto_detect=false, header=true, delim={text_sql(delimiter)}, "
        f"quote='\"', escape='\"', columns={{{places}}}, compression='{'gzip' if packed else 'none'}', "
        "strict_mode=true, null_padding=false)"
    )
    return Source(relation=relation, names={name: f"c{i}" for i, name in enumerate(header)})


def _check_gzip(source: Path) -> None:
    """Read to the end, for the checksum: the database notices a cut file, but not a changed one."""
    with gzip.open(source) as stream:
        while stream.read(1 << 20):
            pass


def _header(source: Path, packed: bool, wanted: list[str]) -> tuple[str, list[str]]:
    """The delimiter under which the first line has most of the wanted columns, and that line's names."""
    with _bytes(source, packed) as stream, io.TextIOWrapper(stream, encoding="utf-8-sig", newline="") as text:
        start = text.read(LONGEST_HEADER)
    readings = [(d, next(csv.reader(io.StringIO(start, newline=""), delimiter=d), [])) for d in _DELIMITERS]
    return max(readings, key=lambda reading: len(set(wanted) & set(reading[1])))


def _bytes(source: Path, packed: bool) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(source)) if packed else source.open("rb")


def _require(wanted: list[str], present: list[str]) -> None:
    for reason, faults, words in (
        ("SOURCE_COLUMN_MISSING", [n for n in wanted if n not in present], "the source has no such column"),
        ("SOURCE_COLUMN_AMBIGUOUS", [n for n in wanted if present.count(n) > 1], "it has two of these"),
    ):
        if faults:
            places = [Violation(description=words, field=name) for name in faults]
            raise IngestRefused(reason=reason, violations=places)


def unreadable(detail: str, *, line: int = 0) -> IngestRefused:
    """The refusal of a source that cannot be read, positioned where the line is known."""
    place = Violation(description=detail, line=line, column=1 if line else 0)
    return IngestRefused(reason="SOURCE_UNREADABLE", violations=[place])


def name_sql(name: str) -> str:
    """A name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def text_sql(value: str) -> str:
    """Public text as a SQL literal."""
    return "'" + value.replace("'", "''") + "'"
