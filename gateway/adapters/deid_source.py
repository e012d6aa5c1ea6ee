"""Where texts come from: a file of JSON lines, plain or gzip, or a folder of .txt; and the patients' file.

Law: read in bounded memory, in one order, from any place that was reached before. A source tells what it is
by its size, its time and its first bytes, so that a run goes on only over the same one. No message holds
anything of a file but its own path. May import: the standard library, deid.files, errors, fhir_patient.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from io import BufferedReader
from pathlib import Path
from typing import IO, Any, cast

from gateway.deid.fhir_patient import record_of
from gateway.deid.files import (
    INVALID_NAME,
    PATIENT_INVALID,
    UNREADABLE,
    Line,
    Patients,
    read_line,
    read_text,
)
from gateway.domain.deid import PatientRecord
from gateway.errors import ConfigInvalid, InvalidRequest

LONGEST_LINE = 64 << 20  # bytes: a text of ten million characters, all of them escaped
_HEAD = 64 << 10
_CHUNK = 1 << 20
_GZIP = b"\x1f\x8b"
_MARK = b"\xef\xbb\xbf"


def unreadable(path: Path, words: str = "cannot be read") -> ConfigInvalid:
    """The refusal of a whole file."""
    return ConfigInvalid(f"{path} {words}", reason="SOURCE_UNREADABLE")


class JsonLines:
    """Texts on the lines of one file. Blank lines are passed over."""

    def __init__(self, path: Path, patients: Patients, language: str) -> None:
        self.path, self._patients, self._language = path, patients, language
        self.identity = identity(path)
        self.size = path.stat().st_size
        self.read = 0  # bytes of the file as it lies on the disk

    def lines(self, start: int, number: int) -> Iterator[Line]:
        """The lines from an offset of the unpacked file on; `number` lines came before.

        Raises `ConfigInvalid` (SOURCE_UNREADABLE) where the file cannot be read to its end.
        """
        try:
            with _opened(self.path) as (raw, stream):
                stream.seek(start)
                for place, end, content in numbered(stream, start, number):
                    self.read, number = raw.tell(), place
                    if content is None or content.strip():
                        yield read_line(
                            content, self._patients, number=number, end=end, language=self._language
                        )
        except (OSError, EOFError, zlib.error):
            raise unreadable(self.path, f"cannot be read on after line {number}") from None


def numbered_lines(path: Path) -> Iterator[tuple[int, bytes | None]]:
    """Every line of a file that is not blank, with its number. Raises `ConfigInvalid` (SOURCE_UNREADABLE)."""
    try:
        with _opened(path) as (_, stream):
            for number, _, content in numbered(stream, 0, 0):
                if content is None or content.strip():
                    yield number, content
    except (OSError, EOFError, zlib.error):
        raise unreadable(path, "cannot be read to its end") from None


class TextFolder:
    """Every .txt below a folder, in the order of its relative path, which is its id."""

    def __init__(self, path: Path, language: str) -> None:
        self.path, self._language = path, language
        self.names = sorted(_names(path))
        sizes = [(path / name).stat() for name in self.names]
        told = [(name, s.st_size, s.st_mtime_ns) for name, s in zip(self.names, sizes, strict=True)]
        self.identity = hashlib.sha256(json.dumps(told).encode()).hexdigest()
        self.size = sum(each.st_size for each in sizes)
        self.read = 0

    def lines(self, start: int, number: int) -> Iterator[Line]:
        """Each file as one text, from the `start`-th on."""
        for place, name in enumerate(self.names[start:], start=start + 1):
            yield self._line(name, place)

    def _line(self, name: str, place: int) -> Line:
        try:
            with (self.path / name).open("rb") as stream:
                content = stream.read(LONGEST_LINE + 1)
        except OSError:
            return Line(number=place, end=place, id=shown(name), reason=UNREADABLE)
        self.read += len(content)
        if shown(name) != name:
            return Line(number=place, end=place, id=shown(name), reason=INVALID_NAME)
        whole = content if len(content) <= LONGEST_LINE else None
        return read_text(whole, name, number=place, language=self._language)


def shown(name: str) -> str:
    """A file's name in valid Unicode: bytes that are none become U+FFFD."""
    return os.fsencode(name).decode("utf-8", "replace")


Source = JsonLines | TextFolder


