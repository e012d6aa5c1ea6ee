"""A fitted word model as one ONNX file: tables and products of eight bits, the chain in its description."""

from __future__ import annotations

import io
import json
import logging
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from gateway.deid.words_seen import COLUMNS
from training.words.model import Crf, WordModel


def exported(
    model: WordModel, chain: Crf, tags: Sequence[str], means: Mapping[str, str], card: Mapping[str, object]
) -> bytes:
    """The bytes of the model. `card` says where it comes from."""
    whole = io.BytesIO()
    names = {"columns": {0: "windows", 1: "words"}, "scores": {0: "windows", 1: "words"}}
    example = torch.ones(2, 24, len(COLUMNS), dtype=torch.long)
    torch.onnx.export(
        model,
        (example,),
        whole,
        input_names=["columns"],
        output_names=["scores"],
        dynamic_axes=names,
        dynamo=False,
    )
    logging.getLogger().setLevel(logging.ERROR)  # of every index that it leaves as it is, the tool warns
    with tempfile.TemporaryDirectory() as folder:
        full, small = Path(folder) / "full.onnx", Path(folder) / "small.onnx"
        full.write_bytes(whole.getvalue())
        quantize_dynamic(full, small, weight_type=QuantType.QInt8, per_channel=True)
        made = onnx.load(str(small))
    words: dict[str, Any] = {
        "tags": list(tags),
        "means": dict(means),
        "start": chain.start.tolist(),
        "end": chain.end.tolist(),
        "steps": chain.steps.tolist(),
        "card": dict(card),
    }
    entry = made.metadata_props.add()
    entry.key, entry.value = "concordat", json.dumps(words)
    return bytes(made.SerializeToString())
