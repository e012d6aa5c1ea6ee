"""The process closes itself: what it writes is its own, and its memory never becomes a file.

Law: called once, before a key is read. Where the system lacks one of the means, the others still hold;
`gateway doctor` says what came of it. Imports: the standard library only.
"""

from __future__ import annotations

import ctypes
import os
import resource

_PR_SET_DUMPABLE = 4  # prctl(2)


def close_process() -> None:
    """Umask 077, no core file, and no other process of this account that could read the memory.

    A limit of 0 stops core files; where the kernel pipes dumps to a program, only the flag stops them.
    """
    os.umask(0o077)
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, most))
    try:
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    except (OSError, AttributeError):
        return
