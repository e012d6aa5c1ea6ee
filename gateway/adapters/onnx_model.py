"""An ONNX model that is run only if its bytes are the pinned ones. May import: errors; numpy, onnxruntime."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from gateway.errors import ConfigInvalid


def opened(
    model: bytes | Path, sha256: str, threads: int
) -> tuple[onnxruntime.InferenceSession, dict[str, Any]]:
    """A session on the processor, and what the model says of itself (JSON under the key `concordat`).

    Raises `ConfigInvalid` (MODEL_UNREADABLE, MODEL_CHANGED).
    """
    data = pinned(model, sha256)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    # The graph is written as it is to run; the further fusions are slower (LayerNormalization).
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        words: dict[str, Any] = json.loads(session.get_modelmeta().custom_metadata_map["concordat"])
    except Exception:  # whatever an engine raises of bytes that are pinned, but not a model
        raise ConfigInvalid("the model cannot be loaded", reason="MODEL_UNREADABLE") from None
    return session, words


def numbers(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """What a model answered, as it is. Raises `FloatingPointError` where something in it is no number:
    compared with any threshold, that would find nothing.
    """
    if not np.isfinite(values).all():
        raise FloatingPointError
    return values


def pinned(model: bytes | Path, sha256: str) -> bytes:
    """The bytes of a model, if they are those of the digest (hex). Raises `ConfigInvalid`."""
    try:
        data = model if isinstance(model, bytes) else model.read_bytes()
    except OSError:
        raise ConfigInvalid("the model's file cannot be read", reason="MODEL_UNREADABLE") from None
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ConfigInvalid(
            "the model is not the one that this version was made with", reason="MODEL_CHANGED"
        )
    return data
