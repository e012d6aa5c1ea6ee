"""Policies on disk: the working folder people edit, and a store of the sets that served, by digest.

Law: a set is read whole or not at all: what cannot be read, or would silently not count, is a fault at
its place. What is read back from the store has the digest it was kept under, or is refused.
Imports: the standard library, compile (for the digest), errors.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from gateway.compile import files_digest
from gateway.errors import PolicyInvalid, Violation

MOST_FILES = 2_000
MOST_BYTES = 16 * 1024 * 1024
_ANY_BYTES = "surrogateescape"  # a file that no law reads (a test) may hold anything, and is kept whole


class PolicyFiles:
    """`working` is a site's policies/; `store` a private folder for kept sets."""

    def __init__(self, working: Path, store: Path) -> None:
        self._working, self._store = working, store

    def working(self) -> Mapping[str, bytes]:
        """Every *.yaml below the folder, by its path relative to it.

        Raises `PolicyInvalid` (POLICIES_UNREADABLE with every fault, POLICIES_TOO_LARGE).
        """
        faults: list[Violation] = []
        sizes = dict(self._look(self._working, faults))
        if len(sizes) > MOST_FILES or sum(sizes.values()) > MOST_BYTES:
            raise PolicyInvalid("the policies folder is too large", reason="POLICIES_TOO_LARGE")
        files: dict[str, bytes] = {}
        for path in sorted(sizes):
            try:
                files[self._name(path)] = path.read_bytes()
            except OSError:
                faults.append(self._fault(path, "cannot be read"))
        if faults:
            raise PolicyInvalid(violations=faults, reason="POLICIES_UNREADABLE")
        return files

    def _look(self, folder: Path, faults: list[Violation]) -> Iterator[tuple[Path, int]]:
        """Path and size of every policy file below a folder."""
        try:
            with os.scandir(folder) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            faults.append(self._fault(folder, "this folder cannot be read"))
            return
        for entry in found:
            path = Path(entry.path)
            fault = _fault_of(entry)
            if fault:
                faults.append(self._fault(path, fault))
            elif entry.is_dir(follow_symlinks=False):
                yield from self._look(path, faults)
            elif path.suffix == ".yaml":
                yield path, entry.stat(follow_symlinks=False).st_size

    def _name(self, path: Path) -> str:
        return path.relative_to(self._working).as_posix()

    def _fault(self, path: Path, description: str) -> Violation:
        """At a path within the folder; the folder itself goes by its own name."""
        name = self._name(path) if path != self._working else path.name
        return Violation(file=name.encode("utf-8", "backslashreplace").decode(), description=description)

    def keep(self, digest: str, files: Mapping[str, bytes]) -> None:
        """Write a set whole and durably; one that is there already is left alone."""
        target = self._store / f"{digest}.json"
        if target.exists():
            return
        self._store.mkdir(mode=0o700, exist_ok=True)
        aside = self._store / f".{digest}.{os.getpid()}"
        content = json.dumps({path: _text(data) for path, data in files.items()}, sort_keys=True)
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
            stream.write(content.encode("utf-8"))
            stream.flush()
            os.fsync(stream.fileno())
        aside.replace(target)
        folder = os.open(self._store, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def kept(self, digest: str) -> Mapping[str, bytes]:
        """Read a set back. Raises `PolicyInvalid` (POLICIES_LOST) where it is gone or was changed."""
        try:
            content = json.loads((self._store / f"{digest}.json").read_text("utf-8"))
            files = {str(path): str(text).encode("utf-8", _ANY_BYTES) for path, text in content.items()}
        except (OSError, ValueError, AttributeError):
            files = {}
        if not files or files_digest(files) != digest:
            raise PolicyInvalid("the last activated policies cannot be read back", reason="POLICIES_LOST")
        return files


def _text(data: bytes) -> str:
    return data.decode("utf-8", _ANY_BYTES)


def _fault_of(entry: os.DirEntry[str]) -> str:
    """Why a member of the folder would make the set another than its names say; empty: it would not."""
    if entry.is_symlink():
        return "a symbolic link; put the file itself here"
    if not entry.is_dir(follow_symlinks=False) and not entry.is_file(follow_symlinks=False):
        return "neither a file nor a folder"
    try:
        entry.name.encode("utf-8")
    except UnicodeEncodeError:
        return "a name that is not UTF-8"
    suffix = Path(entry.name).suffix
    if suffix.lower() in (".yaml", ".yml") and (suffix != ".yaml" or entry.is_dir()):
        return "a policy is a file whose name ends in .yaml"
    return ""
