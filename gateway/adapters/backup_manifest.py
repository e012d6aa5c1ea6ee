"""manifest.json of a backup: every file with its digest, what was left out, and the journal's newest entry.

Law: a backup is what its manifest says, no file more, none fewer, none changed; anything else is refused.
A manifest is no signature: it finds damage, not a forger. Imports: the standard library, errors, adapters.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from gateway.adapters.durable import digest_of, write_file
from gateway.errors import ConfigInvalid

NAME = "manifest.json"
FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """`files` gives SHA-256 by path; `index` and `leaf_hash` are those of the journal's newest entry.

    `schemas` gives the form of each store; `snapshot` is the one that is included, empty for none.
    """

    format: int
    site: str
    made_at: str
    software: str
    keys: bool
    snapshot: str
    schemas: Mapping[str, int]
    journal_bytes: int
    index: int
    leaf_hash: str
    files: Mapping[str, str]


def write_manifest(folder: Path, manifest: Manifest) -> None:
    write_file(folder / NAME, (json.dumps(asdict(manifest), indent=2) + "\n").encode())


def read_manifest(folder: Path) -> Manifest:
    """Raises `ConfigInvalid`: BACKUP_INVALID, BACKUP_TOO_NEW."""
    try:
        found = json.loads((folder / NAME).read_bytes())
        form = found["format"]
        if isinstance(form, int) and form > FORMAT:
            raise ConfigInvalid("the backup was made by a newer version", reason="BACKUP_TOO_NEW")
        manifest = Manifest(**found)
        files = {str(name): str(digest) for name, digest in manifest.files.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ConfigInvalid(f"{folder} has no readable manifest", reason="BACKUP_INVALID") from None
    for name in files:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or name == NAME:
            raise ConfigInvalid("the manifest names a file outside of the backup", reason="BACKUP_INVALID")
    return manifest


def digests(folder: Path) -> dict[str, str]:
    """Every file below a folder but the manifest, read back from the disk."""
    found: dict[str, str] = {}
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(place) / name
            if path.is_symlink() or not (path.is_dir() or path.is_file()):
                raise ConfigInvalid(f"{path} is neither a file nor a folder", reason="BACKUP_CHANGED")
        for name in files:
            path = Path(place) / name
            found[path.relative_to(folder).as_posix()] = digest_of(path)
    found.pop(NAME, None)
    return found


def check_files(folder: Path, manifest: Manifest) -> None:
    """Raise `ConfigInvalid` (BACKUP_CHANGED) unless the files are exactly those of the manifest."""
    found = digests(folder)
    wrong = sorted(
        name for name in found.keys() | manifest.files.keys() if found.get(name) != manifest.files.get(name)
    )
    if wrong:
        words = f"the backup is not what its manifest says: {', '.join(wrong[:5])}"
        raise ConfigInvalid(words, reason="BACKUP_CHANGED")
