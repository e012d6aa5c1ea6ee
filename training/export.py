"""The trained encoder as one ONNX file of eight-bit numbers, written node by node.

Law: a row's result depends on that row alone, whatever lies beside it in a batch and whatever processor
computes it. So the scales of activations are fixed beforehand from training text, and weights keep seven
of their eight bits: processors without VNNI add pairs of products in sixteen bits, which then suffice.
"""

from __future__ import annotations

import json
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
from training.labels import LABELS, TYPES
from training.pretrained import HEADS

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
            values = given[0][shown].flatten().numpy()
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
            shown = torch.from_numpy(batch.mask).bool()
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


def exported(
    encoder: Encoder, seen: Ranges, vocabulary: Sequence[str], floor: float, card: dict[str, Any]
) -> bytes:
    """The bytes of the model. `card` says where it comes from, and is written into it."""
    graph = _Graph()
    x = _embedded(graph, encoder)
    for number, layer in enumerate(encoder.layers):
        x = _layer(graph, f"layers.{number}", layer, x, seen)
    head = graph.constant("head.weight", _numbers(encoder.head.weight).T)
    raw = graph.node("MatMul", [x, head], "head.raw")
    logits = graph.node("Add", [raw, graph.constant("head.bias", _numbers(encoder.head.bias))], "logits")
    graph.node("Softmax", [logits], "probabilities", axis=-1)
    words = {
        "types": [str(kind) for kind in TYPES],
        "floor": floor,
        "vocabulary": list(vocabulary),
        "open": vocabulary.index("[CLS]"),
        "close": vocabulary.index("[SEP]"),
        **card,
    }
    return _file(graph, words)


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


def _file(graph: _Graph, words: dict[str, Any]) -> bytes:
    whole = {name: ["rows", "pieces"] for name in ("ids", "shapes", "mask")}
    used = {name for node in graph.nodes for name in node.input}
    made = helper.make_graph(
        graph.nodes,
        "tagger",
        [helper.make_tensor_value_info(name, TensorProto.INT32, shape) for name, shape in whole.items()],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["rows", "pieces", LABELS])],
        [constant for name, constant in graph.constants.items() if name in used],
    )
    sets = [helper.make_opsetid("", 17), helper.make_opsetid(_OWN, 1)]
    model = helper.make_model(made, opset_imports=sets, ir_version=8, producer_name="concordat")
    helper.set_model_props(model, {"concordat": json.dumps(words, ensure_ascii=False, sort_keys=True)})
    return bytes(model.SerializeToString(deterministic=True))


def _numbers(tensor: Any) -> NDArray[np.float32]:
    return np.ascontiguousarray(tensor.detach().float().numpy())
