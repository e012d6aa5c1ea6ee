"""The trained encoder as ONNX graphs of eight-bit numbers, written node by node.

Law: a row's result depends on that row alone, whatever lies beside it in a batch and whatever processor
computes it. So the scales of activations are fixed beforehand from training text, and weights keep seven
of their eight bits: processors without VNNI add pairs of products in sixteen bits, which then suffice.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from gateway.adapters.word_pieces import SHAPES
from training.encoder import EPSILON, Encoder
from training.examples import Batch
from training.labels import LABELS
from training.pretrained import HEADS, HIDDEN

OUTSIDE: Final = 1e-5
"""Share of activations at either end that a scale leaves outside its range."""
_BITS: Final = 63
_OWN: Final = "com.microsoft"

Ranges = dict[str, tuple[float, float]]


def ranges(encoder: Encoder, batches: Iterable[Batch]) -> Ranges:
    """The range of what goes into each linear map, by its name, over some batches."""
    found: dict[str, list[tuple[float, float]]] = {}

    def watch(name: str) -> Any:
        def look(_: Any, given: Any) -> None:
            values = given[0].flatten().numpy()
            low, high = np.quantile(values, [OUTSIDE, 1 - OUTSIDE])
            found.setdefault(name, []).append((float(low), float(high)))

        return look

    hooks = [
        module.register_forward_pre_hook(watch(name))
        for name, module in encoder.named_modules()
        if name.startswith("layers.") and isinstance(module, torch.nn.Linear)
    ]
    with torch.inference_mode():
        for batch in batches:
            encoder(*(torch.from_numpy(part) for part in (batch.ids, batch.shapes, batch.mask)))
    for hook in hooks:
        hook.remove()
    return {
        name: (min(low for low, _ in seen), max(high for _, high in seen)) for name, seen in found.items()
    }


class _Graph:
    """Nodes and constants as they are added; every node has one output, which names it."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}

    def constant(self, name: str, values: NDArray[Any]) -> str:
        self.constants[name] = numpy_helper.from_array(values, name)
        return name

    def node(self, kind: str, inputs: Sequence[str], name: str, domain: str = "", **settings: Any) -> str:
        self.nodes.append(helper.make_node(kind, list(inputs), [name], domain=domain, **settings))
        return name

    def embedding(self, name: str, values: NDArray[np.float32], at: str) -> str:
        """Rows of eight bits, each with its own scale."""
        scale = np.maximum(np.abs(values).max(1, keepdims=True), 1e-12) / 127
        table = self.constant(f"{name}.table", np.round(values / scale).astype(np.int8))
        scales = self.constant(f"{name}.scale", scale.astype(np.float32))
        rows = self.node("Cast", [self.node("Gather", [table, at], f"{name}.rows")], f"{name}.real", to=1)
        return self.node("Mul", [rows, self.node("Gather", [scales, at], f"{name}.scales")], name)

    def norm(self, name: str, x: str, module: torch.nn.LayerNorm) -> str:
        weight = self.constant(f"{name}.weight", _numbers(module.weight))
        bias = self.constant(f"{name}.bias", _numbers(module.bias))
        return self.node("LayerNormalization", [x, weight, bias], name, axis=-1, epsilon=EPSILON)

    def quantized(self, name: str, x: str, low: float, high: float) -> tuple[str, str, str]:
        """An activation in eight bits, with its scale and its zero."""
        low, high = min(low, 0.0), max(high, 0.0)
        scale = (high - low) / 255
        scales = self.constant(f"{name}.scale", np.array(scale, np.float32))
        zero = self.constant(f"{name}.zero", np.array(round(-low / scale), np.uint8))
        return self.node("QuantizeLinear", [x, scales, zero], name), scales, zero

    def linear(self, name: str, x: tuple[str, str, str], module: torch.nn.Linear) -> str:
        """A linear map of eight-bit numbers, with a scale for each of its outputs."""
        weight = _numbers(module.weight).T
        scale = np.maximum(np.abs(weight).max(0), 1e-12) / _BITS
        table = self.constant(f"{name}.weight", np.round(weight / scale).astype(np.int8))
        scales = self.constant(f"{name}.scale", scale.astype(np.float32))
        zeros = self.constant(f"{name}.zeros", np.zeros(len(scale), np.int8))
        bias = self.constant(f"{name}.bias", _numbers(module.bias))
        given, its_scale, its_zero = x
        return self.node(
            "MatMulIntegerToFloat", [given, table, its_scale, scales, its_zero, zeros, bias], name, _OWN
        )


def exported(encoder: Encoder, seen: Ranges, words: dict[str, Any]) -> bytes:
    """The bytes of the model: an archive of the two graphs and of `words`, which says what they mean.

    `first` gives the hidden states of all pieces and the gate's probabilities, `second` the labels'
    probabilities of the pieces that pass.
    """
    parts = {"first.onnx": _first(encoder, seen), "second.onnx": _second(encoder, seen)}
    parts["words.json"] = json.dumps(words, ensure_ascii=False, sort_keys=True).encode()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name), data)  # with ZipInfo's own date: no run is another's
    return made.getvalue()


