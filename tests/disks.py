"""Small volumes of a test's own: a tmpfs, which only root can mount.

Imports: the standard library, tests.guards.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.guards import need


@contextmanager
def small_volume(folder: Path, size: str) -> Iterator[Path]:
    """A file system of `size` (as `mount` writes it) at a new folder."""
    need("tmpfs", os.getuid() == 0 and shutil.which("mount") is not None, "mounting needs root")
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", folder],
        check=False,
        capture_output=True,
    )
    need("tmpfs", mounted.returncode == 0, "a tmpfs cannot be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def read_only(folder: Path, yes: bool = True) -> None:
    """Make a mounted volume read-only, root included, or writable again."""
    mode = "ro" if yes else "rw"
    subprocess.run(["mount", "-o", f"remount,{mode}", folder], check=True, capture_output=True)