def _names(folder: Path) -> Iterator[str]:
    """The relative paths of regular .txt files; links are not followed. Raises `ConfigInvalid`."""

    def stop(error: OSError) -> None:
        raise unreadable(Path(error.filename or folder)) from None

    for where, _, names in os.walk(folder, onerror=stop):
        for name in names:
            path = Path(where) / name
            if name.lower().endswith(".txt") and path.is_file() and not path.is_symlink():
                yield path.relative_to(folder).as_posix()


def numbered(stream: IO[bytes], start: int, number: int) -> Iterator[tuple[int, int, bytes | None]]:
    """Each line with its number (from 1) and the offset of its end; None in the place of one too long."""
    while content := stream.readline(LONGEST_LINE + 1):
        number += 1
        start += len(content)
        if len(content) <= LONGEST_LINE or content.endswith(b"\n"):
            yield number, start, content.removeprefix(_MARK) if number == 1 else content
            continue
        while piece := stream.readline(_CHUNK):
            start += len(piece)
            if piece.endswith(b"\n"):
                break
        yield number, start, None


@contextmanager
def _opened(path: Path) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """The file, and what it unpacks to where it begins as gzip does."""
    with path.open("rb", buffering=_CHUNK) as raw:
        if cast("BufferedReader", raw).peek(2)[:2] == _GZIP:
            with gzip.GzipFile(fileobj=raw, mode="rb") as unpacked:
                yield raw, cast("IO[bytes]", unpacked)
        else:
            yield raw, raw


def identity(path: Path) -> str:
    """A file's size, time of change and first bytes, as one SHA-256. Raises `ConfigInvalid`."""
    try:
        with path.open("rb") as stream:
            status = os.fstat(stream.fileno())
            head = stream.read(_HEAD)
    except OSError:
        raise unreadable(path) from None
    told = f"{status.st_size} {status.st_mtime_ns} ".encode()
    return hashlib.sha256(told + head).hexdigest()


class PatientFile:
    """Patients by id from NDJSON of FHIR R4 Patient resources, plain or gzip.

    Of a plain file only the place of each patient is held in memory; of gzip, each line packed by itself.
    Other resources are passed over. Raises `ConfigInvalid`: SOURCE_UNREADABLE, PATIENTS_INVALID (a line
    that is no JSON object, or an id that is there twice: whose record it is must never be a guess).
    """

    def __init__(self, path: Path) -> None:
        self._path, self.identity = path, identity(path)
        self._places: dict[str, int | bytes] = {}
        try:
            with _opened(path) as (raw, stream):
                packed, end = stream is not raw, 0
                for number, after, content in numbered(stream, 0, 0):
                    begin, end = end, after
                    self._add(content, number, begin, packed)
        except (OSError, EOFError, zlib.error):
            raise unreadable(path) from None
        self._stream = path.open("rb")
        self.record = lru_cache(maxsize=1024)(self._record)

    def __len__(self) -> int:
        return len(self._places)

    def close(self) -> None:
        self._stream.close()

    def _add(self, content: bytes | None, number: int, begin: int, packed: bool) -> None:
        if content is not None and not content.strip():
            return
        resource = self._resource(content, number)
        if resource.get("resourceType") != "Patient":
            return
        key = str(resource.get("id") or "")
        if not key or key in self._places:
            words = "has an id that came before" if key else "has no id"
            raise self._invalid(number, f"{words}, so that it cannot be told whose record is whose")
        self._places[key] = zlib.compress(content or b"", 1) if packed else begin

    def _resource(self, content: bytes | None, number: int) -> dict[str, Any]:
        try:
            resource = json.loads(content) if content is not None else None
        except (ValueError, RecursionError):
            resource = None
        if not isinstance(resource, dict):
            raise self._invalid(number, "is no FHIR resource in JSON")
        return resource

    def _invalid(self, number: int, words: str) -> ConfigInvalid:
        return ConfigInvalid(f"line {number} of {self._path} {words}", reason="PATIENTS_INVALID")

    def _record(self, key: str) -> PatientRecord | None:
        """A patient's record; None where there is none. Raises `InvalidRequest` (PATIENT_INVALID)."""
        place = self._places.get(key)
        if place is None:
            return None
        if isinstance(place, bytes):
            content = zlib.decompress(place)
        else:
            self._stream.seek(place)
            content = self._stream.readline(LONGEST_LINE + 1)
        try:
            resource = json.loads(content.removeprefix(_MARK))
        except (ValueError, RecursionError):
            resource = None
        if not isinstance(resource, dict) or str(resource.get("id")) != key:  # the file has changed
            raise InvalidRequest("the patient's line is another one now", reason=PATIENT_INVALID)
        return record_of(resource)
