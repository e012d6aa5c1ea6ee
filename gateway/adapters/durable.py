"""Files copied and folders named so that they are on the disk when a function returns.

Law: what is written is the owner's alone (0600, 0700), whatever the umask; nothing is overwritten.
Imports: the standard library only.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

CHUNK = 1 << 20


def copy_file(source: Path, target: Path, progress: Callable[[int], None] | None = None) -> None:
    """Copy one file durably to a path where there is none. `progress` takes bytes as they are written."""
    with source.open("rb") as stream, _created(target) as out:
        while piece := stream.read(CHUNK):
            out.write(piece)
            if progress is not None:
                progress(len(piece))
        out.flush()
        os.fsync(out.fileno())


def write_file(target: Path, content: bytes) -> None:
    """Write one file durably to a path where there is none."""
    with _created(target) as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


def make_folder(path: Path) -> None:
    path.mkdir(mode=0o700)
    path.chmod(0o700)


def sync_tree(folder: Path) -> None:
    """Make the names of everything below a folder durable, and its own."""
    for place, _, _ in os.walk(folder):
        sync(Path(place))
    sync(folder.parent)


def sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def digest_of(path: Path) -> str:
    """SHA-256 of a file, in lower-case hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _created(path: Path) -> BinaryIO:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    os.fchmod(descriptor, 0o600)
    return os.fdopen(descriptor, "wb")
