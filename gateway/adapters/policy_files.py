"""Policies on disk: the working folder people edit, and a store of the sets that served, by digest.

Law: what is read back from the store has the digest it was kept under, or is refused.
Imports: the standard library, compile (for the digest), errors.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from gateway.compile import files_digest
from gateway.errors import PolicyInvalid

MOST_FILES = 2_000
MOST_BYTES = 16 * 1024 * 1024


class PolicyFiles:
    """`working` is a site's policies/; `store` a private folder for kept sets."""

    def __init__(self, working: Path, store: Path) -> None:
        self._working, self._store = working, store

    def working(self) -> Mapping[str, bytes]:
        """Every *.yaml below the folder, by its path relative to it. Raises `PolicyInvalid`."""
        try:
            paths = sorted(p for p in self._working.rglob("*.yaml") if p.is_file() and not p.is_symlink())
            if len(paths) > MOST_FILES or sum(p.stat().st_size for p in paths) > MOST_BYTES:
                raise PolicyInvalid("the policies folder is too large", reason="POLICIES_TOO_LARGE")
            return {p.relative_to(self._working).as_posix(): p.read_bytes() for p in paths}
        except OSError:
            raise PolicyInvalid("the policies folder cannot be read", reason="POLICIES_UNREADABLE") from None

    def keep(self, digest: str, files: Mapping[str, bytes]) -> None:
        """Write a set whole and durably; one that is there already is left alone."""
        target = self._store / f"{digest}.json"
        if target.exists():
            return
        self._store.mkdir(mode=0o700, exist_ok=True)
        aside = self._store / f".{digest}.{os.getpid()}"
        content = json.dumps({path: data.decode("utf-8") for path, data in files.items()}, sort_keys=True)
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
            files = {str(path): str(text).encode("utf-8") for path, text in content.items()}
        except (OSError, ValueError, AttributeError):
            files = {}
        if not files or files_digest(files) != digest:
            raise PolicyInvalid("the last activated policies cannot be read back", reason="POLICIES_LOST")
        return files
