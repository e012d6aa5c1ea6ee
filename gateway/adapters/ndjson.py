"""NDJSON files, plain or gzip: which files a path holds, and their lines, in bounded memory.

Law: only regular files are opened, links are not followed; a file that cannot be read whole is refused by
its place in the sorted list, and no message holds its name or a part of it.
Imports: the standard library, errors.
"""

from __future__ import annotations

import gzip
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader, FileIO
from pathlib import Path
from typing import IO, cast

from gateway.errors import IngestRefused, Violation

LONGEST_LINE = 16 << 20
_CHUNK = 1 << 20
_SUFFIXES = (".ndjson", ".ndjson.gz", ".jsonl", ".jsonl.gz")
_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")
_UTF8_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One file of the source: its place in the sorted list (from 1), and its size on disk in bytes."""

    place: int
    path: Path
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line that is not blank: its number (from 1), its text, and how far the file was read, in bytes.

    `text` is None where the line is longer than `LONGEST_LINE`.
    """

    number: int
    text: bytes | None
    read: int


def source_files(path: Path) -> tuple[SourceFile, ...]:
    """The file itself, or every file below the folder whose name is that of NDJSON, sorted by path.

    A link that the caller names is followed; one within the folder is refused, as is whatever else is not
    a regular file. Raises `IngestRefused` (SOURCE_UNREADABLE).
    """
    if path.is_dir():
        found = sorted(_below(path))
        names = [name for name in found if name.lower().endswith(_SUFFIXES)]
        paths = [path / name for name in names]
    else:
        paths = [path.resolve()]
    files = []
    for place, each in enumerate(paths, start=1):
        try:
            status = each.lstat()
        except OSError:
            raise unreadable_file(place, "the file cannot be read") from None
        if not stat.S_ISREG(status.st_mode):
            raise unreadable_file(place, "this is a link, or no regular file: put the file itself there")
        files.append(SourceFile(place=place, path=each, size=status.st_size))
    return tuple(files)


def _below(folder: Path) -> Iterator[str]:
    """Every path below a folder, relative to it; folders that are links are not entered."""

    def stop(error: OSError) -> None:
        raise error

    try:
        for where, _, names in os.walk(folder, onerror=stop):
            yield from (os.path.relpath(Path(where) / name, folder) for name in names)
    except OSError:
        raise IngestRefused("a folder of the source cannot be read", reason="SOURCE_UNREADABLE") from None


def unreadable_file(place: int, description: str, *, line: int = 0) -> IngestRefused:
    """The refusal of the file at a place in the sorted list."""
    fault = Violation(
        description=description, file=f"file {place} of the source", line=line, column=1 if line else 0
    )
    return IngestRefused(reason="SOURCE_UNREADABLE", violations=[fault])


def lines(file: SourceFile) -> Iterator[Line]:
    """Every line that is not blank. Raises `IngestRefused` (SOURCE_UNREADABLE): cut or changed gzip, a read
    that fails, another encoding than UTF-8 by its first bytes.
    """
    number = 0
    try:
        with _opened(file) as (raw, stream):
            while True:
                text = stream.readline(LONGEST_LINE + 1)
                if not text:
                    return
                number += 1
                if number == 1:
                    text = _begin(file, text)
                whole = len(text) <= LONGEST_LINE or text.endswith(b"\n")
                if not whole:
                    _skip_line(stream)
                if not whole or text.strip():
                    yield Line(number=number, text=text if whole else None, read=raw.tell())
    except (OSError, EOFError, zlib.error):
        raise unreadable_file(file.place, "the file cannot be read to its end", line=number + 1) from None


def _begin(file: SourceFile, text: bytes) -> bytes:
    """The first line without the mark that some editors write before UTF-8."""
    if text.startswith(_BYTE_ORDER_MARKS):
        raise unreadable_file(file.place, "the file is not UTF-8", line=1)
    return text.removeprefix(_UTF8_MARK)


@contextmanager
def _opened(file: SourceFile) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """The file's bytes, and these unpacked where it begins as gzip does.

    It is opened without following a link or waiting for one who writes, for it may have been exchanged.
    """
    descriptor = os.open(file.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with BufferedReader(FileIO(descriptor), _CHUNK) as raw:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise unreadable_file(file.place, "this is a link, or no regular file: put the file itself there")
        if raw.peek(2)[:2] == b"\x1f\x8b":
            with gzip.GzipFile(fileobj=raw, mode="rb") as unpacked:
                yield raw, cast("IO[bytes]", unpacked)
        else:
            yield raw, raw


def _skip_line(stream: IO[bytes]) -> None:
    """Read on to the end of the line, a piece at a time."""
    while True:
        piece = stream.readline(_CHUNK)
        if not piece or piece.endswith(b"\n"):
            return