def _first(encoder: Encoder, seen: Ranges) -> bytes:
    graph = _Graph()
    x = _embedded(graph, encoder)
    for number, layer in enumerate(encoder.layers[: encoder.early]):
        x = _layer(graph, f"layers.{number}", layer, x, seen)
    graph.node("Identity", [x], "hidden")
    logits = _head(graph, "gate", "hidden", encoder.pass_head)
    flat = graph.node("Squeeze", [logits, graph.constant("last", np.array([2]))], "gate.flat")
    graph.node("Sigmoid", [flat], "passes")
    return _file(
        graph,
        {name: (TensorProto.INT32, ["rows", "pieces"]) for name in ("ids", "shapes", "mask")},
        {"hidden": ["rows", "pieces", HIDDEN], "passes": ["rows", "pieces"]},
    )


def _second(encoder: Encoder, seen: Ranges) -> bytes:
    graph = _Graph()
    x = "hidden"
    for number, layer in enumerate(encoder.layers[encoder.early :], encoder.early):
        x = _layer(graph, f"layers.{number}", layer, x, seen)
    graph.node("Softmax", [_head(graph, "head", x, encoder.head)], "probabilities", axis=-1)
    return _file(
        graph,
        {
            "hidden": (TensorProto.FLOAT, ["rows", "pieces", HIDDEN]),
            "mask": (TensorProto.INT32, ["rows", "pieces"]),
        },
        {"probabilities": ["rows", "pieces", LABELS]},
    )


def _head(graph: _Graph, name: str, x: str, module: torch.nn.Linear) -> str:
    """A linear map in full precision."""
    weight = graph.constant(f"{name}.weight", np.ascontiguousarray(_numbers(module.weight).T))
    raw = graph.node("MatMul", [x, weight], f"{name}.raw")
    return graph.node("Add", [raw, graph.constant(f"{name}.bias", _numbers(module.bias))], f"{name}.logits")


def _embedded(graph: _Graph, encoder: Encoder) -> str:
    words = graph.embedding("words", _numbers(encoder.words.weight), "ids")
    table = _numbers(encoder.shapes.weight)
    shapes = graph.node("Gather", [graph.constant("shapes.table", table), "shapes"], "looks")
    assert table.shape[0] == SHAPES
    length = graph.node("Shape", ["ids"], "length", start=1, end=2)
    start = graph.constant("start", np.array([0]))
    rows = graph.constant("places.table", _numbers(encoder.places.weight))
    places = graph.node("Slice", [rows, start, length, start], "places")
    total = graph.node("Add", [graph.node("Add", [words, shapes], "seen"), places], "embedded")
    return graph.norm("norm", total, encoder.norm)


def _layer(graph: _Graph, name: str, layer: Any, x: str, seen: Ranges) -> str:
    given = graph.quantized(f"{name}.given", x, *seen[f"{name}.query"])
    query, key, value = (
        graph.linear(f"{name}.{part}", given, getattr(layer, part)) for part in ("query", "key", "value")
    )
    context = graph.node(
        "MultiHeadAttention", [query, key, value, "", "mask"], f"{name}.context", _OWN, num_heads=HEADS
    )
    mixed = graph.quantized(f"{name}.attended", context, *seen[f"{name}.mixed"])
    x = graph.node("Add", [graph.linear(f"{name}.mixed", mixed, layer.mixed), x], f"{name}.first")
    x = graph.norm(f"{name}.first_norm", x, layer.first_norm)
    given = graph.quantized(f"{name}.between", x, *seen[f"{name}.widen"])
    wide = graph.node("Gelu", [graph.linear(f"{name}.widen", given, layer.widen)], f"{name}.gelu", _OWN)
    narrow = graph.quantized(f"{name}.wide", wide, *seen[f"{name}.narrow"])
    x = graph.node("Add", [graph.linear(f"{name}.narrow", narrow, layer.narrow), x], f"{name}.second")
    return graph.norm(f"{name}.second_norm", x, layer.second_norm)


def _file(graph: _Graph, inputs: dict[str, tuple[int, list[Any]]], outputs: dict[str, list[Any]]) -> bytes:
    made = helper.make_graph(
        graph.nodes,
        "tagger",
        [helper.make_tensor_value_info(name, kind, shape) for name, (kind, shape) in inputs.items()],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
        list(graph.constants.values()),
    )
    sets = [helper.make_opsetid("", 17), helper.make_opsetid(_OWN, 1)]
    model = helper.make_model(made, opset_imports=sets, ir_version=8, producer_name="concordat")
    return bytes(model.SerializeToString(deterministic=True))


def _numbers(tensor: Any) -> NDArray[np.float32]:
    return np.ascontiguousarray(tensor.detach().float().numpy())
